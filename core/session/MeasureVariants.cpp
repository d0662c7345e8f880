#include "core/bench/Worker.h"
#include "core/session/Reports.h"
#include "core/session/RunRecorder.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace lapidary {

namespace {

using Clock = std::chrono::steady_clock;

// Where an operation stands. Compiling and the reference take what they take; the share of
// measuring grows with the time spent of the time that it may take at most.
class ProgressMeter {
public:
  ProgressMeter(const OnProgress &progress, double longestMeasuring)
      : report(progress), longest(longestMeasuring) {}

  void compiling(const std::string &label, double done) { say("compile " + label, 0.2 * done); }
  void phase(const std::string &name) {
    current = name;
    measured();
  }
  // Called for each sample; says so at most ten times a second.
  void measured() {
    const auto now = Clock::now();
    if (!begin)
      begin = now;
    if (current == said && now - last < std::chrono::milliseconds(100))
      return;
    last = now;
    said = current;
    const double spent = std::chrono::duration<double>(now - *begin).count();
    say(current, 0.2 + 0.8 * std::min(0.99, spent / longest));
  }

private:
  void say(const std::string &phase, double fraction) const {
    if (report)
      report({phase, fraction});
  }

  const OnProgress &report;
  double longest; // seconds of measuring at most
  std::string current, said;
  std::optional<Clock::time_point> begin;
  Clock::time_point last;
};

std::pair<std::vector<std::string>, std::vector<std::string>>
runtimeParameters(const Specialization &specialization) {
  std::vector<std::string> names, types;
  for (const ArgumentSpecialization &argument : specialization.arguments)
    if (!argument.constant) {
      names.push_back(argument.name);
      types.push_back(argument.type);
    }
  return {names, types};
}

CodeObject codeObject(const Variant &variant) {
  CodeObject object;
  object.label = variant.label;
  object.cacheKey = variant.cacheKey;
  object.binary = variant.compiled.stages.back().contents;
  object.entry = variant.compiled.entry;
  std::tie(object.parameters, object.types) = runtimeParameters(variant.specialization);
  for (const auto &[name, value] : variant.options)
    if (name == "num_warps")
      object.numWarps = static_cast<int>(toInt64(value).value_or(object.numWarps));
  for (const auto &[name, value] : variant.compiled.resources.values) {
    if (name == "shared")
      object.sharedBytes = value;
    else if (name == "launch_warps")
      object.numWarps = static_cast<int>(value);
    else if (name == "cluster")
      object.clusterBlocks = static_cast<int>(value);
    else if (name == "cooperative")
      object.cooperative = value != 0;
    else if (name == "hidden_pointers")
      object.hiddenPointers = static_cast<int>(value);
    else if (name == "global_scratch_bytes" || name == "profile_scratch_bytes")
      object.scratchBytes.push_back(value);
  }
  return object;
}

// Why a variant has no code, in one line.
VariantReport failedToCompile(const Variant &variant) {
  VariantReport report;
  report.label = variant.label;
  report.cacheKey = variant.cacheKey;
  if (variant.problem) {
    report.error = variant.problem->message;
    report.errorCode = errorCodeName(variant.problem->code);
    return report;
  }
  report.errorCode = errorCodeName(ErrorCode::CompileFailed);
  const auto first =
      std::ranges::find(variant.compiled.diagnostics, Severity::Error, &Diagnostic::severity);
  report.error = first == variant.compiled.diagnostics.end()
                     ? "the kernel did not compile"
                     : fmt::format("line {}: {}{}", first->range.line, first->message,
                                   first->notes.empty() ? "" : "; " + first->notes[0].message);
  return report;
}

// Triton's own IR of a kernel that our elaboration does not know; empty when Triton refuses it too.
std::string tritonReference(const Services &services, const KernelChoice &choice,
                            const Specialization &generic) {
  const auto reply = services.triton->compile(*choice.file, *choice.kernel, generic,
                                              choice.launch.options, "ttir", {});
  const StageArtifact *ttir = reply ? reply->compiled.stage("ttir") : nullptr;
  return ttir ? ttir->contents : std::string();
}

// What the launch passes and what results are compared with: everything of a job but its variants.
Result<MeasureJob> describeJob(const Services &services, const KernelChoice &choice,
                               const DeviceTarget &device, const std::string &ruleSet,
                               const MeasureOptions &options) {
  MeasureJob job;
  job.device = device;
  job.arguments = choice.launch.arguments;
  job.options = options;
  const auto grid = evaluateGrid(choice.launch, *choice.kernel, *choice.file);
  if (!grid)
    return std::unexpected(grid.error());
  job.grid = *grid;
  job.outputs = choice.launch.outputs;
  if (!options.verify)
    return job;
  const auto whole =
      specialize(*services.rules, ruleSet, device.target, *choice.kernel, choice.launch);
  if (!whole)
    return std::unexpected(whole.error());
  const auto generic = applyMask(*whole, {PropertyMask::Kind::None, {}});
  if (!generic)
    return std::unexpected(generic.error());
  Elaboration reference = services.compiler.elaborate(*choice.file, *choice.kernel, *generic);
  job.referenceTtir = reference.ttir;
  if (job.referenceTtir.empty() && services.triton)
    job.referenceTtir = tritonReference(services, choice, *generic);
  std::tie(job.referenceParameters, job.referenceTypes) = runtimeParameters(*generic);
  if (job.outputs.empty())
    job.outputs = std::move(reference.storedTo);
  if (job.outputs.empty() && reference.ttir.empty()) // everything that it could have written
    for (std::size_t i = 0; i < job.referenceTypes.size(); ++i)
      if (job.referenceTypes[i].starts_with('*'))
        job.outputs.push_back(job.referenceParameters[i]);
  return job;
}

// What `lap export` needs to write the measured configuration for other tools.
Json runOptions(const Services &services, const KernelChoice &choice, const std::string &ruleSet,
                const MeasureOptions &options) {
  Json parameters = Json::object(), compile = Json::object(), key = Json::array();
  const Json launch = toJson(choice.launch);
  for (const KernelParameter &parameter : choice.kernel->parameters) {
    const Value *value = choice.launch.argument(parameter.name);
    if (parameter.isConstexpr && launch.contains("arguments") &&
        launch["arguments"].contains(parameter.name))
      parameters[parameter.name] = launch["arguments"][parameter.name];
    else if (!parameter.isConstexpr && value && value->as<Integer>())
      key.push_back(parameter.name);
  }
  for (const AutotuneDecorator &autotune : choice.kernel->autotune)
    if (!autotune.key.empty())
      key = autotune.key;
  if (launch.contains("options"))
    compile = launch["options"];
  return {{"rules", ruleSet},
          {"compiler", compilerName(services)},
          {"configuration", {{"parameters", parameters}, {"options", compile}}},
          {"tuning_key", key},
          {"measure", toJson(options)}};
}

RunRecord runRecord(const Services &services, const KernelChoice &choice,
                    const DeviceTarget &target, const std::string &ruleSet, std::size_t variants,
                    const MeasureOptions &options) {
  RunRecord record;
  record.kind = variants > 1 ? "compare" : "bench";
  record.kernel = choice.kernel->name;
  record.file = choice.file->path;
  record.sourceHash = sourceHash(*choice.file, *choice.kernel);
  record.target = toString(target.target);
  record.launch = toJson(choice.launch);
  record.deviceState = Json::object();
  record.options = runOptions(services, choice, ruleSet, options);
  return record;
}

// The device asked for, or the first of the target's architecture.
Result<DeviceInfo> chooseDevice(WorkerClient &worker, const DeviceTarget &wanted) {
  const auto devices = worker.devices(wanted.target.backend);
  if (!devices)
    return std::unexpected(devices.error());
  std::string attached;
  for (const DeviceInfo &device : *devices) {
    const bool asked =
        wanted.ordinal < 0 ? device.target == wanted.target : device.ordinal == wanted.ordinal;
    if (asked)
      return device;
    attached += fmt::format("{}{}@{}", attached.empty() ? "" : ", ", toString(device.target),
                            device.ordinal);
  }
  return fail(ErrorCode::NotFound,
              fmt::format("{}{} is not attached; there is: {}", toString(wanted.target),
                          wanted.ordinal < 0 ? "" : fmt::format("@{}", wanted.ordinal), attached),
              toString(wanted.target));
}

// The worker's report has the variants that it was sent; the others failed before.
void mergeReports(MeasureReport &report, const std::vector<Variant> &variants) {
  std::vector<VariantReport> all;
  for (const Variant &variant : variants) {
    const auto found = std::ranges::find(report.variants, variant.label, &VariantReport::label);
    all.push_back(found == report.variants.end() ? failedToCompile(variant) : *found);
  }
  report.variants = std::move(all);
}

Result<std::vector<Variant>> compileAll(const Services &services, const KernelChoice &choice,
                                        const Target &target, const std::string &ruleSet,
                                        const std::vector<PropertyMask> &masks,
                                        ProgressMeter &meter, const CancelToken &cancel) {
  std::vector<Variant> variants;
  for (const PropertyMask &mask : masks) {
    meter.compiling(toString(mask), double(variants.size()) / double(masks.size()));
    auto variant = compileVariant(services, choice, target, ruleSet, mask, "", cancel);
    if (!variant)
      return std::unexpected(variant.error());
    variants.push_back(std::move(*variant));
  }
  return variants;
}

// Opens the run, measures, and adds each sample to it.
Result<MeasureReport> measureJob(const Services &services, const KernelChoice &choice,
                                 MeasureJob &job, const std::vector<Variant> &variants,
                                 RunRecord &record, RunRecorder &recorder, ProgressMeter &meter,
                                 const std::function<void(const SampleEvent &)> &onSample,
                                 const CancelToken &cancel) {
  WorkerClient worker(services.workerCommand);
  const auto device = chooseDevice(worker, job.device);
  if (!device)
    return std::unexpected(device.error());
  job.device.ordinal = device->ordinal;
  record.device = device->name;
  recorder.open(choice, record, variants);
  std::map<std::string, std::string> keys;
  for (const Variant &variant : variants)
    keys[variant.label] = variant.cacheKey;
  return worker.measure(
      job,
      [&](const SampleEvent &sample) {
        recorder.add(keys[sample.label], sample);
        meter.measured();
        if (onSample)
          onSample(sample);
      },
      [&](const std::string &phase) { meter.phase(phase); }, cancel);
}

Result<CompareResult> measure(const Services &services, const KernelChoice &choice,
                              const DeviceTarget &target, const std::string &ruleSet,
                              std::vector<Variant> variants, const MeasureOptions &options,
                              ProgressMeter &meter,
                              const std::function<void(const SampleEvent &)> &onSample,
                              const CancelToken &cancel) {
  auto job = describeJob(services, choice, target, ruleSet, options);
  if (!job)
    return std::unexpected(job.error());
  CompareResult result;
  result.variants = std::move(variants);
  result.mode = options.modes.empty() ? "hot" : options.modes.front();
  for (const Variant &variant : result.variants)
    if (variant.ok())
      job->variants.push_back(codeObject(variant));

  const bool isComparison = result.variants.size() > 1;
  RunRecord record = runRecord(services, choice, target, ruleSet, result.variants.size(), options);
  RunRecorder recorder(services.store);
  if (job->variants.empty()) {
    recorder.open(choice, record, result.variants); // a failure is a result
  } else {
    auto report = measureJob(services, choice, *job, result.variants, record, recorder, meter,
                             onSample, cancel);
    if (!report)
      return std::unexpected(report.error());
    result.report = std::move(*report);
  }
  mergeReports(result.report, result.variants);
  result.run = recorder.run();
  recorder.finish(toJson(result.report.device),
                  isComparison ? compareReport(choice, result, Samples::Without)
                               : benchReport(choice, result, Samples::Without));
  if (!recorder.warning().empty())
    result.report.warnings.push_back("the run is not kept whole: " + recorder.warning());
  return result;
}

// One more than there are variants, for the noise floor.
double longestMeasuring(const MeasureOptions &options, std::size_t variants) {
  return options.timeLimitSeconds * double(options.modes.size()) * double(variants + 1);
}

} // namespace

Result<DeviceTarget> completeTarget(const Services &services, const DeviceTarget &target) {
  const auto backend = services.backends->find(target.target.backend);
  if (!target.target.architecture.empty() || !backend || (*backend)->targetHook(target.target))
    return target;
  for (const BackendState &state : listDevices(services))
    if (state.backend == target.target.backend) {
      for (const DeviceInfo &device : state.devices)
        if (target.ordinal < 0 || device.ordinal == target.ordinal)
          return DeviceTarget{device.target, device.ordinal};
      return fail(ErrorCode::NotFound,
                  fmt::format("{} names no architecture, and there is no such device to take it "
                              "from: {}; write for example cuda:90 or hip:gfx942",
                              toString(target.target),
                              state.problem.empty() ? "it is not attached" : state.problem),
                  toString(target.target));
    }
  return target;
}

Result<CompareResult> measureVariants(const Services &services, const KernelChoice &choice,
                                      const DeviceTarget &target, const std::string &ruleSet,
                                      const std::vector<PropertyMask> &masks,
                                      const MeasureOptions &options, const OnProgress &progress,
                                      const std::function<void(const SampleEvent &)> &onSample,
                                      const CancelToken &cancel) {
  ProgressMeter meter(progress, longestMeasuring(options, masks.size()));
  auto variants = compileAll(services, choice, target.target, ruleSet, masks, meter, cancel);
  if (!variants)
    return std::unexpected(variants.error());
  return measure(services, choice, target, ruleSet, std::move(*variants), options, meter, onSample,
                 cancel);
}

Result<CompareResult> measureCompiled(const Services &services, const KernelChoice &choice,
                                      const DeviceTarget &target, const std::string &ruleSet,
                                      std::vector<Variant> variants, const MeasureOptions &options,
                                      const OnProgress &progress,
                                      const std::function<void(const SampleEvent &)> &onSample,
                                      const CancelToken &cancel) {
  ProgressMeter meter(progress, longestMeasuring(options, variants.size()));
  return measure(services, choice, target, ruleSet, std::move(variants), options, meter, onSample,
                 cancel);
}

} // namespace lapidary
