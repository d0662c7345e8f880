// How many variants of a kernel a program can ask for, which arguments multiply them, and the
// cheapest opt-outs that bring the number under a bound.
//
// Two sources, one answer:
//   declared ranges   what each argument may be; arguments vary independently, so the number is the
//                     product of the classes of each. Classes are found by the structure of the
//                     rules, never by walking the range: 10^12 values cost what ten cost.
//   launches          what a program did launch (JSON Lines of launches, or keys out of a log); the
//                     number is what is distinct among them.
#pragma once

#include "core/source/Launch.h"
#include "core/specialize/Specialization.h"
#include "core/support/Json.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace lapidary {

// What an argument may be.
//   integers  every `step`-th from `low` to `high`, both included
//   tensors   like the launch's, but with its first element at any of `alignments` and with any of
//             `storages` (bytes both); an empty list stands for all there can be
//   values    any of these
struct ArgumentRange {
  enum class Kind { Integers, Tensors, Values } kind = Kind::Values;
  __int128 low = 0, high = 0, step = 1;
  std::vector<std::int64_t> alignments, storages;
  ValueList values;
  bool isOptional = false; // None too
};
using ArgumentRanges = std::map<std::string, ArgumentRange>;

// {"n": {"from": 1, "to": 100000, "step": 8}, "stride": [1, 4096], "BLOCK": [64, 128],
//  "x_ptr": {"alignment": [16, 4], "storage": [4096], "optional": true}, "m": "any"}
// A list holds numbers, texts, true, false, null. "any" is everything of the argument's kind.
// Errors: InvalidInput naming the argument and what was expected; a range without a value.
Result<ArgumentRanges> parseArgumentRanges(std::string_view text, const std::string &context);

// What an argument may be when nobody says: an integer any of 64 bits, a tensor any alignment its
// element type allows and any size; everything else, constexprs too, the value the launch has.
ArgumentRange freeRange(const Value &value, bool isConstexpr);

// A number of variants; exact up to 2^126, above that a lower bound.
struct VariantCount {
  unsigned __int128 value = 1;
  bool isExact = true;
};
std::string toString(
    const VariantCount &count); // "1000000", "more than 85070591730234615865843651857942052864"

inline constexpr std::size_t listedClasses = 64;

// A runtime parameter as a compiled module spells it: its name (empty before Triton 3.5, which
// numbers them) and "!tt.ptr<f32> {tt.divisibility = 16}".
struct ModuleParameter {
  std::string name, text;
  bool operator==(const ModuleParameter &) const = default;
};

// One class of one argument: what Triton's key tells apart.
struct ReachableClass {
  std::string type, key; // "i32", "D"; constexprs: "constexpr", "64"
  std::string example;   // a value of the class, the smallest found; none for keys out of a log
  std::vector<ModuleParameter> parameters; // what is left at run time; none for a constant
};

struct ArgumentVariants {
  std::string name;
  VariantCount count;                  // of its classes
  std::vector<ReachableClass> classes; // of ranges at most `listedClasses` of them
  // By how much the number of variants would shrink if this argument had one class only. Over
  // ranges that is the number of its classes; over launches it is at most that.
  double factor = 1;
};

struct OptOut {
  std::string argument;
  std::string option; // "do_not_specialize", "do_not_specialize_on_alignment"
  int cost = 0;       // properties of this argument that can no longer hold
};

struct OptOutPlan {
  bool reachesBound = false; // false: `count` is the best there is
  bool isCheapest = true;    // false: the search was cut short, a cheaper plan may exist
  std::vector<OptOut> optOuts;
  VariantCount count; // with the opt-outs
  int cost = 0;
};

struct ReachableVariants {
  std::string kernel;
  Target target;
  std::string rules;
  VariantCount count;
  std::vector<ArgumentVariants> arguments; // in the order of the parameters
  std::size_t launches = 0;                // read; 0 for declared ranges
  // Sets of launch options: num_warps and the like. Declared ranges have one, the launch's.
  std::vector<std::vector<std::pair<std::string, Value>>> options;
  // Distinct launches: for each argument the index of its class, then that of the options. Empty
  // for declared ranges.
  std::vector<std::vector<std::uint32_t>> rows;
};

// `launch` gives the arguments that `ranges` does not name, and the options. Errors: as
// specialize(); NotFound for a range of an argument that the kernel does not have; InvalidInput for
// a range of the wrong kind.
Result<ReachableVariants> variantsOfRanges(const RuleSets &sets, const std::string &ruleSet,
                                           const Target &target, const JitFunction &kernel,
                                           const Launch &launch, const ArgumentRanges &ranges);
Result<OptOutPlan> cheapestOptOuts(const RuleSets &sets, const std::string &ruleSet,
                                   const Target &target, const JitFunction &kernel,
                                   const Launch &launch, const ArgumentRanges &ranges,
                                   std::uint64_t bound);

// `launches` are bound. Errors: as specialize(), naming the launch by its name.
Result<ReachableVariants> variantsOfLaunches(const RuleSets &sets, const std::string &ruleSet,
                                             const Target &target, const JitFunction &kernel,
                                             const std::vector<Launch> &launches);
Result<OptOutPlan> cheapestOptOuts(const RuleSets &sets, const std::string &ruleSet,
                                   const Target &target, const JitFunction &kernel,
                                   const std::vector<Launch> &launches, std::uint64_t bound);

// The same over keys, as they stand in a log (one a line; lines without a key are passed over).
// Errors: InvalidInput naming the line; NotFound when no line has a key.
Result<ReachableVariants> variantsOfLog(const RuleSets &sets, const std::string &ruleSet,
                                        const Target &target, const JitFunction &kernel,
                                        std::string_view log);

// A number where JSON has it exactly, else its text.
Json toJson(const VariantCount &count);
// {kernel, target, count, arguments: [{name, classes: [{type, key, example}], factor}]}
Json toJson(const ReachableVariants &report);
Json toJson(const OptOutPlan &plan);

} // namespace lapidary
