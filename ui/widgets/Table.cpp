#include "ui/widgets/Table.h"

#include "ui/shell/Theme.h"

#include <QApplication>
#include <QEvent>
#include <QHeaderView>

namespace lapidary::ui {

namespace {
constexpr int measuredRows = 40; // whose contents decide how wide a column becomes
}

Table::Table(QWidget *parent) : QTableView(parent) {
  setShowGrid(false);
  setSelectionBehavior(SelectRows);
  setSelectionMode(SingleSelection);
  setFrameShape(QFrame::NoFrame);
  setWordWrap(false);
  setTextElideMode(Qt::ElideRight);
  setTabKeyNavigation(false);
  setHorizontalScrollMode(ScrollPerPixel);
  verticalHeader()->hide();
  verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  horizontalHeader()->setHighlightSections(false);
  horizontalHeader()->setResizeContentsPrecision(measuredRows);
  horizontalHeader()->setStretchLastSection(true);
  horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  dress();
}

void Table::dress() {
  setPalette(itemViewPalette(QApplication::palette()));
  verticalHeader()->setDefaultSectionSize((fontMetrics().height() + 10 + 3) / 4 * 4);
}

void Table::setModel(QAbstractItemModel *model) {
  QTableView::setModel(model);
  connect(model, &QAbstractItemModel::modelReset, this, &Table::fitColumns);
  connect(model, &QAbstractItemModel::rowsInserted, this, &Table::fitColumns);
  connect(model, &QAbstractItemModel::dataChanged, this, &Table::fitColumns);
  fitColumns();
}

// Columns only grow: a table whose columns jump while numbers arrive cannot be read.
void Table::fitColumns() {
  for (int column = 0; column < model()->columnCount(); ++column) {
    int wanted = std::max({sizeHintForColumn(column) + 8,
                           horizontalHeader()->sectionSizeHint(column) + 8, m_least.value(column)});
    wanted = std::min((wanted + 3) / 4 * 4, 360);
    if (wanted > columnWidth(column) || !m_fitted)
      setColumnWidth(column, wanted);
  }
  m_fitted = m_fitted || model()->rowCount() > 0;
}

void Table::setColumnShown(int column, bool shown) {
  if (shown != isColumnHidden(column))
    return;
  setColumnHidden(column, !shown);
  if (shown)
    fitColumns(); // a hidden column has no width to grow from
}

void Table::changeEvent(QEvent *event) {
  QTableView::changeEvent(event);
  if (event->type() == QEvent::ApplicationPaletteChange)
    dress();
}

} // namespace lapidary::ui
