// Which constexprs of a kernel are the size of a tile, and what kind of work it is: what a tuner
// can vary.
#pragma once

#include "core/source/KernelFile.h"

namespace lapidary {

struct TileParameters {
  std::vector<std::string> names; // in the order of the parameters
  bool hasDot = false;            // matrices are multiplied: tiles of at least 16
  bool hasLoop = false;           // there is something to pipeline
};

TileParameters tileParameters(const KernelFile &file, const JitFunction &kernel);

} // namespace lapidary
