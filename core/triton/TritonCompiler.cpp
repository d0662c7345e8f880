#include "core/triton/TritonCompiler.h"

#include "core/support/Subprocess.h"

#include <fmt/format.h>
#include <mutex>
#include <span>

namespace lapidary {

using std::chrono::milliseconds;

class TritonCompiler::Process {
public:
  // Starts the interpreter and waits until it has imported Triton.
  static Result<std::unique_ptr<Process>>
  start(const TritonInstallation &triton, const TritonLimits &limits, const CancelToken &cancel) {
    const auto script = bridgeScript();
    if (!script)
      return std::unexpected(script.error());
    auto child = Subprocess::start(
        bridgeCommand(triton.python, {"--memory", std::to_string(limits.memoryBytes)}));
    if (!child)
      return std::unexpected(child.error());
    auto process = std::make_unique<Process>(std::move(*child), triton);
    const auto hello = process->ask(*script, limits.time, cancel);
    if (!hello)
      return std::unexpected(hello.error());
    return process;
  }

  Process(Subprocess child, const TritonInstallation &triton)
      : child(std::move(child)), triton(triton) {}

  Result<std::string> ask(const std::string &request, milliseconds limit,
                          const CancelToken &cancel) {
    constexpr milliseconds slice(50); // how soon a cancelled compile ends
    const auto deadline = std::chrono::steady_clock::now() + limit;
    if (auto sent = child.write(std::as_bytes(std::span(request)), limit); !sent)
      return std::unexpected(explained(sent.error()));
    for (;;) {
      auto line = child.readLine(slice);
      if (line)
        return line;
      if (line.error().code != ErrorCode::Timeout)
        return std::unexpected(explained(line.error()));
      if (cancel.cancelled())
        return fail(ErrorCode::Cancelled, "compiling was cancelled", "triton");
      if (std::chrono::steady_clock::now() >= deadline)
        return fail(ErrorCode::Timeout,
                    fmt::format("Triton {} did not compile the kernel within {} s", triton.version,
                                std::chrono::duration_cast<std::chrono::seconds>(limit).count()),
                    "triton");
    }
  }

  bool alive() { return !child.wait(milliseconds(0)); }

private:
  // The last line of what the process wrote is the reason that Python gives.
  Error explained(const Error &error) {
    std::string said = child.errorText();
    while (!said.empty() && said.back() == '\n')
      said.pop_back();
    said = said.substr(said.rfind('\n') + 1);
    return {ErrorCode::Crashed,
            fmt::format("the process of Triton {} ({}) died: {}{}{}", triton.version, triton.python,
                        error.message, said.empty() ? "" : ": ", said),
            "triton"};
  }

  Subprocess child;
  TritonInstallation triton;
};

struct TritonCompiler::Pool {
  std::mutex mutex;
  std::vector<std::unique_ptr<Process>> idle;
};

TritonCompiler::TritonCompiler(TritonInstallation installation, TritonLimits limits)
    : chosen(std::move(installation)), limits(limits), pool(std::make_unique<Pool>()) {}
TritonCompiler::~TritonCompiler() = default;

Result<std::unique_ptr<TritonCompiler::Process>>
TritonCompiler::idleOrNew(const CancelToken &cancel) {
  {
    const std::lock_guard lock(pool->mutex);
    while (!pool->idle.empty()) {
      auto process = std::move(pool->idle.back());
      pool->idle.pop_back();
      if (process->alive()) // it ends with the thread that started it
        return process;
    }
  }
  return Process::start(chosen, limits, cancel);
}

Result<TritonReply>
TritonCompiler::compile(const KernelFile &file, const JitFunction &kernel,
                        const Specialization &specialization,
                        const std::vector<std::pair<std::string, Value>> &options,
                        const std::string &stopAfter, const CancelToken &cancel) {
  const auto request = tritonRequest(file, kernel, specialization, options, stopAfter);
  if (!request)
    return std::unexpected(request.error());
  auto process = idleOrNew(cancel);
  if (!process)
    return std::unexpected(process.error());
  const auto line = (*process)->ask(request->line, limits.time, cancel);
  if (!line)
    return std::unexpected(line.error()); // the process ends here
  {
    const std::lock_guard lock(pool->mutex);
    pool->idle.push_back(std::move(*process));
  }
  return readTritonReply(*line, *request);
}

} // namespace lapidary
