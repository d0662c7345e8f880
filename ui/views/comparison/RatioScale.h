// A ratio on a logarithmic scale: the interval as a bar, the noise band around 1, and labelled
// ticks. Owned by ComparisonView. GUI thread.
#pragma once

#include "ui/models/Comparison.h"

#include <QWidget>

namespace lapidary::ui {

class RatioScale : public QWidget {
  Q_OBJECT
public:
  explicit RatioScale(QWidget *parent = nullptr);
  void setComparison(const Comparison &comparison);
  QSize sizeHint() const override { return {320, 56}; }
  QSize minimumSizeHint() const override { return {120, 56}; }

protected:
  void paintEvent(QPaintEvent *event) override;

private:
  std::vector<double> ticks() const;

  Comparison m_comparison;
  double m_low = 0.5, m_high = 2; // ends of the scale
};

} // namespace lapidary::ui
