#include "ui/widgets/Chip.h"

#include <QStringList>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {
constexpr int padding = 6;
constexpr int minimumWidth = 20;
constexpr int maximumWidth = 96;
constexpr int radius = 4;
} // namespace

QString chipsText(const Chips &chips) {
  QStringList words;
  for (const Chip &chip : chips) {
    switch (chip.kind) {
    case ChipKind::Generic:
      words << (chip.text.isEmpty() ? u"o"_s : chip.text);
      break;
    case ChipKind::Constexpr:
      words << u"("_s + chip.text + u")"_s;
      break;
    case ChipKind::Suppressed:
      words << u"~"_s + chip.text + u"~"_s;
      break;
    default:
      words << chip.text;
    }
  }
  return words.join(u' ');
}

QSize chipSize(const Chip &chip, const QFontMetrics &metrics) {
  int width = std::clamp(metrics.horizontalAdvance(chip.text) + 2 * padding, minimumWidth,
                         maximumWidth);
  return {width, metrics.height() + 2};
}

int paintChip(QPainter &painter, const QRect &rect, const Chip &chip, const Theme &theme) {
  const ChipColours &colours = theme.chip(chip.kind);
  QSize size = chipSize(chip, painter.fontMetrics());
  QRectF box(rect.left() + 0.5, rect.center().y() - size.height() / 2 + 0.5, size.width() - 1,
             size.height() - 1);
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  QPen pen(colours.border, 1);
  if (chip.kind == ChipKind::Suppressed)
    pen.setDashPattern({2, 2});
  painter.setPen(pen);
  painter.setBrush(colours.fill);
  painter.drawRoundedRect(box, radius, radius);
  painter.setPen(colours.text);
  QFont font = painter.font();
  if (chip.kind != ChipKind::Constexpr && chip.kind != ChipKind::Suppressed)
    font.setWeight(QFont::DemiBold);
  font.setStrikeOut(chip.kind == ChipKind::Suppressed);
  painter.setFont(font);
  QString text = painter.fontMetrics().elidedText(chip.text, Qt::ElideMiddle,
                                                  size.width() - padding);
  painter.drawText(box, Qt::AlignCenter, text);
  painter.restore();
  return size.width();
}

} // namespace lapidary::ui
