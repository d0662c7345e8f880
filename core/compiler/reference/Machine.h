// Executes a Program for one place in the grid after another. Operation by operation, over whole tiles,
// with every access checked against the buffers.
//
// Owner: one thread; any number of machines run one Program over the same buffers. What a kernel does
// to memory from several programs at once is the kernel's business, atomics excepted: they are atomic.
#pragma once

#include "core/compiler/Reference.h"
#include "core/compiler/reference/Program.h"

#include <array>
#include <memory>
#include <optional>
#include <span>

namespace lapidary::reference {

using ProgramId = std::array<std::int64_t, 3>;

class Machine {
public:
  Machine(const Program &program, std::span<ReferenceBuffer> buffers, ProgramId grid,
          const CancelToken &cancel);

  // Whether the memory for the program's values could be had; nothing else works without.
  bool ready() const { return memory != nullptr; }

  // A parameter's storage, to be set before the first run: pointers as Pointers.h has them.
  void setArgument(std::size_t index, std::int64_t value);
  void setArgument(std::size_t index, double value);

  // Errors: InvalidInput (an access outside, a failed assertion), Cancelled.
  Result<void> run(ProgramId id);

  // Whether any program run here loaded from or stored to a buffer; atomics do both.
  const std::vector<bool> &buffersRead() const { return read; }
  const std::vector<bool> &buffersWritten() const { return written; }

private:
  struct Access { // a run of elements that lie next to each other in memory
    std::byte *memory = nullptr;
    std::size_t count = 0;
  };
  enum class AccessKind { Load, Store, Atomic };

  template <typename T = std::int64_t> T *data(int value) const {
    return reinterpret_cast<T *>(places[static_cast<std::size_t>(value)]);
  }
  const ValueInfo &info(int value) const { return program.values[static_cast<std::size_t>(value)]; }
  std::size_t bytesOf(int value) const;
  bool fail(const Instruction &at, std::string what);

  // All return false when something failed; `error` then says what.
  const Instruction *runRegion(const Region &region); // the instruction that ended it; null: failed
  bool execute(const Instruction &instruction);
  bool executeTile(const Instruction &instruction);
  bool executeControl(const Instruction &instruction);
  void elementwise(const Instruction &instruction);
  void select(const Instruction &instruction, std::size_t count);
  void pointerArithmetic(const Instruction &instruction, std::size_t count);
  void constant(const Instruction &instruction);
  void splat(const Instruction &instruction);
  void concatenate(const Instruction &instruction);
  void join(const Instruction &instruction);
  void split(const Instruction &instruction);
  bool gather(const Instruction &instruction);
  void histogram(const Instruction &instruction);
  void dot(const Instruction &instruction);

  bool reduce(const Instruction &instruction);
  bool scan(const Instruction &instruction);
  bool mapElementwise(const Instruction &instruction);
  bool combine(const Instruction &instruction, std::span<std::byte *const> left,
               std::span<std::byte *const> right, std::span<std::byte *const> out, std::size_t count);

  bool load(const Instruction &instruction);
  bool store(const Instruction &instruction);
  bool atomicRmw(const Instruction &instruction);
  bool atomicCas(const Instruction &instruction);
  void makeBlockPointer(const Instruction &instruction);
  void advance(const Instruction &instruction);
  bool blockAccess(const Instruction &instruction);
  bool locate(const Instruction &at, AccessKind kind, const std::int64_t *pointers,
              const std::int64_t *mask, std::size_t begin, std::size_t count, std::int64_t bytes,
              Access &access);
  bool outside(const Instruction &at, AccessKind kind, std::int64_t pointer, std::size_t element,
               std::size_t count, std::int64_t bytes);
  std::int64_t fromAddress(std::int64_t address) const;
  std::int64_t toAddress(std::int64_t pointer) const;

  bool forLoop(const Instruction &instruction);
  bool whileLoop(const Instruction &instruction);
  void copyValues(std::span<const int> from, std::span<const int> to);
  bool cancelled(const Instruction &at);

  const Program &program;
  std::span<ReferenceBuffer> buffers;
  ProgramId grid, id{};
  const CancelToken &cancel;
  struct FreeBytes {
    void operator()(std::byte *memory) const;
  };
  std::unique_ptr<std::byte[], FreeBytes> memory;
  std::vector<std::byte *> places; // of values, in `memory`; those of a combining region's vary
  std::size_t lanes = 0;           // over 0: the region that runs does so over this many elements
  std::vector<bool> read, written;
  std::vector<std::byte> staging;
  std::optional<Error> error;
};

// Copies elements of 4 or 8 bytes into row-major `out`; strides of `in` in elements, one a dimension.
void copyStrided(std::span<const std::int64_t> shape, std::span<const std::int64_t> strides,
                 std::int64_t elementBytes, const std::byte *in, std::byte *out);

} // namespace lapidary::reference
