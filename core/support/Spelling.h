// "Did you mean": the candidate that a misspelt name most likely stands for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lapidary {

// By edit distance, letters compared without case; at most a third of the name's letters (one at
// least, three at most) may differ. Empty when nothing is near.
std::string nearestName(std::string_view name, const std::vector<std::string> &candidates);

// "; did you mean 'x'?" or nothing, to be put behind a message.
std::string didYouMean(std::string_view name, const std::vector<std::string> &candidates);

} // namespace lapidary
