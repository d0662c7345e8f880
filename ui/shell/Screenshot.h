// Takes the picture of `--screenshot`: opens the file, waits until the window shows what was asked for,
// writes a PNG and ends the program. Owner: the program. GUI thread.
#pragma once

#include "ui/shell/Application.h"
#include "ui/shell/MainWindow.h"

#include <QTimer>

namespace lapidary::ui {

class Screenshot : public QObject {
  Q_OBJECT
public:
  Screenshot(MainWindow &window, ProgramOptions options, QObject *parent = nullptr);
  void setSnapshot(const SnapshotPtr &snapshot);

private:
  bool isSettled(const Snapshot &snapshot) const;
  void startWork();
  void take();
  void giveUp();

  MainWindow &m_window;
  ProgramOptions m_options;
  SnapshotPtr m_snapshot;
  QTimer m_deadline, m_calm; // calm: the window has had time to fade and to lay itself out
  bool m_started = false;    // the work that is waited for
};

} // namespace lapidary::ui
