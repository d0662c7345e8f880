// The standard library of the language, written in the language: resources/prelude/*.py.
//
//   Function sum = prelude().find("sum");    // tl.sum
#pragma once

#include "core/language/Object.h"

#include <memory>
#include <string>
#include <vector>

namespace lapidary::language {

class Prelude {
public:
  explicit Prelude(std::vector<std::shared_ptr<const KernelFile>> files)
      : files(std::move(files)) {}

  // Without a function when there is none of that name.
  Function find(const std::string &name) const;
  bool isMember(const Function &function) const; // also a method of tiles: decorated with @member
  bool contains(const KernelFile *file) const;
  bool isEmpty() const { return files.empty(); }
  std::vector<std::string> names() const; // what users may call

private:
  std::vector<std::shared_ptr<const KernelFile>> files;
};

// Read and parsed at the first call, immutable from then on: every thread may use it. Empty when
// the resources are missing.
const Prelude &prelude();

} // namespace lapidary::language
