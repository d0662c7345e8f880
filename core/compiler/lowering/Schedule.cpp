#include "core/compiler/lowering/Schedule.h"

#include "core/compiler/lowering/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/TypeSwitch.h"

#include <algorithm>
#include <set>

namespace lapidary {

using namespace mlir;

namespace {

constexpr int keepForGroups = 10; // a tile this costly is not computed in two groups
constexpr int keepForLoops = 8;   // nor again and again in a loop around its use
constexpr int mostCost = 10000;

bool isTile(Value value) {
  return isa<RankedTensorType>(value.getType());
}

bool hasTiles(Operation *op) {
  return llvm::any_of(op->getOperands(), isTile) || llvm::any_of(op->getResults(), isTile);
}

bool isRoot(Operation *op) {
  if (auto store = dyn_cast<tt::StoreOp>(op))
    return isTile(store.getPtr());
  return isa<tt::ReduceOp>(op);
}

int ownCost(Operation *op, const AxisAnalysis &axis) {
  return llvm::TypeSwitch<Operation *, int>(op)
      .Case([&](tt::LoadOp load) {
        const AxisInfo info = axis.of(load.getPtr());
        const bool wide = llvm::any_of(info.contiguity, [](auto c) { return c >= 4; }) ||
                          llvm::any_of(info.constancy, [](auto c) { return c >= 4; });
        return wide ? 2 : 16;
      })
      .Case<arith::ConstantOp, tt::SplatOp, tt::MakeRangeOp, tt::BroadcastOp, tt::ExpandDimsOp,
            tt::TransOp, tt::SplitOp, tt::BitcastOp, arith::BitcastOp>([](auto) { return 0; })
      .Case<arith::DivFOp, tt::PreciseDivFOp>([](auto) { return 4; })
      .Case<math::SqrtOp, math::RsqrtOp, tt::PreciseSqrtOp>([](auto) { return 6; })
      .Case<arith::DivSIOp, arith::DivUIOp, arith::RemSIOp, arith::RemUIOp>([](auto) { return 10; })
      .Case<math::AbsFOp, math::AbsIOp, math::FloorOp, math::CeilOp, math::FmaOp, math::RoundEvenOp,
            math::TruncOp>([](auto) { return 1; })
      .Case<tt::ReshapeOp>([](auto) { return 2; })
      .Case<tt::GatherOp, tt::FpToFpOp>([](auto) { return 8; })
      .Case<math::PowFOp, tt::ExternElementwiseOp, arith::RemFOp>([](auto) { return 60; })
      .Default([](Operation *o) { return isa<math::MathDialect>(o->getDialect()) ? 16 : 1; });
}

} // namespace

bool isExpression(Operation *op) {
  if (op->getNumResults() == 0 || !llvm::all_of(op->getResults(), isTile) ||
      op->getNumRegions() != 0)
    return false;
  if (isa<tt::LoadOp, arith::ConstantOp, tt::MakeRangeOp, tt::GatherOp>(op) || movesElements(op))
    return true;
  return op->hasTrait<OpTrait::Elementwise>() && isMemoryEffectFree(op);
}

bool mayWrite(Operation *op) {
  if (op->hasTrait<OpTrait::HasRecursiveMemoryEffects>() || op->getNumRegions() != 0) {
    for (Region &region : op->getRegions())
      for (Operation &nested : region.getOps())
        if (mayWrite(&nested))
          return true;
    return false;
  }
  if (auto effects = dyn_cast<MemoryEffectOpInterface>(op))
    return effects.hasEffect<MemoryEffects::Write>();
  return !isPure(op);
}

bool mayRead(Operation *op) {
  if (op->hasTrait<OpTrait::HasRecursiveMemoryEffects>() || op->getNumRegions() != 0) {
    for (Region &region : op->getRegions())
      for (Operation &nested : region.getOps())
        if (mayRead(&nested))
          return true;
    return false;
  }
  if (auto effects = dyn_cast<MemoryEffectOpInterface>(op))
    return effects.hasEffect<MemoryEffects::Read>();
  return !isPure(op);
}

Value basePointer(Value pointer) {
  while (Operation *op = pointer.getDefiningOp()) {
    if (!isa<tt::AddPtrOp, tt::BitcastOp>(op) && !movesElements(op))
      return {};
    pointer = op->getOperand(0);
  }
  auto argument = dyn_cast<BlockArgument>(pointer);
  return argument && isa<tt::FuncOp>(argument.getOwner()->getParentOp()) ? pointer : Value();
}

int Scheduler::cost(Value tile) {
  if (!isTile(tile))
    return 0;
  if (isKept(tile))
    return 1;
  if (auto found = costs.find(tile); found != costs.end())
    return found->second;
  Operation *op = tile.getDefiningOp();
  if (!op || !isExpression(op))
    return 1;
  int sum = ownCost(op, axis);
  for (Value operand : op->getOperands())
    sum = std::min(mostCost, sum + cost(operand));
  return costs[tile] = sum;
}

namespace {

// One block's scheduling. Positions order its steps: step i has 2i, fills put before it 2i - 1.
class BlockScheduler {
public:
  BlockScheduler(Scheduler &scheduler, const AxisAnalysis &axis, Block &block)
      : scheduler(scheduler), axis(axis), block(block) {
    int next = 0;
    for (Operation &op : block)
      order[&op] = next++;
  }

  std::vector<Step> run() {
    formGroups();
    for (Operation &op : llvm::reverse(block))
      if (isExpression(&op))
        for (Value tile : op.getResults())
          decide(&op, tile);
      else
        for (Value tile : op.getResults())
          if (isTile(tile))
            scheduler.keep(tile);
    return assemble();
  }

private:
  // ---- the expressions behind a value ----

  // Calls visit(op) for every expression that computing `value` evaluates, once each.
  void walkSlice(Value value, llvm::function_ref<void(Operation *)> visit,
                 llvm::function_ref<void(Value)> leaf) {
    llvm::SmallVector<Value> stack{value};
    llvm::DenseSet<Operation *> seen;
    while (!stack.empty()) {
      Value each = stack.pop_back_val();
      Operation *op = each.getDefiningOp();
      if (!op || !isExpression(op) || scheduler.isKept(each)) {
        leaf(each);
        continue;
      }
      if (!seen.insert(op).second)
        continue;
      visit(op);
      llvm::append_range(stack, op->getOperands());
    }
  }

  llvm::SmallVector<tt::LoadOp> loadsOf(ValueRange values) {
    llvm::SmallVector<tt::LoadOp> loads;
    for (Value value : values)
      walkSlice(
          value,
          [&](Operation *op) {
            if (auto load = dyn_cast<tt::LoadOp>(op))
              loads.push_back(load);
          },
          [](Value) {});
    return loads;
  }

  bool dependsOn(ValueRange values, const Group &group) {
    bool found = false;
    for (Value value : values)
      walkSlice(
          value, [](Operation *) {},
          [&](Value leaf) {
            for (const Root &root : group.roots)
              found |= root.op && leaf.getDefiningOp() == root.op;
          });
    return found;
  }

  // ---- groups of stores and reductions ----

  void formGroups() {
    for (Operation &op : block) {
      if (isExpression(&op)) {
        if (open && isa<tt::LoadOp>(op) && dependsOn(op.getOperands(), *open))
          closedForWrites = true;
        continue;
      }
      if (isRoot(&op)) {
        addRoot(&op);
        continue;
      }
      const bool isScalar =
          !hasTiles(&op) && op.getNumRegions() == 0 && !op.hasTrait<OpTrait::IsTerminator>();
      const bool ordered = mayWrite(&op) || (mayRead(&op) && openWrites());
      if (!isScalar || ordered || (open && dependsOn(op.getOperands(), *open)))
        flush();
      position[&op] = 2 * static_cast<int>(steps.size());
      if (mayWrite(&op))
        writes.push_back(&op);
      steps.push_back({&op, {}});
    }
    flush();
  }

  bool openWrites() {
    return open &&
           llvm::any_of(open->roots, [](const Root &r) { return r.kind == Root::Kind::Store; });
  }

  static llvm::SmallVector<std::int64_t, 4> spaceOf(Operation *op) {
    return shapeOf(op->getOperand(0).getType());
  }

  static int axisOf(Operation *op) {
    auto reduce = dyn_cast<tt::ReduceOp>(op);
    return reduce ? static_cast<int>(reduce.getAxis()) : -1;
  }

  bool sameBase(Value a, Value b) {
    Value left = basePointer(a), right = basePointer(b);
    return !left || !right || left == right;
  }

  bool mayJoin(Operation *op) {
    if (open->shape != spaceOf(op) || dependsOn(op->getOperands(), *open))
      return false;
    const int at = axisOf(op);
    if (at >= 0 && open->reduceAxis >= 0 && at != open->reduceAxis)
      return false;
    for (tt::LoadOp load : loadsOf(op->getOperands()))
      for (const Root &root : open->roots)
        if (root.kind == Root::Kind::Store && isLater(load, root.op))
          return false; // the load must see the store's whole tile
    auto store = dyn_cast<tt::StoreOp>(op);
    if (!store)
      return true;
    if (closedForWrites)
      return false;
    for (const Root &root : open->roots) {
      if (auto other = dyn_cast_or_null<tt::StoreOp>(root.op))
        if (other.getPtr() != store.getPtr() && sameBase(other.getPtr(), store.getPtr()))
          return false;
      for (tt::LoadOp load : loadsOf(root.op->getOperands()))
        if (load.getPtr() != store.getPtr() && sameBase(load.getPtr(), store.getPtr()))
          return false;
    }
    return true;
  }

  bool isLater(Operation *a, Operation *b) {
    return a->getBlock() == &block && b->getBlock() == &block && order[a] > order[b];
  }

  void addRoot(Operation *op) {
    if (open && !mayJoin(op))
      flush();
    if (!open) {
      open.emplace();
      open->shape = spaceOf(op);
      closedForWrites = false;
    }
    const bool isStore = isa<tt::StoreOp>(op);
    open->roots.push_back({isStore ? Root::Kind::Store : Root::Kind::Reduce, op, {}});
    open->reduceAxis = std::max(open->reduceAxis, axisOf(op));
    if (isStore)
      writes.push_back(op);
  }

  void flush() {
    if (!open)
      return;
    for (const Root &root : open->roots)
      position[root.op] = 2 * static_cast<int>(steps.size());
    steps.push_back({nullptr, std::move(*open)});
    open.reset();
  }

  // ---- what to keep in buffers ----

  // Where `tile` is needed, and whether inside a nested region or another block.
  struct Needs {
    std::set<int> at;
    bool crosses = false, broadcasts = false, whole = false;
  };

  Needs needsOf(Value tile) {
    Needs needs;
    for (OpOperand &use : tile.getUses()) {
      Operation *user = use.getOwner();
      Operation *here = block.findAncestorOpInBlock(*user);
      if (!here || here != user) {
        needs.crosses = true;
        needs.at.insert(here ? position[here] : 2 * static_cast<int>(steps.size()) - 2);
        continue;
      }
      if (!isExpression(user)) {
        needs.at.insert(position[user]);
        continue;
      }
      auto found = expressionNeeds.find(user);
      if (found == expressionNeeds.end() || found->second.at.empty())
        continue; // computed for nobody
      needs.at.insert(found->second.at.begin(), found->second.at.end());
      needs.crosses |= found->second.crosses;
      const auto from = shapeOf(tile.getType()), to = shapeOf(user->getResult(0).getType());
      if (isa<tt::BroadcastOp>(user))
        needs.broadcasts = true;
      // A dimension put in keeps the elements; the broadcast after it repeats them.
      if (isa<tt::ExpandDimsOp>(user))
        needs.broadcasts |= found->second.broadcasts;
      if (isa<tt::GatherOp>(user) && use.getOperandNumber() == 0)
        needs.whole = true;
      if (isa<tt::ReshapeOp>(user) && from.back() != to.back() && scheduler.cost(tile) >= 4)
        needs.whole = true;
    }
    return needs;
  }

  void decide(Operation *op, Value tile) {
    Needs needs = needsOf(tile);
    Needs &recorded = expressionNeeds[op];
    if (needs.at.empty())
      return;
    const int cost = scheduler.cost(tile);
    const auto loads = loadsOf(tile);
    const bool again = needs.at.size() > 1 && cost >= keepForGroups;
    const bool inLoop = needs.crosses && (cost >= keepForLoops || !loads.empty());
    const bool repeated = needs.broadcasts && cost >= keepForGroups;
    int where = *needs.at.begin();
    bool forced = false;
    if (auto load = dyn_cast<tt::LoadOp>(op)) {
      if (std::optional<int> before = overtakenWrite(load, needs)) {
        forced = true;
        where = std::min(where, *before);
      }
      forced |= load.getIsVolatile() && needs.at.size() > 1;
    }
    if (forced || again || inLoop || repeated || needs.whole) {
      scheduler.keep(tile);
      const bool ownLoop = repeated || needs.whole || !canFillIn(where, tile);
      const int at = ownLoop && where % 2 == 0 ? where - 1 : where;
      fills[at].push_back(tile);
      needs = {};
      needs.at.insert(at);
    }
    recorded.at.insert(needs.at.begin(), needs.at.end());
    recorded.crosses |= needs.crosses;
    recorded.broadcasts |= needs.broadcasts;
  }

  // A write between the load and a place that needs it: the position by which the load must be
  // done.
  std::optional<int> overtakenWrite(tt::LoadOp load, const Needs &needs) {
    for (Operation *write : writes) {
      if (order[write] < order[load])
        continue;
      const int at = position[write], first = *needs.at.begin();
      auto store = dyn_cast<tt::StoreOp>(write);
      // In the write's own loop, the two must access the same element each time around.
      const bool apart =
          store && store.getPtr() != load.getPtr() && sameBase(store.getPtr(), load.getPtr());
      if (needs.at.contains(at) && apart)
        return std::min(first, at - 1);
      if (*needs.at.rbegin() > at)
        return first < at || (first == at && !apart) ? first : at - 1;
    }
    return std::nullopt;
  }

  bool canFillIn(int where, Value tile) {
    return where % 2 == 0 && !steps[where / 2].op &&
           steps[where / 2].group.shape == shapeOf(tile.getType());
  }

  std::vector<Step> assemble() {
    std::vector<Step> result;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const int at = 2 * static_cast<int>(i);
      appendFills(result, at - 1);
      if (auto inside = fills.find(at); inside != fills.end() && !steps[i].op) {
        sortByOrder(inside->second);
        std::vector<Root> &roots = steps[i].group.roots;
        std::vector<Root> front;
        for (Value tile : inside->second)
          front.push_back({Root::Kind::Fill, nullptr, tile});
        roots.insert(roots.begin(), front.begin(), front.end());
      }
      result.push_back(std::move(steps[i]));
    }
    return result;
  }

  void sortByOrder(std::vector<Value> &tiles) {
    std::sort(tiles.begin(), tiles.end(), [&](Value a, Value b) {
      return order[a.getDefiningOp()] < order[b.getDefiningOp()];
    });
  }

  // Fills of the same shape that do not read each other share a loop.
  void appendFills(std::vector<Step> &result, int at) {
    auto found = fills.find(at);
    if (found == fills.end())
      return;
    sortByOrder(found->second);
    for (Value tile : found->second) {
      Step step;
      step.group.shape = shapeOf(tile.getType());
      step.group.roots.push_back({Root::Kind::Fill, nullptr, tile});
      result.push_back(std::move(step));
    }
  }

  Scheduler &scheduler;
  const AxisAnalysis &axis;
  Block &block;
  llvm::DenseMap<Operation *, int> order, position;
  std::vector<Step> steps;
  std::optional<Group> open;
  bool closedForWrites = false;
  std::vector<Operation *> writes;
  llvm::DenseMap<Operation *, Needs> expressionNeeds;
  std::map<int, std::vector<Value>> fills;
};

} // namespace

std::vector<Step> Scheduler::schedule(Block &block) {
  return BlockScheduler(*this, axis, block).run();
}

} // namespace lapidary
