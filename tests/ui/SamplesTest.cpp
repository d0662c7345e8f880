#include "Fixtures.h"
#include "Suites.h"
#include "ui/views/samples/SampleStatistics.h"
#include "ui/views/samples/SamplesView.h"

#include <QSignalSpy>
#include <QTest>
#include <numeric>

namespace lapidary::ui::test {

using namespace Qt::StringLiterals;

class SamplesTest : public QObject {
  Q_OBJECT
private slots:
  void boxesAreTukeys() {
    BoxSummary box = summarize({1, 2, 3, 4, 5, 6, 7, 8, 9, 100}).box;
    QCOMPARE(box.median, 5.5);
    QCOMPARE(box.lowerQuartile, 3.25); // numpy.percentile(..., 25)
    QCOMPARE(box.upperQuartile, 7.75);
    QCOMPARE(box.low, 1.0);
    QCOMPARE(box.high, 9.0);
    QCOMPARE(box.outliers, QVector<double>({100}));
    box = summarize({3}).box;
    QCOMPARE(box.low, 3.0);
    QCOMPARE(box.high, 3.0);
    QVERIFY(box.outliers.isEmpty());
  }

  void distributionsEndAtOne() {
    Distribution distribution = summarize({3, 1, 2, 2}).distribution;
    QCOMPARE(distribution.values, QVector<double>({1, 2, 2, 3}));
    QCOMPARE(distribution.fractions, QVector<double>({0.25, 0.5, 0.75, 1.0}));
  }

  void longDistributionsKeepTheirEnds() {
    std::vector<double> samples(1000);
    std::iota(samples.begin(), samples.end(), 1);
    Distribution distribution = summarize(samples, 10).distribution;
    QCOMPARE(distribution.values.size(), 10);
    QCOMPARE(distribution.values.front(), 1.0);
    QCOMPARE(distribution.values.back(), 1000.0);
    for (qsizetype i = 0; i < 10; ++i)
      QCOMPARE(distribution.fractions[i], distribution.values[i] / 1000);
  }

  void seriesComeAndGrow() {
    SamplesView view;
    view.resize(800, 300);
    view.show();
    view.setSnapshot(share(stridedCopy()));
    QVERIFY(view.findChild<EmptyState *>()->isVisible());
    Snapshot snapshot = compared();
    view.setSnapshot(share(snapshot));
    QCOMPARE(view.seriesCount(), 2);
    QVERIFY(!view.findChild<EmptyState *>()->isVisible());
    snapshot.variants[0].modes["hot"].samples.push_back(2e6);
    snapshot.variants.push_back(snapshot.variants[0]);
    view.setSnapshot(share(snapshot));
    QCOMPARE(view.seriesCount(), 3);
    snapshot.variants.clear();
    view.setSnapshot(share(snapshot));
    QVERIFY(view.findChild<EmptyState *>()->isVisible());
  }

  void aVariantWithoutSamplesIsNoTrouble() {
    SamplesView view;
    view.show();
    Snapshot snapshot = compared();
    snapshot.variants[0].modes.clear();
    view.setSnapshot(share(snapshot));
    Selection selection;
    selection.variant = 0;
    selection.sample = 9;
    view.setSelection(selection);
    selection.variant = 1;
    selection.sample = 100000;
    view.setSelection(selection);
    QCOMPARE(view.seriesCount(), 1);
  }

  void aClickSelectsTheNearestSample() {
    SamplesView view;
    view.resize(900, 300);
    view.show();
    view.setSnapshot(share(compared()));
    QTest::qWait(100); // the plot lays itself out when it is first drawn
    QSignalSpy selections(&view, &View::selectionChanged);
    QWidget *plot = view.findChild<QWidget *>(u"plot"_s);
    QVERIFY(plot);
    QPoint at = view.pixelOf(1, 40).toPoint();
    QTest::mouseClick(plot, Qt::LeftButton, {}, at);
    QCOMPARE(selections.size(), 1);
    auto selection = selections[0][0].value<Selection>();
    QCOMPARE(selection.variant, 1);
    QVERIFY(std::abs(selection.sample - 40) <= 1);
  }
};

std::unique_ptr<QObject> makeSamplesTest() { return std::make_unique<SamplesTest>(); }

} // namespace lapidary::ui::test

#include "SamplesTest.moc"
