#include "core/compiler/reference/Machine.h"

#include "core/compiler/reference/Pointers.h"
#include "core/compiler/reference/TileMath.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <new>

namespace lapidary::reference {

static constexpr std::align_val_t memoryAlignment{64};

void Machine::FreeBytes::operator()(std::byte *memory) const { ::operator delete[](memory, memoryAlignment); }

Machine::Machine(const Program &program, std::span<ReferenceBuffer> buffers, ProgramId grid,
                 const CancelToken &cancel)
    : program(program), buffers(buffers), grid(grid), cancel(cancel),
      memory(new (memoryAlignment, std::nothrow) std::byte[static_cast<std::size_t>(program.memoryBytes)]),
      read(buffers.size()), written(buffers.size()) {
  if (!memory)
    return;
  for (const ValueInfo &value : program.values)
    places.push_back(memory.get() + value.place);
  for (const Instruction &instruction : program.constants)
    execute(instruction);
}

void Machine::setArgument(std::size_t index, std::int64_t value) {
  int argument = program.arguments[index];
  Element element = info(argument).element;
  if (element == Element::Pointer)
    *data(argument) = value;
  else
    elementFromBits(element, static_cast<std::uint64_t>(value), data(argument), 0);
}

void Machine::setArgument(std::size_t index, double value) {
  int argument = program.arguments[index];
  if (info(argument).element == Element::F64)
    *data<double>(argument) = value;
  else
    *data<float>(argument) = static_cast<float>(value);
}

Result<void> Machine::run(ProgramId programId) {
  id = programId;
  error.reset();
  if (!runRegion(program.body))
    return std::unexpected(*error);
  return {};
}

std::size_t Machine::bytesOf(int value) const {
  const ValueInfo &held = info(value);
  return static_cast<std::size_t>(held.count * storageBytes(held.element));
}

bool Machine::fail(const Instruction &at, std::string what) {
  error = Error{ErrorCode::InvalidInput,
                fmt::format("{}: program ({}) {}", program.lines[static_cast<std::size_t>(at.line)],
                            fmt::join(id, ", "), what),
                program.name};
  return false;
}

bool Machine::cancelled(const Instruction &) {
  if (!cancel.cancelled())
    return false;
  error = Error{ErrorCode::Cancelled, "the reference run was cancelled", program.name};
  return true;
}

// ---- control flow ----

const Instruction *Machine::runRegion(const Region &region) {
  const Block *block = &region.blocks.front();
  while (true) {
    for (const Instruction &instruction : std::span(block->body).first(block->body.size() - 1))
      if (!execute(instruction))
        return nullptr;
    const Instruction &last = block->body.back();
    if (last.opcode != Opcode::Branch && last.opcode != Opcode::CondBranch)
      return &last;
    if (cancelled(last))
      return nullptr;
    std::span<const int> passed(last.operands);
    std::int64_t target = last.numbers[0];
    if (last.opcode == Opcode::CondBranch) {
      auto whenTrue = static_cast<std::size_t>(last.numbers[2]);
      bool taken = *data(last.operands[0]) != 0;
      target = last.numbers[taken ? 0 : 1];
      passed = passed.subspan(1);
      passed = taken ? passed.first(whenTrue) : passed.subspan(whenTrue);
    }
    block = &region.blocks[static_cast<std::size_t>(target)];
    copyValues(passed, block->arguments);
  }
}

// All at once: a loop may hand its values on in another order.
void Machine::copyValues(std::span<const int> from, std::span<const int> to) {
  bool overlap = false;
  for (int value : from)
    overlap |= std::ranges::find(to, value) != to.end();
  if (!overlap) {
    for (std::size_t i = 0; i < from.size(); ++i)
      std::memcpy(data(to[i]), data(from[i]), bytesOf(to[i]));
    return;
  }
  std::size_t total = 0;
  for (int value : from)
    total += bytesOf(value);
  staging.resize(total);
  std::byte *at = staging.data();
  for (int value : from) {
    std::memcpy(at, data(value), bytesOf(value));
    at += bytesOf(value);
  }
  at = staging.data();
  for (int value : to) {
    std::memcpy(data(value), at, bytesOf(value));
    at += bytesOf(value);
  }
}

bool Machine::forLoop(const Instruction &loop) {
  const Block &body = loop.regions[0].blocks.front();
  std::span<const int> inits = std::span(loop.operands).subspan(3);
  std::span<const int> carried = std::span(body.arguments).subspan(1);
  std::int64_t low = *data(loop.operands[0]), high = *data(loop.operands[1]);
  std::int64_t step = *data(loop.operands[2]);
  if (step <= 0)
    return fail(loop, fmt::format("runs a loop with step {}; a loop's step must be positive", step));
  bool isUnsigned = loop.numbers[0] != 0;
  auto below = [&](std::int64_t i) {
    return isUnsigned ? static_cast<std::uint64_t>(i) < static_cast<std::uint64_t>(high) : i < high;
  };
  copyValues(inits, carried);
  for (std::int64_t i = low; below(i);) {
    if (cancelled(loop))
      return false;
    *data(body.arguments[0]) = i;
    const Instruction *end = runRegion(loop.regions[0]);
    if (!end)
      return false;
    copyValues(end->operands, carried);
    if (__builtin_add_overflow(i, step, &i))
      break;
  }
  copyValues(carried, loop.results);
  return true;
}

bool Machine::whileLoop(const Instruction &loop) {
  const Region &before = loop.regions[0], &after = loop.regions[1];
  copyValues(loop.operands, before.blocks.front().arguments);
  while (true) {
    if (cancelled(loop))
      return false;
    const Instruction *condition = runRegion(before);
    if (!condition)
      return false;
    std::span<const int> passed = std::span(condition->operands).subspan(1);
    if (*data(condition->operands[0]) == 0) {
      copyValues(passed, loop.results);
      return true;
    }
    copyValues(passed, after.blocks.front().arguments);
    const Instruction *end = runRegion(after);
    if (!end)
      return false;
    copyValues(end->operands, before.blocks.front().arguments);
  }
}

bool Machine::executeControl(const Instruction &instruction) {
  switch (instruction.opcode) {
  case Opcode::For:
    return forLoop(instruction);
  case Opcode::While:
    return whileLoop(instruction);
  case Opcode::If: {
    const Region &taken = instruction.regions[*data(instruction.operands[0]) != 0 ? 0 : 1];
    if (taken.blocks.empty())
      return true;
    const Instruction *end = runRegion(taken);
    if (end)
      copyValues(end->operands, instruction.results);
    return end != nullptr;
  }
  default: { // Call
    copyValues(instruction.operands, instruction.regions[0].blocks.front().arguments);
    const Instruction *end = runRegion(instruction.regions[0]);
    if (end)
      copyValues(end->operands, instruction.results);
    return end != nullptr;
  }
  }
}

// ---- values ----

void Machine::select(const Instruction &instruction, std::size_t count) {
  int condition = instruction.operands[0], result = instruction.results[0];
  const std::int64_t *choose = data(condition);
  // A scalar condition picks a whole tile.
  std::size_t step = info(condition).count == info(result).count || lanes ? 1 : 0;
  auto run = [&](auto *out) {
    const auto *yes = data<std::remove_pointer_t<decltype(out)>>(instruction.operands[1]);
    const auto *no = data<std::remove_pointer_t<decltype(out)>>(instruction.operands[2]);
    for (std::size_t i = 0; i < count; ++i)
      out[i] = choose[i * step] ? yes[i] : no[i];
  };
  if (storageBytes(info(result).element) == 4)
    run(data<std::uint32_t>(result));
  else
    run(data<std::uint64_t>(result));
}

void Machine::pointerArithmetic(const Instruction &instruction, std::size_t count) {
  const std::int64_t *in = data(instruction.operands[0]);
  std::int64_t *out = data(instruction.results[0]);
  if (instruction.opcode == Opcode::AddPtr) {
    const std::int64_t *offsets = data(instruction.operands[1]);
    std::int64_t unit = info(instruction.results[0]).pointeeBytes;
    for (std::size_t i = 0; i < count; ++i)
      out[i] = static_cast<std::int64_t>(static_cast<std::uint64_t>(in[i]) +
                                         static_cast<std::uint64_t>(offsets[i]) * static_cast<std::uint64_t>(unit));
    return;
  }
  for (std::size_t i = 0; i < count; ++i)
    out[i] = instruction.opcode == Opcode::IntToPtr ? fromAddress(in[i]) : toAddress(in[i]);
}

void Machine::elementwise(const Instruction &instruction) {
  int result = instruction.results[0], first = instruction.operands[0];
  std::size_t count = lanes ? lanes : static_cast<std::size_t>(info(result).count);
  int predicate = instruction.numbers.empty() ? 0 : static_cast<int>(instruction.numbers[0]);
  Opcode opcode = instruction.opcode;
  if (opcode == Opcode::Select)
    return select(instruction, count);
  if (opcode == Opcode::AddPtr || opcode == Opcode::IntToPtr || opcode == Opcode::PtrToInt)
    return pointerArithmetic(instruction, count);
  if (opcode >= Opcode::Bitcast)
    return convert(opcode, info(first).element, info(result).element, count, data(first), data(result));

  const void *operands[3] = {};
  for (std::size_t i = 0; i < instruction.operands.size(); ++i)
    operands[i] = data(instruction.operands[i]);
  if (opcode <= Opcode::FpowI)
    return computeFloat(opcode, info(first).element, predicate, count, operands, data(result));
  const std::int64_t *integers[2] = {static_cast<const std::int64_t *>(operands[0]),
                                     static_cast<const std::int64_t *>(operands[1])};
  computeInteger(opcode, info(first).element, predicate, count, integers, data(result));
}

void Machine::constant(const Instruction &instruction) {
  int result = instruction.results[0];
  std::size_t count = static_cast<std::size_t>(info(result).count);
  auto fill = [&](auto *out, const auto &values) {
    for (std::size_t i = 0; i < count; ++i)
      out[i] = static_cast<std::remove_pointer_t<decltype(out)>>(values[values.size() == 1 ? 0 : i]);
  };
  switch (storageOf(info(result).element)) {
  case Storage::Float:
    return fill(data<float>(result), instruction.reals);
  case Storage::Double:
    return fill(data<double>(result), instruction.reals);
  case Storage::Integer:
    return fill(data(result), instruction.numbers);
  }
}

void Machine::splat(const Instruction &instruction) {
  int result = instruction.results[0];
  std::size_t count = lanes ? lanes : static_cast<std::size_t>(info(result).count);
  if (storageBytes(info(result).element) == 4)
    std::fill_n(data<std::uint32_t>(result), count, *data<std::uint32_t>(instruction.operands[0]));
  else
    std::fill_n(data(result), count, *data(instruction.operands[0]));
}

bool Machine::execute(const Instruction &instruction) {
  Opcode opcode = instruction.opcode;
  if (isElementwise(opcode))
    return elementwise(instruction), true;
  switch (opcode) {
  case Opcode::Constant:
    return constant(instruction), true;
  case Opcode::MakeRange: {
    std::int64_t *out = data(instruction.results[0]);
    for (std::int64_t i = 0; i < info(instruction.results[0]).count; ++i)
      out[i] = instruction.numbers[0] + i;
    return true;
  }
  case Opcode::ProgramId:
    *data(instruction.results[0]) = id[static_cast<std::size_t>(instruction.numbers[0])];
    return true;
  case Opcode::NumPrograms:
    *data(instruction.results[0]) = grid[static_cast<std::size_t>(instruction.numbers[0])];
    return true;
  case Opcode::For:
  case Opcode::If:
  case Opcode::While:
  case Opcode::Call:
    return executeControl(instruction);
  default:
    return executeTile(instruction);
  }
}

bool Machine::executeTile(const Instruction &instruction) {
  switch (instruction.opcode) {
  case Opcode::Splat:
    return splat(instruction), true;
  case Opcode::Strided:
    copyStrided(info(instruction.results[0]).shape, instruction.numbers,
                storageBytes(info(instruction.results[0]).element), data<std::byte>(instruction.operands[0]),
                data<std::byte>(instruction.results[0]));
    return true;
  case Opcode::Copy:
    std::memcpy(data(instruction.results[0]), data(instruction.operands[0]), bytesOf(instruction.results[0]));
    return true;
  case Opcode::Concatenate:
    return concatenate(instruction), true;
  case Opcode::Join:
    return join(instruction), true;
  case Opcode::Split:
    return split(instruction), true;
  case Opcode::Gather:
    return gather(instruction);
  case Opcode::Histogram:
    return histogram(instruction), true;
  case Opcode::Dot:
    return dot(instruction), true;
  case Opcode::Reduce:
    return reduce(instruction);
  case Opcode::Scan:
    return scan(instruction);
  case Opcode::MapElementwise:
    return mapElementwise(instruction);
  case Opcode::Load:
    return load(instruction);
  case Opcode::Store:
    return store(instruction);
  case Opcode::AtomicRmw:
    return atomicRmw(instruction);
  case Opcode::AtomicCas:
    return atomicCas(instruction);
  case Opcode::MakeBlockPointer:
    return makeBlockPointer(instruction), true;
  case Opcode::Advance:
    return advance(instruction), true;
  case Opcode::Assert: {
    const std::int64_t *condition = data(instruction.operands[0]);
    std::int64_t count = info(instruction.operands[0]).count;
    if (std::find(condition, condition + count, 0) == condition + count)
      return true;
    return fail(instruction, "fails the assertion: " + instruction.text);
  }
  default:
    return blockAccess(instruction);
  }
}

} // namespace lapidary::reference
