// Jobs, newest first: what runs, how far it is, when it will end, why it failed.
#pragma once

#include "ui/shell/Command.h"

#include <QAbstractTableModel>

namespace lapidary::ui {

bool isActive(const JobState &job);
// "measure generic, hot: 42 %, 12 s left"
QString progressText(const JobState &job);

class JobsModel : public QAbstractTableModel {
  Q_OBJECT
public:
  enum Column { TitleColumn, ProgressColumn, RemainingColumn, StatusColumn, ColumnCount };
  enum Role { IdRole = Qt::UserRole, FractionRole, ActiveRole };

  using QAbstractTableModel::QAbstractTableModel;
  void setSnapshot(const SnapshotPtr &snapshot);

  int rowCount(const QModelIndex &parent = {}) const override;
  int columnCount(const QModelIndex &parent = {}) const override;
  QVariant data(const QModelIndex &index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
  std::vector<JobState> m_jobs; // newest first
};

} // namespace lapidary::ui
