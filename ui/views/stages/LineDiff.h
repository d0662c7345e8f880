// Which lines of two texts differ. Myers' greedy algorithm ("An O(ND) Difference Algorithm and Its
// Variations", 1986) over hashed lines, common ends taken off first. Pure; run off the GUI thread.
//
// Lines that differ only in how values are numbered (%12 against %14, %rd5 against %rd7) are the
// same line here: specializing renumbers everything, and that is not what one looks for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lapidary::ui {

// Lines [leftFirst, leftFirst + leftCount) were replaced by [rightFirst, rightFirst + rightCount);
// from 0; either count may be 0.
struct Hunk {
  int leftFirst = 0, leftCount = 0, rightFirst = 0, rightCount = 0;
  bool operator==(const Hunk &) const = default;
};

// Over `effort` edits what is left between the ends is one hunk.
std::vector<Hunk> diffLines(std::string_view left, std::string_view right, int effort = 1500);

} // namespace lapidary::ui
