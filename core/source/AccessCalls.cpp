// AccessAnalyzer: calls, which read and write memory, make index ranges, or pass on to helpers.
#include "core/source/AccessAnalyzer.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace lapidary {

using namespace ast;

namespace {

constexpr std::size_t maximumCallDepth = 8;
constexpr std::size_t maximumText = 400; // of one scalar expression

template <std::size_t N>
bool isOneOf(std::string_view name, const std::array<std::string_view, N> &names) {
  return std::ranges::find(names, name) != names.end();
}

} // namespace

std::optional<DType> AccessAnalyzer::typeNamed(const ExprPtr &expression) {
  std::string full = frame().home->fullName(dottedName(*expression));
  std::optional<Value> value = Evaluator::builtinConstant(full);
  if (const DType *type = value ? value->as<DType>() : nullptr)
    return *type;
  if (const auto *name = expression->as<Name>())
    if (auto local = frame().names.find(name->id); local != frame().names.end())
      noteForm(local->second, result.types);
  return std::nullopt;
}

const ExprPtr *AccessAnalyzer::argument(const Call &call, std::size_t index,
                                        std::string_view name) {
  for (const Keyword &keyword : call.keywords)
    if (keyword.name == name)
      return &keyword.value;
  return index < call.arguments.size() ? &call.arguments[index] : nullptr;
}

SymbolicForm AccessAnalyzer::evalArgument(const Call &call, std::size_t index,
                                          std::string_view name) {
  const ExprPtr *found = argument(call, index, name);
  return found ? eval(*found) : SymbolicForm{};
}

SymbolicForm AccessAnalyzer::visit(const Call &node, const Expr &expression) {
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

SymbolicForm AccessAnalyzer::callMethod(const SymbolicForm &self, const Attribute &attribute,
                                        const Call &node) {
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
      auto block = std::make_shared<SymbolicBlock>(*self.block);
      block->offsets = offsets.items;
      record(store ? SymbolicAccess::Kind::Store : SymbolicAccess::Kind::Load, block, value.dtype);
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

void AccessAnalyzer::recordDescriptor(bool store, const std::string &parameter,
                                      const SymbolicForm &offsets, std::optional<DType> type) {
  auto block = std::make_shared<SymbolicBlock>();
  block->base = parameter;
  block->offsets = offsets.items;
  for (const SymbolicForm &offset : offsets.items) // pid * BLOCK says how large its blocks are
    for (const IndexTerm &term : offset.terms)
      if (term.coefficient)
        note(term.coefficient, result.blocks);
  record(store ? SymbolicAccess::Kind::Store : SymbolicAccess::Kind::Load, block, type);
}

SymbolicForm AccessAnalyzer::loaded(std::set<std::string> sources) {
  SymbolicForm form;
  form.known = false;
  form.data = true;
  form.sources = std::move(sources);
  return form;
}

std::string AccessAnalyzer::pointerOf(const SymbolicForm &form) const {
  for (const ExprPtr &part : form.scalars)
    if (const auto *name = part->as<Name>(); name && parameters.contains(name->id))
      return name->id;
  return "";
}

SymbolicForm AccessAnalyzer::withoutPointer(SymbolicForm form, const std::string &pointer) {
  auto at = std::ranges::find_if(form.scalars, [&](const ExprPtr &part) {
    const auto *name = part->as<Name>();
    return name && name->id == pointer;
  });
  if (at != form.scalars.end())
    form.scalars.erase(at);
  return form;
}

void AccessAnalyzer::record(SymbolicAccess::Kind kind, std::shared_ptr<const SymbolicBlock> block,
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

SymbolicForm AccessAnalyzer::access(SymbolicAccess::Kind kind, const SymbolicForm &address,
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

SymbolicForm AccessAnalyzer::callHelper(const JitFunction &function, const Call &node) {
  std::vector<SymbolicForm> arguments = evalAll(node.arguments);
  std::map<std::string, SymbolicForm> named;
  for (const Keyword &keyword : node.keywords)
    named[keyword.name] = eval(keyword.value);
  SymbolicForm joined = other({});
  for (const SymbolicForm &argument : arguments)
    joined = other({&joined, &argument});
  if (frames.size() > maximumCallDepth || isExhausted())
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

SymbolicForm AccessAnalyzer::makeBlockPointer(const Call &node, bool descriptor) {
  auto block = std::make_shared<SymbolicBlock>();
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

SymbolicForm AccessAnalyzer::callMemory(const std::string &name, const Call &node) {
  const ExprPtr *pointer = argument(node, 0, "pointer");
  if (!pointer)
    return other({});
  SymbolicForm where = eval(*pointer);
  SymbolicForm mask = evalArgument(node, name == "load" ? 1 : 2, "mask");
  result.maskData.insert(mask.sources.begin(), mask.sources.end());
  if (name == "load") {
    evalArgument(node, 2, "other");
    return access(SymbolicAccess::Kind::Load, where, std::nullopt);
  }
  SymbolicForm value = evalArgument(node, 1, name == "store" ? "value" : "val");
  return access(name == "store" ? SymbolicAccess::Kind::Store : SymbolicAccess::Kind::Atomic, where,
                value.dtype);
}

SymbolicForm AccessAnalyzer::callBuiltin(const std::string &name, const Call &node,
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
    if (const ExprPtr *precision = argument(node, 99, "input_precision")) {
      std::set<std::string> names;
      noteForm(eval(*precision), names);
      for (const std::string &named : names)
        result.compared.emplace(named, makeString("ieee"));
    }
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
    call.function = makeScalarExpr(Name{python});
    for (const SymbolicForm &form : arguments)
      call.arguments.push_back(sumOf(form.scalars));
    ExprPtr whole = makeScalarExpr(std::move(call));
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

} // namespace lapidary
