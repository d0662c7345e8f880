#include "core/session/Reports.h"

#include "core/session/Price.h"

#include <algorithm>

namespace lapidary {

namespace {

Json resourcesJson(const ResourceUsage &resources) {
  Json json = Json::object();
  for (const auto &[name, value] : resources.values)
    json[name] = value;
  return json;
}

Json accessesJson(const std::vector<MemoryAccess> &accesses) {
  Json json = Json::array();
  for (const MemoryAccess &access : accesses)
    json.push_back({{"line", access.range.line},
                    {"column", access.range.column},
                    {"kind", access.kind},
                    {"bits", access.bits},
                    {"limit", access.limit},
                    {"argument", access.argument},
                    {"property", access.property}});
  return json;
}

Json diagnosticsJson(const std::vector<Diagnostic> &diagnostics) {
  Json json = Json::array();
  for (const Diagnostic &diagnostic : diagnostics)
    json.push_back(toJson(diagnostic));
  return json;
}

Json correctJson(std::optional<bool> correct) {
  return correct ? Json(*correct) : Json();
}

// False when any is wrong, null when any was not checked.
Json allCorrect(const std::vector<VariantReport> &variants) {
  Json all = true;
  for (const VariantReport &variant : variants) {
    if (variant.correct == false)
      return false;
    if (!variant.correct)
      all = nullptr;
  }
  return all;
}

Json modesJson(const VariantReport &report, Samples samples) {
  Json modes = Json::object();
  for (const auto &[mode, set] : report.modes)
    modes[mode] = toJson(set, samples == Samples::With);
  return modes;
}

Json variantJson(const Variant &variant, const VariantReport &report, Samples samples) {
  // toJson of a report holds every check; its modes are written again, with or without samples.
  MeasureReport one;
  one.variants = {report};
  one.variants.front().modes.clear();
  Json json = toJson(one)["variants"][0];
  json["key"] = variant.specialization.key;
  json["properties"] = toString(variant.mask);
  json["resources"] = resourcesJson(variant.compiled.resources);
  json["modes"] = modesJson(report, samples);
  return json;
}

// Why there is no time, in words, by class, and in bytes where it was memory.
void appendFailure(Json &json, const VariantReport &report) {
  MeasureReport one;
  one.variants = {report};
  const Json variant = toJson(one)["variants"][0];
  for (const char *field : {"error", "error_code", "shortage"})
    json[field] = variant[field];
}

// The mode that decides, flat, as scripts want it: {median, interval, samples, resources}.
Json summaryJson(const Variant &variant, const VariantReport &report, const std::string &mode,
                 Samples samples) {
  Json json = Json::object();
  json["cache_key"] = variant.cacheKey;
  json["key"] = variant.specialization.key;
  json["correct"] = correctJson(report.correct);
  appendFailure(json, report);
  if (const auto set = report.modes.find(mode); set != report.modes.end())
    json.update(toJson(set->second, samples == Samples::With));
  else
    json.update({{"median", nullptr}, {"interval", nullptr}, {"samples", Json::array()}});
  json["resources"] = resourcesJson(variant.compiled.resources);
  return json;
}

Json headJson(const KernelChoice &choice, const CompareResult &result) {
  Json json = Json::object();
  json["kernel"] = choice.kernel->name;
  json["target"] = result.variants.empty() ? "" : toString(result.variants.front().target);
  json["device"] = result.report.device.name;
  json["run"] = result.run;
  return json;
}

void appendCommon(Json &json, const CompareResult &result, Samples samples) {
  Json variants = Json::array();
  for (std::size_t i = 0; i < result.variants.size() && i < result.report.variants.size(); ++i)
    variants.push_back(variantJson(result.variants[i], result.report.variants[i], samples));
  json["variants"] = std::move(variants);
  json["ratios"] = toJson(result.report)["ratios"];
  json["stopped_by"] = result.report.stoppedBy;
  json["seed"] = result.report.seed;
  json["warnings"] = result.report.warnings;
  json["diagnostics"] = Json::array();
  if (!result.variants.empty())
    json["diagnostics"] = diagnosticsJson(result.variants.front().compiled.diagnostics);
}

// Generic over specialized; the verdict speaks of the specialized one.
Json ratioJson(const MeasureReport &report) {
  const auto generic = std::ranges::find(report.ratios, "generic", &MeasureReport::Ratio::label);
  if (generic == report.ratios.end())
    return nullptr;
  Json json = toJson(generic->value);
  json["verdict"] = generic->verdict == "slower"   ? "faster"
                    : generic->verdict == "faster" ? "slower"
                                                   : generic->verdict;
  return json;
}

Json effectJson(const Effect &effect) {
  Json json = effect.ratio ? toJson(*effect.ratio) : Json::object();
  json["verdict"] = effect.verdict;
  json["same_code"] = effect.sameCode;
  return json;
}

} // namespace

Json compileJson(const KernelChoice &choice, const Variant &variant) {
  Json json = Json::object();
  json["kernel"] = choice.kernel->name;
  json["target"] = toString(variant.target);
  json["key"] = variant.specialization.key;
  json["cache_key"] = variant.cacheKey;
  json["key_parts"] = variant.keyParts;
  json["properties"] = toString(variant.mask);
  json["ok"] = variant.ok();
  Json &stages = json["stages"] = Json::array();
  for (const StageArtifact &stage : variant.compiled.stages)
    stages.push_back(
        {{"name", stage.name}, {"ns", stage.nanoseconds}, {"bytes", stage.contents.size()}});
  json["resources"] = resourcesJson(variant.compiled.resources);
  json["accesses"] = accessesJson(variant.compiled.accesses);
  json["diagnostics"] = diagnosticsJson(variant.compiled.diagnostics);
  json["problem"] = variant.problem ? variant.problem->message : "";
  return json;
}

Json compareReport(const KernelChoice &choice, const CompareResult &result, Samples samples) {
  Json json = headJson(choice, result);
  json["correct"] = allCorrect(result.report.variants);
  json["noise_floor"] = result.report.noiseFloor;
  json["mode"] = result.mode;
  static constexpr const char *names[] = {"specialized", "generic"};
  for (std::size_t i = 0; i < 2 && i < result.report.variants.size(); ++i)
    json[names[i]] =
        summaryJson(result.variants[i], result.report.variants[i], result.mode, samples);
  json["ratio"] = ratioJson(result.report);
  appendCommon(json, result, samples);
  return json;
}

Json benchReport(const KernelChoice &choice, const CompareResult &result, Samples samples) {
  Json json = headJson(choice, result);
  if (!result.variants.empty() && !result.report.variants.empty()) {
    const VariantReport &report = result.report.variants.front();
    json["cache_key"] = result.variants.front().cacheKey;
    json["key"] = result.variants.front().specialization.key;
    json["correct"] = correctJson(report.correct);
    appendFailure(json, report);
    json["modes"] = modesJson(report, samples);
  }
  json["noise_floor"] = result.report.noiseFloor;
  appendCommon(json, result, samples);
  return json;
}

Json compareJson(const KernelChoice &choice, const CompareResult &result) {
  return compareReport(choice, result, Samples::With);
}

Json benchJson(const KernelChoice &choice, const CompareResult &result) {
  return benchReport(choice, result, Samples::With);
}

Json priceJson(const KernelChoice &choice, const PriceList &prices) {
  Json json = headJson(choice, prices.measured);
  json["noise_floor"] = prices.measured.report.noiseFloor;
  json["ratio"] = prices.gain ? effectJson(*prices.gain) : Json();
  Json &properties = json["properties"] = Json::array();
  for (const PropertyPrice &property : prices.properties)
    properties.push_back({{"item", property.item},
                          {"argument", property.argument},
                          {"property", property.property},
                          {"without", effectJson(property.without)},
                          {"alone", effectJson(property.alone)},
                          {"changes", property.changes},
                          {"needed", property.needed},
                          {"together", property.together},
                          {"variants", property.variants},
                          {"opt_out", property.optOut},
                          {"advice", property.advice}});
  json["needed"] = prices.needed;
  json["decorator"] = prices.edit ? Json{{"line", prices.edit->range.line},
                                         {"before", prices.edit->before},
                                         {"after", prices.edit->after}}
                                  : Json();
  json["missing"] = prices.missing;
  json["compile_ns"] = prices.compileNanoseconds;
  appendCommon(json, prices.measured, Samples::Without);
  return json;
}

Json runJson(const RunRecord &run, const std::vector<SampleRecord> &samples) {
  Json json = toJson(run, "run");
  Json &list = json["samples"] = Json::array();
  for (const SampleRecord &record : samples)
    list.push_back({{"label", record.label},
                    {"cache_key", record.cacheKey},
                    {"mode", record.mode},
                    {"count", record.samples.size()},
                    {"samples", record.samples}});
  return json;
}

} // namespace lapidary
