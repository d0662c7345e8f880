#include "ui/views/comparison/RatioScale.h"

#include "ui/shell/Theme.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {
constexpr int sideMargin = 20, axisFromBottom = 20, barHeight = 12;
constexpr double leastSpan =
    0.05; // of ln(ratio) to each side, so that noise does not fill the scale
} // namespace

RatioScale::RatioScale(QWidget *parent) : QWidget(parent) {
  setAccessibleName(tr("Ratio"));
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void RatioScale::setComparison(const Comparison &comparison) {
  m_comparison = comparison;
  setVisible(comparison.ratio.has_value());
  if (!comparison.ratio)
    return;
  double noise = std::max(comparison.noiseFloor, 0.0);
  double low = std::min(
      {std::log(std::max(comparison.ratio->low, 1e-9)), std::log1p(-std::min(noise, 0.9)), 0.0});
  double high =
      std::max({std::log(std::max(comparison.ratio->high, 1e-9)), std::log1p(noise), 0.0});
  double margin = std::max((high - low) * 0.12, leastSpan);
  m_low = std::exp(low - margin);
  m_high = std::exp(high + margin);
  setToolTip(
      tr("%1\nThe grey band is noise: a ratio inside it says nothing.").arg(comparison.detail));
  update();
}

// 1, 2, 5 times powers of ten where the scale is wide, else even steps.
std::vector<double> RatioScale::ticks() const {
  std::vector<double> ticks;
  if (m_high / m_low > 3) {
    for (double decade = 1e-6; decade < 1e7; decade *= 10)
      for (double step : {1.0, 2.0, 5.0})
        if (double tick = decade * step; tick >= m_low && tick <= m_high)
          ticks.push_back(tick);
    return ticks;
  }
  double span = m_high - m_low, step = std::pow(10, std::floor(std::log10(span)));
  for (double factor : {0.1, 0.2, 0.5, 1.0})
    if (span / (step * factor) <= 8) {
      step *= factor;
      break;
    }
  for (double tick = std::ceil(m_low / step) * step; tick <= m_high; tick += step)
    ticks.push_back(tick);
  return ticks;
}

void RatioScale::paintEvent(QPaintEvent *) {
  if (!m_comparison.ratio)
    return;
  const Theme &theme = themeOf(palette());
  QColor text = palette().color(QPalette::Text), base = palette().color(QPalette::Window);
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  double left = sideMargin, width = this->width() - 2 * sideMargin;
  double axis = height() - axisFromBottom + 0.5, middle = (axis + 4) / 2;
  auto at = [&](double ratio) {
    double share =
        (std::log(std::max(ratio, 1e-9)) - std::log(m_low)) / (std::log(m_high) - std::log(m_low));
    return left + width * std::clamp(share, 0.0, 1.0);
  };
  double noise = m_comparison.noiseFloor;
  if (noise > 0)
    painter.fillRect(QRectF(QPointF(at(1 - std::min(noise, 0.9)), 4), QPointF(at(1 + noise), axis)),
                     blend(theme.muted, base, 0.25));
  painter.setPen(QPen(blend(text, base, 0.25), 1));
  painter.drawLine(QPointF(left, axis), QPointF(left + width, axis));
  QFont small = font();
  small.setPointSizeF(small.pointSizeF() * 0.9);
  painter.setFont(small);
  double shownUpTo = -1e9;
  std::vector<double> all = ticks();
  int decimals =
      all.size() > 1 && all[1] - all[0] < 0.0999 ? (all[1] - all[0] < 0.00999 ? 3 : 2) : 1;
  for (double tick : all) {
    QString label =
        m_high / m_low > 3 ? QString::number(tick) : QString::number(tick, 'f', decimals);
    label += u"x"_s;
    double x = at(tick), half = painter.fontMetrics().horizontalAdvance(label) / 2.0;
    painter.setPen(QPen(blend(text, base, 0.25), 1));
    painter.drawLine(QPointF(x, axis), QPointF(x, axis + 4));
    if (x - half < shownUpTo + 8)
      continue;
    shownUpTo = x + half;
    painter.setPen(theme.muted);
    painter.drawText(QRectF(x - half - 2, axis + 4, 2 * half + 4, axisFromBottom - 4),
                     Qt::AlignHCenter | Qt::AlignVCenter, label);
  }
  painter.setPen(QPen(theme.muted, 1, Qt::DashLine));
  painter.drawLine(QPointF(at(1), 4), QPointF(at(1), axis));
  const Estimate &ratio = *m_comparison.ratio;
  QColor colour = theme.seriesColour(0);
  painter.setPen(Qt::NoPen);
  painter.setBrush(blend(colour, base, 0.35));
  double from = at(1), to = at(ratio.value);
  painter.drawRect(QRectF(QPointF(std::min(from, to), middle - barHeight / 4.0),
                          QPointF(std::max(from, to), middle + barHeight / 4.0)));
  painter.setPen(QPen(colour, 2));
  painter.drawLine(QPointF(at(ratio.low), middle), QPointF(at(ratio.high), middle));
  for (double end : {ratio.low, ratio.high})
    painter.drawLine(QPointF(at(end), middle - barHeight / 2.0),
                     QPointF(at(end), middle + barHeight / 2.0));
  painter.setBrush(colour);
  painter.drawEllipse(QPointF(to, middle), 3, 3);
}

} // namespace lapidary::ui
