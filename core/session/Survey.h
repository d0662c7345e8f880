// Which kernels below a folder open, elaborate with a guessed launch, and compile; and what is
// missing where they do not.
//
// The folder is anybody's code, so every kernel is tried in a child process with a limit on time
// and memory: what hangs or dies there is one more answer. Children run in parallel and live as
// long as nothing goes wrong in them.
//
//   SurveyOptions options{.targets = {{"cpu", ""}}, .command = {"/path/to/lap", "survey-worker"}};
//   Result<Survey> survey = surveyFolder("flash-linear-attention", options, {}, {});
#pragma once

#include "core/session/Operations.h"

#include <chrono>
#include <filesystem>

namespace lapidary {

struct SurveyOptions {
  std::vector<Target> targets; // to compile for; none: the kernels are elaborated only
  std::string rules = defaultRuleSet;
  std::chrono::milliseconds limit = std::chrono::seconds(20); // for each kernel
  unsigned parallel = 0;                                      // children; 0: one a core
  std::vector<std::string> command; // starts serveSurvey in a process of its own
};

// Where a kernel stopped, and why.
struct SurveyFailure {
  std::string stage;   // "open", "launch", "elaborate", "compile"
  std::string target;  // of "compile"
  std::string feature; // what is missing; the message where nothing has a name
  std::string message;
  std::string file; // of the place: a helper's may be another than the kernel's
  int line = 0;
};

struct SurveyedKernel {
  std::string file, kernel; // the kernel is empty when the file did not open
  int line = 0;
  bool opened = false, elaborated = false;
  std::vector<std::string> compiled;    // targets
  std::int64_t nanoseconds = 0;         // of the elaboration
  std::optional<SurveyFailure> failure; // the first
};

struct Survey {
  std::size_t files = 0;               // Python files below the folder
  std::vector<SurveyedKernel> kernels; // in the order of their files and lines
  std::vector<std::string> targets;
};

// `onProgress` is called from one thread at a time. Errors: NotFound, Unreadable (the folder),
// Cancelled, or that no child could be started.
Result<Survey> surveyFolder(const std::filesystem::path &folder, const SurveyOptions &options,
                            const OnProgress &onProgress, const CancelToken &cancel);

// The child: answers until its input ends. Returns the exit code.
int serveSurvey(const Services &services, int inputFd, int outputFd);

Json surveyJson(const Survey &survey); // the form of `lap survey --json`
// How many kernels stopped for want of each feature, the most frequent first.
std::vector<std::pair<std::string, std::size_t>> missingFeatures(const Survey &survey);

} // namespace lapidary
