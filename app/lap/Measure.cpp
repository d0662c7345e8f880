#include "app/lap/Measuring.h"
#include "app/lap/Table.h"
#include "core/session/PriceAdvice.h"
#include "core/support/Units.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace lapidary::cli {

namespace {

struct Arguments {
  KernelArguments kernel;
  MeasureArguments measure;
  std::string properties = "all";
  bool each = false, events = false;
};

std::string correctText(const VariantReport &variant) {
  return !variant.correct ? "not checked" : *variant.correct ? "yes" : "NO";
}

std::string widestLoad(const Variant &variant) {
  int bits = 0;
  for (const MemoryAccess &access : variant.compiled.accesses)
    if (access.kind == "load")
      bits = std::max(bits, access.bits);
  return bits ? fmt::format("{} bit", bits) : "-";
}

std::string resultText(const KernelChoice &choice, const CompareResult &result) {
  std::string text =
      fmt::format("{} on {} ({})\n\n", choice.kernel->name, result.report.device.name,
                  result.variants.empty() ? "" : toString(result.variants.front().target));
  Table table({"variant", "mode", ">median (95 %)", ">samples", ">widest load", "correct",
               "time over the first"});
  for (std::size_t i = 0; i < result.variants.size(); ++i) {
    const VariantReport &variant = result.report.variants[i];
    std::string ratio;
    for (const MeasureReport::Ratio &one : result.report.ratios)
      if (one.label == variant.label)
        ratio = fmt::format("{} ({}..{}) {}", formatRatio(one.value.value),
                            formatRatio(one.value.low), formatRatio(one.value.high), one.verdict);
    if (variant.modes.empty())
      table.row({variant.label, "", "", "0", widestLoad(result.variants[i]), correctText(variant),
                 variant.error});
    for (const auto &[mode, set] : variant.modes)
      table.row({variant.label, mode, formatTime(set.median.value, set.median.low, set.median.high),
                 std::to_string(set.samples.size()), widestLoad(result.variants[i]),
                 correctText(variant), mode == result.mode ? ratio : ""});
  }
  text += table.text();
  text += fmt::format("\nnoise floor {}, stopped by {}", formatPercent(result.report.noiseFloor),
                      result.report.stoppedBy.empty() ? "-" : result.report.stoppedBy);
  return text + (result.run.empty() ? "\n" : fmt::format(", run {}\n", result.run));
}

// 1 when any variant is wrong or has no time.
int verdict(const CompareResult &result) {
  for (const VariantReport &variant : result.report.variants)
    if (variant.correct == false || !variant.error.empty() || variant.modes.empty())
      return 1;
  return result.report.variants.empty() ? 1 : 0;
}

Result<std::vector<PropertyMask>> masksOf(const Arguments &arguments, bool compare,
                                          const Services &services, const KernelChoice &choice,
                                          const Target &target) {
  const auto first = parsePropertyMask(arguments.properties);
  if (!first)
    return std::unexpected(first.error());
  std::vector<PropertyMask> masks = {*first};
  if (!compare)
    return masks;
  masks.push_back({PropertyMask::Kind::None, {}});
  if (!arguments.each)
    return masks;
  const auto whole =
      specialize(*services.rules, arguments.kernel.rules, target, *choice.kernel, choice.launch);
  if (!whole)
    return std::unexpected(whole.error());
  for (const std::string &property : firedProperties(*whole))
    masks.push_back({PropertyMask::Kind::Some, {property}});
  return masks;
}

std::string resourcesText(const Variant &variant) {
  std::string text;
  for (const auto &[name, value] : variant.compiled.resources.values)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, value);
  return text;
}

// What can be said of variants without their device: how their code differs.
int showUnmeasured(const Services &services, const KernelChoice &choice, const Target &target,
                   const std::string &rules, const std::vector<PropertyMask> &masks,
                   const Error &why, bool asJson) {
  std::vector<Variant> variants;
  Json list = Json::array();
  Table table({"variant", ">widest load", "resources", "against the first"});
  for (const PropertyMask &mask : masks) {
    auto variant = compileVariant(services, choice, target, rules, mask, "", {});
    if (!variant)
      return complain(variant.error());
    if (!variant->ok())
      printDiagnostics(variant->compiled.diagnostics, *choice.file);
    variants.push_back(std::move(*variant));
    const auto changes = codeChanges(variants.front(), variants.back());
    Json json = compileJson(choice, variants.back());
    json["label"] = variants.back().label;
    json["changes"] = changes;
    list.push_back(std::move(json));
    table.row({variants.back().label, widestLoad(variants.back()), resourcesText(variants.back()),
               fmt::format("{}", fmt::join(changes, "; "))});
  }
  if (asJson)
    printJson({{"kernel", choice.kernel->name},
               {"target", toString(target)},
               {"device", nullptr},
               {"not_run", why.message},
               {"error_code", errorCodeName(why.code)},
               {"variants", list}});
  else
    print(fmt::format("{} for {}, compiled only\n\n{}", choice.kernel->name, toString(target),
                      table.text()));
  fmt::print(stderr, "lap: error: not run: {}\n", why.message);
  return 1;
}

// The answer of a measurement that came to nothing as a whole.
int showFailure(const KernelChoice &choice, const Target &target, const Error &error, bool asJson) {
  if (asJson)
    printJson({{"kernel", choice.kernel->name},
               {"target", toString(target)},
               {"device", nullptr},
               {"error", error.message},
               {"error_code", errorCodeName(error.code)}});
  return complain(error);
}

int measure(const Arguments &arguments, bool compare, Invocation &invocation) {
  const auto setting = prepareMeasuring(invocation, arguments.kernel, arguments.measure);
  if (!setting)
    return complain(setting.error());
  const auto &[services, target, choice] = *setting;
  const auto masks = masksOf(arguments, compare, services, choice, target.target);
  if (!masks)
    return complain(masks.error());

  InterruptGuard guard;
  const auto result = [&] {
    ProgressLine line(arguments.events);
    return measureVariants(
        services, choice, target, arguments.kernel.rules, *masks, arguments.measure.effective(),
        [&](const Progress &progress) { line.show(progress); },
        [&](const SampleEvent &sample) { line.sample(sample); }, guard.token);
  }();
  if (!result) {
    const auto why = whyAbsent(services, target);
    return why ? showUnmeasured(services, choice, target.target, arguments.kernel.rules, *masks,
                                *why, invocation.json)
               : showFailure(choice, target.target, result.error(), invocation.json);
  }
  for (const Variant &variant : result->variants)
    if (!variant.ok()) {
      printDiagnostics(variant.compiled.diagnostics, *choice.file);
      break; // the same kernel fails for the same reasons
    }
  for (const VariantReport &variant : result->report.variants)
    if (!variant.error.empty())
      fmt::print(stderr, "lap: error: {}: {}\n", variant.label, variant.error);
  for (const std::string &warning : result->report.warnings)
    fmt::print(stderr, "lap: warning: {}\n", warning);
  if (invocation.json)
    printJson(compare ? compareJson(choice, *result) : benchJson(choice, *result));
  else
    print(resultText(choice, *result));
  return verdict(*result);
}

void addMeasureVerb(CLI::App &app, Invocation &invocation, bool compare) {
  CLI::App *verb =
      addVerb(app, invocation, compare ? "compare" : "bench",
              compare ? "Measure the specialized kernel against its generic twin"
                      : "Measure one variant of a kernel",
              compare ? "compare copy.py -k strided_copy -l square.launch.json -t cpu"
                      : "bench softmax.py -t cpu --properties none --option num_warps=8");
  auto arguments = std::make_shared<Arguments>();
  addKernelArguments(*verb, arguments->kernel);
  addMeasureArguments(*verb, arguments->measure);
  verb->add_option("--properties", arguments->properties,
                   "Specialized properties to use: all, none, or a list of ARGUMENT, PROPERTY, "
                   "ARGUMENT:PROPERTY")
      ->type_name("LIST")
      ->capture_default_str();
  if (compare)
    verb->add_flag("--each", arguments->each, "Measure each property alone as well");
  verb->add_flag(
      "--events", arguments->events,
      "Write progress and each sample, once it is stored, as a line of JSON to standard error");
  verb->callback([&invocation, arguments, compare] {
    invocation.run = [&invocation, arguments, compare] {
      return measure(*arguments, compare, invocation);
    };
  });
}

} // namespace

void addMeasuring(CLI::App &app, Invocation &invocation) {
  addMeasureVerb(app, invocation, false);
  addMeasureVerb(app, invocation, true);
}

} // namespace lapidary::cli
