#include "core/compiler/Compiler.h"

#include "core/compiler/Pipeline.h"

#include "llvm/Config/llvm-config.h"

#include <fmt/format.h>

#include <chrono>

namespace lapidary {

namespace {

// Runs one stage and keeps what it yields with its time. False: the compile ends here.
bool runStage(CompileJob &job, CompileResult &result, const CompileStage &stage) {
  if (job.cancel.cancelled()) {
    result.diagnostics.push_back({.message = "the compile was cancelled"});
    return false;
  }
  const auto start = std::chrono::steady_clock::now();
  Result<std::string> contents = stage.run(job);
  const auto time = std::chrono::steady_clock::now() - start;
  if (!contents) {
    // Diagnostics with a place say it better than the error does.
    if (!hasErrors(job.diagnostics))
      job.diagnostics.push_back({.message = contents.error().message});
    return false;
  }
  result.stages.push_back({stage.name, std::move(*contents), stage.isText,
                           std::chrono::duration_cast<std::chrono::nanoseconds>(time).count()});
  return true;
}

} // namespace

CompileResult compileTtir(const std::string &ttir, const std::string &file, const TargetHook &hook,
                          const CompileOptions &options, const CancelToken &cancel) {
  CompileResult result;
  CompileJob job(hook, options, cancel);
  std::vector<CompileStage> stages = {
      {"ttir", true, [&](CompileJob &each) { return runTtirStage(each, ttir, file); }},
      {"axis", true, [](CompileJob &each) { return runAxisStage(each); }},
  };
  for (CompileStage &stage : hook.stages())
    stages.push_back(std::move(stage));

  std::size_t wanted = stages.size();
  if (!options.stopAfter.empty()) {
    std::string names;
    for (std::size_t i = 0; i < stages.size(); ++i) {
      names += (i ? ", " : "") + stages[i].name;
      if (stages[i].name == options.stopAfter)
        wanted = i + 1;
    }
    if (wanted == stages.size() && stages.back().name != options.stopAfter) {
      result.diagnostics.push_back(
          {.message = fmt::format("there is no stage \"{}\"; the stages of {} are {}",
                                  options.stopAfter, toString(hook.target()), names)});
      return result;
    }
  }

  std::size_t done = 0;
  while (done < wanted && runStage(job, result, stages[done]))
    ++done;
  result.ok = done == wanted;
  result.entry = job.entry;
  result.accesses = std::move(job.accesses);
  result.resources = std::move(job.resources);
  for (Diagnostic &diagnostic : job.diagnostics) {
    if (diagnostic.file.empty())
      diagnostic.file = file;
    result.diagnostics.push_back(std::move(diagnostic));
  }
  return result;
}

std::string compilerVersion() {
  return fmt::format("lapidary {} llvm {}", LAPIDARY_VERSION, LLVM_VERSION_STRING);
}

} // namespace lapidary
