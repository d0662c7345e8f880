#include "ui/shell/Theme.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProxyStyle>
#include <QStyle>
#include <cmath>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {

QColor colourOf(const QJsonObject &object, const char *name) {
  return QColor(object.value(QLatin1String(name)).toString());
}

QPalette paletteOf(const QJsonObject &colours) {
  static constexpr std::pair<const char *, QPalette::ColorRole> roles[] = {
      {"window", QPalette::Window},
      {"windowText", QPalette::WindowText},
      {"base", QPalette::Base},
      {"alternateBase", QPalette::AlternateBase},
      {"text", QPalette::Text},
      {"button", QPalette::Button},
      {"buttonText", QPalette::ButtonText},
      {"brightText", QPalette::BrightText},
      {"highlight", QPalette::Highlight},
      {"highlightedText", QPalette::HighlightedText},
      {"link", QPalette::Link},
      {"linkVisited", QPalette::LinkVisited},
      {"placeholderText", QPalette::PlaceholderText},
      {"toolTipBase", QPalette::ToolTipBase},
      {"toolTipText", QPalette::ToolTipText},
      {"light", QPalette::Light},
      {"midlight", QPalette::Midlight},
      {"mid", QPalette::Mid},
      {"dark", QPalette::Dark},
      {"shadow", QPalette::Shadow},
  };
  QPalette palette;
  for (const auto &[name, role] : roles)
    palette.setColor(role, colourOf(colours, name));
  QColor disabled = colourOf(colours, "disabledText");
  for (QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
    palette.setColor(QPalette::Disabled, role, disabled);
  palette.setColor(QPalette::Disabled, QPalette::Highlight, colourOf(colours, "mid"));
  return palette;
}

Theme loadTheme(const QString &path, bool dark) {
  QFile file(path);
  Theme theme;
  theme.dark = dark;
  if (!file.open(QIODevice::ReadOnly))
    qFatal("the program was built without its resource %s", qPrintable(path));
  QJsonObject root = QJsonDocument::fromJson(file.readAll()).object();
  theme.palette = paletteOf(root.value("palette"_L1).toObject());
  QJsonObject chips = root.value("chips"_L1).toObject();
  static constexpr const char *chipNames[chipKindCount] = {"divisible", "backend", "constant",
                                                           "constexpr", "generic", "suppressed"};
  for (int i = 0; i < chipKindCount; ++i) {
    QJsonObject chip = chips.value(QLatin1String(chipNames[i])).toObject();
    theme.chips[i] = {colourOf(chip, "fill"), colourOf(chip, "text"), colourOf(chip, "border")};
  }
  QJsonObject syntax = root.value("syntax"_L1).toObject();
  theme.syntax = {colourOf(syntax, "keyword"),  colourOf(syntax, "number"),
                  colourOf(syntax, "string"),   colourOf(syntax, "comment"),
                  colourOf(syntax, "function"), colourOf(syntax, "decorator"),
                  colourOf(syntax, "operator"), colourOf(syntax, "name"),
                  colourOf(syntax, "type")};
  for (const QJsonValue &value : root.value("series"_L1).toArray())
    theme.series.push_back(QColor(value.toString()));
  for (auto [name, colour] : std::initializer_list<std::pair<const char *, QColor *>>{
           {"muted", &theme.muted},
           {"faint", &theme.faint},
           {"error", &theme.error},
           {"warning", &theme.warning},
           {"success", &theme.success},
           {"accessWide", &theme.accessWide},
           {"accessLimited", &theme.accessLimited},
           {"added", &theme.added},
           {"removed", &theme.removed},
           {"flash", &theme.flash},
           {"mark", &theme.mark}})
    *colour = colourOf(root, name);
  return theme;
}

double luminance(const QColor &colour) {
  auto channel = [](double value) {
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * channel(colour.redF()) + 0.7152 * channel(colour.greenF()) +
         0.0722 * channel(colour.blueF());
}

bool isDark(const QPalette &palette) {
  return palette.color(QPalette::Window).lightness() < 128;
}

// True when the platform brought no colours of its own.
bool isUnthemed(const QPalette &palette) {
  QPalette builtIn = QApplication::style()->standardPalette();
  for (QPalette::ColorRole role : {QPalette::Window, QPalette::Base, QPalette::Text})
    if (palette.color(role) != builtIn.color(role))
      return false;
  return true;
}

// Flat docks, tabs and headers on a 4-pixel grid. Only for Fusion: a platform's own style is left alone.
QString styleSheetFor(const QPalette &palette) {
  const Theme &theme = themeOf(palette);
  QColor window = palette.color(QPalette::Window), base = palette.color(QPalette::Base);
  QColor line = blend(palette.color(QPalette::WindowText), window, 0.14);
  QFile file(u":/lapidary/themes/style.qss"_s);
  if (!file.open(QIODevice::ReadOnly))
    return {};
  QString sheet = QString::fromUtf8(file.readAll());
  const std::pair<QLatin1StringView, QColor> names[] = {
      {"@window"_L1, window},
      {"@base"_L1, base},
      {"@text"_L1, palette.color(QPalette::WindowText)},
      {"@muted"_L1, theme.muted},
      {"@line"_L1, line},
      {"@accent"_L1, palette.color(QPalette::Highlight)},
      {"@hover"_L1, blend(palette.color(QPalette::WindowText), window, 0.07)},
      {"@pressed"_L1, blend(palette.color(QPalette::WindowText), window, 0.14)},
      {"@edge"_L1, blend(palette.color(QPalette::WindowText), window, 0.26)},
      {"@handle"_L1, blend(palette.color(QPalette::WindowText), window, 0.22)},
      {"@onPrimary"_L1, palette.color(QPalette::HighlightedText)},
      {"@primaryHover"_L1,
       blend(palette.color(QPalette::HighlightedText), palette.color(QPalette::Highlight), 0.12)},
      {"@primary"_L1, palette.color(QPalette::Highlight)},
  };
  for (const auto &[name, colour] : names)
    sheet.replace(name, colour.name());
  return sheet;
}

// Fusion with 8 pixels to either side of the text in tables.
class RoomyStyle : public QProxyStyle {
public:
  RoomyStyle() : QProxyStyle(u"Fusion"_s) {}
  int pixelMetric(PixelMetric metric, const QStyleOption *option,
                  const QWidget *widget) const override {
    if (metric == PM_FocusFrameHMargin && qobject_cast<const QAbstractItemView *>(widget))
      return 7;
    return QProxyStyle::pixelMetric(metric, option, widget);
  }
};

} // namespace

const Theme &lightTheme() {
  static const Theme theme = loadTheme(u":/lapidary/themes/light.json"_s, false);
  return theme;
}

const Theme &darkTheme() {
  static const Theme theme = loadTheme(u":/lapidary/themes/dark.json"_s, true);
  return theme;
}

const Theme &themeOf(const QPalette &palette) {
  return isDark(palette) ? darkTheme() : lightTheme();
}

double contrastRatio(const QColor &first, const QColor &second) {
  double a = luminance(first), b = luminance(second);
  return (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05);
}

QColor blend(const QColor &over, const QColor &under, double share) {
  auto mix = [share](double a, double b) { return float(a * share + b * (1 - share)); };
  return QColor::fromRgbF(mix(over.redF(), under.redF()), mix(over.greenF(), under.greenF()),
                          mix(over.blueF(), under.blueF()));
}

void applyTheme(QApplication &application, ThemeChoice choice) {
  application.setStyleSheet({}); // a style sheet hides the style's name and its standard palette
  bool fusion = dynamic_cast<RoomyStyle *>(QApplication::style()) ||
                QApplication::style()->name().compare("fusion"_L1, Qt::CaseInsensitive) == 0;
  if (choice == ThemeChoice::System) {
    application.setPalette(QPalette());
    QPalette system = application.palette();
    if (isUnthemed(system))
      application.setPalette(themeOf(system).palette);
  } else {
    application.setPalette(choice == ThemeChoice::Dark ? darkTheme().palette
                                                       : lightTheme().palette);
  }
  if (fusion || choice != ThemeChoice::System) {
    application.setStyle(new RoomyStyle);
    application.setStyleSheet(styleSheetFor(application.palette()));
  }
}

QPalette itemViewPalette(const QPalette &palette) {
  QPalette result = palette;
  for (QPalette::ColorGroup group : {QPalette::Active, QPalette::Inactive, QPalette::Disabled}) {
    QColor base = palette.color(group, QPalette::Base);
    double share = group == QPalette::Active ? 0.20 : 0.12;
    result.setColor(group, QPalette::Highlight,
                    blend(palette.color(QPalette::Active, QPalette::Highlight), base, share));
    result.setColor(group, QPalette::HighlightedText, palette.color(group, QPalette::Text));
  }
  return result;
}

} // namespace lapidary::ui
