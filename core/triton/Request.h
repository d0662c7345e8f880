// What resources/triton/bridge.py is asked, and what its answers mean. The form of both stands at
// the head of that file.
#pragma once

#include "core/compiler/Compiler.h"
#include "core/specialize/Specialization.h"

namespace lapidary {

struct TritonRequest {
  std::string line;                 // of JSON
  std::string file;                 // the kernel's, for messages
  std::vector<std::string> unknown; // names that could not be taken out of the user's files
  int parameters = 0;               // of the launch, folded ones not counted
  int warps = 4;                    // asked for
};
// Errors: Unsupported, a constant that has no form in Python, naming it.
Result<TritonRequest> tritonRequest(const KernelFile &file, const JitFunction &kernel,
                                    const Specialization &specialization,
                                    const std::vector<std::pair<std::string, Value>> &options,
                                    const std::string &stopAfter);

struct TritonReply {
  CompileResult compiled;              // what is wrong with the kernel is a diagnostic in it
  std::string key;                     // Triton's own cache key; empty where there is none
  std::int64_t compileNanoseconds = 0; // of Triton alone
};
// Errors: Unsupported (this Triton has no compiler for the target), Crashed (not an answer).
Result<TritonReply> readTritonReply(const std::string &line, const TritonRequest &request);

} // namespace lapidary
