#include "core/bench/Experiment.h"

#include "core/bench/Initializer.h"
#include "core/bench/LastWords.h"
#include "core/bench/OutputComparison.h"
#include "core/bench/Statistics.h"
#include "core/runtime/HostMemory.h"
#include "core/support/Units.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

namespace lapidary {

void Experiment::failVariant(int index, const Error &error) {
  VariantReport &variant = report.variants[static_cast<std::size_t>(index)];
  variant.error = error.message;
  variant.errorCode = errorCodeName(error.code);
  variant.modes.clear(); // what went wrong has no time
  std::erase_if(loaded, [&](const Loaded &other) { return other.index == index; });
}

void Experiment::blameAll(const Error &error) {
  loaded.clear();
  for (std::size_t i = 0; i < report.variants.size(); ++i) {
    report.variants[i].correct = false;
    failVariant(static_cast<int>(i), error);
  }
}

Result<void> Experiment::prepare() {
  if (job.variants.empty() || job.options.modes.empty())
    return fail(ErrorCode::InvalidInput,
                "there is nothing to measure: no variant or no mode is given");
  for (const std::string &mode : job.options.modes)
    if (!isMeasuringMode(mode))
      return fail(ErrorCode::InvalidInput,
                  "unknown measuring mode '" + mode + "'; known are hot, cold, batched");
  for (const CodeObject &variant : job.variants) {
    VariantReport variantReport;
    variantReport.label = variant.label;
    variantReport.cacheKey = variant.cacheKey;
    report.variants.push_back(std::move(variantReport));
  }
  report.seed = job.seed;

  auto backend = backends.find(job.device.target.backend);
  if (!backend)
    return std::unexpected(backend.error());
  Result<std::unique_ptr<Device>> opened = (*backend)->open(std::max(job.device.ordinal, 0));
  if (!opened)
    return std::unexpected(opened.error());
  device = std::move(*opened);
  Result<DeviceInfo> info = device->state();
  if (!info)
    return std::unexpected(info.error());
  report.device = std::move(*info);
  events.device(report.device);

  std::vector<std::string> names;
  if (job.options.verify && !job.referenceTtir.empty())
    names = job.referenceParameters;
  for (const CodeObject &variant : job.variants)
    names.insert(names.end(), variant.parameters.begin(), variant.parameters.end());
  Result<LaunchBuffers> made = LaunchBuffers::plan(job, names);
  if (!made)
    return std::unexpected(made.error());
  buffers.emplace(std::move(*made));
  return {};
}

// Whether the tensors do, on the device and on the host; otherwise it stands in the report.
bool Experiment::fits() {
  const std::int64_t bytes = buffers->bytes();
  const std::int64_t available = report.device.details.value("available_bytes", bytes);
  if (bytes > available) {
    blameMemory("device memory", bytes, available);
    return false;
  }
  // Images and, when there is a reference, its copies.
  const std::int64_t times = job.options.verify && !job.referenceTtir.empty() ? 2 : 1;
  const std::int64_t host = availableHostMemory();
  if (bytes > host / times) {
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    blameMemory("host memory", bytes > most / times ? most : times * bytes, host);
    return false;
  }
  return true;
}

void Experiment::blameMemory(const std::string &resource, std::int64_t needed,
                             std::int64_t available) {
  const Error error{ErrorCode::OutOfResource,
                    fmt::format("the launch's tensors need {} of {}, {} are available",
                                formatBytes(needed), resource, formatBytes(available)),
                    {}};
  for (std::size_t i = 0; i < report.variants.size(); ++i) {
    failVariant(static_cast<int>(i), error);
    report.variants[i].shortage = {resource, needed, available};
  }
}

// False when there is no room after all: memory in pieces, or taken by others meanwhile.
Result<bool> Experiment::place() {
  Result<DeviceInfo> before = device->state();
  Result<void> placed = buffers->placeOn(*device);
  if (placed)
    return true;
  if (placed.error().code != ErrorCode::OutOfResource)
    return std::unexpected(placed.error());
  blameMemory("device memory", buffers->bytes(),
              before ? before->details.value("available_bytes", std::int64_t(0)) : 0);
  for (VariantReport &variant : report.variants)
    variant.error = placed.error().message; // says which tensor
  return false;
}

Result<void> Experiment::runReference() {
  if (!job.options.verify)
    return {};
  if (job.referenceTtir.empty() || !reference) {
    expected.problem = "there is no reference to compare with";
  } else {
    events.phase("reference");
    Result<ReferenceOutcome> outcome = runLaunchReference(job, *buffers, reference);
    if (!outcome)
      return std::unexpected(outcome.error());
    expected = std::move(*outcome);
  }
  if (expected.kernelError)
    blameAll(*expected.kernelError);
  else if (!expected.ran)
    report.warnings.push_back("the results are not verified: " + expected.problem);
  for (const ExpectedOutput &output : expected.outputs)
    if (!buffers->find(output.argument))
      return fail(ErrorCode::Internal,
                  "the reference has an output that the launch lacks: " + output.argument);
  return {};
}

Result<void> Experiment::addHiddenPointers(const CodeObject &object,
                                           std::vector<std::pair<LaunchArgument, int>> &arguments) {
  constexpr std::int64_t alignment = 256;
  if (object.clusterBlocks > 1 || object.cooperative)
    return fail(ErrorCode::Unsupported,
                object.cooperative
                    ? "a cooperative launch is not supported yet; compile without "
                      "launch_cooperative_grid"
                    : fmt::format("a launch in clusters of {} blocks is not supported yet; compile "
                                  "with num_ctas=1",
                                  object.clusterBlocks));
  for (int i = 0; i < object.hiddenPointers; ++i) {
    const auto known = static_cast<std::size_t>(i) < object.scratchBytes.size();
    const std::int64_t bytes = known ? object.scratchBytes[static_cast<std::size_t>(i)] : 0;
    DeviceAddress address = 0;
    if (bytes > 0) {
      auto scratch = device->allocate(bytes * job.grid[0] * job.grid[1] * job.grid[2], alignment,
                                      "scratch memory");
      if (!scratch)
        return std::unexpected(scratch.error());
      address = *scratch;
    }
    arguments.emplace_back(address, 8);
  }
  return {};
}

void Experiment::loadVariants() {
  for (std::size_t i = 0; i < job.variants.size(); ++i) {
    const CodeObject &object = job.variants[i];
    int index = static_cast<int>(i);
    auto arguments = buffers->launchArguments(job, object);
    if (arguments)
      if (Result<void> added = addHiddenPointers(object, *arguments); !added)
        arguments = std::unexpected(added.error());
    if (!arguments) {
      failVariant(index, arguments.error());
      continue;
    }
    events.launching(index); // a driver may hang or die on a bad binary as well
    Result<std::uint64_t> kernel =
        device->load(std::as_bytes(std::span(object.binary)), object.entry);
    events.launched();
    if (!kernel) {
      failVariant(index, kernel.error());
      continue;
    }
    LaunchRequest request;
    request.kernel = *kernel;
    request.grid = job.grid;
    request.arguments = std::move(*arguments);
    request.numWarps = object.numWarps;
    request.sharedBytes = object.sharedBytes;
    loaded.push_back({index, std::move(request)});
  }
}

Result<void> Experiment::verify(const Loaded &variant) {
  if (Result<void> restored = buffers->restore(*device); !restored)
    return restored;
  for (const ExpectedOutput &output : expected.outputs) {
    TensorBuffer &buffer = *buffers->find(output.argument);
    if (!output.poisoned)
      continue;
    Result<HostBytes> poison = HostBytes::allocate(buffer.tensor.storage);
    if (!poison)
      return std::unexpected(poison.error());
    poisonElements(buffer.tensor.dtype, Poison::Device, poison->span());
    if (Result<void> copied = device->copyIn(buffer.address, poison->span()); !copied)
      return copied;
  }
  Result<double> launched = events.launch(*device, variant.index, variant.request, 1);
  if (!launched)
    return std::unexpected(launched.error());

  VariantReport &variantReport = report.variants[static_cast<std::size_t>(variant.index)];
  for (const ExpectedOutput &output : expected.outputs) {
    TensorBuffer &buffer = *buffers->find(output.argument);
    Result<HostBytes> actual = HostBytes::allocate(buffer.tensor.storage);
    if (!actual)
      return std::unexpected(actual.error());
    if (Result<void> copied = device->copyOut(actual->span(), buffer.address); !copied)
      return copied;
    variantReport.checks.push_back(
        compareOutput(output.argument, buffer.tensor.dtype, output.contents.span(),
                      std::as_const(*actual).span(), output.poisoned, buffer.tensor.offset));
  }
  if (!expected.ran)
    return {};
  auto wrong = std::ranges::find(variantReport.checks, false, &OutputCheck::ok);
  variantReport.correct = wrong == variantReport.checks.end();
  return *variantReport.correct ? Result<void>() : fail(ErrorCode::Incorrect, wrong->message);
}

void Experiment::verifyVariants() {
  for (const Loaded &variant : std::vector<Loaded>(loaded)) {
    events.phase(expected.ran ? "verify" : "first launch", variant.index);
    if (Result<void> verified = verify(variant); !verified)
      failVariant(variant.index, verified.error());
  }
}

Estimate Experiment::measureNoiseFloor(Sampler &sampler, std::vector<double> &baseline) {
  const std::string &mode = job.options.modes.front();
  events.phase("noise floor", loaded.front().index);
  MeasureOptions options = job.options;
  options.targetError = 0;
  options.maximumSamples = 100;
  double seconds = std::min(0.5, job.options.timeLimitSeconds);
  std::vector<Lane> lanes(2);
  for (Lane &lane : lanes) {
    lane.variant = loaded.front().index;
    lane.request = loaded.front().request;
    lane.rule = StoppingRule::fromOptions(options, seconds);
  }
  sampler.warmUp(lanes[0], mode);
  lanes[1].set.batch = lanes[0].set.batch;
  if (!lanes[0].error)
    sampler.interleave(lanes, mode, false);
  for (Lane &lane : lanes) {
    if (lane.error) {
      failVariant(lane.variant, *lane.error);
      return {1, 1, 1};
    }
    baseline.insert(baseline.end(), lane.set.samples.begin(), lane.set.samples.end());
  }
  return pairedRatio(lanes[1].set.samples, lanes[0].set.samples);
}

void Experiment::measureMode(Sampler &sampler, const std::string &mode) {
  std::vector<Lane> lanes;
  double seconds = job.options.timeLimitSeconds * static_cast<double>(loaded.size());
  for (const Loaded &variant : loaded) {
    Lane lane{variant.index,
              variant.request,
              StoppingRule::fromOptions(job.options, seconds),
              {},
              false,
              {}};
    events.phase("warm-up", variant.index);
    sampler.warmUp(lane, mode);
    lanes.push_back(std::move(lane));
  }
  events.phase("measure " + mode);
  sampler.interleave(lanes, mode, true);
  for (Lane &lane : lanes) {
    if (lane.error)
      failVariant(lane.variant, *lane.error);
    else
      report.variants[static_cast<std::size_t>(lane.variant)].modes[mode] = std::move(lane.set);
  }
}

void Experiment::checkDrift(Sampler &sampler, const std::vector<double> &before) {
  const std::string &mode = job.options.modes.front();
  events.phase("baseline again", loaded.front().index);
  MeasureOptions options = job.options;
  options.targetError = 0;
  options.maximumSamples = static_cast<int>(std::clamp<std::size_t>(before.size(), 1, 50));
  options.minimumSamples = std::min(options.minimumSamples, options.maximumSamples);
  std::vector<Lane> lanes(1);
  lanes[0].variant = loaded.front().index;
  lanes[0].request = loaded.front().request;
  lanes[0].rule = StoppingRule::fromOptions(options, std::min(0.5, job.options.timeLimitSeconds));
  const auto &measured = report.variants[static_cast<std::size_t>(lanes[0].variant)].modes;
  lanes[0].set.batch = measured.at(mode).batch;
  sampler.interleave(lanes, mode, false);
  if (lanes[0].error)
    return failVariant(lanes[0].variant, *lanes[0].error);
  Estimate drift = pairedRatio(lanes[0].set.samples, before);
  if (std::string(verdict(drift, report.noiseFloor)) != "tie")
    report.warnings.push_back(fmt::format("drift: the baseline took {:.1f} % {} at the end than at "
                                          "the start, over the noise floor of "
                                          "{:.1f} %; the machine's state changed, measure again",
                                          std::abs(drift.value - 1) * 100,
                                          drift.value > 1 ? "longer" : "less",
                                          report.noiseFloor * 100));
}

void Experiment::reportRatios() {
  if (loaded.empty())
    return;
  auto samplesOf = [&](int index) -> const std::vector<double> & {
    return report.variants[static_cast<std::size_t>(index)]
        .modes.at(job.options.modes.front())
        .samples;
  };
  for (const Loaded &variant : std::span(loaded).subspan(1)) {
    Estimate ratio = pairedRatio(samplesOf(variant.index), samplesOf(loaded.front().index));
    report.ratios.push_back({job.variants[static_cast<std::size_t>(variant.index)].label, ratio,
                             verdict(ratio, report.noiseFloor)});
  }
}

// Warns when two modes order a pair of variants differently, each beyond the noise floor.
void Experiment::reportModesThatDisagree() {
  const std::vector<std::string> &modes = job.options.modes;
  auto ratioIn = [&](const std::string &mode, int later, int first) {
    auto &variants = report.variants;
    return pairedRatio(variants[static_cast<std::size_t>(later)].modes.at(mode).samples,
                       variants[static_cast<std::size_t>(first)].modes.at(mode).samples);
  };
  for (std::size_t m = 1; m < modes.size(); ++m)
    for (std::size_t i = 1; i < loaded.size(); ++i) {
      int later = loaded[i].index, first = loaded.front().index;
      std::string one = verdict(ratioIn(modes[0], later, first), report.noiseFloor);
      std::string other = verdict(ratioIn(modes[m], later, first), report.noiseFloor);
      if (one != other && one != "tie" && other != "tie")
        report.warnings.push_back(fmt::format(
            "the modes disagree: {} is {} than {} when {}, {} when {}",
            report.variants[static_cast<std::size_t>(later)].label, one,
            report.variants[static_cast<std::size_t>(first)].label, modes[0], other, modes[m]));
    }
}

void Experiment::measure() {
  Sampler sampler(*device, events, job.options);
  std::vector<double> baseline;
  while (!loaded.empty() && baseline.empty()) // the next one is the baseline when one fails
    report.noiseFloor = noiseFloorOf(measureNoiseFloor(sampler, baseline));
  for (const std::string &mode : job.options.modes)
    if (!loaded.empty())
      measureMode(sampler, mode);
  if (!loaded.empty())
    checkDrift(sampler, baseline);
  reportRatios();
  reportModesThatDisagree();
  int discarded = 0;
  for (const Loaded &variant : loaded)
    for (const auto &[mode, set] : report.variants[static_cast<std::size_t>(variant.index)].modes)
      discarded += set.discarded;
  if (discarded > 0)
    report.warnings.push_back(fmt::format(
        "throttling: {} samples were discarded, taken while the clock was under 75 % of "
        "what it was at the start",
        discarded));
  if (!loaded.empty())
    report.stoppedBy = report.variants[static_cast<std::size_t>(loaded.front().index)]
                           .modes.at(job.options.modes.front())
                           .stoppedBy;
}

Result<void> Experiment::measureVariants() {
  Result<bool> placed = place();
  if (!placed)
    return std::unexpected(placed.error());
  if (!*placed)
    return {};
  std::vector<lastwords::Range> ranges;
  for (const TensorBuffer &buffer : buffers->all())
    ranges.push_back(
        {static_cast<std::uintptr_t>(buffer.address), buffer.tensor.storage, buffer.name});
  lastwords::setRanges(ranges);
  loadVariants();
  verifyVariants();
  if (!loaded.empty())
    if (Result<void> restored = buffers->restore(*device); !restored)
      return restored;
  measure();
  lastwords::setRanges({});
  return {};
}

Result<MeasureReport> Experiment::run() {
  if (Result<void> prepared = prepare(); !prepared)
    return std::unexpected(prepared.error());
  if (!fits())
    return std::move(report);
  events.phase("inputs");
  if (Result<void> drawn = buffers->draw(job.seed); !drawn)
    return std::unexpected(drawn.error());
  if (Result<void> ran = runReference(); !ran)
    return std::unexpected(ran.error());
  if (!expected.kernelError)
    if (Result<void> measured = measureVariants(); !measured)
      return std::unexpected(measured.error());
  if (Result<DeviceInfo> after = device->state())
    report.device.details["after"] = after->details;
  return std::move(report);
}

} // namespace lapidary
