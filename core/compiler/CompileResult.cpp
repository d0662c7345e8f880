#include "core/compiler/Compiler.h"

namespace lapidary {

const StageArtifact *CompileResult::stage(const std::string &name) const {
  for (const StageArtifact &stage : stages)
    if (stage.name == name)
      return &stage;
  return nullptr;
}

Json toJson(const CompileResult &result) {
  Json stages = Json::array(), accesses = Json::array(), diagnostics = Json::array();
  for (const StageArtifact &stage : result.stages)
    stages.push_back({{"name", stage.name}, {"ns", stage.nanoseconds}});
  for (const MemoryAccess &access : result.accesses)
    accesses.push_back({{"line", access.range.line},
                        {"column", access.range.column},
                        {"kind", access.kind},
                        {"bits", access.bits},
                        {"limit", access.limit},
                        {"argument", access.argument},
                        {"property", access.property}});
  for (const Diagnostic &diagnostic : result.diagnostics)
    diagnostics.push_back(toJson(diagnostic));
  Json resources = Json::object();
  for (const auto &[name, value] : result.resources.values)
    resources[name] = value;
  return {{"ok", result.ok},        {"entry", result.entry}, {"stages", stages},
          {"resources", resources}, {"accesses", accesses},  {"diagnostics", diagnostics}};
}

} // namespace lapidary
