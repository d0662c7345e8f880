// Two stages side by side: the same stage of two variants, or any two. Differences are marked and
// the panes scroll together. The difference is computed off the GUI thread; a result that is no
// longer wanted is dropped.
#pragma once

#include "ui/shell/View.h"
#include "ui/views/stages/StagePane.h"
#include "ui/widgets/EmptyState.h"

#include <QFutureWatcher>

namespace lapidary::ui {

class StagesView : public View {
  Q_OBJECT
public:
  explicit StagesView(QWidget *parent = nullptr);
  void setSnapshot(const SnapshotPtr &snapshot) override;
  void setSelection(const Selection &selection) override;
  QString help() const override;

  StagePane *left() const { return m_left; }
  StagePane *right() const { return m_right; }
  const std::vector<Hunk> &hunks() const { return m_hunks; }

signals:
  void differencesShown();

protected:
  void showEvent(QShowEvent *event) override;

private:
  void apply();
  void compare();
  void scrollTogether(CodePane *from, CodePane *to);

  SnapshotPtr m_snapshot;
  EmptyStack *m_stack;
  StagePane *m_left, *m_right;
  QFutureWatcher<std::vector<Hunk>> m_difference;
  std::vector<Hunk> m_hunks;
  bool m_behind = false; // a snapshot came while the view was hidden
};

} // namespace lapidary::ui
