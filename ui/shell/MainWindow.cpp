#include "ui/shell/MainWindow.h"

#include "ui/shell/WindowMenus.h"
#include "ui/views/export/ExportDialog.h"
#include "ui/views/source/SourceView.h"
#include "ui/widgets/Icons.h"
#include "ui/widgets/Text.h"

#include <QApplication>
#include <QCloseEvent>
#include <QElapsedTimer>
#include <QFileDialog>
#include <QFileInfo>
#include <QMessageBox>
#include <QMimeData>
#include <QWhatsThis>
#include <algorithm>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {

constexpr qint64 updateBudgetMs = 2;

bool isLaunchFile(const QString &path) {
  return path.endsWith(u".launch.json"_s);
}

QString droppedFile(const QMimeData *data) {
  for (const QUrl &url : data->urls()) {
    QString path = url.toLocalFile();
    for (const QString &ending : {u".py"_s, u".ttir"_s, u".mlir"_s, u".launch.json"_s})
      if (path.endsWith(ending))
        return path;
  }
  return {};
}

} // namespace

MainWindow::MainWindow(WindowSetup setup, QWidget *parent)
    : QMainWindow(parent), m_setup(std::move(setup)) {
  setWindowTitle(u"Lapidary"_s);
  setWindowIcon(programIcon());
  setAcceptDrops(true);
  setDockNestingEnabled(true);
  setDockOptions(AnimatedDocks | AllowNestedDocks | AllowTabbedDocks | GroupedDragging);
  setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
  m_bar = new CommandBar(this);
  addToolBar(m_bar);
  m_status = new StatusBar(this);
  setStatusBar(m_status);
  m_export = new ExportDialog(m_setup.exportFormats, this);
  m_continue.setSingleShot(true);
  m_continue.setInterval(0);
  connect(&m_continue, &QTimer::timeout, this, &MainWindow::updateViews);
  addViews();
  source()->setSamples(m_setup.samples);
  WindowMenus::build(*this);
  connect(m_bar, &CommandBar::commandRequested, this, &MainWindow::dispatch);
  connect(m_export, &ExportDialog::commandRequested, this, &MainWindow::dispatch);

  resize(1440, 900);
  restoreGeometry(m_setup.settings->geometry());
  chooseLayout(m_setup.settings->currentLayout());
}

MainWindow::~MainWindow() = default;

void MainWindow::addViews() {
  m_entries = allViews();
  for (const ViewEntry &entry : m_entries) {
    QString id = QLatin1String(entry.id);
    auto *dock = new QDockWidget(entry.title, this);
    dock->setObjectName(id);
    View *view = entry.make(dock);
    dock->setWidget(view);
    m_docks[id] = dock;
    m_views[id] = view;
    connect(view, &View::commandRequested, this, &MainWindow::dispatch);
    connect(view, &View::selectionChanged, this, &MainWindow::setSelection);
    for (auto moved : {&QDockWidget::visibilityChanged, &QDockWidget::topLevelChanged})
      connect(dock, moved, this, &MainWindow::showTitles, Qt::QueuedConnection);
  }
}

View *MainWindow::view(const QString &id) const {
  auto found = m_views.find(id);
  return found == m_views.end() ? nullptr : found->second;
}

QDockWidget *MainWindow::dock(const QString &id) const {
  auto found = m_docks.find(id);
  return found == m_docks.end() ? nullptr : found->second;
}

SourceView *MainWindow::source() const {
  return static_cast<SourceView *>(view(u"source"_s));
}

void MainWindow::chooseLayout(const QString &id) {
  std::vector<Layout> layouts = allLayouts();
  auto found = std::ranges::find(layouts, id, &Layout::id);
  const Layout &chosen = found == layouts.end() ? layouts.front() : *found;
  if (chosen.id == m_layout)
    return;
  if (!m_layout.isEmpty())
    m_setup.settings->setLayout(m_layout, saveState());
  m_layout = chosen.id;
  QByteArray kept = m_setup.settings->layout(m_layout);
  if (kept.isEmpty() || !restoreState(kept))
    resetLayout();
  emit layoutChosen(m_layout);
}

void MainWindow::resetLayout() {
  QStringList panes;
  for (const ViewEntry &entry : m_entries)
    panes << QLatin1String(entry.id);
  std::vector<Layout> layouts = allLayouts();
  arrange(*this, *std::ranges::find(layouts, m_layout, &Layout::id), panes,
          [this](const QString &id) { return dock(id); });
}

// A tab says the pane's name already; a title below it would say it twice.
void MainWindow::showTitles() {
  for (auto &[id, pane] : m_docks) {
    bool hidden = !pane->isFloating() && !tabifiedDockWidgets(pane).isEmpty();
    if (hidden == (pane->titleBarWidget() != nullptr))
      continue;
    QWidget *before = pane->titleBarWidget();
    pane->setTitleBarWidget(hidden ? new QWidget(pane) : nullptr);
    delete before;
  }
}

void MainWindow::setSnapshot(const SnapshotPtr &snapshot) {
  bool newFile = snapshot->file && (!m_snapshot || !m_snapshot->file ||
                                    m_snapshot->file->path != snapshot->file->path);
  m_snapshot = snapshot;
  m_bar->setSnapshot(snapshot);
  m_status->setSnapshot(snapshot);
  m_export->setSnapshot(snapshot);
  if (newFile) {
    QString path = toQString(snapshot->file->path);
    setWindowFilePath(path);
    setWindowTitle(u"%1[*] \u2013 Lapidary"_s.arg(QFileInfo(path).fileName()));
    if (QFileInfo::exists(path))
      m_setup.settings->addRecentFile(path);
    clearSelection();
  }
  setWindowModified(source()->isModified());
  // Panes in sight first; m_behind keeps the order.
  m_behind.clear();
  for (bool inSight : {true, false})
    for (auto &[id, view] : m_views)
      if (view->visibleRegion().isEmpty() != inSight)
        m_behind.push_back(view);
  updateViews();
}

// A large snapshot is taken in pane by pane with the event loop running in between, so that no call
// holds up the keyboard.
void MainWindow::updateViews() {
  QElapsedTimer timer;
  timer.start();
  while (!m_behind.empty()) {
    if (timer.elapsed() >= updateBudgetMs) {
      m_continue.start();
      return;
    }
    View *view = m_behind.front();
    m_behind.erase(m_behind.begin());
    view->setSnapshot(m_snapshot);
  }
}

void MainWindow::setSelection(const Selection &selection) {
  m_selection = selection;
  for (auto &[id, view] : m_views)
    if (view != sender())
      view->setSelection(selection);
}

void MainWindow::clearSelection() {
  select({});
}

void MainWindow::select(const Selection &selection) {
  m_selection = selection;
  for (auto &[id, view] : m_views)
    view->setSelection(m_selection);
}

void MainWindow::dispatch(const Command &command) {
  if (const auto *open = std::get_if<OpenFile>(&command)) {
    if (openFile(toQString(open->path)) && !open->kernel.empty())
      emit commandRequested(SelectKernel{open->kernel});
    return;
  }
  if (const auto *exporting = std::get_if<ShowExport>(&command)) {
    showExport(exporting->run);
    return;
  }
  if (const auto *compare = std::get_if<Compare>(&command);
      compare && compare->target.target.backend.empty()) {
    m_bar->compareAction()->trigger(); // knows the device
    return;
  }
  // Work starts on what stands in the editor, not on what stood there a moment ago.
  if (std::holds_alternative<Compile>(command) || std::holds_alternative<Compare>(command))
    source()->flush();
  emit commandRequested(command);
}

bool MainWindow::openFile(const QString &path) {
  if (path.isEmpty()) {
    auto *dialog = new QFileDialog(this, tr("Open a kernel"), {},
                                   tr("Kernels (*.py *.ttir *.mlir);;Launch files "
                                      "(*.launch.json);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, this, &MainWindow::openFile);
    dialog->open();
    return false;
  }
  if (isLaunchFile(path)) {
    emit commandRequested(LoadLaunch{path.toStdString()});
    return false;
  }
  if (!mayDiscardChanges())
    return false;
  emit commandRequested(OpenFile{QFileInfo(path).absoluteFilePath().toStdString()});
  return true;
}

void MainWindow::saveFile() {
  if (!m_snapshot || !m_snapshot->file)
    return;
  source()->flush();
  source()->editor()->setModified(false);
  setWindowModified(false);
  emit commandRequested(SaveFile{m_snapshot->file->path});
}

void MainWindow::saveFileAs() {
  if (!m_snapshot || !m_snapshot->file)
    return;
  auto *dialog =
      new QFileDialog(this, tr("Save the kernel as"), windowFilePath(), tr("Python (*.py)"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix(u"py"_s);
  connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &path) {
    source()->flush();
    source()->editor()->setModified(false);
    emit commandRequested(SaveFile{path.toStdString()});
  });
  dialog->open();
}

bool MainWindow::mayDiscardChanges() {
  if (!source()->isModified())
    return true;
  QMessageBox::StandardButton answer = QMessageBox::question(
      this, tr("Unsaved changes"),
      tr("%1 has changes that are not saved.").arg(QFileInfo(windowFilePath()).fileName()),
      QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel, QMessageBox::Save);
  if (answer == QMessageBox::Save)
    saveFile();
  return answer != QMessageBox::Cancel;
}

void MainWindow::showExport(const std::string &run) {
  std::string chosen = run.empty() && m_snapshot ? m_snapshot->lastRun : run;
  if (chosen.empty()) {
    m_status->showMessage(tr("Nothing to export yet: compare a kernel first, or choose a run in "
                             "the history."),
                          5000);
    return;
  }
  m_export->showRun(chosen);
}

void MainWindow::explainFocus() {
  QWidget *focus = QApplication::focusWidget();
  QWidget *widget = focus;
  QString text;
  while (widget && text.isEmpty()) {
    if (auto *view = qobject_cast<View *>(widget))
      text = view->help();
    widget = widget->parentWidget();
  }
  if (text.isEmpty())
    text = tr("Open a kernel; the matrix shows what each target's compiler specializes on. Compare "
              "measures what that is worth. F1 explains the pane that has the focus.");
  QWidget *at = focus ? focus : this;
  QWhatsThis::showText(at->mapToGlobal(QPoint(at->width() / 2, 24)), text, at);
}

void MainWindow::closeEvent(QCloseEvent *event) {
  if (!mayDiscardChanges()) {
    event->ignore();
    return;
  }
  m_setup.settings->setGeometry(saveGeometry());
  m_setup.settings->setLayout(m_layout, saveState());
  m_setup.settings->setCurrentLayout(m_layout);
  QMainWindow::closeEvent(event);
}

void MainWindow::dragEnterEvent(QDragEnterEvent *event) {
  if (!droppedFile(event->mimeData()).isEmpty())
    event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent *event) {
  QString path = droppedFile(event->mimeData());
  if (path.isEmpty())
    return;
  event->acceptProposedAction();
  openFile(path);
}

} // namespace lapidary::ui
