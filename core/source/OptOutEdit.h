// The edit of a kernel's jit decorator that keeps arguments from being specialized.
//
//   addOptOuts(kernel, {{"n_rows"}, {"x_ptr"}})->after
//   // @triton.jit(do_not_specialize=["n_rows"], do_not_specialize_on_alignment=["x_ptr"])
#pragma once

#include "core/source/KernelFile.h"

#include <optional>

namespace lapidary {

struct OptOuts {
  std::vector<std::string> value;     // do_not_specialize, by name
  std::vector<std::string> alignment; // do_not_specialize_on_alignment
  bool empty() const { return value.empty() && alignment.empty(); }
};

struct DecoratorEdit {
  SourceRange range;         // of the decorator without its "@"
  std::string before, after; // whole, in one line each
};

// What the decorator has already stays, opt-outs by index become names. Nothing when there is
// nothing to add or when the kernel is made a kernel in another way than by a jit decorator.
std::optional<DecoratorEdit> addOptOuts(const JitFunction &kernel, const OptOuts &added);

} // namespace lapidary
