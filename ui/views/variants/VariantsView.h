// The variants of the open kernel with their widths, times and ratios. Selecting a row selects the
// variant everywhere.
#pragma once

#include "ui/models/VariantsModel.h"
#include "ui/shell/View.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/Table.h"

namespace lapidary::ui {

class VariantsView : public View {
  Q_OBJECT
public:
  explicit VariantsView(QWidget *parent = nullptr);
  void setSnapshot(const SnapshotPtr &snapshot) override;
  void setSelection(const Selection &selection) override;
  QString help() const override;
  Table *table() const { return m_table; }

private:
  EmptyStack *m_stack;
  Table *m_table;
  VariantsModel *m_model;
  bool m_following = false;
};

} // namespace lapidary::ui
