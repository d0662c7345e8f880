#include "core/session/Operations.h"

#include "core/specialize/RuleSet.h"
#include "core/support/Paths.h"

#include <algorithm>

namespace lapidary {

namespace fs = std::filesystem;

namespace {

using Documents = std::vector<std::pair<std::string, std::string>>; // name, text

// The rule sets that come with the program, which a self-contained one carries in itself.
Result<void> addOwnRules(Documents &documents) {
  const auto names = listResources("rules");
  if (!names)
    return std::unexpected(names.error());
  for (const std::string &name : *names) {
    if (!name.ends_with(".json"))
      continue;
    auto text = readResource("rules/" + name);
    if (!text)
      return std::unexpected(text.error());
    documents.emplace_back("rules/" + name, std::move(*text));
  }
  return {};
}

// Those that the user has added; there may be none.
Result<void> addUserRules(const fs::path &folder, Documents &documents) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (it->path().extension() == ".json")
      files.push_back(it->path());
  std::ranges::sort(files);
  for (const fs::path &file : files) {
    auto text = readFile(file, 4u << 20);
    if (!text)
      return std::unexpected(text.error());
    documents.emplace_back(file.string(), std::move(*text));
  }
  return {};
}

Result<std::shared_ptr<const RuleSets>> loadRules() {
  Documents documents;
  if (auto own = addOwnRules(documents); !own)
    return std::unexpected(own.error());
  if (auto users = addUserRules(configDirectory() / "rules", documents); !users)
    return std::unexpected(users.error());
  return RuleSets::parse(documents);
}

// `lap worker`: this program when it is lap, else the lap beside it.
std::vector<std::string> defaultWorkerCommand() {
  const fs::path self = executablePath();
  return {(self.filename() == "lap" ? self : self.parent_path() / "lap").string(), "worker"};
}

} // namespace

Result<Services> makeServices(std::shared_ptr<const BackendRegistry> backends,
                              KernelCompiler compiler) {
  auto rules = loadRules();
  if (!rules)
    return std::unexpected(rules.error());
  Services services;
  services.backends = std::move(backends);
  services.rules = std::move(*rules);
  services.compiler = std::move(compiler);
  services.store = std::make_shared<StoreThread>(defaultStorePath());
  services.cache = std::make_shared<ArtifactCache>(defaultCachePath());
  services.workerCommand = defaultWorkerCommand();
  return services;
}

Result<void> chooseCompiler(Services &services, const std::string &name) {
  constexpr std::string_view triton = "triton";
  if (name.empty() || name == "native") {
    services.triton = nullptr;
    return {};
  }
  const bool namesPython = name.starts_with("triton=");
  if (name != triton && !namesPython)
    return fail(ErrorCode::InvalidInput,
                "there is no compiler '" + name + "'; there are native, triton and triton=PYTHON",
                "--compiler");
  auto found = chooseTriton(namesPython ? name.substr(triton.size() + 1) : "");
  if (!found)
    return std::unexpected(found.error());
  services.triton = std::make_shared<TritonCompiler>(std::move(*found));
  return {};
}

std::string compilerName(const Services &services) {
  return services.triton ? services.triton->version() : services.compiler.version;
}

} // namespace lapidary
