// `lap worker` with the fake backend and reference.
#include "FakeBackend.h"

#include <unistd.h>

int main() {
  lapidary::BackendRegistry backends;
  backends.add(lapidary::makeFakeBackend());
  return lapidary::serveWorker(backends, lapidary::runFakeReference, STDIN_FILENO, STDOUT_FILENO);
}
