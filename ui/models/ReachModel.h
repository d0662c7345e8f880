// The reachable variants: a row for each argument, what it may be, by how much it multiplies the
// number of variants, and its classes for each target. What an argument may be is edited in place.
#pragma once

#include "ui/shell/Command.h"

#include <QAbstractTableModel>
#include <map>

namespace lapidary::ui {

// "6", "1 000 000", "more than 85 070 ..."
QString countText(const VariantCount &count);
// "i32 D", "*fp16", "=1"
QString classText(const ReachableClass &found);

class ReachModel : public QAbstractTableModel {
  Q_OBJECT
public:
  enum Column { ArgumentColumn, RangeColumn, FactorColumn, FirstTargetColumn };
  enum Role {
    BarRole = Qt::UserRole, // the factor as a share of the largest, by logarithm
    AssumedRole,            // nobody has said what this argument may be
  };

  using QAbstractTableModel::QAbstractTableModel;
  void setSnapshot(const SnapshotPtr &snapshot);
  // The ranges that were typed, as the text of a ranges file; empty when there are none.
  std::string ranges() const;
  void clearRanges();
  int rowOf(const std::string &argument) const; // -1: none
  std::string argumentAt(int row) const;

  int rowCount(const QModelIndex &parent = {}) const override;
  int columnCount(const QModelIndex &parent = {}) const override;
  QVariant data(const QModelIndex &index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  Qt::ItemFlags flags(const QModelIndex &index) const override;
  // False, and rangeProblem says why, when the text does not read. No text: free again.
  bool setData(const QModelIndex &index, const QVariant &value, int role) override;

signals:
  void rangesEdited();
  void rangeProblem(const QString &message); // empty: none

private:
  struct Row {
    std::string name;
    QString free; // what it may be when nobody says
    double factor = 1;
    QStringList classes, tips; // of each target
    bool operator==(const Row &) const = default;
  };
  static std::vector<Row> rowsOf(const Snapshot &snapshot);

  std::vector<Row> m_rows;
  std::vector<Target> m_targets;
  bool m_isOfRanges = true; // else of launches that were made
  double m_largest = 1;
  struct Range {
    QString text;
    std::string json;
  };
  std::map<std::string, Range> m_ranges; // by argument
};

} // namespace lapidary::ui
