// One program for all suites, with everything that could differ between machines fixed: the platform,
// the resolution, the theme, where settings and data lie.
#include "GuiTime.h"
#include "Suites.h"
#include "ui/shell/Command.h"
#include "ui/shell/Theme.h"

#include <QApplication>
#include <QTemporaryDir>
#include <QTest>
#include <cstdio>
#include <ctime>

using namespace lapidary::ui;

namespace {

double longestCall = 0;
QByteArray longestReceiver;
int depth = 0;

class TimedApplication : public QApplication {
public:
  using QApplication::QApplication;
  bool notify(QObject *receiver, QEvent *event) override {
    bool outer = depth++ == 0;
    bool counts = outer && (event->type() == QEvent::MetaCall || event->type() == QEvent::Timer);
    const char *name = receiver->metaObject()->className(); // it may be gone afterwards
    double before = test::processorMilliseconds();
    bool handled = QApplication::notify(receiver, event);
    double call = test::processorMilliseconds() - before;
    if (counts && call > longestCall) {
      longestCall = call;
      longestReceiver = name;
    }
    --depth;
    return handled;
  }
};

} // namespace

QByteArray test::longestCallReceiver() { return longestReceiver; }
double test::takeLongestCall() { return std::exchange(longestCall, 0.0); }

double test::processorMilliseconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return double(time.tv_sec) * 1e3 + double(time.tv_nsec) / 1e6;
}

int main(int argc, char **argv) {
  QTemporaryDir home;
  qputenv("QT_QPA_PLATFORM", "offscreen");
  qputenv("QT_FONT_DPI", "96");
  for (const char *name : {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"})
    qputenv(name, home.path().toUtf8());
  TimedApplication application(argc, argv);
  QApplication::setApplicationName(QStringLiteral("ui_test"));
  applyTheme(application, ThemeChoice::Light);
  qRegisterMetaType<Command>();
  qRegisterMetaType<Selection>();

  using Make = std::unique_ptr<QObject> (*)();
  const std::pair<const char *, Make> suites[] = {
      {"theme", test::makeThemeTest},       {"models", test::makeModelsTest},
      {"source", test::makeSourceTest},     {"launch", test::makeLaunchTest},
      {"specialization", test::makeSpecializationTest},
      {"stages", test::makeStagesTest},     {"samples", test::makeSamplesTest},
      {"reach", test::makeReachTest},       {"survey", test::makeSurveyTest},
      {"keyboard", test::makeKeyboardTest},
      {"relay", test::makeRelayTest},       {"window", test::makeWindowTest},
#ifdef LAPIDARY_PROGRAM
      {"program", test::makeProgramTest},   {"click_through", test::makeClickThroughTest},
#endif
  };
  QStringList arguments = QCoreApplication::arguments();
  QString wanted = arguments.size() > 1 && !arguments[1].startsWith(u'-') ? arguments.takeAt(1)
                                                                          : QString();
  int failures = 0;
  bool found = false;
  for (const auto &[name, make] : suites) {
    if (!wanted.isEmpty() && wanted != QLatin1String(name))
      continue;
    found = true;
    failures += QTest::qExec(make().get(), arguments);
  }
  if (!found)
    std::fprintf(stderr, "ui_test: there is no suite '%s'\n", qPrintable(wanted));
  return found && failures == 0 ? 0 : 1;
}
