// What a mistake tells about the launch that it was found with.
#include "tests/unit/language/ElaborateKernel.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lapidary::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

// "p: elements i32", one a hint.
std::vector<std::string> hints(const std::string &body, const std::vector<std::string> &arguments) {
  std::string names;
  for (const std::string &argument : arguments)
    names += argument.substr(0, argument.find('=')) +
             (argument.find("==") == std::string::npos ? ", " : ": tl.constexpr, ");
  Elaboration e = elaborateKernel(
      "\n@triton.jit\ndef k(" + names + "):\n    r = tl.arange(0, 16)\n" + body + "\n", arguments);
  EXPECT_TRUE(e.ttir.empty()) << body;
  std::vector<std::string> found;
  for (const LaunchHint &hint : e.hints) {
    const char *kinds[] = {"elements", "number", "pointer", "block"};
    found.push_back(
        fmt::format("{}: {} {}", hint.parameter, kinds[int(hint.kind)], dtypeName(hint.dtype)));
    if (hint.count)
      found.back() += fmt::format(" of {}", hint.count);
  }
  return found;
}

TEST(Hints, ElementsThatAreIndexes) {
  EXPECT_THAT(hints("    i = tl.load(p + r)\n    tl.store(q + i, 0)", {"p=*fp32", "q=*fp32"}),
              Contains("p: elements i64"));
  EXPECT_THAT(hints("    i = tl.load(p + r) & 3\n    tl.store(q + i, 0)", {"p=*fp32", "q=*fp32"}),
              Contains("p: elements i64"));
}

TEST(Hints, MasksAndBounds) {
  EXPECT_THAT(hints("    tl.store(q + r, 0, mask=tl.load(p + r))", {"p=*fp32", "q=*fp32"}),
              ElementsAre("p: elements i1"));
  EXPECT_THAT(hints("    for i in range(n):\n        tl.store(q + i, 0)", {"q=*fp32", "n=fp32"}),
              ElementsAre("n: number i32"));
}

TEST(Hints, NumbersThatArePointers) {
  EXPECT_THAT(hints("    tl.store(n + r, 0)", {"n=i32"}), Contains("n: pointer fp32"));
  EXPECT_THAT(hints("    tl.store(q + r, 0.0 * p)", {"p=*fp32", "q=*fp32"}),
              ElementsAre("p: number i32"));
  EXPECT_THAT(hints("    x = tl.zeros((16,), n.dtype.element_ty)", {"n=i32"}),
              Contains("n: pointer fp32"));
}

TEST(Hints, TypesThatMustAgree) {
  EXPECT_THAT(hints("    s = r[:, None] * 16 + r[None, :]\n"
                    "    tl.store(q + s, tl.dot(tl.load(a + s), tl.load(b + s)))",
                    {"a=*fp16", "b=*fp32", "q=*fp32"}),
              ElementsAre("a: elements fp32"));
  EXPECT_THAT(hints("    x = tl.zeros((16,), tl.float32)\n    for i in range(n):\n        x = "
                    "tl.load(a + r)\n"
                    "    tl.store(a + r, x)",
                    {"a=*fp16", "n=i32"}),
              ElementsAre("a: elements fp32"));
}

// The left operand is fp16 whatever `a` holds, so `b` should be.
TEST(Hints, CastsAreNotToBlame) {
  EXPECT_THAT(hints("    s = r[:, None] * 16 + r[None, :]\n"
                    "    x = tl.load(a + s).to(tl.float16)\n"
                    "    tl.store(q + s, tl.dot(x, tl.load(b + s)))",
                    {"a=*fp32", "b=*fp32", "q=*fp32"}),
              ElementsAre("b: elements fp16"));
}

TEST(Hints, BlocksOfDescriptors) {
  EXPECT_THAT(hints("    x = a.load([0, 0]).reshape(16, 32)", {"a=tensordesc<fp16[16,16]>"}),
              ElementsAre("a: block fp16 of 512"));
}

TEST(Hints, NoneWithoutACause) {
  EXPECT_THAT(hints("    tl.store(q + r, undefined)", {"q=*fp32"}), IsEmpty());
}

} // namespace
} // namespace lapidary::test
