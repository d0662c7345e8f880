// Jobs with their progress and what is left of them; each can be cancelled.
#pragma once

#include "ui/models/JobsModel.h"
#include "ui/shell/View.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/Table.h"

#include <QAction>

namespace lapidary::ui {

class JobsView : public View {
  Q_OBJECT
public:
  explicit JobsView(QWidget *parent = nullptr);
  void setSnapshot(const SnapshotPtr &snapshot) override;
  QString help() const override;

private:
  EmptyStack *m_stack;
  Table *m_table;
  JobsModel *m_model;
  QAction *m_cancel;
};

} // namespace lapidary::ui
