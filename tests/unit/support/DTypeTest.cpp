#include "core/support/DType.h"

#include <gtest/gtest.h>

using namespace lapidary;

TEST(DType, NamesRoundTrip) {
  for (int i = 0; i < dtypeCount; ++i) {
    DType type = static_cast<DType>(i);
    EXPECT_EQ(parseDType(dtypeName(type)), type) << dtypeName(type);
    EXPECT_EQ(isFloating(type) + isSignedInteger(type) + isUnsignedInteger(type),
              type != DType::Int1);
    EXPECT_EQ(dtypeBytes(type), type == DType::Int1 ? 1 : dtypeBits(type) / 8);
  }
}

TEST(DType, Widths) {
  EXPECT_EQ(dtypeBits(DType::Int1), 1);
  EXPECT_EQ(dtypeBytes(DType::Int1), 1);
  EXPECT_EQ(dtypeBits(DType::BF16), 16);
  EXPECT_EQ(dtypeBytes(DType::Fp64), 8);
  EXPECT_EQ(dtypeBits(DType::Fp8E4B15), 8);
}

TEST(DType, SpellingsPeopleWrite) {
  EXPECT_EQ(parseDType("float32"), DType::Fp32);
  EXPECT_EQ(parseDType("half"), DType::Fp16);
  EXPECT_EQ(parseDType("torch.bfloat16"), DType::BF16);
  EXPECT_EQ(parseDType("tl.int64"), DType::Int64);
  EXPECT_EQ(parseDType("triton.language.float8e5"), DType::Fp8E5);
  EXPECT_EQ(parseDType("np.uint8"), DType::UInt8);
  EXPECT_EQ(parseDType("float8_e4m3fn"), DType::Fp8E4NV);
  EXPECT_EQ(parseDType("bool"), DType::Int1);
  EXPECT_EQ(parseDType("u1"), DType::Int1);
}

TEST(DType, UnknownNames) {
  for (const char *name : {"", "fp", "float31", "torch.", "FP32", "i128", "*fp32", "tl.torch.int8"})
    EXPECT_FALSE(parseDType(name)) << name;
}
