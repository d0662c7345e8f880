// The Triton that the user has installed, as a compiler: processes that run
// resources/triton/bridge.py, kept alive and given one request after the other. The user's file is
// never run: what the kernel reaches is taken out of it (KernelExtract.h).
//
// Any number of threads may compile at once; each waits for a process of its own, which is started
// when none is idle. A process that dies, hangs or takes too much memory is replaced, and that
// compile is an Error that says so.
//
//   Result<TritonInstallation> triton = chooseTriton();
//   TritonCompiler compiler(*triton);
//   Result<TritonReply> reply = compiler.compile(*file, *kernel, specialization, options, "",
//   cancel);
#pragma once

#include "core/support/Cancellation.h"
#include "core/triton/Installation.h"
#include "core/triton/Request.h"

#include <chrono>
#include <memory>

namespace lapidary {

struct TritonLimits {
  std::chrono::milliseconds time = std::chrono::minutes(5); // of one compile
  std::int64_t memoryBytes = std::int64_t(16) << 30;        // of one process
};

class TritonCompiler {
public:
  explicit TritonCompiler(TritonInstallation installation, TritonLimits limits = {});
  ~TritonCompiler();

  const TritonInstallation &installation() const { return chosen; }
  std::string version() const { return "triton " + chosen.version; } // as it enters cache keys

  // Up to `stopAfter`, a stage of Triton's ("ttir", "ptx"; empty: all). What is wrong with the
  // kernel stands in the reply's diagnostics. Errors: Unsupported (no compiler for the target, a
  // constant without a form in Python), Crashed, Timeout, Cancelled, NotFound (the interpreter is
  // gone).
  Result<TritonReply> compile(const KernelFile &file, const JitFunction &kernel,
                              const Specialization &specialization,
                              const std::vector<std::pair<std::string, Value>> &options,
                              const std::string &stopAfter, const CancelToken &cancel);

private:
  class Process;
  Result<std::unique_ptr<Process>> idleOrNew(const CancelToken &cancel);

  TritonInstallation chosen;
  TritonLimits limits;
  struct Pool;
  std::unique_ptr<Pool> pool;
};

} // namespace lapidary
