// Pictures of the window in every state, from made-up snapshots, for people to look at:
//
//   ui_gallery FOLDER [STATE...]     writes STATE-THEME-WIDTH.png, all of them by default
#include "Fixtures.h"
#include "ui/shell/CommandPalette.h"
#include "ui/shell/MainWindow.h"
#include "ui/shell/Theme.h"

#include <QApplication>
#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <cstdio>

using namespace lapidary;
using namespace lapidary::ui;
using namespace Qt::StringLiterals;

namespace {

struct State {
  const char *name, *layout, *pane;
  Snapshot (*make)();
  Selection selection;
};

Snapshot brokenSource() {
  Snapshot snapshot = test::stridedCopy();
  auto file = std::make_shared<KernelFile>(*snapshot.file);
  file->text.replace(file->text.find("rn = pn"), 7, "rn = (pn");
  file->problems = {
      {Severity::Error, file->path, {17, 10, 17, 44}, "'(' was never closed", "", {}}};
  snapshot.file = file;
  snapshot.diagnostics = file->problems;
  return snapshot;
}

Snapshot withoutKernel() {
  Snapshot snapshot = test::stridedCopy();
  auto file = std::make_shared<KernelFile>();
  file->path = "notes.py";
  file->text = "print('no kernel here')\n";
  snapshot.file = file;
  snapshot.kernel.clear();
  snapshot.launch = {};
  snapshot.launchNames.clear();
  snapshot.specializations.clear();
  return snapshot;
}

Snapshot started() {
  Snapshot snapshot;
  snapshot.ruleSets = {"triton-3.2", "triton-3.6"};
  snapshot.ruleSet = "triton-3.6";
  snapshot.targets = {{"cuda", "90"}, {"hip", "gfx942"}, {"cpu", ""}};
  snapshot.devices = test::stridedCopy().devices;
  return snapshot;
}

Snapshot finished() {
  Snapshot snapshot = test::compared();
  snapshot.jobs.back().status = JobState::Status::Done;
  return snapshot;
}

Snapshot measuring() {
  Snapshot snapshot = test::compared();
  for (VariantRow &row : snapshot.variants) {
    row.ratio.reset();
    row.verdict.clear();
    row.correct.reset();
    row.modes["hot"].samples.resize(40);
    row.modes["hot"].median = {};
  }
  snapshot.noiseFloor = -1;
  return snapshot;
}

Snapshot tied() {
  Snapshot snapshot = finished();
  snapshot.variants[0].ratio = Estimate{1.003, 0.996, 1.009};
  snapshot.variants[0].verdict = "tie";
  SampleSet &samples = snapshot.variants[0].modes["hot"];
  samples = snapshot.variants[1].modes["hot"];
  for (double &sample : samples.samples)
    sample /= 1.003;
  return snapshot;
}

Snapshot failing() {
  Snapshot snapshot = finished();
  for (VariantRow &row : snapshot.variants) {
    row.modes.clear();
    row.ratio.reset();
    row.verdict.clear();
    row.correct.reset();
    row.target = {"cuda", "90"};
  }
  snapshot.variants[0].compiled.ok = false;
  snapshot.variants[0].compiled.stages.clear();
  snapshot.variants[0].compiled.resources.values.clear();
  snapshot.variants[0].error = "tl.dot with fp8 operands is not supported on cuda:90";
  Diagnostic problem{Severity::Error,
                     "strided_copy.py",
                     {19, 9, 19, 60},
                     "tl.dot with fp8 operands is not supported on cuda:90",
                     "",
                     {}};
  snapshot.variants[0].compiled.diagnostics = {problem};
  snapshot.diagnostics = {problem};
  snapshot.jobs.back().status = JobState::Status::Failed;
  snapshot.jobs.back().message = problem.message;
  return snapshot;
}

Snapshot stale() {
  Snapshot snapshot = finished();
  snapshot.launchEdited = true;
  for (VariantRow &row : snapshot.variants)
    row.stale = true;
  return snapshot;
}

const Selection strideSelected{"stride_sr", 0, 0, -1, -1};
const Selection argumentSelected{"cols", -1, 0, -1, -1};
const Selection firstVariant{"", -1, 0, 0, -1};

const State states[] = {
    {"empty", "specialize", "", started, {}},
    {"no-kernel", "specialize", "", withoutKernel, {}},
    {"open", "specialize", "", test::stridedCopy, {}},
    {"broken-source", "specialize", "log", brokenSource, {}},
    {"why", "specialize", "specialization", test::stridedCopy, strideSelected},
    {"why-all", "specialize", "specialization", test::stridedCopy, argumentSelected},
    {"launch", "specialize", "launch", test::stridedCopy, {}},
    {"measuring", "compare", "", measuring, {}},
    {"measuring-jobs", "specialize", "jobs", measuring, {}},
    {"winner", "compare", "", finished, firstVariant},
    {"winner-specialize", "specialize", "comparison", finished, firstVariant},
    {"tie", "compare", "", tied, firstVariant},
    {"failed", "specialize", "variants", failing, firstVariant},
    {"stale", "specialize", "variants", stale, {}},
    {"stages", "specialize", "stages", finished, {}},
    {"samples", "specialize", "samples", finished, {}},
    {"reach", "specialize", "reach", test::counted, argumentSelected},
    {"survey", "specialize", "survey", test::surveyed, {}},
    {"palette", "specialize", "", finished, {}},
    {"survey-none", "specialize", "survey", test::stridedCopy, {}},
    {"history", "history", "history", finished, {}},
};

bool take(const State &state, ThemeChoice theme, QSize size, const QDir &folder) {
  applyTheme(*qApp, theme);
  QTemporaryDir scratch;
  Settings settings(scratch.filePath(u"settings.ini"_s));
  MainWindow window({&settings, {}, {u"/samples/matmul.py"_s, u"/samples/softmax.py"_s}});
  window.resize(size);
  window.chooseLayout(QLatin1String(state.layout));
  window.resetLayout();
  window.show();
  window.setSnapshot(test::share(started()));
  QTest::qWait(50);
  window.setSnapshot(test::share(state.make()));
  if (QDockWidget *dock = window.dock(QLatin1String(state.pane)))
    dock->raise();
  window.select(state.selection);
  QTest::qWait(300);
  QString name =
      u"%1-%2-%3.png"_s
          .arg(QLatin1String(state.name), theme == ThemeChoice::Dark ? u"dark"_s : u"light"_s)
          .arg(size.width());
  QWidget *shown = &window;
  if (state.name == std::string_view("palette")) {
    auto *palette = window.findChild<CommandPalette *>();
    palette->open();
    shown = palette;
  }
  return shown->grab().save(folder.filePath(name));
}

} // namespace

int main(int argc, char **argv) {
  qputenv("QT_QPA_PLATFORM", "offscreen");
  qputenv("QT_FONT_DPI", "96");
  QApplication application(argc, argv);
  QStringList wanted = QCoreApplication::arguments().mid(1);
  if (wanted.isEmpty()) {
    std::fprintf(stderr, "usage: ui_gallery FOLDER [STATE...]\n");
    return 2;
  }
  QDir folder(wanted.takeFirst());
  folder.mkpath(QStringLiteral("."));
  for (const State &state : states) {
    if (!wanted.isEmpty() && !wanted.contains(QLatin1String(state.name)))
      continue;
    for (ThemeChoice theme : {ThemeChoice::Light, ThemeChoice::Dark})
      for (QSize size : {QSize(1280, 800), QSize(1920, 1080)})
        if (!take(state, theme, size, folder)) {
          std::fprintf(stderr, "ui_gallery: %s cannot be written to\n", qPrintable(folder.path()));
          return 1;
        }
  }
  return 0;
}
