// What the plot needs of a set of samples: quartiles and the empirical distribution. Pure.
#pragma once

#include <QVector>
#include <vector>

namespace lapidary::ui {

struct BoxSummary {
  double low = 0, lowerQuartile = 0, median = 0, upperQuartile = 0, high = 0; // whiskers: 1.5 IQR
  QVector<double> outliers;
};

// A step function: the fraction of the samples that is at most a value.
struct Distribution {
  QVector<double> values, fractions;
};

struct SampleSummary {
  BoxSummary box;
  Distribution distribution;
};

// Quartiles by linear interpolation between order statistics (type 7 of Hyndman and Fan, 1996). The
// distribution has at most `most` steps, evenly spread over the ranks: more look the same on a
// screen. `samples` must not be empty.
SampleSummary summarize(std::vector<double> samples, std::size_t most = 300);

} // namespace lapidary::ui
