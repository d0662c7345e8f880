// How many variants of the kernel a program can ask for, what multiplies them, and the cheapest
// opt-outs under a bound. It asks once it is seen; the workbench then follows the edits.
// Owner: its dock. GUI thread.
#pragma once

#include "ui/models/ReachModel.h"
#include "ui/shell/View.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/Table.h"

#include <QAction>
#include <QLabel>
#include <QSpinBox>

namespace lapidary::ui {

class ReachView : public View {
  Q_OBJECT
public:
  explicit ReachView(QWidget *parent = nullptr);

  void setSnapshot(const SnapshotPtr &snapshot) override;
  void setSelection(const Selection &selection) override;
  QString help() const override;

  // Launches that were made: a file of them (.jsonl), or a log with their keys. Empty: ranges.
  void setLaunches(const QString &path);
  void setCache(const QString &folder); // empty: none
  QTableView *table() const { return m_table; }
  ReachModel *model() const { return m_model; }
  QSpinBox *bound() const { return m_bound; }
  QString summary() const { return m_summary->text(); }
  QString plan() const { return m_plan->text(); }

protected:
  void showEvent(QShowEvent *event) override;
  void changeEvent(QEvent *event) override;

private:
  void ask();
  void showAnswers();
  void showPlans();
  void applyColours();
  void chooseLaunches();
  void chooseCache();
  QAction *addSource(const QString &text, const QString &tip);

  SnapshotPtr m_snapshot;
  ReachModel *m_model;
  Table *m_table;
  EmptyStack *m_stack;
  QLabel *m_summary, *m_plan, *m_problem;
  QSpinBox *m_bound;
  QAction *m_launches, *m_cache;
  VariantQuery m_query;
  std::string m_kernel; // of the ranges
  bool m_asked = false, m_following = false;
};

} // namespace lapidary::ui
