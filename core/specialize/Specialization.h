// What a backend concludes from a launch's arguments: for every parameter its type, its key
// letters, the properties the compiler may rely on, the constant it is folded to, and the reason.
//
// The contract (Triton pull request #4734): a backend owns the properties it specializes on, how
// each is read off an argument, and how they enter the key. A property influences code generation
// and the key, never the meaning of the program.
//
// These are the report types, made when somebody asks. The engine that computes keys on the launch
// path (Engine.h) allocates nothing and makes no strings.
#pragma once

#include "core/source/Launch.h"
#include "core/support/Target.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lapidary {

// An attribute on the kernel's parameter: {"tt.divisibility", 16}, {"tt.pointer_range", 32}.
struct Property {
  std::string name;
  std::int64_t value = 0;
  bool operator==(const Property &) const = default;
};

// A rule of the set that fired: what masks name, and what the key shows.
struct FiredRule {
  std::string name;      // "divisible-by-16"
  std::string letter;    // "D"; "1" stands for the constant
  std::string attribute; // "tt.divisibility"; may be empty
  std::int64_t value = 0;
  bool inKey = true;      // the letter stands in the key
  bool asProperty = true; // the compiler may rely on it
  bool constant = false;  // the value is folded
  bool operator==(const FiredRule &) const = default;
};

struct ArgumentSpecialization {
  std::string name;
  std::string value; // the argument as shown: "fp16 16384x16384", "1024", "None"
  std::string type;  // "*fp16", "i32", "constexpr", "fp32", ...
  // The key letters as Triton's key holds them: "D", "DS", "", "1"; nothing is Python's None.
  std::optional<std::string> key;
  std::vector<Property> properties;
  std::optional<Value> constant; // folded into the code; declared constexprs too
  bool isDeclaredConstexpr = false;
  std::vector<std::string> suppressed; // properties an opt-out switched off
  std::string rule;                    // the rule that fired, or the nearest that did not
  std::string reason;                  // one sentence: why
  std::string flip;                    // one sentence: the nearest value at which the class changes
  std::vector<FiredRule>
      fired;               // in the order of the set; `properties` are those that are attributes
  std::string genericType; // the type once nothing is folded: "i32" where `type` is "constexpr"
  bool isTuple = false;
  std::vector<ArgumentSpecialization> items; // of a tuple; named "shape[0]"
};

class RuleSets; // RuleSet.h: every rule set known, by name
struct RuleSet;

struct Specialization {
  std::string kernel;
  Target target;
  std::string rules; // the rule set's name, "triton-3.6"
  std::vector<ArgumentSpecialization> arguments;
  std::string key;                                       // the whole key as the release prints it
  std::vector<Diagnostic> warnings;                      // opt-outs that do nothing, ...
  std::vector<std::pair<std::string, Value>> keyOptions; // the options behind the key, in order
  std::shared_ptr<const RuleSet> ruleSet;
  const ArgumentSpecialization *find(const std::string &name) const;
};

// Loads the rule sets of `resourceFolder`, which is a path or, when relative, the name of a folder
// of the resources ("rules", found also inside a self-contained executable), and of a folder of the
// user's own. Errors: NotFound, Unreadable, InvalidInput naming file, field and what was expected.
Result<std::shared_ptr<const RuleSets>> loadRuleSets(const std::string &resourceFolder,
                                                     const std::string &userFolder = {});
std::vector<std::string> ruleSetNames(const RuleSets &sets);
inline constexpr const char *defaultRuleSet = "triton-3.6";

// The launch must be bound (bindLaunch). Errors: NotFound (no such rule set or none for the
// backend), InvalidInput (an integer that no type holds).
Result<Specialization> specialize(const RuleSets &sets, const std::string &ruleSet,
                                  const Target &target, const JitFunction &kernel,
                                  const Launch &launch);

// Which of the properties that fired are used. "all", "none", or a list of "argument",
// "property", "argument:property" ("x_ptr:tt.divisibility", "tt.divisibility", "n", "n:D", "n:1").
struct PropertyMask {
  enum class Kind { All, None, Some } kind = Kind::All;
  std::vector<std::string> items;
  bool operator==(const PropertyMask &) const = default;
};
Result<PropertyMask> parsePropertyMask(const std::string &text);
std::string toString(const PropertyMask &mask);

// The specialization with everything outside the mask taken away: properties dropped, constants
// that came from a value (equal to 1) turned back into runtime arguments of their plain type.
// Declared constexprs and None stay. Errors: NotFound, naming an item of the mask that did not
// fire.
Result<Specialization> applyMask(const Specialization &specialization, const PropertyMask &mask);

// Every single (argument, property) that fired, as masks of one item: what pricing walks over.
std::vector<std::string> firedProperties(const Specialization &specialization);

Json toJson(const Specialization &specialization);

} // namespace lapidary
