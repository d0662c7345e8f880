// The layouts of the window (Ctrl+1..4): which panes stand where, for which task, as data. A person
// may move every pane; the window keeps what they made of each layout and comes back to it.
#pragma once

#include <QKeySequence>
#include <QString>
#include <QStringList>
#include <functional>
#include <vector>

class QDockWidget;
class QMainWindow;

namespace lapidary::ui {

// Panes over each other as tabs; the first one is in front.
struct PaneStack {
  QStringList panes; // ids of ViewRegistry.h
  int share;         // of the row's width, in percent
};

struct PaneRow {
  std::vector<PaneStack> stacks;
  int share; // of the height, in percent
};

struct Layout {
  QString id, title, purpose;
  QKeySequence shortcut;
  std::vector<PaneRow> rows;
};

std::vector<Layout> allLayouts();

// Docks the panes of `layout` and hides all others. `dock` gives the dock of an id.
void arrange(QMainWindow &window, const Layout &layout, const QStringList &allPanes,
             const std::function<QDockWidget *(const QString &)> &dock);

} // namespace lapidary::ui
