#include "core/support/Hash.h"

#include <bit>
#include <cstring>
#include <openssl/evp.h>

namespace lapidary {

static std::string toHex(const unsigned char *bytes, std::size_t size) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(size * 2);
  for (std::size_t i = 0; i < size; ++i) {
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

struct Sha256::State {
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  State() { EVP_DigestInit_ex(context, EVP_sha256(), nullptr); }
  ~State() { EVP_MD_CTX_free(context); }
  State(const State &) = delete;
  void update(const void *bytes, std::size_t size) { EVP_DigestUpdate(context, bytes, size); }
  std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    EVP_DigestFinal_ex(context, digest.data(), &size);
    return toHex(digest.data(), size);
  }
};

Sha256::Sha256() : state(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256 &&) noexcept = default;
Sha256 &Sha256::operator=(Sha256 &&) noexcept = default;

void Sha256::field(std::string_view bytes) {
  std::array<unsigned char, 8> length;
  for (std::size_t i = 0; i < length.size(); ++i)
    length[i] = static_cast<unsigned char>(std::uint64_t{bytes.size()} >> (8 * i));
  state->update(length.data(), length.size());
  state->update(bytes.data(), bytes.size());
}

std::string Sha256::hex() {
  return state->hex();
}

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  return toHex(digest.data(), size);
}

// Multiplies to 128 bits and folds the halves: every input bit reaches every output bit.
static std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

static std::uint64_t loadLittleEndian(const char *bytes, std::size_t size) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, size);
  if constexpr (std::endian::native == std::endian::big)
    word = __builtin_bswap64(word);
  return word;
}

std::uint64_t stableHash(std::string_view bytes, std::uint64_t seed) {
  // Odd constants with an even mix of bits: the fractions of the golden ratio and of pi.
  constexpr std::uint64_t golden = 0x9E3779B97F4A7C15, pi = 0x243F6A8885A308D3;
  std::uint64_t hash = mix(seed ^ pi, golden ^ bytes.size());
  for (; bytes.size() >= 8; bytes.remove_prefix(8))
    hash = mix(hash ^ loadLittleEndian(bytes.data(), 8), golden);
  if (!bytes.empty())
    hash = mix(hash ^ loadLittleEndian(bytes.data(), bytes.size()), golden);
  return mix(hash ^ golden, pi);
}

} // namespace lapidary
