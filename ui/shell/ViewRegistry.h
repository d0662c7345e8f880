// Every pane of the window, in one list. A new view: its folder, its line here, its test.
#pragma once

#include "ui/shell/View.h"

#include <functional>

namespace lapidary::ui {

// Where a pane stands in the first layout.
enum class Place { Left, Right, Bottom };

struct ViewEntry {
  const char *id; // for the saved layout
  QString title;
  Place place;
  std::function<View *(QWidget *parent)> make;
};

std::vector<ViewEntry> allViews();

} // namespace lapidary::ui
