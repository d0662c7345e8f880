#include "ui/views/log/LogView.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QScrollBar>
#include <QVBoxLayout>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

LogView::LogView(QWidget *parent) : View(parent) {
  m_model = new LogModel(this);
  m_table = new Table(this);
  m_table->setModel(m_model);
  m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
  m_table->setAccessibleName(tr("Log"));
  m_stack = new EmptyStack(m_table, this);
  auto *layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(m_stack);
  auto *copyAction = new QAction(tr("Copy"), this);
  copyAction->setShortcut(QKeySequence::Copy);
  copyAction->setShortcutContext(Qt::WidgetWithChildrenShortcut);
  m_table->addAction(copyAction);
  m_table->setContextMenuPolicy(Qt::ActionsContextMenu);
  connect(copyAction, &QAction::triggered, this, &LogView::copy);
  m_stack->showEmpty({}, tr("Messages appear here."));
}

QString LogView::help() const { return tr("Everything that happened, with its time."); }

void LogView::setSnapshot(const SnapshotPtr &snapshot) {
  QScrollBar *bar = m_table->verticalScrollBar();
  bool atEnd = bar->value() >= bar->maximum();
  m_model->setSnapshot(snapshot);
  if (snapshot->log.empty())
    return;
  m_stack->showContent();
  if (atEnd)
    m_table->scrollToBottom();
}

void LogView::copy() {
  QStringList lines;
  for (const QModelIndex &index : m_table->selectionModel()->selectedRows(LogModel::TextColumn))
    lines << index.data(Qt::UserRole).toString();
  QGuiApplication::clipboard()->setText(lines.join(u'\n'));
}

} // namespace lapidary::ui
