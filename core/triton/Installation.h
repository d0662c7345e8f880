// A Python of the user in which Triton can be imported, and where such a one is looked for.
#pragma once

#include "core/support/Result.h"

#include <string>
#include <vector>

namespace lapidary {

struct TritonInstallation {
  std::string python;  // the interpreter
  std::string origin;  // "--compiler", "settings", "VIRTUAL_ENV", "PATH"
  std::string version; // of Triton, "3.6.0"; empty: it cannot be used, `problem` says why
  std::string problem;
};

// The releases that the bridge speaks to; a newer one is tried, an older one refused.
inline constexpr const char *oldestTriton = "3.2";

// `given` (an interpreter, or the folder of a virtual environment) alone; when it is empty, those
// of settings.json in the configuration folder ({"python": ["/path", ...]}), of the active virtual
// environment, and of PATH, in this order, each asked what Triton it has.
std::vector<TritonInstallation> findTriton(const std::string &given = {});

// The first that can be used. Errors: NotFound, naming each that was tried and how to install one.
Result<TritonInstallation> chooseTriton(const std::string &given = {});

// The command that runs resources/triton/bridge.py, wherever the resources are. `words` are its
// arguments; the script itself must be written to its standard input first (bridgeScript).
std::vector<std::string> bridgeCommand(const std::string &python,
                                       const std::vector<std::string> &words);
Result<std::string> bridgeScript();

} // namespace lapidary
