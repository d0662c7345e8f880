// Between window and workbench: carries out commands, brings snapshots back. The only place of the
// window that knows the workbench. GUI thread; the workbench's own threads only reach the relay.
#pragma once

#include "core/session/Workbench.h"
#include "ui/jobs/SnapshotRelay.h"

#include <QObject>
#include <memory>

namespace lapidary::ui {

class Controller : public QObject {
  Q_OBJECT
public:
  explicit Controller(Services services, QObject *parent = nullptr);
  ~Controller() override;

  SnapshotPtr snapshot() const { return m_workbench->snapshot(); }

public slots:
  void execute(const lapidary::ui::Command &command);

signals:
  void snapshotArrived(const lapidary::ui::SnapshotPtr &snapshot);

private:
  SnapshotRelay m_relay; // before the workbench, which posts into it until it is gone
  std::unique_ptr<Workbench> m_workbench;
};

} // namespace lapidary::ui
