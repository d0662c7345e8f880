// Pieces of kernels in Triton IR, for tests that say what one construct does.
#pragma once

#include <fmt/format.h>
#include <string>

namespace lapidary {

// A kernel's body between a function of pointers and its return.
inline std::string kernelText(const std::string &parameters, const std::string &body) {
  return "module {\n  tt.func public @kernel(" + parameters + ") {\n" + body +
         "\n    tt.return\n  }\n}\n";
}

// Pointers to the elements 0 .. count - 1 behind %`base`, as %`name`.
inline std::string pointers(const std::string &name, const std::string &base, int count,
                            const std::string &type) {
  return fmt::format(
      "    %{0}_r = tt.make_range {{end = {2} : i32, start = 0 : i32}} : tensor<{2}xi32>\n"
      "    %{0}_s = tt.splat %{1} : !tt.ptr<{3}> -> tensor<{2}x!tt.ptr<{3}>>\n"
      "    %{0} = tt.addptr %{0}_s, %{0}_r : tensor<{2}x!tt.ptr<{3}>>, tensor<{2}xi32>\n",
      name, base, count, type);
}

} // namespace lapidary
