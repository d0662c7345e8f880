#include "core/tune/Strategy.h"

#include "core/support/Spelling.h"
#include "core/tune/Strategies.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lapidary {

std::optional<Strategy::Index> Strategy::ask() {
  const std::optional<Index> next = propose();
  if (next) {
    asked.insert(*next);
    if (pending.insert(*next).second)
      ++waiting;
  }
  return next;
}

void Strategy::tell(Index index, double cost) {
  asked.insert(index);
  if (pending.erase(index) > 0)
    --waiting;
  costs[index] = cost;
  learn(index, cost);
}

std::optional<double> Strategy::costOf(Index index) const {
  const auto found = costs.find(index);
  return found == costs.end() ? std::nullopt : std::optional(found->second);
}

double Strategy::drawUnit() {
  return static_cast<double>(random.next() >> 11) * 0x1p-53;
}

std::optional<Strategy::Index> Strategy::drawNew() {
  constexpr int attempts = 64;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    const auto drawn = space.draw(random);
    if (!drawn)
      return std::nullopt;
    if (isNew(*drawn))
      return drawn;
  }
  // Most are asked for already: from a place by chance onwards.
  if (const std::vector<Index> *all = space.everything()) {
    const std::size_t begin = random.below(all->size());
    for (std::size_t i = 0; i < all->size(); ++i)
      if (const Index index = (*all)[(begin + i) % all->size()]; isNew(index))
        return index;
  }
  return std::nullopt;
}

namespace {

struct Entry {
  StrategyInfo about;
  std::unique_ptr<Strategy> (*make)(const SearchSpace &, std::uint64_t);
};

template <typename Class>
std::unique_ptr<Strategy> make(const SearchSpace &space, std::uint64_t seed) {
  return std::make_unique<Class>(space, seed);
}

const std::vector<Entry> &table() {
  static const std::vector<Entry> entries = {
      {{"bandit",
        "the strategies below compete; those that find improvements are asked more often"},
       make<Bandit>},
      {{"surrogate", "a random forest predicts costs; the largest expected improvement is tried"},
       make<Surrogate>},
      {{"hill", "to the best neighbour, from new places when there is no better one"},
       make<HillClimbing>},
      {{"annealing", "a walk that takes worse steps ever more rarely"}, make<Annealing>},
      {{"genetic", "a population that crosses and mutates"}, make<Genetic>},
      {{"differential", "a population that moves by the differences of its members"},
       make<DifferentialEvolution>},
      {{"random", "by chance, none twice"}, make<RandomOrder>},
      {{"exhaustive", "every configuration, in order"}, make<Exhaustive>},
  };
  return entries;
}

} // namespace

std::vector<StrategyInfo> strategies() {
  std::vector<StrategyInfo> all;
  for (const Entry &entry : table())
    all.push_back(entry.about);
  return all;
}

Result<std::unique_ptr<Strategy>> makeStrategy(const std::string &name, const SearchSpace &space,
                                               std::uint64_t seed) {
  std::vector<std::string> names;
  for (const Entry &entry : table()) {
    if (entry.about.name == name)
      return entry.make(space, seed);
    names.push_back(entry.about.name);
  }
  return fail(ErrorCode::NotFound,
              fmt::format("there is no strategy '{}'{}; there are: {}", name,
                          didYouMean(name, names), fmt::join(names, ", ")),
              name);
}

} // namespace lapidary
