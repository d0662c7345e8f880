// The parent's side. A worker that dies has said, as its last message or in the phase before, which
// variant was running: that one is reported as failed, and the rest of the job goes to a new
// worker.
#include "core/bench/JsonNumber.h"
#include "core/bench/Worker.h"

#include <fmt/format.h>

namespace lapidary {

namespace {

// One request to one worker, and what is known of it when it does not come back.
struct Attempt {
  std::vector<int> indices; // of the job's variants, in the order sent
  int running = -1;         // into `indices`
  // How it ended, when it could still say so.
  std::string code, words;
  std::optional<DeviceInfo> device;
};

Message requestFor(const MeasureJob &job, const Attempt &attempt) {
  MeasureJob part = job;
  part.variants.clear();
  std::string binaries;
  Json sizes = Json::array();
  for (int index : attempt.indices) {
    const CodeObject &variant = job.variants[static_cast<std::size_t>(index)];
    part.variants.push_back(variant);
    sizes.push_back(variant.binary.size());
    binaries += variant.binary;
  }
  return {Json{{"request", "measure"}, {"job", toJson(part)}, {"binaries", std::move(sizes)}},
          std::move(binaries)};
}

void handleSamples(const Json &event, const WorkerClient::OnSample &onSample) {
  for (const Json &sample : event.at("samples"))
    if (onSample)
      onSample({sample.at(0).get<std::string>(), sample.at(1).get<std::string>(),
                sample.at(2).get<int>(), sample.at(3).get<double>()});
}

void handleEvent(const Json &event, Attempt &attempt, const WorkerClient::OnSample &onSample,
                 const WorkerClient::OnPhase &onPhase) {
  const std::string kind = event.at("event").get<std::string>();
  if (kind == "samples") {
    handleSamples(event, onSample);
  } else if (kind == "phase") {
    attempt.running = event.at("variant").get<int>();
    std::string phase = event.at("phase").get<std::string>();
    if (onPhase)
      onPhase(attempt.running < 0 ? phase : phase + " " + event.at("label").get<std::string>());
  } else if (kind == "device") {
    if (Result<DeviceInfo> device = deviceInfoFromJson(event.at("device")))
      attempt.device = std::move(*device);
  } else if (kind == "dying" || kind == "fault") {
    attempt.running = event.at("variant").get<int>();
    attempt.code = event.at("code").get<std::string>();
    attempt.words = event.value("message", "");
  } else if (kind == "hung") {
    attempt.running = event.at("variant").get<int>();
    attempt.code = errorCodeName(ErrorCode::Timeout);
    attempt.words =
        fmt::format("one launch had not ended after {:.3g} s; the worker process was ended",
                    event.at("seconds").get<double>());
  }
}

// `error`: what the pipe said of the worker's end.
VariantReport failedReport(const CodeObject &variant, const Attempt &attempt, const Error &error) {
  VariantReport report;
  report.label = variant.label;
  report.cacheKey = variant.cacheKey;
  report.error = attempt.words.empty() ? error.message : attempt.words;
  report.errorCode = attempt.code.empty() ? errorCodeName(error.code) : attempt.code;
  // AMD's runtime ends the process itself where NVIDIA's driver reports an error.
  if (report.error.contains("Memory access fault by GPU"))
    report.errorCode = faultName(FaultKind::IllegalAddress);
  return report;
}

} // namespace

Result<MeasureReport> WorkerClient::measure(const MeasureJob &job, const OnSample &onSample,
                                            const OnPhase &onPhase, const CancelToken &cancel) {
  constexpr double graceSeconds = 20; // beyond the worker's own watch over hanging launches
  auto silence = std::chrono::milliseconds(
      static_cast<std::int64_t>((std::min(job.options.hangSeconds, 1e6) + graceSeconds) * 1000));
  std::vector<std::optional<VariantReport>> failed(job.variants.size());
  MeasureReport report;
  report.seed = job.seed;
  while (true) {
    Attempt attempt;
    for (std::size_t i = 0; i < failed.size(); ++i)
      if (!failed[i])
        attempt.indices.push_back(static_cast<int>(i));
    if (attempt.indices.empty() && !job.variants.empty())
      break; // every variant killed its worker

    auto onEvent = [&](const Json &event) {
      auto handled = fromJsonSafely<bool>("worker's event", [&] {
        handleEvent(event, attempt, onSample, onPhase);
        return true;
      });
      (void)handled; // an event of a newer worker is no reason to stop
    };
    Result<Message> reply = process.call(requestFor(job, attempt), onEvent, silence, cancel);
    if (attempt.device)
      report.device = *attempt.device;
    if (reply) {
      Result<MeasureReport> measured = measureReportFromJson(reply->json);
      if (!measured)
        return measured;
      std::vector<VariantReport> variants(job.variants.size());
      for (std::size_t i = 0; i < attempt.indices.size() && i < measured->variants.size(); ++i)
        variants[static_cast<std::size_t>(attempt.indices[i])] = std::move(measured->variants[i]);
      for (std::size_t i = 0; i < failed.size(); ++i)
        if (failed[i])
          variants[i] = std::move(*failed[i]);
      measured->variants = std::move(variants);
      return measured;
    }
    const Error &error = reply.error();
    bool died = error.code == ErrorCode::Crashed || error.code == ErrorCode::Timeout;
    bool known =
        attempt.running >= 0 && static_cast<std::size_t>(attempt.running) < attempt.indices.size();
    if (!died || !known)
      return std::unexpected(error);
    auto culprit =
        static_cast<std::size_t>(attempt.indices[static_cast<std::size_t>(attempt.running)]);
    failed[culprit] = failedReport(job.variants[culprit], attempt, error);
  }
  for (std::optional<VariantReport> &variant : failed)
    report.variants.push_back(std::move(*variant));
  return report;
}

Result<std::vector<DeviceInfo>> WorkerClient::devices(const std::string &backend) {
  constexpr auto silence = std::chrono::seconds(30);
  Message request{Json{{"request", "devices"}, {"backend", backend}}, {}};
  Result<Message> reply = process.call(request, {}, silence, {});
  if (!reply)
    return std::unexpected(reply.error());
  std::vector<DeviceInfo> devices;
  auto list = reply->json.find("devices");
  if (list == reply->json.end() || !list->is_array())
    return fail(ErrorCode::Internal, "the worker's answer lists no devices");
  for (const Json &entry : *list) {
    Result<DeviceInfo> device = deviceInfoFromJson(entry);
    if (!device)
      return std::unexpected(device.error());
    devices.push_back(std::move(*device));
  }
  return devices;
}

} // namespace lapidary
