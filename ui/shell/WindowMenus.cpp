#include "ui/shell/WindowMenus.h"

#include "ui/shell/CommandPalette.h"
#include "ui/views/source/SourceView.h"
#include "ui/views/survey/SurveyView.h"
#include "ui/widgets/Icons.h"
#include "ui/widgets/Text.h"

#include <QAbstractItemView>
#include <QActionGroup>
#include <QApplication>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QScrollArea>
#include <QToolButton>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {

// To what the pane is about: its table or text before its buttons.
void focusPane(QDockWidget &dock) {
  dock.show();
  dock.raise();
  QWidget *first = nullptr, *main = nullptr;
  for (QWidget *widget : dock.widget()->findChildren<QWidget *>()) {
    if (!widget->isVisibleTo(&dock) || !widget->isEnabled() ||
        !(widget->focusPolicy() & Qt::TabFocus))
      continue;
    bool isMain = qobject_cast<QAbstractItemView *>(widget) || qobject_cast<CodePane *>(widget);
    main = main ? main : isMain ? widget : nullptr;
    bool isBar = qobject_cast<QScrollArea *>(widget);
    first = first || isBar ? first : widget;
  }
  if (QWidget *target = main ? main : first)
    target->setFocus(Qt::ShortcutFocusReason);
}

} // namespace

void WindowMenus::build(MainWindow &window) {
  file(window);
  edit(window);
  view(window);
  run(window);
  help(window);
}

void WindowMenus::fillFiles(QMenu *menu, MainWindow &window, const QStringList &paths,
                            const QString &nothing) {
  menu->clear();
  for (const QString &path : paths) {
    QAction *action = menu->addAction(QFileInfo(path).fileName(), &window,
                                      [&window, path] { window.openFile(path); });
    action->setToolTip(path);
    action->setStatusTip(path);
  }
  if (paths.isEmpty())
    menu->addAction(nothing)->setEnabled(false);
}

void WindowMenus::file(MainWindow &window) {
  QMenu *menu = window.menuBar()->addMenu(MainWindow::tr("&File"));
  QAction *open = window.m_bar->openAction();
  open->setShortcut(QKeySequence::Open);
  QObject::connect(open, &QAction::triggered, &window, [&window] { window.openFile(); });
  menu->addAction(open);
  QMenu *recent = menu->addMenu(MainWindow::tr("Open &recent"));
  recent->setToolTipsVisible(true);
  QObject::connect(recent, &QMenu::aboutToShow, &window, [recent, &window] {
    fillFiles(recent, window, window.m_setup.settings->recentFiles(),
              MainWindow::tr("Nothing opened yet"));
  });
  QMenu *samples = menu->addMenu(MainWindow::tr("Open a &sample"));
  samples->setToolTipsVisible(true);
  fillFiles(samples, window, window.m_setup.samples, MainWindow::tr("No samples found"));
  menu->addSeparator();
  menu->addAction(icon(u"save"_s, u"document-save"_s), MainWindow::tr("&Save"), QKeySequence::Save,
                  &window, &MainWindow::saveFile);
  menu->addAction(MainWindow::tr("Save &as\u2026"), QKeySequence(u"Ctrl+Shift+S"_s), &window,
                  &MainWindow::saveFileAs);
  menu->addSeparator();
  menu->addAction(icon(u"export"_s), MainWindow::tr("&Export the last run\u2026"),
                  QKeySequence(u"Ctrl+E"_s), &window, [&window] { window.showExport(); });
  menu->addSeparator();
  menu->addAction(MainWindow::tr("&Quit"), QKeySequence::Quit, &window, &QWidget::close);
}

void WindowMenus::edit(MainWindow &window) {
  QMenu *menu = window.menuBar()->addMenu(MainWindow::tr("&Edit"));
  CodePane *editor = window.source()->editor();
  auto add = [&](const QString &text, QKeySequence::StandardKey key, auto member) {
    QAction *action = menu->addAction(text, editor, member);
    action->setShortcut(key);
    // The editor has these keys itself; in the menu they are only shown.
    action->setShortcutContext(Qt::WidgetShortcut);
  };
  add(MainWindow::tr("&Undo"), QKeySequence::Undo, &QsciScintilla::undo);
  add(MainWindow::tr("&Redo"), QKeySequence::Redo, &QsciScintilla::redo);
  menu->addSeparator();
  add(MainWindow::tr("Cu&t"), QKeySequence::Cut, &QsciScintilla::cut);
  add(MainWindow::tr("&Copy"), QKeySequence::Copy, &QsciScintilla::copy);
  add(MainWindow::tr("&Paste"), QKeySequence::Paste, &QsciScintilla::paste);
  menu->addSeparator();
  menu->addAction(MainWindow::tr("Clear the s&election"), QKeySequence(Qt::Key_Escape), &window,
                  &MainWindow::clearSelection);
}

// In the menu, and as buttons beside it.
void WindowMenus::layouts(MainWindow &window, QMenu *menu) {
  auto *group = new QActionGroup(&window);
  auto *corner = new QWidget(&window);
  auto *line = new QHBoxLayout(corner);
  line->setContentsMargins(0, 2, 8, 2);
  line->setSpacing(4);
  for (const Layout &layout : allLayouts()) {
    QAction *action = menu->addAction(MainWindow::tr("Layout %1").arg(layout.title));
    action->setIconText(layout.title);
    action->setShortcut(layout.shortcut);
    action->setToolTip(u"%1 (%2)"_s.arg(layout.purpose, layout.shortcut.toString()));
    action->setCheckable(true);
    action->setChecked(window.currentLayout() == layout.id);
    group->addAction(action);
    QString id = layout.id;
    QObject::connect(action, &QAction::triggered, &window,
                     [&window, id] { window.chooseLayout(id); });
    QObject::connect(&window, &MainWindow::layoutChosen, action,
                     [action, id](const QString &chosen) { action->setChecked(chosen == id); });
    auto *button = new QToolButton(corner);
    button->setDefaultAction(action);
    button->setProperty("layout", true); // for the style sheet
    button->setFocusPolicy(Qt::TabFocus);
    line->addWidget(button);
  }
  window.menuBar()->setCornerWidget(corner);
  menu->addAction(icon(u"layout"_s), MainWindow::tr("&Reset this layout"), &window,
                  &MainWindow::resetLayout);
}

void WindowMenus::view(MainWindow &window) {
  QMenu *menu = window.menuBar()->addMenu(MainWindow::tr("&View"));
  layouts(window, menu);
  menu->addSeparator();
  int number = 0;
  QMenu *panes = menu->addMenu(MainWindow::tr("&Go to"));
  for (const ViewEntry &entry : window.m_entries) {
    QAction *toggle = window.dock(QLatin1String(entry.id))->toggleViewAction();
    menu->addAction(toggle);
    QDockWidget *dock = window.dock(QLatin1String(entry.id));
    QAction *focus = panes->addAction(entry.title, dock, [dock] { focusPane(*dock); });
    if (++number <= 10)
      focus->setShortcut(QKeySequence(u"Alt+%1"_s.arg(number % 10)));
  }
  menu->addSeparator();
  QAction *notes = menu->addAction(MainWindow::tr("&Notes below memory accesses"));
  notes->setCheckable(true);
  notes->setChecked(window.m_setup.settings->notesVisible());
  window.source()->setNotesVisible(notes->isChecked());
  QObject::connect(notes, &QAction::toggled, &window, [&window](bool visible) {
    window.m_setup.settings->setNotesVisible(visible);
    window.source()->setNotesVisible(visible);
  });
  QMenu *themes = menu->addMenu(MainWindow::tr("&Theme"));
  auto *group = new QActionGroup(&window);
  for (auto [choice, name] : {std::pair{ThemeChoice::System, MainWindow::tr("As the &system")},
                              std::pair{ThemeChoice::Light, MainWindow::tr("&Light")},
                              std::pair{ThemeChoice::Dark, MainWindow::tr("&Dark")}}) {
    QAction *action = themes->addAction(name);
    action->setCheckable(true);
    action->setChecked(window.m_setup.settings->theme() == choice);
    group->addAction(action);
    QObject::connect(action, &QAction::triggered, &window, [&window, choice] {
      window.m_setup.settings->setTheme(choice);
      applyTheme(*qApp, choice);
    });
  }
}

void WindowMenus::run(MainWindow &window) {
  QMenu *menu = window.menuBar()->addMenu(MainWindow::tr("&Run"));
  CommandBar *bar = window.m_bar;
  bar->compileAction()->setShortcuts({QKeySequence(u"Ctrl+B"_s), QKeySequence(Qt::Key_F7)});
  bar->compareAction()->setShortcuts({QKeySequence(Qt::Key_F5), QKeySequence(u"Ctrl+R"_s)});
  bar->cancelAction()->setShortcut(QKeySequence(u"Ctrl+."_s));
  menu->addActions({bar->compileAction(), bar->compareAction(), bar->cancelAction()});
  menu->addSeparator();
  menu->addAction(MainWindow::tr("&Survey a folder\u2026"), &window, [&window] {
    focusPane(*window.dock(u"survey"_s));
    static_cast<SurveyView *>(window.view(u"survey"_s))->chooseFolder();
  });
  menu->addAction(icon(u"refresh"_s, u"view-refresh"_s), MainWindow::tr("Look for &devices again"),
                  &window, [&window] { window.dispatch(RefreshDevices{}); });
}

void WindowMenus::help(MainWindow &window) {
  QMenu *menu = window.menuBar()->addMenu(MainWindow::tr("&Help"));
  auto *palette = new CommandPalette(&window);
  menu->addAction(MainWindow::tr("&Find a command\u2026"), QKeySequence(u"Ctrl+Shift+P"_s), palette,
                  &CommandPalette::open);
  menu->addAction(MainWindow::tr("&What is this?"), QKeySequence(Qt::Key_F1), &window,
                  &MainWindow::explainFocus);
  menu->addAction(MainWindow::tr("&About Lapidary"), &window, [&window] {
    auto *box = new QMessageBox(
        QMessageBox::NoIcon, MainWindow::tr("About Lapidary"),
        MainWindow::tr("<b>Lapidary %1</b><br>A workbench for Triton GPU kernels.<br><br>Qt %2. "
                       "Licensed under the GNU General Public License 3.0.")
            .arg(QLatin1String(LAPIDARY_VERSION), QLatin1String(qVersion())),
        QMessageBox::Close, &window);
    box->setIconPixmap(programIcon().pixmap(48));
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->open();
  });
}

} // namespace lapidary::ui
