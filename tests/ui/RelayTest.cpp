#include "Suites.h"
#include "ui/jobs/SnapshotRelay.h"

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>
#include <thread>

namespace lapidary::ui::test {

class RelayTest : public QObject {
  Q_OBJECT

  static SnapshotPtr numbered(std::uint64_t generation) {
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->generation = generation;
    return snapshot;
  }

private slots:
  void theNewestArrivesAndMostAreSkipped() {
    SnapshotRelay relay;
    std::vector<std::uint64_t> seen;
    connect(&relay, &SnapshotRelay::arrived, this, [&](const SnapshotPtr &snapshot) {
      QVERIFY(QThread::currentThread() == thread());
      seen.push_back(snapshot->generation);
    });
    constexpr std::uint64_t count = 20000;
    std::thread poster([&] {
      for (std::uint64_t i = 1; i <= count; ++i) {
        relay.post(numbered(i));
        if (i % 100 == 0)
          std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    });
    QTRY_VERIFY_WITH_TIMEOUT(!seen.empty() && seen.back() == count, 20000);
    poster.join();
    QVERIFY(std::is_sorted(seen.begin(), seen.end()));
    QVERIFY2(seen.size() < count / 20, std::to_string(seen.size()).c_str());
  }

  void aLoneSnapshotDoesNotWait() {
    SnapshotRelay relay;
    QSignalSpy arrivals(&relay, &SnapshotRelay::arrived);
    for (int i = 1; i <= 3; ++i) {
      relay.post(numbered(std::uint64_t(i)));
      QTRY_COMPARE_WITH_TIMEOUT(arrivals.size(), i, 1000);
      QTest::qWait(50);
    }
  }

  void nothingArrivesTwice() {
    SnapshotRelay relay;
    QSignalSpy arrivals(&relay, &SnapshotRelay::arrived);
    relay.post(numbered(1));
    relay.post(numbered(2));
    QTest::qWait(200);
    QCOMPARE(arrivals.size(), 1);
  }
};

std::unique_ptr<QObject> makeRelayTest() { return std::make_unique<RelayTest>(); }

} // namespace lapidary::ui::test

#include "RelayTest.moc"
