#include "ui/shell/CommandPalette.h"

#include "ui/shell/Theme.h"
#include "ui/shell/View.h"

#include <QDockWidget>
#include <QKeyEvent>
#include <QMainWindow>
#include <QMenu>
#include <QMenuBar>
#include <QVBoxLayout>
#include <algorithm>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {

constexpr int actionRole = Qt::UserRole;
constexpr int rowPadding = 8;

QString plain(QString text) {
  text.remove(u'&');
  return text;
}

} // namespace

CommandPalette::CommandPalette(QMainWindow *window) : QDialog(window), m_window(window) {
  setWindowTitle(tr("Commands"));
  setModal(true);
  m_field = new QLineEdit(this);
  m_field->setPlaceholderText(tr("Type a part of a command"));
  m_field->setAccessibleName(tr("Command"));
  m_field->installEventFilter(this);
  m_list = new QListWidget(this);
  m_list->setAccessibleName(tr("Commands"));
  m_list->setFrameShape(QFrame::NoFrame);
  m_list->setUniformItemSizes(true);
  auto *layout = new QVBoxLayout(this);
  layout->setContentsMargins(8, 8, 8, 8);
  layout->setSpacing(8);
  layout->addWidget(m_field);
  layout->addWidget(m_list);
  connect(m_field, &QLineEdit::textChanged, this, &CommandPalette::show);
  connect(m_field, &QLineEdit::returnPressed, this, &CommandPalette::run);
  connect(m_list, &QListWidget::itemActivated, this, &CommandPalette::run);
}

void CommandPalette::collect(const QList<QAction *> &actions, const QString &place) {
  for (QAction *action : actions) {
    if (action->isSeparator() || action->text().isEmpty() || !action->isEnabled())
      continue;
    QString name = plain(action->text());
    if (QMenu *menu = action->menu()) {
      emit menu->aboutToShow(); // some are filled only then
      if (!menu->isEmpty() && !action->isCheckable())
        collect(menu->actions(), place.isEmpty() ? name : u"%1: %2"_s.arg(place, name));
    }
    bool isMenuOnly = action->menu() && action->menu()->menuAction() == action;
    bool isKnown = std::ranges::any_of(
        m_entries, [action](const Entry &entry) { return entry.action == action; });
    if (!isMenuOnly && !isKnown)
      m_entries.append({place.isEmpty() ? name : u"%1: %2"_s.arg(place, name), action});
  }
}

void CommandPalette::open() {
  m_entries.clear();
  collect(m_window->menuBar()->actions(), {});
  for (QDockWidget *dock : m_window->findChildren<QDockWidget *>())
    if (auto *view = qobject_cast<View *>(dock->widget()))
      collect(view->actions(), plain(dock->windowTitle()));
  m_list->setPalette(itemViewPalette(m_window->palette())); // the theme may have changed
  m_field->clear();
  show({});
  resize(std::min(560, m_window->width() - 32), std::min(400, m_window->height() - 32));
  QPoint top(m_window->width() / 2 - width() / 2, 48);
  move(m_window->mapToGlobal(top));
  m_field->setFocus();
  QDialog::open();
}

void CommandPalette::show(const QString &filter) {
  QStringList words = filter.split(u' ', Qt::SkipEmptyParts);
  m_list->clear();
  for (qsizetype i = 0; i < m_entries.size(); ++i) {
    const Entry &entry = m_entries[i];
    bool fits = entry.action && std::ranges::all_of(words, [&](const QString &word) {
                  return entry.text.contains(word, Qt::CaseInsensitive);
                });
    if (!fits)
      continue;
    QString keys = entry.action->shortcut().toString(QKeySequence::NativeText);
    auto *item = new QListWidgetItem(
        keys.isEmpty() ? entry.text : u"%1  (%2)"_s.arg(entry.text, keys), m_list);
    item->setData(actionRole, i);
    item->setSizeHint(QSize(0, fontMetrics().height() + rowPadding));
    item->setToolTip(entry.action->toolTip());
  }
  m_list->setCurrentRow(0);
}

QStringList CommandPalette::shown() const {
  QStringList texts;
  for (int row = 0; row < m_list->count(); ++row)
    texts << m_list->item(row)->text();
  return texts;
}

void CommandPalette::run() {
  QListWidgetItem *item = m_list->currentItem();
  if (!item)
    return;
  QPointer<QAction> action = m_entries[item->data(actionRole).toInt()].action;
  accept();
  if (action)
    action->trigger();
}

// The list is walked from the field, which keeps the focus.
bool CommandPalette::eventFilter(QObject *object, QEvent *event) {
  if (object == m_field && event->type() == QEvent::KeyPress) {
    int key = static_cast<QKeyEvent *>(event)->key();
    int step = key == Qt::Key_Down ? 1 : key == Qt::Key_Up ? -1 : 0;
    if (step != 0) {
      m_list->setCurrentRow(
          std::clamp(m_list->currentRow() + step, 0, std::max(0, m_list->count() - 1)));
      return true;
    }
  }
  return QDialog::eventFilter(object, event);
}

} // namespace lapidary::ui
