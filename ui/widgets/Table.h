// The dress of every table: no grid, tinted selection, rows of one height on the 4-pixel grid, the last
// column stretched, whole cells in tooltips.
#pragma once

#include <QHash>
#include <QTableView>

namespace lapidary::ui {

class Table : public QTableView {
  Q_OBJECT
public:
  explicit Table(QWidget *parent = nullptr);
  void setModel(QAbstractItemModel *model) override;
  void setColumnShown(int column, bool shown);
  void setLeastWidth(int column, int pixels) { m_least[column] = pixels; }

protected:
  void changeEvent(QEvent *event) override;

private:
  void fitColumns();
  void dress();
  QHash<int, int> m_least;
  bool m_fitted = false;
};

} // namespace lapidary::ui
