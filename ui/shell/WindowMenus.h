// The menus: every action with its shortcut, in one place.
#pragma once

#include "ui/shell/MainWindow.h"

class QMenu;

namespace lapidary::ui {

class WindowMenus {
public:
  // Fills the window's menu bar. The actions are children of the window.
  static void build(MainWindow &window);

private:
  static void file(MainWindow &window);
  static void edit(MainWindow &window);
  static void view(MainWindow &window);
  static void layouts(MainWindow &window, QMenu *menu);
  static void run(MainWindow &window);
  static void help(MainWindow &window);
  static void fillFiles(QMenu *menu, MainWindow &window, const QStringList &paths,
                        const QString &nothing);
};

} // namespace lapidary::ui
