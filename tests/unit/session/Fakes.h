// Services whose compiler and devices do what a test says, so that the session is tested whole and
// under every sanitizer: real files, real specialization, a real worker process, a real database.
//
// The kernel of addKernel() is out = x + y. What the fake compiler makes of it stands in the
// kernel's text: a comment "# fake: {...}" is the description that the fake device runs
// (FakeBackend.h); the generic variant takes six times as long. "# error: text" makes it fail to
// compile, "# slow: ms" lets a compile take so long, "# needs:  x y " makes the generic code of every
// variant in which one of these arguments has no property.
#pragma once

#include "core/session/Workbench.h"
#include "tests/support/TemporaryFolder.h"

#include <atomic>
#include <condition_variable>

namespace lapidary {

struct FakeServices {
  explicit FakeServices(const TemporaryFolder &folder);
  Services services;
  std::shared_ptr<std::atomic<int>> compiles = std::make_shared<std::atomic<int>>(0);
};

// Writes kernels.py with two kernels, `add` and `other`, and a launch file of `add`; the path of
// the Python file. `comment` goes into the body of add.
std::string writeAddKernel(const TemporaryFolder &folder, const std::string &comment = "");
std::string addKernelText(const std::string &comment = "");
std::string addLaunchText();
MeasureOptions quickOptions();

// Listens to a workbench and waits for what a test expects of a snapshot.
class Listening {
public:
  using Predicate = std::function<bool(const Snapshot &)>;
  Workbench::Listener listener();
  // The first snapshot after the call's begin, or the current one, that fits; null after 30 s.
  std::shared_ptr<const Snapshot> waitFor(const Predicate &predicate);
  int count();

private:
  std::mutex mutex;
  std::condition_variable changed;
  std::shared_ptr<const Snapshot> last;
  int snapshots = 0;
};

const JobState *findJob(const Snapshot &snapshot, int id);
bool hasEnded(const Snapshot &snapshot, int id);
const VariantRow *findRow(const Snapshot &snapshot, const std::string &label,
                          const std::string &target = "cpu");

} // namespace lapidary
