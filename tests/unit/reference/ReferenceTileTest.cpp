#include "ReferenceRunner.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace lapidary;
using testing::ElementsAre;

namespace {

std::vector<float> counting(std::size_t n) {
  std::vector<float> values(n);
  std::iota(values.begin(), values.end(), 0.0f);
  return values;
}

// Tiles of one buffer of 8 floats in, any number out.
std::vector<float> run(const std::string &body, std::size_t outputs, const std::vector<float> &in = counting(8)) {
  std::string n = std::to_string(in.size()), m = std::to_string(outputs);
  Launch launch;
  launch.buffer("x", in).buffer("out", std::vector<float>(outputs, -99));
  launch.expectRuns(
      "tt.func public @k(%x: !tt.ptr<f32>, %out: !tt.ptr<f32>) {\n"
      "  %i = tt.make_range {end = " + n + " : i32, start = 0 : i32} : tensor<" + n + "xi32>\n"
      "  %s = tt.splat %x : !tt.ptr<f32> -> tensor<" + n + "x!tt.ptr<f32>>\n"
      "  %q = tt.addptr %s, %i : tensor<" + n + "x!tt.ptr<f32>>, tensor<" + n + "xi32>\n"
      "  %a = tt.load %q : tensor<" + n + "x!tt.ptr<f32>>\n" + body +
      "\n  %j = tt.make_range {end = " + m + " : i32, start = 0 : i32} : tensor<" + m + "xi32>\n"
      "  %t = tt.splat %out : !tt.ptr<f32> -> tensor<" + m + "x!tt.ptr<f32>>\n"
      "  %w = tt.addptr %t, %j : tensor<" + m + "x!tt.ptr<f32>>, tensor<" + m + "xi32>\n"
      "  tt.store %w, %r : tensor<" + m + "x!tt.ptr<f32>>\n  tt.return\n}\n");
  return launch.contents<float>(1);
}

const char *sumRegion = "({\n  ^bb0(%u: f32, %v: f32):\n    %w0 = arith.addf %u, %v : f32\n"
                        "    tt.reduce.return %w0 : f32\n  })";

} // namespace

TEST(ReferenceTile, ExpandAndBroadcast) {
  EXPECT_THAT(run("  %e = tt.expand_dims %a {axis = 0 : i32} : tensor<8xf32> -> tensor<1x8xf32>\n"
                  "  %b = tt.broadcast %e : tensor<1x8xf32> -> tensor<2x8xf32>\n"
                  "  %r = tt.reshape %b : tensor<2x8xf32> -> tensor<16xf32>", 16),
              ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7));
  EXPECT_THAT(run("  %e = tt.expand_dims %a {axis = 1 : i32} : tensor<8xf32> -> tensor<8x1xf32>\n"
                  "  %b = tt.broadcast %e : tensor<8x1xf32> -> tensor<8x2xf32>\n"
                  "  %r = tt.reshape %b : tensor<8x2xf32> -> tensor<16xf32>", 16),
              ElementsAre(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7));
}

TEST(ReferenceTile, TransposeOfTwoAndThree) {
  EXPECT_THAT(run("  %m = tt.reshape %a : tensor<8xf32> -> tensor<2x4xf32>\n"
                  "  %t0 = tt.trans %m {order = array<i32: 1, 0>} : tensor<2x4xf32> -> tensor<4x2xf32>\n"
                  "  %r = tt.reshape %t0 : tensor<4x2xf32> -> tensor<8xf32>", 8),
              ElementsAre(0, 4, 1, 5, 2, 6, 3, 7));
  EXPECT_THAT(run("  %m = tt.reshape %a : tensor<8xf32> -> tensor<2x2x2xf32>\n"
                  "  %t0 = tt.trans %m {order = array<i32: 2, 0, 1>} : tensor<2x2x2xf32> -> tensor<2x2x2xf32>\n"
                  "  %r = tt.reshape %t0 : tensor<2x2x2xf32> -> tensor<8xf32>", 8),
              ElementsAre(0, 2, 4, 6, 1, 3, 5, 7));
}

TEST(ReferenceTile, JoinSplitAndCat) {
  EXPECT_THAT(run("  %n0 = arith.negf %a : tensor<8xf32>\n"
                  "  %jo = tt.join %a, %n0 : tensor<8xf32> -> tensor<8x2xf32>\n"
                  "  %r = tt.reshape %jo : tensor<8x2xf32> -> tensor<16xf32>", 16),
              ElementsAre(0, 0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6, 7, -7));
  EXPECT_THAT(run("  %m = tt.reshape %a : tensor<8xf32> -> tensor<4x2xf32>\n"
                  "  %l, %h = tt.split %m : tensor<4x2xf32> -> tensor<4xf32>\n"
                  "  %r = tt.cat %h, %l : tensor<4xf32> -> tensor<8xf32>", 8),
              ElementsAre(1, 3, 5, 7, 0, 2, 4, 6));
}

TEST(ReferenceTile, Gather) {
  EXPECT_THAT(run("  %m = tt.reshape %a : tensor<8xf32> -> tensor<2x4xf32>\n"
                  "  %x0 = arith.constant dense<[[3, 0], [1, 1]]> : tensor<2x2xi32>\n"
                  "  %g = tt.gather %m[%x0] {axis = 1 : i32} : (tensor<2x4xf32>, tensor<2x2xi32>) -> tensor<2x2xf32>\n"
                  "  %r = tt.reshape %g : tensor<2x2xf32> -> tensor<4xf32>", 4),
              ElementsAre(3, 0, 5, 5));
}

TEST(ReferenceTile, Histogram) {
  EXPECT_THAT(run("  %v = arith.fptosi %a : tensor<8xf32> to tensor<8xi32>\n"
                  "  %c = arith.constant dense<2> : tensor<8xi32>\n"
                  "  %d = arith.shrui %v, %c : tensor<8xi32>\n"
                  "  %h = tt.histogram %d : tensor<8xi32> -> tensor<4xi32>\n"
                  "  %r = arith.sitofp %h : tensor<4xi32> to tensor<4xf32>", 4),
              ElementsAre(4, 4, 0, 0));
}

TEST(ReferenceTile, ReductionsAlongEachAxis) {
  for (int axis : {0, 1, 2}) {
    std::vector<float> expected(4, 0);
    for (int i = 0; i < 8; ++i) {
      int index[3] = {i / 4, i / 2 % 2, i % 2}, at = 0;
      for (int d = 0; d < 3; ++d)
        if (d != axis)
          at = at * 2 + index[d];
      expected[static_cast<std::size_t>(at)] += static_cast<float>(i);
    }
    EXPECT_EQ(run("  %m = tt.reshape %a : tensor<8xf32> -> tensor<2x2x2xf32>\n"
                  "  %s0 = \"tt.reduce\"(%m) <{axis = " + std::to_string(axis) + " : i32}> " + sumRegion +
                  " : (tensor<2x2x2xf32>) -> tensor<2x2xf32>\n"
                  "  %r = tt.reshape %s0 : tensor<2x2xf32> -> tensor<4xf32>", 4),
              expected);
  }
}

TEST(ReferenceTile, AReductionToAScalar) {
  EXPECT_THAT(run(std::string("  %s0 = \"tt.reduce\"(%a) <{axis = 0 : i32}> ") + sumRegion +
                  " : (tensor<8xf32>) -> f32\n  %r = tt.splat %s0 : f32 -> tensor<1xf32>", 1),
              ElementsAre(28));
}

TEST(ReferenceTile, LongSumsArePairwise) {
  std::vector<float> tenths(65536, 0.1f);
  std::vector<float> out = run(std::string("  %s0 = \"tt.reduce\"(%a) <{axis = 0 : i32}> ") + sumRegion +
                               " : (tensor<65536xf32>) -> f32\n  %r = tt.splat %s0 : f32 -> tensor<1xf32>", 1, tenths);
  EXPECT_NEAR(out[0], 6553.6, 1e-3) << "a naive fp32 sum is off by 0.5 or more";
}

// The index of the largest; ties go to the smaller index. Two values go through the region, and it
// compares, branches by select, and hands both on.
static const char *argmaxRegion = R"( ({
  ^bb0(%u: f32, %iu: i32, %v: f32, %iv: i32):
    %gt = arith.cmpf ogt, %u, %v : f32
    %eq = arith.cmpf oeq, %u, %v : f32
    %lt = arith.cmpi slt, %iu, %iv : i32
    %tie = arith.andi %eq, %lt : i1
    %pick = arith.ori %gt, %tie : i1
    %m = arith.select %pick, %u, %v : f32
    %im = arith.select %pick, %iu, %iv : i32
    tt.reduce.return %m, %im : f32, i32
  }) : (tensor<8xf32>, tensor<8xi32>) -> (f32, i32)
  %f = arith.sitofp %best#1 : i32 to f32
  %p = tt.splat %best#0 : f32 -> tensor<1xf32>
  %o = tt.splat %f : f32 -> tensor<1xf32>
  %r = tt.cat %p, %o : tensor<1xf32> -> tensor<2xf32>
)";

TEST(ReferenceTile, AReductionOfPairs) {
  EXPECT_THAT(run(std::string("  %best:2 = \"tt.reduce\"(%a, %i) <{axis = 0 : i32}>") + argmaxRegion, 2,
                  {3, 9, -1, 9, 2, 9, 0, 4}),
              ElementsAre(9, 1));
}

TEST(ReferenceTile, ARegionThatSwapsItsArguments) {
  // The last combination hands on (b, a): both results must come from before the copy.
  std::vector<float> out = run(R"(  %two:2 = "tt.reduce"(%a, %a) <{axis = 0 : i32}> ({
  ^bb0(%u: f32, %v: f32, %x0: f32, %y: f32):
    tt.reduce.return %v, %u : f32, f32
  }) : (tensor<8xf32>, tensor<8xf32>) -> (f32, f32)
  %p = tt.splat %two#0 : f32 -> tensor<1xf32>
  %o = tt.splat %two#1 : f32 -> tensor<1xf32>
  %r = tt.cat %p, %o : tensor<1xf32> -> tensor<2xf32>)", 2, {5, 6, 7, 8, 9, 1, 2, 3});
  EXPECT_THAT(out, ElementsAre(5, 5));
}

TEST(ReferenceTile, ARegionThatUsesValuesFromOutside) {
  EXPECT_THAT(run(R"(  %limit = arith.constant 4.0 : f32
  %pid = tt.get_num_programs x : i32
  %one = arith.sitofp %pid : i32 to f32
  %s0 = "tt.reduce"(%a) <{axis = 0 : i32}> ({
  ^bb0(%u: f32, %v: f32):
    %sum = arith.addf %u, %v : f32
    %more = arith.addf %sum, %one : f32
    %low = arith.minimumf %more, %limit : f32
    tt.reduce.return %low : f32
  }) : (tensor<8xf32>) -> f32
  %r = tt.splat %s0 : f32 -> tensor<1xf32>)", 1, std::vector<float>(8, 0)),
              ElementsAre(4));
}

TEST(ReferenceTile, ARegionThatBranches) {
  EXPECT_THAT(run(R"(  %s0 = "tt.reduce"(%a) <{axis = 0 : i32}> ({
  ^bb0(%u: f32, %v: f32):
    %gt = arith.cmpf ogt, %u, %v : f32
    %m = scf.if %gt -> (f32) {
      scf.yield %u : f32
    } else {
      scf.yield %v : f32
    }
    tt.reduce.return %m : f32
  }) : (tensor<8xf32>) -> f32
  %r = tt.splat %s0 : f32 -> tensor<1xf32>)", 1, {3, 9, -1, 11, 2, 9, 0, 4}),
              ElementsAre(11));
}

TEST(ReferenceTile, Scans) {
  auto scan = [](const char *reverse, int axis) {
    return "  %m = tt.reshape %a : tensor<8xf32> -> tensor<2x4xf32>\n  %s0 = \"tt.scan\"(%m) <{axis = " +
           std::to_string(axis) + " : i32, reverse = " + reverse + "}> ({\n  ^bb0(%u: f32, %v: f32):\n"
           "    %w0 = arith.addf %u, %v : f32\n    tt.scan.return %w0 : f32\n"
           "  }) : (tensor<2x4xf32>) -> tensor<2x4xf32>\n  %r = tt.reshape %s0 : tensor<2x4xf32> -> tensor<8xf32>";
  };
  EXPECT_THAT(run(scan("false", 1), 8), ElementsAre(0, 1, 3, 6, 4, 9, 15, 22));
  EXPECT_THAT(run(scan("true", 1), 8), ElementsAre(6, 6, 5, 3, 22, 18, 13, 7));
  EXPECT_THAT(run(scan("false", 0), 8), ElementsAre(0, 1, 2, 3, 4, 6, 8, 10));
}

TEST(ReferenceTile, AScanIsNotCommutative) {
  // The first argument is what came before: keep it.
  EXPECT_THAT(run(R"(  %r = "tt.scan"(%a) <{axis = 0 : i32, reverse = false}> ({
  ^bb0(%u: f32, %v: f32):
    tt.scan.return %u : f32
  }) : (tensor<8xf32>) -> tensor<8xf32>)", 8, {7, 1, 2, 3, 4, 5, 6, 8}),
              testing::Each(7));
}

TEST(ReferenceTile, MatrixProducts) {
  // [2x4] * [4x2] + 1, rows of 0..7 and their transpose.
  EXPECT_THAT(run(R"(  %m = tt.reshape %a : tensor<8xf32> -> tensor<2x4xf32>
  %t0 = tt.trans %m {order = array<i32: 1, 0>} : tensor<2x4xf32> -> tensor<4x2xf32>
  %c = arith.constant dense<1.0> : tensor<2x2xf32>
  %d = tt.dot %m, %t0, %c : tensor<2x4xf32> * tensor<4x2xf32> -> tensor<2x2xf32>
  %r = tt.reshape %d : tensor<2x2xf32> -> tensor<4xf32>)", 4),
              ElementsAre(15, 39, 39, 127));
  // Halves accumulate in fp32: 2048 + 1 + 1 is not lost.
  EXPECT_THAT(run(R"(  %h = arith.truncf %a : tensor<8xf32> to tensor<8xf16>
  %m = tt.reshape %h : tensor<8xf16> -> tensor<2x4xf16>
  %o = arith.constant dense<1.0> : tensor<4x2xf16>
  %c = arith.constant dense<0.0> : tensor<2x2xf32>
  %d = tt.dot %m, %o, %c : tensor<2x4xf16> * tensor<4x2xf16> -> tensor<2x2xf32>
  %r = tt.reshape %d : tensor<2x2xf32> -> tensor<4xf32>)", 4, {2048, 1, 1, 0, 1, 2, 3, 4}),
              ElementsAre(2050, 2050, 10, 10));
  EXPECT_THAT(run(R"(  %h = arith.fptosi %a : tensor<8xf32> to tensor<8xi8>
  %m = tt.reshape %h : tensor<8xi8> -> tensor<2x2x2xi8>
  %c = arith.constant dense<0> : tensor<2x2x2xi32>
  %d = tt.dot %m, %m, %c : tensor<2x2x2xi8> * tensor<2x2x2xi8> -> tensor<2x2x2xi32>
  %v = tt.reshape %d : tensor<2x2x2xi32> -> tensor<8xi32>
  %r = arith.sitofp %v : tensor<8xi32> to tensor<8xf32>)", 8, {100, 2, 3, 4, 5, 6, 7, 127}),
              ElementsAre(10006, 208, 312, 22, 67, 792, 924, 16171));
}
