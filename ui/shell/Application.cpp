#include "ui/shell/Application.h"

#include "core/exchange/Exchange.h"
#include "core/support/Paths.h"
#include "ui/shell/Controller.h"
#include "ui/shell/MainWindow.h"
#include "ui/shell/Screenshot.h"
#include "ui/widgets/Icons.h"
#include "ui/widgets/Text.h"

#include <QApplication>
#include <QDir>
#include <QFileInfo>
#include <QTemporaryDir>
#include <cstdio>
#include <cstdlib>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {

void sayNoDisplay(const char *why) {
  std::fprintf(stderr,
               "lapidary: no window can be shown: %s\n"
               "  On a server, use the command line: lap --help\n"
               "  For a picture without a display:   lapidary FILE --screenshot picture.png\n"
               "  Over ssh, forward the display (ssh -X), or run under a virtual one (xvfb-run).\n",
               why);
}

// Whether Qt will find something to draw on; it ends the process when it does not.
bool hasDisplay() {
  if (!qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) {
    QByteArray platform = qgetenv("QT_QPA_PLATFORM");
    if (!platform.startsWith("xcb") && !platform.startsWith("wayland"))
      return true;
  }
  return !qEnvironmentVariableIsEmpty("DISPLAY") ||
         !qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY");
}

// Qt aborts when a display is named but does not answer: end in order instead. Its notices about the
// desktop are of no use to anybody who started this program.
void onMessage(QtMsgType type, const QMessageLogContext &context, const QString &message) {
  if (type == QtFatalMsg) {
    sayNoDisplay("the display does not answer");
    std::fprintf(stderr, "  Qt says: %s\n", qPrintable(message.section(u'\n', 0, 0)));
    std::_Exit(2);
  }
  QByteArray category = context.category ? context.category : "";
  if (type == QtCriticalMsg ||
      (type == QtWarningMsg && !category.startsWith("qt.qpa") && category != "default"))
    std::fprintf(stderr, "lapidary: %s\n", qPrintable(message));
}

QStringList sampleFiles() {
  Result<std::filesystem::path> resources = resourceDirectory();
  if (!resources)
    return {};
  QDir folder(toQString((*resources / "samples").string()));
  QStringList paths;
  for (const QFileInfo &info : folder.entryInfoList({u"*.py"_s}, QDir::Files, QDir::Name))
    paths << info.absoluteFilePath();
  return paths;
}

// Waits with what depends on the opened file until it is open.
class Opener : public QObject {
public:
  Opener(const ProgramOptions &options, Controller &controller, QObject *parent)
      : QObject(parent), m_kernel(options.kernel), m_launch(options.launch),
        m_controller(controller) {}

  void setSnapshot(const SnapshotPtr &snapshot) {
    if (!snapshot->file)
      return;
    if (!m_kernel.empty())
      m_controller.execute(SelectKernel{std::exchange(m_kernel, {})});
    if (!m_launch.empty())
      m_controller.execute(LoadLaunch{std::exchange(m_launch, {})});
  }

private:
  std::string m_kernel, m_launch;
  Controller &m_controller;
};

} // namespace

int runProgram(int argc, char **argv, const ProgramOptions &options,
               const MakeServices &makeServices) {
  bool picture = !options.screenshot.empty();
  if (picture && qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM"))
    qputenv("QT_QPA_PLATFORM", "offscreen");
  if (!hasDisplay()) {
    sayNoDisplay("neither DISPLAY nor WAYLAND_DISPLAY is set");
    return 2;
  }
  qInstallMessageHandler(onMessage);
  QApplication application(argc, argv);
  QApplication::setApplicationName(u"lapidary"_s);
  QApplication::setApplicationDisplayName(u"Lapidary"_s);
  QApplication::setApplicationVersion(QLatin1String(LAPIDARY_VERSION));
  QApplication::setWindowIcon(programIcon());

  Result<Services> services = makeServices();
  if (!services) {
    const Error &error = services.error();
    std::fprintf(stderr, "lapidary: %s%s%s\n", error.context.c_str(),
                 error.context.empty() ? "" : ": ", error.message.c_str());
    return exitCode(error.code);
  }
  // A picture is the same for everybody: it neither reads nor writes what the user's window remembers.
  QTemporaryDir scratch;
  Settings settings = picture ? Settings(scratch.filePath(u"settings.ini"_s)) : Settings();
  ThemeChoice theme = settings.theme();
  if (!options.theme.empty())
    theme = options.theme == "dark" ? ThemeChoice::Dark : ThemeChoice::Light;
  applyTheme(application, theme);

  MainWindow window({&settings, exportFormats(), sampleFiles()});
  Controller controller(std::move(*services));
  Opener opener(options, controller, nullptr);
  std::unique_ptr<Screenshot> screenshot;
  if (picture) {
    window.resize(options.width, options.height);
    window.chooseLayout(toQString(options.layout));
    window.resetLayout();
    screenshot = std::make_unique<Screenshot>(window, options);
  }
  QObject::connect(&window, &MainWindow::commandRequested, &controller, &Controller::execute);
  QObject::connect(&controller, &Controller::snapshotArrived, &window,
                   [&](const SnapshotPtr &snapshot) {
                     window.setSnapshot(snapshot);
                     opener.setSnapshot(snapshot);
                     if (screenshot)
                       screenshot->setSnapshot(snapshot);
                   });
  window.setSnapshot(controller.snapshot());
  window.show();
  controller.execute(RefreshHistory{});
  controller.execute(RefreshDevices{});
  if (!options.file.empty())
    window.openFile(toQString(options.file));
  return QApplication::exec();
}

} // namespace lapidary::ui
