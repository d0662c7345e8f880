// Whole kernels become the operations that Triton 3.6 makes of them, specialized and generic.
#include "tests/unit/language/ElaborateKernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lapidary::test {
namespace {

using Counts = std::map<std::string, int>;
using testing::ElementsAre;

TEST(ReferenceKernels, VectorAdd) {
  std::string source = R"(
@triton.jit
def add(x_ptr, y_ptr, out_ptr, n, BLOCK: tl.constexpr):
    pid = tl.program_id(0)
    offs = pid * BLOCK + tl.arange(0, BLOCK)
    mask = offs < n
    x = tl.load(x_ptr + offs, mask=mask)
    y = tl.load(y_ptr + offs, mask=mask)
    tl.store(out_ptr + offs, x + y, mask=mask)
)";
  Elaboration e = elaborateKernel(
      source, {"x_ptr=*fp32:DS", "y_ptr=*fp32:DS", "out_ptr=*fp32:DS", "n=i32:D", "BLOCK==1024"});
  EXPECT_EQ(messages(e), "");
  EXPECT_EQ(operations(e), (Counts{{"arith.addf", 1},
                                   {"arith.addi", 1},
                                   {"arith.cmpi", 1},
                                   {"arith.constant", 1},
                                   {"arith.muli", 1},
                                   {"tt.addptr", 3},
                                   {"tt.get_program_id", 1},
                                   {"tt.load", 2},
                                   {"tt.make_range", 1},
                                   {"tt.return", 1},
                                   {"tt.splat", 5},
                                   {"tt.store", 1}}));
  EXPECT_THAT(
      linesWith(e, "tt.func"),
      ElementsAre("  tt.func public @add(%x_ptr: !tt.ptr<f32> {tt.divisibility = 16 : i32, "
                  "tt.pointer_range = 32 : i32}, %y_ptr: !tt.ptr<f32> {tt.divisibility = 16 : "
                  "i32, tt.pointer_range = 32 : i32}, %out_ptr: !tt.ptr<f32> {tt.divisibility = "
                  "16 : i32, tt.pointer_range = 32 : i32}, %n: i32 {tt.divisibility = 16 : i32}) "
                  "attributes {noinline = false} {"));
  EXPECT_THAT(linesWith(e, "tt.load"),
              ElementsAre("    %x_5 = tt.load %x_4, %mask_3 : tensor<1024x!tt.ptr<f32>>",
                          "    %y_7 = tt.load %y_6, %mask_3 : tensor<1024x!tt.ptr<f32>>"));
}

std::string stridedCopy = R"(
@triton.jit
def copy(src, dst, rows, cols, ssr, ssc, sdr, sdc, BM: tl.constexpr, BN: tl.constexpr):
    rm = tl.program_id(0) * BM + tl.arange(0, BM)
    rn = tl.program_id(1) * BN + tl.arange(0, BN)
    mask = (rm[:, None] < rows) & (rn[None, :] < cols)
    v = tl.load(src + rm[:, None] * ssr + rn[None, :] * ssc, mask=mask)
    tl.store(dst + rm[:, None] * sdr + rn[None, :] * sdc, v, mask=mask)
)";

TEST(ReferenceKernels, AStrideOfOneLeavesNoMultiplication) {
  Elaboration e = elaborateKernel(stridedCopy, {"src=*fp16:D", "dst=*fp16:D", "rows=i32:D",
                                                "cols=i32:D", "ssr=i32:D", "ssc==1", "sdr=i32:D",
                                                "sdc==1", "BM==64", "BN==64"});
  EXPECT_EQ(messages(e), "");
  EXPECT_EQ(operations(e)["arith.muli"], 4); // two program ids, two row strides
  EXPECT_EQ(linesWith(e, "tt.func")[0].find("ssc"), std::string::npos);
  Elaboration generic =
      elaborateKernel(stridedCopy, {"src=*fp16", "dst=*fp16", "rows=i32", "cols=i32", "ssr=i32",
                                    "ssc=i32", "sdr=i32", "sdc=i32", "BM==64", "BN==64"});
  EXPECT_EQ(operations(generic)["arith.muli"], 6);
}

TEST(ReferenceKernels, Softmax) {
  std::string source = R"(
@triton.jit
def softmax(out_ptr, in_ptr, in_stride, out_stride, n_cols, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    cols = tl.arange(0, BLOCK)
    mask = cols < n_cols
    x = tl.load(in_ptr + row * in_stride + cols, mask=mask, other=-float("inf")).to(tl.float32)
    x = x - tl.max(x, axis=0)
    e = tl.exp(x)
    y = e / tl.sum(e, axis=0)
    tl.store(out_ptr + row * out_stride + cols, y, mask=mask)
)";
  Elaboration e = elaborateKernel(source, {"out_ptr=*fp16", "in_ptr=*fp16", "in_stride=i32",
                                           "out_stride=i32", "n_cols=i32", "BLOCK==4096"});
  EXPECT_EQ(messages(e), "");
  EXPECT_EQ(operations(e), (Counts{{"arith.addf", 1},
                                   {"arith.cmpi", 1},
                                   {"arith.constant", 1},
                                   {"arith.divf", 1},
                                   {"arith.extf", 1},
                                   {"arith.maxnumf", 1},
                                   {"arith.muli", 2},
                                   {"arith.subf", 1},
                                   {"arith.truncf", 1},
                                   {"math.exp", 1},
                                   {"tt.addptr", 4},
                                   {"tt.get_program_id", 1},
                                   {"tt.load", 1},
                                   {"tt.make_range", 1},
                                   {"tt.reduce", 2},
                                   {"tt.reduce.return", 2},
                                   {"tt.return", 1},
                                   {"tt.splat", 5},
                                   {"tt.store", 1}}));
  EXPECT_THAT(linesWith(e, "arith.constant"),
              ElementsAre("    %x = arith.constant dense<0xFC00> : tensor<4096xf16>"));
}

TEST(ReferenceKernels, MatmulLoop) {
  std::string source = R"(
@triton.jit
def matmul(a_ptr, b_ptr, c_ptr, M, N, K, sam, sak, sbk, sbn, scm, scn,
           BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr):
    rm = (tl.program_id(0) * BM + tl.arange(0, BM)) % M
    rn = (tl.program_id(1) * BN + tl.arange(0, BN)) % N
    rk = tl.arange(0, BK)
    a = a_ptr + rm[:, None] * sam + rk[None, :] * sak
    b = b_ptr + rk[:, None] * sbk + rn[None, :] * sbn
    acc = tl.zeros((BM, BN), dtype=tl.float32)
    for k in range(0, tl.cdiv(K, BK)):
        x = tl.load(a, mask=rk[None, :] < K - k * BK, other=0.0)
        y = tl.load(b, mask=rk[:, None] < K - k * BK, other=0.0)
        acc += tl.dot(x, y)
        a += BK * sak
        b += BK * sbk
    c = acc.to(tl.float16)
    tl.store(c_ptr + rm[:, None] * scm + rn[None, :] * scn, c)
)";
  std::vector<std::string> arguments = {"a_ptr=*fp16", "b_ptr=*fp16", "c_ptr=*fp16", "M=i32",
                                        "N=i32",       "K=i32",       "sam=i32",     "sak=i32",
                                        "sbk=i32",     "sbn=i32",     "scm=i32",     "scn=i32",
                                        "BM==128",     "BN==128",     "BK==64"};
  Elaboration e = elaborateKernel(source, arguments);
  EXPECT_EQ(messages(e), "");
  // The sum is taken inside the product, and the loop carries the two pointers and the accumulator.
  EXPECT_THAT(linesWith(e, "tt.dot"),
              ElementsAre(testing::EndsWith(
                  "inputPrecision = tf32 : tensor<128x64xf16> * tensor<64x128xf16> -> "
                  "tensor<128x128xf32>")));
  EXPECT_EQ(operations(e)["arith.addf"], 0);
  EXPECT_THAT(
      linesWith(e, "scf.for"),
      ElementsAre(testing::EndsWith("-> (tensor<128x64x!tt.ptr<f16>>, tensor<64x128x!tt.ptr<f16>>, "
                                    "tensor<128x128xf32>)  : i32 {")));
  EXPECT_THAT(e.storedTo, ElementsAre("c_ptr"));
  // AMD's other targets and the CPU multiply fp32 exactly.
  Elaboration cpu = elaborateKernel(source, arguments, "", "cpu");
  EXPECT_THAT(linesWith(cpu, "tt.dot"),
              ElementsAre(testing::Not(testing::HasSubstr("inputPrecision"))));
}

} // namespace
} // namespace lapidary::test
