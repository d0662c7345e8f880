// SHA-256 (libcrypto) for everything that is a key, and a fast 64-bit hash that is the same in every
// process and on every machine for tables in memory.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace lapidary {

// Lower-case hexadecimal, 64 characters.
std::string sha256(std::string_view bytes);

// Fields fed one by one; each is length-prefixed, so that ("ab","c") and ("a","bc") differ.
class Sha256 {
public:
  Sha256();
  ~Sha256();
  Sha256(Sha256 &&) noexcept;
  Sha256 &operator=(Sha256 &&) noexcept;
  void field(std::string_view bytes);
  std::string hex(); // ends the hash

private:
  struct State;
  std::unique_ptr<State> state;
};

// Stable over processes and machines; not cryptographic.
std::uint64_t stableHash(std::string_view bytes, std::uint64_t seed = 0);

} // namespace lapidary
