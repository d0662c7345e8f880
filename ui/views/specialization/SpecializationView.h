// The specialization matrix with its rules and its reasons: a row for each argument, a column for
// each target, edited in place. Selecting a cell selects the argument everywhere.
#pragma once

#include "ui/models/SpecializationModel.h"
#include "ui/shell/View.h"
#include "ui/views/specialization/ChipDelegate.h"
#include "ui/views/specialization/WhyPanel.h"
#include "ui/widgets/EmptyState.h"

#include <QComboBox>
#include <QTreeView>

namespace lapidary::ui {

class SpecializationView : public View {
  Q_OBJECT
public:
  explicit SpecializationView(QWidget *parent = nullptr);

  void setSnapshot(const SnapshotPtr &snapshot) override;
  void setSelection(const Selection &selection) override;
  QString help() const override;

  QTreeView *tree() const { return m_tree; }
  SpecializationModel *model() const { return m_model; }
  WhyPanel *why() const { return m_why; }

protected:
  void changeEvent(QEvent *event) override;

private:
  void arrangeColumns();
  void showRules();
  void showProblems();
  void showCurrent();
  void currentChanged(const QModelIndex &current);
  void showHeaderMenu(const QPoint &position);

  SnapshotPtr m_snapshot;
  EmptyStack *m_stack;
  QLabel *m_hint, *m_problems;
  QComboBox *m_rules;
  QTreeView *m_tree;
  SpecializationModel *m_model;
  ChipDelegate *m_delegate;
  WhyPanel *m_why;
  bool m_following = false; // the current index is moved by a selection elsewhere
};

} // namespace lapidary::ui
