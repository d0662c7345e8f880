#include "ui/shell/Layouts.h"

#include <QDockWidget>
#include <QMainWindow>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

std::vector<Layout> allLayouts() {
  auto tr = [](const char *text) { return QMainWindow::tr(text); };
  return {
      {u"specialize"_s,
       tr("Specialize"),
       tr("The kernel, its arguments and what they trigger"),
       QKeySequence(u"Ctrl+1"_s),
       {{{{{u"source"_s}, 52}, {{u"specialization"_s, u"launch"_s}, 48}}, 68},
        {{{{u"variants"_s, u"comparison"_s, u"stages"_s, u"samples"_s, u"reach"_s, u"history"_s,
            u"survey"_s, u"jobs"_s, u"log"_s},
           100}},
         32}}},
      {u"compare"_s,
       tr("Compare"),
       tr("Variants side by side: times, samples, stages"),
       QKeySequence(u"Ctrl+2"_s),
       {{{{{u"comparison"_s}, 52}, {{u"variants"_s, u"jobs"_s, u"log"_s}, 48}}, 26},
        {{{{u"samples"_s}, 100}}, 32},
        {{{{u"source"_s}, 30}, {{u"stages"_s}, 70}}, 42}}},
      {u"history"_s,
       tr("History"),
       tr("Runs that were measured, and what they were"),
       QKeySequence(u"Ctrl+4"_s),
       {{{{{u"history"_s}, 100}}, 50},
        {{{{u"comparison"_s, u"variants"_s, u"stages"_s, u"log"_s}, 50}, {{u"samples"_s}, 50}},
         50}}},
  };
}

void arrange(QMainWindow &window, const Layout &layout, const QStringList &allPanes,
             const std::function<QDockWidget *(const QString &)> &dock) {
  for (const QString &id : allPanes) {
    dock(id)->setFloating(false);
    window.removeDockWidget(dock(id)); // hides it too
  }
  QList<QDockWidget *> firstOfRows, inFront;
  QList<int> heights;
  for (const PaneRow &row : layout.rows) {
    QDockWidget *first = dock(row.stacks.front().panes.front());
    if (firstOfRows.isEmpty())
      window.addDockWidget(Qt::LeftDockWidgetArea, first);
    else
      window.splitDockWidget(firstOfRows.back(), first, Qt::Vertical);
    firstOfRows << first;
    heights << window.height() * row.share / 100;
  }
  for (qsizetype i = 0; i < firstOfRows.size(); ++i) {
    const std::vector<PaneStack> &stacks = layout.rows[std::size_t(i)].stacks;
    QList<QDockWidget *> fronts;
    QList<int> widths;
    // Tabs come last: a pane cannot be put beside one of them.
    for (const PaneStack &stack : stacks) {
      QDockWidget *front = dock(stack.panes.front());
      if (!fronts.isEmpty())
        window.splitDockWidget(fronts.back(), front, Qt::Horizontal);
      fronts << front;
      widths << window.width() * stack.share / 100;
    }
    for (const PaneStack &stack : stacks)
      for (const QString &id : stack.panes) {
        if (id != stack.panes.front())
          window.tabifyDockWidget(dock(stack.panes.front()), dock(id));
        dock(id)->show();
      }
    inFront << fronts;
    window.resizeDocks(fronts, widths, Qt::Horizontal);
  }
  window.resizeDocks(firstOfRows, heights, Qt::Vertical);
  for (QDockWidget *front : inFront)
    front->raise();
}

} // namespace lapidary::ui
