// One backend's specialization rules of one Triton release, as data.
//
// A rule set is a JSON document in resources/rules (or in a folder of the user's own); its schema
// is resources/schemas/rules.schema.json, and README.md of this room shows one. A rule
// names the argument kinds it looks at, a predicate, what it yields (an attribute on the kernel's
// parameter, or the argument's value as a constant), its key letter, and the opt-outs that switch
// it off.
//
// Why data: every release, fork and backend has its own properties, and comparing them is the
// point. A new property is one entry in one document; nothing here or in the engine changes for it.
//
// Invariants of a loaded set: names and letters are unique; `unless` names rules of the same set
// and has no cycle; a rule that `unless` names stands before the rule that uses it; at most 16
// rules.
//
//   {"name": "divisible-by-8", "letter": "E", "kinds": ["int", "tensor"], "when": {"divisible-by":
//   8},
//    "unless": ["divisible-by-16"], "attribute": {"name": "tt.divisibility", "value": 8},
//    "opt-outs": ["do_not_specialize", "do_not_specialize_on_alignment"],
//    "explanation": "64-bit accesses"}
#pragma once

#include "core/source/Value.h"
#include "core/specialize/Specialization.h"
#include "core/support/Json.h"
#include "core/support/Target.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lapidary {

// What the engine tells arguments apart by. `Other` is what Triton takes only as a constexpr:
// strings, lists, dictionaries, types.
enum class ArgumentKind : std::uint8_t {
  None,
  Bool,
  Int,
  Float,
  Tensor,
  Descriptor,
  Function,
  Tuple,
  Other,
};
inline constexpr int argumentKindCount = 9;
const char *argumentKindName(ArgumentKind kind); // "none", "bool", "int", ...

enum class PredicateKind : std::uint8_t {
  Always,            // the kind alone decides
  DivisibleBy,       // int: value; tensor: address of its first element, in bytes
  EqualTo,           // int
  WithinRange,       // int, both ends included
  StorageAtMost,     // tensor: bytes of the whole untyped storage
  PowerOfTwoDivisor, // int or tensor: the largest power of two that divides, between low and high
  TypeWidth,         // bits of an int's type or of a tensor's element, both ends included
};

struct Predicate {
  PredicateKind kind = PredicateKind::Always;
  std::int64_t low = 0;  // the N of DivisibleBy, EqualTo, StorageAtMost; else the lower end
  std::int64_t high = 0; // the upper end
};

// Bits of Rule::optOuts and Rule::keyOptOuts.
inline constexpr std::uint8_t optOutOfValue = 1;     // do_not_specialize
inline constexpr std::uint8_t optOutOfAlignment = 2; // do_not_specialize_on_alignment

struct Rule {
  std::string name;
  std::string letter;      // one ASCII letter or digit
  std::uint16_t kinds = 0; // bit i: ArgumentKind i
  Predicate predicate;
  std::string attribute;       // "tt.divisibility"; empty: the rule only splits the key
  std::int64_t value = 0;      // the attribute's; the divisor itself for PowerOfTwoDivisor
  bool constant = false;       // the value is folded into the code
  std::uint8_t optOuts = 0;    // what switches the property off
  std::uint8_t keyOptOuts = 0; // what takes its letter out of the key; differs in triton-3.2 only
  std::string option;          // a launch option that switches the rule; empty: always on
  bool optionDefault = true;
  std::uint16_t unless = 0; // bit i: not when rule i fired
  std::string explanation;  // what the property is good for, one line

  bool applies(ArgumentKind kind) const { return kinds >> int(kind) & 1; }
};
inline constexpr int maximumRules = 16;

// How a release writes types and keys.
enum class KeyForm : std::uint8_t {
  Descriptor, // 3.2: letters joined, "N" for none; properties in an AttrsDescriptor
  List,       // 3.3 on: [(type, key), ...]
};
enum class AnnotationStyle : std::uint8_t {
  IntegerNames, // up to 3.3: the text after "int" or "uint", and "bool"
  Canonical,    // 3.4 on: every scalar type, pointers, "const" pointers
};
// What a constexpr argument contributes to the attributes of the list form.
enum class ConstexprAttributes : std::uint8_t {
  FromText, // 3.3 to 3.6: a string constant is read as key letters
  Empty,    // 3.7 on: an empty list for every constexpr
};

struct RuleSet {
  std::string name;                 // "triton-3.6"
  std::vector<std::string> aliases; // releases that behave the same: "triton-3.5"
  std::vector<std::string> targets; // "hip", "sim:gfx": a backend, or backend:architecture prefix
  std::string title;
  std::string file; // where it was read from, for messages

  KeyForm form = KeyForm::List;
  std::string descriptorClass; // Descriptor form: "AttrsDescriptor", "HIPAttrsDescriptor"
  std::vector<std::pair<std::string, Value>> keyOptions; // always printed behind the key
  bool functionsByCacheKey = true; // jit functions as constexpr print their cache key
  ConstexprAttributes constexprAttributes = ConstexprAttributes::Empty;

  std::string boolType = "u1";
  std::string noneType = "constexpr";
  bool wideIntegersAreI64 =
      false; // beyond 64 bits: i64, failing at the launch; else an error at once
  AnnotationStyle annotations = AnnotationStyle::Canonical;
  bool tuples = true;
  bool tensorDescriptors = true;

  std::vector<Rule> rules; // in the order of key letters

  // How well the set fits: 0 not at all, else the length of the matching target pattern.
  int fit(const Target &target) const;
  const Rule *findRule(const std::string &nameLetterOrAttribute) const;
};

// Every rule set known. Immutable once loaded; any thread may read it.
class RuleSets {
public:
  // Errors: Unreadable, InvalidInput naming file, field and what was expected.
  static Result<std::shared_ptr<const RuleSets>>
  load(const std::vector<std::filesystem::path> &folders);
  // The same from documents in memory: (name for messages, text).
  static Result<std::shared_ptr<const RuleSets>>
  parse(const std::vector<std::pair<std::string, std::string>> &documents);

  // Errors: NotFound (no such set; none of its documents is for the target), listing what there is.
  Result<std::shared_ptr<const RuleSet>> find(const std::string &name, const Target &target) const;
  std::vector<std::string> names() const; // sets and aliases, in version order
  const std::vector<std::shared_ptr<const RuleSet>> &all() const { return sets; }

private:
  std::vector<std::shared_ptr<const RuleSet>> sets;
};

} // namespace lapidary
