// The window: the panes of the registry in docks, the tool bar, the menus, the status bar. It hands
// every snapshot to all of them and every command of theirs to its owner; the selection goes round.
// It knows no workbench. Owner: the program. GUI thread.
#pragma once

#include "core/exchange/Exchange.h"
#include "ui/shell/CommandBar.h"
#include "ui/shell/Layouts.h"
#include "ui/shell/Settings.h"
#include "ui/shell/StatusBar.h"
#include "ui/shell/ViewRegistry.h"

#include <QDockWidget>
#include <QMainWindow>
#include <QTimer>
#include <map>

namespace lapidary::ui {

class ExportDialog;
class SourceView;

// What the window is given once.
struct WindowSetup {
  Settings *settings = nullptr; // outlives the window
  std::vector<ExportFormat> exportFormats;
  QStringList samples; // kernel files that come with the program
};

class MainWindow : public QMainWindow {
  Q_OBJECT
public:
  explicit MainWindow(WindowSetup setup, QWidget *parent = nullptr);
  ~MainWindow() override;

  void setSnapshot(const SnapshotPtr &snapshot);
  View *view(const QString &id) const;
  QDockWidget *dock(const QString &id) const;
  CommandBar *commandBar() const { return m_bar; }
  StatusBar *status() const { return m_status; }
  ExportDialog *exportDialog() const { return m_export; }
  QString currentLayout() const { return m_layout; }

public slots:
  bool openFile(const QString &path = {}); // empty: asks. True: the kernel file is being opened
  void saveFile();
  void saveFileAs();
  void chooseLayout(const QString &id);
  void resetLayout(); // the current one, as it comes
  void showExport(const std::string &run = {}); // empty: the last run
  void clearSelection();
  void select(const lapidary::ui::Selection &selection);
  void explainFocus();

signals:
  void commandRequested(const lapidary::ui::Command &command);
  void layoutChosen(const QString &id);

protected:
  void closeEvent(QCloseEvent *event) override;
  void dragEnterEvent(QDragEnterEvent *event) override;
  void dropEvent(QDropEvent *event) override;

private:
  friend class WindowMenus;
  void addViews();
  void showTitles();
  void updateViews();
  void dispatch(const Command &command);
  void setSelection(const Selection &selection);
  bool mayDiscardChanges();
  SourceView *source() const;

  WindowSetup m_setup;
  SnapshotPtr m_snapshot;
  CommandBar *m_bar;
  StatusBar *m_status;
  ExportDialog *m_export;
  std::vector<ViewEntry> m_entries;
  std::map<QString, QDockWidget *> m_docks;
  std::map<QString, View *> m_views;
  std::vector<View *> m_behind; // views that have not seen m_snapshot yet
  QTimer m_continue;            // goes on with them
  Selection m_selection;
  QString m_layout; // id
};

} // namespace lapidary::ui
