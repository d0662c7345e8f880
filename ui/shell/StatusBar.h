// The line at the bottom: devices and why there are none, what runs and how far it is, the noise floor.
#pragma once

#include "ui/shell/Command.h"

#include <QLabel>
#include <QProgressBar>
#include <QStatusBar>

namespace lapidary::ui {

class StatusBar : public QStatusBar {
  Q_OBJECT
public:
  explicit StatusBar(QWidget *parent = nullptr);
  void setSnapshot(const SnapshotPtr &snapshot);
  QString devicesText() const { return m_devices->text(); }
  QString workText() const { return m_work->text(); }

private:
  void explainMissing(const QString &reason);
  void showDevices(const Snapshot &snapshot);
  void showWork(const Snapshot &snapshot);

  QLabel *m_devices, *m_work, *m_noise;
  QProgressBar *m_progress;
};

} // namespace lapidary::ui
