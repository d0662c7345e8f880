#include "core/bench/WorkerEvents.h"

#include "core/bench/LastWords.h"

#include <unistd.h>

namespace lapidary {

using Clock = std::chrono::steady_clock;

static std::int64_t nanosecondsNow() {
  return std::chrono::nanoseconds(Clock::now().time_since_epoch()).count();
}

WorkerEvents::WorkerEvents(SendEvent sendEvent, std::vector<std::string> variants,
                           double hangSeconds, bool endProcess)
    : send(std::move(sendEvent)), labels(std::move(variants)), hangSeconds(hangSeconds),
      endProcess(endProcess), lastFlush(Clock::now()),
      watcher([this](std::stop_token stop) { watch(stop); }) {}

void WorkerEvents::watch(std::stop_token stop) {
  constexpr auto interval = std::chrono::milliseconds(250);
  std::unique_lock lock(mutex);
  for (int tick = 1; !wake.wait_for(lock, stop, interval, [] { return false; }); ++tick) {
    if (stop.stop_requested())
      return;
    std::int64_t since = launchedAt;
    if (since == 0) {
      if (tick % 4 == 0)
        send(Json{{"event", "alive"}});
      continue;
    }
    double seconds = static_cast<double>(nanosecondsNow() - since) * 1e-9;
    if (seconds <= hangSeconds)
      continue;
    send(Json{{"event", "hung"}, {"variant", running.load()}, {"seconds", seconds}});
    if (endProcess)
      _exit(1); // destructors would wait for the hanging threads
    return;
  }
}

void WorkerEvents::device(const DeviceInfo &info) {
  send(Json{{"event", "device"}, {"device", toJson(info)}});
}

void WorkerEvents::phase(const std::string &name, int variant) {
  flushSamples();
  Json event = {{"event", "phase"}, {"phase", name}, {"variant", variant}};
  if (variant >= 0)
    event["label"] = labels[static_cast<std::size_t>(variant)];
  send(event);
}

void WorkerEvents::sample(int variant, const std::string &mode, int index, double nanoseconds) {
  pending.push_back({labels[static_cast<std::size_t>(variant)], mode, index, nanoseconds});
  if (Clock::now() - lastFlush > std::chrono::milliseconds(20))
    flushSamples();
}

void WorkerEvents::flushSamples() {
  lastFlush = Clock::now();
  if (pending.empty())
    return;
  Json samples = Json::array();
  for (const SampleEvent &sample : pending)
    samples.push_back(Json::array({sample.label, sample.mode, sample.index, sample.nanoseconds}));
  pending.clear();
  send(Json{{"event", "samples"}, {"samples", std::move(samples)}});
}

Result<double> WorkerEvents::launch(Device &device, int variant, const LaunchRequest &request,
                                    int count) {
  launching(variant);
  Result<double> nanoseconds = device.launch(request, count);
  launched();
  if (const std::optional<DeviceFault> &fault = device.fault()) {
    send(Json{{"event", "fault"},
              {"variant", variant},
              {"code", faultName(fault->kind)},
              {"message", fault->message}});
    if (endProcess)
      _exit(1); // a driver without its context has nothing left to give back
  }
  return nanoseconds;
}

void WorkerEvents::launching(int variant) {
  running = variant;
  lastwords::setRunning(variant);
  launchedAt = nanosecondsNow();
}

void WorkerEvents::launched() {
  launchedAt = 0;
  lastwords::setRunning(-1);
}

} // namespace lapidary
