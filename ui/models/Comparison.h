// One variant against its generic twin: the ratio with its interval, and what the compiler made
// differently. Values only; what ComparisonView shows.
//
//   if (auto comparison = comparisonOf(snapshot, selection.variant))
//     title->setText(comparison->headline);
#pragma once

#include "core/session/Workbench.h"

#include <QString>
#include <optional>
#include <vector>

namespace lapidary::ui {

// A quantity that both have, such as the instructions of the compiled kernel.
struct Delta {
  QString name, before, after, change; // before: of the generic twin
  int judgement = 0;                   // 1: better, -1: worse, 0: neither
  bool operator==(const Delta &) const = default;
};

struct Comparison {
  QString headline;              // "5.53x faster", "as fast", "not measured"
  QString subject;               // "specialized against generic on cpu"
  QString detail;                // the interval and the noise floor, in words
  std::optional<Estimate> ratio; // generic over this one
  double noiseFloor = -1;        // negative: not measured
  int judgement = 0;             // as in Delta
  bool isStale = false;
  std::vector<Delta> deltas;
};

// `variant` is the row to compare with the generic row of its target; where that has none, or is
// the generic one, the first row that has one is taken. Nothing: there is no such pair.
std::optional<Comparison> comparisonOf(const Snapshot &snapshot, int variant);

} // namespace lapidary::ui
