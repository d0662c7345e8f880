// A model as text, one line a row, so that a test compares what a person would read.
#pragma once

#include <QAbstractItemModel>
#include <QStringList>

namespace lapidary::ui::test {

inline void printRows(const QAbstractItemModel &model, const QModelIndex &parent, int depth,
                      QStringList &lines) {
  for (int row = 0; row < model.rowCount(parent); ++row) {
    QStringList cells;
    for (int column = 0; column < model.columnCount(parent); ++column)
      cells << model.index(row, column, parent).data().toString().replace(QChar(0x00A0), u' ');
    while (!cells.isEmpty() && cells.back().isEmpty())
      cells.removeLast();
    lines << QString(depth * 2, u' ') + cells.join(QStringLiteral(" | "));
    printRows(model, model.index(row, 0, parent), depth + 1, lines);
  }
}

inline QStringList printModel(const QAbstractItemModel &model) {
  QStringList lines;
  printRows(model, {}, 0, lines);
  return lines;
}

} // namespace lapidary::ui::test
