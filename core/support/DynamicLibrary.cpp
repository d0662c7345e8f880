#include "core/support/DynamicLibrary.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <link.h>
#include <utility>

namespace lapidary {

Result<DynamicLibrary> DynamicLibrary::open(const std::vector<std::string> &candidates) {
  std::string tried, lastReason;
  for (const std::string &candidate : candidates) {
    if (void *handle = dlopen(candidate.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE)) {
      DynamicLibrary library;
      library.handle = handle;
      link_map *map = nullptr;
      bool named = dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0 && map && map->l_name[0];
      library.loadedPath = named ? map->l_name : candidate;
      return library;
    }
    // The loader mostly begins its reason with the path; say it once, and a reason that several
    // share behind the last of them.
    std::string reason = dlerror();
    if (reason.starts_with(candidate + ": "))
      reason.erase(0, candidate.size() + 2);
    if (!tried.empty())
      tried += reason == lastReason ? ", " : fmt::format(": {}; ", lastReason);
    tried += candidate;
    lastReason = std::move(reason);
  }
  return fail(ErrorCode::NotFound,
              candidates.empty()
                  ? std::string("no library was named to be loaded")
                  : fmt::format("no library could be loaded; tried {}: {}", tried, lastReason),
              candidates.empty() ? std::string() : candidates.front());
}

DynamicLibrary::DynamicLibrary(DynamicLibrary &&other) noexcept
    : handle(std::exchange(other.handle, nullptr)), loadedPath(std::move(other.loadedPath)) {}

DynamicLibrary &DynamicLibrary::operator=(DynamicLibrary &&other) noexcept {
  std::swap(handle, other.handle);
  std::swap(loadedPath, other.loadedPath);
  return *this;
}

DynamicLibrary::~DynamicLibrary() {
  if (handle)
    dlclose(handle);
}

void *DynamicLibrary::symbol(const char *name) const {
  return handle ? dlsym(handle, name) : nullptr;
}

} // namespace lapidary
