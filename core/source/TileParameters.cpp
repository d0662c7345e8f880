#include "core/source/TileParameters.h"

#include "core/source/AccessAnalysis.h"

#include <algorithm>

namespace lapidary {

TileParameters tileParameters(const KernelFile &file, const JitFunction &kernel) {
  const AccessAnalysis accesses = analyzeAccesses(file, kernel);
  TileParameters tiles;
  tiles.hasDot = accesses.hasDot;
  tiles.hasLoop = std::ranges::any_of(
      accesses.atoms, [](const IndexAtom &atom) { return atom.kind == IndexAtom::Kind::Loop; });
  for (const KernelParameter &parameter : kernel.parameters)
    if (parameter.isConstexpr && accesses.blocks.contains(parameter.name))
      tiles.names.push_back(parameter.name);
  return tiles;
}

} // namespace lapidary
