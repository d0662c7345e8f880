#include "app/lap/CommandLine.h"
#include "app/lap/Table.h"
#include "core/support/Units.h"

#include <fmt/format.h>

namespace lapidary::cli {

namespace {

int showDevices(Invocation &invocation) {
  const auto services = invocation.makeServices();
  if (!services)
    return complain(services.error());
  Json json = {{"backends", Json::array()}};
  Table table({"target", ">device", "name", ">units", ">memory", "driver"});
  std::string problems;
  for (const BackendState &state : listDevices(*services)) {
    Json devices = Json::array();
    for (const DeviceInfo &device : state.devices) {
      devices.push_back(toJson(device));
      table.row({toString(device.target), std::to_string(device.ordinal), device.name,
                 std::to_string(device.units), formatBytes(device.memoryBytes), device.driver});
    }
    if (!state.problem.empty())
      problems += fmt::format("{}: {}\n", state.backend, state.problem);
    json["backends"].push_back({{"backend", state.backend},
                                {"devices", devices},
                                {"problem", state.problem},
                                {"problem_code", state.problemCode}});
  }
  if (invocation.json)
    printJson(json);
  else
    print(table.text() + (problems.empty() ? "" : "\n" + problems));
  return 0;
}

int showDoctor(Invocation &invocation) {
  const auto services = invocation.makeServices();
  if (!services)
    return complain(services.error());
  Json json = {{"checks", Json::array()}};
  bool healthy = true;
  std::string text;
  for (const DoctorLine &line : runDoctor(*services)) {
    healthy = healthy && (line.ok || !line.required);
    json["checks"].push_back({{"subject", line.subject},
                              {"ok", line.ok},
                              {"required", line.required},
                              {"finding", line.finding},
                              {"remedy", line.remedy}});
    text += fmt::format("{:<8} {}: {}\n",
                        line.ok         ? "ok"
                        : line.required ? "MISSING"
                                        : "absent",
                        line.subject, line.finding);
    if (!line.remedy.empty())
      text += fmt::format("         -> {}\n", line.remedy);
  }
  json["ok"] = healthy;
  if (invocation.json)
    printJson(json);
  else
    print(text);
  return healthy ? 0 : 1;
}

} // namespace

void addMachine(CLI::App &app, Invocation &invocation) {
  CLI::App *devices =
      addVerb(app, invocation, "devices", "List what is attached, and why nothing is");
  devices->callback(
      [&invocation] { invocation.run = [&invocation] { return showDevices(invocation); }; });

  CLI::App *doctor =
      addVerb(app, invocation, "doctor", "Say what is missing on this machine and how to get it");
  doctor->callback(
      [&invocation] { invocation.run = [&invocation] { return showDoctor(invocation); }; });

  CLI::App *worker = app.add_subcommand(
      "worker", "Measure on behalf of another process, over standard input and output");
  worker->callback([&invocation] { invocation.run = invocation.serveWorker; });
}

} // namespace lapidary::cli
