#include "Suites.h"
#include "ui/shell/Theme.h"

#include <QTest>

namespace lapidary::ui::test {

// WCAG 2 asks for 4.5 to 1 where text is read.
static constexpr double readable = 4.5;

class ThemeTest : public QObject {
  Q_OBJECT
private slots:
  void contrastRatioIsThatOfTheStandard() {
    QCOMPARE(contrastRatio(Qt::black, Qt::white), 21.0);
    QCOMPARE(contrastRatio(Qt::red, Qt::red), 1.0);
    QVERIFY(std::abs(contrastRatio(QColor(0x77, 0x77, 0x77), Qt::white) - 4.478) < 0.001);
  }

  void everyTextCanBeRead_data() {
    QTest::addColumn<bool>("dark");
    QTest::addRow("light") << false;
    QTest::addRow("dark") << true;
  }
  void everyTextCanBeRead() {
    QFETCH(bool, dark);
    const Theme &theme = dark ? darkTheme() : lightTheme();
    auto check = [](const QColor &text, const QColor &on, const char *what) {
      QVERIFY2(text.isValid() && on.isValid(), what);
      double ratio = contrastRatio(text, on);
      QVERIFY2(ratio >= readable,
               qPrintable(QStringLiteral("%1: %2").arg(QLatin1String(what)).arg(ratio)));
    };
    for (const ChipColours &chip : theme.chips)
      check(chip.text, chip.fill, "chip");
    QColor base = theme.palette.color(QPalette::Base), window = theme.palette.color(QPalette::Window);
    QColor selected = itemViewPalette(theme.palette).color(QPalette::Active, QPalette::Highlight);
    QColor text = theme.palette.color(QPalette::Text);
    for (const QColor &on : {base, window, selected, theme.added, theme.removed, theme.flash})
      check(text, on, "text");
    for (const QColor &on : {base, window})
      for (const QColor &colour : {theme.muted, theme.error, theme.warning, theme.success,
                                   theme.palette.color(QPalette::Link)})
        check(colour, on, "message");
    const SyntaxColours &syntax = theme.syntax;
    for (const QColor &colour :
         {syntax.keyword, syntax.number, syntax.string, syntax.comment, syntax.function,
          syntax.decorator, syntax.operatorColour, syntax.name, syntax.type})
      check(colour, base, "syntax");
    check(theme.palette.color(QPalette::HighlightedText), theme.palette.color(QPalette::Highlight),
          "button");
    check(theme.palette.color(QPalette::ToolTipText), theme.palette.color(QPalette::ToolTipBase),
          "tooltip");
  }

  void chipsAndSeriesAreToldApart() {
    for (const Theme *theme : {&lightTheme(), &darkTheme()}) {
      for (int i = 0; i < chipKindCount; ++i)
        for (int j = i + 1; j < chipKindCount; ++j) {
          const ChipColours &a = theme->chips[i], &b = theme->chips[j];
          QVERIFY(a.fill != b.fill || a.border != b.border || a.text != b.text);
        }
      QVERIFY(theme->series.size() >= 6);
      for (const QColor &colour : theme->series)
        QVERIFY(contrastRatio(colour, theme->palette.color(QPalette::Base)) >= 3.0);
    }
  }

  void aPaletteFindsItsTheme() {
    QVERIFY(!themeOf(lightTheme().palette).dark);
    QVERIFY(themeOf(darkTheme().palette).dark);
    QPalette black;
    black.setColor(QPalette::Window, Qt::black);
    QVERIFY(themeOf(black).dark);
  }
};

std::unique_ptr<QObject> makeThemeTest() { return std::make_unique<ThemeTest>(); }

} // namespace lapidary::ui::test

#include "ThemeTest.moc"
