#include "core/session/Workbench.h"

#include "core/exchange/Exchange.h"
#include "core/session/WorkbenchState.h"
#include "core/support/Paths.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace lapidary {

namespace {

constexpr auto publishInterval = std::chrono::milliseconds(50);

int compileThreads() {
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, 8);
}

} // namespace

Workbench::State::State(Services given, Listener heard)
    : services(std::move(given)), listener(std::move(heard)), model(services.rules),
      latest(std::make_shared<const Snapshot>(model.shown)), compilers(compileThreads()) {}

Workbench::State::~State() {
  closing = true;
  // The front thread goes first: it alone makes executors and cancels jobs, and what is reported to
  // it from here on is dropped.
  front.finish(Executor::Rest::Drop);
  for (auto &[id, job] : jobs)
    job.token.cancel();
  for (auto &[device, executor] : devices)
    executor->finish(Executor::Rest::Drop);
  compilers.finish(Executor::Rest::Drop);
  for (Executor *executor : {&probe, &counter, &surveyor})
    executor->finish(Executor::Rest::Drop);
  if (services.store)
    services.store->drain();
}

void Workbench::State::command(std::function<void(WorkbenchModel &)> edit) {
  enqueue(std::move(edit), true);
}

void Workbench::State::report(std::function<void(WorkbenchModel &)> change) {
  enqueue(std::move(change), false);
}

void Workbench::State::enqueue(std::function<void(WorkbenchModel &)> change, bool urgent) {
  ++waiting;
  front.post([this, change = std::move(change), urgent] {
    change(model);
    editUnseen = editUnseen || urgent;
    const bool last = --waiting == 0;
    const bool due = Clock::now() - lastPublished >= publishInterval;
    // An edit is shown as soon as nothing waits behind it; a stream of changes, in steps.
    if (due || (editUnseen && last))
      publish();
    else if (last)
      publishLater(); // no change that follows would show this one
  });
}

void Workbench::State::publishLater() {
  if (std::exchange(publicationDue, true))
    return;
  front.postAt(lastPublished + publishInterval, [this] {
    if (publicationDue)
      publish();
  });
}

void Workbench::State::publish() {
  if (closing)
    return;
  model.update();
  readLaunches();
  countReach();
  ++model.shown.generation;
  auto next = std::make_shared<const Snapshot>(model.shown);
  {
    const std::lock_guard lock(mutex);
    latest = next;
  }
  lastPublished = Clock::now();
  editUnseen = false;
  publicationDue = false;
  if (listener)
    listener(std::move(next));
}

void Workbench::State::readHistory(const std::string &filter) {
  historyFilter = filter;
  std::error_code ignored;
  if (!services.store || !std::filesystem::exists(services.store->file(), ignored)) {
    model.shown.history.clear();
    return;
  }
  withStore([filter](Store &store) { return store.history({filter, 200}); },
            [this, filter](WorkbenchModel &model, Result<std::vector<RunRecord>> runs) {
              if (filter != historyFilter)
                return; // superseded
              if (runs)
                model.shown.history = std::move(*runs);
              else
                model.log(Severity::Error, describe(runs.error()));
            });
}

// The launches that the store knows of the kernel at hand, once for each kernel.
void Workbench::State::readLaunches() {
  const std::string hash = model.kernelHash();
  std::error_code ignored;
  if (hash.empty() || hash == launchesReadFor || !services.store ||
      !std::filesystem::exists(services.store->file(), ignored))
    return;
  launchesReadFor = hash;
  withStore([hash](Store &store) { return store.launches(hash); },
            [kernel = model.shown.kernel](WorkbenchModel &model, auto stored) {
              if (!stored)
                return model.log(Severity::Warning, describe(stored.error()));
              std::vector<NamedLaunch> launches;
              for (auto &[name, json] : *stored)
                if (auto launch = parseLaunch(dumpJson(json), name))
                  launches.push_back({name, std::move(*launch)});
              model.addLaunches(kernel, std::move(launches));
            });
}

void Workbench::State::probeDevices() {
  probe.post([this, services = services] {
    auto found = listDevices(services);
    command([found = std::move(found)](WorkbenchModel &model) { model.shown.devices = found; });
  });
}

Workbench::Workbench(Services services, Listener listener)
    : state(std::make_unique<State>(std::move(services), std::move(listener))) {}

Workbench::~Workbench() = default;

std::shared_ptr<const Snapshot> Workbench::snapshot() const {
  const std::lock_guard lock(state->mutex);
  return state->latest;
}

void Workbench::openFile(const std::string &path) {
  state->command([path](WorkbenchModel &model) { model.openFile(path); });
}

void Workbench::setText(std::string text) {
  state->command([text = std::move(text)](WorkbenchModel &model) { model.setText(text); });
}

void Workbench::saveFile(const std::string &path) {
  state->command([path](WorkbenchModel &model) { model.saveFile(path); });
}

void Workbench::selectKernel(const std::string &name) {
  state->command([name](WorkbenchModel &model) { model.selectKernel(name); });
}

void Workbench::loadLaunch(const std::string &pathOrName) {
  state->command([pathOrName](WorkbenchModel &model) { model.loadLaunch(pathOrName); });
}

void Workbench::saveLaunch(const std::string &path) {
  state->command([path](WorkbenchModel &model) { model.saveLaunch(path); });
}

void Workbench::setArgument(const std::string &name, Value value) {
  state->command(
      [name, value = std::move(value)](WorkbenchModel &model) { model.setArgument(name, value); });
}

void Workbench::setOption(const std::string &name, Value value) {
  state->command(
      [name, value = std::move(value)](WorkbenchModel &model) { model.setOption(name, value); });
}

void Workbench::setGrid(std::vector<std::string> grid) {
  state->command([grid = std::move(grid)](WorkbenchModel &model) { model.setGrid(grid); });
}

void Workbench::setTargets(std::vector<Target> targets) {
  state->command(
      [targets = std::move(targets)](WorkbenchModel &model) { model.setTargets(targets); });
}

void Workbench::setRuleSet(const std::string &name) {
  state->command([name](WorkbenchModel &model) { model.setRuleSet(name); });
}

int Workbench::compile() {
  const int id = state->nextJob++;
  state->command([this, id](WorkbenchModel &) { state->startCompile(id); });
  return id;
}

int Workbench::compare(const DeviceTarget &target) {
  const int id = state->nextJob++;
  state->command([this, id, target](WorkbenchModel &) { state->startCompare(id, target); });
  return id;
}

void Workbench::countVariants(VariantQuery query) {
  state->command([this, query = std::move(query)](WorkbenchModel &) {
    state->reachQuery = query;
    state->reachCountedFor.clear();
  });
}

int Workbench::survey(const std::string &folder) {
  const int id = state->nextJob++;
  state->command([this, id, folder](WorkbenchModel &) { state->startSurvey(id, folder); });
  return id;
}

void Workbench::cancel(int job) {
  state->command([this, job](WorkbenchModel &) { state->cancelJob(job); });
}

void Workbench::refreshHistory(const std::string &filter) {
  state->command([this, filter](WorkbenchModel &) { state->readHistory(filter); });
}

void Workbench::refreshDevices() {
  state->command([this](WorkbenchModel &) { state->probeDevices(); });
}

void Workbench::openRun(const std::string &run) {
  struct Opened {
    RunRecord run;
    std::vector<VariantRow> rows;
  };
  state->withStore(
      [run, cache = state->services.cache](Store &store) -> Result<Opened> {
        auto record = store.run(run);
        if (!record)
          return std::unexpected(record.error());
        auto samples = store.samples(record->id);
        if (!samples)
          return std::unexpected(samples.error());
        auto rows = rowsOf(*record, *samples, cache.get());
        return Opened{std::move(*record), std::move(rows)};
      },
      [](WorkbenchModel &model, Result<Opened> opened) {
        if (!opened)
          return model.log(Severity::Error, describe(opened.error()));
        const Json &options = opened->run.options;
        const std::string rules =
            options.is_object() && options.contains("rules") && options["rules"].is_string()
                ? options["rules"].get<std::string>()
                : std::string();
        model.replaceRows(
            std::move(opened->rows),
            WorkbenchModel::stampOf(opened->run.sourceHash, opened->run.launch, rules));
        const Json &result = opened->run.result;
        model.shown.noiseFloor = result.is_object() && result.contains("noise_floor") &&
                                         result["noise_floor"].is_number()
                                     ? result["noise_floor"].get<double>()
                                     : -1;
        model.shown.lastRun = opened->run.id;
        model.log(Severity::Note,
                  fmt::format("opened run {} of {}", opened->run.id, opened->run.kernel));
      });
}

void Workbench::annotateRun(const std::string &run, const std::string &note) {
  state->withStore([run, note](Store &store) { return store.annotateRun(run, note); },
                   [this](WorkbenchModel &model, Result<void> done) {
                     if (!done)
                       return model.log(Severity::Error, describe(done.error()));
                     state->readHistory(state->historyFilter);
                   });
}

namespace {

Result<std::string> exportedText(Store &store, const std::string &run, const std::string &format) {
  const auto bundle = loadBundle(store, run);
  if (!bundle)
    return std::unexpected(bundle.error());
  return exportRun(*bundle, format);
}

} // namespace

void Workbench::previewExport(const std::string &run, const std::string &format) {
  state->withStore([run, format](Store &store) { return exportedText(store, run, format); },
                   [run, format](WorkbenchModel &model, Result<std::string> text) {
                     model.shown.exportText = text ? *text : describe(text.error());
                     model.shown.exportRun = run;
                     model.shown.exportFormat = format;
                     model.shown.exportFailed = !text;
                   });
}

void Workbench::exportRun(const std::string &run, const std::string &format,
                          const std::string &path) {
  state->withStore(
      [run, format, path](Store &store) -> Result<void> {
        const auto text = exportedText(store, run, format);
        if (!text)
          return std::unexpected(text.error());
        return writeFileAtomically(path, *text);
      },
      [path](WorkbenchModel &model, Result<void> done) {
        model.log(done ? Severity::Note : Severity::Error,
                  done ? "exported to " + path : describe(done.error()));
      });
}

void Workbench::importFile(const std::string &path) {
  state->withStore(
      [path](Store &store) -> Result<std::vector<std::string>> {
        const auto bundles = lapidary::importFile(path);
        if (!bundles)
          return std::unexpected(bundles.error());
        std::vector<std::string> ids;
        for (const RunBundle &bundle : *bundles) {
          auto id = storeBundle(store, bundle);
          if (!id)
            return std::unexpected(id.error());
          ids.push_back(std::move(*id));
        }
        return ids;
      },
      [this, path](WorkbenchModel &model, Result<std::vector<std::string>> ids) {
        if (!ids)
          return model.log(Severity::Error, describe(ids.error()));
        model.log(Severity::Note, fmt::format("imported {} run{} from {}", ids->size(),
                                              ids->size() == 1 ? "" : "s", path));
        state->readHistory(state->historyFilter);
      });
}

} // namespace lapidary
