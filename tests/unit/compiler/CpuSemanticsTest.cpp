// What each construct means, one small kernel each, run on this CPU.
#include "tests/unit/compiler/CpuKernel.h"
#include "tests/unit/compiler/KernelText.h"

#include <cmath>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <numeric>

using namespace lapidary;
using testing::ElementsAre;
using testing::ElementsAreArray;

namespace {

// Pointers to the elements of a row-major matrix behind %`base`, as %`name`.
std::string matrix(const std::string &name, const std::string &base, int rows, int columns,
                   const std::string &type) {
  return fmt::format(
      "    %{0}_rows = tt.make_range {{end = {2} : i32, start = 0 : i32}} : tensor<{2}xi32>\n"
      "    %{0}_rowsE = tt.expand_dims %{0}_rows {{axis = 1 : i32}} : tensor<{2}xi32> -> "
      "tensor<{2}x1xi32>\n"
      "    %{0}_width = arith.constant dense<{3}> : tensor<{2}x1xi32>\n"
      "    %{0}_offs = arith.muli %{0}_rowsE, %{0}_width : tensor<{2}x1xi32>\n"
      "    %{0}_cols = tt.make_range {{end = {3} : i32, start = 0 : i32}} : tensor<{3}xi32>\n"
      "    %{0}_colsE = tt.expand_dims %{0}_cols {{axis = 0 : i32}} : tensor<{3}xi32> -> "
      "tensor<1x{3}xi32>\n"
      "    %{0}_offsB = tt.broadcast %{0}_offs : tensor<{2}x1xi32> -> tensor<{2}x{3}xi32>\n"
      "    %{0}_colsB = tt.broadcast %{0}_colsE : tensor<1x{3}xi32> -> tensor<{2}x{3}xi32>\n"
      "    %{0}_off = arith.addi %{0}_offsB, %{0}_colsB : tensor<{2}x{3}xi32>\n"
      "    %{0}_s = tt.splat %{1} : !tt.ptr<{4}> -> tensor<{2}x{3}x!tt.ptr<{4}>>\n"
      "    %{0} = tt.addptr %{0}_s, %{0}_off : tensor<{2}x{3}x!tt.ptr<{4}>>, tensor<{2}x{3}xi32>\n",
      name, base, rows, columns, type);
}

std::vector<float> counting(int count, float from = 0) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), from);
  return values;
}

const char *addition = "({\n ^bb0(%left: f32, %right: f32):\n %both = arith.addf %left, %right : "
                       "f32\n tt.reduce.return %both : f32\n })";

} // namespace

TEST(CpuSemantics, ReducesRowsAndColumns) {
  for (int axis : {0, 1}) {
    const int kept = axis == 0 ? 32 : 8;
    CpuKernel kernel(kernelText(
        "%in: !tt.ptr<f32>, %out: !tt.ptr<f32>",
        matrix("p", "in", 8, 32, "f32") + "%x = tt.load %p : tensor<8x32x!tt.ptr<f32>>\n" +
            fmt::format("%s = \"tt.reduce\"(%x) <{{axis = {} : i32}}> {} : (tensor<8x32xf32>) -> "
                        "tensor<{}xf32>\n",
                        axis, addition, kept) +
            pointers("o", "out", kept, "f32") +
            fmt::format("tt.store %o, %s : tensor<{}x!tt.ptr<f32>>", kept)));
    ASSERT_TRUE(kernel.ok()) << kernel.messages();
    auto in = counting(256);
    std::vector<float> out(kept), expected(kept);
    for (int r = 0; r < 8; ++r)
      for (int c = 0; c < 32; ++c)
        expected[axis == 0 ? c : r] += in[r * 32 + c];
    kernel.run({1, 1, 1}, in.data(), out.data());
    EXPECT_THAT(out, ElementsAreArray(expected)) << axis;
  }
}

TEST(CpuSemantics, ReducesValueAndIndexTogether) {
  CpuKernel kernel(kernelText("%in: !tt.ptr<f32>, %value: !tt.ptr<f32>, %index: !tt.ptr<i32>",
                              pointers("p", "in", 128, "f32") + R"(
    %x = tt.load %p : tensor<128x!tt.ptr<f32>>
    %m:2 = "tt.reduce"(%x, %p_r) <{axis = 0 : i32}> ({
    ^bb0(%v: f32, %i: i32, %w: f32, %j: i32):
      %greater = arith.cmpf ogt, %v, %w : f32
      %equal = arith.cmpf oeq, %v, %w : f32
      %before = arith.cmpi slt, %i, %j : i32
      %tie = arith.andi %equal, %before : i1
      %take = arith.ori %greater, %tie : i1
      %best = arith.select %take, %v, %w : f32
      %at = arith.select %take, %i, %j : i32
      tt.reduce.return %best, %at : f32, i32
    }) : (tensor<128xf32>, tensor<128xi32>) -> (f32, i32)
    tt.store %value, %m#0 : !tt.ptr<f32>
    tt.store %index, %m#1 : !tt.ptr<i32>)"));
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  auto in = counting(128);
  in[77] = in[90] = 500;
  float value = 0;
  std::int32_t index = 0;
  kernel.run({1, 1, 1}, in.data(), &value, &index);
  EXPECT_EQ(value, 500);
  EXPECT_EQ(index, 77);
}

// What the combination takes from around it is one number for all lanes, down to the last two.
TEST(CpuSemantics, ReducesWithAConstantFromOutside) {
  CpuKernel kernel(
      kernelText("%in: !tt.ptr<f32>, %out: !tt.ptr<f32>", pointers("p", "in", 64, "f32") + R"(
    %limit = arith.constant 2.0 : f32
    %x = tt.load %p : tensor<64x!tt.ptr<f32>>
    %s = "tt.reduce"(%x) <{axis = 0 : i32}> ({
    ^bb0(%a: f32, %b: f32):
      %sum = arith.addf %a, %b : f32
      %over = arith.cmpf ogt, %sum, %limit : f32
      %capped = arith.select %over, %limit, %sum : f32
      tt.reduce.return %capped : f32
    }) : (tensor<64xf32>) -> f32
    tt.store %out, %s : !tt.ptr<f32>)"));
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  std::vector<float> in(64, 0.25f);
  float out = 0;
  kernel.run({1, 1, 1}, in.data(), &out);
  EXPECT_EQ(out, 2);
}

TEST(CpuSemantics, LoopCarriesTilesThatDependOnEachOther) {
  // (a, b) = (b + x, a) eight times.
  CpuKernel kernel(kernelText("%in: !tt.ptr<f32>, %out: !tt.ptr<f32>, %n: i32",
                              pointers("p", "in", 64, "f32") + pointers("o", "out", 64, "f32") + R"(
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %x = tt.load %p : tensor<64x!tt.ptr<f32>>
    %ones = arith.constant dense<1.0> : tensor<64xf32>
    %twos = arith.constant dense<2.0> : tensor<64xf32>
    %r:2 = scf.for %i = %zero to %n step %one iter_args(%a = %ones, %b = %twos) -> (tensor<64xf32>, tensor<64xf32>) : i32 {
      %sum = arith.addf %b, %x : tensor<64xf32>
      scf.yield %sum, %a : tensor<64xf32>, tensor<64xf32>
    }
    %result = arith.subf %r#0, %r#1 : tensor<64xf32>
    tt.store %o, %result : tensor<64x!tt.ptr<f32>>)"));
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  auto in = counting(64);
  std::vector<float> out(64);
  for (int n : {0, 1, 7}) {
    kernel.run({1, 1, 1}, in.data(), out.data(), std::int32_t(n));
    for (int i = 0; i < 64; ++i) {
      float a = 1, b = 2;
      for (int k = 0; k < n; ++k)
        std::tie(a, b) = std::pair(b + in[i], a);
      ASSERT_EQ(out[i], a - b) << n << " " << i;
    }
  }
}

TEST(CpuSemantics, LoopCarriesTileThroughItsTranspose) {
  CpuKernel kernel(
      kernelText("%in: !tt.ptr<f32>, %out: !tt.ptr<f32>, %n: i32",
                 matrix("p", "in", 16, 16, "f32") + matrix("o", "out", 16, 16, "f32") + R"(
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %x = tt.load %p : tensor<16x16x!tt.ptr<f32>>
    %r = scf.for %i = %zero to %n step %one iter_args(%a = %x) -> (tensor<16x16xf32>) : i32 {
      %t = tt.trans %a {order = array<i32: 1, 0>} : tensor<16x16xf32> -> tensor<16x16xf32>
      %sum = arith.addf %t, %x : tensor<16x16xf32>
      scf.yield %sum : tensor<16x16xf32>
    }
    tt.store %o, %r : tensor<16x16x!tt.ptr<f32>>)"));
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  auto in = counting(256);
  std::vector<float> out(256), a = in, next(256);
  for (int k = 0; k < 3; ++k) {
    for (int i = 0; i < 16; ++i)
      for (int j = 0; j < 16; ++j)
        next[i * 16 + j] = a[j * 16 + i] + in[i * 16 + j];
    a = next;
  }
  kernel.run({1, 1, 1}, in.data(), out.data(), std::int32_t(3));
  EXPECT_THAT(out, ElementsAreArray(a));
}

TEST(CpuSemantics, StoresSeeTheTileAsItWasLoaded) {
  // p[i + 1] = p[i]: the whole tile is read before any of it is written.
  CpuKernel kernel(kernelText("%p: !tt.ptr<f32>", pointers("from", "p", 256, "f32") + R"(
    %ones = arith.constant dense<1> : tensor<256xi32>
    %x = tt.load %from : tensor<256x!tt.ptr<f32>>
    %to = tt.addptr %from, %ones : tensor<256x!tt.ptr<f32>>, tensor<256xi32>
    tt.store %to, %x : tensor<256x!tt.ptr<f32>>)"));
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  auto data = counting(257);
  kernel.run({1, 1, 1}, data.data());
  for (int i = 0; i < 256; ++i)
    ASSERT_EQ(data[i + 1], i);
}

TEST(CpuSemantics, LoadsKeepTheirPlaceAmongStores) {
  // before = p; p = 2 p; after = p; out = 10 before + after.
  CpuKernel kernel(kernelText("%p: !tt.ptr<f32>, %out: !tt.ptr<f32>",
                              pointers("a", "p", 64, "f32") + pointers("o", "out", 64, "f32") + R"(
    %before = tt.load %a : tensor<64x!tt.ptr<f32>>
    %twice = arith.addf %before, %before : tensor<64xf32>
    tt.store %a, %twice : tensor<64x!tt.ptr<f32>>
    %after = tt.load %a : tensor<64x!tt.ptr<f32>>
    %ten = arith.constant dense<10.0> : tensor<64xf32>
    %scaled = arith.mulf %before, %ten : tensor<64xf32>
    %sum = arith.addf %scaled, %after : tensor<64xf32>
    tt.store %o, %sum : tensor<64x!tt.ptr<f32>>)"));
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  auto data = counting(64);
  std::vector<float> out(64);
  kernel.run({1, 1, 1}, data.data(), out.data());
  for (int i = 0; i < 64; ++i) {
    ASSERT_EQ(data[i], 2 * i);
    ASSERT_EQ(out[i], 12 * i);
  }
}

TEST(CpuSemantics, LoadBeforeAReductionThatAStoreFollows) {
  // s = sum(p); p = s; out = the loaded p + s: the load is older than the store.
  CpuKernel kernel(kernelText(
      "%p: !tt.ptr<f32>, %out: !tt.ptr<f32>",
      pointers("a", "p", 64, "f32") + pointers("o", "out", 64, "f32") +
          "%x = tt.load %a : tensor<64x!tt.ptr<f32>>\n%s = \"tt.reduce\"(%x) <{axis = 0 : i32}> " +
          addition + R"( : (tensor<64xf32>) -> f32
    %all = tt.splat %s : f32 -> tensor<64xf32>
    tt.store %a, %all : tensor<64x!tt.ptr<f32>>
    %sum = arith.addf %x, %all : tensor<64xf32>
    tt.store %o, %sum : tensor<64x!tt.ptr<f32>>)"));
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  auto data = counting(64);
  std::vector<float> out(64);
  kernel.run({1, 1, 1}, data.data(), out.data());
  for (int i = 0; i < 64; ++i) {
    ASSERT_EQ(data[i], 2016);
    ASSERT_EQ(out[i], 2016 + i);
  }
}

TEST(CpuSemantics, BranchesYieldTiles) {
  CpuKernel kernel(kernelText("%in: !tt.ptr<f32>, %out: !tt.ptr<f32>, %n: i32",
                              pointers("p", "in", 32, "f32") + pointers("o", "out", 32, "f32") + R"(
    %zero = arith.constant 0 : i32
    %x = tt.load %p : tensor<32x!tt.ptr<f32>>
    %positive = arith.cmpi sgt, %n, %zero : i32
    %y:2 = scf.if %positive -> (tensor<32xf32>, i32) {
      %twice = arith.addf %x, %x : tensor<32xf32>
      scf.yield %twice, %n : tensor<32xf32>, i32
    } else {
      scf.yield %x, %zero : tensor<32xf32>, i32
    }
    %f = arith.sitofp %y#1 : i32 to f32
    %fs = tt.splat %f : f32 -> tensor<32xf32>
    %z = arith.addf %y#0, %fs : tensor<32xf32>
    tt.store %o, %z : tensor<32x!tt.ptr<f32>>)"));
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  auto in = counting(32);
  std::vector<float> out(32);
  for (int n : {-1, 3}) {
    kernel.run({1, 1, 1}, in.data(), out.data(), std::int32_t(n));
    for (int i = 0; i < 32; ++i)
      ASSERT_EQ(out[i], n > 0 ? 2 * in[i] + n : in[i]);
  }
}

TEST(CpuSemantics, WhileCountsAndCarriesTiles) {
  CpuKernel kernel(kernelText("%out: !tt.ptr<f32>, %n: i32", pointers("o", "out", 32, "f32") + R"(
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %start = arith.constant dense<1.0> : tensor<32xf32>
    %r:2 = scf.while (%i = %zero, %t = %start) : (i32, tensor<32xf32>) -> (i32, tensor<32xf32>) {
      %more = arith.cmpi slt, %i, %n : i32
      scf.condition(%more) %i, %t : i32, tensor<32xf32>
    } do {
    ^bb0(%i: i32, %t: tensor<32xf32>):
      %next = arith.addi %i, %one : i32
      %twice = arith.addf %t, %t : tensor<32xf32>
      scf.yield %next, %twice : i32, tensor<32xf32>
    }
    tt.store %o, %r#1 : tensor<32x!tt.ptr<f32>>)"));
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  std::vector<float> out(32);
  kernel.run({1, 1, 1}, out.data(), std::int32_t(5));
  EXPECT_THAT(out, testing::Each(32));
}

TEST(CpuSemantics, EarlyReturnLeavesMemoryAlone) {
  CpuKernel kernel(R"(module {
  tt.func public @kernel(%out: !tt.ptr<i32>, %n: i32) {
    %pid = tt.get_program_id x : i32
    %beyond = arith.cmpi sge, %pid, %n : i32
    cf.cond_br %beyond, ^bb1, ^bb2
  ^bb1:
    tt.return
  ^bb2:
    %p = tt.addptr %out, %pid : !tt.ptr<i32>, i32
    tt.store %p, %pid : !tt.ptr<i32>
    tt.return
  }
})");
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  std::vector<std::int32_t> out(6, -1);
  kernel.run({6, 1, 1}, out.data(), std::int32_t(4));
  EXPECT_THAT(out, ElementsAre(0, 1, 2, 3, -1, -1));
}

TEST(CpuSemantics, ScansForwardAndBackward) {
  for (bool reverse : {false, true}) {
    CpuKernel kernel(kernelText("%in: !tt.ptr<f32>, %out: !tt.ptr<f32>",
                                matrix("p", "in", 4, 16, "f32") + matrix("o", "out", 4, 16, "f32") +
                                    fmt::format(R"(
    %x = tt.load %p : tensor<4x16x!tt.ptr<f32>>
    %s = "tt.scan"(%x) <{{axis = 1 : i32, reverse = {}}}> ({{
    ^bb0(%a: f32, %b: f32):
      %c = arith.addf %a, %b : f32
      tt.scan.return %c : f32
    }}) : (tensor<4x16xf32>) -> tensor<4x16xf32>
    tt.store %o, %s : tensor<4x16x!tt.ptr<f32>>)",
                                                reverse)));
    ASSERT_TRUE(kernel.ok()) << kernel.messages();
    auto in = counting(64);
    std::vector<float> out(64);
    kernel.run({1, 1, 1}, in.data(), out.data());
    for (int r = 0; r < 4; ++r) {
      float sum = 0;
      for (int i = 0; i < 16; ++i) {
        const int c = reverse ? 15 - i : i;
        sum += in[r * 16 + c];
        ASSERT_EQ(out[r * 16 + c], sum) << reverse << r << " " << c;
      }
    }
  }
}

TEST(CpuSemantics, ShapesMoveElements) {
  // split(reshape(join(x, x + 100))) and a transpose through memory order.
  CpuKernel kernel(kernelText("%in: !tt.ptr<f32>, %out: !tt.ptr<f32>, %even: !tt.ptr<f32>",
                              pointers("p", "in", 64, "f32") + pointers("o", "out", 128, "f32") +
                                  pointers("e", "even", 64, "f32") + R"(
    %x = tt.load %p : tensor<64x!tt.ptr<f32>>
    %hundred = arith.constant dense<100.0> : tensor<64xf32>
    %y = arith.addf %x, %hundred : tensor<64xf32>
    %j = tt.join %x, %y : tensor<64xf32> -> tensor<64x2xf32>
    %flat = tt.reshape %j : tensor<64x2xf32> -> tensor<128xf32>
    tt.store %o, %flat : tensor<128x!tt.ptr<f32>>
    %m = tt.reshape %x : tensor<64xf32> -> tensor<16x4xf32>
    %t = tt.trans %m {order = array<i32: 1, 0>} : tensor<16x4xf32> -> tensor<4x16xf32>
    %back = tt.reshape %t : tensor<4x16xf32> -> tensor<32x2xf32>
    %l, %r = tt.split %back : tensor<32x2xf32> -> tensor<32xf32>
    %lr = tt.join %l, %r : tensor<32xf32> -> tensor<32x2xf32>
    %z = tt.reshape %lr : tensor<32x2xf32> -> tensor<64xf32>
    tt.store %e, %z : tensor<64x!tt.ptr<f32>>)"));
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  auto in = counting(64);
  std::vector<float> out(128), transposed(64);
  kernel.run({1, 1, 1}, in.data(), out.data(), transposed.data());
  for (int i = 0; i < 64; ++i) {
    ASSERT_EQ(out[2 * i], i);
    ASSERT_EQ(out[2 * i + 1], i + 100);
    ASSERT_EQ(transposed[i], (i % 16) * 4 + i / 16);
  }
}

TEST(CpuSemantics, AtomicsAddOverAllPrograms) {
  CpuKernel kernel(kernelText("%sums: !tt.ptr<f32>, %count: !tt.ptr<i32>, %old: !tt.ptr<i32>",
                              pointers("s", "sums", 32, "f32") + R"(
    %c = arith.constant 20 : i32
    %cs = tt.splat %c : i32 -> tensor<32xi32>
    %mask = arith.cmpi slt, %s_r, %cs : tensor<32xi32>
    %one = arith.constant dense<1.5> : tensor<32xf32>
    %x = tt.atomic_rmw fadd, acq_rel, gpu, %s, %one, %mask : (tensor<32x!tt.ptr<f32>>, tensor<32xf32>, tensor<32xi1>) -> tensor<32xf32>
    %i = arith.constant 1 : i32
    %t = arith.constant true
    %before = tt.atomic_rmw add, acq_rel, gpu, %count, %i, %t : (!tt.ptr<i32>, i32, i1) -> i32
    %p = tt.addptr %old, %before : !tt.ptr<i32>, i32
    tt.store %p, %before : !tt.ptr<i32>)"));
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  std::vector<float> sums(32);
  std::int32_t count = 0;
  std::vector<std::int32_t> old(4, -1);
  kernel.run({4, 1, 1}, sums.data(), &count, old.data());
  for (int i = 0; i < 32; ++i)
    ASSERT_EQ(sums[i], i < 20 ? 6 : 0);
  EXPECT_EQ(count, 4);
  EXPECT_THAT(old, ElementsAre(0, 1, 2, 3));
}

TEST(CpuSemantics, IntegersDivideTowardsZero) {
  CpuKernel kernel(kernelText("%in: !tt.ptr<i32>, %q: !tt.ptr<i32>, %r: !tt.ptr<i32>, %d: i32",
                              pointers("p", "in", 16, "i32") + pointers("o", "q", 16, "i32") +
                                  pointers("e", "r", 16, "i32") + R"(
    %x = tt.load %p : tensor<16x!tt.ptr<i32>>
    %ds = tt.splat %d : i32 -> tensor<16xi32>
    %quotient = arith.divsi %x, %ds : tensor<16xi32>
    %rest = arith.remsi %x, %ds : tensor<16xi32>
    tt.store %o, %quotient : tensor<16x!tt.ptr<i32>>
    tt.store %e, %rest : tensor<16x!tt.ptr<i32>>)"));
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  std::vector<std::int32_t> in(16), q(16), r(16);
  std::iota(in.begin(), in.end(), -8);
  kernel.run({1, 1, 1}, in.data(), q.data(), r.data(), std::int32_t(3));
  for (int i = 0; i < 16; ++i) {
    ASSERT_EQ(q[i], in[i] / 3);
    ASSERT_EQ(r[i], in[i] % 3);
  }
}

TEST(CpuSemantics, MasksKeepGathersAndScattersInBounds) {
  CpuKernel kernel(kernelText("%in: !tt.ptr<f32>, %out: !tt.ptr<f32>, %stride: i32, %n: i32",
                              pointers("r", "in", 64, "f32") + R"(
    %st = tt.splat %stride : i32 -> tensor<64xi32>
    %offs = arith.muli %r_r, %st : tensor<64xi32>
    %ns = tt.splat %n : i32 -> tensor<64xi32>
    %mask = arith.cmpi slt, %r_r, %ns : tensor<64xi32>
    %p = tt.addptr %r_s, %offs : tensor<64x!tt.ptr<f32>>, tensor<64xi32>
    %o_s = tt.splat %out : !tt.ptr<f32> -> tensor<64x!tt.ptr<f32>>
    %o = tt.addptr %o_s, %offs : tensor<64x!tt.ptr<f32>>, tensor<64xi32>
    %other = arith.constant dense<5.0> : tensor<64xf32>
    %x = tt.load %p, %mask, %other : tensor<64x!tt.ptr<f32>>
    %e = math.exp %x : tensor<64xf32>
    tt.store %o, %e, %mask : tensor<64x!tt.ptr<f32>>)"));
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  // Exactly the elements that the mask admits exist.
  const int n = 37, stride = 3;
  std::vector<float> in(std::size_t(n - 1) * stride + 1, 0.5F), out(in.size(), -1);
  kernel.run({1, 1, 1}, in.data(), out.data(), std::int32_t(stride), std::int32_t(n));
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (i % stride == 0)
      ASSERT_NEAR(out[i], std::exp(0.5F), 1e-6);
    else
      ASSERT_EQ(out[i], -1);
  }
}

TEST(CpuSemantics, MaskedLanesWithoutOtherAreZero) {
  CpuKernel kernel(kernelText("%in: !tt.ptr<f32>, %out: !tt.ptr<f32>, %n: i32",
                              pointers("p", "in", 64, "f32") + pointers("o", "out", 64, "f32") + R"(
    %ns = tt.splat %n : i32 -> tensor<64xi32>
    %mask = arith.cmpi slt, %p_r, %ns : tensor<64xi32>
    %x = tt.load %p, %mask : tensor<64x!tt.ptr<f32>>
    tt.store %o, %x : tensor<64x!tt.ptr<f32>>)"));
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  auto in = counting(64, 1);
  std::vector<float> out(64, -1);
  kernel.run({1, 1, 1}, in.data(), out.data(), std::int32_t(10));
  for (int i = 0; i < 64; ++i)
    ASSERT_EQ(out[i], i < 10 ? in[i] : 0);
}

TEST(CpuSemantics, BytesMultiplyIntoWords) {
  CpuKernel kernel(kernelText("%x: !tt.ptr<i8>, %y: !tt.ptr<i8>, %out: !tt.ptr<i32>",
                              matrix("a", "x", 16, 32, "i8") + matrix("b", "y", 32, 16, "i8") +
                                  matrix("o", "out", 16, 16, "i32") + R"(
    %av = tt.load %a : tensor<16x32x!tt.ptr<i8>>
    %bv = tt.load %b : tensor<32x16x!tt.ptr<i8>>
    %zero = arith.constant dense<0> : tensor<16x16xi32>
    %d = tt.dot %av, %bv, %zero : tensor<16x32xi8> * tensor<32x16xi8> -> tensor<16x16xi32>
    tt.store %o, %d : tensor<16x16x!tt.ptr<i32>>)"));
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  std::vector<std::int8_t> a(512), b(512);
  for (int i = 0; i < 512; ++i) {
    a[i] = std::int8_t(i * 7);
    b[i] = std::int8_t(i * 13 + 5);
  }
  std::vector<std::int32_t> out(256);
  kernel.run({1, 1, 1}, a.data(), b.data(), out.data());
  for (int i = 0; i < 16; ++i)
    for (int j = 0; j < 16; ++j) {
      std::int32_t sum = 0;
      for (int k = 0; k < 32; ++k)
        sum += a[i * 32 + k] * b[k * 16 + j];
      ASSERT_EQ(out[i * 16 + j], sum);
    }
}

TEST(CpuSemantics, BlockPointersStayInsideTheirTensor) {
  // Doubles a 20 x 50 matrix, padded with NaN outside, by blocks of 16 x 32 along a row of blocks.
  CpuKernel kernel(
      kernelText("%in: !tt.ptr<f32>, %out: !tt.ptr<f32>, %m: i64, %n: i64, %stride: i64", R"(
    %one = arith.constant 1 : i64
    %zero = arith.constant 0 : i32
    %step = arith.constant 1 : i32
    %two = arith.constant 2 : i32
    %width = arith.constant 32 : i32
    %height = arith.constant 16 : i32
    %pid = tt.get_program_id x : i32
    %row = arith.muli %pid, %height : i32
    %from = tt.make_tensor_ptr %in, [%m, %n], [%stride, %one], [%row, %zero] {order = array<i32: 1, 0>} : <tensor<16x32xf32>>
    %to = tt.make_tensor_ptr %out, [%m, %n], [%stride, %one], [%row, %zero] {order = array<i32: 1, 0>} : <tensor<16x32xf32>>
    %r:2 = scf.for %i = %zero to %two step %step iter_args(%a = %from, %b = %to) -> (!tt.ptr<tensor<16x32xf32>>, !tt.ptr<tensor<16x32xf32>>) : i32 {
      %x = tt.load %a {boundaryCheck = array<i32: 0, 1>, padding = 2 : i32} : !tt.ptr<tensor<16x32xf32>>
      %y = arith.addf %x, %x : tensor<16x32xf32>
      tt.store %b, %y {boundaryCheck = array<i32: 0, 1>} : !tt.ptr<tensor<16x32xf32>>
      %a2 = tt.advance %a, [%zero, %width] : <tensor<16x32xf32>>
      %b2 = tt.advance %b, [%zero, %width] : <tensor<16x32xf32>>
      scf.yield %a2, %b2 : !tt.ptr<tensor<16x32xf32>>, !tt.ptr<tensor<16x32xf32>>
    })"));
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  const std::int64_t m = 20, n = 50, stride = 53;
  auto in = counting(static_cast<int>(m * stride));
  std::vector<float> out(in.size(), -1);
  kernel.run({2, 1, 1}, in.data(), out.data(), m, n, stride);
  for (std::int64_t i = 0; i < m * stride; ++i)
    ASSERT_EQ(out[i], i % stride < n ? 2 * in[i] : -1) << i;
  EXPECT_EQ(kernel.result.accesses[0].bits, kernel.result.accesses[1].bits);
  EXPECT_GT(kernel.result.accesses[0].bits, 32);
}

TEST(CpuSemantics, GathersAlongAnAxisAndCounts) {
  CpuKernel kernel(
      kernelText("%in: !tt.ptr<f32>, %at: !tt.ptr<i32>, %out: !tt.ptr<f32>, %bins: !tt.ptr<i32>",
                 matrix("p", "in", 4, 16, "f32") + matrix("q", "at", 4, 16, "i32") +
                     matrix("o", "out", 4, 16, "f32") + pointers("b", "bins", 16, "i32") + R"(
    %x = tt.load %p : tensor<4x16x!tt.ptr<f32>>
    %i = tt.load %q : tensor<4x16x!tt.ptr<i32>>
    %g = tt.gather %x[%i] {axis = 1 : i32} : (tensor<4x16xf32>, tensor<4x16xi32>) -> tensor<4x16xf32>
    tt.store %o, %g : tensor<4x16x!tt.ptr<f32>>
    %flat = tt.reshape %i : tensor<4x16xi32> -> tensor<64xi32>
    %h = tt.histogram %flat : tensor<64xi32> -> tensor<16xi32>
    tt.store %b, %h : tensor<16x!tt.ptr<i32>>)"));
  ASSERT_TRUE(kernel.ok()) << kernel.messages();
  auto in = counting(64);
  std::vector<std::int32_t> at(64), bins(16), expected(16);
  for (int i = 0; i < 64; ++i)
    ++expected[at[i] = (i * 7 + i / 16) % 13];
  std::vector<float> out(64);
  kernel.run({1, 1, 1}, in.data(), at.data(), out.data(), bins.data());
  for (int i = 0; i < 64; ++i)
    ASSERT_EQ(out[i], in[i / 16 * 16 + at[i]]) << i;
  EXPECT_THAT(bins, ElementsAreArray(expected));
}
