// The parsers on thousands of broken texts: the same entries that libFuzzer drives, from the same
// seeds, by mutations that are the same on every machine.
#include "tests/unit/specialize/fuzz/Entries.h"

#include <gtest/gtest.h>

#include <random>

using lapidary::fuzz::entries;
using lapidary::fuzz::Entry;

namespace {

class Mutator {
public:
  Mutator(const Entry &entry, std::uint32_t seed) : entry(entry), random(seed) {}

  std::string next() {
    std::string text = pick(entry.seeds);
    for (std::size_t i = 0, count = 1 + below(6); i < count; ++i)
      change(text);
    return text;
  }

private:
  std::size_t below(std::size_t limit) { return limit ? random() % limit : 0; }
  const std::string &pick(const std::vector<std::string> &list) { return list[below(list.size())]; }

  void change(std::string &text) {
    const std::size_t at = below(text.size() + 1),
                      length = below(std::min<std::size_t>(text.size() - at + 1, 20));
    switch (below(6)) {
    case 0: // another byte, now and then none that text has
      if (at < text.size())
        text[at] = below(4) ? char(' ' + below(95)) : char(below(256));
      break;
    case 1:
      text.erase(at, length);
      break;
    case 2:
      text.insert(at, pick(entry.words));
      break;
    case 3: // twice over
      text.insert(at, text.substr(at, length));
      break;
    case 4: { // the end of another one
      const std::string &other = pick(entry.seeds);
      text = text.substr(0, at) + other.substr(below(other.size()));
      break;
    }
    default:
      for (std::size_t i = 0, count = below(40); i < count; ++i)
        text.insert(at, 1, at < text.size() ? text[at] : '(');
    }
  }

  const Entry &entry;
  std::mt19937 random;
};

class ParserMutations : public testing::TestWithParam<std::string> {};

TEST_P(ParserMutations, KeepTheirPromises) {
  const Entry &entry = *lapidary::fuzz::findEntry(GetParam());
  for (const std::string &seed : entry.seeds)
    EXPECT_EQ(entry.run(seed), "") << seed;
  EXPECT_EQ(entry.run(""), "");
  Mutator mutator(entry, 20240);
  for (int i = 0; i < 3000; ++i) {
    const std::string text = mutator.next();
    ASSERT_EQ(entry.run(text), "") << "text " << i << ": " << text;
  }
}

std::vector<std::string> names() {
  std::vector<std::string> list;
  for (const Entry &entry : entries())
    list.push_back(entry.name);
  return list;
}

INSTANTIATE_TEST_SUITE_P(All, ParserMutations, testing::ValuesIn(names()),
                         [](const auto &info) { return info.param; });

} // namespace
