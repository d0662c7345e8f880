#include "ui/shell/Screenshot.h"

#include "ui/models/JobsModel.h"
#include "ui/widgets/Text.h"

#include <QCoreApplication>
#include <cstdio>
#include <utility>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {
constexpr int calmMs = 1200; // longer than a chip flashes
}

Screenshot::Screenshot(MainWindow &window, ProgramOptions options, QObject *parent)
    : QObject(parent), m_window(window), m_options(std::move(options)) {
  m_deadline.setSingleShot(true);
  m_deadline.start(int(m_options.timeoutSeconds * 1000));
  m_calm.setSingleShot(true);
  m_calm.setInterval(calmMs);
  connect(&m_deadline, &QTimer::timeout, this, &Screenshot::giveUp);
  connect(&m_calm, &QTimer::timeout, this, &Screenshot::take);
  if (m_options.file.empty())
    m_calm.start();
}

bool Screenshot::isSettled(const Snapshot &snapshot) const {
  if (m_options.file.empty())
    return true; // an empty window has nothing to wait for
  if (!snapshot.file || snapshot.specializations.size() != snapshot.targets.size())
    return false;
  if (m_options.waitFor.empty() || snapshot.kernel.empty())
    return true;
  bool busy = std::any_of(snapshot.jobs.begin(), snapshot.jobs.end(), isActive);
  return m_started && !busy && !snapshot.jobs.empty();
}

void Screenshot::setSnapshot(const SnapshotPtr &snapshot) {
  m_snapshot = snapshot;
  bool hasMatrix = snapshot->file && !snapshot->specializations.empty() &&
                   (m_options.kernel.empty() || snapshot->kernel == m_options.kernel);
  if (!m_started && hasMatrix) {
    m_started = true;
    startWork();
  }
  if (!isSettled(*snapshot))
    m_calm.stop();
  else if (!m_calm.isActive())
    m_calm.start();
}

void Screenshot::startWork() {
  if (m_options.waitFor == "compile")
    m_window.commandBar()->compileAction()->trigger();
  else if (m_options.waitFor == "compare")
    m_window.commandBar()->compareAction()->trigger();
}

void Screenshot::take() {
  if (!m_options.pane.empty()) {
    QDockWidget *pane = m_window.dock(toQString(m_options.pane));
    if (!pane) {
      QStringList names;
      for (const ViewEntry &entry : allViews())
        names << QLatin1String(entry.id);
      std::fprintf(stderr, "lapidary: there is no pane '%s'; there are %s\n",
                   m_options.pane.c_str(), qPrintable(names.join(u", "_s)));
      QCoreApplication::exit(2);
      return;
    }
    pane->raise();
    m_options.pane.clear();
    m_calm.start(); // once more, for the pane to draw itself
    return;
  }
  if (!m_options.argument.empty()) {
    Selection selection;
    selection.argument = std::exchange(m_options.argument, {});
    if (!m_snapshot || !m_snapshot->launch.argument(selection.argument)) {
      std::fprintf(stderr, "lapidary: the kernel has no argument '%s'\n",
                   selection.argument.c_str());
      QCoreApplication::exit(2);
      return;
    }
    m_window.select(selection);
    m_calm.start();
    return;
  }
  QString path = toQString(m_options.screenshot);
  if (!m_window.grab().save(path, "PNG")) {
    std::fprintf(stderr,
                 "lapidary: %s cannot be written; give a path in a folder that exists and "
                 "may be written to\n",
                 m_options.screenshot.c_str());
    QCoreApplication::exit(1);
    return;
  }
  std::printf("%s\n", m_options.screenshot.c_str());
  QCoreApplication::exit(0);
}

void Screenshot::giveUp() {
  std::string state = "nothing was opened";
  if (m_snapshot && m_snapshot->file)
    state = m_snapshot->kernel.empty() ? "the file has no kernel" : "the work has not ended";
  if (m_snapshot && !m_snapshot->log.empty())
    state += "; last message: " + m_snapshot->log.back().text;
  std::fprintf(stderr, "lapidary: no picture after %g s: %s\n", m_options.timeoutSeconds,
               state.c_str());
  QCoreApplication::exit(1);
}

} // namespace lapidary::ui
