// Runs `lap` with its data, cache and configuration in a folder of the test's own.
#pragma once

#include "core/support/Json.h"
#include "tests/support/TemporaryFolder.h"

#include <functional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace lapidary {

struct LapResult {
  int code = -1; // 128 and the signal when it was killed
  std::string output, messages;
  Json json() const; // of the output; fails the test when it is none
};

class LapProcess {
public:
  explicit LapProcess(const TemporaryFolder &folder) : folder(folder) {}
  LapResult run(std::vector<std::string> arguments) const;
  // Starts it, its standard error into a pipe; for tests that kill it.
  pid_t start(std::vector<std::string> arguments, int &messages) const;
  // Called in the child before it becomes lap: limits, another user.
  std::function<void()> prepare;

private:
  [[noreturn]] void become(std::vector<std::string> arguments, int output, int messages) const;
  const TemporaryFolder &folder;
};

// out = x + y over n elements, with masks.
std::string vectorAddText();
std::string vectorAddLaunch(int n = 8192);

} // namespace lapidary
