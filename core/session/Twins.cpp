#include "core/session/Twins.h"

#include "core/session/PriceAdvice.h"

#include <algorithm>
#include <cmath>

namespace lapidary {

namespace {

Json sideJson(const Variant &variant) {
  Json resources = Json::object(), diagnostics = Json::array();
  for (const auto &[name, value] : variant.compiled.resources.values)
    resources[name] = value;
  for (const Diagnostic &diagnostic : variant.compiled.diagnostics)
    diagnostics.push_back(toJson(diagnostic));
  return {{"ok", variant.ok()},
          {"cache_key", variant.cacheKey},
          {"resources", resources},
          {"diagnostics", diagnostics},
          {"problem", variant.problem ? Json(variant.problem->message) : Json(nullptr)}};
}

Json twinJson(const Twin &twin) {
  Json json = {{"kernel", twin.kernel},           {"launch", twin.launch},
               {"properties", twin.mask},         {"target", toString(twin.native.target)},
               {"native", sideJson(twin.native)}, {"triton", sideJson(twin.triton)},
               {"changes", twin.changes}};
  if (const auto ratio = twin.ratio())
    json["ratio"] = {{"value", ratio->value}, {"low", ratio->low}, {"high", ratio->high}};
  if (twin.measured) {
    json["run"] = twin.measured->run;
    json["report"] = toJson(twin.measured->report);
  } else {
    json["not_run"] = twin.notRun;
  }
  return json;
}

} // namespace

std::optional<Estimate> Twin::ratio() const {
  if (measured)
    for (const MeasureReport::Ratio &each : measured->report.ratios)
      if (each.label == triton.label)
        return each.value;
  return {};
}

bool Twin::ok() const {
  if (!native.ok() || !triton.ok())
    return false;
  return !measured || std::ranges::all_of(measured->report.variants, [](const VariantReport &one) {
    return one.error.empty() && one.correct != false;
  });
}

Result<Twin> measureTwin(const Services &services, const KernelChoice &choice,
                         const DeviceTarget &target, const std::string &ruleSet,
                         const PropertyMask &mask, const MeasureOptions &options,
                         const OnProgress &progress, const CancelToken &cancel) {
  if (!services.triton)
    return fail(ErrorCode::InvalidInput,
                "twins need a Triton beside our own compiler; name one with --compiler triton");
  Services own = services;
  own.triton = nullptr;
  auto native = compileVariant(own, choice, target.target, ruleSet, mask, "", cancel);
  if (!native)
    return std::unexpected(native.error());
  auto triton = compileVariant(services, choice, target.target, ruleSet, mask, "", cancel);
  if (!triton)
    return std::unexpected(triton.error());
  Twin twin;
  twin.kernel = choice.kernel->name;
  twin.launch = choice.launch.name;
  twin.mask = native->label;
  twin.native = std::move(*native);
  twin.triton = std::move(*triton);
  twin.native.label = "native";
  twin.triton.label = "triton";
  twin.changes = codeChanges(twin.native, twin.triton);
  if (auto why = whyAbsent(services, target)) {
    twin.notRun = why->message;
    return twin;
  }
  auto measured = measureCompiled(services, choice, target, ruleSet, {twin.native, twin.triton},
                                  options, progress, {}, cancel);
  if (!measured)
    return std::unexpected(measured.error());
  twin.measured = std::move(*measured);
  return twin;
}

std::optional<double> geometricMean(const std::vector<Twin> &twins) {
  double logarithms = 0;
  int count = 0;
  for (const Twin &twin : twins)
    if (const auto ratio = twin.ratio(); ratio && ratio->value > 0) {
      logarithms += std::log(ratio->value);
      ++count;
    }
  if (count == 0)
    return {};
  return std::exp(logarithms / count);
}

Json twinsJson(const std::vector<Twin> &twins) {
  Json list = Json::array();
  for (const Twin &twin : twins)
    list.push_back(twinJson(twin));
  const auto mean = geometricMean(twins);
  return {{"twins", list}, {"geomean", mean ? Json(*mean) : Json(nullptr)}};
}

} // namespace lapidary
