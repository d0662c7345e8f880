// What a worker tells its parent while it measures, and the watch over launches that never end.
//
// A launch that faults on a GPU ends the process too: the device is of no more use to it.
//
// Samples are gathered and sent between samples, at most every 20 ms, so that the parent's waking
// up disturbs few of them. A thread of its own sends a sign of life while host work goes on, and
// ends the process when one launch takes longer than the limit: a hanging kernel cannot be ended
// otherwise. Its messages name the variant, so that the parent knows whom to blame.
//
// Owner: the worker's main thread, for all but the watching thread inside.
#pragma once

#include "core/bench/Measurement.h"
#include "core/runtime/Driver.h"
#include "core/runtime/WorkerChannel.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <thread>

namespace lapidary {

class WorkerEvents {
public:
  // `variants`: labels by index. With `endProcess` false (tests) hangs and faults are only
  // reported.
  WorkerEvents(SendEvent send, std::vector<std::string> variants, double hangSeconds,
               bool endProcess = true);

  void device(const DeviceInfo &info);
  void phase(const std::string &name, int variant = -1);
  void sample(int variant, const std::string &mode, int index, double nanoseconds);
  void flushSamples();

  // Launches under the watch. Does not return when the launch faults.
  Result<double> launch(Device &device, int variant, const LaunchRequest &request, int count);
  // The same watch around other calls that a variant's code may hang or kill.
  void launching(int variant);
  void launched();

private:
  void watch(std::stop_token stop);

  SendEvent send;
  std::vector<std::string> labels;
  double hangSeconds;
  bool endProcess;
  std::vector<SampleEvent> pending;
  std::chrono::steady_clock::time_point lastFlush;
  std::atomic<int> running{-1};
  std::atomic<std::int64_t> launchedAt{0}; // steady clock, ns; 0: no launch is under way
  std::mutex mutex;
  std::condition_variable_any wake;
  std::jthread watcher; // last: it uses the others
};

} // namespace lapidary
