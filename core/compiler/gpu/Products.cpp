// Matrix products by multiply-adds: both operands in shared memory, a thread's block of the result
// in its registers.
#include "core/compiler/gpu/ThreadEmitter.h"
#include "core/compiler/lowering/FloatConversions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

namespace lapidary {

using namespace mlir;

namespace {

// An element of an operand as the accumulator's type.
Value widenedTo(OpBuilder &builder, Location loc, Value bits, Type from, Type to) {
  if (auto integer = dyn_cast<IntegerType>(from))
    return integer.getWidth() < to.getIntOrFloatBitWidth()
               ? arith::ExtSIOp::create(builder, loc, to, bits).getResult()
               : bits;
  auto source = cast<FloatType>(from), target = cast<FloatType>(to);
  if (source == target)
    return bits;
  if (source.getWidth() == 8)
    return convertFloat(builder, loc, bits, source, target, false);
  if (source.getWidth() > target.getWidth())
    return arith::TruncFOp::create(builder, loc, to, bits);
  return arith::ExtFOp::create(builder, loc, to, bits);
}

} // namespace

bool ThreadEmitter::emitDot(tt::DotOp op) {
  Location loc = op.getLoc();
  const int layout = idOf(layouts.access(op));
  Registers sums = all(op.getC(), layout);
  if (sums.empty() || all(op.getA(), homeId(op.getA())).empty() ||
      all(op.getB(), homeId(op.getB())).empty())
    return false;
  const std::vector<std::int64_t> shapeA = tileShape(op.getA()), shapeB = tileShape(op.getB());
  const int rank = static_cast<int>(shapeA.size()), row = rank - 2, column = rank - 1;
  const Type elementA = getElementTypeOrSelf(op.getA().getType()),
             elementB = getElementTypeOrSelf(op.getB().getType());
  Type result = getElementTypeOrSelf(op.getType());
  const bool narrow = isa<FloatType>(result) && result.getIntOrFloatBitWidth() < 32;
  Type sumType = narrow ? builder.getF32Type() : result;
  if (narrow)
    for (Value &sum : sums)
      sum = arith::ExtFOp::create(builder, loc, sumType, sum);

  const std::int64_t bytesA = (tileBytes(op.getA()) + 15) / 16 * 16;
  Value baseA = sharedRegion(bytesA + tileBytes(op.getB()), loc);
  Value baseB = sharedAt(baseA, {}, bytesA, loc);
  const std::int64_t pitchA = writeTile(op.getA(), baseA, loc),
                     pitchB = writeTile(op.getB(), baseB, loc);
  sync(loc);

  // The places of the rows and columns that this thread's registers need, k = 0.
  const std::int64_t sizeA = memoryBits(elementA) / 8, sizeB = memoryBits(elementB) / 8;
  std::map<std::vector<std::int64_t>, Value> rows, columns;
  auto keys = [&](int reg) {
    const std::vector<std::int64_t> &at = placementOf(layout).registers[reg];
    const std::int64_t batch = rank == 3 ? at[0] : 0;
    return std::pair(std::vector{batch, at[row]}, std::vector{batch, at[column]});
  };
  for (int reg = 0; reg < registersOf(layout); ++reg) {
    auto [rowKey, columnKey] = keys(reg);
    auto scaled = [&](Value value, std::int64_t by) -> Value {
      return arith::MulIOp::create(builder, loc, value, integer(builder, loc, 32, by));
    };
    auto offset = [&](std::int64_t batchPitch, int dim, std::int64_t pitch) {
      Value at = scaled(coordinate(layout, reg, dim, loc), pitch);
      if (rank == 3)
        at = arith::AddIOp::create(builder, loc, at,
                                   scaled(coordinate(layout, reg, 0, loc), batchPitch));
      return at;
    };
    if (Value &pointer = rows[rowKey]; !pointer)
      pointer = sharedAt(baseA, offset(shapeA[row] * pitchA, row, pitchA), 0, loc);
    if (Value &pointer = columns[columnKey]; !pointer)
      pointer = sharedAt(baseB, offset(shapeB[row] * pitchB, column, sizeB), 0, loc);
  }

  Value zero = integer(builder, loc, 32, 0), one = integer(builder, loc, 32, 1);
  auto loop =
      scf::ForOp::create(builder, loc, zero, integer(builder, loc, 32, shapeA[column]), one, sums);
  {
    OpBuilder::InsertionGuard guard(builder);
    if (!loop.getBody()->empty())
      loop.getBody()->getTerminator()->erase();
    builder.setInsertionPointToStart(loop.getBody());
    auto read = [&](Value pointer, std::int64_t pitch, Type element) {
      Value offset = arith::MulIOp::create(builder, loc, loop.getInductionVar(),
                                           integer(builder, loc, 32, pitch));
      const int bits = memoryBits(element);
      Value word = LLVM::LoadOp::create(builder, loc, builder.getIntegerType(bits),
                                        sharedAt(pointer, offset, 0, loc), bits / 8);
      return widenedTo(builder, loc, fromBits(word, element, loc), element, sumType);
    };
    std::map<std::vector<std::int64_t>, Value> left, right;
    for (auto &[key, pointer] : rows)
      left[key] = read(pointer, sizeA, elementA);
    for (auto &[key, pointer] : columns)
      right[key] = read(pointer, pitchB, elementB);
    Registers next;
    for (int reg = 0; reg < registersOf(layout); ++reg) {
      auto [rowKey, columnKey] = keys(reg);
      Value a = left[rowKey], b = right[columnKey], sum = loop.getRegionIterArg(reg);
      if (isa<FloatType>(sumType))
        next.push_back(math::FmaOp::create(builder, loc, a, b, sum));
      else
        next.push_back(
            arith::AddIOp::create(builder, loc, sum, arith::MulIOp::create(builder, loc, a, b)));
    }
    scf::YieldOp::create(builder, loc, next);
  }
  Registers results(loop.getResults().begin(), loop.getResults().end());
  if (narrow)
    for (Value &sum : results)
      sum = arith::TruncFOp::create(builder, loc, result, sum);
  bind(op.getResult(), layout, std::move(results));
  return true;
}

} // namespace lapidary
