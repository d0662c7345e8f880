// A file of Triton IR as a file of kernels: each public tt.func is one, and its arguments are its
// parameters, under the names that their locations hold. Nothing but the signatures is read; the
// IR is parsed when a launch is elaborated.
//
//   tt.func public @add(%x_ptr: !tt.ptr<f32> {tt.divisibility = 16 : i32}, %n: i32)
#pragma once

#include "core/source/Launch.h"

namespace lapidary {

bool isTtirPath(const std::string &path); // .ttir or .mlir

// Never fails: what cannot be read stands in the problems.
std::shared_ptr<KernelFile> readTtir(std::string text, const std::string &path);

// Whether the function was read from Triton IR, and has no syntax tree.
inline bool isTtir(const JitFunction &function) {
  return !function.definition;
}

// A launch by the types alone: a square problem of 1024, one program.
Launch guessTtirLaunch(const JitFunction &kernel);

} // namespace lapidary
