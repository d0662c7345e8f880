#include "core/compiler/gpu/Layouts.h"

#include "core/compiler/analysis/AccessReport.h"
#include "core/compiler/analysis/Locations.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

namespace lapidary {

using namespace mlir;

namespace {

std::vector<std::int64_t> shapeOf(Value tile) {
  return llvm::to_vector<4>(cast<RankedTensorType>(tile.getType()).getShape()).empty()
             ? std::vector<std::int64_t>{}
             : std::vector<std::int64_t>(cast<RankedTensorType>(tile.getType()).getShape().begin(),
                                         cast<RankedTensorType>(tile.getType()).getShape().end());
}

bool isTile(Value value) {
  return isa<RankedTensorType>(value.getType());
}

int elementBytes(Value pointer) {
  Type element = getElementTypeOrSelf(tt::loadedType(pointer.getType()));
  return element.isIntOrFloat() ? std::max(8u, element.getIntOrFloatBitWidth()) / 8 : 8;
}

Value pointerOf(Operation *op) {
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case<tt::LoadOp, tt::StoreOp, tt::AtomicRMWOp, tt::AtomicCASOp>(
          [](auto o) { return o.getPtr(); })
      .Default([](Operation *) { return Value(); });
}

// The dimensions by how long their elements run, longest first. Where nothing is known to run, the
// first dimension comes first: so does Triton 3.6, whose kernels lose most of their bandwidth there
// (an H100 copies rows at a tenth of its speed once the inner stride is not known to be 1), and
// what a specialization is worth must come out as it does with Triton.
std::vector<int> orderOf(const AxisInfo &info, const AccessWidth &width) {
  std::vector<int> order(info.rank());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return info.contiguity[a] > info.contiguity[b]; });
  if (info.contiguity[order.front()] > 1) {
    auto first = std::find(order.begin(), order.end(), width.dim);
    std::rotate(order.begin(), first, first + 1);
  }
  return order;
}

// All axes, in one order, so that equal layouts compare equal.
LinearLayout canonical(LinearLayout layout, std::size_t rank) {
  for (const char *input : {"register", "lane", "warp"})
    if (!layout.hasInput(input))
      layout = layout * LinearLayout::zeros(1, input, dimName(0), 1);
  std::vector<std::string> dims;
  for (std::size_t d = 0; d < rank; ++d)
    dims.push_back(dimName(d));
  return layout.withInputOrder({"register", "lane", "warp"}).withOutputOrder(dims);
}

std::vector<std::string> dimsFastestFirst(std::size_t rank) {
  std::vector<std::string> names;
  for (std::size_t d = rank; d-- > 0;)
    names.push_back(dimName(d));
  return names;
}

LinearLayout rebuilt(const LinearLayout &layout, std::vector<Axis> outputs,
                     llvm::function_ref<std::vector<std::int64_t>(std::vector<std::int64_t>)> map) {
  std::vector<LinearLayout::Images> inputs;
  for (const Axis &axis : layout.inputs()) {
    LinearLayout::Images images{axis.name, {}};
    for (int bit = 0; bit < axis.bits(); ++bit)
      images.ofPowers.push_back(map(layout.image(axis.name, bit)));
    inputs.push_back(std::move(images));
  }
  return LinearLayout::make(inputs, std::move(outputs)).value();
}

} // namespace

LinearLayout distribute(llvm::ArrayRef<std::int64_t> shape, std::int64_t perThread,
                        llvm::ArrayRef<int> order, const GpuShape &gpu) {
  const std::size_t rank = shape.size();
  BlockedTile tile{std::vector<std::int64_t>(rank, 1), std::vector<std::int64_t>(rank, 1),
                   std::vector<std::int64_t>(rank, 1),
                   std::vector<int>(order.begin(), order.end())};
  tile.sizePerThread[order[0]] = perThread;
  std::int64_t lanes = gpu.warpSize, warps = gpu.numWarps;
  for (std::size_t i = 0; i < rank; ++i) {
    const int dim = order[i];
    const std::int64_t wanted = std::max<std::int64_t>(1, shape[dim] / tile.sizePerThread[dim]);
    const bool last = i + 1 == rank;
    tile.threadsPerWarp[dim] = last ? lanes : std::min(wanted, lanes);
    lanes /= tile.threadsPerWarp[dim];
    tile.warpsPerBlock[dim] =
        last ? warps : std::clamp<std::int64_t>(wanted / tile.threadsPerWarp[dim], 1, warps);
    warps /= tile.warpsPerBlock[dim];
  }
  LinearLayout layout =
      blockedLayout(std::vector<std::int64_t>(shape.begin(), shape.end()), tile).value();
  return canonical(layout.withoutCopies("register"), rank);
}

LinearLayout distributeForScan(llvm::ArrayRef<std::int64_t> shape, int axis, const GpuShape &gpu) {
  const std::size_t rank = shape.size();
  BlockedTile tile{std::vector<std::int64_t>(rank, 1),
                   std::vector<std::int64_t>(rank, 1),
                   std::vector<std::int64_t>(rank, 1),
                   {axis}};
  for (int d = static_cast<int>(rank) - 1; d >= 0; --d)
    if (d != axis)
      tile.order.push_back(d);
  // Lanes and warps go beside the axis first: what lies along it has to be combined across threads.
  std::int64_t lanes = gpu.warpSize, warps = gpu.numWarps;
  for (int d : llvm::drop_begin(tile.order)) {
    tile.threadsPerWarp[d] = std::min(lanes, shape[d]);
    lanes /= tile.threadsPerWarp[d];
    tile.warpsPerBlock[d] = std::min(warps, shape[d] / tile.threadsPerWarp[d]);
    warps /= tile.warpsPerBlock[d];
  }
  tile.threadsPerWarp[axis] = lanes;
  tile.warpsPerBlock[axis] = warps;
  tile.sizePerThread[axis] = std::max<std::int64_t>(1, shape[axis] / (lanes * warps));
  LinearLayout layout =
      blockedLayout(std::vector<std::int64_t>(shape.begin(), shape.end()), tile).value();
  return canonical(layout.withoutCopies("register"), rank);
}

LinearLayout transposedLayout(const LinearLayout &layout, llvm::ArrayRef<std::int32_t> order) {
  std::vector<Axis> outputs;
  for (auto [to, from] : llvm::enumerate(order))
    outputs.push_back({dimName(to), layout.outputs()[from].size});
  return rebuilt(layout, outputs, [&](std::vector<std::int64_t> at) {
    std::vector<std::int64_t> moved;
    for (std::int32_t from : order)
      moved.push_back(at[from]);
    return moved;
  });
}

LinearLayout untransposedLayout(const LinearLayout &layout, llvm::ArrayRef<std::int32_t> order) {
  llvm::SmallVector<std::int32_t> inverse(order.size());
  for (auto [to, from] : llvm::enumerate(order))
    inverse[from] = static_cast<std::int32_t>(to);
  return transposedLayout(layout, inverse);
}

LinearLayout reshapedLayout(const LinearLayout &layout, llvm::ArrayRef<std::int64_t> shape) {
  std::vector<Axis> outputs;
  for (std::size_t d = shape.size(); d-- > 0;)
    outputs.push_back({dimName(d), shape[d]});
  return canonical(
      layout.withOutputOrder(dimsFastestFirst(layout.outputs().size())).withOutputs(outputs),
      shape.size());
}

LinearLayout insertedDim(const LinearLayout &layout, int dim, std::int64_t size) {
  std::vector<Axis> outputs;
  for (const Axis &axis : layout.outputs())
    outputs.push_back(axis);
  outputs.insert(outputs.begin() + dim, Axis{"", size});
  for (auto [d, axis] : llvm::enumerate(outputs))
    axis.name = dimName(d);
  return rebuilt(layout, outputs, [&](std::vector<std::int64_t> at) {
    at.insert(at.begin() + dim, 0);
    return at;
  });
}

LinearLayout projectedLayout(LinearLayout layout, llvm::ArrayRef<std::int64_t> shape) {
  for (auto [d, size] : llvm::enumerate(shape))
    if (size < layout.outputs()[d].size)
      layout = layout.modulo(dimName(d), size);
  return layout.withoutCopies("register");
}

LinearLayout withRegisterBit(const LinearLayout &layout, int dim, std::int64_t image,
                             std::int64_t size) {
  std::vector<Axis> outputs = layout.outputs();
  outputs[dim].size = size;
  std::vector<LinearLayout::Images> inputs;
  for (const Axis &axis : layout.inputs()) {
    LinearLayout::Images images{axis.name, {}};
    for (int bit = 0; bit < axis.bits(); ++bit)
      images.ofPowers.push_back(layout.image(axis.name, bit));
    if (axis.name == "register") {
      std::vector<std::int64_t> at(outputs.size(), 0);
      at[dim] = image;
      images.ofPowers.push_back(at);
    }
    inputs.push_back(std::move(images));
  }
  return LinearLayout::make(inputs, outputs).value();
}

// ---- assignment ----

LayoutAssignment::LayoutAssignment(tt::FuncOp kernel, const AxisAnalysis &axis, const GpuShape &gpu)
    : kernel(kernel), axis(axis), gpu(gpu) {
  // Accesses of tiles of one shape in one order share their widest vector, so that a value goes
  // from one to the other without a conversion.
  struct Related {
    std::vector<std::int64_t> shape;
    std::vector<int> order;
    std::int64_t widest = 1;
  };
  std::vector<Related> groups;
  std::vector<std::pair<Operation *, std::size_t>> members;
  kernel.walk([&](Operation *op) {
    Value pointer = pointerOf(op);
    if (!pointer || !isTile(pointer))
      return;
    const AccessWidth width = widestAccess(axis, pointer, {gpu.accessBits, true});
    const std::vector<std::int64_t> shape = shapeOf(pointer);
    const std::vector<int> order = orderOf(axis.of(pointer), width);
    std::size_t at = 0;
    while (at < groups.size() && (groups[at].shape != shape || groups[at].order != order))
      ++at;
    if (at == groups.size())
      groups.push_back({shape, order});
    groups[at].widest = std::max(groups[at].widest, width.elements);
    members.emplace_back(op, at);
  });
  for (auto [op, group] : members) {
    const bool own = !isa<tt::LoadOp>(op);
    perThread[op] = own ? widestAccess(axis, pointerOf(op), {gpu.accessBits, true}).elements
                        : groups[group].widest;
  }
  visit(kernel.getBody().front());
}

const LinearLayout *LayoutAssignment::home(Value tile) const {
  auto found = homes.find(tile);
  return found == homes.end() ? nullptr : &found->second;
}

LinearLayout LayoutAssignment::plain(Value tile) const {
  const std::vector<std::int64_t> shape = shapeOf(tile);
  std::vector<int> order(shape.size());
  std::iota(order.rbegin(), order.rend(), 0);
  return distribute(shape, 1, order, gpu);
}

LinearLayout LayoutAssignment::accumulator(llvm::ArrayRef<std::int64_t> shape) const {
  const std::size_t rank = shape.size();
  std::int64_t total = 1;
  for (std::int64_t size : shape)
    total *= size;
  // Squares of elements a thread: each operand that it reads is used in a row of products.
  std::int64_t rows = 1, columns = 1;
  for (std::int64_t each = total / gpu.threads(); each > 1; each /= 2)
    (columns <= rows ? columns : rows) *= 2;
  rows = std::min<std::int64_t>({rows, 4, shape[rank - 2]});
  columns = std::min<std::int64_t>({columns, 4, shape[rank - 1]});
  BlockedTile tile{std::vector<std::int64_t>(rank, 1),
                   std::vector<std::int64_t>(rank, 1),
                   std::vector<std::int64_t>(rank, 1),
                   {}};
  for (int d = static_cast<int>(rank) - 1; d >= 0; --d)
    tile.order.push_back(d);
  tile.sizePerThread[rank - 2] = rows;
  tile.sizePerThread[rank - 1] = columns;
  std::int64_t across = std::min<std::int64_t>(8, shape[rank - 1] / columns);
  tile.threadsPerWarp[rank - 1] = across;
  tile.threadsPerWarp[rank - 2] = gpu.warpSize / across;
  tile.warpsPerBlock[rank - 2] = gpu.numWarps;
  LinearLayout layout =
      blockedLayout(std::vector<std::int64_t>(shape.begin(), shape.end()), tile).value();
  return canonical(layout.withoutCopies("register"), rank);
}

LinearLayout LayoutAssignment::coalesced(Operation *op, Value pointer) const {
  const std::vector<std::int64_t> shape = shapeOf(pointer);
  const AccessWidth width = widestAccess(axis, pointer, {gpu.accessBits, true});
  const std::vector<int> order = orderOf(axis.of(pointer), width);
  std::int64_t total = 1;
  for (std::int64_t size : shape)
    total *= size;
  const std::int64_t each = std::min(
      {perThread.lookup(op), std::max<std::int64_t>(1, total / gpu.threads()), shape[order[0]]});
  return distribute(shape, each, order, gpu);
}

bool LayoutAssignment::suits(const LinearLayout &layout, const LinearLayout &wanted,
                             Value pointer) const {
  if (layout == wanted)
    return true;
  const AccessWidth width = widestAccess(axis, pointer, {gpu.accessBits, true});
  const std::string dim = dimName(static_cast<std::size_t>(width.dim));
  const std::int64_t vector = wanted.consecutive("register", dim);
  if (layout.consecutive("register", dim) < std::min(vector, width.elements))
    return false;
  // Few elements, or no more copies than there have to be.
  if (layout.inputSize("register") > 4 * wanted.inputSize("register"))
    return false;
  // Up to a memory sector, what follows the vector has to be in the next lane or in this one.
  const std::int64_t sector = 32 / elementBytes(pointer);
  return layout.consecutive("register", dim) <= std::max(sector, width.elements);
}

void LayoutAssignment::setAll(Value value, const std::optional<LinearLayout> &layout) {
  if (layout && isTile(value))
    homes[value] = *layout;
}

std::optional<LinearLayout> LayoutAssignment::homeOf(Value value) const {
  const LinearLayout *layout = home(value);
  return layout ? std::optional(*layout) : std::nullopt;
}

// The layout of the first memory operation on tiles of this shape that a value reaches.
std::optional<LinearLayout> LayoutAssignment::demanded(Value value) const {
  llvm::SmallVector<Value> queue{value};
  llvm::SmallPtrSet<Operation *, 16> seen;
  while (!queue.empty()) {
    Value each = queue.pop_back_val();
    for (Operation *user : each.getUsers()) {
      if (!seen.insert(user).second)
        continue;
      if (Value pointer = pointerOf(user);
          pointer && isTile(pointer) && shapeOf(pointer) == shapeOf(value))
        return coalesced(user, pointer);
      for (Value result : user->getResults())
        if (isTile(result) && shapeOf(result) == shapeOf(value))
          queue.push_back(result);
    }
  }
  return std::nullopt;
}

void LayoutAssignment::visit(Block &block) {
  for (Operation &op : block)
    visit(&op);
}

void LayoutAssignment::visitLoop(scf::ForOp loop) {
  auto args = loop.getRegionIterArgs();
  auto yields = loop.getBody()->getTerminator()->getOperands();
  for (auto [init, arg] : llvm::zip(loop.getInitArgs(), args))
    setAll(arg, homeOf(init));
  visit(*loop.getBody());
  for (auto [arg, yielded] : llvm::zip(args, yields))
    if (isTile(arg) && !home(arg)) {
      auto layout = homeOf(yielded);
      if (!layout)
        layout = demanded(arg);
      homes[arg] = layout ? *layout : plain(arg);
    }
  visit(*loop.getBody());
  for (auto [arg, result] : llvm::zip(args, loop.getResults()))
    setAll(result, homeOf(arg));
}

void LayoutAssignment::visitWhile(scf::WhileOp loop) {
  Block &before = loop.getBefore().front(), &after = loop.getAfter().front();
  auto passed = loop.getConditionOp().getArgs();
  for (auto [init, arg] : llvm::zip(loop.getInits(), before.getArguments()))
    if (isTile(arg)) {
      auto layout = homeOf(init);
      if (!layout)
        layout = demanded(arg);
      homes[arg] = layout ? *layout : plain(arg);
    }
  visit(before);
  for (auto [value, arg, result] : llvm::zip(passed, after.getArguments(), loop.getResults()))
    if (isTile(arg)) {
      auto layout = homeOf(value);
      homes[arg] = layout ? *layout : plain(arg);
      homes[result] = homes[arg];
    }
  visit(after);
}

void LayoutAssignment::visitIf(scf::IfOp branch) {
  visit(branch.getThenRegion().front());
  if (!branch.getElseRegion().empty())
    visit(branch.getElseRegion().front());
  for (OpResult result : branch.getResults()) {
    if (!isTile(result))
      continue;
    auto layout = homeOf(branch.thenYield().getOperand(result.getResultNumber()));
    if (!layout)
      layout = homeOf(branch.elseYield().getOperand(result.getResultNumber()));
    if (!layout)
      layout = demanded(result);
    homes[result] = layout ? *layout : plain(result);
  }
}

void LayoutAssignment::visitStore(Operation *op, Value pointer, Value value) {
  LinearLayout layout = coalesced(op, pointer);
  for (Value operand : {value, pointer})
    if (auto there = homeOf(operand); there && suits(*there, layout, pointer)) {
      accesses[op] = *there;
      return;
    }
  accesses[op] = layout;
}

void LayoutAssignment::visit(Operation *op) {
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](scf::ForOp o) { visitLoop(o); })
      .Case([&](scf::WhileOp o) { visitWhile(o); })
      .Case([&](scf::IfOp o) { visitIf(o); })
      .Case([&](tt::StoreOp o) {
        if (isTile(o.getPtr()))
          visitStore(o, o.getPtr(), o.getValue());
      })
      .Case([&](tt::LoadOp o) {
        if (!isTile(o.getPtr()))
          return;
        auto there = homeOf(o.getPtr());
        const bool narrow = widestAccess(axis, o.getPtr(), {gpu.accessBits, true}).elements == 1;
        accesses[op] = there && narrow ? *there : coalesced(op, o.getPtr());
        homes[o.getResult()] = accesses[op];
      })
      .Case<tt::AtomicRMWOp, tt::AtomicCASOp>([&](auto o) {
        if (!isTile(o.getPtr()))
          return;
        auto there = homeOf(o.getVal());
        if (!there)
          there = homeOf(o.getPtr());
        accesses[op] = there ? *there : coalesced(op, o.getPtr());
        homes[o.getResult()] = accesses[op];
      })
      .Case([&](tt::ReduceOp o) {
        auto source = homeOf(o.getSrcs()[0]);
        for (Value each : llvm::drop_begin(o.getSrcs()))
          if (!source)
            source = homeOf(each);
        accesses[op] = source ? *source : plain(o.getSrcs()[0]);
        for (Value result : o.getResults())
          setAll(result, slicedLayout(accesses[op], static_cast<int>(o.getAxis())));
      })
      .Case([&](tt::ScanOp o) {
        accesses[op] =
            distributeForScan(shapeOf(o.getSrcs()[0]), static_cast<int>(o.getAxis()), gpu);
        for (Value result : o.getResults())
          homes[result] = accesses[op];
      })
      .Case([&](tt::DotOp o) {
        accesses[op] = accumulator(shapeOf(o.getD()));
        homes[o.getD()] = accesses[op];
      })
      .Default([&](Operation *o) {
        if (auto layout = homeOfResult(o))
          for (Value result : o->getResults())
            setAll(result, layout);
      });
}

std::optional<LinearLayout> LayoutAssignment::homeOfResult(Operation *op) const {
  auto source = [&](unsigned operand = 0) { return homeOf(op->getOperand(operand)); };
  return llvm::TypeSwitch<Operation *, std::optional<LinearLayout>>(op)
      .Case<tt::SplatOp, tt::BroadcastOp, tt::MakeRangeOp, arith::ConstantOp>(
          [](auto) { return std::nullopt; })
      .Case([&](tt::ExpandDimsOp o) {
        auto layout = source();
        return layout ? std::optional(insertedDim(*layout, static_cast<int>(o.getAxis())))
                      : std::nullopt;
      })
      .Case([&](tt::TransOp o) {
        auto layout = source();
        return layout ? std::optional(transposedLayout(*layout, o.getOrder())) : std::nullopt;
      })
      .Case([&](tt::ReshapeOp o) {
        auto layout = source();
        return layout ? std::optional(reshapedLayout(*layout, shapeOf(o.getResult())))
                      : std::nullopt;
      })
      .Case([&](tt::JoinOp o) -> std::optional<LinearLayout> {
        auto layout = source() ? source() : source(1);
        if (!layout)
          return std::nullopt;
        const int last = static_cast<int>(layout->outputs().size());
        return withRegisterBit(insertedDim(*layout, last), last, 1, 2);
      })
      .Case([&](tt::CatOp o) -> std::optional<LinearLayout> {
        auto layout = source() ? source() : source(1);
        const std::int64_t size = shapeOf(o.getLhs())[0];
        return layout ? std::optional(withRegisterBit(*layout, 0, size, 2 * size)) : std::nullopt;
      })
      .Case([&](tt::SplitOp o) -> std::optional<LinearLayout> {
        auto layout = source();
        return layout ? std::optional(
                            slicedLayout(*layout, static_cast<int>(layout->outputs().size()) - 1))
                      : std::nullopt;
      })
      .Case([&](tt::GatherOp o) {
        auto layout = homeOf(o.getIndices());
        return layout ? layout : std::optional(plain(o.getResult()));
      })
      .Case([&](tt::HistogramOp o) { return std::optional(plain(o.getResult())); })
      .Default([&](Operation *o) -> std::optional<LinearLayout> {
        for (Value operand : o->getOperands())
          if (auto layout = homeOf(operand))
            return layout;
        // What has an effect happens once, in one layout.
        if (o->getNumResults() && isTile(o->getResult(0)) && !isMemoryEffectFree(o))
          return plain(o->getResult(0));
        return std::nullopt;
      });
}

std::string LayoutAssignment::text() const {
  std::string file;
  if (auto places = placesOf(kernel->getLoc()); !places.empty())
    file = places.front().file;
  std::string text;
  kernel->walk([&](Operation *op) {
    auto found = accesses.find(op);
    if (found == accesses.end())
      return;
    std::string where = "unknown line";
    if (auto place = placeIn(op->getLoc(), file))
      where = fmt::format("{}:{}:{}", place->file, place->range.line, place->range.column);
    text += fmt::format("{}: {}\n  {}\n", where, op->getName().getStringRef().str(),
                        found->second.toString());
  });
  return text;
}

} // namespace lapidary
