// The matrix: groups of arguments as rows; name, value and one column for each target.
//
// Keeps the rows while names, groups and targets stay, so that an edit changes cells and not the
// tree: `cellsChanged` names the cells whose class is another one now, for the view to flash.
// Owner: SpecializationView. GUI thread.
#pragma once

#include "ui/models/ArgumentChips.h"
#include "ui/shell/Command.h"

#include <QAbstractItemModel>

namespace lapidary::ui {

class SpecializationModel : public QAbstractItemModel {
  Q_OBJECT
public:
  enum Column { ArgumentColumn, ValueColumn, FirstTargetColumn };
  enum Role {
    ChipsRole = Qt::UserRole, // Chips
    TypeRole,                 // "*fp16"
    NameRole,                 // the argument's name, on every column of its row
    GuessedRole,
  };

  using QAbstractItemModel::QAbstractItemModel;

  void setSnapshot(const SnapshotPtr &snapshot);

  const ArgumentSpecialization *specializationAt(const QModelIndex &index) const;
  int targetAt(const QModelIndex &index) const; // -1: not a target's column
  QModelIndex indexOf(const std::string &argument, int target = -1) const;

  QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
  QModelIndex parent(const QModelIndex &child) const override;
  int rowCount(const QModelIndex &parent = {}) const override;
  int columnCount(const QModelIndex &parent = {}) const override;
  QVariant data(const QModelIndex &index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  Qt::ItemFlags flags(const QModelIndex &index) const override;
  // Text of the value column, in the launch form's spelling; false when it cannot be read.
  bool setData(const QModelIndex &index, const QVariant &value, int role) override;

signals:
  void argumentEdited(const std::string &name, const lapidary::Value &value);
  void cellsChanged(const QList<QPersistentModelIndex> &cells);

private:
  struct Row {
    std::string name;
    QString value;
    bool guessed = false;
    QList<Chips> chips;    // of each target
    QStringList types;     // parallel
    bool operator==(const Row &) const = default;
  };
  struct Group {
    ArgumentGroup kind;
    QList<Row> rows;
  };
  static QList<Group> groupsOf(const Snapshot &snapshot);
  bool hasSameShape(const QList<Group> &groups, const std::vector<Target> &targets) const;
  const Row *rowAt(const QModelIndex &index) const;

  SnapshotPtr m_snapshot;
  QList<Group> m_groups;
  std::vector<Target> m_targets;
};

} // namespace lapidary::ui
