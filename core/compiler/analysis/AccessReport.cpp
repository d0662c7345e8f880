#include "core/compiler/analysis/AccessReport.h"

#include "core/compiler/analysis/Explain.h"
#include "core/compiler/analysis/Locations.h"

#include "llvm/ADT/TypeSwitch.h"

#include <fmt/format.h>

#include <numeric>

namespace lapidary {

using namespace mlir;

namespace {

int elementBits(Value pointer) {
  Type element = getElementTypeOrSelf(tt::loadedType(pointer.getType()));
  if (!element.isIntOrFloat())
    return 64;
  return std::max(8, static_cast<int>(element.getIntOrFloatBitWidth()));
}

llvm::SmallVector<std::int64_t> tileShape(Value value) {
  if (auto tile = dyn_cast<RankedTensorType>(value.getType()))
    return llvm::to_vector(tile.getShape());
  return {1};
}

// The elements that one access along `dim` could cover if every fact were favourable.
std::int64_t mostElements(Value pointer, int dim, const AccessTraits &traits) {
  return std::min<std::int64_t>(tileShape(pointer)[dim],
                                std::max(1, traits.maxBits / elementBits(pointer)));
}

std::int64_t elementsAlong(const AxisInfo &info, Value pointer, int dim,
                           const AccessTraits &traits) {
  const std::int64_t bytes = elementBits(pointer) / 8;
  std::int64_t elements = std::gcd(info.contiguity[dim], mostElements(pointer, dim, traits));
  if (traits.needsAlignment)
    elements = std::min(elements, std::max<std::int64_t>(1, info.divisibility[dim] / bytes));
  return elements;
}

struct MemoryOperation {
  Operation *op;
  std::string kind;
  Value pointer, mask;
};

std::optional<MemoryOperation> asMemoryOperation(Operation *op) {
  return llvm::TypeSwitch<Operation *, std::optional<MemoryOperation>>(op)
      .Case([](tt::LoadOp o) { return MemoryOperation{o, "load", o.getPtr(), o.getMask()}; })
      .Case([](tt::StoreOp o) { return MemoryOperation{o, "store", o.getPtr(), o.getMask()}; })
      .Case([](tt::AtomicRMWOp o) { return MemoryOperation{o, "atomic", o.getPtr(), o.getMask()}; })
      .Case([](tt::AtomicCASOp o) { return MemoryOperation{o, "atomic", o.getPtr(), Value()}; })
      .Default([](Operation *) { return std::nullopt; });
}

void appendSpecializing(Limit &limit, const std::string &gain) {
  if (!limit.argument.empty())
    limit.sentence += fmt::format("; specializing it would {}", gain);
}

// The tile's fastest dimension, or the one that runs longest: where a wide access would lie.
int naturalDim(const AxisInfo &info) {
  int best = info.rank() - 1;
  for (int d = info.rank() - 1; d >= 0; --d)
    if (info.contiguity[d] > info.contiguity[best])
      best = d;
  return best;
}

Limit limitOf(const AxisAnalysis &axis, const MemoryOperation &memory, const AccessWidth &width,
              const AccessTraits &traits) {
  const AxisInfo info = axis.of(memory.pointer);
  const int dim = width.dim;
  const std::int64_t most = mostElements(memory.pointer, dim, traits);
  const int bits = elementBits(memory.pointer);
  if (memory.kind == "atomic" || most == 1)
    return {};
  const std::string gain = fmt::format("allow accesses of {} bits", most * bits);
  if (info.contiguity[dim] < most) {
    Limit limit = explainContiguity(axis, memory.pointer, dim, most);
    appendSpecializing(limit, gain);
    return limit;
  }
  if (width.elements < most) {
    Limit limit = explainDivisibility(axis, memory.pointer, dim, most * bits / 8);
    appendSpecializing(limit, gain);
    return limit;
  }
  if (memory.mask && axis.of(memory.mask).constancy[dim] < most) {
    Limit limit = explainConstancy(axis, memory.mask, dim, most);
    limit.sentence = fmt::format("the mask is tested lane by lane: {}", limit.sentence);
    appendSpecializing(limit, "need one test for all lanes");
    return limit;
  }
  return {};
}

std::string describeAccess(const AxisAnalysis &axis, const MemoryOperation &memory,
                           const MemoryAccess &access, const std::string &place) {
  std::string facts;
  llvm::raw_string_ostream stream(facts);
  axis.of(memory.pointer).print(stream);
  std::string shape;
  for (std::int64_t size : tileShape(memory.pointer))
    shape += fmt::format("{}{}", shape.empty() ? "" : "x", size);
  std::string text =
      fmt::format("{}: {} of {} elements of {} bits: up to {} bits wide\n  pointer: {}\n", place,
                  access.kind, shape, elementBits(memory.pointer), access.bits, facts);
  if (memory.mask) {
    std::string mask;
    llvm::raw_string_ostream maskStream(mask);
    axis.of(memory.mask).print(maskStream);
    text += fmt::format("  mask:    {}\n", mask);
  }
  if (!access.limit.empty())
    text += fmt::format("  limit:   {}\n", access.limit);
  return text;
}

} // namespace

bool isMemoryOperation(Operation *op) {
  return asMemoryOperation(op).has_value();
}

AccessWidth widestAccess(const AxisAnalysis &axis, Value pointer, const AccessTraits &traits) {
  const AxisInfo info = axis.of(pointer);
  AccessWidth width;
  width.dim = naturalDim(info);
  width.elements = elementsAlong(info, pointer, width.dim, traits);
  for (int d = 0; d < info.rank(); ++d)
    if (std::int64_t elements = elementsAlong(info, pointer, d, traits);
        elements > width.elements) {
      width.dim = d;
      width.elements = elements;
    }
  width.bits = static_cast<int>(width.elements) * elementBits(pointer);
  return width;
}

AccessReport reportAccesses(tt::FuncOp kernel, const AccessTraits &traits) {
  AxisAnalysis axis(kernel);
  AccessReport report;
  std::string file;
  if (auto places = placesOf(kernel.getLoc()); !places.empty())
    file = places.front().file;
  kernel.walk([&](Operation *op) {
    std::optional<MemoryOperation> memory = asMemoryOperation(op);
    if (!memory)
      return;
    MemoryAccess access;
    access.kind = memory->kind;
    std::string where = "unknown line";
    if (auto place = placeIn(op->getLoc(), file)) {
      access.range = place->range;
      where = fmt::format("{}:{}:{}", place->file, place->range.line, place->range.column);
    }
    AccessWidth width = widestAccess(axis, memory->pointer, traits);
    access.bits = access.kind == "atomic" ? elementBits(memory->pointer) : width.bits;
    Limit limit = limitOf(axis, *memory, width, traits);
    access.limit = limit.sentence;
    access.argument = limit.argument;
    access.property = limit.property;
    report.text += describeAccess(axis, *memory, access, where);
    report.accesses.push_back(std::move(access));
  });
  return report;
}

} // namespace lapidary
