// Loads a relocatable object of this machine (the CPU backend's "binary" stage) into this process.
//
// Linking is LLVM's JITLink; only the C library's mathematics and memory functions resolve, so that
// an object can call nothing else. The code lives as long as the loader.
//
//   Result<ObjectLoader> loader = ObjectLoader::load(bytes);
//   auto *entry = reinterpret_cast<CpuEntry *>(loader->symbol("vector_add").value());
//
// Owner: one thread (the worker's).
#pragma once

#include "core/support/Result.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace lapidary {

class ObjectLoader {
public:
  // Errors: InvalidInput (not an object of this machine), NotFound (an undefined symbol; named).
  static Result<ObjectLoader> load(std::span<const std::byte> object);
  ObjectLoader(ObjectLoader &&) noexcept;
  ObjectLoader &operator=(ObjectLoader &&) noexcept;
  ~ObjectLoader();

  // The address of a function or datum. Errors: NotFound.
  Result<void *> symbol(const std::string &name) const;

private:
  struct State;
  explicit ObjectLoader(std::unique_ptr<State> state);
  std::unique_ptr<State> state;
};

} // namespace lapidary
