// One launch of one kernel: arguments, grid, options. Read from *.launch.json (schema in
// resources/schemas/launch.schema.json), edited as a form, guessed when there is none.
#pragma once

#include "core/source/KernelFile.h"

#include <array>
#include <functional>
#include <optional>
#include <set>

namespace lapidary {

struct Launch {
  std::string kernel;
  std::string name;              // what the user calls it; the file's stem by default
  std::vector<std::string> grid; // one to three expressions over arguments and constexprs
  std::vector<std::pair<std::string, Value>> arguments; // in the order of the kernel's parameters
  std::vector<std::string> outputs; // arguments that are compared; empty: all that are stored to
  std::vector<std::pair<std::string, Value>> options; // num_warps, num_stages, ...
  std::set<std::string> guessed; // names of arguments (and "grid") that were guessed, not given

  const Value *argument(const std::string &name) const;
  const Value *option(const std::string &name) const;
  void setArgument(const std::string &name, Value value); // clears its `guessed` mark
  void setOption(const std::string &name, Value value);
};

// Elements from the first to the last that shape, strides and offset reach, in bytes; nothing when
// that overflows 63 bits.
std::optional<std::int64_t> reachInBytes(const TensorArgument &tensor);
// Strides of a contiguous tensor of that shape, in elements.
std::vector<std::int64_t> contiguousStrides(const std::vector<std::int64_t> &shape);
// Every rule that a tensor argument keeps: ranks, signs, alignment, storage, init. Errors:
// InvalidInput, the message starting with the field.
Result<void> checkTensor(const TensorArgument &tensor);

// Reads a launch file. Checks everything that can be checked without the kernel: types, sizes
// (overflow of bytes included), field names ("did you mean"). Errors: NotFound, Unreadable,
// InvalidInput naming file, field and remedy.
Result<Launch> readLaunchFile(const std::filesystem::path &path);
Result<Launch> parseLaunch(std::string_view text, const std::string &context);

// A path to a launch file or the JSON text itself (starts with '{').
Result<Launch> readLaunchArgument(const std::string &pathOrText);

// Against the kernel: unknown names, missing arguments (defaults, autotune's first config and
// heuristics fill what they can), arguments put into the kernel's order.
Result<Launch> bindLaunch(const KernelFile &file, const JitFunction &kernel, Launch launch);

Json toJson(const Launch &launch); // the launch file's form

// The guess of the language notes: pointers from use, element types from casts, constexprs from the
// first autotune configuration or by name, sizes as one contiguous problem. Every guess is marked.
Launch guessLaunch(const KernelFile &file, const JitFunction &kernel);

// What a kernel's types tell against a guess: an argument should have been of another kind.
struct LaunchHint {
  enum class Kind { Elements, Number, Pointer, Block } kind = Kind::Elements;
  std::string parameter;
  DType dtype = DType::Fp32; // of the elements of what it points to, or of the number
  std::int64_t count = 0;    // Block: how many elements a descriptor's block should have
  bool operator==(const LaunchHint &) const = default;
};
// Tries a launch: nothing when the kernel's types fit it, else the hints, which may be none.
using TryLaunch = std::function<std::optional<std::vector<LaunchHint>>(const Launch &)>;
// The same guess, corrected by what trying it tells, with other tile sizes where that does not
// help. When nothing fits, the first guess.
Launch guessLaunch(const KernelFile &file, const JitFunction &kernel, const TryLaunch &tryLaunch);

// Evaluates the grid: entries over arguments, constexprs and options, "cdiv(n, BLOCK)",
// "x.shape[0]"; or one entry for all, a tuple or Triton's "lambda META: (...)". Errors:
// InvalidInput (unknown name, not an integer, zero, negative, over 2^31-1 or 65535 beyond the first
// dimension), the message naming the expression.
Result<std::array<std::int64_t, 3>> evaluateGrid(const Launch &launch, const JitFunction &kernel,
                                                 const KernelFile &file);

} // namespace lapidary
