#include "core/support/DType.h"

#include <array>

namespace lapidary {

namespace {
enum class Kind : std::uint8_t { Bool, Signed, Unsigned, Float };
struct Row {
  std::string_view name;
  int bits;
  Kind kind;
};
struct Alias {
  std::string_view name;
  DType type;
};
} // namespace

// In the order of the enumeration.
static constexpr std::array<Row, dtypeCount> rows{{
    {"i1", 1, Kind::Bool},
    {"i8", 8, Kind::Signed},
    {"i16", 16, Kind::Signed},
    {"i32", 32, Kind::Signed},
    {"i64", 64, Kind::Signed},
    {"u8", 8, Kind::Unsigned},
    {"u16", 16, Kind::Unsigned},
    {"u32", 32, Kind::Unsigned},
    {"u64", 64, Kind::Unsigned},
    {"fp8e4nv", 8, Kind::Float},
    {"fp8e5", 8, Kind::Float},
    {"fp8e4b8", 8, Kind::Float},
    {"fp8e5b16", 8, Kind::Float},
    {"fp8e4b15", 8, Kind::Float},
    {"fp16", 16, Kind::Float},
    {"bf16", 16, Kind::Float},
    {"fp32", 32, Kind::Float},
    {"fp64", 64, Kind::Float},
}};
static_assert(static_cast<int>(DType::Fp64) + 1 == dtypeCount);

// The spellings of triton.language, torch and numpy.
static constexpr Alias aliases[] = {
    {"bool", DType::Int1},
    {"int1", DType::Int1},
    {"u1", DType::Int1},
    {"uint1", DType::Int1},
    {"bool_", DType::Int1},
    {"int8", DType::Int8},
    {"int16", DType::Int16},
    {"short", DType::Int16},
    {"int32", DType::Int32},
    {"int", DType::Int32},
    {"int64", DType::Int64},
    {"long", DType::Int64},
    {"uint8", DType::UInt8},
    {"uint16", DType::UInt16},
    {"uint32", DType::UInt32},
    {"uint64", DType::UInt64},
    {"float8e4nv", DType::Fp8E4NV},
    {"float8_e4m3fn", DType::Fp8E4NV},
    {"float8e5", DType::Fp8E5},
    {"float8_e5m2", DType::Fp8E5},
    {"float8e4b8", DType::Fp8E4B8},
    {"float8_e4m3fnuz", DType::Fp8E4B8},
    {"float8e5b16", DType::Fp8E5B16},
    {"float8_e5m2fnuz", DType::Fp8E5B16},
    {"float8e4b15", DType::Fp8E4B15},
    {"float16", DType::Fp16},
    {"half", DType::Fp16},
    {"f16", DType::Fp16},
    {"bfloat16", DType::BF16},
    {"float32", DType::Fp32},
    {"float", DType::Fp32},
    {"f32", DType::Fp32},
    {"float64", DType::Fp64},
    {"double", DType::Fp64},
    {"f64", DType::Fp64},
};

static const Row &row(DType type) {
  return rows[static_cast<std::size_t>(type)];
}

std::string_view dtypeName(DType type) {
  return row(type).name;
}
int dtypeBits(DType type) {
  return row(type).bits;
}
int dtypeBytes(DType type) {
  return (row(type).bits + 7) / 8;
}
bool isFloating(DType type) {
  return row(type).kind == Kind::Float;
}
bool isSignedInteger(DType type) {
  return row(type).kind == Kind::Signed;
}
bool isUnsignedInteger(DType type) {
  return row(type).kind == Kind::Unsigned;
}

std::optional<DType> parseDType(std::string_view name) {
  for (std::string_view module : {"torch.", "triton.language.", "tl.", "numpy.", "np."})
    if (name.starts_with(module)) {
      name.remove_prefix(module.size());
      break;
    }
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].name == name)
      return static_cast<DType>(i);
  for (const Alias &alias : aliases)
    if (alias.name == name)
      return alias.type;
  return std::nullopt;
}

} // namespace lapidary
