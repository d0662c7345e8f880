// The launch as a form: a row for each argument with its type, the grid, the options; loaded from and
// saved to a launch file. Everything takes effect when a field is left or Enter is pressed.
#pragma once

#include "ui/shell/View.h"
#include "ui/views/launch/ArgumentRow.h"
#include "ui/widgets/EmptyState.h"

#include <QGridLayout>
#include <map>

namespace lapidary::ui {

class LaunchView : public View {
  Q_OBJECT
public:
  explicit LaunchView(QWidget *parent = nullptr);

  void setSnapshot(const SnapshotPtr &snapshot) override;
  void setSelection(const Selection &selection) override;
  QString help() const override;

  ArgumentRow *row(const std::string &argument) const;
  QLineEdit *gridField() const { return m_grid; }

private:
  void rebuildRows();
  void placeFixedRows(int line);
  void fillRows();
  void showGrid();
  void showOptions();
  void showProblems();
  void commitGrid();
  void load();
  void save();

  SnapshotPtr m_snapshot;
  EmptyStack *m_stack;
  QGridLayout *m_rows;
  std::vector<std::string> m_names;
  std::map<std::string, ArgumentRow *> m_fields;
  std::map<std::string, QLabel *> m_labels, m_types;
  std::vector<std::pair<QLabel *, QWidget *>> m_fixed; // label, which may be null, and field
  QLineEdit *m_grid;
  QLabel *m_gridResult;
  QComboBox *m_warps, *m_stages;
  QLabel *m_problems;
};

} // namespace lapidary::ui
