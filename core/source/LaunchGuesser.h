// From how a kernel addresses memory to one consistent problem that can be launched. Private to
// this room; guessLaunch is the way in.
//
// Order of decisions: tile extents and flags, then sizes (what bounds an index), then programs (how
// many cover the sizes), then strides (the products that make the tensors contiguous), then tensors
// (what the addresses reach). When the tensors come out too large, all again with smaller sizes.
#pragma once

#include "core/source/AccessAnalysis.h"
#include "core/source/Launch.h"

namespace lapidary {

class LaunchGuesser {
public:
  LaunchGuesser(const KernelFile &file, const JitFunction &kernel);
  Launch guess();

private:
  // One dimension of a tensor as an access shows it.
  struct Dimension {
    std::int64_t stride = 1, extent = 1;
  };
  struct Tensor {
    std::vector<Dimension> dimensions;
    std::int64_t reach = 0; // elements
  };
  // A factor of the grid: how many programs one index needs.
  struct Factor {
    // How much is known: 4 a masked tile, 3 a wrapped one, 2 a bounded index, 1 a tile, 0 an index.
    int rank = -1;
    std::string text;
    std::int64_t value = 1;
  };

  static constexpr std::int64_t unbounded = std::int64_t{1} << 40;
  static constexpr std::int64_t descriptorSize = 1024; // of each dimension
  static bool hasAny(const std::string &name, std::initializer_list<std::string_view> parts);
  static std::int64_t saturatingProduct(std::int64_t a, std::int64_t b);

  void classify();
  void chooseConstants();
  std::optional<Value> chosenConstant(const KernelParameter &parameter) const;
  void chooseSizes(std::int64_t scale);
  void choosePrograms();
  void addFactor(const SymbolicForm &form);
  std::int64_t innermost(const std::string &pointer) const;
  void chooseStrides();
  void chooseStridesOf(const SymbolicAccess &access);
  void measure();
  Tensor measure(const SymbolicAccess &access);
  std::int64_t totalBytes() const;
  TensorArgument tensorFor(const std::string &name) const;
  DType elementType(const std::string &name) const;
  std::vector<std::int64_t> descriptorTile(const std::string &name, std::size_t rank) const;
  std::size_t tileRank() const;
  Value scalarFor(const KernelParameter &parameter) const;
  std::string gridText(int axis) const;

  std::optional<std::int64_t> evaluate(const ast::ExprPtr &expression) const;
  std::int64_t coefficient(const IndexTerm &term) const;
  std::int64_t extent(int atom, int depth = 0) const;
  // One more than the greatest value of the form, limited by its bound when it has one.
  std::int64_t reach(const SymbolicForm &form, int depth = 0) const;
  const ast::ExprPtr *limitOf(const SymbolicForm &form) const;
  SymbolicForm formOf(int atom) const; // the quantity inside, or the atom alone
  std::set<std::string> parameterNames(const ast::ExprPtr &expression) const;
  bool isParameter(const std::string &name) const;

  const KernelFile &file;
  const JitFunction &kernel;
  const KernelFile &home;
  AccessAnalysis analysis;
  std::set<std::string> pointers, sizes, counts, strides, periods;
  std::map<std::string, ast::ExprPtr> limits;           // key of a quantity -> its bound
  std::map<std::string, ast::ExprPtr> strideLimits;     // stride -> a bound of what it multiplies
  std::map<std::string, Value> values;                  // of parameters, as decided so far
  std::map<int, std::map<std::string, Factor>> factors; // axis -> key of the index -> factor
  std::map<int, Factor> direct;                         // axis -> factor of the program id itself
  std::map<std::string, Tensor> tensors;
  std::int64_t freePrograms = 8; // for an index that nothing bounds
};

} // namespace lapidary
