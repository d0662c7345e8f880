// Where a space comes from: a space file, the kernel's autotune decorator, or a proposal.
//
//   {"parameters": {"BLOCK": [256, 512], "num_warps": [4, 8]},
//    "constraints": ["BLOCK >= 32 * num_warps"]}
//
// A parameter is a constexpr of the kernel or a compile option (num_warps, num_stages, ...).
#pragma once

#include "core/source/Launch.h"
#include "core/support/Target.h"
#include "core/tune/SearchSpace.h"

namespace lapidary {

// What is read out of a space file, or proposed; names are not checked against a kernel yet.
struct SpaceDescription {
  std::vector<TuneParameter> parameters;
  std::vector<std::string> constraints;
  std::vector<Configuration> listed; // instead of the two above
  std::string origin;                // "file", "decorator", "proposal"
};

Json toJson(const SpaceDescription &space); // the file's form; a list as {"configurations": [...]}
// Errors: InvalidInput with the place in `context`.
Result<SpaceDescription> spaceFromJson(const Json &json, const std::string &context);
// A path, or the JSON text itself (starts with '{'). Errors: also NotFound, Unreadable.
Result<SpaceDescription> readSpaceArgument(const std::string &pathOrText);

// The configurations of the decorator; nothing when the kernel has none. Errors: InvalidInput (they
// cannot be evaluated).
Result<std::optional<SpaceDescription>> spaceOfDecorator(const JitFunction &kernel);

// Powers of two around the launch's for each constexpr that is the extent of a tile, warps and
// stages where the target has them. Errors: InvalidInput (nothing about the kernel can be tuned).
Result<SpaceDescription> proposeSpace(const KernelFile &file, const JitFunction &kernel,
                                      const Launch &launch, const Target &target);

// The space over a kernel's launch: every parameter is a constexpr of it or an option, and
// constraints may say the launch's arguments. `launch` and `file` need not outlive it. Errors:
// InvalidInput, with the name that was probably meant.
Result<SearchSpace> makeSpace(const SpaceDescription &description, const JitFunction &kernel,
                              const Launch &launch);

// The launch with the configuration's values. A None leaves an option as it is.
Launch withConfiguration(Launch launch, const JitFunction &kernel,
                         const Configuration &configuration);

} // namespace lapidary
