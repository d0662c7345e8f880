#include "GuiTime.h"
#include "ModelText.h"
#include "Suites.h"
#include "backends/All.h"
#include "core/compiler/Compiler.h"
#include "core/language/Elaborate.h"
#include "ui/models/VariantsModel.h"
#include "ui/shell/Controller.h"
#include "ui/shell/MainWindow.h"
#include "ui/views/comparison/ComparisonView.h"
#include "ui/views/export/ExportDialog.h"
#include "ui/views/launch/LaunchView.h"
#include "ui/views/reach/ReachView.h"
#include "ui/views/samples/SamplesView.h"
#include "ui/views/source/SourceView.h"
#include "ui/views/specialization/SpecializationView.h"
#include "ui/views/stages/StagesView.h"
#include "ui/views/survey/SurveyView.h"
#include "ui/views/variants/VariantsView.h"

#include <QLineEdit>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

namespace lapidary::ui::test {

using namespace Qt::StringLiterals;

// The whole of it, as a person would: open, edit an argument, see the matrix change, compile, compare,
// export; with the real workbench, compiler and measuring process. Nothing here is made up.
class ClickThroughTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  std::unique_ptr<Settings> m_settings;
  std::unique_ptr<MainWindow> m_window;
  std::unique_ptr<Controller> m_controller;
  SnapshotPtr m_snapshot;

  SpecializationView *matrix() const {
    return static_cast<SpecializationView *>(m_window->view(u"specialization"_s));
  }
  SourceView *source() const { return static_cast<SourceView *>(m_window->view(u"source"_s)); }
  QString cell(const char *argument, int target) const {
    return matrix()->model()->indexOf(argument, target).data().toString();
  }
  bool idle() const {
    for (const JobState &job : m_snapshot->jobs)
      if (job.status == JobState::Status::Queued || job.status == JobState::Status::Running)
        return false;
    return true;
  }
  QString write(const QString &name, const QByteArray &text) {
    QFile file(m_folder.filePath(name));
    if (file.open(QIODevice::WriteOnly))
      file.write(text);
    return file.fileName();
  }

private slots:
  void initTestCase() {
    m_settings = std::make_unique<Settings>(m_folder.filePath(u"settings.ini"_s));
    Result<Services> services =
        makeServices(registerAllBackends(), {elaborate, compileTtir, compilerVersion()});
    QVERIFY2(services.has_value(), services ? "" : services.error().message.c_str());
    services->workerCommand = {LAPIDARY_LAP, "worker"};
    m_window = std::make_unique<MainWindow>(WindowSetup{m_settings.get(), exportFormats(), {}});
    m_controller = std::make_unique<Controller>(std::move(*services));
    connect(m_window.get(), &MainWindow::commandRequested, m_controller.get(),
            &Controller::execute);
    connect(m_controller.get(), &Controller::snapshotArrived, this,
            [this](const SnapshotPtr &snapshot) {
              m_snapshot = snapshot;
              m_window->setSnapshot(snapshot);
            });
    m_snapshot = m_controller->snapshot();
    m_window->setSnapshot(m_snapshot);
    m_window->show();
  }

  void cleanupTestCase() {
    qInfo("longest call on the GUI thread: %.1f ms", takeLongestCall());
    m_controller.reset();
    m_window.reset();
  }

  void opening() {
    QString kernel = write(u"scale_rows.py"_s, R"(
import triton
import triton.language as tl


@triton.jit
def scale_rows(x_ptr, out_ptr, factor, stride, n, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    cols = tl.arange(0, BLOCK)
    mask = cols < n
    x = tl.load(x_ptr + row * stride + cols, mask=mask)
    tl.store(out_ptr + row * stride + cols, x * factor, mask=mask)
)");
    write(u"scale_rows.launch.json"_s, R"({"kernel": "scale_rows", "name": "small", "grid": ["512"],
      "arguments": {"x_ptr": {"tensor": {"dtype": "fp32", "shape": [512, 1024]}},
                    "out_ptr": {"tensor": {"dtype": "fp32", "shape": [512, 1024]}},
                    "factor": 2.5, "stride": 1024, "n": 1000, "BLOCK": 1024},
      "outputs": ["out_ptr"]})");
    m_window->openFile(kernel);
    QTRY_COMPARE_WITH_TIMEOUT(m_window->commandBar()->kernels()->currentText(), u"scale_rows"_s,
                              30000);
    m_window->openFile(m_folder.filePath(u"scale_rows.launch.json"_s));
    QTRY_COMPARE_WITH_TIMEOUT(cell("stride", 0), u"D i32"_s, 30000);
    QCOMPARE(cell("n", 0), u"o i32"_s);
    QVERIFY(cell("x_ptr", 0).startsWith(u"D *fp32"_s));
    QVERIFY(cell("x_ptr", 1).startsWith(u"D S *fp32"_s)); // hip knows pointer ranges
    QVERIFY(cell("BLOCK", 0).contains(u"1024"_s));
    QVERIFY(source()->editor()->text().contains(u"def scale_rows"_s));
  }

  void editingAnArgument() {
    QTreeView *tree = matrix()->tree();
    QModelIndex value =
        matrix()->model()->indexOf("n").siblingAtColumn(SpecializationModel::ValueColumn);
    QCOMPARE(value.data().toString(), u"1000"_s);
    tree->setCurrentIndex(value);
    tree->edit(value);
    auto *editor = tree->findChild<QLineEdit *>();
    QVERIFY(editor);
    QTest::keyClicks(editor, u"1008"_s);
    QTest::keyClick(editor, Qt::Key_Return);
    QTRY_COMPARE_WITH_TIMEOUT(cell("n", 0), u"D i32"_s, 10000);
    tree->setCurrentIndex(matrix()->model()->indexOf("n", 0));
    QVERIFY2(matrix()->why()->text().contains(u"1008"_s), qPrintable(matrix()->why()->text()));
  }

  void editingTheSource() {
    QString before = source()->editor()->text();
    source()->editor()->setText(QString(before).replace(u"@triton.jit"_s,
        u"@triton.jit(do_not_specialize=[\"stride\"])"_s));
    QTRY_COMPARE_WITH_TIMEOUT(cell("stride", 0).contains(u"~D~"_s), true, 10000);
    source()->editor()->setText(before);
    QTRY_COMPARE_WITH_TIMEOUT(cell("stride", 0), u"D i32"_s, 10000);
  }

  void comparing() {
    m_window->commandBar()->compareAction()->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(!m_snapshot->lastRun.empty() && idle(), 240000);
    QVERIFY2(m_snapshot->jobs.back().status == JobState::Status::Done,
             m_snapshot->jobs.back().message.c_str());
    VariantsModel model;
    model.setSnapshot(m_snapshot);
    QString table = printModel(model).join(u'\n');
    QVERIFY2(m_snapshot->variants.size() >= 2, qPrintable(table));
    int measured = 0;
    for (const VariantRow &row : m_snapshot->variants) {
      if (row.modes.empty())
        continue;
      ++measured;
      QVERIFY2(row.correct.value_or(false), qPrintable(table));
      QVERIFY(row.modes.begin()->second.samples.size() >= 10);
    }
    QCOMPARE(measured, 2);
    QVERIFY(m_snapshot->noiseFloor >= 0);
    QVERIFY(static_cast<SamplesView *>(m_window->view(u"samples"_s))->seriesCount() >= 2);
    m_window->dock(u"stages"_s)->raise();
    auto *stages = static_cast<StagesView *>(m_window->view(u"stages"_s));
    QTRY_VERIFY(!stages->left()->contents().empty());
    unsigned markers = 0;
    for (int line = 0; line < source()->editor()->lines(); ++line)
      markers |= source()->editor()->markersAtLine(line) & unsigned(CodePane::accessMask);
    QVERIFY(markers != 0); // the gutter says how wide the accesses became
  }

  void historyHasTheRun() {
    QTRY_VERIFY(!m_snapshot->history.empty());
    QCOMPARE(m_snapshot->history.front().id, m_snapshot->lastRun);
  }

  void theComparisonIsSummedUp() {
    auto *comparison = static_cast<ComparisonView *>(m_window->view(u"comparison"_s));
    QTRY_VERIFY(comparison->text().contains(u"specialized against generic on cpu"_s));
    QVERIFY2(comparison->text().contains(u"ratio "_s), qPrintable(comparison->text()));
  }

  void reachableVariantsFollowTheEdits() {
    auto *reach = static_cast<ReachView *>(m_window->view(u"reach"_s));
    m_window->dock(u"reach"_s)->raise();
    QTRY_VERIFY_WITH_TIMEOUT(reach->model()->rowOf("n") >= 0, 30000);
    QModelIndex range =
        reach->model()->index(reach->model()->rowOf("n"), ReachModel::RangeColumn);
    QVERIFY(reach->model()->setData(range, u"1, 16, 17"_s, Qt::EditRole));
    QString wanted = u"3:  =1 \u00B7 i32 D \u00B7 i32"_s;
    auto classes = [&] {
      return range.siblingAtColumn(ReachModel::FirstTargetColumn).data().toString();
    };
    QTRY_COMPARE_WITH_TIMEOUT(classes(), wanted, 10000);
    reach->bound()->setValue(4);
    QTRY_VERIFY_WITH_TIMEOUT(reach->plan().contains(u"do_not_specialize"_s), 10000);
  }

  void aFolderIsSurveyed() {
    auto *survey = static_cast<SurveyView *>(m_window->view(u"survey"_s));
    m_controller->execute(SurveyFolder{m_folder.path().toStdString()});
    QTRY_VERIFY_WITH_TIMEOUT(m_snapshot->survey != nullptr && idle(), 120000);
    QTRY_COMPARE(survey->kernels()->model()->rowCount(), 1);
    QVERIFY2(survey->summary().contains(u"elaborate 1 (100 %)"_s), qPrintable(survey->summary()));
  }

  void editingMakesTheNumbersStale() {
    auto *launch = static_cast<LaunchView *>(m_window->view(u"launch"_s));
    QLineEdit *field = launch->row("n")->field();
    field->selectAll();
    QTest::keyClicks(field, u"999"_s);
    QTest::keyClick(field, Qt::Key_Return);
    QTRY_COMPARE_WITH_TIMEOUT(cell("n", 0), u"o i32"_s, 10000);
    QTRY_VERIFY(!m_snapshot->variants.empty() && m_snapshot->variants.front().stale);
  }

  void exporting() {
    m_window->showExport();
    ExportDialog *dialog = m_window->exportDialog();
    int format = dialog->formats()->findText(u"lapidary"_s);
    QVERIFY(format >= 0);
    dialog->formats()->setCurrentIndex(format);
    QTRY_VERIFY_WITH_TIMEOUT(dialog->preview().contains(u"scale_rows"_s), 10000);
    QString path = m_folder.filePath(u"run.lapidary.json"_s);
    m_controller->execute(ExportRun{m_snapshot->lastRun, "lapidary", path.toStdString()});
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(path), 10000);
  }

  void reopening() {
    std::string run = m_snapshot->history.front().id;
    auto *variants = static_cast<VariantsView *>(m_window->view(u"variants"_s));
    m_window->saveFile(); // else opening another asks
    m_window->openFile(write(u"other.py"_s, "import triton\n"));
    QTRY_VERIFY_WITH_TIMEOUT(m_snapshot->kernel.empty(), 10000);
    m_controller->execute(OpenRun{run});
    QTRY_VERIFY_WITH_TIMEOUT(m_snapshot->variants.size() == 2, 10000);
    QVERIFY(m_snapshot->variants.front().ratio.has_value());
    QVERIFY(variants->findChild<EmptyState *>()->isHidden());
    m_window->openFile(m_folder.filePath(u"scale_rows.py"_s));
    QTRY_VERIFY_WITH_TIMEOUT(m_snapshot->kernel == "scale_rows", 10000);
  }

  void cancelling() {
    m_window->commandBar()->compareAction()->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(!idle(), 10000);
    m_window->commandBar()->cancelAction()->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(idle(), 60000);
    QCOMPARE(m_snapshot->jobs.back().status, JobState::Status::Cancelled);
  }
};

std::unique_ptr<QObject> makeClickThroughTest() { return std::make_unique<ClickThroughTest>(); }

} // namespace lapidary::ui::test

#include "ClickThroughTest.moc"
