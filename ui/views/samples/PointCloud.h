// The points of all variants. Thousands of antialiased discs cost tens of milliseconds when each is
// painted as a path; here one disc for each colour is rasterised and stamped into one image, so
// that a plot of all raw samples stays within what a call on the GUI thread may take. Series are
// stamped in turns, sample by sample, so that none hides another. Owned by the plot. GUI thread.
#pragma once

#include <QImage>
#include <qcustomplot.h>

namespace lapidary::ui {

class PointCloud : public QCPAbstractPlottable {
public:
  PointCloud(QCPAxis *keyAxis, QCPAxis *valueAxis);

  void setSeriesCount(std::size_t count) { m_series.resize(count); }
  void setColour(std::size_t series, const QColor &colour) { m_series[series].colour = colour; }
  // The value at key 0, 1, ...
  void setValues(std::size_t series, QVector<double> values);

  double selectTest(const QPointF &, bool, QVariant *) const override { return -1; }
  QCPRange getKeyRange(bool &found, QCP::SignDomain domain) const override;
  QCPRange getValueRange(bool &found, QCP::SignDomain domain, const QCPRange &keys) const override;

protected:
  void draw(QCPPainter *painter) override;
  void drawLegendIcon(QCPPainter *, const QRectF &) const override {}

private:
  struct Series {
    QColor colour;
    QVector<double> values;
  };
  std::vector<Series> m_series;
  QImage m_image; // kept between repaints
};

} // namespace lapidary::ui
