#include "core/session/WorkbenchState.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace lapidary {

namespace {

constexpr std::size_t mostJobs = 50; // the ended ones beyond are forgotten
constexpr auto sampleInterval = std::chrono::milliseconds(50);

bool ended(const JobState &job) {
  return job.status != JobState::Status::Queued && job.status != JobState::Status::Running;
}

std::string labelOf(const PropertyMask &mask) {
  return mask.kind == PropertyMask::Kind::All ? "specialized" : "generic";
}

std::string firstError(const std::vector<Diagnostic> &diagnostics) {
  const auto first = std::ranges::find(diagnostics, Severity::Error, &Diagnostic::severity);
  return first == diagnostics.end() ? std::string()
                                    : fmt::format("line {}: {}", first->range.line, first->message);
}

std::string errorOf(const Variant &variant) {
  if (variant.problem)
    return variant.problem->message;
  if (variant.compiled.ok)
    return {};
  const std::string error = firstError(variant.compiled.diagnostics);
  return error.empty() ? "the kernel did not compile" : error;
}

// Samples of a running measurement, handed on in groups.
class SampleGroups {
public:
  using Handler = std::function<void(std::vector<SampleEvent>)>;
  explicit SampleGroups(Handler handler) : give(std::move(handler)) {}
  void add(const SampleEvent &sample) {
    group.push_back(sample);
    const auto now = std::chrono::steady_clock::now();
    if (now - last < sampleInterval)
      return;
    last = now;
    give(std::exchange(group, {}));
  }

private:
  Handler give;
  std::vector<SampleEvent> group;
  std::chrono::steady_clock::time_point last;
};

} // namespace

JobState &Workbench::State::jobState(int id) {
  const auto found = std::ranges::find(model.shown.jobs, id, &JobState::id);
  if (found != model.shown.jobs.end())
    return *found;
  JobState &made = model.shown.jobs.emplace_back();
  made.id = id;
  return made;
}

void Workbench::State::beginJob(int id, std::string title) {
  std::erase_if(model.shown.jobs, [&, many = model.shown.jobs.size()](const JobState &job) mutable {
    if (many <= mostJobs || !ended(job))
      return false;
    --many;
    jobs.erase(job.id);
    return true;
  });
  jobState(id).title = std::move(title);
  jobs[id].begin = Clock::now();
}

void Workbench::State::progressJob(int id, const std::string &phase, double fraction) {
  JobState &job = jobState(id);
  if (ended(job))
    return;
  if (job.status == JobState::Status::Queued)
    jobs[id].begin = Clock::now();
  job.status = JobState::Status::Running;
  job.phase = phase;
  job.fraction = fraction;
  const double spent = std::chrono::duration<double>(Clock::now() - jobs[id].begin).count();
  job.etaSeconds = fraction > 0.02 ? spent * (1 - fraction) / fraction : -1;
}

void Workbench::State::endJob(int id, JobState::Status status, const std::string &message) {
  JobState &job = jobState(id);
  if (ended(job))
    return;
  job.status = status;
  job.message = message;
  job.phase.clear();
  job.etaSeconds = -1;
  if (status == JobState::Status::Done)
    job.fraction = 1;
  if (status == JobState::Status::Failed)
    model.log(Severity::Error, fmt::format("{}: {}", job.title, message));
  if (runningCompile == id)
    runningCompile = 0;
}

void Workbench::State::cancelJob(int id) {
  const auto found = jobs.find(id);
  if (found == jobs.end())
    return;
  found->second.token.cancel();
  endJob(id, JobState::Status::Cancelled);
}

// A row about to be made anew: what was measured of other code no longer stands beside it.
void Workbench::State::freshRow(const std::string &label, const Target &target,
                                const std::string &stamp) {
  VariantRow row;
  row.label = label;
  row.target = target;
  VariantRow &shown = model.row(label, target);
  if (shown.stale || model.stamp() != stamp || shown.key.empty())
    shown = std::move(row);
  model.setRowStamp(label, target, stamp);
}

void Workbench::State::startCompile(int id) {
  if (runningCompile != 0) {
    jobs[runningCompile].token.cancel();
    endJob(runningCompile, JobState::Status::Cancelled, "a newer compile took its place");
  }
  model.update();
  const auto choice = model.choice();
  beginJob(id, fmt::format("Compile {}", model.shown.kernel));
  if (!choice)
    return endJob(id, JobState::Status::Failed, describe(choice.error()));
  runningCompile = id;
  Job &job = jobs[id];
  job.total = job.open = static_cast<int>(model.shown.targets.size()) * 2;
  if (job.total == 0)
    return endJob(id, JobState::Status::Failed, "no target is chosen");
  for (const Target &target : model.shown.targets)
    for (const auto kind : {PropertyMask::Kind::All, PropertyMask::Kind::None})
      compilers.post([this, id, choice = *choice, target, rules = model.shown.ruleSet,
                      mask = PropertyMask{kind, {}}, stamp = model.stamp(), token = job.token] {
        const std::string label = labelOf(mask);
        if (token.cancelled())
          return;
        report([this, id, label, target](WorkbenchModel &) {
          const Job &job = jobs[id];
          progressJob(id, fmt::format("{}, {}", toString(target), label),
                      double(job.total - job.open) / job.total);
        });
        auto variant = compileVariant(services, choice, target, rules, mask, "", token);
        command([this, id, variant = std::move(variant), label, target, stamp](WorkbenchModel &) {
          adoptCompiled(id, variant, label, target, stamp);
        });
      });
}

void Workbench::State::adoptCompiled(int id, const Result<Variant> &variant,
                                     const std::string &label, const Target &target,
                                     const std::string &stamp) {
  if (jobs[id].token.cancelled())
    return; // superseded
  freshRow(label, target, stamp);
  VariantRow &row = model.row(label, target);
  if (variant) {
    row.key = variant->specialization.key;
    row.compiled = variant->compiled;
    row.ttir = variant->ttir;
    row.error = errorOf(*variant);
    model.setElaborationDiagnostics(variant->compiled.diagnostics, stamp);
  } else {
    row.error = describe(variant.error());
  }
  Job &job = jobs[id];
  job.failures += row.error.empty() ? 0 : 1;
  if (--job.open > 0)
    return progressJob(id, "compile", double(job.total - job.open) / job.total);
  if (job.failures == 0)
    endJob(id, JobState::Status::Done);
  else
    endJob(id, JobState::Status::Failed,
           fmt::format("{} of {} variants did not compile; the table says why", job.failures,
                       job.total));
}

void Workbench::State::startCompare(int id, const DeviceTarget &target) {
  model.update();
  const auto choice = model.choice();
  beginJob(id, fmt::format("Compare {} on {}", model.shown.kernel, toString(target.target)));
  if (!choice)
    return endJob(id, JobState::Status::Failed, describe(choice.error()));
  auto &device = devices[{target.target.backend, std::max(target.ordinal, 0)}];
  if (!device)
    device = std::make_unique<Executor>(1);
  device->post([this, id, choice = *choice, target, rules = model.shown.ruleSet,
                stamp = model.stamp(), token = jobs[id].token] {
    if (!token.cancelled())
      measure(id, choice, target, rules, stamp, token);
  });
}

// On the device's thread.
void Workbench::State::measure(int id, const KernelChoice &choice, const DeviceTarget &target,
                               const std::string &ruleSet, const std::string &stamp,
                               const CancelToken &token) {
  command([this, stamp, target, token](WorkbenchModel &model) {
    if (token.cancelled())
      return;
    for (const char *label : {"specialized", "generic"}) {
      freshRow(label, target.target, stamp);
      VariantRow &row = model.row(label, target.target);
      row.modes.clear();
      row.ratio.reset();
      row.verdict.clear();
      row.correct.reset();
    }
  });
  SampleGroups groups([&](std::vector<SampleEvent> samples) {
    report([target, token, samples = std::move(samples)](WorkbenchModel &model) {
      if (token.cancelled())
        return;
      for (const SampleEvent &sample : samples)
        model.row(sample.label, target.target)
            .modes[sample.mode]
            .samples.push_back(sample.nanoseconds);
    });
  });
  auto result = measureVariants(
      services, choice, target, ruleSet,
      {{PropertyMask::Kind::All, {}}, {PropertyMask::Kind::None, {}}}, {},
      [&](const Progress &progress) {
        report([this, id, progress](WorkbenchModel &) {
          progressJob(id, progress.phase, progress.fraction);
        });
      },
      [&](const SampleEvent &sample) { groups.add(sample); }, token);
  command([this, id, result = std::move(result), stamp](WorkbenchModel &) {
    adoptComparison(id, result, stamp);
  });
}

void Workbench::State::adoptComparison(int id, const Result<CompareResult> &result,
                                       const std::string &stamp) {
  if (jobs[id].token.cancelled())
    return;
  if (!result)
    return endJob(id, JobState::Status::Failed, describe(result.error()));
  const MeasureReport &report = result->report;
  std::string failure;
  for (std::size_t i = 0; i < result->variants.size(); ++i) {
    const Variant &variant = result->variants[i];
    model.row(variant.label, variant.target) = rowOf(variant, report.variants[i], report);
    model.setRowStamp(variant.label, variant.target, stamp);
    if (failure.empty() && !report.variants[i].error.empty())
      failure = fmt::format("{}: {}", variant.label, report.variants[i].error);
    model.setElaborationDiagnostics(variant.compiled.diagnostics, stamp);
  }
  for (const std::string &warning : report.warnings)
    model.log(Severity::Warning, warning);
  model.shown.noiseFloor = report.noiseFloor;
  if (!result->run.empty())
    model.shown.lastRun = result->run;
  endJob(id, failure.empty() ? JobState::Status::Done : JobState::Status::Failed, failure);
  readHistory(historyFilter);
}

} // namespace lapidary
