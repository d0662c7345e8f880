// The workbench's threads and what runs on them.
//
// front    owns the model; commands and results come to it as tasks; after each it works out what
//          changed (once for a burst) and publishes a snapshot
// compile  elaborates and compiles, one variant a task
// devices  one serial executor a device: measures
// probe    asks which devices are attached
// counter  counts reachable variants
// surveyor tries the kernels below a folder
// store    the Services' store thread
//
// A task on another thread captures values and posts its result to front. Nothing else is shared
// but `latest`, under its mutex.
#pragma once

#include "core/session/Executor.h"
#include "core/session/WorkbenchModel.h"

#include <atomic>
#include <chrono>
#include <mutex>

namespace lapidary {

struct Workbench::State {
  using Clock = std::chrono::steady_clock;

  State(Services services, Listener listener);
  ~State();

  // Runs `edit` on the front thread; edits that stand in the queue together cost one update.
  void command(std::function<void(WorkbenchModel &)> edit);
  // Runs a result of another thread on the front thread; published at most twenty times a second.
  void report(std::function<void(WorkbenchModel &)> change);

  // Jobs (front thread).
  void startCompile(int id);
  void startCompare(int id, const DeviceTarget &target);
  JobState &jobState(int id);
  void beginJob(int id, std::string title);
  void progressJob(int id, const std::string &phase, double fraction);
  void endJob(int id, JobState::Status status, const std::string &message = {});
  void cancelJob(int id);

  void readHistory(const std::string &filter);
  void probeDevices();
  void countReach(); // when what it depends on has changed
  void startSurvey(int id, const std::string &folder);
  void readLaunches();
  // Runs `body(Store &)` on the store's thread; what it returns is given to `done` on the front
  // thread. Nothing happens where nothing is kept.
  template <typename Body, typename Done> void withStore(Body body, Done done);

  struct Job {
    CancelToken token;
    Clock::time_point begin;
    int open = 0, total = 0; // parts of a compile
    int failures = 0;
  };

  Services services;
  Listener listener;
  WorkbenchModel model; // front thread only
  std::map<int, Job> jobs;
  std::string historyFilter, launchesReadFor;
  int runningCompile = 0; // id; 0: none
  std::optional<VariantQuery> reachQuery;
  std::string reachCountedFor;

  std::atomic<int> nextJob{1};
  std::atomic<int> waiting{0}; // tasks in front's queue
  std::atomic<int> reachWanted{0}; // number of the newest count; older ones are dropped
  std::atomic<bool> closing{false};
  Clock::time_point lastPublished;
  bool editUnseen = false;     // an edit is not in `latest` yet
  bool publicationDue = false; // a change is not in `latest` yet, and a task will publish it

  mutable std::mutex mutex;
  std::shared_ptr<const Snapshot> latest;

  // Last, in the order in which the destructor ends them backwards.
  Executor front{1};
  Executor probe{1};
  Executor counter{1};
  Executor surveyor{1};
  Executor compilers;
  std::map<std::pair<std::string, int>, std::unique_ptr<Executor>> devices; // front thread only

private:
  void enqueue(std::function<void(WorkbenchModel &)> change, bool urgent);
  void publish();
  void publishLater();
  void compilePart(int id, const KernelChoice &choice, const Target &target,
                   const std::string &ruleSet, const PropertyMask &mask, const std::string &stamp);
  void adoptCompiled(int id, const Result<Variant> &variant, const std::string &label,
                     const Target &target, const std::string &stamp);
  void measure(int id, const KernelChoice &choice, const DeviceTarget &target,
               const std::string &ruleSet, const std::string &stamp, const CancelToken &token);
  void adoptComparison(int id, const Result<CompareResult> &result, const std::string &stamp);
  void freshRow(const std::string &label, const Target &target, const std::string &stamp);
};

// A row of the table out of one measured variant.
VariantRow rowOf(const Variant &variant, const VariantReport &report, const MeasureReport &all);
// The rows of a stored run.
std::vector<VariantRow> rowsOf(const RunRecord &run, const std::vector<SampleRecord> &samples,
                               const ArtifactCache *cache);

template <typename Body, typename Done> void Workbench::State::withStore(Body body, Done done) {
  if (!services.store)
    return;
  services.store->post([this, body = std::move(body),
                        done = std::move(done)](Store *store, const Error &why) mutable {
    using Answer = std::invoke_result_t<Body, Store &>;
    Answer answer = store ? body(*store) : Answer(std::unexpected(why));
    command([answer = std::move(answer), done = std::move(done)](WorkbenchModel &model) mutable {
      done(model, std::move(answer));
    });
  });
}

} // namespace lapidary
