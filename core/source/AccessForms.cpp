// AccessAnalyzer: the algebra of symbolic forms.
#include "core/source/AccessAnalyzer.h"
#include "core/source/AstWalk.h"

#include <algorithm>
#include <fmt/format.h>

namespace lapidary {

using namespace ast;

static constexpr std::size_t maximumParts = 64; // of one form
static constexpr std::size_t maximumText = 400; // of one scalar expression

ExprPtr makeInteger(std::int64_t value) {
  return makeScalarExpr(Constant{makeInt(value)});
}

bool isInteger(const ExprPtr &expression, std::int64_t value) {
  const auto *constant = expression->as<Constant>();
  return constant && constant->value == makeInt(value);
}

SymbolicForm AccessAnalyzer::scalar(ExprPtr expression) {
  SymbolicForm form;
  form.scalars.push_back(std::move(expression));
  return form;
}

SymbolicForm AccessAnalyzer::other(std::initializer_list<const SymbolicForm *> parts) {
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

std::set<int> AccessAnalyzer::atomsOf(const SymbolicForm &form) const {
  std::set<int> atoms = form.atoms;
  for (const IndexTerm &term : form.terms)
    atoms.insert(term.atom);
  return atoms;
}

int AccessAnalyzer::addAtom(IndexAtom atom) {
  if (atom.axis >= 0)
    atom.axes.insert(atom.axis);
  for (int inner : atomsOf(atom.form))
    atom.axes.insert(result.atoms[static_cast<std::size_t>(inner)].axes.begin(),
                     result.atoms[static_cast<std::size_t>(inner)].axes.end());
  result.atoms.push_back(std::move(atom));
  return static_cast<int>(result.atoms.size()) - 1;
}

SymbolicForm AccessAnalyzer::ofAtom(int atom) {
  SymbolicForm form;
  form.terms.push_back({nullptr, atom});
  return form;
}

int AccessAnalyzer::quantity(const SymbolicForm &form, IndexAtom::Kind kind,
                             const ExprPtr &divisor) {
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

bool AccessAnalyzer::isSpacing(const ExprPtr &expression) const {
  bool spacing = true;
  walkExpressions(*expression, [&](const Expr &part) {
    if (const auto *name = part.as<Name>(); name && parameters.contains(name->id))
      spacing = spacing && result.blocks.contains(name->id);
  });
  return spacing;
}

SymbolicForm AccessAnalyzer::add(const SymbolicForm &a, const SymbolicForm &b, bool negative) {
  bool usable = (a.known || a.data) && (b.known || b.data);
  if (!usable || a.block || b.block || !a.items.empty() || !b.items.empty() ||
      a.scalars.size() + b.scalars.size() + a.terms.size() + b.terms.size() > maximumParts)
    return meet(a, b);
  if (a.data || b.data)
    return addData(a, b, negative);
  SymbolicForm sum = a;
  for (const ExprPtr &part : b.scalars)
    sum.scalars.push_back(negative ? makeScalarExpr(Unary{"-", part}) : part);
  for (const IndexTerm &term : b.terms)
    sum.terms.push_back(
        {negative ? makeScalarExpr(Unary{"-", term.coefficient ? term.coefficient : makeInteger(1)})
                  : term.coefficient,
         term.atom});
  sum.dtype.reset();
  return sum;
}

SymbolicForm AccessAnalyzer::addData(const SymbolicForm &a, const SymbolicForm &b, bool negative) {
  SymbolicForm both = meet(a, b), left = asIndex(a), right = asIndex(b);
  left.data = right.data = false;
  if (!left.known || !right.known)
    return both;
  SymbolicForm sum = add(left, right, negative);
  sum.data = true;
  sum.sources = both.sources;
  return sum;
}

SymbolicForm AccessAnalyzer::asIndex(const SymbolicForm &form) {
  if (form.known || form.sources.empty())
    return form;
  std::string source = *form.sources.begin(), key = "loaded:" + source;
  auto known = quantities.find(key);
  if (known == quantities.end())
    known =
        quantities
            .emplace(key, addAtom({IndexAtom::Kind::Loaded, -1, nullptr, nullptr, {}, {}, source}))
            .first;
  SymbolicForm index = ofAtom(known->second);
  index.sources = form.sources;
  index.data = true;
  return index;
}

SymbolicForm AccessAnalyzer::meet(const SymbolicForm &a, const SymbolicForm &b) {
  for (auto [one, two] : {std::pair{&a, &b}, {&b, &a}})
    if (one->data && two->isScalar())
      for (const ExprPtr &part : two->scalars)
        note(part, result.dataScalars);
  return other({&a, &b});
}

ExprPtr AccessAnalyzer::times(const ExprPtr &a, const ExprPtr &b) {
  if (!a || isInteger(a, 1))
    return b;
  if (!b || isInteger(b, 1))
    return a;
  return makeScalarExpr(Binary{"*", a, b});
}

SymbolicForm AccessAnalyzer::multiply(const SymbolicForm &a, const SymbolicForm &b) {
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

SymbolicForm AccessAnalyzer::combine(const std::string &op, const SymbolicForm &a,
                                     const SymbolicForm &b) {
  ExprPtr joined = makeScalarExpr(Binary{op, sumOf(a.scalars), sumOf(b.scalars)});
  return toSource(*joined).size() > maximumText ? other({&a, &b}) : scalar(std::move(joined));
}

SymbolicForm AccessAnalyzer::divide(const std::string &op, const SymbolicForm &a,
                                    const SymbolicForm &b) {
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

void AccessAnalyzer::bound(const SymbolicForm &quantity, const ExprPtr &limit, bool wraps) {
  if (frame().recording && !quantity.terms.empty())
    result.bounds.push_back({quantity, limit, wraps});
}

void AccessAnalyzer::note(const ExprPtr &expression, std::set<std::string> &names) {
  walkExpressions(*expression, [&](const Expr &part) {
    if (const auto *name = part.as<Name>(); name && parameters.contains(name->id))
      names.insert(name->id);
  });
}

void AccessAnalyzer::noteForm(const SymbolicForm &form, std::set<std::string> &names) {
  for (const ExprPtr &part : form.scalars)
    note(part, names);
  for (const SymbolicForm &item : form.items)
    noteForm(item, names);
}

ExprPtr sumOf(const std::vector<ExprPtr> &scalars) {
  ExprPtr sum;
  for (const ExprPtr &part : scalars) {
    if (isInteger(part, 0) && scalars.size() > 1)
      continue;
    const auto *negated = part->as<Unary>();
    bool minus = negated && negated->op == "-" && sum;
    sum = !sum ? part
               : makeScalarExpr(Binary{minus ? "-" : "+", sum, minus ? negated->operand : part});
  }
  return sum ? sum : makeInteger(0);
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

} // namespace lapidary
