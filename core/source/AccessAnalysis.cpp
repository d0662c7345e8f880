// AccessAnalyzer: expressions and statements.
#include "core/source/AccessAnalyzer.h"

#include <algorithm>
#include <utility>

namespace lapidary {

using namespace ast;

static constexpr int maximumStatements = 20000;

void AccessAnalyzer::run(const JitFunction &kernel) {
  Frame frame(&opened.homeOf(kernel));
  const auto &definition = *kernel.definition->as<FunctionDef>();
  for (const Parameter &parameter : definition.parameters)
    if (!parameter.name.empty()) {
      frame.names[parameter.name] = scalar(makeScalarExpr(Name{parameter.name}));
      parameters.insert(parameter.name);
    }
  frames.push_back(std::move(frame));
  block(definition.body);
  frames.pop_back();
}

SymbolicForm AccessAnalyzer::eval(const ExprPtr &expression) {
  if (!expression)
    return {};
  if (++steps > 10 * maximumStatements)
    return other({});
  return std::visit([&](const auto &node) { return visit(node, *expression); }, expression->node);
}

std::vector<SymbolicForm> AccessAnalyzer::evalAll(const std::vector<ExprPtr> &expressions) {
  std::vector<SymbolicForm> forms;
  for (const ExprPtr &expression : expressions)
    forms.push_back(eval(expression));
  return forms;
}

SymbolicForm AccessAnalyzer::visit(const Constant &, const Expr &expression) {
  return scalar(std::make_shared<const Expr>(expression));
}

SymbolicForm AccessAnalyzer::visit(const Name &node, const Expr &) {
  auto local = frame().names.find(node.id);
  if (local != frame().names.end())
    return local->second;
  if (const JitFunction *function = frame().home->find(node.id)) {
    SymbolicForm form = other({});
    form.function = function;
    return form;
  }
  auto constant = frame().home->constants.find(node.id);
  return constant == frame().home->constants.end()
             ? other({})
             : scalar(makeScalarExpr(Constant{constant->second}));
}

SymbolicForm AccessAnalyzer::tuple(const std::vector<ExprPtr> &items) {
  SymbolicForm form;
  form.items = evalAll(items);
  return form;
}

SymbolicForm AccessAnalyzer::visit(const Unary &node, const Expr &) {
  SymbolicForm operand = eval(node.operand);
  if (node.op == "-")
    return add(SymbolicForm{}, operand, true);
  if (node.op == "not")
    noteForm(operand, result.conditions);
  return node.op == "+" ? operand : other({&operand});
}

SymbolicForm AccessAnalyzer::visit(const Binary &node, const Expr &) {
  SymbolicForm left = eval(node.left), right = eval(node.right);
  if (node.op == "+" || node.op == "-")
    return add(left, right, node.op == "-");
  if (node.op == "*")
    return multiply(left, right);
  if (node.op == "//" || node.op == "%" || node.op == "/")
    return divide(node.op, left, right);
  if (left.isScalar() && right.isScalar())
    return combine(node.op, left, right);
  return meet(left, right);
}

SymbolicForm AccessAnalyzer::visit(const BoolOp &node, const Expr &) {
  SymbolicForm joined = other({});
  for (const ExprPtr &operand : node.operands) {
    SymbolicForm form = eval(operand);
    if (operand->as<Name>())
      noteForm(form, result.conditions);
    joined = other({&joined, &form});
  }
  return joined;
}

SymbolicForm AccessAnalyzer::visit(const Compare &node, const Expr &) {
  SymbolicForm left = eval(node.left), joined = other({&left});
  for (std::size_t i = 0; i < node.ops.size(); ++i) {
    SymbolicForm right = eval(node.rights[i]);
    const std::string &op = node.ops[i];
    const auto *constant = node.rights[i]->as<Constant>();
    const bool number = constant && op == "==" && node.left->as<Name>() &&
                        constant->value.as<Integer>() && toInt64(constant->value).value_or(0) > 1;
    if (constant && (constant->value.as<std::string>() || number)) {
      std::set<std::string> names;
      noteForm(left, names);
      for (const std::string &name : names)
        result.compared.emplace(name, constant->value);
    } else if (op == "<" || op == "<=" || op == ">=") {
      compare(left, right);
      if (op == ">=" && left.isScalar())
        compare(right, left);
    } else if (op == ">") {
      compare(right, left);
    }
    joined = other({&joined, &right});
    left = std::move(right);
  }
  return joined;
}

void AccessAnalyzer::compare(const SymbolicForm &index, const SymbolicForm &limit) {
  if (!index.known || !limit.known || index.data || limit.data || index.terms.empty() ||
      limit.scalars.empty())
    return;
  SymbolicForm whole = index;
  for (const IndexTerm &term : limit.terms) {
    const auto *negated = term.coefficient ? term.coefficient->as<Unary>() : nullptr;
    if (!negated || negated->op != "-")
      return;
    whole.terms.push_back({isInteger(negated->operand, 1) ? nullptr : negated->operand, term.atom});
  }
  std::set<std::string> names;
  noteForm(limit, names);
  if (!names.empty())
    bound(whole, sumOf(limit.scalars));
}

SymbolicForm AccessAnalyzer::visit(const Conditional &node, const Expr &) {
  SymbolicForm test = eval(node.test);
  noteForm(test, result.conditions);
  SymbolicForm then = eval(node.then), otherwise = eval(node.otherwise);
  return then.known ? then : otherwise;
}

SymbolicForm AccessAnalyzer::visit(const Subscript &node, const Expr &) {
  SymbolicForm object = eval(node.object);
  const auto *position = node.indices.size() == 1 ? node.indices[0]->as<Constant>() : nullptr;
  std::optional<std::int64_t> at = position ? toInt64(position->value) : std::nullopt;
  if (at && *at >= 0 && static_cast<std::size_t>(*at) < object.items.size())
    return object.items[static_cast<std::size_t>(*at)];
  return object; // x[:, None] is the same index
}

SymbolicForm AccessAnalyzer::visit(const Attribute &node, const Expr &expression) {
  std::string dotted = dottedName(expression);
  if (!dotted.empty() && !frame().names.contains(dotted.substr(0, dotted.find('.')))) {
    if (const JitFunction *function = frame().home->find(dotted)) {
      SymbolicForm form = other({});
      form.function = function;
      return form;
    }
    auto constant = frame().home->constants.find(dotted);
    if (constant != frame().home->constants.end())
      return scalar(makeScalarExpr(Constant{constant->second}));
  }
  SymbolicForm object = eval(node.object);
  if (node.name == "T" || node.name == "value")
    return object;
  SymbolicForm form = other({});
  form.sources = {};
  return form;
}

bool AccessAnalyzer::isExhausted() const {
  return statements > maximumStatements;
}

void AccessAnalyzer::block(const Block &body) {
  for (const StmtPtr &stmt : body) {
    if (++statements > maximumStatements)
      return;
    statement(*stmt);
  }
}

void AccessAnalyzer::assign(const Expr &target, const SymbolicForm &value) {
  if (const auto *name = target.as<Name>()) {
    frame().names[name->id] = value;
    return;
  }
  const auto *tuple = target.as<Tuple>();
  for (std::size_t i = 0; tuple && i < tuple->items.size(); ++i)
    assign(*tuple->items[i], i < value.items.size() ? value.items[i] : other({&value}));
}

void AccessAnalyzer::statement(const Stmt &stmt) {
  if (const auto *node = stmt.as<Assign>()) {
    SymbolicForm value = eval(node->value);
    for (const ExprPtr &target : node->targets)
      assign(*target, value);
  } else if (const auto *node = stmt.as<AnnotatedAssign>()) {
    if (node->value)
      assign(*node->target, eval(node->value));
  } else if (const auto *node = stmt.as<AugmentedAssign>()) {
    auto combined = makeScalarExpr(Binary{node->op, node->target, node->value});
    assign(*node->target, eval(combined));
  } else if (const auto *node = stmt.as<ExpressionStmt>()) {
    eval(node->value);
  } else if (const auto *node = stmt.as<If>()) {
    SymbolicForm test = eval(node->test);
    if (node->test->as<Name>())
      noteForm(test, result.conditions);
    block(node->otherwise); // the first arm has the last word
    block(node->body);
  } else if (const auto *node = stmt.as<For>()) {
    forLoop(*node);
  } else if (const auto *node = stmt.as<While>()) {
    eval(node->test);
    loopBody(node->body, addAtom({IndexAtom::Kind::Loop, -1, makeInteger(4), nullptr, {}, {}, ""}));
  } else if (const auto *node = stmt.as<Return>()) {
    SymbolicForm value = eval(node->value);
    if (node->value && !frame().returned)
      frame().returned = std::move(value);
  } else if (const auto *node = stmt.as<With>()) {
    block(node->body);
  }
}

// for i in range(start, stop, step): i is start + step * round.
void AccessAnalyzer::forLoop(const For &node) {
  const auto *call = node.iterable->as<Call>();
  std::string name = call ? dottedName(*call->function) : "";
  name = name.substr(name.rfind('.') + 1);
  SymbolicForm index = other({});
  IndexAtom atom{IndexAtom::Kind::Loop, -1, makeInteger(4), nullptr, {}, {}, ""};
  int id = -1;
  if (call && (name == "range" || name == "static_range") && !call->arguments.empty()) {
    std::vector<SymbolicForm> bounds = evalAll(call->arguments);
    if (name == "static_range")
      for (const SymbolicForm &limit : bounds)
        noteForm(limit, result.unrolled);
    SymbolicForm start = bounds.size() > 1 ? bounds[0] : SymbolicForm{};
    SymbolicForm stop = bounds.size() > 1 ? bounds[1] : bounds[0];
    SymbolicForm step = bounds.size() > 2 ? bounds[2] : scalar(makeInteger(1));
    // A persistent kernel's loop starts at its program: one round will do.
    bool persistent = !start.terms.empty();
    if (persistent) {
      atom.extent = makeInteger(1);
      const auto *count =
          step.isScalar() && step.scalars.size() == 1 ? step.scalars[0]->as<Name>() : nullptr;
      const IndexAtom &first = result.atoms[static_cast<std::size_t>(start.terms[0].atom)];
      if (count && first.kind == IndexAtom::Kind::Program)
        result.persistent[first.axis] = count->id;
    }
    if (!persistent && stop.isScalar() && start.isScalar() && step.isScalar())
      atom.extent =
          makeScalarExpr(Call{makeScalarExpr(Name{"cdiv"}),
                              {sumOf(add(stop, start, true).scalars), sumOf(step.scalars)},
                              {}});
    if (!persistent && start.isScalar() && step.isScalar() && stop.isScalar() &&
        !isInteger(sumOf(step.scalars), 1))
      atom.limit = sumOf(stop.scalars);
    id = addAtom(std::move(atom));
    index = persistent        ? start
            : step.isScalar() ? add(start, multiply(ofAtom(id), step), false)
                              : add(start, ofAtom(id), false);
  } else {
    id = addAtom(std::move(atom));
  }
  assign(*node.target, index);
  loopBody(node.body, id);
  block(node.otherwise);
}

// The first round, unrecorded, shows what a round adds to each variable.
void AccessAnalyzer::loopBody(const Block &body, int atom) {
  std::map<std::string, SymbolicForm> before = frame().names;
  bool outer = std::exchange(frame().recording, false);
  block(body);
  std::map<std::string, SymbolicForm> after = frame().names;
  frame().recording = outer;
  frame().names = before;
  for (auto &[name, start] : frame().names) {
    auto found = after.find(name);
    if (found == after.end() || !start.known || !found->second.known ||
        found->second.scalars.size() < start.scalars.size() ||
        found->second.terms.size() < start.terms.size())
      continue;
    const SymbolicForm &end = found->second;
    if (start.block && end.block) {
      continue;
    }
    std::vector<ExprPtr> added(
        end.scalars.begin() + static_cast<std::ptrdiff_t>(start.scalars.size()), end.scalars.end());
    if (!added.empty() && end.terms.size() == start.terms.size() && added.size() <= 4)
      start.terms.push_back({sumOf(added), atom});
  }
  block(body);
}

AccessAnalysis analyzeAccesses(const KernelFile &file, const JitFunction &kernel) {
  AccessAnalysis result;
  // Which names are tile extents decides what a product means: a first run finds them.
  AccessAnalyzer(file, result).run(kernel);
  AccessAnalysis again;
  again.blocks = result.blocks;
  AccessAnalyzer(file, again).run(kernel);
  return again;
}

} // namespace lapidary
