// The scalar types of Triton: their names in signatures ("fp32"), widths and kinds.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace lapidary {

enum class DType : std::uint8_t {
  Int1, Int8, Int16, Int32, Int64,
  UInt8, UInt16, UInt32, UInt64,
  Fp8E4NV, Fp8E5, Fp8E4B8, Fp8E5B16, Fp8E4B15,
  Fp16, BF16, Fp32, Fp64,
};
inline constexpr int dtypeCount = 18;

// Triton's signature name: "i32", "u8", "fp16", "bf16", "fp8e4nv".
std::string_view dtypeName(DType type);
// Storage width; Int1 is stored in one byte, its bit width is 1.
int dtypeBits(DType type);
int dtypeBytes(DType type);
bool isFloating(DType type);
bool isSignedInteger(DType type);
bool isUnsignedInteger(DType type); // Int1 is neither signed nor unsigned here

// Accepts the signature names and the names people write: "float32", "half", "torch.bfloat16",
// "int64", "uint8", "float8e4nv", "float8_e4m3fn", "bool". Nothing when unknown.
std::optional<DType> parseDType(std::string_view name);

} // namespace lapidary
