#include "core/source/LaunchGuesser.h"

#include "core/source/AstWalk.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>

namespace lapidary {

using namespace ast;

static constexpr int maximumDepth = 12;

bool LaunchGuesser::hasAny(const std::string &name, std::initializer_list<std::string_view> parts) {
  std::string lower = name;
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::ranges::any_of(
      parts, [&](std::string_view part) { return lower.find(part) != std::string::npos; });
}

std::int64_t LaunchGuesser::saturatingProduct(std::int64_t a, std::int64_t b) {
  __int128 product = static_cast<__int128>(a) * b;
  return product > unbounded ? unbounded : static_cast<std::int64_t>(product);
}

// x_ptr, ptr_x, in_ptr0, group_ptrs; not x_ptr_stride.
static bool isNamedPointer(std::string_view name) {
  for (std::string_view word : {"ptr", "ptrs", "pointer"}) {
    if (name.starts_with(word) && name.size() > word.size() && name[word.size()] == '_' &&
        name.find('_', word.size() + 1) == std::string_view::npos)
      return true;
    const std::size_t at = name.rfind(word);
    if (at == std::string_view::npos || (at > 0 && name[at - 1] != '_'))
      continue;
    std::string_view rest = name.substr(at + word.size());
    if (at > 0 && (rest.find_first_not_of("0123456789") == std::string_view::npos ||
                   (rest.size() == 2 && rest[0] == '_')))
      return true;
  }
  return false;
}

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
  for (const SymbolicAccess &access : analysis.accesses)
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
  for (const SymbolicAccess &access : analysis.accesses) {
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
  for (const KernelParameter &parameter : kernel.parameters)
    if (!parameter.isConstexpr && !parameter.defaultValue && isNamedPointer(parameter.name))
      pointers.insert(parameter.name);
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
  for (const SymbolicAccess &access : analysis.accesses)
    for (const IndexTerm &term : access.address.terms)
      if (const ExprPtr *limit = limitOf(formOf(term.atom)))
        for (const std::string &name : parameterNames(term.coefficient))
          if (strides.contains(name))
            strideLimits.emplace(name, *limit);
  for (const SymbolicAccess &access : analysis.accesses)
    for (const IndexTerm &term : access.address.terms)
      for (const std::string &name : parameterNames(term.coefficient))
        if (auto shared = strideLimits.find(name); shared != strideLimits.end())
          if (SymbolicForm inside = formOf(term.atom); !limitOf(inside) && inside.terms.size() > 1)
            limits.emplace(keyOf(inside), shared->second);
}

// The greatest number of aranges that one address is made of.
std::size_t LaunchGuesser::tileRank() const {
  std::size_t greatest = 0;
  for (const SymbolicAccess &access : analysis.accesses) {
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
    return compared->second;
  if (analysis.unrolled.contains(name))
    return makeInt(4);
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
  if (name.size() == 2 && name[0] == 'B' && std::isupper(static_cast<unsigned char>(name[1])))
    return makeInt(64); // BM, BT: a block along M, T
  bool fraction = hasAny(name, {"eps", "scale", "alpha", "beta", "gamma", "theta", "slope", "cap",
                                "momentum", "softcap", "limit", "prob"}) ||
                  std::ranges::any_of(name, [](unsigned char c) { return std::islower(c); });
  return fraction && analysis.dataScalars.contains(name) ? Value{1.0} : makeInt(1);
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
  bool rows = std::ranges::any_of(analysis.accesses, [&](const SymbolicAccess &access) {
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
  for (const SymbolicAccess &access : analysis.accesses) {
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
  for (const SymbolicAccess &access : analysis.accesses) {
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

} // namespace lapidary
