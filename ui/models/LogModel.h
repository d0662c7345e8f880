// What the workbench has to say, oldest first; new lines are appended, so the view keeps its place.
#pragma once

#include "ui/shell/Command.h"

#include <QAbstractTableModel>

namespace lapidary::ui {

class LogModel : public QAbstractTableModel {
  Q_OBJECT
public:
  enum Column { TimeColumn, TextColumn, ColumnCount };

  using QAbstractTableModel::QAbstractTableModel;
  void setSnapshot(const SnapshotPtr &snapshot);

  int rowCount(const QModelIndex &parent = {}) const override;
  int columnCount(const QModelIndex &parent = {}) const override;
  QVariant data(const QModelIndex &index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
  std::vector<LogLine> m_lines;
};

} // namespace lapidary::ui
