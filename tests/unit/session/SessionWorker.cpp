// `lap worker` over the fake devices.
#include "FakeCpu.h"

#include <unistd.h>

int main() {
  lapidary::BackendRegistry backends;
  backends.add(std::make_shared<lapidary::FakeCpu>());
  backends.add(std::make_shared<lapidary::FakeCuda>());
  return lapidary::serveWorker(backends, lapidary::runFakeReference, STDIN_FILENO, STDOUT_FILENO);
}
