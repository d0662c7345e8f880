// Everything the workbench said, newest in sight; lines can be copied.
#pragma once

#include "ui/models/LogModel.h"
#include "ui/shell/View.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/Table.h"

namespace lapidary::ui {

class LogView : public View {
  Q_OBJECT
public:
  explicit LogView(QWidget *parent = nullptr);
  void setSnapshot(const SnapshotPtr &snapshot) override;
  QString help() const override;

private:
  void copy();

  EmptyStack *m_stack;
  Table *m_table;
  LogModel *m_model;
};

} // namespace lapidary::ui
