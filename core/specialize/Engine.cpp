#include "core/specialize/Engine.h"

#include <algorithm>

namespace lapidary {
namespace {

// Multiplication to 128 bits, folded; the mixing step of the hash.
inline std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return std::uint64_t(product) ^ std::uint64_t(product >> 64);
}

// Whether the upper half only repeats the sign of the lower one.
inline bool fitsSigned(const ArgumentValue &value) {
  return value.high == std::uint64_t(std::int64_t(value.low) >> 63);
}

int typeWidth(const ArgumentValue &value) {
  if (value.kind == ArgumentKind::Int)
    return fitsSigned(value) && std::int64_t(value.low) == std::int32_t(value.low) ? 32 : 64;
  return dtypeBits(value.dtype);
}

// Zero is divisible by every power of two.
std::uint64_t powerOfTwoDivisor(const ArgumentValue &value, const Predicate &predicate) {
  std::uint64_t high = std::uint64_t(predicate.high);
  return value.low == 0 ? high : std::min(value.low & (~value.low + 1), high);
}

bool holds(const Predicate &predicate, const ArgumentValue &value) {
  switch (predicate.kind) {
  case PredicateKind::Always:
    return true;
  case PredicateKind::DivisibleBy:
    if (value.kind == ArgumentKind::None) // a null pointer
      return true;
    return value.kind == ArgumentKind::Tensor ? value.low % std::uint64_t(predicate.low) == 0
                                              : value.asInteger() % predicate.low == 0;
  case PredicateKind::EqualTo:
    return value.asInteger() == predicate.low;
  case PredicateKind::WithinRange:
    return value.asInteger() >= predicate.low && value.asInteger() <= predicate.high;
  case PredicateKind::StorageAtMost:
    return value.high <= std::uint64_t(predicate.low);
  case PredicateKind::PowerOfTwoDivisor:
    return powerOfTwoDivisor(value, predicate) >= std::uint64_t(predicate.low);
  case PredicateKind::TypeWidth: {
    int width = typeWidth(value);
    return width >= predicate.low && width <= predicate.high;
  }
  }
  return false;
}

} // namespace

std::uint64_t Engine::hash(std::span<const std::uint64_t> words) noexcept {
  // Odd constants with half of their bits set; any such would do. Two lanes, so that one
  // multiplication need not wait for the other.
  constexpr std::uint64_t first = 0x9e3779b97f4a7c15, second = 0xd1b54a32d192ed03,
                          third = 0xa0761d6478bd642f, fourth = 0xe7037ed1a0b428db;
  std::uint64_t left = third, right = fourth;
  std::size_t i = 0;
  for (; i + 4 <= words.size(); i += 4) {
    left = fold(words[i] ^ first ^ left, words[i + 1] ^ second);
    right = fold(words[i + 2] ^ second ^ right, words[i + 3] ^ first);
  }
  if (i + 2 <= words.size()) {
    left = fold(words[i] ^ first ^ left, words[i + 1] ^ second);
    i += 2;
  }
  if (i < words.size())
    right = fold(words[i] ^ second ^ right, first);
  return fold(fold(left ^ second, right ^ first) ^ third, words.size() ^ fourth);
}

KeyStatus Engine::runSteps(const KindProgram &program, const ArgumentValue &value,
                           std::uint64_t type, std::uint64_t &word) const noexcept {
  if (value.kind == ArgumentKind::Int && !fitsSigned(value)) {
    if (value.high != 0 && program.checksWidth)
      return KeyStatus::IntegerTooWide;
    TypeCode wide = value.high == 0 ? TypeCode::U64 : TypeCode::I64;
    type = (std::uint64_t(wide) - std::uint64_t(TypeCode::I32)) & program.typeMask;
  }
  word = program.words[0] + type;
  std::uint32_t fired = 0;
  for (std::size_t i = program.stepsBegin; i < program.stepsEnd; ++i) {
    const Step &step = steps[i];
    if (fired & step.unless || !holds(step.predicate, value))
      continue;
    fired |= step.bit;
    word = (word & ~step.clear) | step.set;
    if (step.predicate.kind == PredicateKind::PowerOfTwoDivisor)
      word |= std::uint64_t(std::countr_zero(powerOfTwoDivisor(value, step.predicate)) + 1) << 48;
  }
  return program.status;
}

[[gnu::always_inline]] inline KeyStatus Engine::classWord(std::uint32_t first,
                                                          const ArgumentValue &value,
                                                          std::uint64_t &word) const noexcept {
  const KindProgram &program = kinds[first + unsigned(value.kind)];
  // What the value adds to the type. No branches where the answer depends on the value: which
  // rules hold, and how wide an integer is, is as random as the arguments are.
  std::uint64_t type = 0;
  bool isPlain = program.isPlain;
  if (value.kind == ArgumentKind::Int) {
    isPlain &= fitsSigned(value);
    type = std::uint64_t(std::int64_t(value.low) != std::int32_t(value.low)) & program.typeMask;
    static_assert(int(TypeCode::I64) == int(TypeCode::I32) + 1);
  } else if (value.kind == ArgumentKind::Tensor) {
    type = (std::uint64_t(value.dtype) | std::uint64_t(value.isConst) * pointerType) &
           program.typeMask;
    static_assert(constPointerType == 2 * pointerType && dtypeCount <= pointerType);
  }
  if (!isPlain) [[unlikely]]
    return runSteps(program, value, type, word);
  word = program.words[std::size_t(program.comparisons[0].holds(value)) |
                       std::size_t(program.comparisons[1].holds(value)) << 1] +
         type;
  return KeyStatus::Done;
}

// What follows a class word; only integers that are declared constexprs are common.
Engine::Cursor Engine::writePayload(const ArgumentValue &value, Cursor at,
                                    const std::uint64_t *end) const noexcept {
  ArgumentClass head{at.out[-1]};
  if (value.kind == ArgumentKind::Tuple && !head.has(classIsDeclared)) {
    // An annotation says the type of the whole tuple, and nothing is said of the items' types.
    bool dropsTypes = at.dropsTypes || TypeCode(head.type()) == TypeCode::Annotated;
    *at.out++ = value.count;
    for (std::uint32_t i = 0; i < value.count && at.status == KeyStatus::Done; ++i)
      at = writeItem(value.items[i], {at.out, at.status, dropsTypes}, end);
    return at;
  }
  *at.out++ = value.low;
  if (value.kind == ArgumentKind::Descriptor)
    *at.out++ = std::uint64_t(value.dtype);
  // One word says an integer that fits one; the class word says which it is.
  if (head.has(classIsDeclared) && (value.kind == ArgumentKind::Tensor ||
                                    (value.kind == ArgumentKind::Int && !fitsSigned(value)))) {
    at.out[-2] += std::uint64_t(1) << (8 + classPayloadShift);
    *at.out++ = value.high;
  }
  return at;
}

[[gnu::always_inline]] inline Engine::Cursor
Engine::write(std::uint32_t first, const ArgumentValue &value, std::uint64_t *out,
              const std::uint64_t *end) const noexcept {
  if (end - out < 3) [[unlikely]]
    return {out, KeyStatus::NoRoom, false};
  std::uint64_t word = 0;
  KeyStatus status = classWord(first, value, word);
  *out++ = word;
  if (ArgumentClass{word}.payloadWords() == 0 || status != KeyStatus::Done)
    return {out, status, false};
  return writePayload(value, {out, status, false}, end);
}

Engine::Cursor Engine::writeItem(const ArgumentValue &value, Cursor at,
                                 const std::uint64_t *end) const noexcept {
  Cursor item = write(programs.back(), value, at.out, end);
  if (!at.dropsTypes || item.status != KeyStatus::Done)
    return item;
  constexpr std::uint64_t type = 0xff, payload = std::uint64_t(3) << (8 + classPayloadShift);
  if (value.kind == ArgumentKind::Descriptor) {
    *at.out &= ~(type | payload);
    return {at.out + 1, KeyStatus::Done, true};
  }
  if (value.kind == ArgumentKind::Tuple)
    item = writePayload(value, {at.out + 1, KeyStatus::Done, true}, end);
  *at.out &= ~type;
  return item;
}

KeyStatus Engine::classify(std::size_t parameter, const ArgumentValue &value,
                           ArgumentClass &result) const noexcept {
  return classWord(parameter == itemOfTuple ? programs.back() : programs[parameter], value,
                   result.word);
}

KeyResult Engine::evaluate(std::span<const ArgumentValue> arguments,
                           std::span<std::uint64_t> words) const noexcept {
  KeyResult result;
  if (arguments.size() + 1 != programs.size()) {
    result.status = KeyStatus::CountMismatch;
    return result;
  }
  std::uint64_t *out = words.data();
  const std::uint64_t *end = out + words.size();
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    Cursor at = write(programs[i], arguments[i], out, end);
    out = at.out;
    if (at.status != KeyStatus::Done) [[unlikely]] {
      result.status = at.status;
      result.argument = std::uint32_t(i);
      return result;
    }
  }
  result.words = std::uint32_t(out - words.data());
  result.hash = hash(words.first(result.words));
  return result;
}

KeyResult Engine::evaluateOne(std::size_t parameter, const ArgumentValue &value,
                              std::span<std::uint64_t> words) const noexcept {
  KeyResult result;
  result.argument = std::uint32_t(parameter);
  std::uint64_t *out = words.data();
  Cursor at = write(programs[parameter], value, out, out + words.size());
  result.status = at.status;
  result.words = std::uint32_t(at.out - out);
  result.hash = hash(words.first(result.words));
  return result;
}

std::size_t Engine::wordsNeeded(std::span<const ArgumentValue> arguments) {
  std::size_t words = 0;
  for (const ArgumentValue &value : arguments)
    words += 3 + (value.kind == ArgumentKind::Tuple ? wordsNeeded({value.items, value.count}) : 0);
  return words;
}

} // namespace lapidary
