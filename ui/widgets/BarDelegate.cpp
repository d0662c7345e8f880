#include "ui/widgets/BarDelegate.h"

#include "ui/shell/Theme.h"

#include <QApplication>
#include <QPainter>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {
constexpr int textWidth = 68; // the number, right-aligned; the bar takes the rest
constexpr int barHeight = 8;
} // namespace

void BarDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                        const QModelIndex &index) const {
  QStyleOptionViewItem cell = option;
  initStyleOption(&cell, index);
  QString text = cell.text;
  cell.text.clear();
  QStyle *style = option.widget ? option.widget->style() : QApplication::style();
  style->drawControl(QStyle::CE_ItemViewItem, &cell, painter, option.widget);

  painter->save();
  painter->setRenderHint(QPainter::Antialiasing);
  painter->setFont(cell.font);
  painter->setPen(cell.palette.color(QPalette::Text));
  QRect number(option.rect.left(), option.rect.top(), textWidth - 8, option.rect.height());
  painter->drawText(number, Qt::AlignRight | Qt::AlignVCenter, text);
  QVariant value = index.data(m_roles.value);
  if (value.isValid() && value.toDouble() >= 0) {
    const Theme &theme = themeOf(option.palette);
    QRectF track(option.rect.left() + textWidth, option.rect.center().y() - barHeight / 2 + 1,
                 option.rect.width() - textWidth - 16, barHeight);
    QColor colour = theme.seriesColour(m_roles.series < 0 ? 0 : index.data(m_roles.series).toInt());
    painter->setPen(Qt::NoPen);
    painter->setBrush(theme.faint);
    painter->drawRoundedRect(track, 2, 2);
    painter->setBrush(colour);
    double share = std::clamp(value.toDouble(), 0.0, 1.0);
    painter->drawRoundedRect(QRectF(track.topLeft(), QSizeF(std::max(2.0, track.width() * share),
                                                            track.height())),
                             2, 2);
    QVariant low = index.data(m_roles.low), high = index.data(m_roles.high);
    if (m_roles.low >= 0 && low.isValid() && high.isValid()) {
      painter->setPen(QPen(option.palette.color(QPalette::Text), 1));
      double from = track.left() + track.width() * std::clamp(low.toDouble(), 0.0, 1.0);
      double to = track.left() + track.width() * std::clamp(high.toDouble(), 0.0, 1.0);
      double middle = track.center().y();
      painter->drawLine(QPointF(from, middle), QPointF(to, middle));
      painter->drawLine(QPointF(from, middle - 2), QPointF(from, middle + 2));
      painter->drawLine(QPointF(to, middle - 2), QPointF(to, middle + 2));
    }
  }
  painter->restore();
}

QSize BarDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const {
  return {textWidth + 112, QStyledItemDelegate::sizeHint(option, index).height()};
}

} // namespace lapidary::ui
