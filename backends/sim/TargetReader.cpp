// Control flow: threads that part wait, masked, until the others have come to the same place.
#include "backends/sim/TargetReader.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/raw_ostream.h"

#include <memory>

namespace lapidary {

using namespace mlir;

int simBits(Type type) {
  return type.isIntOrFloat() ? static_cast<int>(type.getIntOrFloatBitWidth()) : 64;
}

namespace {

int numbersOf(Type type) {
  if (auto vector = dyn_cast<VectorType>(type))
    return static_cast<int>(vector.getNumElements());
  if (auto structure = dyn_cast<LLVM::LLVMStructType>(type))
    return static_cast<int>(structure.getBody().size());
  return 1;
}

using Steps = std::shared_ptr<std::vector<SimStep>>;

} // namespace

SimReader::Slots &SimReader::define(Value value) {
  Slots slots;
  for (int i = 0; i < numbersOf(value.getType()); ++i)
    slots.push_back(newSlot());
  return known[value] = slots;
}

bool SimReader::unknown(Operation *op) {
  llvm::raw_string_ostream stream(problem);
  stream << "the simulated GPU does not know " << op->getName();
  if (auto call = dyn_cast<LLVM::CallIntrinsicOp>(op))
    stream << " " << call.getIntrin();
  return false;
}

Result<void> SimReader::read(LLVM::LLVMFuncOp function) {
  for (BlockArgument argument : function.getArguments())
    program.argumentSlots.push_back(define(Value(argument))[0]);
  if (!readBlock(function.getBody().front(), program.steps))
    return fail(ErrorCode::Unsupported, problem, function.getSymName().str());
  return {};
}

bool SimReader::readBlock(Block &block, std::vector<SimStep> &to) {
  std::vector<SimStep> *outer = std::exchange(steps, &to);
  bool good = true;
  for (Operation &op : block)
    if (!op.hasTrait<OpTrait::IsTerminator>())
      good = good && readOperation(&op);
  steps = outer;
  return good;
}

bool SimReader::readOperation(Operation *op) {
  if (auto branch = dyn_cast<scf::IfOp>(op))
    return readIf(branch);
  if (auto loop = dyn_cast<scf::ForOp>(op))
    return readFor(loop);
  if (auto loop = dyn_cast<scf::WhileOp>(op))
    return readWhile(loop);
  if (isa<LLVM::LLVMDialect>(op->getDialect()))
    return readPointers(op) || readVectors(op) || readMemory(op) || readFloat(op) ||
           (problem.empty() && unknown(op));
  return readConstant(op) || readInteger(op) || readIntegerPairs(op) || readCompare(op) ||
         readFloat(op) || readCast(op) || (problem.empty() && unknown(op));
}

void SimReader::appendSlots(ValueRange values, Slots &to) {
  for (Value value : values)
    to.append(slotsOf(value).begin(), slotsOf(value).end());
}

// All at once: a loop may hand its values on crosswise.
void SimReader::pushCopies(const Slots &from, const Slots &to) {
  push([from, to](SimBlock &block) {
    const auto threads = static_cast<std::size_t>(block.threads);
    std::vector<std::uint64_t> held(from.size() * threads);
    for (std::size_t i = 0; i < from.size(); ++i)
      std::copy_n(block.of(from[i]), threads, &held[i * threads]);
    for (std::size_t i = 0; i < to.size(); ++i)
      for (std::size_t thread = 0; thread < threads; ++thread)
        if (block.active[thread])
          block.of(to[i])[thread] = held[i * threads + thread];
  });
}

bool SimReader::readIf(scf::IfOp op) {
  const int condition = slotOf(op.getCondition());
  Slots results;
  for (Value result : op.getResults())
    results.append(define(result));
  Steps sides[2] = {std::make_shared<std::vector<SimStep>>(),
                    std::make_shared<std::vector<SimStep>>()};
  for (auto [side, region] : llvm::zip(sides, op->getRegions())) {
    if (region.empty())
      continue;
    if (!readBlock(region.front(), *side))
      return false;
    Slots given;
    appendSlots(region.front().getTerminator()->getOperands(), given);
    std::vector<SimStep> *outer = std::exchange(steps, side.get());
    pushCopies(given, results);
    steps = outer;
  }
  push([condition, yes = sides[0], no = sides[1]](SimBlock &block) {
    const std::vector<std::uint8_t> before = block.active;
    for (const bool wanted : {true, false}) {
      for (std::size_t i = 0; i < before.size(); ++i)
        block.active[i] = before[i] && bool(block.of(condition)[i] & 1) == wanted;
      if (block.anyActive())
        runSteps(wanted ? *yes : *no, block);
    }
    block.active = before;
  });
  return true;
}

bool SimReader::readFor(scf::ForOp op) {
  const int lower = slotOf(op.getLowerBound()), upper = slotOf(op.getUpperBound()),
            step = slotOf(op.getStep()), bits = simBits(op.getInductionVar().getType());
  const int index = define(Value(op.getInductionVar()))[0];
  Slots inits, carried, next;
  appendSlots(op.getInitArgs(), inits);
  for (auto [argument, result] : llvm::zip(op.getRegionIterArgs(), op.getResults())) {
    carried.append(define(Value(argument)));
    alias(result, slotsOf(argument));
  }
  auto body = std::make_shared<std::vector<SimStep>>();
  if (!readBlock(*op.getBody(), *body))
    return false;
  appendSlots(op.getBody()->getTerminator()->getOperands(), next);
  std::vector<SimStep> *outer = std::exchange(steps, body.get());
  pushCopies(next, carried);
  steps = outer;
  inits.push_back(lower);
  carried.push_back(index);
  pushCopies(inits, carried);
  const bool isUnsigned = op.getUnsignedCmp();
  push([=](SimBlock &block) {
    const std::vector<std::uint8_t> before = block.active;
    while (!block.ended()) {
      for (std::size_t i = 0; i < before.size(); ++i) {
        const std::uint64_t at = block.of(index)[i], end = block.of(upper)[i];
        const bool inside = isUnsigned ? at < end : simSigned(at, bits) < simSigned(end, bits);
        block.active[i] = block.active[i] && inside;
      }
      if (!block.anyActive())
        break;
      runSteps(*body, block);
      for (std::size_t i = 0; i < before.size(); ++i)
        if (block.active[i])
          block.of(index)[i] = (block.of(index)[i] + block.of(step)[i]) & simMask(bits);
    }
    block.active = before;
  });
  return true;
}

bool SimReader::readWhile(scf::WhileOp op) {
  Block &before = op.getBefore().front(), &after = op.getAfter().front();
  Slots inits, first, passed, second, next;
  appendSlots(op.getInits(), inits);
  for (Value argument : before.getArguments())
    first.append(define(argument));
  auto test = std::make_shared<std::vector<SimStep>>(),
       body = std::make_shared<std::vector<SimStep>>();
  if (!readBlock(before, *test))
    return false;
  appendSlots(op.getConditionOp().getArgs(), passed);
  const int condition = slotOf(op.getConditionOp().getCondition());
  for (auto [argument, result] : llvm::zip(after.getArguments(), op.getResults())) {
    second.append(define(Value(argument)));
    alias(result, slotsOf(argument));
  }
  std::vector<SimStep> *outer = std::exchange(steps, test.get());
  pushCopies(passed, second);
  steps = outer;
  if (!readBlock(after, *body))
    return false;
  appendSlots(after.getTerminator()->getOperands(), next);
  outer = std::exchange(steps, body.get());
  pushCopies(next, first);
  steps = outer;
  pushCopies(inits, first);
  push([=](SimBlock &block) {
    const std::vector<std::uint8_t> outside = block.active;
    while (!block.ended()) {
      runSteps(*test, block);
      for (std::size_t i = 0; i < outside.size(); ++i)
        block.active[i] = block.active[i] && (block.of(condition)[i] & 1);
      if (!block.anyActive())
        break;
      runSteps(*body, block);
    }
    block.active = outside;
  });
  return true;
}

} // namespace lapidary
