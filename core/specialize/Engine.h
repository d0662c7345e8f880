// The launch path: rule set x kernel signature, compiled once to a flat program; evaluating it on a
// launch's arguments writes a key of 64-bit words, hashes it and looks the variant up, without
// allocating and without making a string. Everything readable is decoded from the words afterwards,
// by the same engine, when somebody asks.
//
// A key is a list of words, one class word an argument, followed by what the class cannot say
// alone: a constant's value, a descriptor's block shape, a tuple's elements. Two launches need the
// same compiled kernel exactly when their words are equal (texts and shapes enter by a 64-bit
// hash).
//
//   class word   bits 0-7    type          TypeCode, or pointerType + DType
//                bits 8-15   flags         ClassFlag
//                bits 16-31  key rules     bit i: rule i's letter is in the key
//                bits 32-47  properties    bit i: rule i's property holds
//                bits 48-55  log2 of the divisor that a power-of-two-divisor rule found, plus 1
//                bits 56-63  ArgumentKind of a declared constexpr: 1, 1.0 and True are variants
//                apart
//
// The hash depends on the words alone, so it is the same in every process and on every machine.
//
//   Engine engine = *Engine::compile(rules, signature, options);
//   std::array<std::uint64_t, 64> words;
//   KeyResult key = engine.evaluate(arguments, words);
//   if (key.status == KeyStatus::Done)
//     variant = table.find(std::span(words).first(key.words), key.hash);
#pragma once

#include "core/specialize/RuleSet.h"
#include "core/specialize/Signature.h"

#include <bit>
#include <memory>
#include <span>
#include <vector>

namespace lapidary {

// One argument as a launcher holds it. Value type, owns nothing.
struct ArgumentValue {
  ArgumentKind kind = ArgumentKind::None;
  DType dtype = DType::Int1; // Tensor, Descriptor
  bool isConst = false;      // Tensor: asked for as a const pointer
  std::uint32_t count = 0;   // Tuple: number of items
  // Int: the low and high half of its 128-bit two's complement. Bool: 0 or 1. Float: its bits.
  // Tensor: address of the first element; bytes of the whole storage.
  // Descriptor, Function, Other: a stable 64-bit hash of the shape, the cache key, the value's
  // text.
  std::uint64_t low = 0, high = 0;
  const ArgumentValue *items = nullptr; // Tuple

  static ArgumentValue integer(__int128 value) {
    return {ArgumentKind::Int,          DType::Int1, false, 0, std::uint64_t(value),
            std::uint64_t(value >> 64), nullptr};
  }
  static ArgumentValue tensor(DType dtype, std::uint64_t address, std::uint64_t storageBytes,
                              bool isConst = false) {
    return {ArgumentKind::Tensor, dtype, isConst, 0, address, storageBytes, nullptr};
  }
  static ArgumentValue boolean(bool value) {
    return {ArgumentKind::Bool, DType::Int1, false, 0, value, 0, nullptr};
  }
  static ArgumentValue floating(double value) {
    return {ArgumentKind::Float,
            DType::Int1,
            false,
            0,
            std::bit_cast<std::uint64_t>(value),
            0,
            nullptr};
  }
  __int128 asInteger() const { return __int128((unsigned __int128)(high) << 64 | low); }
};

enum class TypeCode : std::uint8_t {
  None,
  Constexpr,
  Bool,
  I32,
  I64,
  U64,
  Fp32,
  Descriptor,
  Annotated,
  Tuple
};
inline constexpr std::uint8_t pointerType = 32;      // + DType
inline constexpr std::uint8_t constPointerType = 64; // + DType

enum ClassFlag : std::uint8_t {
  classHasKey = 1,      // the key is not None
  classKeyIsValue = 2,  // the key is the constant that a rule gives, not letters
  classFolded = 4,      // that constant is also folded into the code
  classIsDeclared = 8,  // a declared constexpr
  classPayloadShift = 4 // two bits: how many payload words follow
};

struct ArgumentClass {
  std::uint64_t word = 0;
  std::uint8_t type() const { return word & 0xff; }
  bool has(ClassFlag flag) const { return word >> 8 & flag; }
  int payloadWords() const { return word >> (8 + classPayloadShift) & 3; }
  std::uint16_t keyRules() const { return word >> 16 & 0xffff; }
  std::uint16_t properties() const { return word >> 32 & 0xffff; }
  std::int64_t divisor() const {
    return std::int64_t(1) << ((word >> 48 & 0xff) - 1);
  } // when found
};

enum class KeyStatus : std::uint8_t {
  Done,
  IntegerTooWide,       // no type holds the integer
  UnsupportedKind,      // a value that this release takes only as a constexpr
  UnsupportedConstexpr, // a jit function as a constexpr, in the descriptor form
  CountMismatch,        // not one argument a parameter
  NoRoom,               // the span for the words is too short
};

struct KeyResult {
  KeyStatus status = KeyStatus::Done;
  std::uint32_t words = 0;    // how many were written
  std::uint32_t argument = 0; // the one that failed
  std::uint64_t hash = 0;
};

class Engine {
public:
  // `options` switch rules that depend on one (Rule::option); others are ignored.
  static Engine compile(std::shared_ptr<const RuleSet> rules, KernelSignature signature,
                        const std::vector<std::pair<std::string, Value>> &options = {});

  KeyResult evaluate(std::span<const ArgumentValue> arguments,
                     std::span<std::uint64_t> words) const noexcept;
  // The class of one value given to one parameter, or (parameter = itemOfTuple) standing in a
  // tuple.
  KeyStatus classify(std::size_t parameter, const ArgumentValue &value,
                     ArgumentClass &result) const noexcept;
  static constexpr std::size_t itemOfTuple = ~std::size_t(0);

  // The words of one argument alone.
  KeyResult evaluateOne(std::size_t parameter, const ArgumentValue &value,
                        std::span<std::uint64_t> words) const noexcept;

  // Room for the words of these arguments.
  static std::size_t wordsNeeded(std::span<const ArgumentValue> arguments);
  // The hash of words, as evaluate gives it.
  static std::uint64_t hash(std::span<const std::uint64_t> words) noexcept;

  const std::shared_ptr<const RuleSet> &rules() const { return ruleSet; }
  const KernelSignature &signature() const { return kernel; }
  // The rules that an option switched off.
  std::uint16_t rulesSwitchedOff() const { return switchedOff; }

private:
  // A rule with its predicate, and the bits of the class word that it changes.
  struct Step {
    Predicate predicate;
    std::uint64_t set = 0, clear = 0;
    std::uint32_t bit = 0, unless = 0;
  };
  // The predicate of nearly every rule, on the two words of a tensor or of an integer that fits
  // one:
  //   holds  <=>  (low & mask) == pattern  and  high <= span
  // As it stands it never holds.
  struct Comparison {
    std::uint64_t mask = 0, pattern = 1, span = ~std::uint64_t(0);
    bool holds(const ArgumentValue &value) const {
      return ((value.low & mask) == pattern) & (value.high <= span);
    }
  };
  static constexpr std::size_t mostComparisons = 2;
  // What is done for one kind of value given to one parameter. Plain ones have two comparisons, and
  // which of them hold is the index into a table of class words, in which `unless`, opt-outs and
  // folding are settled already. The others go through the steps, from the first class word on.
  struct alignas(64) KindProgram {
    Comparison comparisons[mostComparisons];
    std::uint64_t words[1 << mostComparisons] = {};
    bool isPlain = false;
    std::uint8_t typeMask = 0; // which bits of the value's own type are added
    bool checksWidth = false;  // integers beyond 64 bits are refused
    KeyStatus status = KeyStatus::Done;
    std::uint16_t stepsBegin = 0, stepsEnd = 0;
  };

  // The program of each kind, one after the other; the number of the first.
  std::uint32_t makeProgram(const SignatureParameter &parameter);
  KindProgram makeKind(const SignatureParameter &parameter, ArgumentKind kind) const;
  std::vector<Step> makeSteps(const SignatureParameter &parameter, ArgumentKind kind,
                              bool &isKeyed) const;
  void emit(const std::vector<Step> &rules, ArgumentKind kind, KindProgram &program);
  KeyStatus classWord(std::uint32_t first, const ArgumentValue &value,
                      std::uint64_t &word) const noexcept;
  KeyStatus runSteps(const KindProgram &program, const ArgumentValue &value, std::uint64_t type,
                     std::uint64_t &word) const noexcept;
  struct Cursor {
    std::uint64_t *out;
    KeyStatus status;
    bool dropsTypes; // inside a tuple whose parameter is annotated
  };
  Cursor writeItem(const ArgumentValue &value, Cursor at, const std::uint64_t *end) const noexcept;
  Cursor write(std::uint32_t first, const ArgumentValue &value, std::uint64_t *out,
               const std::uint64_t *end) const noexcept;
  Cursor writePayload(const ArgumentValue &value, Cursor at,
                      const std::uint64_t *end) const noexcept;

  std::shared_ptr<const RuleSet> ruleSet;
  KernelSignature kernel;
  std::uint16_t switchedOff = 0; // rules that an option switched off
  std::vector<Step> steps;
  std::vector<KindProgram> kinds;
  std::vector<std::uint32_t> programs; // one a parameter, then one for the items of tuples
};

} // namespace lapidary
