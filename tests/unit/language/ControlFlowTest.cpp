// Branches and loops: what they carry, what they refuse, and what is decided at compile time.
#include "tests/unit/language/ElaborateKernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lapidary::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Elaboration kernel(const std::string &body, const std::vector<std::string> &more = {}) {
  std::vector<std::string> arguments = {"p=*fp32", "n=i32", "x=fp32", "FLAG==True", "SIZE==16"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return elaborateKernel(
      "\n@triton.jit\ndef k(p, n, x, FLAG: tl.constexpr, SIZE: tl.constexpr):\n" + body, arguments);
}

TEST(ControlFlow, TheDeadArmOfAConstantIfIsNotTyped) {
  Elaboration e =
      kernel("    if FLAG:\n        y = x\n    else:\n        y = no_such_name(tl.arange(3))\n"
             "    if SIZE > 32:\n        y = also_missing\n    elif not FLAG or SIZE == 8:\n       "
             " y = missing\n"
             "    tl.store(p, y)\n");
  EXPECT_EQ(messages(e), "");
  EXPECT_EQ(operations(e), (std::map<std::string, int>{{"tt.return", 1}, {"tt.store", 1}}));
}

TEST(ControlFlow, ARuntimeIfYieldsWhatItAssigns) {
  Elaboration e =
      kernel("    y = x\n    z = 1\n    if n > 3:\n        y = x * 2\n        t = n * 7\n"
             "    else:\n        t = n + z\n    tl.store(p, y + t + z)\n");
  EXPECT_EQ(messages(e), "");
  EXPECT_THAT(linesWith(e, "scf.if"), ElementsAre(HasSubstr("-> (f32, i32)")));
}

TEST(ControlFlow, AVariableOfOneSideIsGoneAfterwards) {
  Elaboration e = kernel("    if n > 3:\n        t = n\n    tl.store(p, t)\n");
  EXPECT_EQ(messages(e),
            "6:17 t holds no value here\n  6:17 it is assigned on one side of an 'if' only\n");
}

TEST(ControlFlow, BothSidesOfAnIfAgreeOnTypes) {
  Elaboration e = kernel("    y = x\n    if n > 3:\n        y = n\n    tl.store(p, y)\n");
  EXPECT_EQ(messages(e), "5:5 y has another type on each side of this 'if'\n"
                         "  5:5 y is i32 on one side\n  5:5 y is fp32 on the other\n");
}

TEST(ControlFlow, AnEarlyReturnMovesTheRestIntoTheOtherArm) {
  Elaboration e = kernel(
      "    if n > 3:\n        return\n    tl.store(p, x)\n    if n < 0:\n        tl.store(p, 1.0)\n"
      "        return\n    tl.store(p, 2.0)\n");
  EXPECT_EQ(messages(e), "");
  EXPECT_EQ(operations(e)["scf.if"], 2);
  EXPECT_EQ(operations(e)["tt.store"], 3);
  EXPECT_EQ(operations(e)["tt.return"], 1);
}

TEST(ControlFlow, ValuesReturnedOnBothSides) {
  std::string source =
      "\n@triton.jit\ndef pick(n, a, b):\n    if n > 3:\n        return a, n\n    elif n > 1:\n"
      "        a = a + b\n    return a * b, n + 1\n"
      "@triton.jit\ndef k(p, n, x):\n    y, m = pick(n, x, 2.0)\n    tl.store(p, y + m)\n";
  Elaboration e = elaborateKernel(source, {"p=*fp32", "n=i32", "x=fp32"});
  EXPECT_EQ(messages(e), "");
  EXPECT_THAT(linesWith(e, "scf.if"), testing::Contains(HasSubstr("-> (f32, i32)")));
}

TEST(ControlFlow, ReturnsOfSeveralTypes) {
  std::string source =
      "\n@triton.jit\ndef pick(n, a):\n    if n > 3:\n        return a\n    return n\n"
      "@triton.jit\ndef k(p, n, x):\n    tl.store(p, pick(n, x))\n";
  Elaboration e = elaborateKernel(source, {"p=*fp32", "n=i32", "x=fp32"});
  EXPECT_THAT(messages(e),
              HasSubstr("the values returned on both sides of this 'if' differ in type"));
}

TEST(ControlFlow, ALoopCarriesWhatItAssigns) {
  Elaboration e = kernel(
      "    acc = 0.0\n    q = p\n    c = 5\n    for i in range(n):\n        acc += tl.load(q) * c\n"
      "        q += SIZE\n        tmp = acc\n    tl.store(p, acc)\n");
  EXPECT_EQ(messages(e), "");
  EXPECT_THAT(linesWith(e, "scf.for"), ElementsAre(HasSubstr("-> (f32, !tt.ptr<f32>)  : i32 {")));
}

TEST(ControlFlow, ALoopKeepsTypes) {
  Elaboration e = kernel(
      "    acc = 0\n    for i in range(n):\n        acc += tl.load(p)\n    tl.store(p, acc)\n");
  EXPECT_EQ(messages(e), "5:5 acc changes its type in this loop\n  5:5 acc is i32 before the loop\n"
                         "  5:5 acc is fp32 at the end of its body\n");
}

TEST(ControlFlow, AConstantIsNotAssignedInALoop) {
  Elaboration e = kernel("    for i in range(n):\n        SIZE = SIZE * 2\n    tl.store(p, x)\n");
  EXPECT_EQ(messages(e), "4:5 SIZE is a constant before this loop and cannot be assigned in it\n"
                         "  4:5 SIZE is the constant 16 before the loop\n");
}

TEST(ControlFlow, LoopHints) {
  Elaboration e = kernel("    acc = 0.0\n    for i in tl.range(0, n, num_stages=3, "
                         "loop_unroll_factor=2, flatten=True):\n"
                         "        acc += i\n    tl.store(p, acc)\n");
  EXPECT_EQ(messages(e), "");
  EXPECT_THAT(
      linesWith(e, "tt.num_stages"),
      ElementsAre("    } {tt.flatten, tt.loop_unroll_factor = 2 : i32, tt.num_stages = 3 : i32}"));
}

TEST(ControlFlow, CountingDownRunsOverTheMirroredRange) {
  Elaboration e = kernel(
      "    acc = 0.0\n    for i in range(n, 0, -2):\n        acc += i\n    tl.store(p, acc)\n");
  EXPECT_EQ(messages(e), "");
  EXPECT_THAT(linesWith(e, "arith.subi"), ElementsAre(HasSubstr("arith.subi %n, %i")));
}

TEST(ControlFlow, TheCounterHasTheWidestType) {
  Elaboration e =
      kernel("    acc = 0.0\n    for i in range(m):\n        acc += 1.0\n    tl.store(p, acc)\n");
  EXPECT_THAT(messages(e), HasSubstr("m is not defined"));
  e = kernel("    acc = 0.0\n    m = n.to(tl.int64)\n    for i in range(m):\n        acc += 1.0\n  "
             "  tl.store(p, acc)\n");
  EXPECT_THAT(linesWith(e, "scf.for"), ElementsAre(HasSubstr(": i64 {")));
}

TEST(ControlFlow, StaticLoopsUnroll) {
  Elaboration e = kernel(
      "    for i in tl.static_range(3):\n        if i == 1:\n            tl.store(p + i, x)\n"
      "        tl.store(p, x + i)\n");
  EXPECT_EQ(messages(e), "");
  EXPECT_EQ(operations(e)["tt.store"], 4);
  EXPECT_EQ(operations(e)["scf.for"], 0);
}

TEST(ControlFlow, UnrollingHasABound) {
  Elaboration e =
      kernel("    for i in tl.static_range(1000000000):\n        x += 1\n    tl.store(p, x)\n");
  EXPECT_THAT(messages(e), HasSubstr("this kernel unrolls to more than 200000 statements"));
  EXPECT_EQ(e.diagnostics.size(), 1u);
}

TEST(ControlFlow, StaticLoopsNeedConstants) {
  Elaboration e = kernel("    for i in tl.static_range(n):\n        x += 1\n    tl.store(p, x)\n");
  EXPECT_THAT(messages(e),
              HasSubstr("the end of tl.static_range must be known at compile time, not i32"));
}

TEST(ControlFlow, While) {
  Elaboration e = kernel("    i = n\n    acc = x\n    while i > 0 and acc < 100.0:\n        i = i "
                         "// 2\n        acc *= 2\n"
                         "    tl.store(p, acc + i)\n");
  EXPECT_EQ(messages(e), "");
  EXPECT_EQ(operations(e)["scf.while"], 1);
  EXPECT_EQ(operations(e)["scf.condition"], 1);
}

TEST(ControlFlow, WhatLoopsRefuse) {
  EXPECT_THAT(messages(kernel("    for i in range(n):\n        return\n")),
              HasSubstr("[syn:return inside a loop]"));
  EXPECT_THAT(messages(kernel("    for i in range(n):\n        break\n")),
              HasSubstr("[syn:break]"));
  EXPECT_THAT(messages(kernel("    for i in range(n):\n        continue\n")),
              HasSubstr("[syn:continue]"));
  EXPECT_THAT(messages(kernel("    for i in (1, 2):\n        x += i\n")),
              HasSubstr("[syn:for over other iterable]"));
  EXPECT_THAT(messages(kernel("    for i in range(x):\n        pass\n")),
              HasSubstr("the bounds of a loop must be integers, got fp32"));
}

TEST(ControlFlow, ConditionalExpressions) {
  Elaboration e =
      kernel("    y = x if FLAG else missing\n    z = y if n > 3 else 2.0\n    tl.store(p, z)\n");
  EXPECT_EQ(messages(e), "");
  // Triton takes both sides' values, which are free of effects, as one selection.
  EXPECT_EQ(operations(e)["arith.select"], 1);
  e = kernel("    z = x if n > 3 else 2\n    tl.store(p, z)\n");
  EXPECT_THAT(messages(e), HasSubstr("both sides of a conditional expression must have one type"));
}

TEST(ControlFlow, ATileIsNoCondition) {
  Elaboration e = kernel("    t = tl.arange(0, SIZE)\n    if t > 3:\n        tl.store(p, x)\n");
  EXPECT_THAT(messages(e), HasSubstr("a condition must be a scalar, got tensor<16xi1>"));
}

} // namespace
} // namespace lapidary::test
