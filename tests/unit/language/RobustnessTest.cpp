// Damaged kernels: every one gives IR or an error, and none takes long.
#include "tests/unit/language/ElaborateKernel.h"

#include <chrono>
#include <gtest/gtest.h>
#include <random>

namespace lapidary::test {
namespace {

constexpr const char *sample = R"(
SCALE = tl.constexpr(3)
@triton.jit
def helper(x, y, flag: tl.constexpr = True):
    if flag:
        return x + y, x - y
    else:
        return x * y, x / y
@triton.jit
def combine(a, b):
    return tl.maximum(a, b) + 1
@triton.jit
def kernel(p, q, n, f, B: tl.constexpr, FLAG: tl.constexpr):
    pid = tl.program_id(0)
    if pid > n:
        return
    o = pid * B + tl.arange(0, B)
    mask = (o < n) & (o >= 0)
    acc = tl.zeros((B, 16), dtype=tl.float32)
    ptr = p + o[:, None] * 16 + tl.arange(0, 16)[None, :]
    for i in range(0, n, 4):
        x = tl.load(ptr, mask=mask[:, None], other=0.0)
        a, b = helper(x, f, flag=FLAG)
        acc += tl.dot(a, tl.trans(b)[:16, None]) if FLAG and i is None else a * SCALE
        ptr += 16
        if i > 3:
            acc = acc * 2
        elif i == 2:
            acc = acc - tl.sum(acc, axis=1)[:, None]
    k = n
    while k > 0:
        k = k // 2
    for j in tl.static_range(3):
        acc += j
    s = tl.cumsum(tl.reduce(acc, 1, combine), 0, reverse=True)
    m, idx = tl.max(acc, 1, return_indices=True)
    bp = tl.make_block_ptr(q, (n, 16), (16, 1), (0, 0), (B, 16), order=(1, 0))
    tl.store(tl.advance(bp, [0, 0]), acc, boundary_check=(0,))
    tl.store(q + o, s + m + idx + k, mask=mask)
    tl.atomic_add(q, tl.softmax(acc, 0).to(tl.float32)[0] if False else 1.0)
    assert B >= 16, f"{B} is too small"
)";

const std::vector<std::string> arguments = {"p=*fp32", "q=*fp32", "n=i32",
                                            "f=fp32",  "B==16",   "FLAG==True"};

TEST(Robustness, TheSampleItselfElaborates) {
  Elaboration e = elaborateKernel(sample, arguments, "kernel");
  EXPECT_EQ(messages(e), "");
  EXPECT_FALSE(e.ttir.empty());
}

void expectAnAnswer(const std::string &source) {
  auto file = parseKernelFile("import triton; import triton.language as tl" + source, "kernel.py");
  if (!file->find("kernel"))
    return;
  auto start = std::chrono::steady_clock::now();
  Elaboration e = elaborateKernel(source, arguments, "kernel");
  auto took = std::chrono::steady_clock::now() - start;
  EXPECT_EQ(e.ttir.empty(), hasErrors(e.diagnostics)) << source << messages(e);
  for (const Diagnostic &diagnostic : e.diagnostics)
    EXPECT_EQ(diagnostic.message.find("a defect of this program"), std::string::npos)
        << source << diagnostic.message;
  EXPECT_LT(took, std::chrono::seconds(10)) << source;
}

TEST(Robustness, DamagedText) {
  std::mt19937 random(20240607);
  for (int round = 0; round < 400; ++round) {
    std::string source = sample;
    for (unsigned edits = 1 + random() % 3; edits > 0; --edits) {
      std::size_t at = random() % source.size();
      switch (random() % 4) {
      case 0:
        source.erase(at, 1 + random() % 8);
        break;
      case 1:
        source.insert(at, 1, "()[]:,.+-*/%<>=!'\"\n 019abxNT"[random() % 28]);
        break;
      case 2:
        source[at] = static_cast<char>(32 + random() % 95);
        break;
      default:
        source.insert(at, source.substr(random() % source.size(), random() % 40));
      }
    }
    expectAnAnswer(source);
  }
}

// Words of the sample exchanged for one another: what still parses means something else.
TEST(Robustness, ExchangedWords) {
  std::mt19937 random(7);
  std::vector<std::pair<std::size_t, std::size_t>> words; // start, length
  std::string text = sample;
  auto isWord = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
  };
  for (std::size_t i = 0; i < text.size(); ++i)
    if (isWord(text[i])) {
      std::size_t start = i;
      while (i < text.size() && isWord(text[i]))
        ++i;
      words.push_back({start, i - start});
    }
  const std::vector<std::string> extra = {"None",       "0",       "-1",
                                          "tl.float16", "tl.int8", "(1, 2)",
                                          "[]",         "1e400",   "99999999999999999999",
                                          "tl.sum",     "p",       "acc",
                                          "n",          "''",      "tl",
                                          "kernel"};
  for (int round = 0; round < 600; ++round) {
    std::string source = text;
    for (unsigned edits = 1 + random() % 2; edits > 0; --edits) {
      auto [start, length] = words[20 + random() % (words.size() - 20)];
      std::string other = extra[random() % extra.size()];
      if (random() % 2) {
        auto [from, size] = words[random() % words.size()];
        other = text.substr(from, size);
      }
      if (start + length <= source.size())
        source.replace(start, length, other);
    }
    expectAnAnswer(source);
  }
}

} // namespace
} // namespace lapidary::test
