#include "ui/views/variants/VariantsView.h"

#include "ui/shell/Theme.h"
#include "ui/widgets/BarDelegate.h"

#include <QApplication>
#include <QHeaderView>
#include <QPainter>
#include <QVBoxLayout>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {

// Names with the colour that the plots give them, out-of-date rows faded, results coloured and worded.
class VariantDelegate : public QStyledItemDelegate {
public:
  using QStyledItemDelegate::QStyledItemDelegate;

  void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override {
    QStyledItemDelegate::initStyleOption(option, index);
    const Theme &theme = themeOf(option->palette);
    auto paintIn = [option](const QColor &colour) {
      option->palette.setColor(QPalette::Text, colour);
      option->palette.setColor(QPalette::HighlightedText, colour);
    };
    if (index.data(VariantsModel::StaleRole).toBool())
      paintIn(theme.muted);
    else if (index.column() == VariantsModel::CorrectColumn ||
             index.column() == VariantsModel::VerdictColumn) {
      static const std::pair<QString, QColor Theme::*> words[] = {
          {VariantsModel::tr("correct"), &Theme::success},
          {VariantsModel::tr("wrong"), &Theme::error},
          {u"faster"_s, &Theme::success},
          {u"slower"_s, &Theme::error}};
      for (const auto &[word, colour] : words)
        if (option->text == word)
          paintIn(theme.*colour);
    }
    if ((index.column() == VariantsModel::TimeColumn ||
         index.column() == VariantsModel::CorrectColumn) &&
        index.data(VariantsModel::FailedRole).toBool())
      paintIn(theme.error);
    if (index.column() == VariantsModel::LabelColumn) {
      option->features |= QStyleOptionViewItem::HasDecoration;
      option->decorationSize = QSize(16, 8);
    }
  }

  void paint(QPainter *painter, const QStyleOptionViewItem &option,
             const QModelIndex &index) const override {
    QStyledItemDelegate::paint(painter, option, index);
    if (index.column() != VariantsModel::LabelColumn)
      return;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(
        themeOf(option.palette).seriesColour(index.data(VariantsModel::SeriesRole).toInt()));
    painter->drawRoundedRect(QRectF(option.rect.left() + 8, option.rect.center().y() - 3, 8, 8), 2,
                             2);
    painter->restore();
  }
};

} // namespace

VariantsView::VariantsView(QWidget *parent) : View(parent) {
  m_model = new VariantsModel(this);
  m_table = new Table(this);
  m_table->setModel(m_model);
  m_table->setItemDelegate(new VariantDelegate(m_table));
  m_table->setItemDelegateForColumn(
      VariantsModel::RatioColumn,
      new BarDelegate({VariantsModel::BarRole, VariantsModel::BarLowRole,
                       VariantsModel::BarHighRole, VariantsModel::SeriesRole},
                      m_table));
  m_table->setLeastWidth(VariantsModel::LabelColumn, 112);
  m_table->setLeastWidth(VariantsModel::RatioColumn, 152);
  m_table->setAccessibleName(tr("Variants"));
  m_stack = new EmptyStack(m_table, this);
  auto *layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(m_stack);
  connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          [this](const QModelIndex &current) {
            if (m_following || !current.isValid())
              return;
            select([&](Selection &next) {
              next.variant = current.row();
              next.sample = -1;
            });
          });
  connect(m_stack->emptyState(), &EmptyState::linkActivated, this, [this](const QString &link) {
    if (link == u"compile"_s)
      emit commandRequested(Compile{});
    else
      emit commandRequested(Compare{});
  });
}

QString VariantsView::help() const {
  return tr("Every variant compiled or measured. Times are medians with their 95 % bootstrap "
            "interval; the bar says how many times as long the generic variant takes. Italic rows "
            "are out of date.");
}

void VariantsView::setSnapshot(const SnapshotPtr &snapshot) {
  m_model->setSnapshot(snapshot);
  if (!snapshot->variants.empty()) {
    for (int column = 0; column < VariantsModel::ColumnCount; ++column)
      m_table->setColumnShown(column, m_model->hasValues(column));
    m_stack->showContent();
    return;
  }
  if (!snapshot->file || snapshot->kernel.empty())
    m_stack->showEmpty({}, tr("Variants appear here once a kernel is compiled or compared."));
  else
    m_stack->showEmpty(tr("Nothing compiled yet"),
                       tr("<a href=\"compile\">Compile</a> shows what each target makes of the "
                          "kernel. <a href=\"compare\">Compare</a> measures the specialized kernel "
                          "against its generic twin."));
}

void VariantsView::setSelection(const Selection &selection) {
  View::setSelection(selection);
  m_following = true;
  if (selection.variant < 0)
    m_table->selectionModel()->clear();
  else if (m_table->currentIndex().row() != selection.variant)
    m_table->selectRow(selection.variant);
  m_following = false;
}

} // namespace lapidary::ui
