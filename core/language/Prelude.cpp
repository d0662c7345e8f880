#include "core/language/Prelude.h"

#include "core/support/Paths.h"

#include <algorithm>

namespace lapidary::language {

Function Prelude::find(const std::string &name) const {
  for (const auto &file : files)
    for (const JitFunction &function : file->functions)
      if (function.name == name)
        return {&function, file.get()};
  return {};
}

bool Prelude::isMember(const Function &function) const {
  const std::vector<std::string> &decorators = function.function->otherDecorators;
  return contains(function.file) && std::ranges::find(decorators, "member") != decorators.end();
}

bool Prelude::contains(const KernelFile *file) const {
  return std::ranges::any_of(files, [&](const auto &one) { return one.get() == file; });
}

std::vector<std::string> Prelude::names() const {
  std::vector<std::string> result;
  for (const auto &file : files)
    for (const JitFunction &function : file->functions)
      if (!function.name.starts_with("_"))
        result.push_back(function.name);
  return result;
}

static Prelude readPrelude() {
  std::vector<std::shared_ptr<const KernelFile>> files;
  if (Result<std::vector<std::string>> names = listResources("prelude"))
    for (const std::string &name : *names)
      if (name.ends_with(".py"))
        if (Result<std::string> text = readResource("prelude/" + name))
          files.push_back(parseKernelFile(std::move(*text), "prelude/" + name));
  return Prelude(std::move(files));
}

const Prelude &prelude() {
  static const Prelude standard = readPrelude();
  return standard;
}

} // namespace lapidary::language
