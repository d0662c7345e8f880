// The interpreter behind analyzeAccesses. Private to this room.
//
// Owner: one call of analyzeAccesses.
#pragma once

#include "core/source/AccessAnalysis.h"

namespace lapidary {

class AccessAnalyzer {
public:
  AccessAnalyzer(const KernelFile &file, AccessAnalysis &result) : opened(file), result(result) {}
  void run(const JitFunction &kernel);

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
  static SymbolicForm scalar(ast::ExprPtr expression);
  SymbolicForm other(std::initializer_list<const SymbolicForm *> parts);
  std::set<int> atomsOf(const SymbolicForm &form) const;
  int addAtom(IndexAtom atom);
  SymbolicForm ofAtom(int atom);
  // The whole form as one atom, the same one every time.
  int quantity(const SymbolicForm &form, IndexAtom::Kind kind = IndexAtom::Kind::Quantity,
               const ast::ExprPtr &divisor = nullptr);

  // Whether it is made of literals and tile extents only: such a factor spaces a tile, any other
  // that multiplies an index is a stride.
  bool isSpacing(const ast::ExprPtr &expression) const;
  SymbolicForm add(const SymbolicForm &a, const SymbolicForm &b, bool negative);

  // Data may serve as an index: pointer + loaded * stride.
  SymbolicForm addData(const SymbolicForm &a, const SymbolicForm &b, bool negative);
  SymbolicForm asIndex(const SymbolicForm &form);

  // Arithmetic on data: a parameter that takes part is a number of the computation.
  SymbolicForm meet(const SymbolicForm &a, const SymbolicForm &b);
  static ast::ExprPtr times(const ast::ExprPtr &a, const ast::ExprPtr &b);
  SymbolicForm multiply(const SymbolicForm &a, const SymbolicForm &b);

  // An operation on two scalars, as an expression.
  SymbolicForm combine(const std::string &op, const SymbolicForm &a, const SymbolicForm &b);
  SymbolicForm divide(const std::string &op, const SymbolicForm &a, const SymbolicForm &b);
  void bound(const SymbolicForm &quantity, const ast::ExprPtr &limit, bool wraps = false);
  void note(const ast::ExprPtr &expression, std::set<std::string> &names);
  void noteForm(const SymbolicForm &form, std::set<std::string> &names);

  // Expressions.
  SymbolicForm eval(const ast::ExprPtr &expression);
  std::vector<SymbolicForm> evalAll(const std::vector<ast::ExprPtr> &expressions);
  SymbolicForm visit(const auto &, const ast::Expr &) { return other({}); }
  SymbolicForm visit(const ast::Constant &, const ast::Expr &expression);
  SymbolicForm visit(const ast::Name &node, const ast::Expr &);
  SymbolicForm visit(const ast::Tuple &node, const ast::Expr &) { return tuple(node.items); }
  SymbolicForm visit(const ast::List &node, const ast::Expr &) { return tuple(node.items); }
  SymbolicForm tuple(const std::vector<ast::ExprPtr> &items);
  SymbolicForm visit(const ast::Unary &node, const ast::Expr &);
  SymbolicForm visit(const ast::Binary &node, const ast::Expr &);
  SymbolicForm visit(const ast::BoolOp &node, const ast::Expr &);
  SymbolicForm visit(const ast::Compare &node, const ast::Expr &);
  // index < limit - rest: index + rest < limit.
  void compare(const SymbolicForm &index, const SymbolicForm &limit);
  SymbolicForm visit(const ast::Conditional &node, const ast::Expr &);
  SymbolicForm visit(const ast::Subscript &node, const ast::Expr &);
  SymbolicForm visit(const ast::Attribute &node, const ast::Expr &expression);

  // The type that an expression names: tl.float16.
  std::optional<DType> typeNamed(const ast::ExprPtr &expression);
  static const ast::ExprPtr *argument(const ast::Call &call, std::size_t index,
                                      std::string_view name);
  SymbolicForm evalArgument(const ast::Call &call, std::size_t index, std::string_view name);
  SymbolicForm visit(const ast::Call &node, const ast::Expr &expression);
  SymbolicForm callMethod(const SymbolicForm &self, const ast::Attribute &attribute,
                          const ast::Call &node);
  void recordDescriptor(bool store, const std::string &parameter, const SymbolicForm &offsets,
                        std::optional<DType> type);
  SymbolicForm loaded(std::set<std::string> sources);

  // The parameter that a form adds offsets to: of its scalars the first that is a bare parameter.
  std::string pointerOf(const SymbolicForm &form) const;
  static SymbolicForm withoutPointer(SymbolicForm form, const std::string &pointer);
  void record(SymbolicAccess::Kind kind, std::shared_ptr<const SymbolicBlock> block,
              std::optional<DType> type);
  SymbolicForm access(SymbolicAccess::Kind kind, const SymbolicForm &address,
                      std::optional<DType> type);
  SymbolicForm callBuiltin(const std::string &name, const ast::Call &node,
                           const ast::Expr &expression);
  SymbolicForm callMemory(const std::string &name, const ast::Call &node);
  SymbolicForm makeBlockPointer(const ast::Call &node, bool descriptor);
  SymbolicForm callHelper(const JitFunction &function, const ast::Call &node);

  // Statements.
  bool isExhausted() const;
  void block(const ast::Block &body);
  void assign(const ast::Expr &target, const SymbolicForm &value);
  void statement(const ast::Stmt &stmt);
  void forLoop(const ast::For &node);
  void loopBody(const ast::Block &body, int atom);

  const KernelFile &opened;
  AccessAnalysis &result;
  std::vector<Frame> frames;
  std::set<std::string> parameters;
  std::map<std::string, int> quantities;
  int statements = 0, steps = 0;
};

ast::ExprPtr makeInteger(std::int64_t value);
// Whether the expression is that literal.
bool isInteger(const ast::ExprPtr &expression, std::int64_t value);
ast::ExprPtr makeScalarExpr(auto node) {
  return std::make_shared<const ast::Expr>(ast::Expr{{}, std::move(node)});
}

} // namespace lapidary
