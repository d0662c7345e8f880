#include "ui/jobs/SnapshotRelay.h"

#include <QMetaObject>

namespace lapidary::ui {

namespace {
constexpr int leastIntervalMs = 33;
}

SnapshotRelay::SnapshotRelay(QObject *parent) : QObject(parent) {
  m_pause.setSingleShot(true);
  m_pause.setInterval(leastIntervalMs);
  connect(&m_pause, &QTimer::timeout, this, &SnapshotRelay::deliver);
}

void SnapshotRelay::post(SnapshotPtr snapshot) {
  {
    std::lock_guard lock(m_mutex);
    m_newest = std::move(snapshot);
    if (m_scheduled)
      return;
    m_scheduled = true;
  }
  QMetaObject::invokeMethod(this, &SnapshotRelay::deliver, Qt::QueuedConnection);
}

void SnapshotRelay::deliver() {
  if (m_pause.isActive())
    return; // the timer calls again
  SnapshotPtr snapshot;
  {
    std::lock_guard lock(m_mutex);
    snapshot = std::move(m_newest);
    m_newest.reset();
    m_scheduled = snapshot != nullptr; // the next post waits for the timer
  }
  if (!snapshot)
    return;
  m_pause.start();
  emit arrived(snapshot);
}

} // namespace lapidary::ui
