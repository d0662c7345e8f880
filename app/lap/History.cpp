#include "app/lap/CommandLine.h"
#include "app/lap/Table.h"
#include "core/exchange/Exchange.h"
#include "core/support/Units.h"

#include <fmt/format.h>

namespace lapidary::cli {

namespace {

// "6.09x faster" of a comparison, "1.921 ms" of a bench, "unfinished", "incorrect".
std::string resultText(const RunRecord &run) {
  if (run.finishedAt.empty())
    return "unfinished";
  if (!run.result.is_object())
    return "-";
  if (const auto correct = run.result.find("correct");
      correct != run.result.end() && *correct == false)
    return "incorrect";
  if (const auto ratio = run.result.find("ratio");
      ratio != run.result.end() && ratio->is_object() && ratio->value("value", Json()).is_number())
    return fmt::format("{} {}", formatRatio((*ratio)["value"].get<double>()),
                       ratio->value("verdict", ""));
  if (const auto modes = run.result.find("modes");
      modes != run.result.end() && modes->is_object() && !modes->empty())
    if (const Json &first = *modes->begin();
        first.is_object() && first.contains("median") && first["median"].is_number())
      return formatTime(first["median"].get<double>());
  return "failed";
}

Json historyJson(const RunRecord &run) {
  Json json = {{"run", run.id},
               {"kind", run.kind},
               {"kernel", run.kernel},
               {"file", run.file},
               {"target", run.target},
               {"device", run.device},
               {"started_at", run.startedAt},
               {"finished_at", run.finishedAt},
               {"note", run.note},
               {"summary", resultText(run)}};
  return json;
}

// Reading makes no database: where there is none there are no runs.
Result<std::unique_ptr<Store>> openForReading() {
  return Store::open(defaultStorePath(), Store::Mode::ReadOnly);
}

int listHistory(const HistoryFilter &filter, bool json) {
  std::vector<RunRecord> runs;
  auto store = openForReading();
  if (store) {
    auto found = (*store)->history(filter);
    if (!found)
      return complain(found.error());
    runs = std::move(*found);
  } else if (store.error().code != ErrorCode::NotFound) {
    return complain(store.error());
  }
  if (json) {
    Json list = Json::array();
    for (const RunRecord &run : runs)
      list.push_back(historyJson(run));
    printJson({{"runs", list}});
    return 0;
  }
  if (runs.empty()) {
    warn("no runs are stored yet; `lap compare` and `lap bench` keep theirs");
    return 0;
  }
  Table table({"run", "started", "kind", "kernel", "target", "device", ">result", "note"});
  for (const RunRecord &run : runs)
    table.row({run.id, run.startedAt, run.kind, run.kernel, run.target, run.device, resultText(run),
               run.note});
  print(table.text());
  return 0;
}

int showRun(const std::string &id, bool json) {
  auto store = openForReading();
  if (!store)
    return complain(store.error());
  const auto bundle = loadBundle(**store, id);
  if (!bundle)
    return complain(bundle.error());
  if (json) {
    printJson(runJson(bundle->run, bundle->samples));
    return 0;
  }
  if (const auto report = exportRun(*bundle, "markdown")) {
    print(*report);
    return 0;
  }
  Table table({"variant", "mode", ">samples"});
  for (const SampleRecord &record : bundle->samples)
    table.row({record.label, record.mode, std::to_string(record.samples.size())});
  print(fmt::format("{} {} of {}, started {}, not finished\n\n{}", bundle->run.kind, bundle->run.id,
                    bundle->run.kernel, bundle->run.startedAt, table.text()));
  return 0;
}

} // namespace

void addHistory(CLI::App &app, Invocation &invocation) {
  CLI::App *history =
      addVerb(app, invocation, "history", "List the runs that are kept, newest first",
              "history --filter softmax");
  auto filter = std::make_shared<HistoryFilter>();
  history
      ->add_option("--filter", filter->text,
                   "Only runs whose kernel, file, device, note or id holds this text")
      ->type_name("TEXT");
  history->add_option("--limit", filter->limit, "Most runs to list")
      ->type_name("COUNT")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  history->callback([&invocation, filter] {
    invocation.run = [&invocation, filter] { return listHistory(*filter, invocation.json); };
  });

  CLI::App *show =
      addVerb(app, invocation, "show", "Show a stored run; --json with every sample", "show r0a1b");
  auto id = std::make_shared<std::string>();
  show->add_option("ID", *id, "Id of the run, or its beginning")->type_name("")->required();
  show->callback([&invocation, id] {
    invocation.run = [&invocation, id] { return showRun(*id, invocation.json); };
  });
}

} // namespace lapidary::cli
