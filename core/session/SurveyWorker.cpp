// The child's side of a survey: one file a request, an event before and after each kernel.
#include "core/session/Survey.h"

#include "core/compiler/TargetHook.h"
#include "core/runtime/WorkerChannel.h"

#include <algorithm>
#include <sys/resource.h>
#include <unistd.h>

namespace lapidary {

namespace {

constexpr rlim_t maximumMemory = rlim_t{8} << 30;

Json failureJson(const SurveyFailure &failure) {
  return {{"stage", failure.stage},     {"target", failure.target}, {"feature", failure.feature},
          {"message", failure.message}, {"file", failure.file},     {"line", failure.line}};
}

SurveyFailure failureOf(std::string stage, const std::vector<Diagnostic> &diagnostics,
                        const JitFunction &kernel) {
  auto first = std::ranges::find(diagnostics, Severity::Error, &Diagnostic::severity);
  if (first == diagnostics.end())
    return {std::move(stage), {}, "no message", "no message", kernel.file, kernel.nameRange.line};
  return {std::move(stage), {},          first->feature.empty() ? first->message : first->feature,
          first->message,   first->file, first->range.line};
}

SurveyFailure failureOf(std::string stage, const Error &error, const JitFunction &kernel) {
  return {std::move(stage), {}, error.message, error.message, kernel.file, kernel.nameRange.line};
}

// What the language says of a launch.
std::optional<std::vector<LaunchHint>> tryLaunch(const Services &services, const KernelFile &file,
                                                 const JitFunction &kernel, const Target &target,
                                                 const std::string &rules, const Launch &launch) {
  auto specialization = specialize(*services.rules, rules, target, kernel, launch);
  if (!specialization)
    return std::vector<LaunchHint>{};
  Elaboration elaboration = services.compiler.elaborate(file, kernel, *specialization);
  if (!elaboration.ttir.empty())
    return std::nullopt;
  return std::move(elaboration.hints);
}

struct Attempt {
  const Services &services;
  const std::shared_ptr<const KernelFile> &file;
  const JitFunction &kernel;
  const std::vector<Target> &targets;
  const std::string &rules;
  SurveyedKernel &result;

  std::optional<SurveyFailure> elaborateAlone(const KernelChoice &choice) {
    auto specialization = specialize(*services.rules, rules, {"cuda", "90"}, kernel, choice.launch);
    if (!specialization)
      return failureOf("launch", specialization.error(), kernel);
    Elaboration elaboration = services.compiler.elaborate(*file, kernel, *specialization);
    result.elaborated = !elaboration.ttir.empty();
    if (!result.elaborated)
      return failureOf("elaborate", elaboration.diagnostics, kernel);
    return std::nullopt;
  }

  std::optional<SurveyFailure> compile(const KernelChoice &choice, const Target &target) {
    auto variant =
        compileVariant(services, choice, target, rules, {PropertyMask::Kind::All, {}}, "", {});
    if (!variant)
      return failureOf("launch", variant.error(), kernel);
    if (variant->ttir.empty())
      return failureOf("elaborate", variant->compiled.diagnostics, kernel);
    result.elaborated = true;
    if (variant->ok()) {
      result.compiled.push_back(toString(target));
      return std::nullopt;
    }
    SurveyFailure failure = variant->problem
                                ? failureOf("compile", *variant->problem, kernel)
                                : failureOf("compile", variant->compiled.diagnostics, kernel);
    failure.target = toString(target);
    return failure;
  }

  void run() {
    auto begin = std::chrono::steady_clock::now();
    const Target target = targets.empty() ? Target{"cuda", "90"} : targets.front();
    Result<Launch> launch =
        bindLaunch(*file, kernel, guessLaunch(*file, kernel, [&](const Launch &guess) {
          return tryLaunch(services, *file, kernel, target, rules, guess);
        }));
    if (!launch) {
      result.failure = failureOf("launch", launch.error(), kernel);
      return;
    }
    KernelChoice choice{file, &kernel, std::move(*launch)};
    if (targets.empty())
      result.failure = elaborateAlone(choice);
    for (const Target &target : targets)
      if (auto failure = compile(choice, target); failure && !result.failure)
        result.failure = std::move(failure);
    result.nanoseconds = std::chrono::nanoseconds(std::chrono::steady_clock::now() - begin).count();
  }
};

Json resultJson(const SurveyedKernel &kernel) {
  Json json = {{"event", "done"},
               {"elaborated", kernel.elaborated},
               {"compiled", kernel.compiled},
               {"ns", kernel.nanoseconds}};
  if (kernel.failure)
    json["failure"] = failureJson(*kernel.failure);
  return json;
}

// {"file", "from", "targets", "rules"}: the kernels of a file from that one on.
Result<Message> surveyFile(const Services &services, const Json &request, const SendEvent &send) {
  std::vector<Target> targets;
  for (const Json &text : request["targets"]) {
    auto target = parseTarget(text.get<std::string>());
    if (!target)
      return std::unexpected(target.error());
    targets.push_back(std::move(*target));
  }
  auto file = openKernelFile(request["file"].get<std::string>());
  if (!file)
    return std::unexpected(file.error());
  std::vector<const JitFunction *> kernels = (*file)->kernels();
  const std::string rules = request["rules"].get<std::string>();
  for (std::size_t i = request["from"].get<std::size_t>(); i < kernels.size(); ++i) {
    const JitFunction &kernel = *kernels[i];
    send({{"event", "kernel"}, {"name", kernel.name}, {"line", kernel.nameRange.line}});
    SurveyedKernel result;
    Attempt{services, *file, kernel, targets, rules, result}.run();
    send(resultJson(result));
  }
  return Message{Json::object(), {}};
}

bool isRequest(const Json &json) {
  auto has = [&](const char *key, auto test) {
    auto found = json.find(key);
    return found != json.end() && test(*found);
  };
  auto isText = [](const Json &value) { return value.is_string(); };
  return json.is_object() && has("file", isText) && has("rules", isText) &&
         has("from", [](const Json &value) { return value.is_number_unsigned(); }) &&
         has("targets", [&](const Json &value) {
           return value.is_array() && std::ranges::all_of(value, isText);
         });
}

} // namespace

int serveSurvey(const Services &services, int inputFd, int outputFd) {
  // What others write on standard output would read as a broken message.
  int channel = ::dup(outputFd);
  if (channel < 0 || (outputFd == STDOUT_FILENO && ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0))
    return 1;
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) == 0) {
    limit.rlim_cur = std::min(limit.rlim_max, maximumMemory);
    ::setrlimit(RLIMIT_AS, &limit);
  }
  const rlimit noCore{};
  ::setrlimit(RLIMIT_CORE, &noCore);
  Services own = services;
  own.cache = nullptr; // a survey is no reason to keep code
  MessagePort port(inputFd, channel);
  return serveMessages(port, [&](const Message &request, const SendEvent &send) -> Result<Message> {
    if (!isRequest(request.json))
      return fail(ErrorCode::InvalidInput, "this is no request for a survey");
    return surveyFile(own, request.json, send);
  });
}

} // namespace lapidary
