#include "ui/views/stages/LineDiff.h"

#include <algorithm>
#include <cctype>
#include <cstdint>

namespace lapidary::ui {

namespace {

// FNV-1a over the line with the numbers of values left out.
std::uint64_t hashLine(std::string_view line) {
  std::uint64_t hash = 1469598103934665603ull;
  auto add = [&hash](char c) { hash = (hash ^ std::uint8_t(c)) * 1099511628211ull; };
  for (std::size_t i = 0; i < line.size(); ++i) {
    add(line[i]);
    if (line[i] != '%')
      continue;
    while (i + 1 < line.size() && std::isalpha(std::uint8_t(line[i + 1])))
      add(line[++i]);
    while (i + 1 < line.size() && std::isdigit(std::uint8_t(line[i + 1])))
      ++i;
  }
  return hash;
}

std::vector<std::uint64_t> hashLines(std::string_view text) {
  std::vector<std::uint64_t> hashes;
  while (!text.empty()) {
    std::size_t end = text.find('\n');
    hashes.push_back(hashLine(text.substr(0, end)));
    if (end == std::string_view::npos)
      break;
    text.remove_prefix(end + 1);
  }
  return hashes;
}

using Lines = std::vector<std::uint64_t>;

// The matched pairs of a shortest edit script between a and b; false when it needs over `effort`
// edits. `furthest[d]` keeps x of diagonals -d..d before step d, to walk back.
bool shortestEdit(const Lines &a, const Lines &b, int effort,
                  std::vector<std::pair<int, int>> &matches) {
  int n = int(a.size()), m = int(b.size()), limit = std::min(n + m, effort);
  std::vector<std::vector<int>> history;
  std::vector<int> x(std::size_t(2 * limit + 3), 0);
  auto at = [&](int k) -> int & { return x[std::size_t(k + limit + 1)]; };
  int found = -1;
  for (int d = 0; d <= limit && found < 0; ++d) {
    history.emplace_back(x.begin() + (limit + 1 - d - 1), x.begin() + (limit + 1 + d + 2));
    for (int k = -d; k <= d; k += 2) {
      int from = k == -d || (k != d && at(k - 1) < at(k + 1)) ? at(k + 1) : at(k - 1) + 1;
      while (from < n && from - k < m && a[std::size_t(from)] == b[std::size_t(from - k)])
        ++from;
      at(k) = from;
      if (from >= n && from - k >= m) {
        found = d;
        break;
      }
    }
  }
  if (found < 0)
    return false;
  int px = n, py = m;
  for (int d = found; d > 0; --d) {
    const std::vector<int> &before = history[std::size_t(d)];
    auto was = [&](int k) { return before[std::size_t(k + d + 1)]; };
    int k = px - py;
    int previous = k == -d || (k != d && was(k - 1) < was(k + 1)) ? k + 1 : k - 1;
    int startX = was(previous), startY = startX - previous;
    while (px > startX && py > startY && px > 0 && py > 0 &&
           a[std::size_t(px - 1)] == b[std::size_t(py - 1)]) {
      if (px - 1 < startX || py - 1 < startY)
        break;
      matches.emplace_back(--px, --py);
    }
    px = startX;
    py = startY;
  }
  while (px > 0 && py > 0)
    matches.emplace_back(--px, --py);
  std::reverse(matches.begin(), matches.end());
  return true;
}

} // namespace

std::vector<Hunk> diffLines(std::string_view left, std::string_view right, int effort) {
  Lines a = hashLines(left), b = hashLines(right);
  std::size_t head = 0, tail = 0;
  while (head < a.size() && head < b.size() && a[head] == b[head])
    ++head;
  while (tail < a.size() - head && tail < b.size() - head &&
         a[a.size() - 1 - tail] == b[b.size() - 1 - tail])
    ++tail;
  Lines innerA(a.begin() + std::ptrdiff_t(head), a.end() - std::ptrdiff_t(tail));
  Lines innerB(b.begin() + std::ptrdiff_t(head), b.end() - std::ptrdiff_t(tail));
  if (innerA.empty() && innerB.empty())
    return {};
  std::vector<std::pair<int, int>> matches;
  if (!shortestEdit(innerA, innerB, effort, matches))
    matches.clear();
  matches.emplace_back(int(innerA.size()), int(innerB.size()));
  std::vector<Hunk> hunks;
  int x = 0, y = 0, offset = int(head);
  for (auto [matchX, matchY] : matches) {
    if (matchX > x || matchY > y)
      hunks.push_back({x + offset, matchX - x, y + offset, matchY - y});
    x = matchX + 1;
    y = matchY + 1;
  }
  return hunks;
}

} // namespace lapidary::ui
