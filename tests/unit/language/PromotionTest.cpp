// The type of every pair of scalar types under +, / and //, and of every type with literals, as
// Triton 3.6 has them.
#include "tests/unit/language/ElaborateKernel.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sstream>

namespace lapidary::test {
namespace {

constexpr const char *types[] = {"i1",  "i8",  "i16",  "i32",  "i64",  "u8",  "u16",
                                 "u32", "u64", "fp16", "bf16", "fp32", "fp64"};

std::vector<std::string> words(const std::string &line) {
  std::istringstream stream(line);
  std::vector<std::string> result;
  for (std::string word; stream >> word;)
    result.push_back(word);
  return result;
}

// "-": the operation is refused.
void expectType(const std::string &expression, const std::string &a, const std::string &b,
                const std::string &expected) {
  std::string source = fmt::format("\n@triton.jit\ndef k(p, q, r, T: tl.constexpr):\n"
                                   "    x = tl.load(p)\n    y = tl.load(q)\n    z = {}\n"
                                   "    tl.static_assert(z.dtype == T)\n    tl.store(r, z)\n",
                                   expression);
  Elaboration e =
      elaborateKernel(source, {"p=*" + a, "q=*" + b, "r=*fp32",
                               "T==" + (expected == "-" ? std::string("fp32") : expected)});
  if (expected == "-")
    EXPECT_TRUE(e.ttir.empty()) << expression << " on " << a << " and " << b;
  else
    EXPECT_EQ(messages(e), "") << expression << " on " << a << " and " << b << " is not "
                               << expected;
}

void expectTable(const std::string &expression, const std::vector<std::string> &rows) {
  ASSERT_EQ(rows.size(), std::size(types));
  for (std::size_t row = 0; row < rows.size(); ++row) {
    std::vector<std::string> expected = words(rows[row]);
    ASSERT_EQ(expected.size(), std::size(types));
    for (std::size_t column = 0; column < expected.size(); ++column)
      expectType(expression, types[row], types[column], expected[column]);
  }
}

void expectRow(const std::string &expression, const std::string &row) {
  std::vector<std::string> expected = words(row);
  ASSERT_EQ(expected.size(), std::size(types));
  for (std::size_t i = 0; i < expected.size(); ++i)
    expectType(expression, types[i], types[i], expected[i]);
}

TEST(Promotion, Sum) {
  expectTable("x + y", {
                           "i1 i8 i16 i32 i64 u8 u16 u32 u64 fp16 fp32 fp32 fp64",
                           "i8 i8 i16 i32 i64 u8 u16 u32 u64 fp16 fp32 fp32 fp64",
                           "i16 i16 i16 i32 i64 i16 u16 u32 u64 fp16 fp32 fp32 fp64",
                           "i32 i32 i32 i32 i64 i32 i32 u32 u64 fp16 fp32 fp32 fp64",
                           "i64 i64 i64 i64 i64 i64 i64 i64 u64 fp16 fp32 fp32 fp64",
                           "u8 u8 i16 i32 i64 u8 u16 u32 u64 fp16 fp32 fp32 fp64",
                           "u16 u16 u16 i32 i64 u16 u16 u32 u64 fp16 fp32 fp32 fp64",
                           "u32 u32 u32 u32 i64 u32 u32 u32 u64 fp16 fp32 fp32 fp64",
                           "u64 u64 u64 u64 u64 u64 u64 u64 u64 fp16 fp32 fp32 fp64",
                           "fp16 fp16 fp16 fp16 fp16 fp16 fp16 fp16 fp16 fp16 fp16 fp32 fp64",
                           "fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp16 bf16 fp32 fp64",
                           "fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp64",
                           "fp64 fp64 fp64 fp64 fp64 fp64 fp64 fp64 fp64 fp64 fp64 fp64 fp64",
                       });
}

TEST(Promotion, Quotient) {
  expectTable("x / y", {
                           "fp32 - - - - fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp64",
                           "- fp32 fp32 fp32 fp32 - - - - fp32 fp32 fp32 fp64",
                           "- fp32 fp32 fp32 fp32 - - - - fp32 fp32 fp32 fp64",
                           "- fp32 fp32 fp32 fp32 - - - - fp32 fp32 fp32 fp64",
                           "- fp32 fp32 fp32 fp32 - - - - fp32 fp32 fp32 fp64",
                           "fp32 - - - - fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp64",
                           "fp32 - - - - fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp64",
                           "fp32 - - - - fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp64",
                           "fp32 - - - - fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp64",
                           "fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp64",
                           "fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp64",
                           "fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp64",
                           "fp64 fp64 fp64 fp64 fp64 fp64 fp64 fp64 fp64 fp64 fp64 fp64 fp64",
                       });
}

TEST(Promotion, IntegerQuotient) {
  expectTable("x // y", {
                            "i1 - - - - u8 u16 u32 u64 - - - -",
                            "- i8 i16 i32 i64 - - - - - - - -",
                            "- i16 i16 i32 i64 - - - - - - - -",
                            "- i32 i32 i32 i64 - - - - - - - -",
                            "- i64 i64 i64 i64 - - - - - - - -",
                            "u8 - - - - u8 u16 u32 u64 - - - -",
                            "u16 - - - - u16 u16 u32 u64 - - - -",
                            "u32 - - - - u32 u32 u32 u64 - - - -",
                            "u64 - - - - u64 u64 u64 u64 - - - -",
                            "- - - - - - - - - - - - -",
                            "- - - - - - - - - - - - -",
                            "- - - - - - - - - - - - -",
                            "- - - - - - - - - - - - -",
                        });
}

TEST(Promotion, LiteralsTakeTheOtherType) {
  expectRow("x + 3", "i32 i8 i16 i32 i64 u8 u16 u32 u64 fp16 bf16 fp32 fp64");
  expectRow("x * 2.5", "fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp16 bf16 fp32 fp64");
  expectRow("x + True", "i1 i8 i16 i32 i64 u8 u16 u32 u64 fp16 bf16 fp32 fp64");
  expectRow("x // 3", "- i8 i16 i32 i64 u8 u16 u32 u64 - - - -");
  expectRow("x / 3", "- fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp32 fp64");
  expectRow("x + 300", "i32 - i16 i32 i64 - u16 u32 u64 fp16 bf16 fp32 fp64");
  expectRow("x - 1", "i32 i8 i16 i32 i64 u8 u16 u32 u64 fp16 bf16 fp32 fp64");
  expectRow("x + (-1)", "i32 i8 i16 i32 i64 - - - - fp16 bf16 fp32 fp64");
}

TEST(Promotion, AnAssignedNumberIsNoLiteral) {
  std::string source =
      "\n@triton.jit\ndef k(p):\n    x = tl.load(p)\n    s = 2.5\n    i = 3\n"
      "    tl.static_assert((x * s).dtype == tl.float32)\n"
      "    tl.static_assert((x * i).dtype == tl.float16)\n"
      "    tl.static_assert((x * 2.5).dtype == tl.float16)\n"
      "    tl.static_assert(tl.maximum(x, 0.0).dtype == tl.float32)\n    tl.store(p, x)\n";
  EXPECT_EQ(messages(elaborateKernel(source, {"p=*fp16"})), "");
}

} // namespace
} // namespace lapidary::test
