#include "LapProcess.h"

#include "core/support/Paths.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lapidary {

Json LapResult::json() const {
  auto parsed = parseJson(output, "the output");
  EXPECT_TRUE(parsed) << output << messages;
  return parsed ? *parsed : Json();
}

void LapProcess::become(std::vector<std::string> arguments, int output, int messages) const {
  ::dup2(output, STDOUT_FILENO);
  ::dup2(messages, STDERR_FILENO);
  for (const char *name : {"XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"})
    ::setenv(name, (folder / (std::string(name).substr(4, 4))).c_str(), 1);
  ::setenv("LAPIDARY_RESOURCES", LAPIDARY_SOURCE_DIR "/resources", 1);
  if (prepare)
    prepare();
  arguments.insert(arguments.begin(), LAP_PROGRAM);
  std::vector<char *> pointers;
  for (std::string &argument : arguments)
    pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  ::execv(pointers[0], pointers.data());
  ::_exit(127);
}

LapResult LapProcess::run(std::vector<std::string> arguments) const {
  const auto outputPath = folder / "stdout", messagesPath = folder / "stderr";
  const int output = ::open(outputPath.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
  const int messages = ::open(messagesPath.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
  const pid_t child = ::fork();
  if (child == 0)
    become(std::move(arguments), output, messages);
  ::close(output);
  ::close(messages);
  int status = 0;
  ::waitpid(child, &status, 0);
  LapResult result;
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.output = readFile(outputPath).value_or("");
  result.messages = readFile(messagesPath).value_or("");
  return result;
}

pid_t LapProcess::start(std::vector<std::string> arguments, int &messages) const {
  int channel[2];
  if (::pipe2(channel, O_CLOEXEC) != 0)
    return -1;
  const pid_t child = ::fork();
  if (child == 0)
    become(std::move(arguments), ::open("/dev/null", O_WRONLY | O_CLOEXEC), channel[1]);
  ::close(channel[1]);
  messages = channel[0];
  return child;
}

std::string vectorAddText() {
  return "import triton\n"
         "import triton.language as tl\n"
         "\n"
         "\n"
         "@triton.jit\n"
         "def vector_add(x_ptr, y_ptr, out_ptr, n, BLOCK: tl.constexpr):\n"
         "    offsets = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)\n"
         "    mask = offsets < n\n"
         "    x = tl.load(x_ptr + offsets, mask=mask)\n"
         "    y = tl.load(y_ptr + offsets, mask=mask)\n"
         "    tl.store(out_ptr + offsets, x + y, mask=mask)\n";
}

std::string vectorAddLaunch(int n) {
  const Json tensor = {{"tensor", {{"dtype", "fp32"}, {"shape", {n}}}}};
  return dumpJson({{"kernel", "vector_add"},
                   {"grid", {"cdiv(n, BLOCK)"}},
                   {"arguments",
                    {{"x_ptr", tensor}, {"y_ptr", tensor}, {"out_ptr", tensor}, {"n", n}, {"BLOCK", 1024}}},
                   {"options", {{"num_warps", 4}}}});
}

} // namespace lapidary
