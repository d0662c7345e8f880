// Carries snapshots from the workbench's threads to the GUI thread. Only the newest is delivered, and
// not more often than the eye can follow, however fast a measurement produces them.
// post() may be called from any thread; `arrived` is emitted on the thread that owns the relay. The
// relay must outlive whatever calls post().
#pragma once

#include "ui/shell/Command.h"

#include <QObject>
#include <QTimer>
#include <mutex>

namespace lapidary::ui {

class SnapshotRelay : public QObject {
  Q_OBJECT
public:
  explicit SnapshotRelay(QObject *parent = nullptr);
  void post(SnapshotPtr snapshot);

signals:
  void arrived(const lapidary::ui::SnapshotPtr &snapshot);

private:
  void deliver();

  std::mutex m_mutex;
  SnapshotPtr m_newest; // guarded by m_mutex
  bool m_scheduled = false; // guarded by m_mutex
  QTimer m_pause;           // GUI thread: running while a delivery would be too soon
};

} // namespace lapidary::ui
