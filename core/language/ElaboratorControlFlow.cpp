// Branches and loops.
//
// A loop carries every runtime value that its body assigns and that existed before; what turns out
// not to change is dropped by canonicalisation. Names that one path only assigns hold nothing
// afterwards.
#include "core/language/Elaborator.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"

#include <fmt/format.h>
#include <set>

namespace lapidary::language {
namespace {

void collectTargets(const ast::Expr &target, std::set<std::string> &names) {
  if (const ast::Name *name = target.as<ast::Name>())
    names.insert(name->id);
  else if (const ast::Tuple *tuple = target.as<ast::Tuple>())
    for (const ast::ExprPtr &item : tuple->items)
      collectTargets(*item, names);
  else if (const ast::List *list = target.as<ast::List>())
    for (const ast::ExprPtr &item : list->items)
      collectTargets(*item, names);
}

// Every name that some statement of the block assigns.
void collectAssigned(const ast::Block &block, std::set<std::string> &names) {
  for (const ast::StmtPtr &statement : block) {
    if (auto *node = statement->as<ast::Assign>())
      for (const ast::ExprPtr &target : node->targets)
        collectTargets(*target, names);
    else if (auto *annotated = statement->as<ast::AnnotatedAssign>())
      collectTargets(*annotated->target, names);
    else if (auto *augmented = statement->as<ast::AugmentedAssign>())
      collectTargets(*augmented->target, names);
    else if (auto *branch = statement->as<ast::If>()) {
      collectAssigned(branch->body, names);
      collectAssigned(branch->otherwise, names);
    } else if (auto *loop = statement->as<ast::For>()) {
      collectTargets(*loop->target, names);
      collectAssigned(loop->body, names);
    } else if (auto *whileLoop = statement->as<ast::While>())
      collectAssigned(whileLoop->body, names);
  }
}

bool containsReturn(const ast::Block &block) {
  for (const ast::StmtPtr &statement : block) {
    if (statement->as<ast::Return>())
      return true;
    if (auto *branch = statement->as<ast::If>())
      if (containsReturn(branch->body) || containsReturn(branch->otherwise))
        return true;
  }
  return false;
}

std::vector<mlir::Value> handles(const std::vector<Tensor> &tensors) {
  std::vector<mlir::Value> values;
  for (const Tensor &tensor : tensors)
    values.push_back(tensor.handle);
  return values;
}

std::vector<Tensor> tensorsOf(const Object &object) {
  std::vector<Tensor> tensors;
  flatten(object, tensors);
  return tensors;
}

// A value's name in the printed IR is that of the variable it ends up in.
void nameLocation(mlir::Value value, const std::string &name) {
  mlir::Location location = value.getLoc();
  value.setLoc(mlir::NameLoc::get(mlir::StringAttr::get(value.getContext(), name), location));
}

} // namespace

// ---- if ----

Tensor Elaborator::scalarCondition(Tensor condition) {
  if (!condition)
    return {};
  if (condition.type.form != Type::Form::Value ||
      (condition.type.isTile() && condition.type.elementCount() != 1)) {
    fail(fmt::format("a condition must be a scalar, got {}", text(condition.type)),
         {"use tl.where to choose element by element"});
    return {};
  }
  return semantics.toBool(semantics.unsplat(condition));
}

bool Elaborator::ifStatement(const ast::If &node, const Continuation &rest) {
  Object test = evaluate(*node.test);
  bool returns = containsReturn(node.body) || containsReturn(node.otherwise);
  if (!test.isValid()) {
    // Neither arm is known to run: what they assign is not known either.
    std::set<std::string> names;
    collectAssigned(node.body, names);
    collectAssigned(node.otherwise, names);
    for (const std::string &name : names)
      scope().set(name, Object());
    return false;
  }
  if (std::optional<bool> truth = constantTruth(test)) {
    const ast::Block &arm = *truth ? node.body : node.otherwise;
    if (returns && frame().loopDepth == 0) {
      run(arm, 0, &rest);
      return true;
    }
    runBody(arm);
    return false;
  }
  Tensor condition = scalarCondition(*test.tensor());
  if (!condition)
    return false;
  if (!returns) {
    runtimeIf(node, condition);
    return false;
  }
  if (frame().loopDepth > 0) {
    unsupported("'return' cannot stand inside a loop", "syn:return inside a loop");
    return false;
  }
  returningIf(node, condition, rest);
  return true;
}

mlir::Operation *Elaborator::makeIf(Tensor condition, mlir::Region &then, mlir::Region &otherwise,
                                    const std::vector<Tensor> &thenValues,
                                    const std::vector<Tensor> &elseValues) {
  std::vector<mlir::Type> types;
  for (const Tensor &value : thenValues)
    types.push_back(value.handle.getType());
  mlir::Location location = site.location();
  auto op = mlir::scf::IfOp::create(builder, location, types, condition.handle,
                                    /*withElseRegion=*/true);
  op.getThenRegion().takeBody(then);
  op.getElseRegion().takeBody(otherwise);
  mlir::OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(&op.getThenRegion().back());
  mlir::scf::YieldOp::create(builder, location, handles(thenValues));
  builder.setInsertionPointToEnd(&op.getElseRegion().back());
  mlir::scf::YieldOp::create(builder, location, handles(elseValues));
  return op;
}

void Elaborator::runtimeIf(const ast::If &node, Tensor condition) {
  Scope before = scope();
  mlir::Region thenRegion, elseRegion;
  mlir::OpBuilder::InsertPoint after = builder.saveInsertionPoint();
  builder.createBlock(&thenRegion);
  runBody(node.body);
  Scope then = std::move(scope());
  scope() = before;
  builder.createBlock(&elseRegion);
  runBody(node.otherwise);
  Scope otherwise = std::move(scope());
  scope() = std::move(before);
  builder.restoreInsertionPoint(after);
  merge(scope(), then, otherwise, thenRegion, elseRegion, condition);
}

void Elaborator::merge(Scope &into, const Scope &then, const Scope &otherwise,
                       mlir::Region &thenRegion, mlir::Region &elseRegion, Tensor condition) {
  struct Merged {
    std::string name;
    Object then, otherwise;
  };
  std::vector<Merged> merged;
  auto consider = [&](const std::string &name, const Object *original) {
    const Object *a = then.find(name), *b = otherwise.find(name);
    if (original && sameObject(*a, *original) && sameObject(*b, *original))
      return;
    if (a && b && sameObject(*a, *b)) {
      into.set(name, *a);
      return;
    }
    bool gone = (a && !a->isValid()) || (b && !b->isValid());
    if (gone) {
      into.set(name, Object());
      return;
    }
    if (!a || !b || a->as<Unset>() || b->as<Unset>()) {
      into.set(name, Object(Unset{"it is assigned on one side of an 'if' only"}));
      return;
    }
    if (sameStructure(*a, *b)) {
      merged.push_back({name, *a, *b});
      return;
    }
    bool runtime = !tensorsOf(*a).empty() && !tensorsOf(*b).empty();
    if (runtime) {
      hintAgreement(*a, *b);
      site.error(fmt::format("{} has another type on each side of this 'if'", name),
                 {fmt::format("{} is {} on one side", name, describe(*a)),
                  fmt::format("{} is {} on the other", name, describe(*b))});
      into.set(name, Object());
    } else {
      into.set(name, Object(Unset{
                         fmt::format("it is {} on one side of a runtime 'if' and {} on the other",
                                     describe(*a), describe(*b))}));
    }
  };
  std::vector<std::string> known;
  for (const Scope::Entry &entry : into.all())
    known.push_back(entry.name);
  for (const std::string &name : known)
    consider(name, into.find(name));
  std::set<std::string> fresh;
  for (const Scope *side : {&then, &otherwise})
    for (const Scope::Entry &entry : side->all())
      if (!into.find(entry.name))
        fresh.insert(entry.name);
  for (const std::string &name : fresh)
    consider(name, nullptr);

  std::vector<Tensor> thenValues, elseValues;
  for (const Merged &one : merged) {
    std::size_t start = thenValues.size();
    flatten(one.then, thenValues);
    flatten(one.otherwise, elseValues);
    for (std::size_t i = start; i < thenValues.size(); ++i)
      if (thenValues[i].handle.getDefiningOp())
        nameLocation(thenValues[i].handle, one.name);
  }
  mlir::Operation *op = makeIf(condition, thenRegion, elseRegion, thenValues, elseValues);
  std::size_t next = 0;
  for (const Merged &one : merged)
    into.set(one.name, rebuild(one.then, op->getResults(), next));
}

// Both arms run to the end of the function, so the values that each returns meet here.
void Elaborator::returningIf(const ast::If &node, Tensor condition, const Continuation &rest) {
  Scope before = scope();
  mlir::Region regions[2];
  Object results[2];
  bool returned[2];
  mlir::OpBuilder::InsertPoint after = builder.saveInsertionPoint();
  const ast::Block *arms[2] = {&node.body, &node.otherwise};
  for (int arm : {0, 1}) {
    builder.createBlock(&regions[arm]);
    scope() = before;
    frame().result = Object::none();
    frame().returned = false;
    run(*arms[arm], 0, &rest);
    results[arm] = frame().result;
    returned[arm] = frame().returned;
  }
  builder.restoreInsertionPoint(after);
  frame().returned = true;
  frame().result = Object();
  if (!results[0].isValid() || !results[1].isValid())
    return;
  // An arm that ends without a value where the other has one returns nothing that may be used.
  for (int arm : {0, 1})
    if (!returned[arm] && results[arm].isNone() && !results[1 - arm].isNone()) {
      mlir::OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToEnd(&regions[arm].back());
      std::vector<Tensor> values = tensorsOf(results[1 - arm]);
      std::vector<mlir::Value> poison;
      for (const Tensor &value : values)
        poison.push_back(
            mlir::ub::PoisonOp::create(builder, site.location(), value.handle.getType()));
      std::size_t next = 0;
      results[arm] = rebuild(results[1 - arm], poison, next);
    }
  if (!sameStructure(results[0], results[1])) {
    hintAgreement(results[0], results[1]);
    site.error("the values returned on both sides of this 'if' differ in type",
               {fmt::format("one side returns {}", describe(results[0])),
                fmt::format("the other returns {}", describe(results[1]))});
    return;
  }
  mlir::Operation *op =
      makeIf(condition, regions[0], regions[1], tensorsOf(results[0]), tensorsOf(results[1]));
  std::size_t next = 0;
  frame().result = rebuild(results[0], op->getResults(), next);
}

// ---- loops ----

Elaborator::Carried Elaborator::carried(const ast::Block &body, const std::string &except) {
  std::set<std::string> assigned;
  collectAssigned(body, assigned);
  Carried result;
  for (const Scope::Entry &entry : scope().all()) {
    if (entry.name == except || !assigned.contains(entry.name))
      continue;
    std::vector<Tensor> tensors = tensorsOf(entry.value);
    if (tensors.empty())
      continue;
    result.names.push_back(entry.name);
    result.initial.push_back(entry.value);
    for (const Tensor &tensor : tensors)
      result.values.push_back(tensor.handle);
  }
  return result;
}

// Inside the body the carried names hold the block's arguments.
void Elaborator::enterBody(const Carried &carried, mlir::ValueRange values) {
  std::size_t next = 0;
  for (std::size_t i = 0; i < carried.names.size(); ++i) {
    std::size_t first = next;
    scope().set(carried.names[i], rebuild(carried.initial[i], values, next));
    for (std::size_t v = first; v < next; ++v)
      nameLocation(values[static_cast<unsigned>(v)], carried.names[i]);
  }
}

void Elaborator::hintAgreement(const Object &first, const Object &second) {
  std::vector<Tensor> a = tensorsOf(first), b = tensorsOf(second);
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    semantics.hints.shouldAgree(a[i], b[i]);
}

// What the body leaves in the carried names, for the loop to hand on. Where a type changed it says
// so and hands on what came in.
std::vector<mlir::Value> Elaborator::leaveBody(const Carried &carried, const Scope &before) {
  std::vector<mlir::Value> values;
  for (std::size_t i = 0; i < carried.names.size(); ++i) {
    const Object &now = *scope().find(carried.names[i]);
    if (now.isValid() && !sameStructure(now, carried.initial[i])) {
      hintAgreement(carried.initial[i], now);
      site.error(
          fmt::format("{} changes its type in this loop", carried.names[i]),
          {fmt::format("{} is {} before the loop", carried.names[i], describe(carried.initial[i])),
           fmt::format("{} is {} at the end of its body", carried.names[i],
                       now.as<Unset>() ? "not always assigned" : describe(now))});
    }
    bool usable = now.isValid() && sameStructure(now, carried.initial[i]);
    for (const Tensor &tensor : tensorsOf(usable ? now : carried.initial[i]))
      values.push_back(tensor.handle);
  }
  for (const Scope::Entry &entry : before.all()) {
    const Object *now = scope().find(entry.name);
    bool isCarried =
        std::find(carried.names.begin(), carried.names.end(), entry.name) != carried.names.end();
    if (isCarried || !entry.value.isValid() || !now->isValid() || entry.value.as<Unset>() ||
        now->as<Unset>() || sameObject(*now, entry.value))
      continue;
    site.error(
        fmt::format("{} is a constant before this loop and cannot be assigned in it", entry.name),
        {fmt::format("{} is {} before the loop", entry.name, describe(entry.value))});
  }
  return values;
}

// After a loop the carried names hold its results, and what only the body assigned is gone.
void Elaborator::afterLoop(const Carried &carried, Scope before, mlir::Operation *loop) {
  for (const Scope::Entry &entry : scope().all())
    if (!before.find(entry.name))
      before.set(entry.name, Object(Unset{"it is assigned inside a loop only, which may not run"}));
  scope() = std::move(before);
  std::size_t next = 0;
  for (std::size_t i = 0; i < carried.names.size(); ++i)
    scope().set(carried.names[i], rebuild(carried.initial[i], loop->getResults(), next));
  for (const std::string &name : carried.names)
    loop->setLoc(
        mlir::NameLoc::get(mlir::StringAttr::get(loop->getContext(), name), loop->getLoc()));
}

void Elaborator::forStatement(const ast::For &node) {
  const ast::Name *target = node.target->as<ast::Name>();
  const ast::Call *iterable = node.iterable->as<ast::Call>();
  Object callee = iterable ? evaluate(*iterable->function) : Object();
  if (iterable && !callee.isValid())
    return;
  const Builtin *builtin = callee.as<Builtin>();
  std::string iterator = builtin ? builtin->entry->name : "";
  if (iterator != "range" && iterator != "static_range") {
    Place place(site, node.iterable->range);
    unsupported("a loop runs over range, tl.range or tl.static_range",
                "syn:for over other iterable");
    return;
  }
  if (!target) {
    unsupported("a loop has one variable", "syn:for with several targets");
    return;
  }
  if (!node.otherwise.empty()) {
    unsupported("'else' cannot follow a loop in a kernel", "syn:for else");
    return;
  }
  Object range = dispatch(callee, arguments(*iterable));
  const Tuple *bounds = range.tuple();
  if (!bounds)
    return;
  Call call{*this, *builtin->entry, bounds->items, {}, {}};
  if (iterator == "static_range")
    unrolledLoop(node, target->id, call);
  else
    runtimeLoop(node, target->id, call);
}

namespace {
// Start, stop and step of range(stop), range(start, stop), range(start, stop, step).
struct Bounds {
  Object start, stop, step;
  explicit Bounds(const Call &range)
      : start(range.has(1) ? range[0] : Object::integer(0)),
        stop(range.has(1) ? range[1] : range[0]),
        step(range.has(2) ? range[2] : Object::integer(1)) {}
};
} // namespace

void Elaborator::unrolledLoop(const ast::For &node, const std::string &target, const Call &range) {
  Bounds bounds(range);
  std::optional<__int128> start = constantInteger(bounds.start, "the start of tl.static_range");
  std::optional<__int128> stop = constantInteger(bounds.stop, "the end of tl.static_range");
  std::optional<__int128> step = constantInteger(bounds.step, "the step of tl.static_range");
  if (!start || !stop || !step)
    return;
  if (*step == 0) {
    site.error("the step of a loop cannot be 0");
    return;
  }
  ++frame().loopDepth;
  for (__int128 i = *start; *step > 0 ? i < *stop : i > *stop; i += *step) {
    if (site.tooManyErrors() || overBudget())
      break;
    scope().set(target, Object::integer(i));
    runBody(node.body);
  }
  --frame().loopDepth;
}

void Elaborator::runtimeLoop(const ast::For &node, const std::string &target, const Call &range) {
  Bounds bounds(range);
  std::optional<__int128> step = bounds.step.asInteger();
  if (step == 0) {
    site.error("the step of a loop cannot be 0");
    return;
  }
  // scf.for counts up: a loop that counts down runs over the mirrored range.
  bool down = step && *step < 0;
  if (down) {
    bounds.step = Object::integer(-*step);
    std::swap(bounds.start, bounds.stop);
  }
  Tensor ends[3] = {semantics.toTensor(bounds.start), semantics.toTensor(bounds.stop),
                    semantics.toTensor(bounds.step)};
  for (const Tensor &end : ends) {
    if (!end)
      return;
    if (!end.type.isScalar() || !end.type.isNumber() || !isInteger(end.type.dtype())) {
      semantics.hints.shouldBe(end, DType::Int32);
      site.error(fmt::format("the bounds of a loop must be integers, got {}", text(end.type)));
      return;
    }
  }
  DType type = promoteIntegers(promoteIntegers(ends[0].type.dtype(), ends[1].type.dtype()),
                               ends[2].type.dtype());
  for (Tensor &end : ends)
    end = semantics.cast(end, type);
  Carried loopCarried = carried(node.body, target);
  auto loop = mlir::scf::ForOp::create(builder, site.location(), ends[0].handle, ends[1].handle,
                                       ends[2].handle, loopCarried.values);
  auto hint = [&](std::size_t argument, const char *attribute) {
    std::optional<__int128> value = range[argument].asInteger();
    if (value)
      loop->setAttr(attribute, builder.getI32IntegerAttr(static_cast<std::int32_t>(*value)));
  };
  auto flag = [&](std::size_t argument, const char *attribute) {
    if (constantTruth(range[argument]).value_or(false))
      loop->setAttr(attribute, builder.getUnitAttr());
  };
  hint(3, "tt.num_stages");
  hint(4, "tt.loop_unroll_factor");
  flag(5, "tt.disallow_acc_multi_buffer");
  flag(6, "tt.flatten");
  flag(7, "tt.warp_specialize");

  Scope before = scope();
  mlir::OpBuilder::InsertPoint after = builder.saveInsertionPoint();
  mlir::Block &body = *loop.getBody();
  if (loopCarried.values.empty())
    body.getTerminator()->erase();
  builder.setInsertionPointToStart(&body);
  Tensor counter{loop.getInductionVar(), Type{{type}, {}}};
  nameLocation(counter.handle, target);
  if (down)
    counter = semantics.binary("+", semantics.binary("-", ends[1], counter), ends[0]);
  before.set(target, Object(Unset{"it counts the loop and is gone after it"}));
  scope().set(target, counter);
  enterBody(loopCarried, loop.getRegionIterArgs());
  ++frame().loopDepth;
  runBody(node.body);
  --frame().loopDepth;
  std::vector<mlir::Value> yielded = leaveBody(loopCarried, before);
  mlir::scf::YieldOp::create(builder, site.location(), yielded);
  builder.restoreInsertionPoint(after);
  afterLoop(loopCarried, std::move(before), loop);
}

void Elaborator::whileStatement(const ast::While &node) {
  if (!node.otherwise.empty()) {
    unsupported("'else' cannot follow a loop in a kernel", "syn:while else");
    return;
  }
  Carried loopCarried = carried(node.body, "");
  std::vector<mlir::Type> types;
  std::vector<mlir::Location> locations;
  for (mlir::Value value : loopCarried.values) {
    types.push_back(value.getType());
    locations.push_back(site.location());
  }
  Scope before = scope();
  mlir::OpBuilder::InsertPoint after = builder.saveInsertionPoint();
  auto loop = mlir::scf::WhileOp::create(builder, site.location(), types, loopCarried.values);
  mlir::Block *condition = builder.createBlock(&loop.getBefore(), {}, types, locations);
  enterBody(loopCarried, condition->getArguments());
  Object test = evaluate(*node.test);
  Tensor holds = test.isValid() ? scalarCondition(semantics.toTensor(test)) : Tensor{};
  if (!holds)
    holds = semantics.constant(Value{false}, DType::Int1);
  mlir::scf::ConditionOp::create(builder, site.location(), holds.handle, condition->getArguments());
  mlir::Block *body = builder.createBlock(&loop.getAfter(), {}, types, locations);
  scope() = before;
  enterBody(loopCarried, body->getArguments());
  ++frame().loopDepth;
  runBody(node.body);
  --frame().loopDepth;
  std::vector<mlir::Value> yielded = leaveBody(loopCarried, before);
  mlir::scf::YieldOp::create(builder, site.location(), yielded);
  builder.restoreInsertionPoint(after);
  afterLoop(loopCarried, std::move(before), loop);
}

} // namespace lapidary::language
