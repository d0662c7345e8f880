#include "Fixtures.h"
#include "ModelText.h"
#include "Suites.h"
#include "ui/shell/MainWindow.h"
#include "ui/views/survey/SurveyView.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

namespace lapidary::ui::test {

using namespace Qt::StringLiterals;

class SurveyTest : public QObject {
  Q_OBJECT

private slots:
  void theModelReads() {
    SurveyModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    model.setSurvey(surveyed().survey);
    QCOMPARE(
        printModel(model),
        QStringList({u"layer_norm | norm/layer.py:12 | 3.1 ms | compiles | compiles"_s,
                     u"layer_norm_grad | norm/layer.py:80 | 12.0 ms | fails | compiles | "
                     "norm/layer.py, line 91: atomic_cas on bf16 is not supported"_s,
                     u"histogram | count.py:5 | \u2013 | \u2013 | \u2013 | count.py, line 9: "
                     "tl.histogram is not known here"_s,
                     u"\u2013 | broken.py | \u2013 | \u2013 | \u2013 | byte 17 is not UTF-8"_s}));
    QCOMPARE(model.index(1, SurveyModel::FirstTargetColumn).data(SurveyModel::WorksRole), false);
    QCOMPARE(model.index(2, 0).data(SurveyModel::FeatureRole).toString(), u"tl.histogram"_s);
  }

  void featuresFilterKernels() {
    SurveyView view;
    view.setSnapshot(share(stridedCopy()));
    QVERIFY(view.findChild<EmptyState *>()->message().contains(u"Survey a folder"_s));
    view.setSnapshot(share(surveyed()));
    QCOMPARE(view.summary(), u"<b>3 kernels</b>, 3 files \u00B7 elaborate 2 (67 %) \u00B7 cuda:90 "
                             "1 (33 %) \u00B7 cpu 2 (67 %)"_s);
    QCOMPARE(view.features()->model()->rowCount(), 4); // all, and three that are missing
    QCOMPARE(view.kernels()->model()->rowCount(), 4);
    for (int row = 1; row < 4; ++row) {
      view.features()->selectRow(row);
      QCOMPARE(view.kernels()->model()->rowCount(), 1);
    }
    view.features()->selectRow(0);
    QCOMPARE(view.kernels()->model()->rowCount(), 4);
    view.filter()->setText(u"LAYER"_s);
    QCOMPARE(view.kernels()->model()->rowCount(), 2);
  }

  void aKernelIsOpened() {
    QTemporaryDir folder;
    Settings settings(folder.filePath(u"settings.ini"_s));
    MainWindow window({&settings, {}, {}});
    auto *view = static_cast<SurveyView *>(window.view(u"survey"_s));
    view->setSnapshot(share(surveyed()));
    QSignalSpy commands(&window, &MainWindow::commandRequested);
    view->filter()->setText(u"grad"_s);
    emit view->kernels()->activated(view->kernels()->model()->index(0, 0));
    QCOMPARE(commands.size(), 2);
    QCOMPARE(std::get<OpenFile>(commands[0][0].value<Command>()).path,
             std::string("/kernels/norm/layer.py"));
    QCOMPARE(std::get<SelectKernel>(commands[1][0].value<Command>()).name,
             std::string("layer_norm_grad"));
  }

  void aRunningSurveyIsSaid() {
    SurveyView view;
    Snapshot snapshot = stridedCopy();
    snapshot.jobs.emplace_back();
    snapshot.jobs.back().title = "Survey /kernels";
    snapshot.jobs.back().status = JobState::Status::Running;
    view.setSnapshot(share(snapshot));
    QVERIFY(view.findChild<EmptyState *>()->message().startsWith(u"Surveying"_s));
  }
};

std::unique_ptr<QObject> makeSurveyTest() {
  return std::make_unique<SurveyTest>();
}

} // namespace lapidary::ui::test

#include "SurveyTest.moc"
