#include "ui/widgets/Text.h"

#include <cmath>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {
constexpr QChar narrowSpace(0x00A0); // keeps a number and its unit on one line

int decimalsFor(double value) {
  if (value >= 100)
    return 0;
  return value >= 10 ? 1 : 2;
}
} // namespace

TimeUnit timeUnitFor(double smallest) {
  TimeUnit unit;
  if (!(smallest > 0))
    return unit;
  if (smallest >= 1e9)
    unit = {1e9, 0, u"s"_s};
  else if (smallest >= 1e6)
    unit = {1e6, 0, u"ms"_s};
  else if (smallest >= 1e3)
    unit = {1e3, 0, u"\u00B5s"_s};
  unit.decimals = decimalsFor(smallest / unit.nanoseconds);
  return unit;
}

QString formatTime(double nanoseconds, const TimeUnit &unit) {
  return QString::number(nanoseconds / unit.nanoseconds, 'f', unit.decimals) + narrowSpace +
         unit.name;
}

QString formatInterval(const Estimate &estimate, const TimeUnit &unit) {
  return u"%1 .. %2"_s.arg(QString::number(estimate.low / unit.nanoseconds, 'f', unit.decimals),
                           QString::number(estimate.high / unit.nanoseconds, 'f', unit.decimals));
}

QString formatEstimate(const Estimate &estimate, const TimeUnit &unit) {
  return u"%1 (%2)"_s.arg(formatTime(estimate.value, unit), formatInterval(estimate, unit));
}

QString formatSeconds(double seconds) {
  if (seconds < 0 || !std::isfinite(seconds))
    return {};
  qint64 whole = std::llround(std::ceil(seconds));
  if (whole < 60)
    return u"%1 s"_s.arg(whole);
  if (whole < 3600)
    return u"%1 min %2 s"_s.arg(whole / 60).arg(whole % 60, 2, 10, QChar(u'0'));
  return u"%1 h %2 min"_s.arg(whole / 3600).arg(whole % 3600 / 60, 2, 10, QChar(u'0'));
}

QString counted(qsizetype count, const QString &one, const QString &many) {
  return u"%1 %2"_s.arg(count).arg(count == 1 ? one : many);
}

QString firstLine(const QString &text) {
  qsizetype end = text.indexOf(u'\n');
  return end < 0 ? text : text.left(end) + u" \u2026"_s;
}

} // namespace lapidary::ui
