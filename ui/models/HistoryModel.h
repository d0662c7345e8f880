// The runs that the store keeps, newest first as the workbench gives them. The note is edited in place.
#pragma once

#include "ui/shell/Command.h"

#include <QAbstractTableModel>

namespace lapidary::ui {

class HistoryModel : public QAbstractTableModel {
  Q_OBJECT
public:
  enum Column {
    StartedColumn, KindColumn, KernelColumn, TargetColumn, DeviceColumn, TimeColumn, RatioColumn,
    NoteColumn, ColumnCount
  };
  enum Role { RunRole = Qt::UserRole };

  using QAbstractTableModel::QAbstractTableModel;
  void setSnapshot(const SnapshotPtr &snapshot);
  QModelIndex indexOf(const QString &run) const;

  int rowCount(const QModelIndex &parent = {}) const override;
  int columnCount(const QModelIndex &parent = {}) const override;
  QVariant data(const QModelIndex &index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  Qt::ItemFlags flags(const QModelIndex &index) const override;
  bool setData(const QModelIndex &index, const QVariant &value, int role) override;

signals:
  void noteEdited(const std::string &run, const std::string &note);

private:
  QString text(const RunRecord &run, int column) const;
  SnapshotPtr m_snapshot;
};

} // namespace lapidary::ui
