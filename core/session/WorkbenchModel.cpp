#include "core/session/WorkbenchModel.h"

#include "core/support/Hash.h"
#include "core/support/Paths.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

namespace lapidary {

namespace {

constexpr std::size_t mostLogLines = 1000;

std::string localTime() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}", fmt::localtime(std::time(nullptr)));
}

std::string fileName(const std::string &path) {
  return std::filesystem::path(path).filename().string();
}

} // namespace

WorkbenchModel::WorkbenchModel(std::shared_ptr<const RuleSets> sets) : rules(std::move(sets)) {
  shown.ruleSet = defaultRuleSet;
  shown.ruleSets = rules ? ruleSetNames(*rules) : std::vector<std::string>{};
  shown.targets = {{"cuda", "90"}, {"hip", "gfx942"}, {"cpu", ""}};
}

void WorkbenchModel::log(Severity severity, std::string text) {
  shown.log.push_back({localTime(), severity, std::move(text)});
  if (shown.log.size() > mostLogLines)
    shown.log.erase(shown.log.begin(), shown.log.end() - mostLogLines);
}

const JitFunction *WorkbenchModel::kernel() const {
  return shown.file && !shown.kernel.empty() ? shown.file->find(shown.kernel) : nullptr;
}

void WorkbenchModel::openFile(const std::string &path) {
  auto file = openKernelFile(path);
  if (!file) {
    log(Severity::Error, describe(file.error()));
    return;
  }
  shown.file = std::move(*file);
  pendingText.reset();
  sourceChanged = true;
  launches.clear();
  rowStamps.clear();
  shown.variants.clear();
  const auto kernels = shown.file->kernels();
  log(Severity::Note,
      fmt::format("opened {}: {} kernel{}", path, kernels.size(), kernels.size() == 1 ? "" : "s"));
  // A kernel with a launch beside it says more than the first one.
  std::string name = kernels.empty() ? std::string() : kernels.front()->name;
  for (const JitFunction *candidate : kernels) {
    std::vector<Diagnostic> ignored;
    if (const auto beside = launchesBeside(path, candidate->name, ignored); std::ranges::any_of(
            beside, [](const NamedLaunch &one) { return !one.launch.kernel.empty(); })) {
      name = candidate->name;
      break;
    }
  }
  adoptKernel(name);
}

void WorkbenchModel::setText(std::string text) {
  if (shown.file && !pendingText && text == shown.file->text)
    return;
  pendingText = std::move(text);
  sourceChanged = true;
}

void WorkbenchModel::saveFile(const std::string &path) {
  updateSource();
  if (!shown.file) {
    log(Severity::Error, "there is nothing to save: no file is open");
    return;
  }
  if (auto written = writeFileAtomically(path, shown.file->text); !written) {
    log(Severity::Error, describe(written.error()));
    return;
  }
  log(Severity::Note, "saved " + path);
  if (path != shown.file->path) {
    shown.file = parseKernelFile(shown.file->text, path);
    sourceChanged = true;
  }
}

void WorkbenchModel::selectKernel(const std::string &name) {
  updateSource();
  if (!shown.file || !shown.file->find(name)) {
    log(Severity::Error, fmt::format("there is no kernel '{}' in the open file", name));
    return;
  }
  if (name != shown.kernel)
    adoptKernel(name);
}

// The kernel with its known launches; the first of them, else the guess.
void WorkbenchModel::adoptKernel(const std::string &name) {
  shown.kernel = name;
  hashKernel();
  launches.clear();
  shown.launch = Launch();
  launchChanged = true;
  const JitFunction *chosen = kernel();
  if (!chosen) {
    shown.launchNames.clear();
    return;
  }
  std::vector<Diagnostic> problems;
  launches = launchesBeside(shown.file->path, name, problems);
  for (const Diagnostic &problem : problems)
    log(Severity::Warning, problem.message);
  Launch guess = guessLaunch(*shown.file, *chosen);
  guess.name = guessedLaunchName;
  launches.push_back({guessedLaunchName, std::move(guess)});
  adoptLaunch(launches.front().launch, launches.front().name);
}

void WorkbenchModel::adoptLaunch(Launch launch, const std::string &name) {
  shown.launch = std::move(launch);
  shown.launch.name = name;
  launchChanged = launchAdopted = true;
  shown.launchNames.clear();
  for (const NamedLaunch &known : launches)
    shown.launchNames.push_back(known.name);
}

void WorkbenchModel::loadLaunch(const std::string &pathOrName) {
  const auto known = std::ranges::find(launches, pathOrName, &NamedLaunch::name);
  if (known != launches.end()) {
    adoptLaunch(Launch(known->launch), known->name);
    return;
  }
  auto launch = readLaunchArgument(pathOrName);
  if (!launch) {
    log(Severity::Error, describe(launch.error()));
    return;
  }
  updateSource();
  if (!launch->kernel.empty() && launch->kernel != shown.kernel) {
    if (!shown.file || !shown.file->find(launch->kernel)) {
      log(Severity::Error, fmt::format("{} launches '{}', which is not in the open file",
                                       fileName(pathOrName), launch->kernel));
      return;
    }
    adoptKernel(launch->kernel);
  }
  if (launch->name.empty())
    launch->name = fileName(pathOrName);
  std::erase_if(launches, [&](const NamedLaunch &one) { return one.name == launch->name; });
  launches.insert(launches.begin(), {launch->name, *launch});
  adoptLaunch(*launch, launch->name);
}

// What a launch is, whatever it is called; empty where it does not fit the kernel.
std::string WorkbenchModel::formOf(const Launch &launch) const {
  const auto bound = rebindLaunch(*shown.file, *kernel(), launch);
  return bound ? stampOf({}, toJson(*bound), {}) : std::string();
}

void WorkbenchModel::addLaunches(const std::string &ofKernel, std::vector<NamedLaunch> more) {
  updateSource();
  if (ofKernel != shown.kernel || !kernel())
    return;
  std::set<std::string> forms;
  for (const NamedLaunch &known : launches)
    forms.insert(formOf(known.launch));
  const auto isTaken = [this](const std::string &name) {
    return std::ranges::find(launches, name, &NamedLaunch::name) != launches.end();
  };
  for (NamedLaunch &launch : more) {
    if (const std::string form = formOf(launch.launch); form.empty() || !forms.insert(form).second)
      continue;
    const std::string digest = launchDigest(launch.launch);
    std::string name = launch.name.empty() ? digest : launch.name;
    if (isTaken(name) && name != digest)
      name += ", " + digest;
    std::string numbered = name;
    for (int number = 2; isTaken(numbered); ++number)
      numbered = fmt::format("{} ({})", name, number);
    launch.launch.name = launch.name = numbered;
    shown.launchNames.push_back(numbered);
    launches.push_back(std::move(launch));
  }
}

void WorkbenchModel::saveLaunch(const std::string &path) {
  if (auto written = writeFileAtomically(path, dumpJson(toJson(shown.launch), 2) + "\n");
      !written) {
    log(Severity::Error, describe(written.error()));
    return;
  }
  log(Severity::Note, "saved the launch as " + path);
}

// An edit right after a launch was chosen is one to that launch.
void WorkbenchModel::settleLaunch() {
  if (launchAdopted)
    updateLaunch();
}

void WorkbenchModel::setArgument(const std::string &name, Value value) {
  const JitFunction *chosen = kernel();
  if (!chosen || std::ranges::find(chosen->parameters, name, &KernelParameter::name) ==
                     chosen->parameters.end()) {
    log(Severity::Error, fmt::format("the kernel has no argument '{}'", name));
    return;
  }
  settleLaunch();
  shown.launch.setArgument(name, std::move(value));
  launchChanged = true;
}

void WorkbenchModel::setOption(const std::string &name, Value value) {
  settleLaunch();
  shown.launch.setOption(name, std::move(value));
  launchChanged = true;
}

void WorkbenchModel::setGrid(std::vector<std::string> grid) {
  settleLaunch();
  shown.launch.grid = std::move(grid);
  shown.launch.guessed.erase("grid");
  launchChanged = true;
}

void WorkbenchModel::setTargets(std::vector<Target> targets) {
  shown.targets = std::move(targets);
  specializationsChanged = true;
}

void WorkbenchModel::setRuleSet(const std::string &name) {
  if (std::ranges::find(shown.ruleSets, name) == shown.ruleSets.end()) {
    log(Severity::Error, fmt::format("there is no rule set '{}'", name));
    return;
  }
  shown.ruleSet = name;
  specializationsChanged = true;
}

void WorkbenchModel::update() {
  updateSource();
  updateLaunch();
  updateSpecializations();
  updateStaleness();
}

void WorkbenchModel::updateSource() {
  if (pendingText) {
    const std::string path = shown.file ? shown.file->path : "untitled.py";
    shown.file = parseKernelFile(std::move(*pendingText), path);
    pendingText.reset();
  }
  if (!sourceChanged)
    return;
  sourceChanged = false;
  launchChanged = true;
  if (!kernel() && shown.file) {
    const auto kernels = shown.file->kernels();
    if (!kernels.empty() || !shown.kernel.empty())
      adoptKernel(kernels.empty() ? std::string() : kernels.front()->name);
  }
  hashKernel();
}

void WorkbenchModel::hashKernel() {
  const JitFunction *chosen = kernel();
  hashOfKernel = chosen ? sourceHash(*shown.file, *chosen) : std::string();
}

void WorkbenchModel::updateLaunch() {
  if (!launchChanged)
    return;
  launchChanged = false;
  specializationsChanged = true;
  launchDiagnostics.clear();
  launchBound = false;
  const JitFunction *chosen = kernel();
  if (!chosen)
    return;
  const auto complain = [&](const Error &error) {
    launchDiagnostics.push_back({Severity::Error, shown.launch.name, {}, error.message, "", {}});
  };
  auto bound = rebindLaunch(*shown.file, *chosen, shown.launch);
  if (!bound) {
    complain(bound.error());
    return;
  }
  shown.launch = std::move(*bound);
  launchBound = true;
  const std::string form = stampOf({}, toJson(shown.launch), {});
  if (std::exchange(launchAdopted, false))
    adoptedForm = form;
  shown.launchEdited = form != adoptedForm;
  if (const auto grid = evaluateGrid(shown.launch, *chosen, *shown.file); !grid)
    complain(grid.error());
}

void WorkbenchModel::updateSpecializations() {
  if (!specializationsChanged)
    return;
  specializationsChanged = false;
  const JitFunction *chosen = kernel();
  shown.specializations.assign(shown.targets.size(), {});
  shown.specializationProblems.assign(shown.targets.size(), {});
  for (std::size_t i = 0; i < shown.targets.size(); ++i) {
    shown.specializations[i].target = shown.targets[i];
    if (!chosen || !launchBound || !rules) {
      shown.specializationProblems[i] =
          !chosen ? "no kernel is open" : "the launch does not fit the kernel";
      continue;
    }
    auto result = specialize(*rules, shown.ruleSet, shown.targets[i], *chosen, shown.launch);
    if (result)
      shown.specializations[i] = std::move(*result);
    else
      shown.specializationProblems[i] = result.error().message;
  }
  currentStamp = stampOf(hashOfKernel, toJson(shown.launch), shown.ruleSet);
}

std::string WorkbenchModel::stampOf(const std::string &sourceHash, const Json &launch,
                                    const std::string &ruleSet) {
  Json code = launch; // what a launch is called, and who chose its values, changes no code
  if (code.is_object()) {
    code.erase("name");
    code.erase("guessed");
  }
  Sha256 hash;
  hash.field(sourceHash);
  hash.field(dumpJson(code));
  hash.field(ruleSet);
  return hash.hex();
}

void WorkbenchModel::updateStaleness() {
  for (VariantRow &row : shown.variants)
    row.stale = rowStamps[{row.label, row.target}] != currentStamp;
  shown.diagnostics.clear();
  const auto append = [&](const std::vector<Diagnostic> &more) {
    shown.diagnostics.insert(shown.diagnostics.end(), more.begin(), more.end());
  };
  if (shown.file)
    append(shown.file->problems);
  if (const JitFunction *chosen = kernel())
    append(chosen->problems);
  append(launchDiagnostics);
  if (elaborationStamp == currentStamp)
    append(elaborationDiagnostics);
}

Result<KernelChoice> WorkbenchModel::choice() const {
  const JitFunction *chosen = kernel();
  if (!shown.file)
    return fail(ErrorCode::InvalidInput, "no kernel is open; open a .py file first");
  if (!chosen)
    return fail(ErrorCode::InvalidInput, shown.file->path + " holds no kernel", shown.file->path);
  if (const auto wrong =
          std::ranges::find(launchDiagnostics, Severity::Error, &Diagnostic::severity);
      wrong != launchDiagnostics.end())
    return fail(ErrorCode::InvalidInput, wrong->message, shown.launch.name);
  return KernelChoice{shown.file, chosen, shown.launch};
}

VariantRow &WorkbenchModel::row(const std::string &label, const Target &target) {
  for (VariantRow &row : shown.variants)
    if (row.label == label && row.target == target)
      return row;
  VariantRow &made = shown.variants.emplace_back();
  made.label = label;
  made.target = target;
  return made;
}

void WorkbenchModel::setRowStamp(const std::string &label, const Target &target,
                                 std::string stamp) {
  rowStamps[{label, target}] = std::move(stamp);
}

void WorkbenchModel::replaceRows(std::vector<VariantRow> rows, const std::string &stamp) {
  shown.variants = std::move(rows);
  rowStamps.clear();
  for (const VariantRow &row : shown.variants)
    rowStamps[{row.label, row.target}] = stamp;
}

void WorkbenchModel::setElaborationDiagnostics(std::vector<Diagnostic> diagnostics,
                                               std::string stamp) {
  elaborationDiagnostics = std::move(diagnostics);
  elaborationStamp = std::move(stamp);
}

} // namespace lapidary
