// LaunchGuesser: strides, tensors, and the launch that they make.
#include "core/source/LaunchGuesser.h"
#include "core/source/TtirFile.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace lapidary {

using namespace ast;

static constexpr std::int64_t maximumBytes = std::int64_t{256} << 20; // of all tensors
static constexpr int scales = 8;

// What all accesses of a pointer reach without any stride: the length of a row.
std::int64_t LaunchGuesser::innermost(const std::string &pointer) const {
  std::int64_t longest = 1;
  for (const SymbolicAccess &access : analysis.accesses) {
    if (access.pointer != pointer || access.block)
      continue;
    SymbolicForm rest;
    rest.scalars = access.address.scalars;
    for (const IndexTerm &term : access.address.terms) {
      std::set<std::string> names = parameterNames(term.coefficient);
      if (std::ranges::none_of(names, [&](const auto &name) { return strides.contains(name); }))
        rest.terms.push_back(term);
    }
    std::int64_t offset = 0;
    for (const ExprPtr &part : std::exchange(rest.scalars, {}))
      if (std::ranges::none_of(parameterNames(part),
                               [&](const auto &name) { return strides.contains(name); }))
        offset += std::max<std::int64_t>(evaluate(part).value_or(0), 0);
    longest = std::max(longest, offset + (rest.terms.empty() ? 1 : reach(rest)));
  }
  return longest;
}

// Innermost what stands without a stride, then the strides from the last in the signature to the
// first.
void LaunchGuesser::chooseStridesOf(const SymbolicAccess &access) {
  std::vector<std::pair<std::string, std::vector<IndexTerm>>> groups;
  auto addTo = [&](const std::string &name, const IndexTerm &term) {
    for (auto &[known, terms] : groups)
      if (known == name) {
        terms.push_back(term);
        return;
      }
    groups.push_back({name, {term}});
  };
  for (const IndexTerm &term : access.address.terms) {
    std::string stride;
    for (const std::string &name : parameterNames(term.coefficient))
      if (strides.contains(name) && stride.empty())
        stride = name;
    if (!stride.empty())
      addTo(stride, term);
  }
  auto position = [&](const std::string &name) {
    return std::ranges::find(kernel.parameters, name, &KernelParameter::name) -
           kernel.parameters.begin();
  };
  std::ranges::sort(
      groups, [&](const auto &a, const auto &b) { return position(a.first) > position(b.first); });
  std::int64_t inner = innermost(access.pointer);
  for (auto &[name, terms] : groups) {
    auto known = values.find(name);
    std::int64_t stride = known == values.end() ? inner : toInt64(known->second).value_or(inner);
    values[name] = makeInt(1); // so that coefficients count in units of it
    __int128 last = 0;
    std::int64_t limited = unbounded;
    for (const IndexTerm &term : terms) {
      last += static_cast<__int128>(std::max<std::int64_t>(coefficient(term), 0)) *
              (extent(term.atom) - 1);
      if (terms.size() == 1)
        limited = reach(formOf(term.atom));
    }
    values[name] = makeInt(stride);
    std::int64_t extentHere = std::min<std::int64_t>(
        last >= unbounded ? unbounded : static_cast<std::int64_t>(last) + 1, limited);
    inner = saturatingProduct(stride, std::max<std::int64_t>(extentHere, 1));
  }
  // Block pointers name shape and strides side by side.
  if (!access.block)
    return;
  inner = 1;
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < access.block->strides.size(); ++i)
    order.push_back(i);
  auto strideName = [&](std::size_t i) -> std::string {
    const auto &scalars = access.block->strides[i].scalars;
    const auto *name = scalars.size() == 1 ? scalars[0]->as<Name>() : nullptr;
    return name ? name->id : "";
  };
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    return position(strideName(a)) > position(strideName(b));
  });
  std::ranges::stable_partition(order, [&](std::size_t i) { return strideName(i).empty(); });
  for (std::size_t i : order) {
    std::string name = strideName(i);
    if (!name.empty() && isParameter(name) && !sizes.contains(name))
      values.emplace(name, makeInt(inner));
    std::int64_t size = i < access.block->shape.size() && access.block->shape[i].isScalar()
                            ? evaluate(sumOf(access.block->shape[i].scalars)).value_or(1)
                            : 1;
    std::int64_t stride = evaluate(sumOf(access.block->strides[i].scalars)).value_or(1);
    inner = std::max(inner, saturatingProduct(stride, std::max<std::int64_t>(size, 1)));
  }
}

void LaunchGuesser::chooseStrides() {
  std::vector<const SymbolicAccess *> order;
  for (const SymbolicAccess &access : analysis.accesses)
    order.push_back(&access);
  std::ranges::stable_sort(order, [](const SymbolicAccess *a, const SymbolicAccess *b) {
    return a->address.terms.size() > b->address.terms.size();
  });
  for (const SymbolicAccess *access : order)
    chooseStridesOf(*access);
}

// The dimensions that one access walks along, with numbers for everything.
LaunchGuesser::Tensor LaunchGuesser::measure(const SymbolicAccess &access) {
  Tensor tensor;
  auto add = [&](std::int64_t stride, std::int64_t size) {
    if (stride > 0 && size > 1)
      tensor.dimensions.push_back({stride, size});
  };
  if (access.block) {
    for (std::size_t i = 0; i < access.block->shape.size() && i < access.block->strides.size(); ++i)
      add(evaluate(sumOf(access.block->strides[i].scalars)).value_or(1),
          evaluate(sumOf(access.block->shape[i].scalars)).value_or(1));
  } else {
    SymbolicForm rest;
    std::map<std::int64_t, std::pair<std::int64_t, int>> byStride; // stride -> last index, terms
    for (const IndexTerm &term : access.address.terms) {
      std::set<std::string> names = parameterNames(term.coefficient);
      bool spaced = std::ranges::all_of(
          names, [&](const std::string &name) { return analysis.blocks.contains(name); });
      std::string stride;
      for (const std::string &name : names)
        if (values.contains(name) && strides.contains(name) && stride.empty())
          stride = name;
      if (spaced) {
        rest.terms.push_back(term);
        continue;
      }
      std::int64_t whole = std::max<std::int64_t>(coefficient(term), 0);
      std::int64_t unit = stride.empty() ? whole : toInt64(values[stride]).value_or(whole);
      auto &[last, count] = byStride[unit];
      last += (unit > 0 ? whole / unit : 0) * (extent(term.atom) - 1);
      ++count;
    }
    for (const auto &[stride, walked] : byStride)
      add(stride, walked.first + 1);
    add(1, rest.terms.empty() ? 1 : reach(rest));
  }
  std::ranges::stable_sort(tensor.dimensions, [](const Dimension &a, const Dimension &b) {
    return a.stride > b.stride;
  });
  __int128 last = 0;
  for (const Dimension &dimension : tensor.dimensions)
    last += static_cast<__int128>(dimension.stride) * (dimension.extent - 1);
  for (const ExprPtr &part : access.address.scalars)
    last += std::max<std::int64_t>(evaluate(part).value_or(0), 0);
  if (access.block)
    for (const IndexTerm &term : access.address.terms)
      last += static_cast<__int128>(std::max<std::int64_t>(coefficient(term), 0)) *
              (extent(term.atom) - 1);
  tensor.reach = last >= unbounded ? unbounded : static_cast<std::int64_t>(last) + 1;
  return tensor;
}

void LaunchGuesser::measure() {
  tensors.clear();
  for (const SymbolicAccess &access : analysis.accesses) {
    Tensor measured = measure(access);
    auto [known, isNew] = tensors.emplace(access.pointer, measured);
    if (!isNew && measured.reach > known->second.reach)
      known->second = std::move(measured);
  }
}

std::int64_t LaunchGuesser::totalBytes() const {
  __int128 sum = 0;
  for (const auto &[name, tensor] : tensors)
    sum += static_cast<__int128>(tensor.reach) * dtypeBytes(elementType(name));
  return sum > unbounded ? unbounded : static_cast<std::int64_t>(sum);
}

DType LaunchGuesser::elementType(const std::string &name) const {
  auto parameter = std::ranges::find(kernel.parameters, name, &KernelParameter::name);
  if (parameter != kernel.parameters.end() && parameter->annotation.starts_with("*"))
    if (std::optional<DType> type = parseDType(parameter->annotation.substr(1)))
      return *type;
  for (const IndexAtom &atom : analysis.atoms)
    if (atom.kind == IndexAtom::Kind::Loaded && atom.source == name)
      for (const SymbolicAccess &access : analysis.accesses)
        for (const IndexTerm &term : access.address.terms) {
          SymbolicForm inside = formOf(term.atom);
          for (const IndexTerm &inner : inside.terms)
            if (&analysis.atoms[static_cast<std::size_t>(inner.atom)] == &atom)
              return DType::Int64; // an index, as tensor libraries make them
        }
  for (const SymbolicAccess &access : analysis.accesses)
    if (access.pointer == name && access.storedAs)
      return *access.storedAs;
  if (analysis.dotOperands.contains(name))
    return DType::Fp16;
  bool conditional = analysis.maskData.contains(name);
  if (conditional && hasAny(name, {"mask", "cond", "flag", "valid"}))
    return DType::Int1;
  if (hasAny(name, {"lock", "counter", "count_ptr"}))
    return DType::Int32;
  return DType::Fp32;
}

TensorArgument LaunchGuesser::tensorFor(const std::string &name) const {
  TensorArgument tensor;
  tensor.dtype = elementType(name);
  auto measured = tensors.find(name);
  static const Tensor nothing{{{1, 1024}}, 1024};
  const Tensor &known = measured == tensors.end() ? nothing : measured->second;
  for (const Dimension &dimension : known.dimensions) {
    tensor.shape.push_back(dimension.extent);
    tensor.strides.push_back(dimension.stride);
  }
  if (tensor.shape.empty() || tensor.shape.size() > 8) {
    tensor.shape = {std::max<std::int64_t>(known.reach, 1)};
    tensor.strides = {1};
  }
  std::int64_t reached = reachInBytes(tensor).value_or(0);
  tensor.storage = std::max(reached, saturatingProduct(known.reach, dtypeBytes(tensor.dtype)));
  bool stored = false, loaded = false;
  for (const SymbolicAccess &access : analysis.accesses)
    if (access.pointer == name) {
      stored = stored || access.kind == SymbolicAccess::Kind::Atomic;
      loaded = loaded || access.kind == SymbolicAccess::Kind::Load;
    }
  if (tensor.dtype == DType::Int64 && loaded)
    tensor.init = "randint:0:1024";
  else if (tensor.dtype == DType::Int1)
    tensor.init = "randint:0:2";
  else if (stored && !loaded)
    tensor.init = "zeros";
  return tensor;
}

// The step between the offsets of neighbouring programs is the block; an index without a step picks
// one place along its dimension.
std::vector<std::int64_t> LaunchGuesser::descriptorTile(const std::string &name,
                                                        std::size_t rank) const {
  std::vector<std::int64_t> tile(rank, 64);
  std::vector<bool> isIndex(rank, false);
  bool anyStep = false;
  for (const SymbolicAccess &access : analysis.accesses)
    for (std::size_t i = 0; access.block && access.pointer == name && i < rank; ++i)
      if (i < access.block->offsets.size())
        for (const IndexTerm &term : access.block->offsets[i].terms) {
          const std::int64_t step = coefficient(term);
          const bool isStep = step > 1 && (step & (step - 1)) == 0;
          isIndex[i] = isIndex[i] || step == 1;
          anyStep = anyStep || isStep;
          if (isStep)
            tile[i] = step;
        }
  for (std::size_t i = 0; anyStep && i + 1 < rank; ++i)
    if (isIndex[i] && tile[i] == 64)
      tile[i] = 1;
  return tile;
}

Value LaunchGuesser::scalarFor(const KernelParameter &parameter) const {
  const std::string &name = parameter.name;
  if (auto known = values.find(name); known != values.end())
    return known->second;
  bool integer = hasAny(parameter.annotation, {"int", "i32", "i64", "u32", "u64"});
  if (hasAny(name, {"eps"}))
    return Value{1e-5};
  if (!integer && (parameter.annotation == "float" || analysis.dataScalars.contains(name) ||
                   hasAny(name, {"scale", "alpha", "beta", "lr", "momentum", "theta"}))) {
    bool whole = name.starts_with("n_") || name.starts_with("num_") || name == "n" || name == "N" ||
                 name == "M" || name == "K";
    if (hasAny(name, {"scale"}))
      return Value{0.125};
    if (name == "p" || hasAny(name, {"dropout", "prob"}))
      return Value{0.5};
    return whole ? makeInt(1024) : Value{1.0};
  }
  if (analysis.conditions.contains(name))
    return Value{false};
  if (hasAny(name, {"ignore"}))
    return makeInt(-100); // as loss functions have it
  if (hasAny(name, {"seed"}))
    return makeInt(42);
  if (hasAny(name, {"offset", "start", "begin"}))
    return makeInt(0);
  return makeInt(1);
}

std::string LaunchGuesser::gridText(int axis) const {
  if (auto persistent = analysis.persistent.find(axis); persistent != analysis.persistent.end())
    return persistent->second;
  if (auto own = direct.find(axis); own != direct.end())
    return own->second.text;
  auto derived = factors.find(axis);
  if (derived == factors.end())
    return "1";
  std::string text;
  std::int64_t literal = 1;
  for (const auto &[key, factor] : derived->second) {
    if (factor.text == std::to_string(factor.value))
      literal = saturatingProduct(literal, factor.value);
    else
      text += (text.empty() ? "" : " * ") + factor.text;
  }
  return literal == 1 && !text.empty() ? text
         : text.empty()                ? std::to_string(literal)
                                       : fmt::format("{} * {}", text, literal);
}

Launch LaunchGuesser::guess() {
  classify();
  for (int round = 0; round < scales; ++round) {
    values.clear();
    chooseConstants();
    chooseSizes(std::int64_t{1} << (2 * round));
    choosePrograms();
    chooseStrides();
    measure();
    if (totalBytes() <= maximumBytes)
      break;
  }
  Launch launch;
  launch.kernel = kernel.name;
  launch.name = "guess";
  std::set<std::string> computed;
  for (const HeuristicsDecorator &decorator : kernel.heuristics)
    for (const auto &[name, function] : decorator.values)
      computed.insert(name);
  for (const KernelParameter &parameter : kernel.parameters) {
    const std::string &name = parameter.name;
    if (computed.contains(name) || (parameter.defaultValue && !pointers.contains(name)))
      continue;
    Value value;
    auto descriptor = analysis.descriptorRank.find(name);
    if (descriptor != analysis.descriptorRank.end() && !parameter.isConstexpr) {
      TensorArgument base;
      base.dtype = DType::Fp16;
      base.shape.assign(static_cast<std::size_t>(descriptor->second), descriptorSize);
      base.strides = contiguousStrides(base.shape);
      base.storage = reachInBytes(base).value_or(0);
      std::vector<std::int64_t> tile = descriptorTile(name, base.shape.size());
      value = Value{TensorDescriptorValue{std::move(base), std::move(tile)}};
    } else if (pointers.contains(name) && !parameter.isConstexpr) {
      value = Value{tensorFor(name)};
    } else {
      value = scalarFor(parameter);
    }
    launch.arguments.emplace_back(name, std::move(value));
    launch.guessed.insert(name);
  }
  int last = 0;
  for (const IndexAtom &atom : analysis.atoms)
    last = std::max(last, atom.axis);
  for (int axis = 0; axis <= last; ++axis)
    launch.grid.push_back(gridText(axis));
  launch.guessed.insert("grid");
  return launch;
}

Launch guessLaunch(const KernelFile &file, const JitFunction &kernel) {
  if (isTtir(kernel))
    return guessTtirLaunch(kernel);
  Launch launch = LaunchGuesser(file, kernel).guess();
  if (Result<Launch> bound = bindLaunch(file, kernel, launch))
    launch = std::move(*bound);
  else
    for (const HeuristicsDecorator &decorator : kernel.heuristics)
      for (const auto &[name, function] : decorator.values)
        if (!launch.argument(name)) { // cannot be evaluated on guesses
          launch.arguments.emplace_back(name, Value{false});
          launch.guessed.insert(name);
        }
  if (Result<Launch> bound = bindLaunch(file, kernel, launch))
    launch = std::move(*bound);
  if (!evaluateGrid(launch, kernel, file))
    launch.grid = {"1"};
  return launch;
}

} // namespace lapidary
