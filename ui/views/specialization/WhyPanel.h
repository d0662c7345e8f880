// Below the matrix: why the selected cell is what it is and what would make it another; with
// nothing selected, the keys of the targets.
#pragma once

#include "ui/shell/Command.h"

#include <QLabel>
#include <QScrollArea>

namespace lapidary::ui {

class WhyPanel : public QScrollArea {
  Q_OBJECT
public:
  explicit WhyPanel(QWidget *parent = nullptr);

  void show(const SnapshotPtr &snapshot, const Selection &selection);
  // What is wrong with the text being typed into the matrix; empty: nothing.
  void setValueProblem(const QString &message);
  QString text() const { return m_text->text(); }

private:
  QString cellText() const;
  QString keysText() const;
  void refresh();

  QLabel *m_text;
  SnapshotPtr m_snapshot;
  Selection m_selection;
  QString m_problem;
};

} // namespace lapidary::ui
