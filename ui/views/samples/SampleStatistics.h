// What the plot needs of a set of samples: quartiles and the empirical distribution. Pure.
#pragma once

#include <QVector>
#include <vector>

namespace lapidary::ui {

struct BoxSummary {
  double low = 0, lowerQuartile = 0, median = 0, upperQuartile = 0, high = 0; // whiskers: 1.5 IQR
  QVector<double> outliers;
};
// Quartiles by linear interpolation between order statistics (type 7 of Hyndman and Fan, 1996).
// `samples` must not be empty.
BoxSummary summarize(const std::vector<double> &samples);

struct Distribution {
  QVector<double> values, fractions; // fraction of the samples at most value; a step function
};
Distribution distributionOf(const std::vector<double> &samples);

} // namespace lapidary::ui
