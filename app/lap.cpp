// lap: every verb of the workbench on the command line, and the measuring process that both use.
#include "app/lap/CommandLine.h"
#include "backends/All.h"
#include "core/bench/Worker.h"

#include <unistd.h>

int main(int argc, char **argv) {
  using namespace lapidary;
  cli::Invocation invocation;
  invocation.makeServices = [] {
    return makeServices(registerAllBackends(), {elaborate, compileTtir, compilerVersion()});
  };
  invocation.serveWorker = [] {
    return serveWorker(*registerAllBackends(), runReference, STDIN_FILENO, STDOUT_FILENO);
  };
  return cli::runCommandLine(argc, argv, std::move(invocation));
}
