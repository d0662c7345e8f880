// What the verbs that measure have in common: their options, progress, and Ctrl-C.
#pragma once

#include "app/lap/CommandLine.h"

namespace lapidary::cli {

// -t, --mode, --time-limit, --warm-up, --samples, --hang, --no-verify.
struct MeasureArguments {
  std::string target, compiler = "native";
  MeasureOptions options;
  bool unverified = false;
  MeasureOptions effective() const; // options with verify set
};
void addMeasureArguments(CLI::App &verb, MeasureArguments &arguments);

struct DeviceSetting {
  Services services;
  DeviceTarget target; // with its architecture
};
// Where to measure and what to compile with. An error says which of the two is wrong.
Result<DeviceSetting> prepareServices(Invocation &invocation, const MeasureArguments &arguments);

// What a measuring verb starts from. An error says which of the parts is wrong.
struct MeasureSetting {
  Services services;
  DeviceTarget target; // with its architecture
  KernelChoice choice;
};
Result<MeasureSetting> prepareMeasuring(Invocation &invocation, const KernelArguments &kernel,
                                        const MeasureArguments &arguments);

// While it lives, Ctrl-C cancels `token` instead of ending the program: what was measured until
// then is kept. One at a time.
class InterruptGuard {
public:
  InterruptGuard();
  ~InterruptGuard();
  CancelToken token;
};

// On a terminal one line that changes; with `events` a line of JSON for each step and sample, on
// standard error.
class ProgressLine {
public:
  explicit ProgressLine(bool events);
  ~ProgressLine();
  void show(const Progress &progress);
  void sample(const SampleEvent &sample);

private:
  bool events, terminal, shown = false;
};

} // namespace lapidary::cli
