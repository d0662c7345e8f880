// Which arguments a kernel writes.
#include "tests/unit/language/ElaborateKernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lapidary::test {
namespace {

using testing::ElementsAre;

std::vector<std::string> storedTo(const std::string &body) {
  std::string source = "\n@triton.jit\ndef k(a, b, c, n, m):\n    o = tl.arange(0, 16)\n" + body;
  Elaboration e = elaborateKernel(source, {"a=*fp32", "b=*fp32", "c=*fp32", "n=i32", "m=i64"});
  EXPECT_EQ(messages(e), "") << body;
  return e.storedTo;
}

TEST(StoredTo, FollowsArithmetic) {
  EXPECT_THAT(storedTo("    p = b + n * 16\n    tl.store(p + o + m, tl.load(a + o))\n"),
              ElementsAre("b"));
}

TEST(StoredTo, CountsAtomics) {
  EXPECT_THAT(storedTo("    tl.atomic_add(c + o, 1.0)\n    tl.atomic_xchg(a, tl.load(b))\n"),
              ElementsAre("a", "c"));
}

TEST(StoredTo, FollowsLoopsAndBranches) {
  EXPECT_THAT(
      storedTo(
          "    p = a\n    for i in range(n):\n        tl.store(p + o, 0.0)\n        p = p + 16\n"),
      ElementsAre("a"));
  EXPECT_THAT(
      storedTo("    if n > 3:\n        p = a\n    else:\n        p = b\n    tl.store(p, 1.0)\n"),
      ElementsAre("a", "b"));
  EXPECT_THAT(storedTo("    p = a\n    i = n\n    while i > 0:\n        p += 1\n        i -= 1\n   "
                       " tl.store(p, 1.0)\n"),
              ElementsAre("a"));
}

TEST(StoredTo, FollowsAddressesAsIntegers) {
  EXPECT_THAT(
      storedTo(
          "    x = c.to(tl.int64) + 16\n    tl.store(x.to(tl.pointer_type(tl.float32)), 1.0)\n"),
      ElementsAre("c"));
}

TEST(StoredTo, NothingForWhatOnlyLoads) {
  EXPECT_THAT(storedTo("    x = tl.load(a + o)\n"), ElementsAre());
}

TEST(StoredTo, ABlockPointersBase) {
  EXPECT_THAT(
      storedTo("    p = tl.make_block_ptr(b, (n, n), (m, 1), (0, 0), (16, 16), (1, 0))\n"
               "    p = tl.advance(p, (16, 0))\n    tl.store(p, tl.zeros((16, 16), tl.float32))\n"),
      ElementsAre("b"));
}

} // namespace
} // namespace lapidary::test
