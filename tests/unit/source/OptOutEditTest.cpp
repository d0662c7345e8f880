#include "core/source/OptOutEdit.h"

#include <gtest/gtest.h>

namespace lapidary {
namespace {

std::optional<DecoratorEdit> edit(const std::string &decorator, const OptOuts &added) {
  const auto file = parseKernelFile("import triton\nimport triton.language as tl\n" + decorator +
                                        "\ndef k(x_ptr, n, m):\n  tl.store(x_ptr, n + m)\n",
                                    "nowhere/kernels.py");
  return addOptOuts(*file->find("k"), added);
}

TEST(OptOutEdit, APlainDecoratorBecomesACall) {
  const auto made = edit("@triton.jit", {{"n"}, {"x_ptr"}});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->before, "@triton.jit");
  EXPECT_EQ(made->after, "@triton.jit(do_not_specialize=[\"n\"], "
                         "do_not_specialize_on_alignment=[\"x_ptr\"])");
  EXPECT_EQ(made->range.line, 3);
}

TEST(OptOutEdit, WhatStandsThereStays) {
  const auto made = edit("@triton.jit(debug=True, do_not_specialize=[1])", {{"m", "n"}, {}});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->after, "@triton.jit(debug=True, do_not_specialize=[\"n\", \"m\"])");
}

TEST(OptOutEdit, WhatIsThereAlreadyIsNoEdit) {
  EXPECT_FALSE(edit("@triton.jit(do_not_specialize=[\"n\"])", {{"n"}, {}}));
  EXPECT_FALSE(edit("@triton.jit", {}));
}

} // namespace
} // namespace lapidary
