#include "core/session/ArgumentText.h"

#include <gmock/gmock.h>

namespace lapidary {
namespace {

using testing::HasSubstr;

template <typename T> T parsed(const std::string &text) {
  const auto value = parseArgumentText(text);
  EXPECT_TRUE(value) << (value ? "" : value.error().message);
  const T *held = value ? value->as<T>() : nullptr;
  EXPECT_TRUE(held) << text;
  return held ? *held : T{};
}

TEST(ArgumentTextTest, Scalars) {
  EXPECT_EQ(parsed<Integer>("1024").value, 1024);
  EXPECT_EQ(parsed<Integer>(" -7 ").value, -7);
  EXPECT_EQ(parsed<Integer>("0x10").value, 16);
  EXPECT_EQ(parsed<double>("1.5"), 1.5);
  EXPECT_EQ(parsed<double>("-1e-6"), -1e-6);
  EXPECT_TRUE(parsed<bool>("True"));
  EXPECT_FALSE(parsed<bool>("false"));
  parsed<NoneValue>("None");
  EXPECT_EQ(parsed<std::string>("\"a b\""), "a b");
  EXPECT_EQ(parsed<DType>("bf16"), DType::BF16);
  EXPECT_EQ(parsed<DType>("float32"), DType::Fp32);
}

TEST(ArgumentTextTest, Tensors) {
  const auto plain = parsed<TensorArgument>("fp16 16384x64");
  EXPECT_EQ(plain.dtype, DType::Fp16);
  EXPECT_EQ(plain.shape, (std::vector<std::int64_t>{16384, 64}));
  EXPECT_EQ(plain.strides, (std::vector<std::int64_t>{64, 1}));
  EXPECT_EQ(plain.alignment, 256);
  EXPECT_EQ(plain.storage, 16384 * 64 * 2);
  const auto odd = parsed<TensorArgument>("fp32 4096 align 4 offset 1");
  EXPECT_EQ(odd.alignment, 4);
  EXPECT_EQ(odd.offset, 1);
  EXPECT_EQ(odd.storage, 4097 * 4);
  const auto strided = parsed<TensorArgument>("i32 8x4 strides 100x2 storage 40000 init zeros");
  EXPECT_EQ(strided.strides, (std::vector<std::int64_t>{100, 2}));
  EXPECT_EQ(strided.storage, 40000);
  EXPECT_EQ(strided.init, "zeros");
}

TEST(ArgumentTextTest, WhatIsWrittenReadsBack) {
  for (const std::string text :
       {"1024", "-5", "1.5", "True", "None", "\"a \\\"b\"", "bf16", "fp16 16384x64",
        "fp32 4096 offset 1 align 4", "i32 8x4 strides 100x2 storage 40000 init zeros",
        "fp32 16 init randint:0:9"}) {
    const auto value = parseArgumentText(text);
    ASSERT_TRUE(value) << text << ": " << value.error().message;
    EXPECT_EQ(argumentText(*value), text);
    EXPECT_EQ(*parseArgumentText(argumentText(*value)), *value) << text;
  }
}

TEST(ArgumentTextTest, WhatIsWrongSaysWhatIsExpected) {
  for (const std::string text : {"", "   ", "fp17 4", "fp32 4xx4", "fp32 4 align", "fp32 4 align x",
                                 "fp32 4 colour red", "12abc", "\"open", "[1, ", "tensor"}) {
    const auto value = parseArgumentText(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().code, ErrorCode::InvalidInput);
    EXPECT_THAT(value.error().message, HasSubstr("expected")) << text;
  }
  for (const std::string text :
       {"fp32 -4", "fp32 9223372036854775807x8", "fp32 4 storage 3", "fp32 4 align 3"})
    EXPECT_EQ(parseArgumentText(text).error().code, ErrorCode::InvalidInput) << text;
}

} // namespace
} // namespace lapidary
