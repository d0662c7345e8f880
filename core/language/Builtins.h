// The functions that the language itself provides: tl.load, tl.arange, tl.exp, ..., libdevice.*,
// the Python built-ins and host functions that constants are computed with. What can be written in
// the language is not here but in the prelude (resources/prelude).
//
// One more: an entry in the table of its file, with its parameters as Python would list them
// ("input, axis, keep_dims="; "=" marks an optional one, "*" takes the rest), and its handler.
#pragma once

#include "core/language/Object.h"

#include <span>

namespace lapidary::language {

class Elaborator;
struct BuiltinEntry;

// The arguments of one call, in the order of the entry's parameters. An argument that was not
// given, or given as None, is None.
struct Call {
  Elaborator &elaborator;
  const BuiltinEntry &entry;
  std::vector<Object> arguments;
  std::vector<SourceRange> ranges;
  std::vector<Object> rest; // of a "*" parameter

  const Object &operator[](std::size_t index) const { return arguments[index]; }
  bool has(std::size_t index) const { return !arguments[index].isNone(); }
};

using Handler = Object (*)(Call &call);

struct BuiltinEntry {
  const char *name;
  const char *parameters;
  Handler handler;       // null: known to Triton, not supported here
  bool isMember = false; // also x.name(...)
};

// "triton.language", "triton.language.math", "triton.language.extra.cuda.libdevice", "triton",
// "math", "" (Python's own). Null when the module has no such function.
const BuiltinEntry *findBuiltin(const std::string &module, const std::string &name);
// The methods of types: is_floating, is_ptr, ...
const BuiltinEntry *findTypeMethod(const std::string &name);
// The methods of tensor descriptors: load, store, atomic_add, ...
const BuiltinEntry *findDescriptorMethod(const std::string &name);
// Every name of tl, for suggestions.
std::vector<std::string> languageNames();

// One table a file.
std::span<const BuiltinEntry> memoryBuiltins();
std::span<const BuiltinEntry> mathBuiltins();
std::span<const BuiltinEntry> shapeBuiltins();
std::span<const BuiltinEntry> reductionBuiltins();
std::span<const BuiltinEntry> windowBuiltins();
std::span<const BuiltinEntry> descriptorMethods();
std::span<const BuiltinEntry> hintBuiltins();
std::span<const BuiltinEntry> unsupportedBuiltins();
std::span<const BuiltinEntry> libdeviceBuiltins();
std::span<const BuiltinEntry> assemblyBuiltins();
std::span<const BuiltinEntry> hostBuiltins();

} // namespace lapidary::language
