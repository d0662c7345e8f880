#include "core/source/Launch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lapidary {
namespace {

using testing::Contains;
using testing::HasSubstr;

// A kernel file with one kernel `k`, and what was guessed for it.
struct Guess {
  std::shared_ptr<const KernelFile> file;
  Launch launch;

  explicit Guess(const std::string &text, const std::string &kernel = "k")
      : file(parseKernelFile("import triton\nimport triton.language as tl\n" + text, "guess.py")) {
    launch = guessLaunch(*file, *file->find(kernel));
  }
  std::string operator[](const std::string &name) const {
    const Value *value = launch.argument(name);
    if (!value)
      return "none";
    std::string text = repr(*value);
    const auto *tensor = value->as<TensorArgument>();
    if (tensor && tensor->strides != contiguousStrides(tensor->shape))
      for (std::int64_t stride : tensor->strides)
        text += " /" + std::to_string(stride);
    return text;
  }
  std::string grid() const {
    std::string text;
    for (const std::string &entry : launch.grid)
      text += (text.empty() ? "" : ", ") + entry;
    auto sizes = evaluateGrid(launch, *file->find(launch.kernel), *file);
    return text + (sizes ? " = " + std::to_string((*sizes)[0]) + " " + std::to_string((*sizes)[1]) +
                               " " + std::to_string((*sizes)[2])
                         : sizes.error().message);
  }
};

TEST(LaunchGuess, oneDimension) {
  Guess guess("@triton.jit\ndef k(x_ptr, y_ptr, out_ptr, n, BLOCK: tl.constexpr):\n"
              "  offs = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)\n  mask = offs < n\n"
              "  x = tl.load(x_ptr + offs, mask=mask)\n  y = tl.load(y_ptr + offs, mask=mask)\n"
              "  tl.store(out_ptr + offs, x + y, mask=mask)\n");
  EXPECT_EQ(guess["x_ptr"], "fp32 1048576");
  EXPECT_EQ(guess["out_ptr"], "fp32 1048576");
  EXPECT_EQ(guess["n"], "1048576");
  EXPECT_EQ(guess["BLOCK"], "1024");
  EXPECT_EQ(guess.grid(), "cdiv(n, BLOCK) = 1024 1 1");
  for (const char *name : {"x_ptr", "n", "BLOCK", "grid"})
    EXPECT_TRUE(guess.launch.guessed.contains(name)) << name;
}

TEST(LaunchGuess, stridesMakeTensorsContiguous) {
  Guess guess("@triton.jit\ndef k(src, dst, rows, cols, s_r, s_c, d_r, d_c, BM: tl.constexpr, BN: "
              "tl.constexpr):\n"
              "  rm = tl.program_id(0) * BM + tl.arange(0, BM)\n"
              "  rn = tl.program_id(1) * BN + tl.arange(0, BN)\n"
              "  mask = (rm[:, None] < rows) & (rn[None, :] < cols)\n"
              "  v = tl.load(src + rm[:, None] * s_r + rn[None, :] * s_c, mask=mask)\n"
              "  tl.store(dst + rm[:, None] * d_r + rn[None, :] * d_c, v, mask=mask)\n");
  EXPECT_EQ(guess["src"], "fp32 1024x1024");
  EXPECT_EQ(guess["dst"], "fp32 1024x1024");
  EXPECT_EQ(guess["s_r"] + " " + guess["s_c"], "1024 1");
  EXPECT_EQ(guess.grid(), "cdiv(rows, BM), cdiv(cols, BN) = 16 16 1");
}

TEST(LaunchGuess, stridesOfADiagonalAreAdded) {
  Guess guess(
      "@triton.jit\ndef k(x, out, n, stride0, stride1, BLOCK: tl.constexpr):\n"
      "  o = tl.arange(0, BLOCK)\n"
      "  tl.store(out + o, tl.load(x + o * (stride0 + stride1), mask=o < n), mask=o < n)\n");
  EXPECT_EQ(guess["stride0"] + " " + guess["stride1"], "1 1");
}

TEST(LaunchGuess, namesTellWhatUsesDoNot) {
  Guess guess(
      "@triton.jit\ndef helper(p):\n  return p.anything()\n"
      "@triton.jit\ndef k(out, in_ptr0, ptr_b, x_ptr_stride, BM: tl.constexpr, STEPS: "
      "tl.constexpr, "
      "MODE: tl.constexpr, KIND: tl.constexpr):\n"
      "  helper(in_ptr0)\n  helper(ptr_b)\n  helper(BM)\n"
      "  for i in tl.static_range(STEPS):\n    tl.store(out + i, x_ptr_stride)\n"
      "  if MODE == 2:\n    tl.store(out, 1)\n  elif KIND == 'sum':\n    tl.store(out, 2)\n");
  EXPECT_THAT(guess["in_ptr0"], HasSubstr("fp32"));
  EXPECT_THAT(guess["ptr_b"], HasSubstr("fp32"));
  EXPECT_EQ(guess["x_ptr_stride"], "1");
  EXPECT_EQ(guess["BM"], "64");
  EXPECT_EQ(guess["STEPS"], "4");
  EXPECT_EQ(guess["MODE"], "2");
  EXPECT_EQ(guess["KIND"], "'sum'");
}

TEST(LaunchGuess, aRowPerProgramIsCoveredByItsTile) {
  Guess guess(
      "@triton.jit\ndef k(out_ptr, in_ptr, w_ptr, in_stride, out_stride, n_cols, eps, BLOCK: "
      "tl.constexpr):\n"
      "  row = tl.program_id(0)\n  cols = tl.arange(0, BLOCK)\n  mask = cols < n_cols\n"
      "  x = tl.load(in_ptr + row * in_stride + cols, mask=mask, other=0.0).to(tl.float32)\n"
      "  w = tl.load(w_ptr + cols, mask=mask)\n"
      "  tl.store(out_ptr + row * out_stride + cols, x * w / tl.sqrt(tl.sum(x * x) / n_cols + "
      "eps), mask=mask)\n");
  EXPECT_EQ(guess["n_cols"], guess["BLOCK"]);
  EXPECT_EQ(guess["in_ptr"], "fp32 1024x1024");
  EXPECT_EQ(guess["w_ptr"], "fp32 1024");
  EXPECT_EQ(guess["in_stride"], "1024");
  EXPECT_EQ(guess["eps"], "1e-05");
  EXPECT_EQ(guess.grid(), "1024 = 1024 1 1");
}

TEST(LaunchGuess, matrixProduct) {
  Guess guess(
      "@triton.jit\ndef k(a_ptr, b_ptr, c_ptr, M, N, K, sam, sak, sbk, sbn, scm, scn,\n"
      "      BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr, GROUP: tl.constexpr):\n"
      "  pid = tl.program_id(0)\n  npm = tl.cdiv(M, BM)\n  npn = tl.cdiv(N, BN)\n"
      "  per_group = GROUP * npn\n  gid = pid // per_group\n  first = gid * GROUP\n"
      "  gsize = min(npm - first, GROUP)\n  pm = first + (pid % per_group) % gsize\n"
      "  pn = (pid % per_group) // gsize\n  rm = (pm * BM + tl.arange(0, BM)) % M\n"
      "  rn = (pn * BN + tl.arange(0, BN)) % N\n  rk = tl.arange(0, BK)\n"
      "  a = a_ptr + rm[:, None] * sam + rk[None, :] * sak\n  b = b_ptr + rk[:, None] * sbk + "
      "rn[None, :] * sbn\n"
      "  acc = tl.zeros((BM, BN), dtype=tl.float32)\n  for k in range(0, tl.cdiv(K, BK)):\n"
      "    x = tl.load(a, mask=rk[None, :] < K - k * BK, other=0.0)\n"
      "    y = tl.load(b, mask=rk[:, None] < K - k * BK, other=0.0)\n    acc = tl.dot(x, y, acc)\n"
      "    a += BK * sak\n    b += BK * sbk\n"
      "  cm = pm * BM + tl.arange(0, BM)\n  cn = pn * BN + tl.arange(0, BN)\n"
      "  tl.store(c_ptr + cm[:, None] * scm + cn[None, :] * scn, acc.to(tl.bfloat16), mask=(cm[:, "
      "None] < M) & (cn[None, :] < N))\n");
  EXPECT_EQ(guess["a_ptr"], "fp16 512x512");
  EXPECT_EQ(guess["b_ptr"], "fp16 512x512");
  EXPECT_EQ(guess["c_ptr"], "bf16 512x512");
  EXPECT_EQ(guess["sam"] + " " + guess["sak"], "512 1");
  EXPECT_EQ(guess["sbk"] + " " + guess["sbn"], "512 1");
  EXPECT_EQ(guess.grid(), "cdiv(M, BM) * cdiv(N, BN) = 64 1 1");
}

TEST(LaunchGuess, pointersThroughHelpersAndAliases) {
  Guess guess(
      "@triton.jit\ndef row_of(ptr, row, stride, cols, mask):\n"
      "  return tl.load(ptr + row * stride + cols, mask=mask)\n"
      "@triton.jit\ndef put(p, v, m):\n  tl.store(p, v, mask=m)\n"
      "@triton.jit\ndef k(a, b, stride, n: tl.constexpr, BLOCK: tl.constexpr):\n"
      "  row = tl.program_id(0).to(tl.int64)\n  cols = tl.arange(0, BLOCK)\n"
      "  v = row_of(a, row, stride, cols, mask=cols < n)\n  b = b + row * stride\n  b += cols\n"
      "  put(b, v, cols < n)\n");
  EXPECT_EQ(guess["a"], "fp32 1024x1024");
  EXPECT_EQ(guess["b"], "fp32 1024x1024");
  EXPECT_EQ(guess["stride"], "1024");
  EXPECT_EQ(guess["n"], "1024");
}

TEST(LaunchGuess, blockPointersAndHeads) {
  Guess guess(
      "@triton.jit\ndef k(q, o, sm_scale, T, H, D: tl.constexpr, BT: tl.constexpr, FLAG: "
      "tl.constexpr):\n"
      "  i_t, i_bh = tl.program_id(0), tl.program_id(1)\n  i_b = i_bh // H\n  i_h = i_bh % H\n"
      "  p = tl.make_block_ptr(q + (i_b * H + i_h) * T * D, (T, D), (D, 1), (i_t * BT, 0), (BT, "
      "D), (1, 0))\n"
      "  r = tl.make_block_ptr(o + (i_b * H + i_h) * T * D, (T, D), (D, 1), (i_t * BT, 0), (BT, "
      "D), (1, 0))\n"
      "  x = tl.load(p, boundary_check=(0,))\n  if FLAG:\n    x = x + 1\n"
      "  tl.store(r, x * sm_scale, boundary_check=(0,))\n");
  EXPECT_EQ(guess["sm_scale"], "0.125");
  EXPECT_EQ(guess["FLAG"], "False");
  EXPECT_EQ(guess["H"], "8");
  EXPECT_THAT(guess.grid(), HasSubstr("cdiv(T, BT)"));
  // The storage holds what the heads beyond the first block reach.
  const auto *tensor = guess.launch.argument("q")->as<TensorArgument>();
  ASSERT_TRUE(tensor);
  std::int64_t t = *toInt64(*guess.launch.argument("T")), d = *toInt64(*guess.launch.argument("D"));
  EXPECT_GE(tensor->storage, 8 * t * d * 4);
}

TEST(LaunchGuess, indicesFromMemory) {
  Guess guess(
      "@triton.jit\ndef k(idx_ptr, table_ptr, out_ptr, dim, stride, BLOCK: tl.constexpr):\n"
      "  row = tl.program_id(0)\n  i = tl.load(idx_ptr + row)\n  cols = tl.arange(0, BLOCK)\n"
      "  v = tl.load(table_ptr + i * stride + cols, mask=cols < dim)\n"
      "  tl.store(out_ptr + row * dim + cols, v, mask=cols < dim)\n");
  EXPECT_EQ(guess["idx_ptr"], "i64 1024");
  const auto *indices = guess.launch.argument("idx_ptr")->as<TensorArgument>();
  EXPECT_EQ(indices->init, "randint:0:1024");
  EXPECT_EQ(guess["table_ptr"], "fp32 1024x1024") << "as many rows as the indices can name";
}

TEST(LaunchGuess, constexprsByUse) {
  Guess guess(
      "@triton.autotune(configs=[triton.Config({'BLOCK': 256}, num_warps=8)], key=['n'])\n"
      "@triton.heuristics({'EVEN': lambda args: args['n'] % args['BLOCK'] == 0})\n"
      "@triton.jit\ndef k(x, n, seed, p, BLOCK: tl.constexpr, EVEN: tl.constexpr, MODE: "
      "tl.constexpr,\n"
      "      ACC: tl.constexpr, BIAS: tl.constexpr, DEPTH: tl.constexpr = 3):\n"
      "  offs = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)\n"
      "  v = tl.load(x + offs, mask=offs < n).to(ACC)\n  if MODE == 'relu':\n    v = v * p\n"
      "  if BIAS:\n    v = v + tl.rand(seed, offs)\n  tl.store(x + offs, v, mask=offs < n)\n");
  EXPECT_EQ(guess["BLOCK"], "256");
  EXPECT_EQ(guess["EVEN"], "True");
  EXPECT_EQ(guess["MODE"], "'relu'");
  EXPECT_EQ(*guess.launch.argument("ACC"), Value{DType::Fp32});
  EXPECT_EQ(guess["BIAS"], "False");
  EXPECT_EQ(guess["DEPTH"], "3");
  EXPECT_EQ(guess["seed"], "42");
  EXPECT_EQ(guess["p"], "0.5");
  EXPECT_EQ(repr(*guess.launch.option("num_warps")), "8");
  EXPECT_FALSE(guess.launch.guessed.contains("DEPTH"));
}

TEST(LaunchGuess, staysSmall) {
  Guess guess("@triton.jit\ndef k(x, a, b, c, d, sa, sb, sc, sd, B: tl.constexpr):\n"
              "  i = tl.program_id(0)\n  j = tl.program_id(1)\n  l = tl.program_id(2)\n"
              "  r = tl.arange(0, B)\n"
              "  for q in range(0, d, B):\n"
              "    tl.store(x + i * sa + j * sb + l * sc + (q + r) * sd, 1, mask=(q + r < d))\n");
  const auto *tensor = guess.launch.argument("x")->as<TensorArgument>();
  ASSERT_TRUE(tensor);
  EXPECT_LE(tensor->storage, 256 << 20);
  EXPECT_EQ(tensor->shape.size(), 4u);
  EXPECT_EQ(tensor->strides, contiguousStrides(tensor->shape));
}

// Whatever the kernel is, the guess binds, and its grid can be evaluated.
TEST(LaunchGuess, alwaysBinds) {
  for (const char *body :
       {"def k():\n  pass\n", "def k(x, y):\n  z = x.foo(y)[3:4]\n  while y:\n    q = z * z\n",
        "def k(x, *rest):\n  tl.store(x, 1)\n",
        "def k(x, n):\n  for i in range(n):\n    x += 1\n    tl.store(x, i)\n",
        "def k(x, n):\n  tl.store(x + x + x * x, n)\n", "def k(x, n):\n  return k(x, n)\n",
        "def k(d, B: tl.constexpr):\n  v = d.load([tl.program_id(0) * B, 0])\n  d.store([0, 0], "
        "v)\n",
        "def k(x, n, B: tl.constexpr, P: tl.constexpr):\n"
        "  for t in tl.range(tl.program_id(0), tl.cdiv(n, B), P):\n"
        "    o = t * B + tl.arange(0, B)\n    tl.store(x + o, 1, mask=o < n)\n",
        "def k(x, n):\n  p = tl.program_id(0)\n  if p >= n:\n    return\n  tl.store(x + p, 1)\n",
        "def k(x, n):\n  y = = 1\n  tl.store(x, (z := n))\n"}) {
    Guess guess(std::string("@triton.jit\n") + body);
    const JitFunction &kernel = *guess.file->find("k");
    Result<Launch> bound = bindLaunch(*guess.file, kernel, guess.launch);
    EXPECT_TRUE(bound) << body << bound.error().message;
    EXPECT_TRUE(evaluateGrid(guess.launch, kernel, *guess.file)) << body;
    EXPECT_EQ(guess.launch.arguments.size(), kernel.parameters.size()) << body;
  }
}

} // namespace
} // namespace lapidary
