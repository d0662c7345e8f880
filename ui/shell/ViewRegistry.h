// Every pane of the window, in one list. A new view: its folder, its line here, its place in Layouts.cpp, its
// test.
#pragma once

#include "ui/shell/View.h"

#include <functional>

namespace lapidary::ui {

struct ViewEntry {
  const char *id; // for the saved layout
  QString title;
  std::function<View *(QWidget *parent)> make;
};

std::vector<ViewEntry> allViews();

} // namespace lapidary::ui
