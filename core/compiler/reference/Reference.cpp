#include "core/compiler/Reference.h"

#include "core/compiler/reference/Machine.h"
#include "core/compiler/reference/Pointers.h"
#include "core/compiler/reference/Translate.h"

#include <algorithm>
#include <atomic>
#include <fmt/format.h>
#include <mutex>
#include <thread>

namespace lapidary {

using namespace reference;

static Result<void> setArguments(Machine &machine, const Program &program,
                                 std::span<const ReferenceArgument> arguments) {
  if (arguments.size() != program.arguments.size())
    return fail(ErrorCode::InvalidInput, fmt::format("{} takes {} arguments, the launch gives {}", program.name,
                                                     program.arguments.size(), arguments.size()));
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    Element element = program.values[static_cast<std::size_t>(program.arguments[i])].element;
    const auto *pointer = std::get_if<ReferencePointer>(&arguments[i]);
    const auto *integer = std::get_if<std::int64_t>(&arguments[i]);
    const auto *real = std::get_if<double>(&arguments[i]);
    bool narrowFloat = isFloat(element) && bitsOf(element) < 32;
    if (pointer && element == Element::Pointer)
      machine.setArgument(i, makePointer(pointer->buffer, pointer->byteOffset));
    else if (integer && element != Element::Pointer && (!isFloat(element) || narrowFloat))
      machine.setArgument(i, *integer);
    else if (isFloat(element) && !narrowFloat && (real || integer))
      machine.setArgument(i, real ? *real : static_cast<double>(*integer));
    else
      return fail(ErrorCode::InvalidInput,
                  fmt::format("argument {} of {} does not have the type that its Triton IR declares", i + 1,
                              program.name));
  }
  return {};
}

namespace {

// The grid, shared out to the threads in small pieces; the first error ends all of them.
class GridRun {
public:
  GridRun(const Program &program, std::span<ReferenceBuffer> buffers,
          std::span<const ReferenceArgument> arguments, ProgramId grid, const CancelToken &cancel)
      : program(program), buffers(buffers), arguments(arguments), grid(grid), cancel(cancel),
        programs(grid[0] * grid[1] * grid[2]) {}

  Result<void> run() {
    // Machines of huge tiles would take much memory each; a single one then has to do.
    constexpr std::int64_t memoryForAll = std::int64_t(2) << 30;
    std::int64_t threads = std::max(1u, std::thread::hardware_concurrency());
    threads = std::min({threads, programs, std::max<std::int64_t>(memoryForAll / program.memoryBytes, 1)});
    {
      std::vector<std::jthread> helpers;
      for (std::int64_t i = 1; i < threads; ++i)
        helpers.emplace_back([this] { work(); });
      work();
    }
    return error ? Result<void>(std::unexpected(*error)) : Result<void>();
  }

private:
  void work() {
    Machine machine(program, buffers, grid, cancel);
    Result<void> result =
        machine.ready() ? setArguments(machine, program, arguments)
                        : fail(ErrorCode::OutOfResource,
                               fmt::format("the reference needs {} MiB for the tiles of {}, which cannot be had",
                                           program.memoryBytes >> 20, program.name));
    std::int64_t linear = 0;
    while (result && !stopped && (linear = next.fetch_add(1)) < programs) {
      if (cancel.cancelled())
        result = fail(ErrorCode::Cancelled, "the reference run was cancelled", program.name);
      else
        result = machine.run({linear % grid[0], linear / grid[0] % grid[1], linear / (grid[0] * grid[1])});
    }
    std::lock_guard lock(mutex);
    for (std::size_t i = 0; i < buffers.size(); ++i) {
      buffers[i].read |= machine.buffersRead()[i];
      buffers[i].written |= machine.buffersWritten()[i];
    }
    if (!result && (!error || linear < errorAt)) { // of those found, the first program's
      error = result.error();
      errorAt = linear;
    }
    stopped = stopped || !result;
  }

  const Program &program;
  std::span<ReferenceBuffer> buffers;
  std::span<const ReferenceArgument> arguments;
  ProgramId grid;
  const CancelToken &cancel;
  std::int64_t programs;
  std::atomic<std::int64_t> next{0};
  std::atomic<bool> stopped{false};
  std::mutex mutex;
  std::optional<Error> error;
  std::int64_t errorAt = 0;
};

} // namespace

Result<void> runReference(const std::string &ttir, std::span<ReferenceBuffer> buffers,
                          std::span<const ReferenceArgument> arguments, std::array<std::int64_t, 3> grid,
                          const CancelToken &cancel) {
  std::int64_t programs = 1;
  for (std::int64_t extent : grid)
    if (extent < 1 || __builtin_mul_overflow(programs, extent, &programs))
      return fail(ErrorCode::InvalidInput,
                  fmt::format("a grid of {} programs cannot be run", fmt::join(grid, " x ")));
  Result<Program> program = translate(ttir);
  if (!program)
    return std::unexpected(program.error());
  for (ReferenceBuffer &buffer : buffers)
    buffer.read = buffer.written = false;
  return GridRun(*program, buffers, arguments, grid, cancel).run();
}

} // namespace lapidary
