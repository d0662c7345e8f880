// What specialization needs to know of a kernel's parameters, read the way a release reads them:
// annotations as types, const pointers, opt-outs. Made once for a kernel and a rule set.
#pragma once

#include "core/source/KernelFile.h"
#include "core/specialize/RuleSet.h"

#include <string>
#include <vector>

namespace lapidary {

struct SignatureParameter {
  std::string name;
  bool isConstexpr = false;
  bool isConst = false;      // a const pointer: "*k"
  std::string annotatedType; // the type that the annotation gives; empty: from the value
  bool skipsValue = false;   // annotated bool and float parameters are never looked at
  std::uint8_t optOuts = 0;  // optOutOfValue | optOutOfAlignment
  SourceRange range;
};

struct KernelSignature {
  std::string kernel;
  std::string file;
  bool debug = false; // @triton.jit(debug=True) enters the key
  std::vector<SignatureParameter> parameters;
};

KernelSignature makeSignature(const JitFunction &kernel, const RuleSet &rules);

// What an annotation, as it is written ("tl.int64", "\"*fp16\"", "tl.constexpr", "const *fp32"),
// means to a release.
struct Annotation {
  bool isConstexpr = false;
  bool isConst = false;
  std::string type; // "i64", "*fp16"; empty when the value decides
};
Annotation readAnnotation(std::string_view written, AnnotationStyle style);

// Opt-outs that do nothing: on a constexpr, on an unknown name, named twice over.
std::vector<Diagnostic> checkOptOuts(const JitFunction &kernel, const KernelSignature &signature);

} // namespace lapidary
