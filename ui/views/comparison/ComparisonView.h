// The answer of a comparison at a glance: how many times as fast, between which bounds, above which
// noise, and a strip of what the compiler made differently. Follows the selected variant.
#pragma once

#include "ui/models/Comparison.h"
#include "ui/shell/View.h"
#include "ui/views/comparison/RatioScale.h"
#include "ui/widgets/EmptyState.h"

#include <QHBoxLayout>

namespace lapidary::ui {

class ComparisonView : public View {
  Q_OBJECT
public:
  explicit ComparisonView(QWidget *parent = nullptr);
  void setSnapshot(const SnapshotPtr &snapshot) override;
  void setSelection(const Selection &selection) override;
  QString help() const override;
  QString text() const; // what is shown, a line each

protected:
  void changeEvent(QEvent *event) override;
  void resizeEvent(QResizeEvent *event) override;

private:
  void showComparison();
  void showDeltas(const std::vector<Delta> &deltas);
  void placeTiles();
  void applyColours();

  struct Tile {
    QWidget *frame;
    QLabel *name, *values, *change;
  };
  Tile addTile();

  SnapshotPtr m_snapshot;
  std::optional<Comparison> m_comparison;
  EmptyStack *m_stack;
  QLabel *m_headline, *m_subject, *m_detail;
  RatioScale *m_scale;
  QGridLayout *m_tileLayout;
  std::vector<Tile> m_tiles;
  int m_columns = 0;
};

} // namespace lapidary::ui
