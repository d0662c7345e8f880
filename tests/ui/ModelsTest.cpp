#include "Fixtures.h"
#include "ModelText.h"
#include "Suites.h"
#include "ui/models/Comparison.h"
#include "ui/models/HistoryModel.h"
#include "ui/models/JobsModel.h"
#include "ui/models/LogModel.h"
#include "ui/models/OutlineModel.h"
#include "ui/models/SpecializationModel.h"
#include "ui/models/VariantsModel.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

namespace lapidary::ui::test {

using namespace Qt::StringLiterals;
using Tester = QAbstractItemModelTester;
static constexpr auto fatal = Tester::FailureReportingMode::QtTest;

class ModelsTest : public QObject {
  Q_OBJECT
private slots:
  void matrixReads() {
    SpecializationModel model;
    Tester tester(&model, fatal);
    model.setSnapshot(share(stridedCopy()));
    QCOMPARE(printModel(model), QStringList({
        u"pointers"_s,
        u"  src | fp16 16384x16384 | D *fp16 | D S *fp16 | D *fp16"_s,
        u"  dst | fp16 16384x16384 | D *fp16 | D S *fp16 | D *fp16"_s,
        u"integers"_s,
        u"  rows | 1000 | o i32 | o i32 | o i32"_s,
        u"  cols | 16384 | ~D~ i32 | ~D~ i32 | ~D~ i32"_s,
        u"  stride_sr | 16384 | D i32 | D i32 | D i32"_s,
        u"  stride_sc | 1 | =1 constexpr | =1 constexpr | =1 constexpr"_s,
        u"floats"_s,
        u"  scale | 0.5 | fp32 | fp32 | fp32"_s,
        u"constexpr"_s,
        u"  BM | 64 | (64) constexpr | (64) constexpr | (64) constexpr"_s,
        u"  BN | 128 | (128) constexpr | (128) constexpr | (128) constexpr"_s}));
    QCOMPARE(model.headerData(3, Qt::Horizontal, Qt::DisplayRole).toString(), u"hip:gfx942"_s);
  }

  void anEditChangesCellsAndNotTheTree() {
    SpecializationModel model;
    Tester tester(&model, fatal);
    Snapshot snapshot = stridedCopy();
    model.setSnapshot(share(snapshot));
    QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    QSignalSpy changes(&model, &SpecializationModel::cellsChanged);
    QPersistentModelIndex cell = model.indexOf("rows", 1);
    snapshot.launch.arguments[2].second = Value{Integer(1008)};
    snapshot.specializations[1].arguments[2].key = "D";
    model.setSnapshot(share(snapshot));
    QCOMPARE(resets.size(), 0);
    QCOMPARE(cell.data().toString(), u"D i32"_s);
    QCOMPARE(model.indexOf("rows", 0).siblingAtColumn(1).data().toString(), u"1008"_s);
    QCOMPARE(changes.size(), 1);
    auto cells = changes[0][0].value<QList<QPersistentModelIndex>>();
    QCOMPARE(cells.size(), 1);
    QCOMPARE(QModelIndex(cells[0]), QModelIndex(cell));
    model.setSnapshot(share(snapshot));
    QCOMPARE(changes.size(), 1); // the same again is no change
  }

  void targetsComeAndGo() {
    SpecializationModel model;
    Tester tester(&model, fatal);
    Snapshot snapshot = stridedCopy();
    model.setSnapshot(share(snapshot));
    snapshot.targets.pop_back();
    snapshot.specializations.pop_back();
    model.setSnapshot(share(snapshot));
    QCOMPARE(model.columnCount(), 4);
    snapshot.targets.clear();
    snapshot.specializations.clear();
    model.setSnapshot(share(snapshot));
    QCOMPARE(model.columnCount(), 2);
  }

  void aTargetWithAProblemHasEmptyCells() {
    SpecializationModel model;
    Tester tester(&model, fatal);
    Snapshot snapshot = stridedCopy();
    snapshot.specializations[1] = {};
    snapshot.specializationProblems[1] = "no rules for hip";
    model.setSnapshot(share(snapshot));
    QCOMPARE(model.indexOf("src", 1).data().toString(), QString());
    QCOMPARE(model.indexOf("src", 1).data(Qt::ToolTipRole).toString(), u"no rules for hip"_s);
  }

  void valuesAreEdited() {
    SpecializationModel model;
    model.setSnapshot(share(stridedCopy()));
    QSignalSpy edits(&model, &SpecializationModel::argumentEdited);
    QModelIndex value = model.indexOf("rows").siblingAtColumn(SpecializationModel::ValueColumn);
    QVERIFY(value.flags() & Qt::ItemIsEditable);
    QVERIFY(!(model.indexOf("rows", 0).flags() & Qt::ItemIsEditable));
    QVERIFY(model.setData(value, u"1008"_s, Qt::EditRole));
    QCOMPARE(edits.size(), 1);
    QCOMPARE(edits[0][0].value<std::string>(), std::string("rows"));
    QCOMPARE(edits[0][1].value<Value>(), Value{Integer(1008)});
    QVERIFY(!model.setData(value, u"sixteen"_s, Qt::EditRole));
    QVERIFY(model.setData(value, u"1000"_s, Qt::EditRole)); // as it was: nothing to say
    QCOMPARE(edits.size(), 1);
  }

  void guessedValuesAreItalic() {
    SpecializationModel model;
    model.setSnapshot(share(stridedCopy()));
    QVERIFY(model.indexOf("BN").siblingAtColumn(1).data(Qt::FontRole).value<QFont>().italic());
    QVERIFY(!model.indexOf("BM").siblingAtColumn(1).data(Qt::FontRole).isValid());
  }

  void tooltipsExplain() {
    SpecializationModel model;
    model.setSnapshot(share(stridedCopy()));
    QString tip = model.indexOf("stride_sr", 0).data(Qt::ToolTipRole).toString();
    for (const QString &part :
         {u"divisible-by-16"_s, u"every row starts aligned"_s, u"16383 or 16385"_s})
      QVERIFY2(tip.contains(part), qPrintable(tip));
    QVERIFY(model.indexOf("cols", 0).data(Qt::ToolTipRole).toString().contains(u"opt-out"_s));
  }

  void chipsOfEveryKind() {
    ArgumentSpecialization argument;
    argument.type = "*fp32";
    argument.key = "D8S";
    QCOMPARE(chipsText(chipsOf(argument)), u"D8 S"_s);
    argument.key = "N"; // how older releases write: nothing
    QCOMPARE(chipsText(chipsOf(argument)), u"o"_s);
    argument.key.reset();
    argument.suppressed = {"tt.divisibility", "tt.pointer_range", "my.rule"};
    QCOMPARE(chipsText(chipsOf(argument)), u"~D~ ~S~ ~rule~"_s);
    argument = {};
    argument.type = "constexpr";
    argument.constant = Value{NoneValue{}};
    QCOMPARE(chipsText(chipsOf(argument)), u"=None"_s);
    argument = {};
    argument.type = "u1";
    QVERIFY(chipsOf(argument).isEmpty());
  }

  void variantsRead() {
    VariantsModel model;
    Tester tester(&model, fatal);
    model.setSnapshot(share(compared()));
    QCOMPARE(printModel(model), QStringList({
        u"specialized | cpu | 1.92 ms (1.91 .. 1.93) | 6.09x | faster | correct | 512 bit | 412 | "
        "\u2013 | \u2013 | D D \u00B7 1 64"_s,
        u"generic | cpu | 11.70 ms (11.65 .. 11.75) | 1.00x |  | correct | 16 bit | 430 | "
        "\u2013 | \u2013 | \u00B7 \u00B7 \u00B7 \u00B7 64"_s}));
    QCOMPARE(model.index(1, VariantsModel::RatioColumn).data(VariantsModel::BarHighRole).toDouble(),
             1 / 6.15);
  }

  void variantsSayWhatIsMissing() {
    VariantsModel model;
    Tester tester(&model, fatal);
    Snapshot snapshot = compared();
    snapshot.variants[0].modes.clear();
    snapshot.variants[0].ratio.reset();
    snapshot.variants[0].correct.reset();
    snapshot.variants[0].verdict.clear();
    snapshot.variants[0].stale = true;
    snapshot.variants[1].error = "the worker died: segmentation fault";
    snapshot.variants[1].correct.reset();
    model.setSnapshot(share(snapshot));
    QCOMPARE(printModel(model), QStringList({
        u"specialized | cpu | \u2013 | \u2013 |  | not run | 512 bit | 412 | \u2013 | \u2013 | "
        "D D \u00B7 1 64"_s,
        u"generic | cpu | failed | 1.00x |  | the worker died: segmentation fault | 16 bit | 430 | \u2013 | \u2013 | "
        "\u00B7 \u00B7 \u00B7 \u00B7 64"_s}));
    QVERIFY(model.index(0, 0).data(Qt::FontRole).value<QFont>().italic());
    QVERIFY(model.index(0, 0).data(Qt::ToolTipRole).toString().contains(u"Out of date"_s));
    QVERIFY(model.index(1, VariantsModel::TimeColumn).data(Qt::ToolTipRole).toString().contains(
        u"segmentation fault"_s));
  }

  void aRunningMeasurementSaysSo() {
    Snapshot snapshot = compared();
    snapshot.variants[0].modes["hot"].median = {};
    snapshot.variants[0].correct.reset();
    snapshot.variants[1].correct.reset();
    VariantsModel model;
    model.setSnapshot(share(snapshot));
    auto text = [&](int row, int column) { return model.index(row, column).data().toString(); };
    QCOMPARE(text(0, VariantsModel::TimeColumn), u"measuring \u2026"_s);
    QCOMPARE(text(0, VariantsModel::CorrectColumn), u"\u2013"_s);
    QCOMPARE(text(1, VariantsModel::CorrectColumn), u"unchecked"_s);
  }

  void columnsThatSayNothingAreKnown() {
    VariantsModel model;
    model.setSnapshot(share(compared()));
    QVERIFY(!model.hasValues(VariantsModel::RegistersColumn));
    QVERIFY(model.hasValues(VariantsModel::InstructionsColumn));
    QVERIFY(model.hasValues(VariantsModel::TimeColumn));
  }

  void comparisonsRead() {
    Snapshot snapshot = compared();
    auto comparison = comparisonOf(snapshot, -1);
    QVERIFY(comparison);
    QCOMPARE(comparison->headline, u"6.09x faster"_s);
    QCOMPARE(comparison->subject, u"specialized against generic on cpu"_s);
    QCOMPARE(comparison->detail, u"ratio 6.09x (95 %: 6.01 .. 6.15); noise floor 0.8 %"_s);
    QStringList deltas;
    for (const Delta &delta : comparison->deltas)
      deltas << u"%1: %2 to %3, %4, %5"_s.arg(delta.name, delta.before, delta.after, delta.change)
                    .arg(delta.judgement)
                    .replace(QChar(0x00A0), u' ');
    QCOMPARE(deltas, QStringList({u"widest load: 16 bit to 512 bit, 32x, 1"_s,
                                  u"instructions: 430 to 412, \u22124.2 %, 1"_s,
                                  u"code: 3.0 KiB to 1.8 KiB, \u221241 %, 1"_s}));
    QCOMPARE(comparisonOf(snapshot, 1)->subject, comparison->subject); // the generic one is chosen
    snapshot.variants[0].ratio = Estimate{0.5, 0.49, 0.51};
    snapshot.variants[0].verdict = "slower";
    QCOMPARE(comparisonOf(snapshot, 0)->headline, u"2.00x slower"_s);
    QCOMPARE(comparisonOf(snapshot, 0)->judgement, -1);
    snapshot.variants[0].ratio = Estimate{1.002, 0.99, 1.01};
    snapshot.variants[0].verdict = "tie";
    QCOMPARE(comparisonOf(snapshot, 0)->headline, u"as fast"_s);
    QVERIFY(comparisonOf(snapshot, 0)->detail.startsWith(u"ratio 1.002x (95 %: 0.990 .. 1.010)"_s));
    snapshot.variants[0].ratio.reset();
    QCOMPARE(comparisonOf(snapshot, 0)->headline, u"measuring \u2026"_s);
    snapshot.variants[0].modes.clear();
    QCOMPARE(comparisonOf(snapshot, 0)->headline, u"not measured"_s);
    snapshot.variants.pop_back();
    QVERIFY(!comparisonOf(snapshot, 0)); // nothing to compare with
    QVERIFY(!comparisonOf(Snapshot(), -1));
  }

  void outlineReads() {
    OutlineModel model;
    Tester tester(&model, fatal);
    Snapshot snapshot = stridedCopy();
    model.setFile(snapshot.file);
    QCOMPARE(printModel(model), QStringList({u"tile_mask"_s, u"strided_copy"_s}));
    QVERIFY(!model.index(0).data(OutlineModel::KernelRole).toBool());
    QVERIFY(model.indexOf("strided_copy").data(OutlineModel::KernelRole).toBool());
    model.setFile(nullptr);
    QCOMPARE(model.rowCount(), 0);
  }

  void historyReads() {
    HistoryModel model;
    Tester tester(&model, fatal);
    model.setSnapshot(share(compared()));
    QStringList lines = printModel(model);
    QCOMPARE(lines.size(), 2);
    QVERIFY(lines[0].endsWith(u"| compare | strided_copy | cpu | Some Processor | 1.92 ms | 6.09x"_s));
    QVERIFY(lines[1].endsWith(
        u"| compare | strided_copy | cpu | Some Processor | unfinished | \u2013 | before the rewrite"_s));
    QSignalSpy notes(&model, &HistoryModel::noteEdited);
    QModelIndex note = model.index(0, HistoryModel::NoteColumn);
    QVERIFY(model.setData(note, u"baseline"_s, Qt::EditRole));
    QCOMPARE(notes.size(), 1);
    QCOMPARE(notes[0][0].value<std::string>(), std::string("r2abc"));
  }

  void strangeRecordsAreNoTrouble() {
    HistoryModel model;
    Tester tester(&model, fatal);
    Snapshot snapshot = compared();
    snapshot.history[0].startedAt = "some day";
    snapshot.history[0].result = Json::array({1, 2});
    snapshot.history[1].result = {{"ratio", "six"}, {"specialized", 3}};
    model.setSnapshot(share(snapshot));
    QVERIFY(printModel(model)[0].startsWith(u"some day |"_s));
  }

  void logGrowsInPlace() {
    LogModel model;
    Tester tester(&model, fatal);
    Snapshot snapshot = stridedCopy();
    model.setSnapshot(share(snapshot));
    QCOMPARE(printModel(model), QStringList({u"10:00:00 | Opened strided_copy.py"_s,
                                             u"10:00:01 | cols is not specialized on alignment"_s,
                                             u"10:00:02 | No driver \u2026"_s}));
    QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    snapshot.log.push_back({"2026-01-01T10:00:03", Severity::Note, "done"});
    model.setSnapshot(share(snapshot));
    QCOMPARE(model.rowCount(), 4);
    QCOMPARE(resets.size(), 0);
    snapshot.log.erase(snapshot.log.begin());
    model.setSnapshot(share(snapshot));
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(resets.size(), 1);
  }

  void jobsRead() {
    JobsModel model;
    Tester tester(&model, fatal);
    model.setSnapshot(share(compared()));
    QCOMPARE(printModel(model),
             QStringList({u"Compare strided_copy on cpu | measure generic, hot | 12 s | running"_s,
                          u"Compile strided_copy |  |  | done"_s}));
    QCOMPARE(progressText(compared().jobs[1]), u"measure generic, hot: 42 %, 12 s left"_s);
  }

  void numbersReadTheSame() {
    QCOMPARE(timeUnitFor(1.92e6).name, u"ms"_s);
    QCOMPARE(formatTime(1.92e6, timeUnitFor(1.92e6)), u"1.92\u00A0ms"_s);
    QCOMPARE(formatTime(11.7e6, timeUnitFor(1.92e6)), u"11.70\u00A0ms"_s); // the column's decimals
    QCOMPARE(formatTime(850, timeUnitFor(850)), u"850\u00A0ns"_s);
    QCOMPARE(timeUnitFor(0).name, u"ns"_s);
    QCOMPARE(formatSeconds(0.2), u"1 s"_s);
    QCOMPARE(formatSeconds(125), u"2 min 05 s"_s);
    QCOMPARE(formatSeconds(7260), u"2 h 01 min"_s);
    QCOMPARE(formatSeconds(-1), QString());
  }
};

std::unique_ptr<QObject> makeModelsTest() { return std::make_unique<ModelsTest>(); }

} // namespace lapidary::ui::test

#include "ModelsTest.moc"
