// Our own format: one run, whole. {"format": "lapidary", "schema": 1, "program": version, "run":
// {}, "variants": [], "samples": [], "kernel_text": ""}; every field of the records stands in it by
// name.
#include "core/exchange/Formats.h"

#include <fmt/format.h>

#include <cmath>

namespace lapidary::formats {

namespace {

constexpr int schema = 1;

// Members read by name with the place in the message; the first failure is kept.
class Reader {
public:
  Reader(const Json &json, std::string place) : object(json), where(std::move(place)) {}

  void text(const char *name, std::string &into) {
    if (const Json *value = member(name, &Json::is_string, "a string"))
      into = value->get<std::string>();
  }
  void json(const char *name, Json &into) {
    if (const Json *value = member(name, nullptr, ""))
      into = *value;
  }
  const Json *list(const char *name) { return member(name, &Json::is_array, "a list"); }
  const Json *map(const char *name) { return member(name, &Json::is_object, "an object"); }
  const std::string &problem() const { return failure; }

private:
  const Json *member(const char *name, bool (Json::*is)() const noexcept, const char *wanted) {
    if (!failure.empty())
      return nullptr;
    if (!object.is_object()) {
      failure = where + " must be an object";
      return nullptr;
    }
    const auto found = object.find(name);
    if (found == object.end())
      failure = fmt::format("{} has no '{}'", where, name);
    else if (is && !((*found).*is)())
      failure = fmt::format("{}.{} must be {}", where, name, wanted);
    return failure.empty() ? &*found : nullptr;
  }

  const Json &object;
  std::string where, failure;
};

std::string readRun(const Json &json, RunRecord &run) {
  Reader reader(json, "run");
  reader.text("id", run.id);
  reader.text("kind", run.kind);
  reader.text("kernel", run.kernel);
  reader.text("file", run.file);
  reader.text("source_hash", run.sourceHash);
  reader.text("target", run.target);
  reader.text("device", run.device);
  reader.text("started_at", run.startedAt);
  reader.text("finished_at", run.finishedAt);
  reader.text("note", run.note);
  reader.json("launch", run.launch);
  reader.json("device_state", run.deviceState);
  reader.json("options", run.options);
  reader.json("result", run.result);
  return reader.problem();
}

Json variantJson(const VariantRecord &variant) {
  Json json;
  json["cache_key"] = variant.cacheKey;
  json["kernel"] = variant.kernel;
  json["source_hash"] = variant.sourceHash;
  json["target"] = variant.target;
  json["signature"] = variant.signature;
  json["compiler"] = variant.compiler;
  json["properties"] = variant.properties;
  json["options"] = variant.options;
  json["resources"] = variant.resources;
  json["key_parts"] = variant.keyParts;
  return json;
}

std::string readVariant(const Json &json, std::size_t index, VariantRecord &variant) {
  Reader reader(json, fmt::format("variants[{}]", index));
  reader.text("cache_key", variant.cacheKey);
  reader.text("kernel", variant.kernel);
  reader.text("source_hash", variant.sourceHash);
  reader.text("target", variant.target);
  reader.text("signature", variant.signature);
  reader.text("compiler", variant.compiler);
  reader.json("properties", variant.properties);
  reader.json("options", variant.options);
  reader.json("resources", variant.resources);
  reader.json("key_parts", variant.keyParts);
  return reader.problem();
}

std::string readSamples(const Json &json, std::size_t index, SampleRecord &record) {
  const std::string place = fmt::format("samples[{}]", index);
  Reader reader(json, place);
  reader.text("cache_key", record.cacheKey);
  reader.text("label", record.label);
  reader.text("mode", record.mode);
  if (const Json *values = reader.list("nanoseconds"))
    for (const Json &value : *values) {
      if (!value.is_number() || !std::isfinite(value.get<double>()))
        return fmt::format("{}.nanoseconds[{}] must be a finite number", place,
                           record.samples.size());
      record.samples.push_back(value.get<double>());
    }
  return reader.problem();
}

std::string readBundle(const Json &json, RunBundle &bundle) {
  Reader reader(json, "the file");
  const Json *run = reader.map("run");
  const Json *variants = reader.list("variants");
  const Json *samples = reader.list("samples");
  reader.text("kernel_text", bundle.kernelText);
  if (!reader.problem().empty())
    return reader.problem();
  if (std::string problem = readRun(*run, bundle.run); !problem.empty())
    return problem;
  for (std::size_t i = 0; i < variants->size(); ++i)
    if (std::string problem = readVariant((*variants)[i], i, bundle.variants.emplace_back());
        !problem.empty())
      return problem;
  for (std::size_t i = 0; i < samples->size(); ++i) {
    bundle.samples.emplace_back().run = bundle.run.id;
    if (std::string problem = readSamples((*samples)[i], i, bundle.samples.back());
        !problem.empty())
      return problem;
  }
  return {};
}

} // namespace

Result<std::string> writeLapidary(const RunBundle &bundle) {
  Json json;
  json["format"] = "lapidary";
  json["schema"] = schema;
  json["program"] = LAPIDARY_VERSION;
  json["run"] = toJson(bundle.run, "id");
  Json &variants = json["variants"] = Json::array();
  for (const VariantRecord &variant : bundle.variants)
    variants.push_back(variantJson(variant));
  Json &samples = json["samples"] = Json::array();
  for (const SampleRecord &record : bundle.samples) {
    Json &entry = samples.emplace_back();
    entry["cache_key"] = record.cacheKey;
    entry["label"] = record.label;
    entry["mode"] = record.mode;
    entry["nanoseconds"] = record.samples;
  }
  json["kernel_text"] = bundle.kernelText;
  return dumpJson(json, 1) + "\n";
}

bool isLapidary(const Json &json) {
  return json.is_object() && json.contains("format") && json["format"] == "lapidary";
}

Result<std::vector<RunBundle>> readLapidary(const Json &json, const std::string &context) {
  const auto version = json.find("schema");
  if (version == json.end() || !version->is_number_integer())
    return fail(ErrorCode::InvalidInput, context + ": 'schema' must be a whole number", context);
  if (*version > schema)
    return fail(
        ErrorCode::InvalidInput,
        fmt::format("{}: written by a newer Lapidary (schema {}; this one knows {}); update "
                    "Lapidary to import it",
                    context, version->get<std::int64_t>(), schema),
        context);
  std::vector<RunBundle> bundles(1);
  if (std::string problem = readBundle(json, bundles.front()); !problem.empty())
    return fail(ErrorCode::InvalidInput,
                fmt::format("{}: {}; export the run again", context, problem), context);
  return bundles;
}

} // namespace lapidary::formats
