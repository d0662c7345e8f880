// Elaborates a kernel written in a test, and reads the result back by name and count.
//
//   Elaboration e = elaborateKernel("def k(p, n, B: tl.constexpr): ...", {"p=*fp32:D", "n=i32",
//   "B==64"}); EXPECT_EQ(operations(e)["tt.load"], 1);
#pragma once

#include "core/language/Elaborate.h"

#include <map>
#include <string>
#include <vector>

namespace lapidary::test {

// `source` is a module; the imports of Triton are put before it, on its first line. The last
// function is the kernel, unless `kernel` names one. An argument is "name=type", "name=type:D"
// (divisible by 16), "name=type:DS" (and 32-bit range), or "name==value" for a constant.
Elaboration elaborateKernel(std::string source, const std::vector<std::string> &arguments,
                            const std::string &kernel = {}, const std::string &target = "cuda:90");

// How often each operation occurs: {"tt.load": 2, "arith.addf": 1, ...}, without module and
// function.
std::map<std::string, int> operations(const Elaboration &elaboration);

// The diagnostics as "line:column message", notes indented below; for expectations and failures.
std::string messages(const Elaboration &elaboration);

// The lines of the IR that hold `part`, without locations.
std::vector<std::string> linesWith(const Elaboration &elaboration, const std::string &part);

} // namespace lapidary::test
