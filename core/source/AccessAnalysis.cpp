#include "core/source/AccessAnalysis.h"

#include "core/source/AstWalk.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace lapidary {

using namespace ast;

namespace {

constexpr int maximumCallDepth = 8;
constexpr int maximumStatements = 20000;
constexpr std::size_t maximumParts = 64; // of one form
constexpr std::size_t maximumText = 400; // of one scalar expression

ExprPtr makeExpr(auto node) {
  return std::make_shared<const Expr>(Expr{{}, std::move(node)});
}
ExprPtr integer(std::int64_t value) {
  return makeExpr(Constant{makeInt(value)});
}

bool isInteger(const ExprPtr &expression, std::int64_t value) {
  const auto *constant = expression->as<Constant>();
  return constant && constant->value == makeInt(value);
}

template <std::size_t N>
bool isOneOf(std::string_view name, const std::array<std::string_view, N> &names) {
  return std::ranges::find(names, name) != names.end();
}

class Analyzer {
public:
  Analyzer(const KernelFile &file, AccessAnalysis &result) : opened(file), result(result) {}

  void run(const JitFunction &kernel) {
    Frame frame(&opened.homeOf(kernel));
    const auto &definition = *kernel.definition->as<FunctionDef>();
    for (const Parameter &parameter : definition.parameters)
      if (!parameter.name.empty()) {
        frame.names[parameter.name] = scalar(makeExpr(Name{parameter.name}));
        parameters.insert(parameter.name);
      }
    frames.push_back(std::move(frame));
    block(definition.body);
    frames.pop_back();
  }

private:
  struct Frame {
    explicit Frame(const KernelFile *home) : home(home) {}
    const KernelFile *home;
    std::map<std::string, SymbolicForm> names;
    std::optional<SymbolicForm> returned;
    bool recording = true;
  };
  Frame &frame() { return frames.back(); }

  // Forms.
  static SymbolicForm scalar(ExprPtr expression) {
    SymbolicForm form;
    form.scalars.push_back(std::move(expression));
    return form;
  }
  SymbolicForm other(std::initializer_list<const SymbolicForm *> parts) {
    SymbolicForm form;
    form.known = false;
    for (const SymbolicForm *part : parts) {
      form.data = form.data || part->data;
      form.sources.insert(part->sources.begin(), part->sources.end());
      std::set<int> atoms = atomsOf(*part);
      form.atoms.insert(atoms.begin(), atoms.end());
    }
    return form;
  }
  std::set<int> atomsOf(const SymbolicForm &form) const {
    std::set<int> atoms = form.atoms;
    for (const IndexTerm &term : form.terms)
      atoms.insert(term.atom);
    return atoms;
  }
  int addAtom(IndexAtom atom) {
    if (atom.axis >= 0)
      atom.axes.insert(atom.axis);
    for (int inner : atomsOf(atom.form))
      atom.axes.insert(result.atoms[static_cast<std::size_t>(inner)].axes.begin(),
                       result.atoms[static_cast<std::size_t>(inner)].axes.end());
    result.atoms.push_back(std::move(atom));
    return static_cast<int>(result.atoms.size()) - 1;
  }
  SymbolicForm ofAtom(int atom) {
    SymbolicForm form;
    form.terms.push_back({nullptr, atom});
    return form;
  }
  // The whole form as one atom, the same one every time.
  int quantity(const SymbolicForm &form, IndexAtom::Kind kind = IndexAtom::Kind::Quantity,
               const ExprPtr &divisor = nullptr) {
    bool single = form.scalars.empty() && form.terms.size() == 1 && !form.terms[0].coefficient;
    if (kind == IndexAtom::Kind::Quantity && single)
      return form.terms[0].atom;
    std::string key = fmt::format("{}:{}:{}", static_cast<int>(kind), keyOf(form),
                                  divisor ? toSource(*divisor) : "");
    auto known = quantities.find(key);
    if (known != quantities.end())
      return known->second;
    return quantities[key] = addAtom({kind, -1, divisor, nullptr, form, {}, ""});
  }

  // Whether all names in it are constexpr-like: uppercase or literals. A runtime number that
  // multiplies an index is a stride; a constexpr only spaces a tile.
  bool isSpacing(const ExprPtr &expression) const {
    bool spacing = true;
    walkExpressions(*expression, [&](const Expr &part) {
      if (const auto *name = part.as<Name>(); name && parameters.contains(name->id))
        spacing = spacing && result.blocks.contains(name->id);
    });
    return spacing;
  }

  SymbolicForm add(const SymbolicForm &a, const SymbolicForm &b, bool negative) {
    bool usable = (a.known || a.data) && (b.known || b.data);
    if (!usable || a.block || b.block || !a.items.empty() || !b.items.empty() ||
        a.scalars.size() + b.scalars.size() + a.terms.size() + b.terms.size() > maximumParts)
      return meet(a, b);
    if (a.data || b.data)
      return addData(a, b, negative);
    SymbolicForm sum = a;
    for (const ExprPtr &part : b.scalars)
      sum.scalars.push_back(negative ? makeExpr(Unary{"-", part}) : part);
    for (const IndexTerm &term : b.terms)
      sum.terms.push_back(
          {negative ? makeExpr(Unary{"-", term.coefficient ? term.coefficient : integer(1)})
                    : term.coefficient,
           term.atom});
    sum.dtype.reset();
    return sum;
  }

  // Data may serve as an index: pointer + loaded * stride.
  SymbolicForm addData(const SymbolicForm &a, const SymbolicForm &b, bool negative) {
    SymbolicForm both = meet(a, b), left = asIndex(a), right = asIndex(b);
    left.data = right.data = false;
    if (!left.known || !right.known)
      return both;
    SymbolicForm sum = add(left, right, negative);
    sum.data = true;
    sum.sources = both.sources;
    return sum;
  }
  SymbolicForm asIndex(const SymbolicForm &form) {
    if (form.known || form.sources.empty())
      return form;
    std::string source = *form.sources.begin(), key = "loaded:" + source;
    auto known = quantities.find(key);
    if (known == quantities.end())
      known = quantities
                  .emplace(key,
                           addAtom({IndexAtom::Kind::Loaded, -1, nullptr, nullptr, {}, {}, source}))
                  .first;
    SymbolicForm index = ofAtom(known->second);
    index.sources = form.sources;
    index.data = true;
    return index;
  }

  // Arithmetic on data: a parameter that takes part is a number of the computation.
  SymbolicForm meet(const SymbolicForm &a, const SymbolicForm &b) {
    for (auto [one, two] : {std::pair{&a, &b}, {&b, &a}})
      if (one->data && two->isScalar())
        for (const ExprPtr &part : two->scalars)
          note(part, result.dataScalars);
    return other({&a, &b});
  }

  static ExprPtr times(const ExprPtr &a, const ExprPtr &b) {
    if (!a || isInteger(a, 1))
      return b;
    if (!b || isInteger(b, 1))
      return a;
    return makeExpr(Binary{"*", a, b});
  }

  SymbolicForm multiply(const SymbolicForm &a, const SymbolicForm &b) {
    if (a.isScalar() && b.isScalar())
      return combine("*", a, b);
    const SymbolicForm &form = a.isScalar() ? b : a;
    const SymbolicForm &factor = a.isScalar() ? a : b;
    if (form.data && factor.isScalar()) {
      SymbolicForm both = meet(a, b), index = asIndex(form);
      index.data = false;
      if (!index.known)
        return both;
      SymbolicForm scaled = multiply(index, factor);
      scaled.data = true;
      scaled.sources = both.sources;
      return scaled;
    }
    if (form.data || factor.data || !form.known || !factor.known)
      return meet(a, b);
    if (!factor.isScalar()) {
      IndexAtom product{IndexAtom::Kind::Other, -1, nullptr, nullptr, a, {}, ""};
      for (const IndexTerm &term : b.terms)
        product.form.terms.push_back(term);
      return ofAtom(addAtom(std::move(product)));
    }
    ExprPtr by = sumOf(factor.scalars);
    SymbolicForm scaled;
    if (isSpacing(by)) {
      for (const IndexTerm &term : form.terms)
        scaled.terms.push_back({times(term.coefficient, by), term.atom});
      for (const ExprPtr &part : form.scalars)
        scaled.scalars.push_back(times(part, by));
    } else {
      scaled.terms.push_back({by, quantity(form)});
    }
    return scaled;
  }

  // An operation on two scalars, as an expression.
  SymbolicForm combine(const std::string &op, const SymbolicForm &a, const SymbolicForm &b) {
    ExprPtr joined = makeExpr(Binary{op, sumOf(a.scalars), sumOf(b.scalars)});
    return toSource(*joined).size() > maximumText ? other({&a, &b}) : scalar(std::move(joined));
  }

  SymbolicForm divide(const std::string &op, const SymbolicForm &a, const SymbolicForm &b) {
    if (a.isScalar() && b.isScalar())
      return combine(op, a, b);
    bool remainder = op == "%";
    if (op == "/" || a.data || b.data || !a.known || !b.known)
      return meet(a, b);
    if (!b.isScalar()) { // pid % min(group, rest): still an index
      IndexAtom part{IndexAtom::Kind::Other, -1, nullptr, nullptr, a, {}, ""};
      part.form.atoms = atomsOf(b);
      return ofAtom(addAtom(std::move(part)));
    }
    ExprPtr divisor = sumOf(b.scalars);
    if (remainder && a.terms.size() + a.scalars.size() > 1)
      bound(a, divisor, true); // offs % M wraps a tile around M
    return ofAtom(
        quantity(a, remainder ? IndexAtom::Kind::Remainder : IndexAtom::Kind::Quotient, divisor));
  }

  void bound(const SymbolicForm &quantity, const ExprPtr &limit, bool wraps = false) {
    if (frame().recording && !quantity.terms.empty())
      result.bounds.push_back({quantity, limit, wraps});
  }
  void note(const ExprPtr &expression, std::set<std::string> &names) {
    walkExpressions(*expression, [&](const Expr &part) {
      if (const auto *name = part.as<Name>(); name && parameters.contains(name->id))
        names.insert(name->id);
    });
  }
  void noteForm(const SymbolicForm &form, std::set<std::string> &names) {
    for (const ExprPtr &part : form.scalars)
      note(part, names);
    for (const SymbolicForm &item : form.items)
      noteForm(item, names);
  }

  // Expressions.
  SymbolicForm eval(const ExprPtr &expression) {
    if (!expression)
      return {};
    if (++steps > 10 * maximumStatements)
      return other({});
    return std::visit([&](const auto &node) { return visit(node, *expression); }, expression->node);
  }
  std::vector<SymbolicForm> evalAll(const std::vector<ExprPtr> &expressions) {
    std::vector<SymbolicForm> forms;
    for (const ExprPtr &expression : expressions)
      forms.push_back(eval(expression));
    return forms;
  }

  SymbolicForm visit(const auto &, const Expr &) { return other({}); }
  SymbolicForm visit(const Constant &, const Expr &expression) {
    return scalar(std::make_shared<const Expr>(expression));
  }
  SymbolicForm visit(const Name &node, const Expr &) {
    auto local = frame().names.find(node.id);
    if (local != frame().names.end())
      return local->second;
    if (const JitFunction *function = frame().home->find(node.id)) {
      SymbolicForm form = other({});
      form.function = function;
      return form;
    }
    auto constant = frame().home->constants.find(node.id);
    return constant == frame().home->constants.end() ? other({})
                                                     : scalar(makeExpr(Constant{constant->second}));
  }
  SymbolicForm visit(const Tuple &node, const Expr &) { return tuple(node.items); }
  SymbolicForm visit(const List &node, const Expr &) { return tuple(node.items); }
  SymbolicForm tuple(const std::vector<ExprPtr> &items) {
    SymbolicForm form;
    form.items = evalAll(items);
    return form;
  }
  SymbolicForm visit(const Unary &node, const Expr &) {
    SymbolicForm operand = eval(node.operand);
    if (node.op == "-")
      return add(SymbolicForm{}, operand, true);
    if (node.op == "not")
      noteForm(operand, result.conditions);
    return node.op == "+" ? operand : other({&operand});
  }
  SymbolicForm visit(const Binary &node, const Expr &) {
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
  SymbolicForm visit(const BoolOp &node, const Expr &) {
    SymbolicForm joined = other({});
    for (const ExprPtr &operand : node.operands) {
      SymbolicForm form = eval(operand);
      if (operand->as<Name>())
        noteForm(form, result.conditions);
      joined = other({&joined, &form});
    }
    return joined;
  }
  SymbolicForm visit(const Compare &node, const Expr &) {
    SymbolicForm left = eval(node.left), joined = other({&left});
    for (std::size_t i = 0; i < node.ops.size(); ++i) {
      SymbolicForm right = eval(node.rights[i]);
      const std::string &op = node.ops[i];
      const auto *constant = node.rights[i]->as<Constant>();
      if (const auto *text = constant ? constant->value.as<std::string>() : nullptr) {
        std::set<std::string> names;
        noteForm(left, names);
        for (const std::string &name : names)
          result.compared.emplace(name, *text);
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
  // index < limit - rest: index + rest < limit.
  void compare(const SymbolicForm &index, const SymbolicForm &limit) {
    if (!index.known || !limit.known || index.data || limit.data || index.terms.empty() ||
        limit.scalars.empty())
      return;
    SymbolicForm whole = index;
    for (const IndexTerm &term : limit.terms) {
      const auto *negated = term.coefficient ? term.coefficient->as<Unary>() : nullptr;
      if (!negated || negated->op != "-")
        return;
      whole.terms.push_back(
          {isInteger(negated->operand, 1) ? nullptr : negated->operand, term.atom});
    }
    std::set<std::string> names;
    noteForm(limit, names);
    if (!names.empty())
      bound(whole, sumOf(limit.scalars));
  }
  SymbolicForm visit(const Conditional &node, const Expr &) {
    SymbolicForm test = eval(node.test);
    noteForm(test, result.conditions);
    SymbolicForm then = eval(node.then), otherwise = eval(node.otherwise);
    return then.known ? then : otherwise;
  }
  SymbolicForm visit(const Subscript &node, const Expr &) {
    SymbolicForm object = eval(node.object);
    const auto *position = node.indices.size() == 1 ? node.indices[0]->as<Constant>() : nullptr;
    std::optional<std::int64_t> at = position ? toInt64(position->value) : std::nullopt;
    if (at && *at >= 0 && static_cast<std::size_t>(*at) < object.items.size())
      return object.items[static_cast<std::size_t>(*at)];
    return object; // x[:, None] is the same index
  }
  SymbolicForm visit(const Attribute &node, const Expr &expression) {
    std::string dotted = dottedName(expression);
    if (!dotted.empty() && !frame().names.contains(dotted.substr(0, dotted.find('.')))) {
      if (const JitFunction *function = frame().home->find(dotted)) {
        SymbolicForm form = other({});
        form.function = function;
        return form;
      }
      auto constant = frame().home->constants.find(dotted);
      if (constant != frame().home->constants.end())
        return scalar(makeExpr(Constant{constant->second}));
    }
    SymbolicForm object = eval(node.object);
    if (node.name == "T" || node.name == "value")
      return object;
    SymbolicForm form = other({});
    form.sources = {};
    return form;
  }

  // The type that an expression names: tl.float16.
  std::optional<DType> typeNamed(const ExprPtr &expression) {
    std::string full = frame().home->fullName(dottedName(*expression));
    std::optional<Value> value = Evaluator::builtinConstant(full);
    if (const DType *type = value ? value->as<DType>() : nullptr)
      return *type;
    if (const auto *name = expression->as<Name>())
      if (auto local = frame().names.find(name->id); local != frame().names.end())
        noteForm(local->second, result.types);
    return std::nullopt;
  }
  static const ExprPtr *argument(const Call &call, std::size_t index, std::string_view name) {
    for (const Keyword &keyword : call.keywords)
      if (keyword.name == name)
        return &keyword.value;
    return index < call.arguments.size() ? &call.arguments[index] : nullptr;
  }
  SymbolicForm evalArgument(const Call &call, std::size_t index, std::string_view name) {
    const ExprPtr *found = argument(call, index, name);
    return found ? eval(*found) : SymbolicForm{};
  }

  SymbolicForm visit(const Call &node, const Expr &expression) {
    const auto *attribute = node.function->as<Attribute>();
    std::string dotted = dottedName(*node.function);
    std::string root = dotted.substr(0, dotted.find('.'));
    bool method = attribute && (dotted.empty() || frame().names.contains(root));
    if (!method) {
      SymbolicForm callee = eval(node.function);
      if (callee.function)
        return callHelper(*callee.function, node);
      std::string full = frame().home->fullName(dotted);
      std::string name = full.substr(full.rfind('.') + 1);
      return callBuiltin(name, node, expression);
    }
    SymbolicForm self = eval(attribute->object);
    return callMethod(self, *attribute, node);
  }

  SymbolicForm callMethod(const SymbolicForm &self, const Attribute &attribute, const Call &node) {
    const std::string &name = attribute.name;
    if (name == "to" || name == "cast") {
      SymbolicForm cast = self;
      if (const ExprPtr *type = argument(node, 0, "dtype"))
        cast.dtype = typeNamed(*type);
      return cast;
    }
    if (name == "load" || name == "store") {
      bool store = name == "store";
      SymbolicForm offsets = evalArgument(node, 0, "offsets");
      SymbolicForm value = store ? evalArgument(node, 1, "value") : SymbolicForm{};
      if (self.block) {
        auto block = std::make_shared<BlockPointer>(*self.block);
        block->offsets = offsets.items;
        record(store ? MemoryAccess::Kind::Store : MemoryAccess::Kind::Load, block, value.dtype);
        return loaded({self.block->base});
      }
      if (std::string parameter = pointerOf(self); !parameter.empty()) {
        result.descriptorRank[parameter] =
            static_cast<int>(std::max<std::size_t>(offsets.items.size(), 1));
        recordDescriptor(store, parameter, offsets, value.dtype);
        return loaded({parameter});
      }
    }
    if (name == "sum" || name == "max" || name == "min") {
      evalAll(node.arguments);
      return other({&self});
    }
    std::vector<SymbolicForm> arguments = evalAll(node.arguments);
    SymbolicForm joined = other({&self});
    for (const SymbolicForm &argumentForm : arguments)
      joined = other({&joined, &argumentForm});
    static constexpr std::array<std::string_view, 5> same = {"reshape", "trans", "permute",
                                                             "broadcast_to", "expand_dims"};
    return isOneOf(name, same) ? self : joined;
  }

  void recordDescriptor(bool store, const std::string &parameter, const SymbolicForm &offsets,
                        std::optional<DType> type) {
    auto block = std::make_shared<BlockPointer>();
    block->base = parameter;
    block->offsets = offsets.items;
    for (const SymbolicForm &offset : offsets.items) // pid * BLOCK says how large its blocks are
      for (const IndexTerm &term : offset.terms)
        if (term.coefficient)
          note(term.coefficient, result.blocks);
    record(store ? MemoryAccess::Kind::Store : MemoryAccess::Kind::Load, block, type);
  }

  SymbolicForm loaded(std::set<std::string> sources) {
    SymbolicForm form;
    form.known = false;
    form.data = true;
    form.sources = std::move(sources);
    return form;
  }

  // The parameter that a form adds offsets to: of its scalars the first that is a bare parameter.
  std::string pointerOf(const SymbolicForm &form) const {
    for (const ExprPtr &part : form.scalars)
      if (const auto *name = part->as<Name>(); name && parameters.contains(name->id))
        return name->id;
    return "";
  }

  static SymbolicForm withoutPointer(SymbolicForm form, const std::string &pointer) {
    auto at = std::ranges::find_if(form.scalars, [&](const ExprPtr &part) {
      const auto *name = part->as<Name>();
      return name && name->id == pointer;
    });
    if (at != form.scalars.end())
      form.scalars.erase(at);
    return form;
  }

  void record(MemoryAccess::Kind kind, std::shared_ptr<const BlockPointer> block,
              std::optional<DType> type) {
    if (frame().recording && !block->base.empty())
      result.accesses.push_back({kind, block->base, block->address, block, type});
    for (std::size_t i = 0; i < block->offsets.size() && i < block->shape.size(); ++i) {
      SymbolicForm whole = block->offsets[i];
      if (i < block->blockShape.size() && block->blockShape[i].isScalar())
        whole.terms.push_back({nullptr, addAtom({IndexAtom::Kind::Arange,
                                                 -1,
                                                 sumOf(block->blockShape[i].scalars),
                                                 nullptr,
                                                 {},
                                                 {},
                                                 ""})});
      if (block->shape[i].isScalar() && whole.known)
        bound(whole, sumOf(block->shape[i].scalars));
    }
  }

  SymbolicForm access(MemoryAccess::Kind kind, const SymbolicForm &address,
                      std::optional<DType> type) {
    if (address.block) {
      record(kind, address.block, type);
      return loaded({address.block->base});
    }
    std::string pointer = pointerOf(address);
    if (pointer.empty() || !address.known)
      return loaded(pointer.empty() ? std::set<std::string>{} : std::set<std::string>{pointer});
    SymbolicForm rest = withoutPointer(address, pointer);
    if (frame().recording)
      result.accesses.push_back({kind, pointer, std::move(rest), nullptr, type});
    return loaded({pointer});
  }

  SymbolicForm callBuiltin(const std::string &name, const Call &node, const Expr &expression);
  SymbolicForm callMemory(const std::string &name, const Call &node);
  SymbolicForm makeBlockPointer(const Call &node, bool descriptor);
  SymbolicForm callHelper(const JitFunction &function, const Call &node);

  // Statements.
  void block(const Block &body) {
    for (const StmtPtr &stmt : body) {
      if (++statements > maximumStatements)
        return;
      statement(*stmt);
    }
  }
  void assign(const Expr &target, const SymbolicForm &value) {
    if (const auto *name = target.as<Name>()) {
      frame().names[name->id] = value;
      return;
    }
    const auto *tuple = target.as<Tuple>();
    for (std::size_t i = 0; tuple && i < tuple->items.size(); ++i)
      assign(*tuple->items[i], i < value.items.size() ? value.items[i] : other({&value}));
  }
  void statement(const Stmt &stmt) {
    if (const auto *node = stmt.as<Assign>()) {
      SymbolicForm value = eval(node->value);
      for (const ExprPtr &target : node->targets)
        assign(*target, value);
    } else if (const auto *node = stmt.as<AnnotatedAssign>()) {
      if (node->value)
        assign(*node->target, eval(node->value));
    } else if (const auto *node = stmt.as<AugmentedAssign>()) {
      auto combined = makeExpr(Binary{node->op, node->target, node->value});
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
      loopBody(node->body, addAtom({IndexAtom::Kind::Loop, -1, integer(4), nullptr, {}, {}, ""}));
    } else if (const auto *node = stmt.as<Return>()) {
      SymbolicForm value = eval(node->value);
      if (node->value && !frame().returned)
        frame().returned = std::move(value);
    } else if (const auto *node = stmt.as<With>()) {
      block(node->body);
    }
  }
  void forLoop(const For &node);
  void loopBody(const Block &body, int atom);

  const KernelFile &opened;
  AccessAnalysis &result;
  std::vector<Frame> frames;
  std::set<std::string> parameters;
  std::map<std::string, int> quantities;
  int statements = 0, steps = 0;
};

// for i in range(start, stop, step): i is start + step * round.
void Analyzer::forLoop(const For &node) {
  const auto *call = node.iterable->as<Call>();
  std::string name = call ? dottedName(*call->function) : "";
  name = name.substr(name.rfind('.') + 1);
  SymbolicForm index = other({});
  IndexAtom atom{IndexAtom::Kind::Loop, -1, integer(4), nullptr, {}, {}, ""};
  int id = -1;
  if (call && (name == "range" || name == "static_range") && !call->arguments.empty()) {
    std::vector<SymbolicForm> bounds = evalAll(call->arguments);
    SymbolicForm start = bounds.size() > 1 ? bounds[0] : SymbolicForm{};
    SymbolicForm stop = bounds.size() > 1 ? bounds[1] : bounds[0];
    SymbolicForm step = bounds.size() > 2 ? bounds[2] : scalar(integer(1));
    // A persistent kernel's loop starts at its program: one round will do.
    bool persistent = !start.terms.empty();
    if (persistent) {
      atom.extent = integer(1);
      const auto *count =
          step.isScalar() && step.scalars.size() == 1 ? step.scalars[0]->as<Name>() : nullptr;
      const IndexAtom &first = result.atoms[static_cast<std::size_t>(start.terms[0].atom)];
      if (count && first.kind == IndexAtom::Kind::Program)
        result.persistent[first.axis] = count->id;
    }
    if (!persistent && stop.isScalar() && start.isScalar() && step.isScalar())
      atom.extent = makeExpr(Call{makeExpr(Name{"cdiv"}),
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
void Analyzer::loopBody(const Block &body, int atom) {
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

SymbolicForm Analyzer::callHelper(const JitFunction &function, const Call &node) {
  std::vector<SymbolicForm> arguments = evalAll(node.arguments);
  std::map<std::string, SymbolicForm> named;
  for (const Keyword &keyword : node.keywords)
    named[keyword.name] = eval(keyword.value);
  SymbolicForm joined = other({});
  for (const SymbolicForm &argument : arguments)
    joined = other({&joined, &argument});
  if (frames.size() > maximumCallDepth || statements > maximumStatements)
    return joined;
  Frame inner(&opened.homeOf(function));
  inner.recording = frame().recording;
  const auto &definition = *function.definition->as<FunctionDef>();
  for (std::size_t i = 0; i < definition.parameters.size(); ++i) {
    const Parameter &parameter = definition.parameters[i];
    auto keyword = named.find(parameter.name);
    if (i < arguments.size())
      inner.names[parameter.name] = arguments[i];
    else if (keyword != named.end())
      inner.names[parameter.name] = keyword->second;
    else
      inner.names[parameter.name] = eval(parameter.defaultValue);
  }
  frames.push_back(std::move(inner));
  block(definition.body);
  std::optional<SymbolicForm> returned = std::move(frames.back().returned);
  frames.pop_back();
  return returned ? std::move(*returned) : joined;
}

SymbolicForm Analyzer::makeBlockPointer(const Call &node, bool descriptor) {
  auto block = std::make_shared<BlockPointer>();
  SymbolicForm base = evalArgument(node, 0, "base");
  block->base = pointerOf(base);
  block->address = withoutPointer(base, block->base);
  block->shape = evalArgument(node, 1, "shape").items;
  block->strides = evalArgument(node, 2, "strides").items;
  if (!descriptor)
    block->offsets = evalArgument(node, 3, "offsets").items;
  block->blockShape = evalArgument(node, descriptor ? 3 : 4, "block_shape").items;
  for (const SymbolicForm &size : block->blockShape)
    noteForm(size, result.blocks);
  SymbolicForm form;
  form.block = std::move(block);
  return form;
}

SymbolicForm Analyzer::callMemory(const std::string &name, const Call &node) {
  const ExprPtr *pointer = argument(node, 0, "pointer");
  if (!pointer)
    return other({});
  SymbolicForm where = eval(*pointer);
  SymbolicForm mask = evalArgument(node, name == "load" ? 1 : 2, "mask");
  result.maskData.insert(mask.sources.begin(), mask.sources.end());
  if (name == "load") {
    evalArgument(node, 2, "other");
    return access(MemoryAccess::Kind::Load, where, std::nullopt);
  }
  SymbolicForm value = evalArgument(node, 1, name == "store" ? "value" : "val");
  return access(name == "store" ? MemoryAccess::Kind::Store : MemoryAccess::Kind::Atomic, where,
                value.dtype);
}

SymbolicForm Analyzer::callBuiltin(const std::string &name, const Call &node,
                                   const Expr &expression) {
  if (name == "load" || name == "store" || name.starts_with("atomic_"))
    return callMemory(name, node);
  if (name == "program_id") {
    SymbolicForm axis = evalArgument(node, 0, "axis");
    const auto *constant = axis.scalars.size() == 1 ? axis.scalars[0]->as<Constant>() : nullptr;
    std::int64_t number = constant ? toInt64(constant->value).value_or(0) : 0;
    int id = static_cast<int>(std::clamp<std::int64_t>(number, 0, 2));
    std::string key = fmt::format("program {}", id);
    auto known = quantities.find(key);
    if (known == quantities.end())
      known =
          quantities
              .emplace(key, addAtom({IndexAtom::Kind::Program, id, nullptr, nullptr, {}, {}, ""}))
              .first;
    return ofAtom(known->second);
  }
  if (name == "arange") {
    SymbolicForm start = evalArgument(node, 0, "start"), end = evalArgument(node, 1, "end");
    noteForm(end, result.blocks);
    if (!start.isScalar() || !end.isScalar())
      return other({&start, &end});
    bool fromZero = isInteger(sumOf(start.scalars), 0);
    ExprPtr extent = fromZero ? sumOf(end.scalars) : sumOf(add(end, start, true).scalars);
    SymbolicForm range =
        ofAtom(addAtom({IndexAtom::Kind::Arange, -1, extent, nullptr, {}, {}, ""}));
    return fromZero ? range : add(start, range, false);
  }
  if (name == "make_block_ptr")
    return makeBlockPointer(node, false);
  if (name == "make_tensor_descriptor" || name == "_experimental_make_tensor_descriptor")
    return makeBlockPointer(node, true);
  if (name == "zeros" || name == "full") {
    SymbolicForm shape = evalArgument(node, 0, "shape");
    noteForm(shape, result.blocks);
    SymbolicForm form = other({});
    form.data = true;
    if (const ExprPtr *type = argument(node, name == "zeros" ? 1 : 2, "dtype"))
      form.dtype = typeNamed(*type);
    return form;
  }
  std::vector<SymbolicForm> arguments = evalAll(node.arguments);
  for (const Keyword &keyword : node.keywords)
    arguments.push_back(eval(keyword.value));
  static constexpr std::array<std::string_view, 14> same = {
      "max_contiguous", "multiple_of",   "max_constancy", "broadcast_to", "expand_dims",
      "reshape",        "view",          "trans",         "advance",      "ravel",
      "permute",        "debug_barrier", "constexpr",     "to_tensor"};
  if (isOneOf(name, same))
    return arguments.empty() ? other({}) : arguments[0];
  if (name == "cast" && arguments.size() > 1) {
    SymbolicForm cast = arguments[0];
    cast.dtype = typeNamed(*(argument(node, 1, "dtype")));
    return cast;
  }
  if (name == "where" && arguments.size() == 3) {
    result.maskData.insert(arguments[0].sources.begin(), arguments[0].sources.end());
    bool index =
        arguments[1].known && arguments[2].known && !arguments[1].data && !arguments[2].data;
    return index && !arguments[1].terms.empty() ? arguments[1] : meet(arguments[1], arguments[2]);
  }
  if (name == "dot" || name == "dot_scaled") {
    result.hasDot = true;
    for (std::size_t i = 0; i < std::min<std::size_t>(arguments.size(), 2); ++i)
      result.dotOperands.insert(arguments[i].sources.begin(), arguments[i].sources.end());
    SymbolicForm form = other({});
    form.data = true;
    return form;
  }
  SymbolicForm joined = other({});
  bool scalars = !arguments.empty() && node.keywords.empty();
  for (const SymbolicForm &form : arguments) {
    joined = meet(joined, form);
    scalars = scalars && form.isScalar() && form.scalars.size() > 0;
  }
  static constexpr std::array<std::string_view, 8> pure = {
      "cdiv", "min", "max", "minimum", "maximum", "next_power_of_2", "abs", "div_up"};
  if (scalars && isOneOf(name, pure)) {
    Call call;
    std::string python = name == "minimum"   ? "min"
                         : name == "maximum" ? "max"
                         : name == "div_up"  ? "cdiv"
                                             : name;
    call.function = makeExpr(Name{python});
    for (const SymbolicForm &form : arguments)
      call.arguments.push_back(sumOf(form.scalars));
    ExprPtr whole = makeExpr(std::move(call));
    return toSource(*whole).size() > maximumText ? joined : scalar(std::move(whole));
  }
  if ((name == "argmax" || name == "argmin") && !arguments.empty())
    joined.dtype = DType::Int32;
  // min(npm - first, GROUP) with an index inside is still an index.
  if (isOneOf(name, pure) && !joined.data && !joined.atoms.empty()) {
    IndexAtom atom{IndexAtom::Kind::Other, -1, nullptr, nullptr, {}, {}, ""};
    atom.form.atoms = joined.atoms;
    return ofAtom(addAtom(std::move(atom)));
  }
  return joined;
}

} // namespace

ExprPtr sumOf(const std::vector<ExprPtr> &scalars) {
  ExprPtr sum;
  for (const ExprPtr &part : scalars) {
    if (isInteger(part, 0) && scalars.size() > 1)
      continue;
    const auto *negated = part->as<Unary>();
    bool minus = negated && negated->op == "-" && sum;
    sum = !sum ? part : makeExpr(Binary{minus ? "-" : "+", sum, minus ? negated->operand : part});
  }
  return sum ? sum : integer(0);
}

std::string keyOf(const SymbolicForm &form) {
  std::vector<std::string> parts;
  for (const ExprPtr &part : form.scalars)
    if (!isInteger(part, 0))
      parts.push_back(toSource(*part));
  for (const IndexTerm &term : form.terms)
    parts.push_back(
        fmt::format("{}*@{}", term.coefficient ? toSource(*term.coefficient) : "1", term.atom));
  std::ranges::sort(parts);
  return fmt::format("{}", fmt::join(parts, "+"));
}

AccessAnalysis analyzeAccesses(const KernelFile &file, const JitFunction &kernel) {
  AccessAnalysis result;
  // Which names are tile extents decides what a product means: a first run finds them.
  Analyzer(file, result).run(kernel);
  AccessAnalysis again;
  again.blocks = result.blocks;
  Analyzer(file, again).run(kernel);
  return again;
}

} // namespace lapidary
