// What is wrong is said at its exact place, with the types, the call chain and a suggestion.
#include "tests/unit/language/ElaborateKernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lapidary::test {
namespace {

using testing::HasSubstr;

// The body stands on line 4, indented by four, in a kernel of p (fp32), q (const fp32), n, f, SIZE
// = 16.
std::string said(const std::string &body) {
  std::string source = "\n@triton.jit\ndef k(p, q, n, f, SIZE: tl.constexpr):\n" + body + "\n";
  return messages(elaborateKernel(source, {"p=*fp32", "q=*kfp32", "n=i32", "f=fp32", "SIZE==16"}));
}

TEST(Diagnostics, MisspelledFunctions) {
  EXPECT_EQ(said("    x = tl.lod(p)"),
            "4:12 there is no tl.lod [tl.lod]\n  4:12 did you mean tl.load?\n");
  EXPECT_EQ(said("    x = tl.maxmum(f, f)"),
            "4:12 there is no tl.maxmum [tl.maxmum]\n  4:12 did you mean tl.maximum?\n");
  EXPECT_EQ(said("    x = f.reshap(3)"),
            "4:11 fp32 has no attribute reshap [.reshap]\n  4:11 did you mean reshape?\n");
  EXPECT_EQ(said("    y = SIZ + 1"),
            "4:9 SIZ is not defined [glob:unresolved name]\n  4:9 did you mean SIZE?\n");
  EXPECT_EQ(said("    tl.load(p, maks=n > 3)"),
            "4:21 load has no parameter maks [tl.load(maks=)]\n  4:21 did you mean mask?\n");
}

TEST(Diagnostics, WhatIsNotSupportedIsNamed) {
  EXPECT_THAT(said("    tl.dot_scaled(f)"),
              HasSubstr("tl.dot_scaled is not supported [tl.dot_scaled]"));
  EXPECT_THAT(said("    tl.map_elementwise(f)"), HasSubstr("[tl.map_elementwise]"));
  EXPECT_THAT(said("    with tl.foo():\n        pass"), HasSubstr("[syn:with]"));
  EXPECT_THAT(said("    raise ValueError"), HasSubstr("[syn:raise]"));
  EXPECT_THAT(said("    x = lambda a: a"), HasSubstr("[syn:lambda]"));
  EXPECT_THAT(said("    x = {1: 2}"), HasSubstr("[val:dict literal]"));
  EXPECT_THAT(said("    p[0] = 1"), HasSubstr("[syn:assignment to a subscript]"));
  EXPECT_THAT(said("    x = libdevice.no_such(f)"),
              HasSubstr("libdevice.no_such is not supported [libdevice.no_such]"));
  EXPECT_THAT(said("    x = tl.arange(0, SIZE)\n    y = x[2]"), HasSubstr("[sub:x[expr] index]"));
}

TEST(Diagnostics, ShapesAndTypesAreShown) {
  EXPECT_EQ(
      said("    x = tl.arange(0, 16)\n    y = tl.arange(0, 32)\n    z = x + y"),
      "6:9 shapes [16] and [32] do not broadcast: dimension 0 is 16 and 32\n"
      "  6:9 the left operand is tensor<16xi32>\n  6:9 the right operand is tensor<32xi32>\n");
  EXPECT_EQ(said("    z = p * 2"),
            "4:9 this operation does not take a pointer\n  4:9 the left operand is *fp32\n"
            "  4:9 the right operand is the constant 2\n");
  EXPECT_EQ(said("    z = f & 3"), "4:9 '&' does not work on fp32 and fp32\n");
  EXPECT_EQ(said("    x = tl.arange(0, 24)"),
            "4:9 the length of tl.arange must be a power of two, got 24\n"
            "  4:9 pad it with triton.next_power_of_2 and mask what is too much\n");
  EXPECT_EQ(said("    s = SIZE * 2\n    x = tl.arange(0, s)"),
            "5:22 the end of tl.arange must be known at compile time, not i32\n"
            "  5:22 a value assigned with 'x: tl.constexpr = ...' stays a constant; 'x = ...' "
            "makes it a runtime value\n");
  EXPECT_EQ(said("    x = tl.load(p, other=0.0)"),
            "4:9 `other` is what masked elements are, so it needs a mask\n");
  EXPECT_EQ(said("    tl.store(q, f)"),
            "4:5 nothing can be stored through a pointer to constant data\n");
  EXPECT_EQ(said("    tl.store(p, tl.arange(0, 16))"),
            "4:5 a scalar pointer stores a scalar, got tensor<16xi32>\n");
  EXPECT_EQ(said("    tl.store(p + tl.arange(0, 16), f, mask=n)"),
            "4:5 a mask must be boolean, got tensor<16xi32>\n");
  EXPECT_EQ(said("    x = tl.zeros((16, 32), tl.float16)\n    y = tl.dot(x, x)"),
            "5:9 shapes [16, 32] and [16, 32] do not multiply\n  5:9 the left operand is "
            "tensor<16x32xfp16>\n"
            "  5:9 the right operand is tensor<16x32xfp16>\n");
  EXPECT_THAT(said("    x = tl.exp(f.to(tl.float16))"),
              HasSubstr("4:9 tl.exp works on fp32 and fp64, got fp16"));
  EXPECT_THAT(said("    x = tl.sum(f, axis=0)"),
              HasSubstr("4:9 in tl.sum: reduce works on tiles, got fp32"));
  EXPECT_THAT(said("    x = tl.sum(tl.zeros((16, 16), tl.float32), axis=2)"),
              HasSubstr("in tl.sum: axis 2 is outside a tile of rank 2"));
  EXPECT_THAT(said("    x = not n"), HasSubstr("'not' needs a boolean, got i32"));
}

TEST(Diagnostics, OneMistakeOneMessage) {
  EXPECT_EQ(said("    x = missing\n    y = x + 1\n    z = tl.exp(y)\n    if z > 3:\n        w = "
                 "z\n    tl.store(p, z + w)"),
            "4:9 missing is not defined [glob:unresolved name]\n");
}

TEST(Diagnostics, SeveralMistakesInOneRun) {
  EXPECT_EQ(
      said("    x = first\n    y = f + tl.secnd(f)\n    for i in range(n):\n        z = third\n"),
      "4:9 first is not defined [glob:unresolved name]\n"
      "5:16 tl.secnd is not supported [tl.secnd]\n"
      "7:13 third is not defined [glob:unresolved name]\n");
}

TEST(Diagnostics, TheCallChainThroughHelpers) {
  std::string source = "\n@triton.jit\ndef inner(x):\n    return x & 1\n"
                       "@triton.jit\ndef outer(x):\n    y = inner(x)\n    return y\n"
                       "@triton.jit\ndef k(p, f):\n    tl.store(p, outer(f))\n";
  EXPECT_EQ(messages(elaborateKernel(source, {"p=*fp32", "f=fp32"})),
            "4:12 '&' does not work on fp32 and fp32\n  7:9 in the call of inner here\n"
            "  11:17 in the call of outer here\n");
}

TEST(Diagnostics, EndlessRecursion) {
  std::string source = "\n@triton.jit\ndef k(p, f):\n    k(p, f)\n";
  EXPECT_THAT(messages(elaborateKernel(source, {"p=*fp32", "f=fp32"})),
              HasSubstr("it calls itself without end"));
}

TEST(Diagnostics, Calls) {
  std::string helper =
      "\n@triton.jit\ndef h(a, b, c=1):\n    return a\n@triton.jit\ndef k(p, f):\n    x = ";
  auto called = [&](const std::string &call) {
    return messages(elaborateKernel(helper + call + "\n", {"p=*fp32", "f=fp32"}));
  };
  EXPECT_EQ(called("h(f)"), "7:9 h needs its argument b\n");
  EXPECT_EQ(called("h(f, 1, 2, 3)"), "7:20 h takes 3 arguments, got 4\n");
  EXPECT_EQ(called("h(f, 1, d=2)"), "7:19 h has no parameter d\n  7:19 did you mean a?\n");
  EXPECT_EQ(called("h(f, 1, b=2)"), "7:9 b is given twice to h\n");
  EXPECT_EQ(called("f(1)"), "7:9 fp32 cannot be called [call:other expr]\n");
  EXPECT_EQ(called("tl.load()"), "7:9 load needs its argument pointer\n");
}

TEST(Diagnostics, Assertions) {
  EXPECT_EQ(said("    tl.static_assert(SIZE == 32, 'needs 32')"),
            "4:5 this static assertion does not hold: needs 32\n");
  EXPECT_EQ(said("    assert SIZE < 8, f'{SIZE} is too much'"),
            "4:5 this assertion does not hold: 16 is too much\n");
  EXPECT_EQ(said("    tl.static_assert(SIZE == 16)\n    assert SIZE > 8"), "");
}

TEST(Diagnostics, LaunchesThatDoNotFit) {
  std::string source = "\n@triton.jit\ndef k(p, n):\n    tl.store(p, n)\n";
  EXPECT_EQ(messages(elaborateKernel(source, {"p=*fp32"})),
            "3:10 the launch gives no value for n\n");
  EXPECT_THAT(messages(elaborateKernel(source, {"p=*fp32", "n=(i32, i32)"})),
              HasSubstr("[val:tuple as argument]"));
}

} // namespace
} // namespace lapidary::test
