// The raw samples: time over index, box plots, and the empirical distribution, side by side over one
// time axis. Grows while measuring. Clicking a point selects variant and sample everywhere.
#pragma once

#include "ui/shell/View.h"
#include "ui/views/samples/SampleStatistics.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/Text.h"

#include <QComboBox>
#include <QLabel>

class QCustomPlot;
class QCPAxisRect;
class QCPGraph;
class QCPStatisticalBox;

namespace lapidary::ui {

class PointCloud;

class SamplesView : public View {
  Q_OBJECT
public:
  explicit SamplesView(QWidget *parent = nullptr);
  void setSnapshot(const SnapshotPtr &snapshot) override;
  void setSelection(const Selection &selection) override;
  QString help() const override;
  // Where a sample is drawn, in pixels of the child widget "plot".
  QPointF pixelOf(int variant, int sample) const;
  int seriesCount() const { return int(m_series.size()); }

protected:
  void changeEvent(QEvent *event) override;
  bool eventFilter(QObject *watched, QEvent *event) override;

private:
  struct Series {
    QCPGraph *median, *distribution;
    QCPStatisticalBox *box;
  };
  struct Shown { // what is drawn now, to draw only what changed
    int variant;
    std::size_t count;
    double last;
    SampleSummary summary{}; // nanoseconds; of these samples
    bool isOf(const Shown &other) const {
      return variant == other.variant && count == other.count && last == other.last;
    }
  };
  void buildPlot();
  void applyColours();
  void draw();
  void addSeries();
  void drawSeries(std::size_t position, const Shown &shown);
  void fitAxes();
  void showLegend();
  QString outsideText() const;
  bool isRelative() const;
  double scaled(const Shown &shown, double nanoseconds) const; // as it is drawn
  const Shown *shownOf(int variant) const;
  void updateModes();
  void clicked(const QPointF &position);
  const std::vector<double> *samplesOf(int variant) const;

  SnapshotPtr m_snapshot;
  EmptyStack *m_stack;
  QLabel *m_legend;
  QComboBox *m_modes, *m_scale;
  QCustomPlot *m_plot;
  QCPAxisRect *m_scatterRect, *m_boxRect, *m_distributionRect;
  PointCloud *m_points;
  QCPGraph *m_selected;
  std::vector<Series> m_series;
  std::vector<Shown> m_shown;
  TimeUnit m_unit;
};

} // namespace lapidary::ui
