#include "ui/shell/Controller.h"

namespace lapidary::ui {

namespace {
template <typename... Ts> struct Overloaded : Ts... {
  using Ts::operator()...;
};
} // namespace

Controller::Controller(Services services, QObject *parent) : QObject(parent) {
  connect(&m_relay, &SnapshotRelay::arrived, this, &Controller::snapshotArrived);
  m_workbench = std::make_unique<Workbench>(
      std::move(services), [this](SnapshotPtr snapshot) { m_relay.post(std::move(snapshot)); });
}

Controller::~Controller() = default;

void Controller::execute(const Command &command) {
  Workbench &bench = *m_workbench;
  std::visit(
      Overloaded{
          [&](const OpenFile &c) { bench.openFile(c.path); },
          [&](const SetText &c) { bench.setText(c.text); },
          [&](const SaveFile &c) { bench.saveFile(c.path); },
          [&](const SelectKernel &c) { bench.selectKernel(c.name); },
          [&](const LoadLaunch &c) { bench.loadLaunch(c.pathOrName); },
          [&](const SaveLaunch &c) { bench.saveLaunch(c.path); },
          [&](const SetArgument &c) { bench.setArgument(c.name, c.value); },
          [&](const SetOption &c) { bench.setOption(c.name, c.value); },
          [&](const SetGrid &c) { bench.setGrid(c.grid); },
          [&](const SetTargets &c) { bench.setTargets(c.targets); },
          [&](const SetRuleSet &c) { bench.setRuleSet(c.name); },
          [&](const Compile &) { bench.compile(); },
          [&](const Compare &c) { bench.compare(c.target); },
          [&](const CancelJob &c) { bench.cancel(c.id); },
          [&](const RefreshHistory &c) { bench.refreshHistory(c.filter); },
          [&](const OpenRun &c) { bench.openRun(c.run); },
          [&](const AnnotateRun &c) { bench.annotateRun(c.run, c.note); },
          [&](const PreviewExport &c) { bench.previewExport(c.run, c.format); },
          [&](const ExportRun &c) { bench.exportRun(c.run, c.format, c.path); },
          [&](const ImportFile &c) { bench.importFile(c.path); },
          [&](const RefreshDevices &) { bench.refreshDevices(); },
          [&](const CountVariants &c) { bench.countVariants(c.query); },
          [&](const SurveyFolder &c) { bench.survey(c.folder); },
          [&](const ShowExport &) {}, // the window's own
      },
      command);
}

} // namespace lapidary::ui
