#include "ui/views/history/HistoryView.h"

#include "ui/widgets/Icons.h"

#include <QFileDialog>
#include <QToolButton>
#include <QVBoxLayout>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {
constexpr int typingPauseMs = 150;
}

HistoryView::HistoryView(QWidget *parent) : View(parent) {
  m_model = new HistoryModel(this);
  m_table = new Table(this);
  m_table->setModel(m_model);
  m_table->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed);
  m_table->setAccessibleName(tr("History"));
  m_filter = new QLineEdit(this);
  m_filter->setPlaceholderText(tr("Filter by kernel, file, device or note"));
  m_filter->setClearButtonEnabled(true);
  m_filter->setAccessibleName(tr("Filter"));
  m_open = new QAction(icon(u"open"_s), tr("&Open"), this);
  m_open->setShortcut(Qt::Key_Return);
  m_open->setShortcutContext(Qt::WidgetShortcut);
  m_export = new QAction(icon(u"export"_s), tr("&Export\u2026"), this);
  m_import = new QAction(icon(u"import"_s), tr("&Import\u2026"), this);
  m_table->addActions({m_open, m_export});
  addActions({m_open, m_export, m_import});
  m_table->setContextMenuPolicy(Qt::ActionsContextMenu);
  auto *top = new QHBoxLayout;
  top->setContentsMargins(8, 4, 8, 4);
  top->setSpacing(4);
  top->addWidget(m_filter, 1);
  for (QAction *action : {m_open, m_export, m_import}) {
    auto *button = new QToolButton(this);
    button->setDefaultAction(action);
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    top->addWidget(button);
  }
  m_stack = new EmptyStack(m_table, this);
  auto *layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addLayout(top);
  layout->addWidget(m_stack, 1);

  m_typing.setSingleShot(true);
  m_typing.setInterval(typingPauseMs);
  connect(m_filter, &QLineEdit::textChanged, &m_typing, qOverload<>(&QTimer::start));
  connect(&m_typing, &QTimer::timeout, this, [this] {
    emit commandRequested(RefreshHistory{m_filter->text().toStdString()});
  });
  auto openRun = [this] {
    if (std::string run = currentRun(); !run.empty())
      emit commandRequested(OpenRun{run});
  };
  connect(m_open, &QAction::triggered, this, openRun);
  connect(m_table, &QTableView::doubleClicked, this, [openRun](const QModelIndex &index) {
    if (index.column() != HistoryModel::NoteColumn)
      openRun();
  });
  connect(m_export, &QAction::triggered, this, [this] {
    if (std::string run = currentRun(); !run.empty())
      emit commandRequested(ShowExport{run});
  });
  connect(m_import, &QAction::triggered, this, &HistoryView::import);
  connect(m_model, &HistoryModel::noteEdited, this,
          [this](const std::string &run, const std::string &note) {
            emit commandRequested(AnnotateRun{run, note});
          });
  auto enable = [this] {
    bool any = !currentRun().empty();
    m_open->setEnabled(any);
    m_export->setEnabled(any);
  };
  connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, enable);
  connect(m_model, &QAbstractItemModel::modelReset, this, enable);
  enable();
  m_stack->showEmpty({}, tr("Comparisons are kept here with every sample."));
}

QString HistoryView::help() const {
  return tr("Every run that was measured, with all its samples. Open one to see it in the tables, "
            "export it, or double-click its note to write one.");
}

std::string HistoryView::currentRun() const {
  return m_table->currentIndex().data(HistoryModel::RunRole).toString().toStdString();
}

void HistoryView::setSnapshot(const SnapshotPtr &snapshot) {
  std::string current = currentRun();
  m_model->setSnapshot(snapshot);
  if (current != currentRun())
    if (QModelIndex index = m_model->indexOf(QString::fromStdString(current)); index.isValid())
      m_table->selectRow(index.row());
  if (!snapshot->history.empty())
    m_stack->showContent();
  else if (m_filter->text().isEmpty())
    m_stack->showEmpty({}, tr("Comparisons are kept here with every sample."));
  else
    m_stack->showEmpty({}, tr("No run matches \u201c%1\u201d.").arg(m_filter->text().toHtmlEscaped()));
}

void HistoryView::import() {
  auto *dialog = new QFileDialog(this, tr("Import runs"), {},
                                 tr("Runs (*.lapidary.json *.json);;All files (*)"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &path) {
    emit commandRequested(ImportFile{path.toStdString()});
  });
  dialog->open();
}

} // namespace lapidary::ui
