// The program around the window: display, theme, settings, workbench, and the picture that
// `--screenshot` takes instead of showing anything.
#pragma once

#include "core/session/Operations.h"

#include <functional>
#include <string>
#include <vector>

namespace lapidary::ui {

struct ProgramOptions {
  std::string file;     // kernel file to open; empty: none
  std::string kernel;   // of that file; empty: the first
  std::string launch;   // launch file; empty: what the workbench chooses
  std::string theme;    // "light", "dark"; empty: as remembered
  std::string screenshot; // PNG file to write; empty: show the window
  int width = 1440, height = 900; // of the screenshot
  std::string waitFor;  // "compile", "compare"; empty: the matrix
  std::string layout; // id of shell/Layouts.h; empty: the first
  std::string argument; // selected before the screenshot
  std::string pane;     // raised before the screenshot: "samples", "stages", ...
  double timeoutSeconds = 120;
};

using MakeServices = std::function<Result<Services>()>;

// Runs until the window is closed or the picture is taken. Returns the exit code: 0, 1 when the
// picture could not be taken, 2 when there is no display or nothing to work with (said on stderr).
int runProgram(int argc, char **argv, const ProgramOptions &options, const MakeServices &services);

} // namespace lapidary::ui
