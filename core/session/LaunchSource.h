// Where the launches of a kernel come from: the launch files beside it, what was loaded or stored
// under a name, and the guess. And how a launch follows a kernel whose parameters are being edited.
// Plain values; used by the workbench's front thread.
#pragma once

#include "core/source/Launch.h"
#include "core/support/Result.h"

#include <filesystem>

namespace lapidary {

inline constexpr const char *guessedLaunchName = "guessed";

struct NamedLaunch {
  std::string name;
  Launch launch; // as read, not bound
};

// Launch files (*.launch.json) in the folder of `file` for this kernel, in the order of the files:
// by the name each gives itself, by the file's where it gives none or one that is taken. A file
// that does not read is left out and said in `problems`.
std::vector<NamedLaunch> launchesBeside(const std::filesystem::path &file,
                                        const std::string &kernel,
                                        std::vector<Diagnostic> &problems);

// What to call a launch that has no name: its shapes, or its numbers where it has no tensors.
// "fp16 2048x2048", "n 4096".
std::string launchDigest(const Launch &launch);

// Binds what fits of `launch` to a kernel that may have changed since: arguments and outputs that
// the kernel no longer has go, missing ones are guessed (and marked so). Errors: what bindLaunch
// says of the rest.
Result<Launch> rebindLaunch(const KernelFile &file, const JitFunction &kernel, Launch launch);

} // namespace lapidary
