// A number with a bar behind it, so that a column compares at a glance: the bar's length is BarRole,
// a thin whisker spans the interval. Also the progress of a job.
#pragma once

#include <QStyledItemDelegate>

namespace lapidary::ui {

class BarDelegate : public QStyledItemDelegate {
  Q_OBJECT
public:
  struct Roles { int value, low, high, series; }; // -1: none
  BarDelegate(Roles roles, QObject *parent) : QStyledItemDelegate(parent), m_roles(roles) {}

  void paint(QPainter *painter, const QStyleOptionViewItem &option,
             const QModelIndex &index) const override;
  QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
  Roles m_roles;
};

} // namespace lapidary::ui
