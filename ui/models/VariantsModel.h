// The table of variants: what was compiled, how wide it reads, how long it takes, what that is
// worth. One time unit for the whole column. Owner: VariantsView. GUI thread.
#pragma once

#include "ui/shell/Command.h"
#include "ui/widgets/Text.h"

#include <QAbstractTableModel>

namespace lapidary::ui {

// The mode whose numbers stand for a variant: hot when it was measured, else the first there is.
const SampleSet *decidingSamples(const VariantRow &variant);

class VariantsModel : public QAbstractTableModel {
  Q_OBJECT
public:
  enum Column {
    LabelColumn,
    TargetColumn,
    TimeColumn,
    RatioColumn,
    VerdictColumn,
    CorrectColumn,
    LoadColumn,
    InstructionsColumn,
    RegistersColumn,
    SpillsColumn,
    KeyColumn,
    ColumnCount
  };
  enum Role {
    BarRole = Qt::UserRole, // 0..1, the length of the in-cell bar
    BarLowRole,
    BarHighRole, // the interval's ends on the same scale
    SeriesRole,  // which colour of the plots this row has
    StaleRole,
    FailedRole,
    SortRole,
  };

  using QAbstractTableModel::QAbstractTableModel;
  void setSnapshot(const SnapshotPtr &snapshot);

  // Whether any row says something there: registers are counted on GPUs only, for example.
  bool hasValues(int column) const;

  int rowCount(const QModelIndex &parent = {}) const override;
  int columnCount(const QModelIndex &parent = {}) const override;
  QVariant data(const QModelIndex &index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
  QString text(const VariantRow &row, int column) const;
  QString toolTip(const VariantRow &row, int column) const;

  SnapshotPtr m_snapshot;
  TimeUnit m_unit;
  double m_largestRatio = 1;
};

} // namespace lapidary::ui
