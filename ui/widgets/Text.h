// Text between the core (UTF-8 std::string) and Qt, and the spelling of numbers in tables.
#pragma once

#include "core/bench/Measurement.h"

#include <QString>
#include <string>
#include <string_view>

namespace lapidary::ui {

inline QString toQString(std::string_view text) {
  return QString::fromUtf8(text.data(), qsizetype(text.size()));
}

// One unit for a whole column, so that the numbers of a table compare at a glance.
struct TimeUnit {
  double nanoseconds = 1; // one of the unit, in nanoseconds
  int decimals = 0;
  QString name = QStringLiteral("ns");
};

// The unit in which `smallest` (nanoseconds) has at least one digit before the point.
TimeUnit timeUnitFor(double smallest);
// "1.92 ms" and "1.90 .. 1.94", in the given unit.
QString formatTime(double nanoseconds, const TimeUnit &unit);
QString formatInterval(const Estimate &estimate, const TimeUnit &unit);
// "1.92 ms (1.90 .. 1.94)"
QString formatEstimate(const Estimate &estimate, const TimeUnit &unit);

QString formatSeconds(double seconds); // "45 s", "2 min 05 s"; empty when not known
// "1 line", "34 lines"
QString counted(qsizetype count, const QString &one, const QString &many);

// What fits a line: the first line of `text`, the rest left out with an ellipsis.
QString firstLine(const QString &text);

} // namespace lapidary::ui
