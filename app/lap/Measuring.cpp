#include "app/lap/Measuring.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <unistd.h>

namespace lapidary::cli {

namespace {

const CancelToken *interrupted = nullptr;

void onInterrupt(int) {
  interrupted->cancel();
}

void eventLine(const Json &json) {
  const std::string text = dumpJson(json) + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr); // unbuffered: written whole before it returns
}

} // namespace

MeasureOptions MeasureArguments::effective() const {
  MeasureOptions result = options;
  result.verify = !unverified;
  return result;
}

void addMeasureArguments(CLI::App &verb, MeasureArguments &arguments) {
  verb.add_option("-t,--target", arguments.target,
                  "Where to measure: cpu, cuda, cuda:90, cuda:90@1")
      ->type_name("TARGET")
      ->required();
  addCompilerOption(verb, arguments.compiler);
  verb.add_option("--mode", arguments.options.modes,
                  "hot, cold or batched; repeatable, the first decides")
      ->type_name("MODE")
      ->check(CLI::IsMember({"hot", "cold", "batched"}))
      ->allow_extra_args(false)
      ->capture_default_str();
  verb.add_option("--time-limit", arguments.options.timeLimitSeconds,
                  "Longest measuring of one variant in one mode")
      ->type_name("SECONDS")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb.add_option("--warm-up", arguments.options.warmupSeconds, "Work before the first sample")
      ->type_name("SECONDS")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  verb.add_option("--samples", arguments.options.maximumSamples,
                  "Most samples of one variant in one mode")
      ->type_name("COUNT")
      ->check(CLI::Range(10, 10000000))
      ->capture_default_str();
  verb.add_option("--hang", arguments.options.hangSeconds,
                  "A launch that takes longer is ended, and its variant with it")
      ->type_name("SECONDS")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb.add_flag("--no-verify", arguments.unverified,
                "Do not compare the results with the reference");
}

Result<DeviceSetting> prepareServices(Invocation &invocation, const MeasureArguments &arguments) {
  const auto named = parseDeviceTarget(arguments.target);
  if (!named)
    return std::unexpected(named.error());
  auto services = makeServices(invocation, arguments.compiler);
  if (!services)
    return std::unexpected(services.error());
  auto target = completeTarget(*services, *named);
  if (!target)
    return std::unexpected(target.error());
  return DeviceSetting{std::move(*services), std::move(*target)};
}

Result<MeasureSetting> prepareMeasuring(Invocation &invocation, const KernelArguments &kernel,
                                        const MeasureArguments &arguments) {
  auto device = prepareServices(invocation, arguments);
  if (!device)
    return std::unexpected(device.error());
  auto choice = chooseKernel(kernel);
  if (!choice)
    return std::unexpected(choice.error());
  return MeasureSetting{std::move(device->services), std::move(device->target), std::move(*choice)};
}

InterruptGuard::InterruptGuard() {
  interrupted = &token;
  std::signal(SIGINT, onInterrupt);
  std::signal(SIGTERM, onInterrupt);
}

InterruptGuard::~InterruptGuard() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

ProgressLine::ProgressLine(bool events)
    : events(events), terminal(!events && ::isatty(STDERR_FILENO)) {}

ProgressLine::~ProgressLine() {
  if (terminal && shown)
    std::fputs("\r\033[K", stderr);
}

void ProgressLine::show(const Progress &progress) {
  if (events)
    eventLine({{"event", "progress"}, {"phase", progress.phase}, {"fraction", progress.fraction}});
  if (!terminal)
    return;
  shown = true;
  fmt::print(stderr, "\r\033[K{:3.0f} % {}", std::max(progress.fraction, 0.0) * 100,
             progress.phase);
  std::fflush(stderr);
}

void ProgressLine::sample(const SampleEvent &sample) {
  if (events)
    eventLine({{"event", "sample"},
               {"variant", sample.label},
               {"mode", sample.mode},
               {"index", sample.index},
               {"ns", sample.nanoseconds}});
}

} // namespace lapidary::cli
