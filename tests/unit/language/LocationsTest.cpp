// Every operation carries the place in the source that it comes from, named after the variable it
// is computed for, and through helpers the places of the calls.
#include "tests/unit/language/ElaborateKernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <regex>

namespace lapidary::test {
namespace {

// The location of the only operation `name`, with its aliases replaced. Columns count from 0.
std::string locationOf(const Elaboration &elaboration, const std::string &name) {
  std::map<std::string, std::string> aliases;
  static const std::regex alias(R"((#loc\d*) = loc\((.*)\))"), reference(R"(#loc\d*)");
  std::string text = elaboration.ttir, found;
  for (std::sregex_iterator it(text.begin(), text.end(), alias), end; it != end; ++it)
    aliases[(*it)[1]] = (*it)[2];
  std::smatch match;
  if (!std::regex_search(text, match, std::regex(name + R"([^\n]* loc\((#loc\d*)\)\n)")))
    return "no " + name;
  found = aliases[match[1]];
  while (std::regex_search(found, match, reference))
    found = match.prefix().str() + aliases[match[0]] + match.suffix().str();
  return found;
}

TEST(Locations, NameAndPlace) {
  Elaboration e = elaborateKernel("\n"
                                  "@triton.jit\n"
                                  "def k(p, B: tl.constexpr):\n"
                                  "    x = tl.load(p + tl.arange(0, B))\n"
                                  "    tl.store(p + tl.arange(0, B), x * x)\n",
                                  {"p=*fp32", "B==16"});
  EXPECT_THAT(e.ttir, testing::StartsWith("#loc = loc(\"kernel.py\":3:0)\n"));
  EXPECT_EQ(locationOf(e, "tt.load"), "\"x\"(\"kernel.py\":4:16)");
  EXPECT_EQ(locationOf(e, "tt.store"), "\"kernel.py\":5:34");
}

TEST(Locations, TheCallChainOfAHelper) {
  Elaboration e = elaborateKernel("\n"
                                  "@triton.jit\n"
                                  "def inner(x):\n"
                                  "    y = tl.exp(x)\n"
                                  "    return y\n"
                                  "@triton.jit\n"
                                  "def k(p):\n"
                                  "    z = inner(tl.load(p))\n"
                                  "    tl.store(p, z)\n",
                                  {"p=*fp32"});
  EXPECT_EQ(locationOf(e, "math.exp"),
            "callsite(\"y\"(\"kernel.py\":4:15) at \"z\"(\"kernel.py\":8:14))");
}

} // namespace
} // namespace lapidary::test
