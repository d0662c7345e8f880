#include "ui/views/samples/PointCloud.h"

#include <algorithm>
#include <cmath>

namespace lapidary::ui {

namespace {

constexpr double diameter = 4; // pixels, before the screen's scale

// The disc on a square of odd side, premultiplied.
QImage discImage(const QColor &colour, double width) {
  int side = int(std::ceil(width)) + 2;
  side += 1 - side % 2;
  QImage disc(side, side, QImage::Format_ARGB32_Premultiplied);
  disc.fill(Qt::transparent);
  QPainter painter(&disc);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(colour);
  painter.drawEllipse(QPointF(side / 2.0, side / 2.0), width / 2, width / 2);
  return disc;
}

// What lies `under` a premultiplied pixel shines through as far as it is not opaque. Two channels
// are scaled at once: each has eight bits of room above it.
QRgb over(QRgb pixel, QRgb under) {
  unsigned rest = 256 - qAlpha(pixel);
  unsigned odd = ((under & 0x00ff00ffu) * rest >> 8) & 0x00ff00ffu;
  unsigned even = ((under >> 8) & 0x00ff00ffu) * rest & 0xff00ff00u;
  return pixel + (odd | even);
}

void stamp(QImage &image, const QImage &disc, int left, int top) {
  int side = disc.width();
  int firstX = std::max(0, -left), lastX = std::min(side, image.width() - left);
  int firstY = std::max(0, -top), lastY = std::min(side, image.height() - top);
  if (firstX >= lastX || firstY >= lastY)
    return;
  const QRgb *from = reinterpret_cast<const QRgb *>(disc.constScanLine(firstY)) + firstX;
  QRgb *to = reinterpret_cast<QRgb *>(image.scanLine(top + firstY)) + left + firstX;
  qsizetype fromStep = disc.bytesPerLine() / 4, toStep = image.bytesPerLine() / 4;
  for (int y = firstY; y < lastY; ++y, from += fromStep, to += toStep)
    for (int x = 0; x < lastX - firstX; ++x)
      to[x] = over(from[x], to[x]);
}

} // namespace

PointCloud::PointCloud(QCPAxis *keyAxis, QCPAxis *valueAxis)
    : QCPAbstractPlottable(keyAxis, valueAxis) {}

void PointCloud::setValues(std::size_t series, QVector<double> values) {
  m_series[series].values = std::move(values);
}

QCPRange PointCloud::getKeyRange(bool &found, QCP::SignDomain) const {
  qsizetype most = 0;
  for (const Series &series : m_series)
    most = std::max(most, series.values.size());
  found = most > 0;
  return {0, double(std::max<qsizetype>(most - 1, 0))};
}

QCPRange PointCloud::getValueRange(bool &found, QCP::SignDomain, const QCPRange &) const {
  QCPRange range(INFINITY, -INFINITY);
  for (const Series &series : m_series)
    for (double value : series.values) {
      range.lower = std::min(range.lower, value);
      range.upper = std::max(range.upper, value);
    }
  found = range.lower <= range.upper;
  return found ? range : QCPRange();
}

void PointCloud::draw(QCPPainter *painter) {
  QRect area = clipRect();
  double scale = painter->device()->devicePixelRatioF();
  QSize size(int(std::ceil(area.width() * scale)), int(std::ceil(area.height() * scale)));
  if (size.isEmpty())
    return;
  if (m_image.size() != size)
    m_image = QImage(size, QImage::Format_ARGB32_Premultiplied);
  m_image.setDevicePixelRatio(scale);
  m_image.fill(Qt::transparent);
  std::vector<QImage> discs;
  qsizetype most = 0;
  for (const Series &series : m_series) {
    discs.push_back(discImage(series.colour, diameter * scale));
    most = std::max(most, series.values.size());
  }
  for (qsizetype i = 0; i < most; ++i) {
    double x = (mKeyAxis->coordToPixel(double(i)) - area.left()) * scale;
    for (std::size_t s = 0; s < m_series.size(); ++s) {
      if (i >= m_series[s].values.size())
        continue;
      double y = (mValueAxis->coordToPixel(m_series[s].values[i]) - area.top()) * scale;
      int reach = discs[s].width() / 2;
      if (std::abs(x) < 1e6 && std::abs(y) < 1e6)
        stamp(m_image, discs[s], int(std::floor(x)) - reach, int(std::floor(y)) - reach);
    }
  }
  painter->drawImage(area.topLeft(), m_image);
}

} // namespace lapidary::ui
