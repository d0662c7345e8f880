// Colours. Two themes, light and dark, lie in resources/themes as data; a widget asks for the one that
// fits its palette and paints only with palette colours and these.
//
// The system's palette decides which theme is used; a palette that nobody has themed (a bare X server)
// is replaced by the theme's own. Constant after loading; GUI thread.
//
//   const Theme &theme = themeOf(palette());
//   painter.setPen(theme.chip(ChipKind::Divisible).text);
#pragma once

#include <QColor>
#include <QPalette>
#include <QString>
#include <array>
#include <vector>

class QApplication;

namespace lapidary::ui {

// The six classes that a cell of the matrix can show; never told apart by colour alone.
enum class ChipKind { Divisible, Backend, Constant, Constexpr, Generic, Suppressed };
inline constexpr int chipKindCount = 6;

struct ChipColours {
  QColor fill, text, border;
};

struct SyntaxColours {
  QColor keyword, number, string, comment, function, decorator, operatorColour, name, type;
};

struct Theme {
  bool dark = false;
  QPalette palette;
  std::array<ChipColours, chipKindCount> chips;
  SyntaxColours syntax;
  std::vector<QColor> series; // of plots: one for each variant, in order
  QColor muted, faint, error, warning, success;
  QColor accessWide, accessLimited;
  QColor added, removed, flash, mark; // backgrounds

  const ChipColours &chip(ChipKind kind) const { return chips[std::size_t(kind)]; }
  const QColor &seriesColour(int index) const { return series[std::size_t(index) % series.size()]; }
};

const Theme &lightTheme();
const Theme &darkTheme();
const Theme &themeOf(const QPalette &palette);

// The contrast ratio of WCAG 2 (1 to 21): relative luminance of the lighter plus 0.05 over that of
// the darker plus 0.05.
double contrastRatio(const QColor &first, const QColor &second);
QColor blend(const QColor &over, const QColor &under, double share);

enum class ThemeChoice { System, Light, Dark };
// Sets palette and style sheet of the whole application.
void applyTheme(QApplication &application, ThemeChoice choice);

// Selection in tables: a tint, so that chips and bars stay readable on it.
QPalette itemViewPalette(const QPalette &palette);

} // namespace lapidary::ui
