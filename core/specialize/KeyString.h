// The key of a variant as Triton prints it, to and from text: what users paste from logs.
//
//   list form (3.3 on)   [('*fp32', 'D'), ('i32', ''), ('constexpr', 6)]{'debug': False}
//   descriptor form      *fp32i32DN((6,), {'debug': False})
//
// Types and keys are Python values: a text, None, an integer, or a tuple of them for tuple
// arguments.
#pragma once

#include "core/source/Value.h"
#include "core/specialize/Specialization.h"
#include "core/support/Json.h"

#include <string>
#include <string_view>
#include <vector>

namespace lapidary {

struct KeyEntry {
  Value type; // a string, or a tuple of types
  Value key;  // None, letters, a constant, or a tuple of keys
  bool operator==(const KeyEntry &) const = default;
};

struct KeyString {
  std::vector<KeyEntry> entries;
  std::vector<std::pair<std::string, Value>> options;
  bool operator==(const KeyString &) const = default;
};

// Python's repr() of a value as it stands in a key: types of Triton's language spelled
// "triton.language.float16", texts quoted Python's way.
std::string printPython(const Value &value);
// As JSON where it has the value exactly, else printPython's text.
Json scalarToJson(const Value &value);
// A Python dictionary with text keys.
std::string printOptions(const std::vector<std::pair<std::string, Value>> &options);

std::string printKeyString(const KeyString &key);

// Anything before the first "[(" or "[]" of the line (a log's time stamp, "key=") is passed over.
// Errors: InvalidInput with the position (byte, from 1) and what was expected there.
Result<KeyString> parseKeyString(std::string_view text);

// One Python literal: None, True, 1, 0x10, 1.5, inf, 'text', (1, 2), [1], {'a': 1}, and names such
// as triton.language.float16. Errors: InvalidInput with the position.
Result<Value> parsePythonLiteral(std::string_view text);

// The whole key of a specialization, in its rule set's form.
std::string printKey(const Specialization &specialization);

// The entries of a specialization's key (both forms).
std::vector<KeyEntry> keyEntries(const Specialization &specialization);

// A key of the descriptor form, which holds no separators: the kernel's signature and the rule
// set's letters tell its parts. Errors: InvalidInput with the position; also when the text can be
// read in more than one way.
Result<KeyString> parseDescriptorKey(const RuleSet &rules, const JitFunction &kernel,
                                     std::string_view text);

// The variant that a key names, for the kernel that it was printed for: types, letters turned back
// into properties, constants. `text` is a key of the rule set's form, such as a line of a log.
// Reasons are left empty. Errors: InvalidInput (does not parse, not this kernel's number of
// parameters, a letter that the rule set does not have).
Result<Specialization> specializationFromKey(const RuleSets &sets, const std::string &ruleSet,
                                             const Target &target, const JitFunction &kernel,
                                             std::string_view text);

} // namespace lapidary
