// What a compile by the user's Triton costs beside Triton itself: taking the kernel out of its
// file, the pipe, and reading what comes back.
//
//   triton_overhead PYTHON FILE KERNEL [TARGET]     the median of 30 compiles, after one that is
//   not counted
#include "core/session/Operations.h"
#include "core/specialize/RuleSet.h"

#include <algorithm>
#include <fmt/format.h>

using namespace lapidary;

namespace {

constexpr int compiles = 30;

double medianOf(std::vector<double> values) {
  std::ranges::nth_element(values, values.begin() + compiles / 2);
  return values[compiles / 2];
}

int complain(const Error &error) {
  fmt::print(stderr, "triton_overhead: {}\n", describe(error));
  return 2;
}

int measure(const std::string &python, const std::string &path, const std::string &name,
            const Target &target) {
  const auto rules = loadRuleSets("rules");
  const auto installed = chooseTriton(python);
  const auto choice = choose(path, name, "");
  if (!rules || !installed || !choice)
    return complain(!rules ? rules.error() : !installed ? installed.error() : choice.error());
  const auto specialization =
      specialize(**rules, defaultRuleSet, target, *choice->kernel, choice->launch);
  if (!specialization)
    return complain(specialization.error());

  TritonCompiler compiler(*installed);
  std::vector<double> whole, beside;
  for (int i = 0; i <= compiles; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const auto reply = compiler.compile(*choice->file, *choice->kernel, *specialization,
                                        choice->launch.options, "", {});
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    if (!reply)
      return complain(reply.error());
    if (!reply->compiled.ok)
      return complain(
          {ErrorCode::CompileFailed, reply->compiled.diagnostics.front().message, name});
    if (i == 0)
      continue;
    whole.push_back(took.count());
    beside.push_back(took.count() - double(reply->compileNanoseconds) / 1e6);
  }
  fmt::print("{} for {}, {}: {:.1f} ms, of which {:.2f} ms beside Triton's own\n", name,
             toString(target), compiler.version(), medianOf(whole), medianOf(beside));
  return 0;
}

} // namespace

int main(int argc, char **argv) {
  if (argc < 4 || argc > 5) {
    fmt::print(stderr, "usage: triton_overhead PYTHON FILE KERNEL [TARGET]\n");
    return 2;
  }
  const auto target = parseTarget(argc == 5 ? argv[4] : "cuda:90");
  return target ? measure(argv[1], argv[2], argv[3], *target) : complain(target.error());
}
