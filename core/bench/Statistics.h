// The statistics of a measurement: medians with bootstrap intervals, paired ratios, and when a
// ratio is a difference. Pure functions; the bootstrap's generator has a fixed seed, so that the
// same samples always give the same interval.
//
//   Estimate ratio = pairedRatio(generic, specialized);   // 1.31 [1.30, 1.32]
//   verdict(ratio, 0.004);                                // "slower": generic takes 1.31 times as
//   long
#pragma once

#include "core/bench/Measurement.h"

#include <span>

namespace lapidary {

// Mean of the two middle values for an even count; 0 for no values.
double median(std::span<const double> values);

// The median with its 95 % percentile bootstrap interval (Efron and Tibshirani, An Introduction to
// the Bootstrap, 1993, chapter 13; 1000 resamples).
Estimate bootstrapMedian(std::span<const double> samples);

// Half the interval's width over the value: what MeasureOptions::targetError bounds.
double relativeError(const Estimate &estimate);

// Median of later[i] / first[i] with its interval; the shorter of the two decides how many pairs.
Estimate pairedRatio(std::span<const double> later, std::span<const double> first);

// What an A/A ratio says about noise: how far from 1 its interval reaches.
double noiseFloorOf(const Estimate &ratioToItself);

// "tie" when 1 lies in the interval or the ratio is within `noiseFloor` (relative) of 1; otherwise
// "faster" (below 1: the later one takes less time) or "slower".
const char *verdict(const Estimate &ratio, double noiseFloor);

} // namespace lapidary
