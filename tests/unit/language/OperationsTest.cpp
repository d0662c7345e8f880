// One construct at a time: the operations that it becomes.
#include "tests/unit/language/ElaborateKernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lapidary::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// `body` sees a tile `t` of 8x4 fp32, a row `r` of 8 i32, pointers p (fp32), q (i32), b (bool),
// scalars n, f.
Elaboration with(const std::string &body, const std::string &target = "cuda:90") {
  std::string source = "\n@triton.jit\ndef add_up(a, b):\n    return a + b\n"
                       "@triton.jit\ndef k(p, q, b, n, f):\n    r = tl.arange(0, 8)\n"
                       "    t = tl.load(p + r[:, None] * 4 + tl.arange(0, 4)[None, :])\n" +
                       body + "\n";
  Elaboration e =
      elaborateKernel(source, {"p=*fp32", "q=*i32", "b=*i1", "n=i32", "f=fp32"}, "k", target);
  EXPECT_EQ(messages(e), "") << body;
  return e;
}

void expectLine(const std::string &body, const std::string &part) {
  Elaboration e = with(body);
  EXPECT_THAT(linesWith(e, part), testing::SizeIs(testing::Ge(1u))) << body << "\n" << e.ttir;
}

TEST(Operations, Memory) {
  expectLine("    tl.store(p, tl.load(p + n, mask=n > 3, other=1))",
             "tt.load %1, %0, %cst : !tt.ptr<f32>");
  expectLine("    tl.store(q + r, tl.load(q + r, mask=r < n, other=0, cache_modifier='.cg', "
             "eviction_policy='evict_last', volatile=True))",
             "cacheModifier = cg evictionPolicy = evict_last {isVolatile = true} : "
             "tensor<8x!tt.ptr<i32>>");
  expectLine(
      "    tl.store(q + r, 0, mask=r < n, cache_modifier='.wt', eviction_policy='evict_first')",
      "cacheModifier = wt evictionPolicy = evict_first : tensor<8x!tt.ptr<i32>>");
  // bool lives in bytes
  expectLine("    tl.store(b + r, tl.load(b + r))", "tt.load %2 : tensor<8x!tt.ptr<i8>>");
  expectLine("    tl.atomic_add(p + r, f, mask=r < n, sem='relaxed', scope='sys')",
             "tt.atomic_rmw fadd, relaxed, sys");
  expectLine("    tl.atomic_max(q, n)", "tt.atomic_rmw max, acq_rel, gpu");
  expectLine("    tl.atomic_cas(q, 0, n)", "tt.atomic_cas acq_rel, gpu");
  EXPECT_EQ(operations(with("    tl.atomic_max(p, f)"))["tt.atomic_rmw"], 2); // each side of zero
}

// Accesses through block pointers are accesses to the addresses of their elements.
TEST(Operations, BlockPointers) {
  Elaboration e =
      with("    bp = tl.make_block_ptr(p, (n, n), (n, 1), (0, 8), (8, 4), (1, 0))\n"
           "    x = tl.load(bp, boundary_check=(1, 0), padding_option='nan')\n"
           "    bp = tl.advance(bp, (0, 4))\n    tl.store(bp, x + t, boundary_check=[0])");
  EXPECT_EQ(messages(e), "");
  EXPECT_THAT(linesWith(e, "tt.load %x"), ElementsAre(HasSubstr("tensor<8x4x!tt.ptr<f32>>")));
  EXPECT_THAT(linesWith(e, "0x7FC00000"), testing::SizeIs(1));
  EXPECT_EQ(operations(e)["arith.cmpi"], 4); // both bounds of two dimensions; the rows' once
  EXPECT_EQ(operations(e)["tt.make_tensor_ptr"], 0);
}

TEST(Operations, BlockPointersInLoops) {
  Elaboration e = with("    bp = tl.make_block_ptr(p, (n, 4), (4, 1), (0, 0), (8, 4), (1, 0))\n"
                       "    for i in range(n):\n"
                       "        tl.store(bp, t, boundary_check=(0,))\n"
                       "        bp = tl.advance(bp, (8, 0))");
  EXPECT_EQ(messages(e), "");
  EXPECT_THAT(linesWith(e, "scf.for"), ElementsAre(HasSubstr("-> (i64)"))); // the row alone moves
}

// A descriptor that is an argument comes with its tensor's shape and strides, as Triton passes it.
TEST(Operations, DescriptorsAsArguments) {
  const std::string source =
      "\n@triton.jit\ndef k(d, q):\n"
      "    if isinstance(d, tl.tensor_descriptor):\n"
      "        tl.store(q, d.shape[1])\n        d.store([0, 4], d.load([0, 0]) + 1)\n";
  Elaboration e = elaborateKernel(source, {"d=tensordesc<fp16[8,16]>", "q=*i32"});
  EXPECT_EQ(messages(e), "");
  EXPECT_THAT(linesWith(e, "tt.func"),
              ElementsAre(HasSubstr(
                  "%d: !tt.tensordesc<tensor<8x16xf16>>, %d_0: i32, %d_1: i32, %d_2: i64, "
                  "%d_3: i64, %q: !tt.ptr<i32>")));
  EXPECT_EQ(operations(e)["tt.descriptor_load"], 1);
  EXPECT_THAT(e.storedTo, testing::UnorderedElementsAre("d", "q"));
  Elaboration cpu = elaborateKernel(source, {"d=tensordesc<fp16[8,16]>", "q=*i32"}, "", "cpu");
  EXPECT_THAT(linesWith(cpu, "tt.func"), ElementsAre(HasSubstr("%d: !tt.ptr<f16>, %d_0: i32")));
  EXPECT_EQ(operations(cpu)["tt.load"], 1);
}

TEST(Operations, Descriptors) {
  std::string body = "    d = tl.make_tensor_descriptor(p, [n, n], [n, 1], [8, 4])\n"
                     "    d.store([n, 0], d.load([0, 4]) + t)\n";
  EXPECT_EQ(operations(with(body))["tt.make_tensor_descriptor"], 1);
  Elaboration cpu = with(body, "cpu");
  EXPECT_EQ(operations(cpu)["tt.make_tensor_descriptor"], 0);
  EXPECT_EQ(operations(cpu)["tt.load"], 2);
}

TEST(Operations, InlineAssembly) {
  expectLine(
      "    x = tl.inline_asm_elementwise('shl.b32 $0, $1, 3;', '=r,r', [r], tl.int32, True, 1)\n"
      "    tl.store(q + r, x)",
      "tt.elementwise_inline_asm \"shl.b32 $0, $1, 3;\"");
}

TEST(Operations, Mathematics) {
  for (const char *name :
       {"exp", "exp2", "log", "log2", "sin", "cos", "sqrt", "rsqrt", "erf", "floor", "ceil"})
    expectLine(std::string("    tl.store(p, tl.") + name + "(f))",
               std::string("math.") + name + " %f : f32");
  expectLine("    tl.store(p, tl.math.exp(f) + f.exp())", "math.exp %f");
  expectLine("    tl.store(p, tl.abs(f))", "math.absf");
  expectLine("    tl.store(q, tl.abs(n))", "math.absi");
  expectLine("    tl.store(p, tl.fma(f, 2.0, f))", "math.fma");
  expectLine("    tl.store(p, tl.sqrt_rn(f))", "tt.precise_sqrt");
  expectLine("    tl.store(p, tl.div_rn(f, 3.0))", "tt.precise_divf");
  expectLine("    tl.store(p, tl.clamp(f, 0.0, 1.0))",
             "tt.clampf %f, %cst_0, %cst, propagateNan = none");
  expectLine("    tl.store(q, tl.umulhi(n, n))", "tt.mulhiui");
  expectLine("    tl.store(p, libdevice.tanh(f))", "symbol = \"__nv_tanhf\"");
  expectLine("    tl.store(p, min(f, 3.0) + tl.maximum(f, 2.0, propagate_nan=tl.PropagateNan.ALL))",
             "arith.maximumf");
  expectLine("    tl.store(p, min(f, 3.0))", "arith.minnumf");
  expectLine("    tl.store(q, max(n, 3))", "arith.maxsi");
}

TEST(Operations, IntegerArithmeticIsCs) {
  expectLine("    tl.store(q, n // 3)", "arith.divsi");
  expectLine("    tl.store(q, n % 3)", "arith.remsi");
  expectLine("    tl.store(q, n.to(tl.uint32) // 3)", "arith.divui");
  expectLine("    tl.store(p, n / 3)", "arith.divf");
  expectLine("    tl.store(q, n >> 1)", "arith.shrsi");
  expectLine("    tl.store(q, n.to(tl.uint32) >> 1)", "arith.shrui");
  expectLine("    tl.store(q, ~n)", "arith.xori %n, %c-1_i32");
}

TEST(Operations, Casts) {
  expectLine("    tl.store(p, f.to(tl.float16))", "arith.truncf");
  expectLine("    tl.store(p, f.to(tl.float8e5))",
             "tt.fp_to_fp %f, rounding = rtne : f32 -> f8E5M2");
  expectLine("    tl.store(p, f.to(tl.float16, fp_downcast_rounding='rtz'))", "rounding = rtz");
  expectLine("    tl.store(q, f.to(tl.int32, bitcast=True))", "tt.bitcast");
  expectLine("    tl.store(p, tl.cast(n, tl.float32))", "arith.sitofp");
  expectLine("    tl.store(p, n.to(tl.uint32).to(tl.float32))", "arith.uitofp");
  expectLine("    tl.store(q, n.to(tl.int8).to(tl.int64))", "arith.extsi");
}

TEST(Operations, Shapes) {
  expectLine("    tl.store(p + tl.arange(0, 32), t.reshape(32))", "tt.reshape");
  expectLine("    tl.store(p + tl.arange(0, 32), tl.ravel(t))",
             "tensor<8x4xf32> -> tensor<32xf32>");
  expectLine("    x = t.T\n    tl.store(p + r[None, :] + tl.arange(0, 4)[:, None], x)", "tt.trans");
  expectLine(
      "    x = tl.permute(t, 1, 0)\n    tl.store(p + r[None, :] + tl.arange(0, 4)[:, None], x)",
      "{order = array<i32: 1, 0>}");
  expectLine("    tl.store(q + tl.arange(0, 16), tl.interleave(r, r + 1))", "tt.join");
  expectLine("    x, y = tl.split(tl.join(r, r + 1))\n    tl.store(q + r, x + y)", "tt.split");
  expectLine("    tl.store(q + tl.arange(0, 16), tl.cat(r, r, can_reorder=True))", "tt.cat");
  expectLine("    tl.store(q + r, tl.gather(r, r % 4, 0))", "tt.gather");
  expectLine("    tl.store(q + tl.arange(0, 4), tl.histogram(r, 4))", "tt.histogram");
  expectLine("    tl.store(p + r[:, None] + tl.arange(0, 4)[None, :], tl.zeros_like(t) + "
             "tl.full((8, 1), n, tl.float32))",
             "tt.splat");
}

TEST(Operations, Reductions) {
  expectLine("    tl.store(p + r, tl.sum(t, axis=1))", "(tensor<8x4xf32>) -> tensor<8xf32>");
  expectLine("    tl.store(p + r[:, None], tl.max(t, 1, keep_dims=True))", "arith.maxnumf");
  expectLine("    tl.store(p, tl.sum(t))", "tt.reshape %t_9 allow_reorder");
  expectLine("    tl.store(q + r, tl.argmax(t, 1))",
             "(tensor<8x4xf32>, tensor<8x4xi32>) -> (tensor<8xf32>, tensor<8xi32>)");
  expectLine("    tl.store(q, tl.sum(r.to(tl.int8), 0))", "arith.extsi"); // summed at 32 bits
  expectLine(
      "    tl.store(p + r[:, None] + tl.arange(0, 4)[None, :], tl.cumsum(t, 1, reverse=True))",
      "\"tt.scan\"(%t_9) <{axis = 1 : i32, reverse = true}>");
  expectLine("    tl.store(p, tl.reduce(t, None, add_up))", "tt.reduce.return");
  expectLine("    tl.store(q + r, tl.associative_scan(r, 0, add_up))", "tt.scan.return");
}

TEST(Operations, Hints) {
  expectLine("    x = tl.multiple_of(n * 3, 16)\n    tl.store(q, x)",
             "{tt.divisibility = dense<16> : tensor<1xi32>}");
  expectLine("    x = tl.max_contiguous(r * 2, 8)\n    tl.store(q + x, r)", "tt.contiguity");
  expectLine("    tl.assume(n > 0)\n    tl.store(q, n)", "llvm.intr.assume");
  expectLine("    tl.device_print('n is', n)", "tt.print \" n is: \"");
}

TEST(Operations, ConstantsHavePythonsArithmetic) {
  expectLine("    tl.store(q, -7 // 2)", "arith.constant -4 : i32");
  expectLine("    tl.store(q, 7 % -3)", "arith.constant -2 : i32");
  expectLine("    tl.store(p, 7 / 2)", "arith.constant 3.5");
  expectLine("    tl.store(q, 2 ** 10)", "arith.constant 1024 : i32");
  expectLine("    tl.store(q, triton.next_power_of_2(100) + triton.cdiv(7, 2))",
             "arith.constant 132 : i32");
  expectLine("    tl.store(p, math.log2(8))", "arith.constant 3.0");
  expectLine("    tl.store(p, float('-inf'))", "arith.constant 0xFF800000 : f32");
  expectLine("    X: tl.constexpr = 3\n    tl.store(q + tl.arange(0, X + 5), X)",
             "arith.constant dense<3> : tensor<8xi32>");
  expectLine("    tl.store(q, len(t.shape) + t.shape[0] + t.numel)", "arith.constant 42 : i32");
}

TEST(Operations, HelpersAreInlined) {
  std::string source =
      "\n@triton.jit\ndef scale(x, by: tl.constexpr = 3, bias=None):\n    x = x * by\n"
      "    if bias is not None:\n        x += bias\n    return x\n"
      "@triton.jit\ndef two(x, y):\n    return x + y, x - y\n"
      "@triton.jit\ndef k(p, f, n):\n    a, b = two(scale(f), scale(f, by=5, bias=n))\n"
      "    tl.store(p, a * b)\n";
  Elaboration e = elaborateKernel(source, {"p=*fp32", "f=fp32", "n=i32"});
  EXPECT_EQ(messages(e), "");
  EXPECT_EQ(operations(e)["tt.call"], 0);
  EXPECT_EQ(operations(e)["arith.mulf"], 3);
  EXPECT_EQ(operations(e)["arith.sitofp"], 1);
}

TEST(Operations, TypesAreValuesAtCompileTime) {
  expectLine("    x = f\n    if p.dtype.element_ty.is_fp32() and t.dtype == tl.float32 and "
             "q.type.element_ty.primitive_bitwidth == 32:\n"
             "        x = f * 2\n    tl.store(p, x.to(p.dtype.element_ty))",
             "arith.mulf %f");
}

} // namespace
} // namespace lapidary::test
