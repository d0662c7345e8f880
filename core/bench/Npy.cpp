#include "core/bench/Npy.h"

#include "core/support/FloatFormat.h"
#include "core/support/Paths.h"

#include <charconv>
#include <cstring>
#include <fmt/format.h>

namespace lapidary {

static std::unexpected<Error> notNpy(const std::string &context, const std::string &what) {
  return fail(ErrorCode::InvalidInput, context + ": " + what, context);
}

// The text after `'key':` in the header's dict, blanks skipped; empty when there is no such key.
static std::string_view field(std::string_view header, std::string_view key) {
  std::size_t at = header.find(fmt::format("'{}'", key));
  if (at == std::string_view::npos)
    return {};
  at = header.find(':', at);
  if (at == std::string_view::npos)
    return {};
  at = header.find_first_not_of(" :", at);
  return at == std::string_view::npos ? std::string_view() : header.substr(at);
}

// "(3, 4)", "(5,)", "()". Extents whose product overflows are refused.
static std::optional<std::vector<std::int64_t>> parseShape(std::string_view text) {
  if (!text.starts_with('('))
    return std::nullopt;
  std::vector<std::int64_t> shape;
  std::int64_t count = 1;
  const char *at = text.data() + 1, *end = text.data() + text.size();
  while (true) {
    while (at < end && (*at == ' ' || *at == ','))
      ++at;
    if (at == end)
      return std::nullopt;
    if (*at == ')')
      return shape;
    std::int64_t extent = 0;
    auto parsed = std::from_chars(at, end, extent);
    if (parsed.ec != std::errc() || extent < 0 || __builtin_mul_overflow(count, extent, &count))
      return std::nullopt;
    at = parsed.ptr;
    shape.push_back(extent);
  }
}

static Result<void> parseType(std::string_view text, NpyArray &array, const std::string &context) {
  if (text.size() < 4 || text[0] != '\'')
    return notNpy(context, "arrays of records are not read; save a plain array");
  char order = text[1];
  array.kind = text[2];
  std::size_t size = 0;
  std::from_chars(text.data() + 3, text.data() + text.size(), size);
  bool knownSize = size == 1 || size == 2 || size == 4 || size == 8;
  if (order == '>' && size > 1)
    return notNpy(context, "big-endian arrays are not read; save it with array.astype('<f4')");
  if (!knownSize || std::strchr("fiubV", array.kind) == nullptr || (array.kind == 'f' && size == 1))
    return notNpy(context, fmt::format("elements of type {} are not read; save floats or integers",
                                       text.substr(0, text.find('\'', 1) + 1)));
  array.itemBytes = static_cast<int>(size);
  return {};
}

Result<NpyArray> parseNpy(std::string bytes, const std::string &context) {
  if (!bytes.starts_with("\x93NUMPY") || bytes.size() < 10)
    return notNpy(context, "this is not a NumPy .npy file");
  auto byteAt = [&](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i]));
  };
  std::size_t headerAt = 10, headerSize = byteAt(8) | byteAt(9) << 8;
  if (byteAt(6) >= 2) {
    if (bytes.size() < 12)
      return notNpy(context, "the file ends inside its header");
    headerAt = 12;
    headerSize |= byteAt(10) << 16 | byteAt(11) << 24;
  }
  if (bytes.size() < headerAt + headerSize)
    return notNpy(context, "the file ends inside its header");
  std::string_view header = std::string_view(bytes).substr(headerAt, headerSize);

  NpyArray array;
  if (Result<void> typed = parseType(field(header, "descr"), array, context); !typed)
    return std::unexpected(typed.error());
  auto shape = parseShape(field(header, "shape"));
  if (!shape)
    return notNpy(context, "the header names no shape that can be read");
  array.shape = std::move(*shape);
  array.fortranOrder = field(header, "fortran_order").starts_with("True");

  std::int64_t needed = array.itemBytes;
  for (std::int64_t extent : array.shape)
    if (__builtin_mul_overflow(needed, extent, &needed))
      return notNpy(context, "the header names no shape that can be read");
  std::size_t have = bytes.size() - headerAt - headerSize;
  if (have < static_cast<std::size_t>(needed))
    return notNpy(context,
                  fmt::format("the file ends after {} of {} bytes of elements", have, needed));
  array.data = std::move(bytes);
  array.data.erase(0, headerAt + headerSize);
  return array;
}

Result<NpyArray> readNpy(const std::filesystem::path &path) {
  constexpr std::size_t limit = std::size_t(16) << 30;
  Result<std::string> bytes = readFile(path, limit);
  if (!bytes)
    return std::unexpected(bytes.error());
  return parseNpy(std::move(*bytes), path.string());
}

Result<void> NpyArray::checkConversion(DType type) const {
  if (kind == 'V' && itemBytes != dtypeBytes(type))
    return fail(ErrorCode::InvalidInput,
                fmt::format("the file holds raw elements of {} bytes, {} takes {}", itemBytes,
                            dtypeName(type), dtypeBytes(type)));
  if (kind == 'f' && !isFloating(type))
    return fail(
        ErrorCode::InvalidInput,
        fmt::format("the file holds floating point numbers, the tensor is {}", dtypeName(type)));
  if ((kind == 'i' || kind == 'u') && !isFloating(type) && itemBytes > dtypeBytes(type))
    return fail(ErrorCode::InvalidInput,
                fmt::format("the file holds integers of {} bits, too many for {}", itemBytes * 8,
                            dtypeName(type)));
  return {};
}

std::uint64_t NpyArray::element(std::int64_t rowMajorIndex, DType type) const {
  std::int64_t index = rowMajorIndex;
  if (fortranOrder) {
    std::int64_t rest = rowMajorIndex, stride = 1, total = 1;
    for (std::int64_t extent : shape)
      total *= extent;
    index = 0;
    for (std::int64_t extent : shape) { // the first dimension runs fastest in the file
      total /= extent;
      index += rest / total * stride;
      rest %= total;
      stride *= extent;
    }
  }
  std::uint64_t bits = 0;
  std::memcpy(&bits, data.data() + index * itemBytes, static_cast<std::size_t>(itemBytes));
  if (kind == 'V')
    return bits;
  if (kind == 'f') {
    DType held = itemBytes == 2 ? DType::Fp16 : itemBytes == 4 ? DType::Fp32 : DType::Fp64;
    return held == type ? bits : encodeFloat(type, decodeFloat(held, bits));
  }
  int unused = 64 - itemBytes * 8;
  std::int64_t value = kind == 'i' ? static_cast<std::int64_t>(bits << unused) >> unused
                                   : static_cast<std::int64_t>(bits);
  if (isFloating(type))
    return encodeFloat(type, kind == 'i' ? static_cast<double>(value) : static_cast<double>(bits));
  return type == DType::Int1 ? value != 0 : static_cast<std::uint64_t>(value);
}

} // namespace lapidary
