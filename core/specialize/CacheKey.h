// The identity of a variant: what it was compiled from, by name, and the hash of that.
//
//   {"source": "9f2c...",                            sourceHash(): the kernel and all it reaches
//    "signature": {"x_ptr": "*fp16", "n": "i32", "BLOCK": "constexpr[1024]"},
//    "properties": {"x_ptr": {"tt.divisibility": 16}},
//    "options": {"num_warps": 4}, "target": "cuda:90", "compiler": "...", "rules": "triton-3.6"}
//
// Two variants with equal parts are the same machine code. The order of names inside a part does
// not matter; every other difference does.
#pragma once

#include "core/specialize/Specialization.h"
#include "core/support/Json.h"

namespace lapidary {

// `sourceHash` is core/source's; `compiler` names the compiler and its version.
Json cacheKeyParts(const Specialization &specialization, const std::string &sourceHash,
                   const std::vector<std::pair<std::string, Value>> &options,
                   const std::string &compiler);

// SHA-256 over the parts, 64 hexadecimal characters. Errors: InvalidInput, naming a part that is
// missing, unknown or of the wrong kind.
Result<std::string> cacheKey(const Json &parts);

// One sentence: "the same", or "same but for num_stages (3, not 4) and the alignment of x_ptr (16,
// not known)"; first `a`, then `b`. Errors: as cacheKey.
Result<std::string> diffKeys(const Json &a, const Json &b);

} // namespace lapidary
