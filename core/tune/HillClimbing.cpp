#include "core/tune/Strategies.h"

#include <algorithm>

namespace lapidary {

std::optional<Strategy::Index> Exhaustive::propose() {
  const std::vector<Index> *all = space.everything();
  const Index end = all ? all->size() : space.size();
  for (; next < end; ++next)
    if (const Index index = all ? (*all)[next] : next;
        isNew(index) && (all || space.allowed(index)))
      return index;
  return std::nullopt;
}

std::optional<Strategy::Index> HillClimbing::propose() {
  while (!queue.empty()) {
    const Index next = queue.back();
    queue.pop_back();
    if (isNew(next))
      return next;
  }
  if (waitingFor() > 0) // one of them may be better
    return std::nullopt;
  start = drawNew();
  return start;
}

void HillClimbing::learn(Index index, double cost) {
  if (start == index) {
    start.reset();
    moveTo(index, cost);
  } else if (cost < current) {
    moveTo(index, cost);
  }
}

void HillClimbing::moveTo(Index index, double cost) {
  current = cost;
  queue = space.neighbours(index);
  for (std::size_t i = queue.size(); i > 1; --i)
    std::swap(queue[i - 1], queue[random.below(i)]);
}

} // namespace lapidary
