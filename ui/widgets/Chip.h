// The chips of the matrix: a letter in a rounded box whose colour and outline repeat what the letter
// says. One value type, used by the model (as text and data), the delegate and the legend.
#pragma once

#include "ui/shell/Theme.h"

#include <QList>
#include <QMetaType>
#include <QPainter>
#include <QString>

namespace lapidary::ui {

struct Chip {
  ChipKind kind = ChipKind::Generic;
  QString text; // "D", "S", "=1", "64"; empty for a generic argument
  bool operator==(const Chip &) const = default;
};
using Chips = QList<Chip>;

// "D S" with what colour and outline say put into words: "=1", "(64)", "~D~", "generic" is "o".
QString chipsText(const Chips &chips);

QSize chipSize(const Chip &chip, const QFontMetrics &metrics);
inline constexpr int chipGap = 4;
// Paints at the left edge of `rect`, centred on its height; returns the width used.
int paintChip(QPainter &painter, const QRect &rect, const Chip &chip, const Theme &theme);

} // namespace lapidary::ui

Q_DECLARE_METATYPE(lapidary::ui::Chips)
