// The desktop application: reads the command line, brings up the workbench, shows the window.
#include "backends/All.h"
#include "core/compiler/Compiler.h"
#include "core/language/Elaborate.h"
#include "ui/shell/Application.h"

#include <CLI/CLI.hpp>

using namespace lapidary;

int main(int argc, char **argv) {
  CLI::App app("Lapidary: a workbench for Triton GPU kernels.");
  app.set_version_flag("--version", std::string("lapidary ") + LAPIDARY_VERSION);
  ui::ProgramOptions options;
  std::string size = "1440x900";
  app.add_option("FILE", options.file, "Kernel file to open (.py, .ttir)");
  app.add_option("-k,--kernel", options.kernel, "Kernel of that file; the first by default");
  app.add_option("-l,--launch", options.launch, "Launch file (*.launch.json)");
  app.add_option("--theme", options.theme, "light or dark; as remembered by default")
      ->check(CLI::IsMember({"light", "dark"}));
  auto *picture = app.add_option("--screenshot", options.screenshot,
                                 "Write the window to this PNG file and end; needs no display");
  app.add_option("--size", size, "Size of the screenshot in pixels, WIDTHxHEIGHT")->needs(picture);
  app.add_option("--wait", options.waitFor, "What to do before the screenshot: compile or compare")
      ->check(CLI::IsMember({"compile", "compare"}))
      ->needs(picture);
  app.add_option("--pane", options.pane, "Pane to raise for the screenshot: samples, stages, ...")
      ->needs(picture);
  app.add_option("--layout", options.layout, "Layout of the screenshot")
      ->check(CLI::IsMember({"specialize", "compare", "history"}))
      ->needs(picture);
  app.add_option("--select", options.argument, "Argument to select for the screenshot")
      ->needs(picture);
  app.add_option("--timeout", options.timeoutSeconds, "Seconds after which the screenshot fails")
      ->check(CLI::Range(1.0, 86400.0))
      ->needs(picture);
  try {
    app.parse(argc, argv);
    if (std::sscanf(size.c_str(), "%dx%d", &options.width, &options.height) != 2 ||
        options.width < 320 || options.height < 240 || options.width > 16384 ||
        options.height > 16384)
      throw CLI::ValidationError("--size",
                                 "'" + size + "' is not WIDTHxHEIGHT, 320x240 to 16384x16384");
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return ui::runProgram(argc, argv, options, [] {
    return makeServices(registerAllBackends(), {elaborate, compileTtir, compilerVersion()});
  });
}
