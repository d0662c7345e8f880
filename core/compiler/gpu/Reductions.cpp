// Reductions and scans: first in each thread's registers, then across the lanes of a warp by
// shuffles, then across warps through shared memory.
#include "core/compiler/gpu/ThreadEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <bit>

namespace lapidary {

using namespace mlir;

namespace {

// The bits of an input axis that move along `dim`, with how far.
llvm::SmallVector<std::pair<int, std::int64_t>> bitsAlong(const LinearLayout &layout,
                                                          const char *input, int dim) {
  llvm::SmallVector<std::pair<int, std::int64_t>> bits;
  for (int bit = 0; std::int64_t(1) << bit < layout.inputSize(input); ++bit)
    if (std::int64_t image = layout.image(input, bit)[dim])
      bits.emplace_back(bit, image);
  return bits;
}

// Whether both orders of the operands give the same bits, for a combination that commutes as
// numbers do: one commutative operation for each result, or nothing that rounds.
bool isSymmetric(Region &region) {
  Block &body = region.front();
  const unsigned half = body.getNumArguments() / 2;
  auto rounds = [](Operation &op) {
    return isa<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::DivFOp, arith::RemFOp>(op) ||
           isa<math::MathDialect>(op.getDialect()) || isa<tt::TtDialect>(op.getDialect());
  };
  const bool oneEach =
      llvm::all_of(llvm::enumerate(body.getTerminator()->getOperands()), [&](auto result) {
        Operation *op = result.value().getDefiningOp();
        Value left = body.getArgument(static_cast<unsigned>(result.index())),
              right = body.getArgument(half + static_cast<unsigned>(result.index()));
        return op && op->hasTrait<OpTrait::IsCommutative>() && op->getNumOperands() == 2 &&
               llvm::is_contained(op->getOperands(), left) &&
               llvm::is_contained(op->getOperands(), right);
      });
  return oneEach || llvm::none_of(body.without_terminator(), rounds);
}

std::int64_t product(llvm::ArrayRef<std::int64_t> sizes) {
  std::int64_t all = 1;
  for (std::int64_t size : sizes)
    all *= size;
  return all;
}

} // namespace

ThreadEmitter::Registers ThreadEmitter::combine(Region &region, ValueRange left, ValueRange right,
                                                Location loc) {
  Block &body = region.front();
  levels.push_back({&body});
  unsigned argument = 0;
  for (ValueRange side : {left, right})
    for (Value value : side)
      bind(body.getArgument(argument++), scalarLayout, {value});
  Registers results;
  if (visit(body))
    for (Value value : body.getTerminator()->getOperands())
      if (Value each = scalar(value))
        results.push_back(each);
  levels.pop_back();
  if (results.size() != left.size())
    results.clear();
  return results;
}

Value ThreadEmitter::shuffle(Value value, int amount, bool isXor, Location loc) {
  auto one = [&](Value word) {
    return isXor ? code.shuffleXor(builder, loc, word, amount)
                 : code.shuffleUp(builder, loc, word, amount);
  };
  Type type = value.getType();
  Value bits = toBits(value, loc);
  Type bitsType = bits.getType();
  const unsigned width = bitsType.getIntOrFloatBitWidth();
  Type word = builder.getI32Type();
  Value moved;
  if (width <= 32) {
    Value wide = width < 32 ? arith::ExtUIOp::create(builder, loc, word, bits).getResult() : bits;
    moved = one(wide);
    if (width < 32)
      moved = arith::TruncIOp::create(builder, loc, bitsType, moved);
  } else {
    Value low = arith::TruncIOp::create(builder, loc, word, bits);
    Value shift = integer(builder, loc, 64, 32);
    Value high = arith::TruncIOp::create(builder, loc, word,
                                         arith::ShRUIOp::create(builder, loc, bits, shift));
    low = arith::ExtUIOp::create(builder, loc, bitsType, one(low));
    high = arith::ExtUIOp::create(builder, loc, bitsType, one(high));
    moved =
        arith::OrIOp::create(builder, loc, low, arith::ShLIOp::create(builder, loc, high, shift));
  }
  return fromBits(moved, type, loc);
}

// `sums`: for each register of the result, one value for each source. After this every lane has
// its warp's.
bool ThreadEmitter::reduceLanes(tt::ReduceOp op, int layout, llvm::SmallVector<Registers> &sums) {
  Location loc = op.getLoc();
  auto bits = bitsAlong(layoutOf(layout), "lane", static_cast<int>(op.getAxis()));
  const bool symmetric = isSymmetric(op.getCombineOp());
  for (auto [bit, image] : llvm::reverse(bits)) {
    // Where the order of the operands shows in the last bits, both lanes take the same one.
    Value isUpper;
    if (!symmetric) {
      Value part = arith::AndIOp::create(builder, loc, thread, integer(builder, loc, 32, 1 << bit));
      isUpper = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, part,
                                      integer(builder, loc, 32, 0));
    }
    for (Registers &sum : sums) {
      Registers others;
      for (Value &value : sum) {
        Value other = shuffle(value, 1 << bit, true, loc);
        if (isUpper) {
          Value upper = arith::SelectOp::create(builder, loc, isUpper, value, other);
          value = arith::SelectOp::create(builder, loc, isUpper, other, value);
          other = upper;
        }
        others.push_back(other);
      }
      sum = combine(op.getCombineOp(), sum, others, loc);
      if (sum.empty())
        return false;
    }
  }
  return true;
}

ThreadEmitter::WarpTable ThreadEmitter::warpTable(ValueRange tiles, int layout, int dim,
                                                  std::int64_t warps, Location loc) {
  WarpTable table;
  table.shape = tileShape(tiles[0]);
  table.shape.erase(table.shape.begin() + dim);
  table.layout = table.shape.empty() ? scalarLayout : idOf(slicedLayout(layoutOf(layout), dim));
  table.warps = warps;
  std::int64_t bytes = 0;
  for (Value tile : tiles) {
    table.elementBytes.push_back(memoryBits(tile.getType()) / 8);
    table.begins.push_back(bytes);
    bytes += (product(table.shape) * warps * table.elementBytes.back() + 15) / 16 * 16;
  }
  table.base = sharedRegion(bytes, loc);
  return table;
}

Value ThreadEmitter::rowOf(const WarpTable &table, int reg, Location loc) {
  Value index = integer(builder, loc, 32, 0);
  for (auto [d, size] : llvm::enumerate(table.shape)) {
    index = arith::MulIOp::create(builder, loc, index, integer(builder, loc, 32, size));
    index = arith::AddIOp::create(builder, loc, index,
                                  coordinate(table.layout, reg, static_cast<int>(d), loc));
  }
  return arith::MulIOp::create(builder, loc, index, integer(builder, loc, 32, table.warps));
}

Value ThreadEmitter::placeIn(const WarpTable &table, Value index, std::size_t tile, Location loc) {
  Value offset = arith::MulIOp::create(builder, loc, index,
                                       integer(builder, loc, 32, table.elementBytes[tile]));
  return sharedAt(table.base, offset, table.begins[tile], loc);
}

// Each warp writes what it has, side by side for one element of the result, and every thread reads
// what all warps wrote.
bool ThreadEmitter::reduceWarps(tt::ReduceOp op, int layout, llvm::SmallVector<Registers> &sums) {
  Location loc = op.getLoc();
  const int dim = static_cast<int>(op.getAxis());
  auto bits = bitsAlong(layoutOf(layout), "warp", dim);
  if (bits.empty())
    return true;
  const std::int64_t warps = std::int64_t(1) << bits.size();
  const int laneBits = std::countr_zero(static_cast<unsigned>(code.shape.warpSize));
  llvm::SmallVector<std::int64_t> images(32, 0);
  for (auto [i, bit] : llvm::enumerate(bits))
    images[laneBits + bit.first] = std::int64_t(1) << i;
  const ThreadIndex own = threadIndex(images);

  // One lane of those that hold the same writes.
  std::int64_t copies = 0;
  for (auto [bit, image] : bitsAlong(layoutOf(layout), "lane", dim))
    copies |= std::int64_t(1) << bit;
  for (const auto &[input, mask] : layoutOf(layout).redundantBits())
    if (input == "lane")
      copies |= static_cast<std::int64_t>(mask);
  Value writes;
  if (copies) {
    Value part = arith::AndIOp::create(builder, loc, thread, integer(builder, loc, 32, copies));
    writes = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, part,
                                   integer(builder, loc, 32, 0));
  }

  const WarpTable table = warpTable(op.getSrcs(), layout, dim, warps, loc);
  llvm::SmallVector<Value> places;
  for (std::size_t reg = 0; reg < sums.size(); ++reg)
    places.push_back(rowOf(table, static_cast<int>(reg), loc));
  whenTrue(writes, loc, [&] {
    for (auto [reg, sum] : llvm::enumerate(sums))
      for (auto [source, value] : llvm::enumerate(sum)) {
        Value index = arith::AddIOp::create(builder, loc, places[reg], own.value);
        LLVM::StoreOp::create(builder, loc, toBits(value, loc), placeIn(table, index, source, loc),
                              memoryBits(value.getType()) / 8);
      }
  });
  sync(loc);
  for (auto [reg, sum] : llvm::enumerate(sums)) {
    llvm::SmallVector<Registers> parts(static_cast<std::size_t>(warps));
    for (auto [source, value] : llvm::enumerate(sum)) {
      const int bits = memoryBits(value.getType());
      const std::int64_t together = std::min<std::int64_t>(warps, 128 / bits);
      Type word = builder.getIntegerType(bits);
      Value from = placeIn(table, places[reg], source, loc);
      for (std::int64_t first = 0; first < warps; first += together) {
        Value at = sharedAt(from, {}, first * bits / 8, loc);
        Value read = LLVM::LoadOp::create(builder, loc, VectorType::get({together}, word), at,
                                          static_cast<unsigned>(together * bits / 8));
        for (std::int64_t i = 0; i < together; ++i)
          parts[first + i].push_back(fromBits(
              LLVM::ExtractElementOp::create(builder, loc, read, integer(builder, loc, 32, i)),
              op.getSrcs()[source].getType(), loc));
      }
    }
    sum = parts[0];
    for (const Registers &part : llvm::drop_begin(parts)) {
      sum = combine(op.getCombineOp(), sum, part, loc);
      if (sum.empty())
        return false;
    }
  }
  return true;
}

bool ThreadEmitter::emitReduce(tt::ReduceOp op) {
  Location loc = op.getLoc();
  const int layout = idOf(layouts.access(op)), dim = static_cast<int>(op.getAxis());
  const bool toScalar = tileShape(op.getSrcs()[0]).size() == 1;
  const int target = toScalar ? scalarLayout : idOf(slicedLayout(layoutOf(layout), dim));
  llvm::SmallVector<Registers> sources;
  for (Value source : op.getSrcs()) {
    sources.push_back(all(source, layout));
    if (sources.back().empty())
      return false;
  }
  llvm::SmallVector<llvm::SmallVector<Registers>> parts(
      static_cast<std::size_t>(registersOf(target)));
  for (int reg = 0; reg < registersOf(layout); ++reg) {
    std::vector<std::int64_t> at = placementOf(layout).registers[reg];
    at.erase(at.begin() + dim);
    Registers values;
    for (const Registers &source : sources)
      values.push_back(source[reg]);
    parts[toScalar ? 0 : placementOf(target).registerAt.at(at)].push_back(std::move(values));
  }
  // As a tree, so that the steps do not wait for one another.
  llvm::SmallVector<Registers> sums;
  for (auto &part : parts) {
    while (part.size() > 1) {
      llvm::SmallVector<Registers> next;
      for (std::size_t i = 0; i + 1 < part.size(); i += 2) {
        next.push_back(combine(op.getCombineOp(), part[i], part[i + 1], loc));
        if (next.back().empty())
          return false;
      }
      if (part.size() % 2)
        next.push_back(part.back());
      part = std::move(next);
    }
    sums.push_back(part[0]);
  }
  if (!reduceLanes(op, layout, sums) || !reduceWarps(op, layout, sums))
    return false;
  for (auto [i, result] : llvm::enumerate(op.getResults())) {
    Registers registers;
    for (const Registers &sum : sums)
      registers.push_back(sum[i]);
    bind(result, target, std::move(registers));
  }
  return true;
}

// ---- scans ----

namespace {

// What comes before in the order of the scan, and whether there is anything.
struct Prefix {
  llvm::SmallVector<Value> values;
  Value exists; // i1; null: nothing comes before any thread
};

} // namespace

bool ThreadEmitter::emitScan(tt::ScanOp op) {
  Location loc = op.getLoc();
  const int layout = idOf(layouts.access(op)), dim = static_cast<int>(op.getAxis());
  const bool reverse = op.getReverse();
  const std::size_t count = op.getSrcs().size();
  llvm::SmallVector<Registers> values;
  for (Value source : op.getSrcs()) {
    values.push_back(all(source, layout));
    if (values.back().empty())
      return false;
  }
  auto gathered = [&](int reg) {
    Registers each;
    for (const Registers &source : values)
      each.push_back(source[reg]);
    return each;
  };
  auto choose = [&](Value condition, ValueRange yes, ValueRange no) {
    Registers chosen;
    for (auto [a, b] : llvm::zip(yes, no))
      chosen.push_back(arith::SelectOp::create(builder, loc, condition, a, b));
    return chosen;
  };
  // Rows of registers that lie along the dimension, in the order of the scan.
  std::map<std::vector<std::int64_t>, std::map<std::int64_t, int>> rows;
  for (int reg = 0; reg < registersOf(layout); ++reg) {
    std::vector<std::int64_t> at = placementOf(layout).registers[reg];
    const std::int64_t along = at[dim];
    at.erase(at.begin() + dim);
    rows[at][reverse ? -along : along] = reg;
  }
  const auto laneBits = bitsAlong(layoutOf(layout), "lane", dim);
  const auto warpBits = bitsAlong(layoutOf(layout), "warp", dim);
  const int lanes = 1 << laneBits.size(), warps = 1 << warpBits.size();
  const int bitsOfLane = std::countr_zero(static_cast<unsigned>(code.shape.warpSize));
  llvm::SmallVector<std::int64_t> images(32, 0);
  for (auto [i, bit] : llvm::enumerate(warpBits))
    images[bitsOfLane + bit.first] = std::int64_t(1) << i;
  Value lane = arith::AndIOp::create(builder, loc, thread, integer(builder, loc, 32, lanes - 1));
  Value warp = threadIndex(images).value;
  // Places in the order of the scan.
  if (reverse) {
    lane = arith::SubIOp::create(builder, loc, integer(builder, loc, 32, lanes - 1), lane);
    warp = arith::SubIOp::create(builder, loc, integer(builder, loc, 32, warps - 1), warp);
  }
  auto isAtLeast = [&](Value value, std::int64_t bound) -> Value {
    return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sge, value,
                                 integer(builder, loc, 32, bound));
  };
  auto shuffled = [&](ValueRange from, int delta) {
    Registers moved;
    for (Value value : from)
      moved.push_back(shuffle(value, reverse ? -delta : delta, false, loc));
    return moved;
  };

  llvm::SmallVector<Registers> totals; // of each row, up to this lane
  llvm::SmallVector<Prefix> before;
  for (auto &[position, row] : rows) {
    Registers sum;
    for (auto [along, reg] : row) {
      Registers own = gathered(reg);
      sum = sum.empty() ? own : combine(op.getCombineOp(), sum, own, loc);
      if (sum.empty())
        return false;
      for (std::size_t i = 0; i < count; ++i)
        values[i][reg] = sum[i];
    }
    for (int delta = 1; delta < lanes; delta *= 2) {
      Registers other = shuffled(sum, delta);
      Registers both = combine(op.getCombineOp(), other, sum, loc);
      if (both.empty())
        return false;
      sum = choose(isAtLeast(lane, delta), both, sum);
    }
    Prefix prefix;
    if (lanes > 1) {
      prefix.values = shuffled(sum, 1);
      prefix.exists = isAtLeast(lane, 1);
    }
    before.push_back(std::move(prefix));
    totals.push_back(std::move(sum));
  }

  if (warps > 1) {
    // The last lane of each warp writes the warp's total.
    const WarpTable table = warpTable(op.getSrcs(), layout, dim, warps, loc);
    llvm::SmallVector<Value> places;
    for (auto &[position, row] : rows)
      places.push_back(rowOf(
          table,
          table.layout == scalarLayout ? 0 : placementOf(table.layout).registerAt.at(position),
          loc));
    whenTrue(isAtLeast(lane, lanes - 1), loc, [&] {
      for (auto [row, total] : llvm::enumerate(totals))
        for (std::size_t i = 0; i < count; ++i) {
          Value index = arith::AddIOp::create(builder, loc, places[row], warp);
          LLVM::StoreOp::create(builder, loc, toBits(total[i], loc), placeIn(table, index, i, loc),
                                memoryBits(total[i].getType()) / 8);
        }
    });
    sync(loc);
    for (auto [row, prefix] : llvm::enumerate(before)) {
      Registers sum;
      for (int w = 0; w + 1 < warps; ++w) {
        Registers read;
        for (std::size_t i = 0; i < count; ++i) {
          const int bits = memoryBits(op.getSrcs()[i].getType());
          Value at = sharedAt(placeIn(table, places[row], i, loc), {}, w * bits / 8, loc);
          read.push_back(fromBits(
              LLVM::LoadOp::create(builder, loc, builder.getIntegerType(bits), at, bits / 8),
              op.getSrcs()[i].getType(), loc));
        }
        if (sum.empty()) {
          sum = read;
          continue;
        }
        Registers both = combine(op.getCombineOp(), sum, read, loc);
        if (both.empty())
          return false;
        sum = choose(isAtLeast(warp, w + 1), both, sum);
      }
      Value later = isAtLeast(warp, 1);
      if (!prefix.exists) {
        prefix = {sum, later};
        continue;
      }
      Registers both = combine(op.getCombineOp(), sum, prefix.values, loc);
      if (both.empty())
        return false;
      // Of a first lane there is the warps before alone; of a first warp the lanes before alone.
      Registers withWarps = choose(prefix.exists, both, sum);
      prefix.values = choose(later, withWarps, prefix.values);
      prefix.exists = arith::OrIOp::create(builder, loc, prefix.exists, later);
    }
  }

  std::size_t index = 0;
  for (auto &[position, row] : rows) {
    const Prefix &prefix = before[index++];
    if (!prefix.exists)
      continue;
    for (auto [along, reg] : row) {
      Registers own = gathered(reg);
      Registers both = combine(op.getCombineOp(), prefix.values, own, loc);
      if (both.empty())
        return false;
      Registers chosen = choose(prefix.exists, both, own);
      for (std::size_t i = 0; i < count; ++i)
        values[i][reg] = chosen[i];
    }
  }
  for (auto [result, registers] : llvm::zip(op.getResults(), values))
    bind(result, layout, registers);
  return true;
}

} // namespace lapidary
