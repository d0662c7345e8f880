// The parent's side of a survey: the files, the children, the sums.
#include "core/session/Survey.h"

#include "core/runtime/WorkerChannel.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <thread>

namespace lapidary {

namespace fs = std::filesystem;

namespace {

// Python files below, without hidden folders; links to folders are not followed.
Result<std::vector<std::string>> pythonFiles(const fs::path &folder) {
  std::error_code error;
  if (fs::is_regular_file(folder, error))
    return std::vector<std::string>{folder.string()};
  if (!fs::is_directory(folder, error))
    return fail(ErrorCode::NotFound, fmt::format("there is no folder {}", folder.string()),
                folder.string());
  std::vector<std::string> files;
  fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error);
  if (error)
    return fail(ErrorCode::Unreadable,
                fmt::format("{} cannot be read: {}", folder.string(), error.message()),
                folder.string());
  for (; at != fs::recursive_directory_iterator(); at.increment(error)) {
    if (error)
      break;
    const bool hidden = at->path().filename().string().starts_with(".");
    if (hidden && at->is_directory(error))
      at.disable_recursion_pending();
    else if (at->path().extension() == ".py" && at->is_regular_file(error))
      files.push_back(at->path().string());
  }
  std::ranges::sort(files);
  return files;
}

std::string textAt(const Json &json, const char *key) {
  auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::int64_t numberAt(const Json &json, const char *key) {
  auto found = json.find(key);
  return found != json.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

void readResult(const Json &json, SurveyedKernel &kernel) {
  kernel.elaborated = json.value("elaborated", Json(false)) == true;
  kernel.nanoseconds = numberAt(json, "ns");
  if (auto compiled = json.find("compiled"); compiled != json.end() && compiled->is_array())
    for (const Json &target : *compiled)
      if (target.is_string())
        kernel.compiled.push_back(target.get<std::string>());
  if (auto failure = json.find("failure"); failure != json.end() && failure->is_object())
    kernel.failure =
        SurveyFailure{textAt(*failure, "stage"),   textAt(*failure, "target"),
                      textAt(*failure, "feature"), textAt(*failure, "message"),
                      textAt(*failure, "file"),    static_cast<int>(numberAt(*failure, "line"))};
}

// One file in one child; a child that dies is started again behind the kernel it died on.
class FileSurvey {
public:
  FileSurvey(WorkerProcess &child, const std::string &file, const SurveyOptions &options)
      : child(child), file(file), options(options) {
    for (const Target &target : options.targets)
      targets.push_back(toString(target));
  }

  // Errors: Cancelled, or that there is no child.
  Result<std::vector<SurveyedKernel>> run(const CancelToken &cancel) {
    while (true) {
      const std::size_t before = kernels.size();
      isOpen = false;
      const Json request = {
          {"file", file}, {"from", before}, {"targets", targets}, {"rules", options.rules}};
      auto reply =
          child.call({request, {}}, [&](const Json &event) { take(event); }, options.limit, cancel);
      if (reply)
        return std::move(kernels);
      const Error &error = reply.error();
      const bool died = error.code == ErrorCode::Crashed || error.code == ErrorCode::Timeout;
      if (error.code == ErrorCode::Cancelled || (!died && isMissing(error)))
        return std::unexpected(error);
      blame(error);
      if (!died || !isOpen)
        return std::move(kernels);
    }
  }

private:
  static bool isMissing(const Error &error) { return error.message.starts_with("cannot start "); }

  void take(const Json &event) {
    const std::string kind = textAt(event, "event");
    if (kind == "kernel") {
      SurveyedKernel kernel;
      kernel.file = file;
      kernel.kernel = textAt(event, "name");
      kernel.line = static_cast<int>(numberAt(event, "line"));
      kernel.opened = true;
      kernels.push_back(std::move(kernel));
      isOpen = true;
    } else if (kind == "done" && isOpen) {
      readResult(event, kernels.back());
    }
  }

  void blame(const Error &error) {
    const std::string feature = error.code == ErrorCode::Timeout   ? "time limit"
                                : error.code == ErrorCode::Crashed ? "crash"
                                                                   : error.message;
    if (!isOpen) {
      SurveyedKernel whole;
      whole.file = file;
      kernels.push_back(std::move(whole));
    }
    SurveyedKernel &kernel = kernels.back();
    if (!kernel.failure)
      kernel.failure =
          SurveyFailure{isOpen ? (kernel.elaborated ? "compile" : "elaborate") : "open",
                        "",
                        feature,
                        error.message,
                        file,
                        kernel.line};
  }

  WorkerProcess &child;
  const std::string &file;
  const SurveyOptions &options;
  std::vector<std::string> targets;
  std::vector<SurveyedKernel> kernels;
  bool isOpen = false; // a kernel was named since the last request
};

} // namespace

Result<Survey> surveyFolder(const fs::path &folder, const SurveyOptions &options,
                            const OnProgress &onProgress, const CancelToken &cancel) {
  auto files = pythonFiles(folder);
  if (!files)
    return std::unexpected(files.error());
  std::vector<std::vector<SurveyedKernel>> found(files->size());
  std::atomic<std::size_t> next{0};
  std::size_t done = 0;
  std::mutex mutex;
  std::optional<Error> problem;
  auto work = [&] {
    WorkerProcess child(options.command);
    for (std::size_t i; (i = next.fetch_add(1)) < files->size();) {
      auto kernels = FileSurvey(child, (*files)[i], options).run(cancel);
      std::lock_guard lock(mutex);
      if (!kernels) {
        problem = kernels.error();
        next = files->size();
        return;
      }
      found[i] = std::move(*kernels);
      if (++done; onProgress)
        onProgress({(*files)[i], double(done) / double(files->size())});
    }
  };
  {
    const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < (options.parallel ? options.parallel : cores); ++i)
      threads.emplace_back(work);
  }
  if (problem)
    return std::unexpected(*problem);
  Survey survey;
  survey.files = files->size();
  for (const Target &target : options.targets)
    survey.targets.push_back(toString(target));
  for (std::vector<SurveyedKernel> &kernels : found)
    std::ranges::move(kernels, std::back_inserter(survey.kernels));
  return survey;
}

std::vector<std::pair<std::string, std::size_t>> missingFeatures(const Survey &survey) {
  std::map<std::string, std::size_t> counts;
  for (const SurveyedKernel &kernel : survey.kernels)
    if (kernel.failure)
      ++counts[kernel.failure->feature];
  std::vector<std::pair<std::string, std::size_t>> sorted(counts.begin(), counts.end());
  std::ranges::stable_sort(sorted, std::greater(), &std::pair<std::string, std::size_t>::second);
  return sorted;
}

Json surveyJson(const Survey &survey) {
  std::size_t kernels = 0, elaborated = 0;
  Json compiled = Json::object(), failures = Json::array(), features = Json::object();
  for (const std::string &target : survey.targets)
    compiled[target] = 0;
  for (const SurveyedKernel &kernel : survey.kernels) {
    kernels += kernel.opened;
    elaborated += kernel.elaborated;
    for (const std::string &target : kernel.compiled)
      compiled[target] = compiled[target].get<std::size_t>() + 1;
    if (const auto &failure = kernel.failure)
      failures.push_back({{"file", kernel.file},
                          {"kernel", kernel.kernel},
                          {"line", failure->file == kernel.file ? failure->line : kernel.line},
                          {"stage", failure->stage},
                          {"target", failure->target},
                          {"feature", failure->feature},
                          {"message", failure->message},
                          {"at", fmt::format("{}:{}", failure->file, failure->line)}});
  }
  for (const auto &[feature, count] : missingFeatures(survey))
    features[feature] = count;
  return {{"files", survey.files},    {"kernels", kernels},   {"opened", kernels},
          {"elaborated", elaborated}, {"compiled", compiled}, {"failures", failures},
          {"features", features}};
}

} // namespace lapidary
