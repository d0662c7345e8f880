#include "core/runtime/Driver.h"

namespace lapidary {

void BackendRegistry::add(std::shared_ptr<const Backend> backend) {
  backends.push_back(std::move(backend));
}

Result<std::shared_ptr<const Backend>> BackendRegistry::find(const std::string &name) const {
  std::string known;
  for (const std::shared_ptr<const Backend> &backend : backends) {
    if (backend->name() == name)
      return backend;
    known += (known.empty() ? "" : ", ") + backend->name();
  }
  return fail(ErrorCode::NotFound, "there is no backend '" + name + "'; this build has: " +
                                       (known.empty() ? std::string("none") : known));
}

} // namespace lapidary
