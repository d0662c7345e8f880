#include "core/bench/JsonNumber.h"
#include "core/bench/MeasureJob.h"

namespace lapidary {

namespace {

template <typename T> T valueOrThrow(Result<T> result) {
  if (!result)
    throw JsonFieldError(result.error().message);
  return std::move(*result);
}

Json codeObjectJson(const CodeObject &object) {
  return {{"label", object.label},
          {"cache_key", object.cacheKey},
          {"entry", object.entry},
          {"parameters", object.parameters},
          {"types", object.types},
          {"num_warps", object.numWarps},
          {"shared_bytes", object.sharedBytes},
          {"hidden_pointers", object.hiddenPointers},
          {"scratch_bytes", object.scratchBytes},
          {"cluster_blocks", object.clusterBlocks},
          {"cooperative", object.cooperative}};
}

CodeObject codeObjectFrom(const Json &json) {
  CodeObject object;
  json.at("label").get_to(object.label);
  json.at("cache_key").get_to(object.cacheKey);
  json.at("entry").get_to(object.entry);
  json.at("parameters").get_to(object.parameters);
  json.at("types").get_to(object.types);
  json.at("num_warps").get_to(object.numWarps);
  json.at("shared_bytes").get_to(object.sharedBytes);
  json.at("hidden_pointers").get_to(object.hiddenPointers);
  json.at("scratch_bytes").get_to(object.scratchBytes);
  json.at("cluster_blocks").get_to(object.clusterBlocks);
  json.at("cooperative").get_to(object.cooperative);
  return object;
}

Json checkJson(const OutputCheck &check) {
  return {{"argument", check.argument},
          {"ok", check.ok},
          {"max_absolute", numberJson(check.maxAbsolute)},
          {"max_relative", numberJson(check.maxRelative)},
          {"norm_relative", numberJson(check.normRelative)},
          {"tolerance", check.tolerance},
          {"first_wrong", check.firstWrong},
          {"message", check.message}};
}

OutputCheck checkFrom(const Json &json) {
  OutputCheck check;
  json.at("argument").get_to(check.argument);
  json.at("ok").get_to(check.ok);
  check.maxAbsolute = numberFrom(json.at("max_absolute"));
  check.maxRelative = numberFrom(json.at("max_relative"));
  check.normRelative = numberFrom(json.at("norm_relative"));
  json.at("tolerance").get_to(check.tolerance);
  json.at("first_wrong").get_to(check.firstWrong);
  json.at("message").get_to(check.message);
  return check;
}

Json shortageJson(const std::optional<Shortage> &shortage) {
  if (!shortage)
    return nullptr;
  return {{"resource", shortage->resource},
          {"needed", shortage->needed},
          {"available", shortage->available}};
}

Json variantJson(const VariantReport &variant) {
  Json checks = Json::array(), modes = Json::object();
  for (const OutputCheck &check : variant.checks)
    checks.push_back(checkJson(check));
  for (const auto &[mode, set] : variant.modes)
    modes[mode] = toJson(set);
  return {{"label", variant.label},
          {"cache_key", variant.cacheKey},
          {"correct", variant.correct ? Json(*variant.correct) : Json()},
          {"checks", checks},
          {"error", variant.error},
          {"error_code", variant.errorCode},
          {"shortage", shortageJson(variant.shortage)},
          {"modes", modes}};
}

VariantReport variantFrom(const Json &json) {
  VariantReport variant;
  json.at("label").get_to(variant.label);
  json.at("cache_key").get_to(variant.cacheKey);
  if (!json.at("correct").is_null())
    variant.correct = json.at("correct").get<bool>();
  for (const Json &check : json.at("checks"))
    variant.checks.push_back(checkFrom(check));
  json.at("error").get_to(variant.error);
  json.at("error_code").get_to(variant.errorCode);
  if (const Json &shortage = json.at("shortage"); !shortage.is_null())
    variant.shortage = {shortage.at("resource").get<std::string>(),
                        shortage.at("needed").get<std::int64_t>(),
                        shortage.at("available").get<std::int64_t>()};
  for (const auto &[mode, set] : json.at("modes").items())
    variant.modes[mode] = valueOrThrow(sampleSetFromJson(set));
  return variant;
}

DeviceTarget deviceTargetFrom(const Json &json) {
  Result<Target> target = parseTarget(json.at("target").get<std::string>());
  return {valueOrThrow(std::move(target)), json.at("ordinal").get<int>()};
}

} // namespace

Json toJson(const MeasureJob &job) {
  Json variants = Json::array(), arguments = Json::array();
  for (const CodeObject &variant : job.variants)
    variants.push_back(codeObjectJson(variant));
  for (const auto &[name, value] : job.arguments)
    arguments.push_back({{"name", name}, {"value", toJson(value)}});
  return {{"target", toString(job.device.target)},
          {"ordinal", job.device.ordinal},
          {"variants", variants},
          {"arguments", arguments},
          {"grid", job.grid},
          {"outputs", job.outputs},
          {"reference", job.referenceTtir},
          {"reference_parameters", job.referenceParameters},
          {"reference_types", job.referenceTypes},
          {"seed", job.seed},
          {"options", toJson(job.options)}};
}

Result<MeasureJob> measureJobFromJson(const Json &json) {
  return fromJsonSafely<MeasureJob>("measuring job", [&] {
    MeasureJob job;
    job.device = deviceTargetFrom(json);
    for (const Json &variant : json.at("variants"))
      job.variants.push_back(codeObjectFrom(variant));
    for (const Json &argument : json.at("arguments"))
      job.arguments.emplace_back(argument.at("name").get<std::string>(),
                                 valueOrThrow(valueFromJson(argument.at("value"))));
    json.at("grid").get_to(job.grid);
    json.at("outputs").get_to(job.outputs);
    json.at("reference").get_to(job.referenceTtir);
    json.at("reference_parameters").get_to(job.referenceParameters);
    json.at("reference_types").get_to(job.referenceTypes);
    json.at("seed").get_to(job.seed);
    job.options = valueOrThrow(measureOptionsFromJson(json.at("options")));
    return job;
  });
}

Json toJson(const MeasureReport &report) {
  Json variants = Json::array(), ratios = Json::array();
  for (const VariantReport &variant : report.variants)
    variants.push_back(variantJson(variant));
  for (const MeasureReport::Ratio &ratio : report.ratios) {
    Json entry = {{"label", ratio.label}};
    entry.update(toJson(ratio.value));
    entry["verdict"] = ratio.verdict;
    ratios.push_back(std::move(entry));
  }
  return {{"device", toJson(report.device)},  {"variants", variants},
          {"noise_floor", report.noiseFloor}, {"ratios", ratios},
          {"warnings", report.warnings},      {"seed", report.seed},
          {"stopped_by", report.stoppedBy}};
}

Result<MeasureReport> measureReportFromJson(const Json &json) {
  return fromJsonSafely<MeasureReport>("measuring report", [&] {
    MeasureReport report;
    report.device = valueOrThrow(deviceInfoFromJson(json.at("device")));
    for (const Json &variant : json.at("variants"))
      report.variants.push_back(variantFrom(variant));
    for (const Json &ratio : json.at("ratios"))
      report.ratios.push_back({ratio.at("label").get<std::string>(),
                               valueOrThrow(estimateFromJson(ratio)),
                               ratio.at("verdict").get<std::string>()});
    json.at("noise_floor").get_to(report.noiseFloor);
    json.at("warnings").get_to(report.warnings);
    json.at("seed").get_to(report.seed);
    json.at("stopped_by").get_to(report.stoppedBy);
    return report;
  });
}

} // namespace lapidary
