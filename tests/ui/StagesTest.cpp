#include "Fixtures.h"
#include "Suites.h"
#include "ui/views/stages/LineDiff.h"
#include "ui/views/stages/StagesView.h"

#include <QScrollBar>
#include <QSignalSpy>
#include <QTest>
#include <random>

namespace lapidary::ui::test {

using namespace Qt::StringLiterals;

class StagesTest : public QObject {
  Q_OBJECT

  static std::vector<std::string> lines(const std::string &text) {
    std::vector<std::string> result;
    for (std::size_t from = 0; from < text.size();) {
      std::size_t end = std::min(text.find('\n', from), text.size());
      result.push_back(text.substr(from, end - from));
      from = end + 1;
    }
    return result;
  }
  // Whether the lines outside the hunks are the same on both sides, in order.
  static bool isValid(const std::string &left, const std::string &right,
                      const std::vector<Hunk> &hunks) {
    std::vector<std::string> a = lines(left), b = lines(right);
    std::size_t x = 0, y = 0;
    auto same = [&](std::size_t untilX, std::size_t untilY) {
      if (untilX > a.size() || untilY > b.size() || untilX - x != untilY - y)
        return false;
      for (; x < untilX; ++x, ++y)
        if (a[x] != b[y])
          return false;
      return true;
    };
    for (const Hunk &hunk : hunks) {
      if (!same(std::size_t(hunk.leftFirst), std::size_t(hunk.rightFirst)))
        return false;
      x += std::size_t(hunk.leftCount);
      y += std::size_t(hunk.rightCount);
    }
    return same(a.size(), b.size());
  }

private slots:
  void differences() {
    QVERIFY(diffLines("", "").empty());
    QVERIFY(diffLines("a\nb\n", "a\nb\n").empty());
    QCOMPARE(diffLines("a\nb\nc\n", "a\nx\nc\n"), std::vector<Hunk>({{1, 1, 1, 1}}));
    QCOMPARE(diffLines("a\nc\n", "a\nb\nc\n"), std::vector<Hunk>({{1, 0, 1, 1}}));
    QCOMPARE(diffLines("a\n", ""), std::vector<Hunk>({{0, 1, 0, 0}}));
    QCOMPARE(diffLines("a\nb\nc\nd\n", "b\nc\nx\nd\ne\n"),
             std::vector<Hunk>({{0, 1, 0, 0}, {3, 0, 2, 1}, {4, 0, 4, 1}}));
  }

  void numberingIsNoDifference() {
    QVERIFY(diffLines("  %12 = add %3, %4\n", "  %7 = add %1, %2\n").empty());
    QVERIFY(diffLines("ld.u32 %rd5;\n", "ld.u32 %rd77;\n").empty());
    QCOMPARE(diffLines("%1 = add\n", "%1 = mul\n").size(), std::size_t(1));
    QCOMPARE(diffLines("mov %r1, 4\n", "mov %r1, 5\n").size(), std::size_t(1));
    QCOMPARE(diffLines("mov %r1\n", "mov %rd1\n").size(), std::size_t(1));
  }

  void differencesOfRandomTextsHold() {
    std::mt19937 random(17);
    for (int round = 0; round < 400; ++round) {
      auto text = [&] {
        std::string result;
        for (int i = int(random() % 30); i > 0; --i)
          result += std::string(1, char('a' + random() % 4)) + "\n";
        return result;
      };
      std::string left = text(), right = text();
      std::vector<Hunk> hunks = diffLines(left, right);
      QVERIFY2(isValid(left, right, hunks), (left + "---\n" + right).c_str());
      QVERIFY(isValid(left, right, diffLines(left, right, 3))); // out of effort
    }
  }

  void aShortestScriptIsFound() {
    // Of two texts that differ in two lines, two lines are reported.
    std::string left, right;
    for (int i = 0; i < 5000; ++i) {
      left += "line " + std::to_string(i) + "\n";
      right += i == 100 || i == 4000 ? "changed\n" : "line " + std::to_string(i) + "\n";
    }
    QCOMPARE(diffLines(left, right), std::vector<Hunk>({{100, 1, 100, 1}, {4000, 1, 4000, 1}}));
  }

  void twoVariantsSideBySide() {
    StagesView view;
    view.resize(900, 400);
    view.show();
    QSignalSpy shown(&view, &StagesView::differencesShown);
    view.setSnapshot(share(compared()));
    QTRY_VERIFY(shown.size() > 0);
    QCOMPARE(view.left()->variant(), 1); // the generic twin
    QTRY_COMPARE(view.right()->variant(), 0);
    QCOMPARE(view.left()->stage(), std::string("llir")); // the last that is text
    QTRY_VERIFY(!view.hunks().empty());
    const Hunk &first = view.hunks().front();
    QVERIFY(view.left()->code()->markersAtLine(first.leftFirst) & (1u << CodePane::removedMarker));
    QVERIFY(view.right()->code()->markersAtLine(first.rightFirst) & (1u << CodePane::addedMarker));
    view.left()->chooseStage("ttir");
    QVERIFY(view.left()->contents().starts_with("module"));
    QVERIFY(view.left()->code()->isReadOnly());
  }

  void theChosenVariantStandsBesideItsTwin() {
    StagesView view;
    view.show();
    Snapshot snapshot = compared();
    for (int i : {0, 1})
      snapshot.variants.push_back(snapshot.variants[std::size_t(i)]);
    snapshot.variants[2].target = snapshot.variants[3].target = {"cuda", "90"};
    view.setSnapshot(share(snapshot));
    QTRY_COMPARE(view.right()->variant(), 0);
    Selection selection;
    selection.variant = 2;
    view.setSelection(selection);
    QCOMPARE(view.right()->variant(), 2);
    QCOMPARE(view.left()->variant(), 3);
    selection.variant = 1; // a generic one
    view.setSelection(selection);
    QCOMPARE(view.left()->variant(), 1);
    QCOMPARE(view.right()->variant(), 2);
  }

  void aHiddenViewWaits() {
    StagesView view;
    view.setSnapshot(share(compared()));
    QVERIFY(view.left()->contents().empty());
    view.show();
    QVERIFY(!view.left()->contents().empty());
  }

  void bytesAreNotShownAsText() {
    StagesView view;
    view.show();
    view.setSnapshot(share(compared()));
    QTRY_VERIFY(!view.right()->contents().empty());
    view.right()->chooseStage("binary");
    QVERIFY(view.right()->contents().empty());
    bool said = false;
    for (QLabel *label : view.right()->findChildren<QLabel *>())
      said = said || label->text().contains(u"binary, 1.8 KiB"_s);
    QVERIFY(said);
  }

  void scrollingIsShared() {
    StagesView view;
    view.resize(600, 160);
    view.show();
    view.setSnapshot(share(compared()));
    QTRY_VERIFY(!view.right()->contents().empty());
    view.left()->code()->verticalScrollBar()->setValue(5);
    QCOMPARE(view.right()->code()->verticalScrollBar()->value(), 5);
  }
};

std::unique_ptr<QObject> makeStagesTest() {
  return std::make_unique<StagesTest>();
}

} // namespace lapidary::ui::test

#include "StagesTest.moc"
