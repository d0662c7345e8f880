#include "core/session/Operations.h"

#include "core/support/Paths.h"

namespace lapidary {

namespace fs = std::filesystem;

namespace {

// `lap worker`: this program when it is lap, else the lap beside it.
std::vector<std::string> defaultWorkerCommand() {
  const fs::path self = executablePath();
  return {(self.filename() == "lap" ? self : self.parent_path() / "lap").string(), "worker"};
}

} // namespace

Result<Services> makeServices(std::shared_ptr<const BackendRegistry> backends,
                              KernelCompiler compiler) {
  const fs::path userRules = configDirectory() / "rules";
  std::error_code ignored;
  auto resources = resourceDirectory();
  if (!resources)
    return std::unexpected(resources.error());
  auto rules = loadRuleSets((*resources / "rules").string(),
                            fs::is_directory(userRules, ignored) ? userRules.string() : "");
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

} // namespace lapidary
