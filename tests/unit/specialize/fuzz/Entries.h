// What the parsers of this room owe to any text: they end, they read back what they print, and what
// they refuse has a place. Driven by libFuzzer where it is installed, and by a loop of mutations in
// the unit tests everywhere.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lapidary::fuzz {

struct Entry {
  const char *name;
  // What is broken; empty when nothing is.
  std::string (*run)(std::string_view text);
  std::vector<std::string> seeds; // texts to start from
  std::vector<std::string> words; // that mutations put in
};

// Keys out of logs in both forms, ahead-of-time signatures, rule sets, declared ranges, and the
// parameters of a compiled module.
const std::vector<Entry> &entries();
const Entry *findEntry(std::string_view name);

} // namespace lapidary::fuzz
