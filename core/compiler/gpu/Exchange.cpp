// Shared memory, and what goes through it: conversions between layouts, gathers, histograms.
#include "core/compiler/gpu/ThreadEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <bit>

namespace lapidary {

using namespace mlir;

// ---- shared memory ----

// Small uses go to places of their own, one after another, so that most need no barrier before
// they write.
static constexpr std::int64_t ringBytes = 2048;

Value ThreadEmitter::sharedRegion(std::int64_t bytes, Location loc) {
  bytes = (bytes + 15) / 16 * 16;
  std::int64_t begin = sharedNext + bytes <= ringBytes ? sharedNext : 0;
  const Interval use{begin, begin + bytes};
  // Outside of the block that is being written, what comes before is not followed.
  const bool outside = builder.getInsertionBlock() && levels.back().block &&
                       llvm::any_of(levels, [&](const Level &level) {
                         return level.inner &&
                                level.inner->getBlock() == builder.getInsertionBlock() &&
                                builder.getInsertionPoint() == Block::iterator(level.inner);
                       });
  const bool overlaps = llvm::any_of(unfinished, [&](const Interval &each) {
    return each.begin < use.end && use.begin < each.end;
  });
  sharedOutside = outside;
  if (outside || sharedUnknown || overlaps)
    code.barrier(builder, loc);
  if (!outside) {
    if (sharedUnknown || overlaps)
      unfinished.clear();
    sharedUnknown = false;
    unfinished.push_back(use);
    sharedNext = use.end;
  }
  sharedSize = std::max(sharedSize, use.end);
  Value base = LLVM::AddressOfOp::create(builder, loc, shared);
  return sharedAt(base, {}, begin, loc);
}

// What was read before a barrier is finished; what is read after it belongs to the use that the
// barrier stands in, the last one.
void ThreadEmitter::sync(Location loc) {
  code.barrier(builder, loc);
  if (sharedOutside)
    return;
  sharedUnknown = false;
  if (unfinished.size() > 1)
    unfinished.erase(unfinished.begin(), unfinished.end() - 1);
}

Value ThreadEmitter::sharedAt(Value base, Value byteOffset, std::int64_t constant, Location loc) {
  Type byte = builder.getI8Type();
  if (byteOffset)
    base = LLVM::GEPOp::create(builder, loc, base.getType(), byte, base, ValueRange{byteOffset});
  if (constant)
    base = LLVM::GEPOp::create(builder, loc, base.getType(), byte, base,
                               llvm::ArrayRef<LLVM::GEPArg>{static_cast<std::int32_t>(constant)});
  return base;
}

void ThreadEmitter::whenTrue(Value condition, Location loc, llvm::function_ref<void()> body) {
  if (!condition)
    return body();
  auto branch = scf::IfOp::create(builder, loc, condition, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(branch.thenBlock());
  body();
}

// ---- conversions ----

namespace {

// A linear order of a tile's elements in shared memory: which bit of the offset each bit of the
// coordinates sets, before the swizzle; bits of the offset that a higher one flips as well, so that
// the lanes of a warp meet different banks.
struct SharedOrder {
  std::vector<int> firstBit;       // of each dimension
  std::vector<std::int64_t> flips; // for each bit of the offset
  int bits = 0;

  std::int64_t offsetOf(const std::vector<std::int64_t> &at) const {
    std::int64_t plain = 0;
    for (std::size_t d = 0; d < at.size(); ++d)
      plain |= at[d] << firstBit[d];
    std::int64_t offset = plain;
    for (int bit = 0; bit < bits; ++bit)
      if (plain >> bit & 1)
        offset ^= flips[bit];
    return offset;
  }
};

// How many low bits of the offset the first registers count up, and nothing else touches: so many
// elements one access takes, aligned to all of them.
int vectorBits(const LinearLayout &layout, const SharedOrder &order) {
  int bits = 0;
  while (std::int64_t(1) << bits < layout.inputSize("register") &&
         order.offsetOf(layout.image("register", bits)) == std::int64_t(1) << bits)
    ++bits;
  for (const char *input : {"register", "lane", "warp"})
    for (int bit = 0; std::int64_t(1) << bit < layout.inputSize(input); ++bit)
      if (const std::int64_t offset = order.offsetOf(layout.image(input, bit)); offset != 0) {
        const int lowest = std::countr_zero(static_cast<std::uint64_t>(offset));
        if (std::string_view(input) != "register" || bit >= bits)
          bits = std::min(bits, lowest);
      }
  return bits;
}

SharedOrder orderFor(const LinearLayout &from, const LinearLayout &to, int elementBytes) {
  const std::size_t rank = to.outputs().size();
  // The dimension along which the reader's registers run lies together, else the last one.
  int fastest = static_cast<int>(rank) - 1;
  for (const LinearLayout *side : {&from, &to})
    if (side->inputSize("register") > 1) {
      const std::vector<std::int64_t> image = side->image("register", 0);
      for (std::size_t d = 0; d < rank; ++d)
        if (image[d] == 1)
          fastest = static_cast<int>(d);
    }
  SharedOrder order;
  order.firstBit.assign(rank, 0);
  auto place = [&](int dim) {
    order.firstBit[dim] = order.bits;
    order.bits += std::countr_zero(static_cast<std::uint64_t>(to.outputs()[dim].size));
  };
  place(fastest);
  for (int d = static_cast<int>(rank) - 1; d >= 0; --d)
    if (d != fastest)
      place(d);
  order.flips.assign(order.bits, 0);
  // The bits of the offset that select a bank. Those within the vectors that either side takes at
  // once stay as they are: a vector must lie together, at a multiple of its size.
  const int vector = std::min(std::max(vectorBits(from, order), vectorBits(to, order)),
                              std::countr_zero(16u / static_cast<unsigned>(elementBytes)));
  const int bankEnd = std::countr_zero(128u / static_cast<unsigned>(elementBytes));
  std::int64_t taken = 0;
  for (const LinearLayout *side : {&to, &from}) {
    std::int64_t low = 0, high = 0;
    for (int bit = 0; std::int64_t(1) << bit < side->inputSize("lane"); ++bit) {
      const std::int64_t offset = order.offsetOf(side->image("lane", bit));
      (offset >> bankEnd ? high : low) |= offset;
    }
    for (int bit = bankEnd; bit < order.bits; ++bit) {
      if (!(high >> bit & 1) || order.flips[bit])
        continue;
      for (int bank = vector; bank < bankEnd; ++bank)
        if (!((low | taken) >> bank & 1)) {
          order.flips[bit] = std::int64_t(1) << bank;
          taken |= std::int64_t(1) << bank;
          break;
        }
    }
    taken = 0;
  }
  return order;
}

} // namespace

ThreadEmitter::Registers ThreadEmitter::throughShared(const Registers &values, int from, int to,
                                                      Type element, Location loc, Value writers) {
  const int bytes = memoryBits(element) / 8;
  if (from == scalarLayout) {
    Value base = sharedRegion(16, loc);
    whenTrue(writers, loc,
             [&] { LLVM::StoreOp::create(builder, loc, toBits(values[0], loc), base, bytes); });
    sync(loc);
    return {
        fromBits(LLVM::LoadOp::create(builder, loc, builder.getIntegerType(8 * bytes), base, bytes),
                 element, loc)};
  }
  const SharedOrder order = orderFor(layoutOf(from), layoutOf(to), bytes);
  Value base = sharedRegion((std::int64_t(1) << order.bits) * bytes, loc);
  // One access for each vector of registers: its place, the thread's part and the registers'.
  auto forEachVector = [&](int layout, auto &&access) {
    const LinearLayout &map = layoutOf(layout);
    llvm::SmallVector<std::int64_t> images;
    for (const char *input : {"lane", "warp"})
      for (int bit = 0; std::int64_t(1) << bit < map.inputSize(input); ++bit)
        images.push_back(order.offsetOf(map.image(input, bit)) * bytes);
    const ThreadIndex index = threadIndex(images);
    const int bits =
        std::min(vectorBits(map, order), std::countr_zero(16u / static_cast<unsigned>(bytes)));
    const int width = 1 << bits;
    for (int reg = 0; reg < registersOf(layout); reg += width) {
      const std::int64_t constant = order.offsetOf(placementOf(layout).registers[reg]) * bytes;
      const bool apart = (index.moved & constant) == 0;
      Value offset = apart ? index.value : plus(index, constant, loc);
      access(reg, width, sharedAt(base, offset, apart ? constant : 0, loc));
    }
  };
  Type word = builder.getIntegerType(8 * bytes);
  whenTrue(writers, loc, [&] {
    forEachVector(from, [&](int reg, int width, Value address) {
      Value vector = LLVM::UndefOp::create(builder, loc, VectorType::get({width}, word));
      for (int i = 0; i < width; ++i)
        vector = LLVM::InsertElementOp::create(builder, loc, vector, toBits(values[reg + i], loc),
                                               integer(builder, loc, 32, i));
      LLVM::StoreOp::create(builder, loc, vector, address, static_cast<unsigned>(width * bytes));
    });
  });
  sync(loc);
  Registers results(static_cast<std::size_t>(registersOf(to)));
  forEachVector(to, [&](int reg, int width, Value address) {
    Value vector = LLVM::LoadOp::create(builder, loc, VectorType::get({width}, word), address,
                                        static_cast<unsigned>(width * bytes));
    for (int i = 0; i < width; ++i)
      results[reg + i] = fromBits(
          LLVM::ExtractElementOp::create(builder, loc, vector, integer(builder, loc, 32, i)),
          element, loc);
  });
  return results;
}

bool ThreadEmitter::convert(Value value, int from, int to, Registers &registers, Location loc) {
  const LinearLayout &source = layoutOf(from), &target = layoutOf(to);
  // Where lanes and warps hold the same, or less than the source's, registers change places.
  bool inThread = true;
  for (const char *input : {"lane", "warp"})
    for (int bit = 0; std::int64_t(1) << bit < target.inputSize(input); ++bit)
      inThread = inThread && source.image(input, bit) == target.image(input, bit);
  for (const auto &at : placementOf(to).registers)
    inThread = inThread && placementOf(from).registerAt.contains(at);
  if (inThread) {
    for (const auto &at : placementOf(to).registers) {
      registers.push_back(this->at(value, from, placementOf(from).registerAt.at(at)));
      if (!registers.back())
        return false;
    }
    return true;
  }
  Registers values = all(value, from);
  if (values.empty())
    return false;
  registers = throughShared(values, from, to, value.getType(), loc);
  return true;
}

// ---- tiles in shared memory ----

std::int64_t ThreadEmitter::tileBytes(Value tile) {
  std::int64_t bytes = memoryBits(tile.getType()) / 8;
  for (std::int64_t size : tileShape(tile))
    bytes *= size;
  return bytes;
}

std::int64_t ThreadEmitter::writeTile(Value tile, Value base, Location loc) {
  const int layout = homeId(tile);
  const std::vector<std::int64_t> shape = tileShape(tile);
  const int bytes = memoryBits(tile.getType()) / 8;
  for (int reg = 0; reg < registersOf(layout); ++reg) {
    Value index = integer(builder, loc, 32, 0);
    for (auto [d, size] : llvm::enumerate(shape)) {
      index = arith::MulIOp::create(builder, loc, index, integer(builder, loc, 32, size));
      index = arith::AddIOp::create(builder, loc, index,
                                    coordinate(layout, reg, static_cast<int>(d), loc));
    }
    Value offset = arith::MulIOp::create(builder, loc, index, integer(builder, loc, 32, bytes));
    LLVM::StoreOp::create(builder, loc, toBits(at(tile, layout, reg), loc),
                          sharedAt(base, offset, 0, loc), bytes);
  }
  return shape.back() * bytes;
}

bool ThreadEmitter::emitGather(tt::GatherOp op) {
  Location loc = op.getLoc();
  const int home = homeId(op.getResult());
  Registers indices = all(op.getIndices(), home);
  if (indices.empty() || all(op.getSrc(), homeId(op.getSrc())).empty())
    return false;
  const std::vector<std::int64_t> shape = tileShape(op.getSrc());
  const int bytes = memoryBits(op.getSrc().getType()) / 8;
  Value base = sharedRegion(tileBytes(op.getSrc()), loc);
  writeTile(op.getSrc(), base, loc);
  sync(loc);
  Registers results;
  for (int reg = 0; reg < registersOf(home); ++reg) {
    Value index = integer(builder, loc, 32, 0);
    for (auto [d, size] : llvm::enumerate(shape)) {
      Value here = coordinate(home, reg, static_cast<int>(d), loc);
      if (static_cast<std::uint32_t>(d) == op.getAxis()) {
        here = indices[reg];
        const unsigned bits = here.getType().getIntOrFloatBitWidth();
        if (bits > 32)
          here = arith::TruncIOp::create(builder, loc, builder.getI32Type(), here);
        else if (bits < 32)
          here = arith::ExtUIOp::create(builder, loc, builder.getI32Type(), here);
      }
      index = arith::MulIOp::create(builder, loc, index, integer(builder, loc, 32, size));
      index = arith::AddIOp::create(builder, loc, index, here);
    }
    Value offset = arith::MulIOp::create(builder, loc, index, integer(builder, loc, 32, bytes));
    results.push_back(fromBits(LLVM::LoadOp::create(builder, loc, builder.getIntegerType(8 * bytes),
                                                    sharedAt(base, offset, 0, loc), bytes),
                               op.getResult().getType(), loc));
  }
  bind(op.getResult(), home, std::move(results));
  return true;
}

bool ThreadEmitter::emitHistogram(tt::HistogramOp op) {
  Location loc = op.getLoc();
  const int home = homeId(op.getResult()), source = homeId(op.getSrc());
  Registers values = all(op.getSrc(), source), masks;
  if (op.getMask())
    masks = all(op.getMask(), source);
  if (values.empty() || (op.getMask() && masks.empty()))
    return false;
  const std::int64_t bins = tileShape(op.getResult())[0];
  Type i32 = builder.getI32Type();
  Value base = sharedRegion(4 * bins, loc);
  auto bin = [&](int reg) {
    Value offset = arith::MulIOp::create(builder, loc, coordinate(home, reg, 0, loc),
                                         integer(builder, loc, 32, 4));
    return sharedAt(base, offset, 0, loc);
  };
  for (int reg = 0; reg < registersOf(home); ++reg)
    LLVM::StoreOp::create(builder, loc, integer(builder, loc, 32, 0), bin(reg), 4);
  sync(loc);
  const Value owner = isOwner(source, loc);
  for (int reg = 0; reg < registersOf(source); ++reg) {
    Value value = values[reg];
    const unsigned bits = value.getType().getIntOrFloatBitWidth();
    if (bits > 32)
      value = arith::TruncIOp::create(builder, loc, i32, value);
    else if (bits < 32)
      value = arith::ExtUIOp::create(builder, loc, i32, value);
    // What lies outside of the bins is not counted.
    Value counts = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult, value,
                                         integer(builder, loc, 32, bins));
    if (owner)
      counts = arith::AndIOp::create(builder, loc, counts, owner);
    if (!masks.empty())
      counts = arith::AndIOp::create(builder, loc, counts, masks[reg]);
    whenTrue(counts, loc, [&] {
      Value offset = arith::MulIOp::create(builder, loc, value, integer(builder, loc, 32, 4));
      LLVM::AtomicRMWOp::create(builder, loc, LLVM::AtomicBinOp::add,
                                sharedAt(base, offset, 0, loc), integer(builder, loc, 32, 1),
                                LLVM::AtomicOrdering::monotonic,
                                code.memoryScope(tt::MemScope::Cta));
    });
  }
  sync(loc);
  Registers results;
  Type type = registerType(op.getResult().getType());
  for (int reg = 0; reg < registersOf(home); ++reg) {
    Value count = LLVM::LoadOp::create(builder, loc, i32, bin(reg), 4);
    if (type.getIntOrFloatBitWidth() > 32)
      count = arith::ExtUIOp::create(builder, loc, type, count);
    else if (type.getIntOrFloatBitWidth() < 32)
      count = arith::TruncIOp::create(builder, loc, type, count);
    results.push_back(count);
  }
  bind(op.getResult(), home, std::move(results));
  return true;
}

} // namespace lapidary
