// The part of a user's files that a kernel reaches: the functions as they are written, each at its
// own line, the constants, and what the names of imports stand for. Enough to compile the kernel
// elsewhere without running the file it stands in. A module of the extract is one file, so that a
// name means in each what it means there.
//
//   KernelExtract extract = extractKernel(*file, *kernel);
#pragma once

#include "core/source/KernelFile.h"

namespace lapidary {

struct ExtractedFunction {
  std::string name;       // as the module calls it
  std::string defined;    // as the definition does
  int line = 0;           // of "def"
  std::string text;       // whole lines from there on
  int decoratorLines = 0; // above; Triton counts them into the key of its cache
  enum class Kind { Jit, NoinlineJit, Constexpr, Host } kind = Kind::Jit;
};

struct ExtractedModule {
  // A name, dotted when it is reached through another one, for a function of some module.
  struct Link {
    std::string name;
    std::size_t module = 0;
    std::string function;
  };
  std::string file;
  std::vector<ExtractedFunction> functions;
  std::vector<std::pair<std::string, Value>> values;
  std::vector<std::pair<std::string, std::string>> imports; // name -> "triton.language.exp"
  std::vector<Link> links;
  std::vector<std::string> unknown; // names whose meaning the file does not tell, or not here
};

struct KernelExtract {
  std::vector<ExtractedModule> modules; // the first is the kernel's
  std::string kernel;                   // its name there
};

// `arguments`: names of jit functions that a launch passes. The kernel must come from Python text.
KernelExtract extractKernel(const KernelFile &opened, const JitFunction &kernel,
                            const std::vector<std::string> &arguments = {});

} // namespace lapidary
