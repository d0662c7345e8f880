#include "core/source/LaunchGuesser.h"

#include "core/source/AstWalk.h"

#include <algorithm>
#include <fmt/format.h>

namespace lapidary {

using namespace ast;

namespace {

constexpr std::int64_t maximumBytes = std::int64_t{256} << 20; // of all tensors
constexpr std::int64_t unbounded = std::int64_t{1} << 40;
constexpr int maximumDepth = 12;
constexpr int scales = 8;
constexpr std::int64_t descriptorSize = 1024; // of each dimension

bool hasAny(const std::string &name, std::initializer_list<std::string_view> parts) {
  std::string lower = name;
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::ranges::any_of(
      parts, [&](std::string_view part) { return lower.find(part) != std::string::npos; });
}

std::int64_t saturatingProduct(std::int64_t a, std::int64_t b) {
  __int128 product = static_cast<__int128>(a) * b;
  return product > unbounded ? unbounded : static_cast<std::int64_t>(product);
}

} // namespace

LaunchGuesser::LaunchGuesser(const KernelFile &file, const JitFunction &kernel)
    : file(file), kernel(kernel), home(file.homeOf(kernel)),
      analysis(analyzeAccesses(file, kernel)) {}

bool LaunchGuesser::isParameter(const std::string &name) const {
  return std::ranges::find(kernel.parameters, name, &KernelParameter::name) !=
         kernel.parameters.end();
}

std::set<std::string> LaunchGuesser::parameterNames(const ExprPtr &expression) const {
  std::set<std::string> names;
  if (expression)
    walkExpressions(*expression, [&](const Expr &part) {
      if (const auto *name = part.as<Name>(); name && isParameter(name->id))
        names.insert(name->id);
    });
  return names;
}

std::optional<std::int64_t> LaunchGuesser::evaluate(const ExprPtr &expression) const {
  auto lookup = [&](const std::string &name) -> std::optional<Value> {
    auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
  Result<Value> value = makeEvaluator(home, lookup, 10000).evaluate(*expression);
  return value ? toInt64(*value) : std::nullopt;
}

std::int64_t LaunchGuesser::coefficient(const IndexTerm &term) const {
  return term.coefficient ? evaluate(term.coefficient).value_or(1) : 1;
}

SymbolicForm LaunchGuesser::formOf(int atom) const {
  const IndexAtom &known = analysis.atoms[static_cast<std::size_t>(atom)];
  if (known.kind == IndexAtom::Kind::Quantity)
    return known.form;
  SymbolicForm form;
  form.terms.push_back({nullptr, atom});
  return form;
}

const ExprPtr *LaunchGuesser::limitOf(const SymbolicForm &form) const {
  auto found = limits.find(keyOf(form));
  return found == limits.end() ? nullptr : &found->second;
}

std::int64_t LaunchGuesser::extent(int id, int depth) const {
  const IndexAtom &atom = analysis.atoms[static_cast<std::size_t>(id)];
  if (depth > maximumDepth)
    return 1;
  switch (atom.kind) {
  case IndexAtom::Kind::Program: {
    auto own = direct.find(atom.axis);
    if (own != direct.end())
      return own->second.value;
    std::int64_t product = 1;
    if (auto derived = factors.find(atom.axis); derived != factors.end())
      for (const auto &[key, factor] : derived->second)
        product = saturatingProduct(product, factor.value);
    return product;
  }
  case IndexAtom::Kind::Arange:
  case IndexAtom::Kind::Loop:
    return std::max<std::int64_t>(evaluate(atom.extent).value_or(1), 1);
  case IndexAtom::Kind::Remainder:
    return std::max<std::int64_t>(evaluate(atom.extent).value_or(1), 1);
  case IndexAtom::Kind::Quotient: {
    std::int64_t divisor = std::max<std::int64_t>(evaluate(atom.extent).value_or(1), 1);
    return (reach(atom.form, depth + 1) + divisor - 1) / divisor;
  }
  case IndexAtom::Kind::Quantity:
    return reach(atom.form, depth + 1);
  case IndexAtom::Kind::Loaded:
    return 1024;
  case IndexAtom::Kind::Other:
    return freePrograms;
  }
  return 1;
}

std::int64_t LaunchGuesser::reach(const SymbolicForm &form, int depth) const {
  __int128 last = 0;
  for (const IndexTerm &term : form.terms)
    last += static_cast<__int128>(std::max<std::int64_t>(coefficient(term), 0)) *
            (extent(term.atom, depth + 1) - 1);
  for (const ExprPtr &part : form.scalars)
    last += std::max<std::int64_t>(evaluate(part).value_or(0), 0);
  std::int64_t all = last + 1 > unbounded ? unbounded : static_cast<std::int64_t>(last + 1);
  const ExprPtr *limit = limitOf(form);
  std::optional<std::int64_t> bounded = limit ? evaluate(*limit) : std::nullopt;
  return bounded && *bounded > 0 ? std::min(all, *bounded) : all;
}

// What each parameter is for.
void LaunchGuesser::classify() {
  for (const MemoryAccess &access : analysis.accesses)
    pointers.insert(access.pointer);
  auto addLimit = [&](const SymbolicForm &quantity, const ExprPtr &limit) {
    limits.emplace(keyOf(quantity), limit);
    for (const std::string &name : parameterNames(limit))
      sizes.insert(name);
  };
  for (const IndexBound &bound : analysis.bounds)
    if (!bound.wraps)
      addLimit(bound.quantity, bound.limit);
  for (const IndexBound &bound : analysis.bounds)
    if (bound.wraps && !limits.contains(keyOf(bound.quantity)))
      addLimit(bound.quantity, bound.limit);
    else if (bound.wraps) // a period of what a mask bounds
      periods.merge(parameterNames(bound.limit));
  for (const MemoryAccess &access : analysis.accesses) {
    if (access.block)
      for (const SymbolicForm &size : access.block->shape)
        for (const ExprPtr &part : size.scalars)
          sizes.merge(parameterNames(part));
    SymbolicForm rest;
    for (const IndexTerm &term : access.address.terms) {
      std::set<std::string> names = parameterNames(term.coefficient);
      for (const std::string &name : names)
        if (!analysis.blocks.contains(name))
          strides.insert(name);
      // A tile of a loop over range(0, n, BLOCK) stays below n.
      SymbolicForm inside = formOf(term.atom);
      for (const IndexTerm &inner : inside.terms) {
        const IndexAtom &atom = analysis.atoms[static_cast<std::size_t>(inner.atom)];
        if (atom.limit)
          addLimit(inside, atom.limit);
      }
    }
  }
  for (const IndexAtom &atom : analysis.atoms) {
    bool divisor =
        atom.kind == IndexAtom::Kind::Remainder || atom.kind == IndexAtom::Kind::Quotient;
    if (divisor || atom.kind == IndexAtom::Kind::Loop)
      for (const std::string &name : parameterNames(atom.extent))
        if (!analysis.blocks.contains(name))
          (atom.kind == IndexAtom::Kind::Loop && !divisor ? sizes : counts).insert(name);
  }
  auto without = [](std::set<std::string> &names, const std::set<std::string> &others) {
    std::erase_if(names, [&](const std::string &name) { return others.contains(name); });
  };
  without(pointers, analysis.blocks);
  for (std::set<std::string> *names : {&sizes, &counts, &strides, &periods}) {
    without(*names, pointers);
    without(*names, analysis.blocks);
  }
  without(periods, sizes);
  without(counts, periods);
  without(strides, periods);
  without(counts, sizes);
  without(strides, sizes);
  without(strides, counts);
  // Two indices under one stride walk along the same dimension: a bound of one holds for both.
  for (const MemoryAccess &access : analysis.accesses)
    for (const IndexTerm &term : access.address.terms)
      if (const ExprPtr *limit = limitOf(formOf(term.atom)))
        for (const std::string &name : parameterNames(term.coefficient))
          if (strides.contains(name))
            strideLimits.emplace(name, *limit);
  for (const MemoryAccess &access : analysis.accesses)
    for (const IndexTerm &term : access.address.terms)
      for (const std::string &name : parameterNames(term.coefficient))
        if (auto shared = strideLimits.find(name); shared != strideLimits.end())
          if (SymbolicForm inside = formOf(term.atom); !limitOf(inside) && inside.terms.size() > 1)
            limits.emplace(keyOf(inside), shared->second);
}

// The greatest number of aranges that one address is made of.
std::size_t LaunchGuesser::tileRank() const {
  std::size_t greatest = 0;
  for (const MemoryAccess &access : analysis.accesses) {
    std::set<int> ranges;
    for (const IndexTerm &term : access.address.terms)
      for (const IndexTerm &inner : formOf(term.atom).terms)
        if (analysis.atoms[static_cast<std::size_t>(inner.atom)].kind == IndexAtom::Kind::Arange)
          ranges.insert(inner.atom);
    greatest = std::max(greatest, access.block ? access.block->offsets.size() : ranges.size());
  }
  return greatest;
}

std::optional<Value> LaunchGuesser::chosenConstant(const KernelParameter &parameter) const {
  const std::string &name = parameter.name;
  for (const AutotuneDecorator &autotune : kernel.autotune)
    if (!autotune.configs.empty())
      for (const auto &[known, value] : autotune.configs.front().parameters)
        if (known == name)
          return value;
  if (parameter.defaultValue)
    return parameter.defaultValue;
  bool persistent = std::ranges::any_of(analysis.persistent,
                                        [&](const auto &entry) { return entry.second == name; });
  if (!parameter.isConstexpr || persistent)
    return std::nullopt;
  if (analysis.types.contains(name))
    return Value{DType::Fp32};
  if (auto compared = analysis.compared.find(name); compared != analysis.compared.end())
    return makeString(compared->second);
  bool flag = name.starts_with("IS_") || name.starts_with("HAS_") || name.starts_with("USE_") ||
              name.starts_with("EVEN") || name.starts_with("STORE_");
  if (analysis.blocks.contains(name)) {
    bool inner = name.ends_with('K') || name.ends_with('k');
    if (hasAny(name, {"head", "dim"}) || name == "D")
      return makeInt(64);
    if (analysis.hasDot)
      return makeInt(inner ? 32 : 64);
    return makeInt(tileRank() > 1 ? 64 : 1024);
  }
  if (flag || analysis.conditions.contains(name))
    return Value{false};
  if (sizes.contains(name) || counts.contains(name) || strides.contains(name) ||
      periods.contains(name))
    return std::nullopt;
  if (hasAny(name, {"group"}))
    return makeInt(8);
  if (hasAny(name, {"warps"}))
    return makeInt(4);
  if (hasAny(name, {"stages"}))
    return makeInt(2);
  if (hasAny(name, {"block", "tile"}))
    return makeInt(64);
  return analysis.dataScalars.contains(name) ? Value{1.0} : makeInt(1);
}

void LaunchGuesser::chooseConstants() {
  for (const KernelParameter &parameter : kernel.parameters)
    if (std::optional<Value> value = chosenConstant(parameter))
      values[parameter.name] = std::move(*value);
}

void LaunchGuesser::chooseSizes(std::int64_t scale) {
  std::vector<std::string> open;
  for (const std::string &name : sizes)
    if (!values.contains(name))
      open.push_back(name);
  // One tile without programs or loops must cover its bound by itself.
  std::map<std::string, std::int64_t> cover;
  for (const IndexBound &bound : analysis.bounds) {
    bool whole = std::ranges::all_of(bound.quantity.terms, [&](const IndexTerm &term) {
      return analysis.atoms[static_cast<std::size_t>(term.atom)].kind == IndexAtom::Kind::Arange;
    });
    const auto *name = bound.limit->as<Name>();
    if (!whole || !name || values.contains(name->id))
      continue;
    std::int64_t tile = 1;
    for (const IndexTerm &term : bound.quantity.terms)
      tile += coefficient(term) * (extent(term.atom) - 1);
    auto [known, isNew] = cover.emplace(name->id, tile);
    known->second = std::min(known->second, tile);
  }
  std::size_t uncovered = 0;
  for (const std::string &name : open)
    uncovered += cover.contains(name) ? 0 : 1;
  std::int64_t size = analysis.hasDot  ? 512
                      : uncovered <= 1 ? 1 << 20
                      : uncovered == 2 ? 1024
                                       : 256;
  // A program id that a stride multiplies is a row.
  bool rows = std::ranges::any_of(analysis.accesses, [&](const MemoryAccess &access) {
    return std::ranges::any_of(access.address.terms, [&](const IndexTerm &term) {
      std::set<std::string> names = parameterNames(term.coefficient);
      return analysis.atoms[static_cast<std::size_t>(term.atom)].kind == IndexAtom::Kind::Program &&
             std::ranges::any_of(
                 names, [&](const std::string &name) { return !analysis.blocks.contains(name); });
    });
  });
  if (uncovered <= 1 && !analysis.hasDot && rows)
    size = 4096; // rows of that length
  for (const std::string &name : open) {
    auto covering = cover.find(name);
    values[name] = makeInt(covering != cover.end() ? covering->second
                                                   : std::max<std::int64_t>(size / scale, 16));
  }
  for (const std::string &name : counts)
    values.emplace(name, makeInt(8));
  for (const std::string &name : periods)
    values.emplace(name, makeInt(1024));
  bool axes =
      std::ranges::any_of(analysis.atoms, [](const IndexAtom &atom) { return atom.axis > 0; });
  freePrograms = std::max<std::int64_t>((analysis.hasDot || axes ? 8 : 1024) / scale, 2);
  for (const auto &[axis, name] : analysis.persistent)
    values.emplace(name, makeInt(16));
}

// What one quantity says of the programs that it needs.
void LaunchGuesser::addFactor(const SymbolicForm &whole) {
  SymbolicForm form = whole;
  const ExprPtr *limit = limitOf(form);
  ExprPtr wrapped;
  if (form.terms.size() == 1 && !form.terms[0].coefficient) {
    const IndexAtom &only = analysis.atoms[static_cast<std::size_t>(form.terms[0].atom)];
    bool tile = only.kind == IndexAtom::Kind::Remainder && only.form.terms.size() > 1;
    if (tile) { // (pid * BLOCK + arange) % M
      wrapped = only.extent;
      limit = &wrapped;
      form = only.form;
    }
  }
  SymbolicForm programs; // the part that the programs decide
  std::int64_t tile = 1;
  ExprPtr tileText;
  std::set<int> axes;
  bool direct_ = true;
  for (const IndexTerm &term : form.terms) {
    const IndexAtom &atom = analysis.atoms[static_cast<std::size_t>(term.atom)];
    if (atom.kind == IndexAtom::Kind::Arange) {
      tile = std::max(tile, extent(term.atom));
      tileText = atom.extent;
    } else if (!atom.axes.empty()) {
      programs.terms.push_back(term);
      axes.insert(atom.axes.begin(), atom.axes.end());
      direct_ = direct_ && atom.kind == IndexAtom::Kind::Program;
    }
  }
  if (axes.size() != 1)
    return;
  Factor factor;
  std::optional<std::int64_t> bound = limit ? evaluate(*limit) : std::nullopt;
  if (bound && *bound > 0) {
    factor.rank = !tileText ? 2 : wrapped ? 3 : 4;
    factor.value = (*bound + tile - 1) / tile;
    factor.text = tileText ? fmt::format("cdiv({}, {})", toSource(**limit), toSource(*tileText))
                           : toSource(**limit);
  } else {
    const IndexAtom &first = analysis.atoms[static_cast<std::size_t>(programs.terms[0].atom)];
    bool remainder = programs.terms.size() == 1 && first.kind == IndexAtom::Kind::Remainder;
    factor.rank = tileText ? 1 : 0;
    factor.value =
        remainder ? std::max<std::int64_t>(evaluate(first.extent).value_or(1), 1) : freePrograms;
    factor.text = remainder ? toSource(*first.extent) : std::to_string(factor.value);
  }
  Factor &known = direct_ ? direct[*axes.begin()] : factors[*axes.begin()][keyOf(programs)];
  if (factor.rank > known.rank)
    known = factor;
}

void LaunchGuesser::choosePrograms() {
  factors.clear();
  direct.clear();
  for (const MemoryAccess &access : analysis.accesses) {
    SymbolicForm rest;
    for (const IndexTerm &term : access.address.terms) {
      const IndexAtom &atom = analysis.atoms[static_cast<std::size_t>(term.atom)];
      bool spaced = atom.kind != IndexAtom::Kind::Quantity;
      for (const std::string &name : parameterNames(term.coefficient))
        spaced = spaced && analysis.blocks.contains(name);
      if (spaced)
        rest.terms.push_back(term); // pointer + pid * BLOCK + arange
      else
        addFactor(formOf(term.atom));
    }
    if (!rest.terms.empty())
      addFactor(rest);
  }
  for (const IndexBound &bound : analysis.bounds)
    addFactor(bound.quantity);
  // Descriptors come with their size: as many programs as blocks of it.
  for (const MemoryAccess &access : analysis.accesses) {
    std::size_t rank = access.block ? access.block->offsets.size() : 0;
    for (std::size_t i = 0; i < rank && access.block->shape.empty(); ++i) {
      SymbolicForm form = access.block->offsets[i];
      if (form.terms.size() != 1)
        continue;
      const IndexAtom &atom = analysis.atoms[static_cast<std::size_t>(form.terms[0].atom)];
      if (atom.kind != IndexAtom::Kind::Program)
        continue;
      std::int64_t blocks = descriptorSize / descriptorTile(access.pointer, rank)[i];
      Factor factor{1, std::to_string(blocks), std::max<std::int64_t>(blocks, 1)};
      if (factor.rank > direct[atom.axis].rank)
        direct[atom.axis] = factor;
    }
  }
}

// What all accesses of a pointer reach without any stride: the length of a row.
std::int64_t LaunchGuesser::innermost(const std::string &pointer) const {
  std::int64_t longest = 1;
  for (const MemoryAccess &access : analysis.accesses) {
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
void LaunchGuesser::chooseStridesOf(const MemoryAccess &access) {
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
  std::vector<const MemoryAccess *> order;
  for (const MemoryAccess &access : analysis.accesses)
    order.push_back(&access);
  std::ranges::stable_sort(order, [](const MemoryAccess *a, const MemoryAccess *b) {
    return a->address.terms.size() > b->address.terms.size();
  });
  for (const MemoryAccess *access : order)
    chooseStridesOf(*access);
}

// The dimensions that one access walks along, with numbers for everything.
LaunchGuesser::Tensor LaunchGuesser::measure(const MemoryAccess &access) {
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
        if (strides.contains(name))
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
  for (const MemoryAccess &access : analysis.accesses) {
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
      for (const MemoryAccess &access : analysis.accesses)
        for (const IndexTerm &term : access.address.terms) {
          SymbolicForm inside = formOf(term.atom);
          for (const IndexTerm &inner : inside.terms)
            if (&analysis.atoms[static_cast<std::size_t>(inner.atom)] == &atom)
              return DType::Int64; // an index, as tensor libraries make them
        }
  for (const MemoryAccess &access : analysis.accesses)
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
  for (const MemoryAccess &access : analysis.accesses)
    if (access.pointer == name) {
      stored = stored || access.kind == MemoryAccess::Kind::Atomic;
      loaded = loaded || access.kind == MemoryAccess::Kind::Load;
    }
  if (tensor.dtype == DType::Int64 && loaded)
    tensor.init = "randint:0:1024";
  else if (tensor.dtype == DType::Int1)
    tensor.init = "randint:0:2";
  else if (stored && !loaded)
    tensor.init = "zeros";
  return tensor;
}

// The step between the offsets of neighbouring programs is the block.
std::vector<std::int64_t> LaunchGuesser::descriptorTile(const std::string &name,
                                                        std::size_t rank) const {
  std::vector<std::int64_t> tile(rank, 64);
  for (const MemoryAccess &access : analysis.accesses)
    for (std::size_t i = 0; access.block && access.pointer == name && i < rank; ++i)
      if (i < access.block->offsets.size())
        for (const IndexTerm &term : access.block->offsets[i].terms)
          if (std::int64_t step = coefficient(term); step > 1 && (step & (step - 1)) == 0)
            tile[i] = step;
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
