#include "Fixtures.h"
#include "ModelText.h"
#include "Suites.h"
#include "ui/models/RangeText.h"
#include "ui/views/reach/ReachView.h"

#include <QAbstractItemModelTester>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTest>

namespace lapidary::ui::test {

using namespace Qt::StringLiterals;

class ReachTest : public QObject {
  Q_OBJECT

  static VariantQuery asked(const QSignalSpy &commands) {
    return std::get<CountVariants>(commands.back()[0].value<Command>()).query;
  }
  static QModelIndex range(ReachView &view, const char *argument) {
    return view.model()->index(view.model()->rowOf(argument), ReachModel::RangeColumn);
  }

private slots:
  void rangesRead_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("json");
    QTest::newRow("any") << u"any"_s << u"\"any\""_s;
    QTest::newRow("range") << u"1..4096"_s << u"{\"from\": 1, \"to\": 4096}"_s;
    QTest::newRow("step") << u" -8 .. 4096 step 8 "_s
                          << u"{\"from\": -8, \"to\": 4096, \"step\": 8}"_s;
    QTest::newRow("beyond 64 bits")
        << u"1..18446744073709551615"_s << u"{\"from\": 1, \"to\": 18446744073709551615}"_s;
    QTest::newRow("list") << u"1, 16,None, True"_s << u"[1, 16, null, true]"_s;
    QTest::newRow("text") << u"'a b', ieee"_s << u"[\"a b\", \"ieee\"]"_s;
    QTest::newRow("alignment") << u"align 4, 16"_s << u"{\"alignment\": [4, 16]}"_s;
    QTest::newRow("storage") << u"storage 4096"_s << u"{\"storage\": [4096]}"_s;
    QTest::newRow("as it is") << u"{\"from\": 1, \"to\": 2}"_s << u"{\"from\": 1, \"to\": 2}"_s;
    QTest::newRow("backwards") << u"9..1"_s << QString();
    QTest::newRow("nothing") << u" , "_s << QString();
    QTest::newRow("broken") << u"{\"from\""_s << QString();
  }

  void rangesRead() {
    QFETCH(QString, text);
    QFETCH(QString, json);
    Result<std::string> read = rangeJson("n", text);
    if (json.isEmpty()) {
      QVERIFY(!read);
      QVERIFY2(!read.error().message.empty(), "says why");
    } else {
      QVERIFY2(read.has_value(), read ? "" : read.error().message.c_str());
      QCOMPARE(QString::fromStdString(*read), json);
    }
  }

  void numbersAreGrouped() {
    QCOMPARE(countText({1234567, true}), u"1\u2009234\u2009567"_s);
    QCOMPARE(countText({9999, true}), u"9999"_s);
    QVERIFY(countText({1, false}).startsWith(u"more than"_s));
  }

  void theModelReads() {
    ReachModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    model.setSnapshot(share(counted()));
    QCOMPARE(
        printModel(model),
        QStringList({u"src | any alignment and size | \u00D73 | 2:  *fp16 D \u00B7 *fp16 | "
                     "3:  *fp16 DS \u00B7 *fp16 D \u00B7 *fp16"_s,
                     u"rows | any integer | \u00D75 | 5:  i32 D \u00B7 i32 \u00B7 i64 D \u00B7 "
                     "i64 \u00B7 =1 | 5:  i32 D \u00B7 i32 \u00B7 i64 D \u00B7 i64 \u00B7 =1"_s,
                     u"stride_sc | any integer | \u00D75 | 5:  i32 D \u00B7 i32 \u00B7 i64 D "
                     "\u00B7 i64 \u00B7 =1 | 5:  i32 D \u00B7 i32 \u00B7 i64 D \u00B7 i64 "
                     "\u00B7 =1"_s,
                     u"BM | 64 |  | 1:  =64 | 1:  =64"_s}));
    QVERIFY(model.index(0, ReachModel::FirstTargetColumn + 1)
                .data(Qt::ToolTipRole)
                .toString()
                .contains(u"*fp16 DS, for example aligned to 16, 2 GiB"_s));
    QCOMPARE(model.index(1, ReachModel::FactorColumn).data(ReachModel::BarRole).toDouble(), 1.0);
    model.setSnapshot(share(stridedCopy()));
    QCOMPARE(model.rowCount(), 0);
  }

  void itAsksOnceItIsSeen() {
    ReachView view;
    QSignalSpy commands(&view, &View::commandRequested);
    view.setSnapshot(share(stridedCopy()));
    QCOMPARE(commands.size(), 0);
    view.show();
    QCOMPARE(commands.size(), 1);
    QVERIFY(asked(commands).ranges.empty());
    QVERIFY(!view.findChild<EmptyState *>()->message().isEmpty());
    view.setSnapshot(share(counted()));
    QVERIFY(view.summary().contains(u"<b>50</b> variants"_s));
    QVERIFY(view.summary().contains(u"<b>75</b> variants"_s));
    QVERIFY2(view.plan().contains(u"<b>4</b> with the cheapest opt-outs; 4 properties"_s),
             qPrintable(view.plan()));
    QVERIFY(view.plan().contains(u"do_not_specialize=[&quot;rows&quot;, &quot;stride_sc&quot;]"_s));
    QVERIFY(view.plan().contains(u"cuda:90, hip:gfx942"_s)); // both say the same
  }

  void rangesAreTyped() {
    ReachView view;
    view.resize(900, 400);
    view.show();
    view.setSnapshot(share(counted()));
    QSignalSpy commands(&view, &View::commandRequested);
    view.table()->setCurrentIndex(range(view, "rows"));
    view.table()->edit(range(view, "rows"));
    auto *editor = view.table()->findChild<QLineEdit *>();
    QVERIFY(editor);
    QTest::keyClicks(editor, u"16..32 step 16"_s);
    QTest::keyClick(editor, Qt::Key_Return);
    QTRY_COMPARE(commands.size(), 1);
    QCOMPARE(asked(commands).ranges,
             std::string(R"({"rows": {"from": 16, "to": 32, "step": 16}})"));
    QCOMPARE(range(view, "rows").data().toString(), u"16..32 step 16"_s);
    qsizetype before = commands.size();
    QVERIFY(!view.model()->setData(range(view, "rows"), u"9..1"_s, Qt::EditRole));
    QCOMPARE(commands.size(), before);
    bool said = false;
    for (QLabel *label : view.findChildren<QLabel *>())
      said = said || (label->isVisible() && label->text().contains(u"rows"_s));
    QVERIFY(said);
    QVERIFY(view.model()->setData(range(view, "rows"), QString(), Qt::EditRole));
    QVERIFY(asked(commands).ranges.empty());
    QCOMPARE(range(view, "rows").data().toString(), u"any integer"_s);
  }

  void rangesOfAnotherKernelAreForgotten() {
    ReachView view;
    view.show();
    view.setSnapshot(share(counted()));
    view.model()->setData(range(view, "rows"), u"7"_s, Qt::EditRole);
    QSignalSpy commands(&view, &View::commandRequested);
    Snapshot other = stridedCopy();
    other.kernel = "other";
    view.setSnapshot(share(other));
    QCOMPARE(commands.size(), 1);
    QVERIFY(asked(commands).ranges.empty());
  }

  void boundsAndSources() {
    ReachView view;
    view.show();
    view.setSnapshot(share(counted()));
    QSignalSpy commands(&view, &View::commandRequested);
    view.bound()->setValue(16);
    QCOMPARE(asked(commands).bound, std::optional<std::uint64_t>(16));
    view.setLaunches(u"/runs/made.jsonl"_s);
    QCOMPARE(asked(commands).launches, std::string("/runs/made.jsonl"));
    QVERIFY(asked(commands).log.empty());
    view.setLaunches(u"/runs/server.log"_s);
    QCOMPARE(asked(commands).log, std::string("/runs/server.log"));
    QVERIFY(!asked(commands).bound); // a log does not say what an opt-out would change
    view.setLaunches({});
    view.setCache(u"/home/me/.triton/cache"_s);
    QCOMPARE(asked(commands).cache, std::string("/home/me/.triton/cache"));
    QCOMPARE(asked(commands).bound, std::optional<std::uint64_t>(16));
  }

  void whatIsSelectedIsSelectedEverywhere() {
    ReachView view;
    view.setSnapshot(share(counted()));
    QSignalSpy selections(&view, &View::selectionChanged);
    view.table()->selectRow(2);
    QCOMPARE(selections.back()[0].value<Selection>().argument, std::string("stride_sc"));
    Selection other;
    other.argument = "rows";
    view.setSelection(other);
    QCOMPARE(view.table()->currentIndex().row(), 1);
  }

  void problemsAreSaid() {
    ReachView view;
    Snapshot snapshot = counted();
    VariantReach reach = *snapshot.reach;
    reach.problems[1] = "rules triton-3.2 say nothing about hip";
    reach.answers[1] = {};
    snapshot.reach = std::make_shared<const VariantReach>(reach);
    view.setSnapshot(share(snapshot));
    QVERIFY(view.summary().contains(u"say nothing about hip"_s));
    QVERIFY(view.summary().contains(u"<b>50</b>"_s));
  }
};

std::unique_ptr<QObject> makeReachTest() {
  return std::make_unique<ReachTest>();
}

} // namespace lapidary::ui::test

#include "ReachTest.moc"
