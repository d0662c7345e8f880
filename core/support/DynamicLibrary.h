// dlopen with a memory: every path tried and the reason it failed are kept for the report. What was
// loaded stays loaded until the process ends: GPU drivers leave threads and exit handlers behind that
// must not lose their code.
#pragma once

#include "core/support/Result.h"

#include <string>
#include <vector>

namespace lapidary {

class DynamicLibrary {
public:
  // Opens the first of `candidates` that loads (RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE). Errors: NotFound, the
  // message listing each path tried with its reason.
  static Result<DynamicLibrary> open(const std::vector<std::string> &candidates);
  DynamicLibrary(DynamicLibrary &&) noexcept;
  DynamicLibrary &operator=(DynamicLibrary &&) noexcept;
  ~DynamicLibrary();

  void *symbol(const char *name) const; // null when absent
  const std::string &path() const { return loadedPath; } // the file that was loaded

private:
  DynamicLibrary() = default;
  void *handle = nullptr;
  std::string loadedPath;
};

} // namespace lapidary
