// Icons that follow the palette: line drawings in resources/icons whose strokes take the text colour
// of the application's palette when they are painted, so a change of theme needs nothing reloaded.
#pragma once

#include <QIcon>
#include <QPalette>

namespace lapidary::ui {

// `name` is the file's stem in resources/icons. When the desktop's own icon theme has
// `desktopName` ("document-open"), that is used instead.
QIcon icon(const QString &name, const QString &desktopName = {},
           QPalette::ColorRole role = QPalette::ButtonText);

// The same drawing in a fixed colour.
QIcon tintedIcon(const QString &name, const QColor &colour);

QIcon programIcon();

} // namespace lapidary::ui
