#include "ui/views/specialization/ChipDelegate.h"

#include "ui/models/SpecializationModel.h"
#include "ui/widgets/Text.h"

#include <QApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPainter>
#include <QToolTip>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {

constexpr int flashMs = 900;
constexpr int frameMs = 40;
constexpr int cellPadding = 8;

// The message of what is wrong with `text`, empty when it can be read.
QString problemOf(const QString &text) {
  Result<Value> value = parseArgumentText(text.toStdString());
  return value ? QString() : toQString(value.error().message);
}

QFont typeFont(QFont font) {
  font.setPointSizeF(font.pointSizeF() * 0.9);
  return font;
}

} // namespace

ChipDelegate::ChipDelegate(QObject *parent) : QStyledItemDelegate(parent) {
  m_fade.setInterval(frameMs);
  connect(&m_fade, &QTimer::timeout, this, [this] {
    if (m_since.elapsed() > flashMs) {
      m_flashing.clear();
      m_fade.stop();
    }
    emit repaintNeeded();
  });
}

void ChipDelegate::flash(const QList<QPersistentModelIndex> &cells) {
  m_flashing = cells;
  m_since.start();
  m_fade.start();
}

double ChipDelegate::flashStrength(const QModelIndex &index) const {
  if (!m_fade.isActive() || !m_flashing.contains(index))
    return 0;
  return std::clamp(1.0 - double(m_since.elapsed()) / flashMs, 0.0, 1.0);
}

void ChipDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option,
                         const QModelIndex &index) const {
  QStyleOptionViewItem cell = option;
  initStyleOption(&cell, index);
  bool isChipCell = index.data(SpecializationModel::ChipsRole).isValid();
  bool isGroup = !index.parent().isValid();
  const Theme &theme = themeOf(option.palette);
  if (isGroup) {
    cell.font.setCapitalization(QFont::AllUppercase);
    cell.font.setPointSizeF(cell.font.pointSizeF() * 0.85);
    cell.font.setLetterSpacing(QFont::AbsoluteSpacing, 0.5);
    cell.palette.setColor(QPalette::Text, theme.muted);
  }
  if (index.data(SpecializationModel::GuessedRole).toBool() &&
      index.column() == SpecializationModel::ValueColumn)
    cell.palette.setColor(QPalette::Text, theme.muted);
  if (isChipCell)
    cell.text.clear();
  if (double strength = flashStrength(index); strength > 0)
    cell.backgroundBrush = blend(theme.flash, option.palette.color(QPalette::Base), strength);
  const QWidget *widget = option.widget;
  QStyle *style = widget ? widget->style() : QApplication::style();
  style->drawControl(QStyle::CE_ItemViewItem, &cell, painter, widget);
  if (!isChipCell)
    return;

  painter->save();
  painter->setClipRect(option.rect);
  painter->setFont(option.font);
  QRect rest = option.rect.adjusted(cellPadding, 0, -4, 0);
  for (const Chip &chip : index.data(SpecializationModel::ChipsRole).value<Chips>())
    rest.setLeft(rest.left() + paintChip(*painter, rest, chip, theme) + chipGap);
  painter->setFont(typeFont(option.font));
  painter->setPen(theme.muted);
  rest.setLeft(rest.left() + chipGap);
  QString type = index.data(SpecializationModel::TypeRole).toString();
  painter->drawText(rest, Qt::AlignVCenter | Qt::AlignLeft,
                    painter->fontMetrics().elidedText(type, Qt::ElideRight, rest.width()));
  painter->restore();
}

QSize ChipDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const {
  QFontMetrics metrics(option.font);
  int height = (metrics.height() + 10 + 3) / 4 * 4;
  QVariant chips = index.data(SpecializationModel::ChipsRole);
  if (!chips.isValid())
    return {QStyledItemDelegate::sizeHint(option, index).width() + cellPadding, height};
  int width = 2 * cellPadding + chipGap +
              QFontMetrics(typeFont(option.font)).horizontalAdvance(index.data(SpecializationModel::TypeRole).toString());
  for (const Chip &chip : chips.value<Chips>())
    width += chipSize(chip, metrics).width() + chipGap;
  return {width, height};
}

QWidget *ChipDelegate::createEditor(QWidget *parent, const QStyleOptionViewItem &,
                                    const QModelIndex &index) const {
  if (index.column() != SpecializationModel::ValueColumn)
    return nullptr;
  auto *editor = new QLineEdit(parent);
  editor->setFrame(false);
  connect(editor, &QLineEdit::textEdited, this, [this, editor](const QString &text) {
    QString problem = problemOf(text);
    QPalette palette = editor->parentWidget()->palette();
    if (!problem.isEmpty())
      palette.setColor(QPalette::Text, themeOf(palette).error);
    editor->setPalette(palette);
    editor->setToolTip(problem);
    emit valueProblem(problem);
  });
  connect(editor, &QObject::destroyed, this, [this] { emit valueProblem({}); });
  return editor;
}

void ChipDelegate::setEditorData(QWidget *editor, const QModelIndex &index) const {
  auto *line = qobject_cast<QLineEdit *>(editor);
  // A snapshot that arrives while somebody types must not undo the typing.
  if (!line || line->isModified())
    return;
  line->setText(index.data(Qt::EditRole).toString());
  line->selectAll();
}

void ChipDelegate::updateEditorGeometry(QWidget *editor, const QStyleOptionViewItem &option,
                                        const QModelIndex &) const {
  editor->setGeometry(option.rect);
}

bool ChipDelegate::eventFilter(QObject *object, QEvent *event) {
  auto *line = qobject_cast<QLineEdit *>(object);
  if (line && event->type() == QEvent::KeyPress) {
    int key = static_cast<QKeyEvent *>(event)->key();
    bool commits = key == Qt::Key_Return || key == Qt::Key_Enter || key == Qt::Key_Tab;
    QString problem = commits ? problemOf(line->text()) : QString();
    if (!problem.isEmpty()) {
      QToolTip::showText(line->mapToGlobal(QPoint(0, line->height())), problem, line);
      return true;
    }
  }
  return QStyledItemDelegate::eventFilter(object, event);
}

} // namespace lapidary::ui
