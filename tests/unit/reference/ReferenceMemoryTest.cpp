#include "ReferenceRunner.h"

#include "core/support/FloatFormat.h"

#include <cmath>
#include <numeric>

using namespace lapidary;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

// out[i + shift] = x[i] for i < n, by one program of 8 lanes.
const char *shiftedCopy = R"(tt.func public @k(%x: !tt.ptr<f32>, %out: !tt.ptr<f32>, %n: i32, %shift: i32) {
  %i = tt.make_range {end = 8 : i32, start = 0 : i32} : tensor<8xi32>
  %nn = tt.splat %n : i32 -> tensor<8xi32>
  %m = arith.cmpi slt, %i, %nn : tensor<8xi32>
  %xs = tt.splat %x : !tt.ptr<f32> -> tensor<8x!tt.ptr<f32>>
  %xp = tt.addptr %xs, %i : tensor<8x!tt.ptr<f32>>, tensor<8xi32>
  %v = tt.load %xp, %m : tensor<8x!tt.ptr<f32>> loc("dir/kernel.py":5:8)
  %os = tt.splat %out : !tt.ptr<f32> -> tensor<8x!tt.ptr<f32>>
  %sh = tt.splat %shift : i32 -> tensor<8xi32>
  %j = arith.addi %i, %sh : tensor<8xi32>
  %op = tt.addptr %os, %j : tensor<8x!tt.ptr<f32>>, tensor<8xi32>
  tt.store %op, %v, %m : tensor<8x!tt.ptr<f32>> loc("dir/kernel.py":6:8)
  tt.return
})";

Launch copyLaunch(std::size_t size, std::int64_t n, std::int64_t shift) {
  std::vector<float> x(8);
  std::iota(x.begin(), x.end(), 1.0f);
  Launch launch;
  launch.buffer("x", x).buffer("out", std::vector<float>(size, -1)).scalar(n).scalar(shift);
  return launch;
}

} // namespace

TEST(ReferenceMemory, MaskedElementsAreNotTouched) {
  Launch launch = copyLaunch(8, 5, 2);
  launch.expectRuns(shiftedCopy);
  EXPECT_THAT(launch.contents<float>(1), ElementsAre(-1, -1, 1, 2, 3, 4, 5, -1));
  EXPECT_TRUE(launch.wasRead(0));
  EXPECT_FALSE(launch.wasWritten(0));
  EXPECT_FALSE(launch.wasRead(1));
  EXPECT_TRUE(launch.wasWritten(1));
}

TEST(ReferenceMemory, OtherFillsWhatIsMaskedOut) {
  Launch launch;
  launch.buffer("x", std::vector<float>{1, 2, 3, 4}).buffer("out", std::vector<float>(8));
  launch.expectRuns(R"(tt.func public @k(%x: !tt.ptr<f32>, %out: !tt.ptr<f32>) {
  %i = tt.make_range {end = 4 : i32, start = 0 : i32} : tensor<4xi32>
  %m = arith.constant dense<[true, false, true, false]> : tensor<4xi1>
  %o = arith.constant dense<9.0> : tensor<4xf32>
  %xs = tt.splat %x : !tt.ptr<f32> -> tensor<4x!tt.ptr<f32>>
  %xp = tt.addptr %xs, %i : tensor<4x!tt.ptr<f32>>, tensor<4xi32>
  %v = tt.load %xp, %m, %o : tensor<4x!tt.ptr<f32>>
  %w = tt.load %xp, %m : tensor<4x!tt.ptr<f32>>
  %os = tt.splat %out : !tt.ptr<f32> -> tensor<4x!tt.ptr<f32>>
  %op = tt.addptr %os, %i : tensor<4x!tt.ptr<f32>>, tensor<4xi32>
  tt.store %op, %v : tensor<4x!tt.ptr<f32>>
  %c4 = arith.constant dense<4> : tensor<4xi32>
  %oq = tt.addptr %op, %c4 : tensor<4x!tt.ptr<f32>>, tensor<4xi32>
  tt.store %oq, %w : tensor<4x!tt.ptr<f32>>
  tt.return
})");
  EXPECT_THAT(launch.contents<float>(1), ElementsAre(1, 9, 3, 9, 1, 0, 3, 0));
}

TEST(ReferenceMemory, AnAccessOutsideNamesLineProgramElementAndArgument) {
  Launch launch = copyLaunch(8, 8, 2);
  Error error = launch.errorOf(shiftedCopy);
  EXPECT_EQ(error.code, ErrorCode::InvalidInput);
  EXPECT_EQ(error.message,
            "kernel.py:6: program (0, 0, 0) stores element 6 of its tile 0 bytes past the end of out (32 bytes)");
  launch = copyLaunch(8, 8, 100);
  EXPECT_THAT(launch.errorOf(shiftedCopy).message, HasSubstr("element 0 of its tile 368 bytes past the end of out"));
  launch = copyLaunch(8, 8, -3);
  EXPECT_THAT(launch.errorOf(shiftedCopy).message, HasSubstr("element 0 of its tile 12 bytes before the start of out"));
  launch = copyLaunch(6, 8, 0);
  EXPECT_THAT(launch.errorOf(shiftedCopy).message, HasSubstr("stores element 6"));
  Launch shortInput;
  shortInput.buffer("x", std::vector<float>(3)).buffer("out", std::vector<float>(8)).scalar(std::int64_t(8));
  shortInput.scalar(std::int64_t(0));
  EXPECT_THAT(shortInput.errorOf(shiftedCopy).message,
              HasSubstr("kernel.py:5: program (0, 0, 0) loads element 3 of its tile 0 bytes past the end of x"));
}

TEST(ReferenceMemory, MaskedElementsMayPointAnywhere) {
  Launch launch = copyLaunch(8, 0, 1 << 30);
  launch.expectRuns(shiftedCopy);
}

TEST(ReferenceMemory, ANeighboursStorageIsOutsideToo) {
  // The two buffers may well be next to each other: the distance between them must not help.
  std::vector<float> both(16, 5);
  ReferenceBuffer halves[] = {{reinterpret_cast<std::byte *>(both.data()), 32, "x"},
                              {reinterpret_cast<std::byte *>(both.data() + 8), 32, "out"}};
  ReferenceArgument arguments[] = {ReferencePointer{0, 0}, ReferencePointer{0, 0}, std::int64_t(8), std::int64_t(8)};
  Result<void> result = runReference(shiftedCopy, halves, arguments, {1, 1, 1});
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("past the end of x"));
}

TEST(ReferenceMemory, TheFirstProgramsErrorIsReported) {
  Launch launch;
  launch.buffer("out", std::vector<std::int32_t>(5)).grid(5000);
  std::string kernel = R"(tt.func public @k(%out: !tt.ptr<i32>) {
  %pid = tt.get_program_id x : i32
  %p = tt.addptr %out, %pid : !tt.ptr<i32>, i32
  tt.store %p, %pid : !tt.ptr<i32>
  tt.return
})";
  EXPECT_THAT(launch.errorOf(kernel).message, HasSubstr("program (5, 0, 0) stores 0 bytes past the end"));
  EXPECT_THAT(launch.contents<std::int32_t>(0), ElementsAre(0, 1, 2, 3, 4));
}

TEST(ReferenceMemory, OffsetsIntoAStorage) {
  std::vector<float> x = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  std::vector<float> out(9, 0);
  ReferenceBuffer buffers[] = {{reinterpret_cast<std::byte *>(x.data()), 40, "x"},
                               {reinterpret_cast<std::byte *>(out.data()), 36, "out"}};
  ReferenceArgument arguments[] = {ReferencePointer{0, 8}, ReferencePointer{1, 4}, std::int64_t(8), std::int64_t(0)};
  ASSERT_TRUE(runReference(shiftedCopy, buffers, arguments, {1, 1, 1}));
  EXPECT_THAT(out, ElementsAre(0, 3, 4, 5, 6, 7, 8, 9, 10));
}

TEST(ReferenceMemory, EveryStorageType) {
  for (DType type : {DType::Fp16, DType::BF16, DType::Fp64, DType::Fp8E4NV, DType::Fp8E5}) {
    const char *name = type == DType::Fp16      ? "f16"
                       : type == DType::BF16    ? "bf16"
                       : type == DType::Fp64    ? "f64"
                       : type == DType::Fp8E4NV ? "f8E4M3FN"
                                                : "f8E5M2";
    std::vector<double> numbers = {0, 1, -2, 0.5};
    std::vector<std::byte> bytes(4 * static_cast<std::size_t>(dtypeBytes(type)));
    encodeFloats(type, numbers.data(), bytes.data(), 4);
    Launch launch;
    launch.buffer("x", bytes).buffer("out", std::vector<std::byte>(bytes.size()));
    launch.expectRuns(elementwiseKernel({name, name}, "  %r = tt.reshape %a0 : tensor<4x" + std::string(name) +
                                                          "> -> tensor<4x" + name + ">", 4));
    EXPECT_EQ(launch.contents<std::byte>(1), bytes) << name;
  }
}

TEST(ReferenceMemory, AtomicSumsOverAllPrograms) {
  Launch launch;
  launch.buffer("sum", std::vector<float>{0.5f}).buffer("count", std::vector<std::int32_t>(2)).grid(2000);
  launch.expectRuns(R"(tt.func public @k(%sum: !tt.ptr<f32>, %count: !tt.ptr<i32>) {
  %one = arith.constant 1.0 : f32
  %true = arith.constant true
  %0 = tt.atomic_rmw fadd, acq_rel, gpu, %sum, %one, %true : (!tt.ptr<f32>, f32, i1) -> f32
  %i = tt.make_range {end = 2 : i32, start = 0 : i32} : tensor<2xi32>
  %s = tt.splat %count : !tt.ptr<i32> -> tensor<2x!tt.ptr<i32>>
  %p = tt.addptr %s, %i : tensor<2x!tt.ptr<i32>>, tensor<2xi32>
  %pid = tt.get_program_id x : i32
  %v = tt.splat %pid : i32 -> tensor<2xi32>
  %m = arith.constant dense<[true, false]> : tensor<2xi1>
  %1 = tt.atomic_rmw add, relaxed, gpu, %p, %v, %m : (tensor<2x!tt.ptr<i32>>, tensor<2xi32>, tensor<2xi1>) -> tensor<2xi32>
  tt.return
})");
  EXPECT_EQ(launch.contents<float>(0)[0], 2000.5f);
  EXPECT_THAT(launch.contents<std::int32_t>(1), ElementsAre(1999 * 1000, 0));
  EXPECT_TRUE(launch.wasRead(0)) << "an atomic reads";
}

TEST(ReferenceMemory, AtomicsReturnWhatWasThere) {
  Launch launch;
  launch.buffer("x", std::vector<std::int32_t>{10, 20, 30, 40}).buffer("out", std::vector<std::int32_t>(6));
  launch.expectRuns(R"(tt.func public @k(%x: !tt.ptr<i32>, %out: !tt.ptr<i32>) {
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %c3 = arith.constant 3 : i32
  %c25 = arith.constant 25 : i32
  %cm = arith.constant -1 : i32
  %0 = tt.atomic_rmw max, relaxed, gpu, %x, %c25 : (!tt.ptr<i32>, i32) -> i32
  %p1 = tt.addptr %x, %c1 : !tt.ptr<i32>, i32
  %1 = tt.atomic_rmw umin, relaxed, gpu, %p1, %cm : (!tt.ptr<i32>, i32) -> i32
  %p2 = tt.addptr %x, %c2 : !tt.ptr<i32>, i32
  %2 = tt.atomic_rmw exch, relaxed, gpu, %p2, %cm : (!tt.ptr<i32>, i32) -> i32
  %p3 = tt.addptr %x, %c3 : !tt.ptr<i32>, i32
  %c40 = arith.constant 40 : i32
  %3 = tt.atomic_cas acq_rel, gpu, %p3, %c40, %c1 : (!tt.ptr<i32>, i32, i32) -> i32
  %4 = tt.atomic_cas acq_rel, gpu, %p3, %c40, %c2 : (!tt.ptr<i32>, i32, i32) -> i32
  %5 = arith.addi %0, %1 : i32
  %6 = arith.addi %5, %2 : i32
  %7 = arith.addi %6, %3 : i32
  tt.store %out, %7 : !tt.ptr<i32>
  %q = tt.addptr %out, %c1 : !tt.ptr<i32>, i32
  tt.store %q, %4 : !tt.ptr<i32>
  tt.return
})");
  EXPECT_THAT(launch.contents<std::int32_t>(0), ElementsAre(25, 20, -1, 1));
  EXPECT_THAT(launch.contents<std::int32_t>(1), ElementsAre(100, 1, 0, 0, 0, 0));
}

TEST(ReferenceMemory, HalfPrecisionAtomics) {
  Launch launch;
  launch.buffer("sum", std::vector<std::uint16_t>{0}).grid(100);
  launch.expectRuns(R"(tt.func public @k(%sum: !tt.ptr<f16>) {
  %one = arith.constant 1.0 : f16
  %0 = tt.atomic_rmw fadd, acq_rel, gpu, %sum, %one : (!tt.ptr<f16>, f16) -> f16
  tt.return
})");
  EXPECT_EQ(decodeFloat(DType::Fp16, launch.contents<std::uint16_t>(0)[0]), 100);
}

TEST(ReferenceMemory, BlockPointersWithBoundaries) {
  // A 3x5 matrix, blocks of 2x4 at (2, 2): one row and three columns lie inside.
  std::vector<float> x(15);
  std::iota(x.begin(), x.end(), 0.0f);
  Launch launch;
  launch.buffer("x", x).buffer("out", std::vector<float>(15, -1)).scalar(std::int64_t(3)).scalar(std::int64_t(5));
  launch.expectRuns(R"(tt.func public @k(%x: !tt.ptr<f32>, %out: !tt.ptr<f32>, %rows: i64, %cols: i64) {
  %c0 = arith.constant 0 : i32
  %c2 = arith.constant 2 : i32
  %s1 = arith.constant 1 : i64
  %a = tt.make_tensor_ptr %x, [%rows, %cols], [%cols, %s1], [%c0, %c2] {order = array<i32: 1, 0>} : <tensor<2x4xf32>>
  %b = tt.advance %a, [%c2, %c0] : <tensor<2x4xf32>>
  %v = tt.load %b {boundaryCheck = array<i32: 0, 1>, padding = 1 : i32} : !tt.ptr<tensor<2x4xf32>>
  %ten = arith.constant dense<10.0> : tensor<2x4xf32>
  %w = arith.addf %v, %ten : tensor<2x4xf32>
  %o = tt.make_tensor_ptr %out, [%rows, %cols], [%cols, %s1], [%c2, %c2] {order = array<i32: 1, 0>} : <tensor<2x4xf32>>
  tt.store %o, %w {boundaryCheck = array<i32: 0, 1>} : !tt.ptr<tensor<2x4xf32>>
  tt.return
})");
  EXPECT_THAT(launch.contents<float>(1), ElementsAre(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 22, 23, 24));
}

TEST(ReferenceMemory, AnUncheckedBoundaryIsAnAccessOutside) {
  Launch launch;
  launch.buffer("x", std::vector<float>(15)).buffer("out", std::vector<float>(4)).scalar(std::int64_t(3));
  Error error = launch.errorOf(R"(tt.func public @k(%x: !tt.ptr<f32>, %out: !tt.ptr<f32>, %n: i64) {
  %c12 = arith.constant 12 : i32
  %s1 = arith.constant 1 : i64
  %a = tt.make_tensor_ptr %x, [%n], [%s1], [%c12] {order = array<i32: 0>} : <tensor<4xf32>>
  %v = tt.load %a : !tt.ptr<tensor<4xf32>> loc("kernel.py":8:1)
  tt.return
})");
  EXPECT_THAT(error.message, HasSubstr("kernel.py:8: program (0, 0, 0) loads 0 bytes past the end of x"));
}

TEST(ReferenceMemory, Descriptors) {
  std::vector<float> x(12);
  std::iota(x.begin(), x.end(), 0.0f);
  Launch launch;
  launch.buffer("x", x).buffer("out", std::vector<float>(12, 100));
  launch.expectRuns(R"(tt.func public @k(%x: !tt.ptr<f32>, %out: !tt.ptr<f32>) {
  %r = arith.constant 3 : i32
  %c = arith.constant 4 : i32
  %s4 = arith.constant 4 : i64
  %s1 = arith.constant 1 : i64
  %two = arith.constant 2 : i32
  %neg = arith.constant -1 : i32
  %d = tt.make_tensor_descriptor %x, [%r, %c], [%s4, %s1] : <f32>, <tensor<2x4xf32>>
  %v = tt.descriptor_load %d[%two, %neg] : !tt.tensordesc<tensor<2x4xf32>> -> tensor<2x4xf32>
  %e = tt.make_tensor_descriptor %out, [%r, %c], [%s4, %s1] : <f32>, <tensor<2x4xf32>>
  tt.descriptor_reduce add, %e[%two, %neg], %v : !tt.tensordesc<tensor<2x4xf32>>, tensor<2x4xf32>
  tt.return
})");
  EXPECT_THAT(launch.contents<float>(1), ElementsAre(100, 100, 100, 100, 100, 100, 100, 100, 108, 109, 110, 100));
}

TEST(ReferenceMemory, PointersAsIntegers) {
  Launch launch;
  launch.buffer("x", std::vector<float>{1, 2, 3, 4}).buffer("out", std::vector<float>(1));
  launch.expectRuns(R"(tt.func public @k(%x: !tt.ptr<f32>, %out: !tt.ptr<f32>) {
  %a = tt.ptr_to_int %x : !tt.ptr<f32> -> i64
  %c8 = arith.constant 8 : i64
  %b = arith.addi %a, %c8 : i64
  %p = tt.int_to_ptr %b : i64 -> !tt.ptr<f32>
  %v = tt.load %p : !tt.ptr<f32>
  tt.store %out, %v : !tt.ptr<f32>
  tt.return
})");
  EXPECT_EQ(launch.contents<float>(1)[0], 3);
  EXPECT_THAT(launch.errorOf(R"(tt.func public @k(%x: !tt.ptr<f32>, %out: !tt.ptr<f32>) {
  %c8 = arith.constant 8 : i64
  %p = tt.int_to_ptr %c8 : i64 -> !tt.ptr<f32>
  %v = tt.load %p : !tt.ptr<f32>
  tt.return
})").message, HasSubstr("a pointer that belongs to no argument"));
}
