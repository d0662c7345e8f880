// The worker's side: requests in, reports out.
#include "core/bench/Experiment.h"
#include "core/bench/LastWords.h"
#include "core/bench/Worker.h"
#include "core/runtime/Framing.h"

#include <unistd.h>

namespace lapidary {

static Result<Message> listDevices(const BackendRegistry &backends, const Json &request) {
  auto name = request.find("backend");
  if (name == request.end() || !name->is_string())
    return fail(ErrorCode::InvalidInput, "the request names no backend");
  auto backend = backends.find(name->get<std::string>());
  if (!backend)
    return std::unexpected(backend.error());
  Result<std::vector<DeviceInfo>> devices = (*backend)->devices();
  if (!devices)
    return std::unexpected(devices.error());
  Json list = Json::array();
  for (const DeviceInfo &device : *devices)
    list.push_back(toJson(device));
  return Message{Json{{"devices", std::move(list)}}, {}};
}

// The job with its binaries, which follow each other in the message's raw part.
static Result<MeasureJob> jobFrom(const Message &request) {
  auto json = request.json.find("job"), sizes = request.json.find("binaries");
  if (json == request.json.end() || sizes == request.json.end() || !sizes->is_array())
    return fail(ErrorCode::InvalidInput, "the request holds no job");
  Result<MeasureJob> job = measureJobFromJson(*json);
  if (!job)
    return job;
  std::size_t at = 0;
  if (sizes->size() != job->variants.size())
    return fail(ErrorCode::InvalidInput, "the request's variants and binaries differ in number");
  for (std::size_t i = 0; i < sizes->size(); ++i) {
    const Json &size = (*sizes)[i];
    if (!size.is_number_unsigned() || size.get<std::size_t>() > request.bytes.size() - at)
      return fail(ErrorCode::InvalidInput, "the request's binaries are incomplete");
    job->variants[i].binary = request.bytes.substr(at, size.get<std::size_t>());
    at += size.get<std::size_t>();
  }
  return job;
}

static Result<Message> measure(const BackendRegistry &backends, const ReferenceRunner &reference,
                               const Message &request, const SendEvent &send) {
  Result<MeasureJob> job = jobFrom(request);
  if (!job)
    return std::unexpected(job.error());
  std::vector<std::string> labels;
  std::vector<lastwords::Frames> frames;
  for (const CodeObject &variant : job->variants) {
    auto frame = [&](const char *code) {
      Json dying = {{"event", "dying"}, {"variant", labels.size()}, {"code", code}};
      return framing::encode({std::move(dying), {}}).value_or("");
    };
    frames.push_back({frame(faultName(FaultKind::IllegalAddress)),
                      frame(faultName(FaultKind::Trap)), frame(errorCodeName(ErrorCode::Crashed))});
    labels.push_back(variant.label);
  }
  lastwords::setFrames(std::move(frames));
  WorkerEvents events(send, std::move(labels), job->options.hangSeconds);
  Result<MeasureReport> report = Experiment(backends, reference, *job, events).run();
  if (!report)
    return std::unexpected(report.error());
  return Message{toJson(*report), {}};
}

int serveWorker(const BackendRegistry &backends, const ReferenceRunner &reference, int inputFd,
                int outputFd) {
  // A kernel's print or a library's chatter on standard output would read as a broken message.
  int channel = outputFd;
  if (outputFd == STDOUT_FILENO) {
    channel = ::dup(STDOUT_FILENO);
    if (channel < 0 || ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
      return 1;
  }
  lastwords::install(channel);
  MessagePort port(inputFd, channel);
  return serveMessages(port, [&](const Message &request, const SendEvent &send) -> Result<Message> {
    auto kind = request.json.find("request");
    if (kind != request.json.end() && *kind == "devices")
      return listDevices(backends, request.json);
    if (kind != request.json.end() && *kind == "measure")
      return measure(backends, reference, request, send);
    return fail(ErrorCode::InvalidInput,
                "the worker knows no such request: " +
                    (kind == request.json.end() ? "none" : dumpJson(*kind)));
  });
}

} // namespace lapidary
