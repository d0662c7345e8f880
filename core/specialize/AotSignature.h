// The ahead-of-time signature of Triton's tools/compile.py, to and from text:
//
//   *fp32:16, i32:16, 1024, i32, i32:1        with the target cuda:80:32 or hip:gfx942:64
//
// One entry a parameter: a type, a type with a hint (16: divisible by 16; 1: equal to 1), or the
// value of a constexpr. Hints are what the descriptor form calls so; they know nothing of other
// properties.
#pragma once

#include "core/specialize/Specialization.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace lapidary {

struct AotEntry {
  std::string type;                                       // empty for a constant
  std::optional<std::int64_t> hint;                       // 1 or 16
  std::variant<std::monostate, Integer, double> constant; // of a constexpr
  bool operator==(const AotEntry &) const = default;
};

struct AotSignature {
  std::vector<AotEntry> entries;
  bool operator==(const AotSignature &) const = default;
};

struct AotTarget {
  Target target;
  int warpSize = 32;
  bool operator==(const AotTarget &) const = default;
};

// Errors: InvalidInput with the position (byte, from 1) and what was expected there.
Result<AotSignature> parseAotSignature(std::string_view text);
std::string printAotSignature(const AotSignature &signature);

Result<AotTarget> parseAotTarget(std::string_view text);
std::string printAotTarget(const AotTarget &target);

// What the hints can say of a specialization. Errors: Unsupported, naming an argument that the
// signature has no words for (a constexpr that is not a number, a tuple).
Result<AotSignature> aotSignature(const Specialization &specialization);

// The variant that a signature names. Errors: InvalidInput (not the kernel's number of parameters,
// a hint that no rule of the set gives).
Result<Specialization> specializationFromAot(const RuleSets &sets, const std::string &ruleSet,
                                             const Target &target, const JitFunction &kernel,
                                             const AotSignature &signature);

// The part of the generated function's name between the kernel's and its end: the first eight
// characters of the hash over the signature's entries and "warps4xstages3".
std::string aotSignatureHash(const AotSignature &signature, int warps, int stages);

} // namespace lapidary
