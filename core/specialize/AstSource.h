// What Triton hands to its compiler for a variant: the signature, the constants and the parameter
// attributes, with the texts and the hash that it makes of them. Paths are parameter numbers,
// longer for items of tuples: (2, 0).
#pragma once

#include "core/source/Value.h"
#include "core/specialize/Specialization.h"

#include <string>
#include <vector>

namespace lapidary {

struct AstSource {
  struct Constant {
    std::vector<int> path;
    std::string name; // of the parameter
    Value value;
  };
  struct Attributes {
    std::vector<int> path;
    std::vector<Property> properties;
  };
  std::vector<std::pair<std::string, Value>> signature; // parameter -> type, a text or a tuple
  std::vector<Constant> constants;
  std::vector<Attributes> attributes; // list form only; the descriptor form has an AttrsDescriptor
  std::string descriptorHash;         // descriptor form only

  // Python's text of the attributes: {(0,): [['tt.divisibility', 16]]}.
  std::string attributesText() const;
  std::string signatureText() const; // [('x_ptr', '*fp32'), ...]
  std::string constantsText() const; // [((1,), 64), ...]; by name in the descriptor form

  // The release's own hash of the source; `functionKey` is the kernel's cache key as Triton
  // computes it (a hash over the Python text, which this program does not reproduce).
  std::string hash(const std::string &functionKey) const;
};

AstSource makeAstSource(const Specialization &specialization);
// What Triton's ahead-of-time tool hands to it for the same: attributes of hinted parameters alone.
AstSource makeAotSource(const Specialization &specialization);

} // namespace lapidary
