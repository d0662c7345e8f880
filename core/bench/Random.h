// Random numbers by counter: the n-th number of a seed is a function of seed and n, so that any
// part of an array can be drawn alone, by any thread, and is the same on every machine.
//
// The function is SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators,
// 2014) at position n of its sequence.
#pragma once

#include <cstdint>

namespace lapidary {

inline std::uint64_t randomBits(std::uint64_t seed, std::uint64_t n) {
  std::uint64_t z = seed + (n + 1) * 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

// A sequence for those who draw one after another.
class RandomSequence {
public:
  explicit RandomSequence(std::uint64_t seed) : seed(seed) {}
  std::uint64_t next() { return randomBits(seed, position++); }
  // Below `bound` (1 to 2^32); the bias is under bound / 2^32.
  std::uint32_t below(std::uint64_t bound) {
    return static_cast<std::uint32_t>((next() >> 32) * bound >> 32);
  }

private:
  std::uint64_t seed, position = 0;
};

} // namespace lapidary
