#include "core/support/Spelling.h"

#include <algorithm>
#include <utility>

namespace lapidary {

static char lower(char c) {
  return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
static std::size_t editDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before, above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before = std::exchange(above, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t replaced = above[j - 1] + (lower(a[i - 1]) != lower(b[j - 1]));
      row[j] = std::min({replaced, above[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1]))
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row.back();
}

std::string nearestName(std::string_view name, const std::vector<std::string> &candidates) {
  std::size_t limit = std::clamp<std::size_t>(name.size() / 3, 1, 3), best = limit + 1;
  std::string nearest;
  for (const std::string &candidate : candidates) {
    std::size_t longer = std::max(candidate.size(), name.size());
    std::size_t shorter = std::min(candidate.size(), name.size());
    if (longer - shorter > limit || candidate == name)
      continue;
    std::size_t distance = editDistance(name, candidate);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string didYouMean(std::string_view name, const std::vector<std::string> &candidates) {
  std::string nearest = nearestName(name, candidates);
  return nearest.empty() ? "" : "; did you mean '" + nearest + "'?";
}

} // namespace lapidary
