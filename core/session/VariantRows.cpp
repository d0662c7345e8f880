// Rows of the variants table: out of a fresh measurement, and out of a stored run.
#include "core/session/WorkbenchState.h"

#include <algorithm>

namespace lapidary {

namespace {

// The time of generic over the time of this variant. The ratios of the report are over its first.
void addRatio(VariantRow &row, const std::vector<MeasureReport::Ratio> &ratios) {
  const auto generic = std::ranges::find(ratios, "generic", &MeasureReport::Ratio::label);
  if (generic == ratios.end())
    return;
  if (row.label == "generic") {
    row.ratio = Estimate{1, 1, 1};
    return;
  }
  const auto own = std::ranges::find(ratios, row.label, &MeasureReport::Ratio::label);
  if (own != ratios.end())
    return; // neither the first nor generic: no paired ratio of the two was measured
  row.ratio = generic->value;
  row.verdict = generic->verdict == "slower"   ? "faster"
                : generic->verdict == "faster" ? "slower"
                                               : generic->verdict;
}

std::string text(const Json &object, const char *name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// A field that older or foreign records may lack.
template <typename T, typename Read>
std::vector<T> listOf(const Json &object, const char *name, Read read) {
  std::vector<T> all;
  if (object.is_object() && object.contains(name) && object[name].is_array())
    for (const Json &item : object[name])
      if (item.is_object())
        all.push_back(read(item));
  return all;
}

} // namespace

VariantRow rowOf(const Variant &variant, const VariantReport &report, const MeasureReport &all) {
  VariantRow row;
  row.label = variant.label;
  row.target = variant.target;
  row.key = variant.specialization.key;
  row.compiled = variant.compiled;
  row.ttir = variant.ttir;
  row.modes = report.modes;
  row.correct = report.correct;
  row.error = report.error;
  addRatio(row, all.ratios);
  return row;
}

std::vector<VariantRow> rowsOf(const RunRecord &run, const std::vector<SampleRecord> &samples,
                               const ArtifactCache *cache) {
  const Target target = parseTarget(run.target).value_or(Target{});
  const auto ratios = listOf<MeasureReport::Ratio>(
      run.result, "ratios", [](const Json &json) -> MeasureReport::Ratio {
        return {text(json, "label"), estimateFromJson(json).value_or(Estimate{}),
                text(json, "verdict")};
      });
  auto rows = listOf<VariantRow>(run.result, "variants", [&](const Json &json) {
    VariantRow row;
    row.label = text(json, "label");
    row.target = target;
    row.key = text(json, "key");
    row.error = text(json, "error");
    if (json.contains("correct") && json["correct"].is_boolean())
      row.correct = json["correct"].get<bool>();
    if (json.contains("modes") && json["modes"].is_object())
      for (const auto &[mode, set] : json["modes"].items())
        if (auto read = sampleSetFromJson(set))
          row.modes[mode] = std::move(*read);
    addRatio(row, ratios);
    if (cache)
      if (auto compiled = cache->find(text(json, "cache_key"))) {
        if (const auto ttir = std::ranges::find(compiled->stages, "ttir", &StageArtifact::name);
            ttir != compiled->stages.end())
          row.ttir = ttir->contents;
        row.compiled = std::move(*compiled);
      }
    return row;
  });
  for (const SampleRecord &record : samples) {
    auto row = std::ranges::find(rows, record.label, &VariantRow::label);
    if (row == rows.end()) { // a run that never finished has no result
      row = rows.insert(rows.end(), VariantRow{});
      row->label = record.label;
      row->target = target;
    }
    row->modes[record.mode].samples = record.samples;
  }
  return rows;
}

} // namespace lapidary
