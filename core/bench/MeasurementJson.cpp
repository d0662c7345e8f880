#include "core/bench/JsonNumber.h"
#include "core/bench/Measurement.h"

namespace lapidary {

Json toJson(const Estimate &estimate) {
  return {{"value", numberJson(estimate.value)},
          {"interval", {numberJson(estimate.low), numberJson(estimate.high)}}};
}

Result<Estimate> estimateFromJson(const Json &json) {
  return fromJsonSafely<Estimate>("measured value", [&] {
    const Json &interval = json.at("interval");
    return Estimate{numberFrom(json.at("value")), numberFrom(interval.at(0)),
                    numberFrom(interval.at(1))};
  });
}

Json toJson(const SampleSet &set, bool withSamples) {
  Json json = {{"median", set.median.value},  {"interval", {set.median.low, set.median.high}},
               {"count", set.samples.size()}, {"batch", set.batch},
               {"discarded", set.discarded},  {"stopped_by", set.stoppedBy}};
  if (withSamples)
    json["samples"] = set.samples;
  return json;
}

Result<SampleSet> sampleSetFromJson(const Json &json) {
  return fromJsonSafely<SampleSet>("set of samples", [&] {
    SampleSet set;
    const Json &interval = json.at("interval");
    set.median = {json.at("median").get<double>(), interval.at(0).get<double>(),
                  interval.at(1).get<double>()};
    set.batch = json.at("batch").get<int>();
    set.discarded = json.at("discarded").get<int>();
    json.at("stopped_by").get_to(set.stoppedBy);
    if (auto samples = json.find("samples"); samples != json.end())
      samples->get_to(set.samples);
    return set;
  });
}

Json toJson(const MeasureOptions &options) {
  return {{"modes", options.modes},
          {"warmup_seconds", options.warmupSeconds},
          {"minimum_samples", options.minimumSamples},
          {"maximum_samples", options.maximumSamples},
          {"target_error", options.targetError},
          {"time_limit_seconds", options.timeLimitSeconds},
          {"hang_seconds", options.hangSeconds},
          {"verify", options.verify}};
}

Result<MeasureOptions> measureOptionsFromJson(const Json &json) {
  return fromJsonSafely<MeasureOptions>("set of measuring options", [&] {
    MeasureOptions options;
    auto take = [&](const char *key, auto &field) {
      if (auto found = json.find(key); found != json.end())
        found->get_to(field);
    };
    take("modes", options.modes);
    take("warmup_seconds", options.warmupSeconds);
    take("minimum_samples", options.minimumSamples);
    take("maximum_samples", options.maximumSamples);
    take("target_error", options.targetError);
    take("time_limit_seconds", options.timeLimitSeconds);
    take("hang_seconds", options.hangSeconds);
    take("verify", options.verify);
    return options;
  });
}

} // namespace lapidary
