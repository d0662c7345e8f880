// How a space is searched. A strategy is asked for configurations and told what they cost; it knows
// neither devices nor time. It is asked ahead, for as many as the compile pool takes, so it may be
// told late and in groups; the order of asking and telling and the seed decide everything it does.
//
//   auto strategy = makeStrategy("surrogate", space, 1);
//   while (auto index = (*strategy)->ask())
//     (*strategy)->tell(*index, measure(*index));
//
// No configuration is asked for twice. What was measured before (by an earlier run, by another
// strategy) is told without having been asked for.
//
// Owner: one thread. The space outlives it. To add one: its class in a file of its own, its line in
// Strategy.cpp; StrategyTest and the replay table take it from there.
#pragma once

#include "core/tune/SearchSpace.h"

#include <limits>
#include <memory>
#include <unordered_map>

namespace lapidary {

class Strategy {
public:
  using Index = SearchSpace::Index;
  static constexpr double failed = std::numeric_limits<double>::infinity();

  Strategy(const SearchSpace &space, std::uint64_t seed) : space(space), random(seed) {}
  virtual ~Strategy() = default;
  Strategy(const Strategy &) = delete;
  Strategy &operator=(const Strategy &) = delete;

  // The next to try. Nothing: it waits to be told of what it asked for, or, when there is no such,
  // there is nothing left to try.
  std::optional<Index> ask();
  // `cost`: of any unit, positive; `failed` for what cannot be used.
  void tell(Index index, double cost);
  // Not to be asked for: another is asking for it.
  void exclude(Index index) { asked.insert(index); }

protected:
  // One that was not asked for before (isNew).
  virtual std::optional<Index> propose() = 0;
  virtual void learn(Index index, double cost) = 0;

  bool isNew(Index index) const { return !asked.contains(index); }
  std::size_t waitingFor() const { return waiting; }
  std::size_t countTold() const { return costs.size(); }
  const std::unordered_map<Index, double> &told() const { return costs; }
  std::optional<double> costOf(Index index) const;
  // By chance among the allowed ones that are new; nothing when all are asked for, or when chance
  // finds none in a space that is not known whole.
  std::optional<Index> drawNew();
  double drawUnit(); // [0, 1)

  const SearchSpace &space;
  RandomSequence random;

private:
  std::unordered_set<Index> asked, pending;
  std::size_t waiting = 0;
  std::unordered_map<Index, double> costs;
};

struct StrategyInfo {
  std::string name, description;
};
std::vector<StrategyInfo> strategies();
inline constexpr const char *defaultStrategy = "bandit";

// Errors: NotFound, with the names there are.
Result<std::unique_ptr<Strategy>> makeStrategy(const std::string &name, const SearchSpace &space,
                                               std::uint64_t seed);

} // namespace lapidary
