#include "Fakes.h"

#include "FakeCpu.h"
#include "core/support/Paths.h"

#include <algorithm>
#include <thread>

namespace lapidary {

namespace {

// What stands behind `mark` in a comment of the text, to the end of the line.
std::string comment(const std::string &text, const std::string &mark) {
  const std::size_t at = text.find(mark);
  if (at == std::string::npos)
    return {};
  const std::size_t begin = at + mark.size();
  return text.substr(begin, text.find('\n', begin) - begin);
}

Elaboration fakeElaborate(const KernelFile &file, const JitFunction &kernel,
                          const Specialization &specialization) {
  Elaboration result;
  if (const std::string error = comment(file.text, "# error: "); !error.empty()) {
    result.diagnostics = {{Severity::Error, file.path, kernel.nameRange, error, "", {}}};
    return result;
  }
  const auto isPlain = [](const auto &argument) { return argument.properties.empty(); };
  const std::string needs = comment(file.text, "# needs: ");
  const bool generic = std::ranges::all_of(specialization.arguments, isPlain) ||
                       std::ranges::any_of(specialization.arguments, [&](const auto &argument) {
                         return needs.contains(" " + argument.name + " ") && isPlain(argument);
                       });
  const std::string description = comment(file.text, "# fake: ");
  Json fake = Json::parse(description.empty() ? R"({"op": "add", "ns": 50000, "jitter": 0.02})"
                                              : description);
  if (generic)
    fake["ns"] = fake.value("ns", 50000.0) * 6;
  if (const std::string slow = comment(file.text, "# slow: "); !slow.empty())
    fake["compile_ms"] = std::stoi(slow);
  if (generic)
    fake["generic"] = true;
  result.ttir = dumpJson(fake); // the fake reference adds, whatever the text
  result.storedTo = {"out"};
  return result;
}

CompileResult fakeCompile(const std::string &ttir, const CompileOptions &options,
                          const CancelToken &cancel) {
  const Json fake = Json::parse(ttir);
  const auto end =
      std::chrono::steady_clock::now() + std::chrono::milliseconds(fake.value("compile_ms", 0));
  while (std::chrono::steady_clock::now() < end && !cancel.cancelled())
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  CompileResult result;
  result.stages = {{"ttir", ttir, true, 1000}};
  if (options.stopAfter != "ttir")
    result.stages.push_back({"binary", ttir, false, 2000});
  result.accesses = {{{7, 5, 7, 10}, "load", fake.contains("generic") ? 32 : 128, "", "", ""}};
  result.resources.values = {{"code_bytes", 64}};
  result.entry = "add";
  result.ok = !cancel.cancelled();
  return result;
}

} // namespace

FakeServices::FakeServices(const TemporaryFolder &folder) {
  auto backends = std::make_shared<BackendRegistry>();
  backends->add(std::make_shared<FakeCpu>());
  backends->add(std::make_shared<FakeCuda>());
  services.backends = backends;
  services.rules = *loadRuleSets(std::string(LAPIDARY_SOURCE_DIR) + "/resources/rules");
  services.compiler.elaborate = fakeElaborate;
  services.compiler.compile = [count = compiles](const std::string &ttir, const std::string &,
                                                 const TargetHook &, const CompileOptions &options,
                                                 const CancelToken &cancel) {
    ++*count;
    return fakeCompile(ttir, options, cancel);
  };
  services.compiler.version = "fake 1";
  services.store = std::make_shared<StoreThread>(folder / "data/lapidary.db");
  services.cache = std::make_shared<ArtifactCache>(folder / "cache");
  services.workerCommand = {SESSION_WORKER};
}

std::string addKernelText(const std::string &comment) {
  return "import triton\n"
         "import triton.language as tl\n"
         "\n"
         "\n"
         "@triton.jit\n"
         "def add(x, y, out, n, BLOCK: tl.constexpr):\n" +
         (comment.empty() ? "" : "    # " + comment + "\n") +
         "    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)\n"
         "    inside = at < n\n"
         "    tl.store(out + at, tl.load(x + at, mask=inside) + tl.load(y + at, mask=inside), "
         "mask=inside)\n"
         "\n"
         "\n"
         "@triton.jit\n"
         "def other(x, n, BLOCK: tl.constexpr):\n"
         "    at = tl.arange(0, BLOCK)\n"
         "    tl.store(x + at, at * 1.0, mask=at < n)\n";
}

std::string addLaunchText() {
  return R"json({"kernel": "add", "grid": ["cdiv(n, BLOCK)"],
 "arguments": {"x": {"tensor": {"dtype": "fp32", "shape": [4096]}},
               "y": {"tensor": {"dtype": "fp32", "shape": [4096]}},
               "out": {"tensor": {"dtype": "fp32", "shape": [4096]}},
               "n": 4096, "BLOCK": 1024},
 "outputs": ["out"], "options": {"num_warps": 4}}
)json";
}

std::string writeAddKernel(const TemporaryFolder &folder, const std::string &comment) {
  (void)writeFileAtomically(folder / "kernels.py", addKernelText(comment));
  (void)writeFileAtomically(folder / "small.launch.json", addLaunchText());
  return (folder / "kernels.py").string();
}

MeasureOptions quickOptions() {
  MeasureOptions options;
  options.warmupSeconds = 0.002;
  options.timeLimitSeconds = 0.5;
  options.hangSeconds = 20;
  return options;
}

Workbench::Listener Listening::listener() {
  return [this](std::shared_ptr<const Snapshot> snapshot) {
    {
      const std::lock_guard lock(mutex);
      last = std::move(snapshot);
      ++snapshots;
    }
    changed.notify_all();
  };
}

std::shared_ptr<const Snapshot> Listening::waitFor(const Predicate &predicate) {
  std::unique_lock lock(mutex);
  const bool came =
      changed.wait_for(lock, std::chrono::seconds(30), [&] { return last && predicate(*last); });
  return came ? last : nullptr;
}

int Listening::count() {
  const std::lock_guard lock(mutex);
  return snapshots;
}

const JobState *findJob(const Snapshot &snapshot, int id) {
  const auto found = std::ranges::find(snapshot.jobs, id, &JobState::id);
  return found == snapshot.jobs.end() ? nullptr : &*found;
}

bool hasEnded(const Snapshot &snapshot, int id) {
  const JobState *job = findJob(snapshot, id);
  return job && job->status != JobState::Status::Queued && job->status != JobState::Status::Running;
}

const VariantRow *findRow(const Snapshot &snapshot, const std::string &label,
                          const std::string &target) {
  for (const VariantRow &row : snapshot.variants)
    if (row.label == label && toString(row.target) == target)
      return &row;
  return nullptr;
}

} // namespace lapidary
