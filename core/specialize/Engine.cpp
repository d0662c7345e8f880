#include "core/specialize/Engine.h"

#include <algorithm>
#include <cstring>

namespace lapidary {
namespace {

constexpr std::uint64_t keyBit(int rule) {
  return std::uint64_t(1) << (16 + rule);
}
constexpr std::uint64_t propertyBit(int rule) {
  return std::uint64_t(1) << (32 + rule);
}
constexpr std::uint64_t flagBits(unsigned flags) {
  return std::uint64_t(flags) << 8;
}
constexpr std::uint64_t payload(unsigned words) {
  return flagBits(words << classPayloadShift);
}
constexpr std::uint64_t allKeyBits = std::uint64_t(0xffff) << 16;

// Multiplication to 128 bits, folded; the mixing step of the hash.
std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return std::uint64_t(product) ^ std::uint64_t(product >> 64);
}

enum class IntegerWidth { I32, I64, U64, Wide };

IntegerWidth widthOf(const ArgumentValue &value) {
  std::int64_t low = std::int64_t(value.low);
  if (value.high == std::uint64_t(low >> 63)) [[likely]]
    return low == std::int32_t(low) ? IntegerWidth::I32 : IntegerWidth::I64;
  return value.high == 0 ? IntegerWidth::U64 : IntegerWidth::Wide;
}

int typeWidth(const ArgumentValue &value) {
  if (value.kind == ArgumentKind::Int)
    return widthOf(value) == IntegerWidth::I32 ? 32 : 64;
  return dtypeBits(value.dtype);
}

} // namespace

Engine Engine::compile(std::shared_ptr<const RuleSet> rules, KernelSignature signature,
                       const std::vector<std::pair<std::string, Value>> &options) {
  Engine engine;
  engine.ruleSet = std::move(rules);
  engine.kernel = std::move(signature);
  for (std::size_t i = 0; i < engine.ruleSet->rules.size(); ++i) {
    const Rule &rule = engine.ruleSet->rules[i];
    if (rule.option.empty())
      continue;
    auto given =
        std::ranges::find(options, rule.option, [](const auto &option) { return option.first; });
    if (given == options.end() ? !rule.optionDefault : !truthy(given->second))
      engine.switchedOff |= 1u << i;
  }
  for (const SignatureParameter &parameter : engine.kernel.parameters)
    engine.programs.push_back(engine.makeProgram(parameter));
  engine.programs.push_back(engine.makeProgram({}));
  return engine;
}

Engine::ParameterProgram Engine::makeProgram(const SignatureParameter &parameter) {
  ParameterProgram program;
  program.isConstexpr = parameter.isConstexpr;
  program.isConst = parameter.isConst;
  program.skipsValue = parameter.skipsValue;
  program.annotated = !parameter.annotatedType.empty();
  for (int kind = 0; kind < argumentKindCount; ++kind)
    program.kinds[kind] = emit(parameter, ArgumentKind(kind));
  return program;
}

Engine::Range Engine::emit(const SignatureParameter &parameter, ArgumentKind kind) {
  bool isDescriptor = ruleSet->form == KeyForm::Descriptor;
  bool isOptedOut = parameter.optOuts & optOutOfValue;
  Range range{std::uint16_t(steps.size()), std::uint16_t(steps.size()), false};
  if (parameter.skipsValue || (parameter.isConstexpr && !isDescriptor))
    return range;
  range.keyed = isDescriptor && !isOptedOut && !parameter.isConstexpr;
  for (std::size_t i = 0; i < ruleSet->rules.size(); ++i) {
    const Rule &rule = ruleSet->rules[i];
    bool inKey = !(rule.keyOptOuts & parameter.optOuts) && !parameter.isConstexpr;
    bool asProperty = !(rule.optOuts & parameter.optOuts);
    if (!rule.applies(kind))
      continue;
    // In the list form a value that some rule may look at has a key, if only an empty one.
    range.keyed |= !isDescriptor && !(rule.keyOptOuts & parameter.optOuts & optOutOfValue);
    if (!(inKey || asProperty) || switchedOff >> i & 1)
      continue;
    Step step;
    step.bit = 1u << i;
    step.unless = rule.unless;
    step.low = rule.predicate.low;
    step.high = rule.predicate.high;
    if (inKey)
      step.set |= keyBit(i);
    if (asProperty)
      step.set |= propertyBit(i);
    switch (rule.predicate.kind) {
    case PredicateKind::Always:
      step.code = Step::Always;
      break;
    case PredicateKind::DivisibleBy:
      step.code = std::has_single_bit(std::uint64_t(step.low)) ? Step::MaskIsZero : Step::Divides;
      if (kind == ArgumentKind::None) // None counts as the null pointer
        step.code = Step::Always;
      if (step.code == Step::MaskIsZero)
        --step.low;
      break;
    case PredicateKind::EqualTo:
      step.code = Step::Equals;
      break;
    case PredicateKind::WithinRange:
      step.code = Step::Within;
      break;
    case PredicateKind::StorageAtMost:
      step.code = Step::StorageAtMost;
      break;
    case PredicateKind::PowerOfTwoDivisor:
      step.code = Step::PowerOfTwo;
      break;
    case PredicateKind::TypeWidth:
      step.code = Step::Width;
      break;
    }
    if (rule.constant && isDescriptor) {
      step.set |= flagBits(classFolded);
    } else if (rule.constant) {
      step.code = Step::EqualsFolding;
      step.clear = allKeyBits | std::uint64_t(0xffff) << 32 | std::uint64_t(0xff) << 48;
      step.set = keyBit(i) | flagBits(classKeyIsValue);
      if (parameter.annotatedType.empty()) {
        step.clear |= 0xff;
        step.set |= std::uint64_t(TypeCode::Constexpr) | flagBits(classFolded);
      }
    }
    steps.push_back(step);
  }
  range.end = std::uint16_t(steps.size());
  return range;
}

std::uint64_t Engine::run(const Range &range, const ArgumentValue &value,
                          std::uint64_t word) const noexcept {
  if (range.keyed)
    word |= flagBits(classHasKey);
  std::uint16_t fired = 0;
  for (const Step *step = steps.data() + range.begin, *end = steps.data() + range.end; step != end;
       ++step) {
    if (fired & step->unless)
      continue;
    bool holds = false;
    switch (step->code) {
    case Step::Always:
      holds = true;
      break;
    case Step::MaskIsZero:
      holds = (value.low & std::uint64_t(step->low)) == 0;
      break;
    case Step::Divides:
      holds = value.kind == ArgumentKind::Tensor ? value.low % std::uint64_t(step->low) == 0
                                                 : value.asInteger() % step->low == 0;
      break;
    case Step::Equals:
    case Step::EqualsFolding:
      holds = value.low == std::uint64_t(step->low) && value.high == std::uint64_t(step->low >> 63);
      break;
    case Step::Within:
      holds = value.asInteger() >= step->low && value.asInteger() <= step->high;
      break;
    case Step::StorageAtMost:
      holds = value.high <= std::uint64_t(step->low);
      break;
    case Step::PowerOfTwo: {
      std::uint64_t divisor = value.low == 0 ? step->high : value.low & (~value.low + 1);
      divisor = std::min(divisor, std::uint64_t(step->high));
      holds = divisor >= std::uint64_t(step->low);
      if (holds)
        word |= std::uint64_t(std::countr_zero(divisor) + 1) << 48;
      break;
    }
    case Step::Width: {
      int width = typeWidth(value);
      holds = width >= step->low && width <= step->high;
      break;
    }
    }
    if (!holds)
      continue;
    fired |= step->bit;
    word = (word & ~step->clear) | step->set;
    if (step->code == Step::EqualsFolding)
      break;
  }
  return word;
}

KeyStatus Engine::classWord(const ParameterProgram &program, const ArgumentValue &value,
                            std::uint64_t &word) const noexcept {
  const Range &range = program.kinds[int(value.kind)];
  if (program.isConstexpr) {
    if (value.kind == ArgumentKind::Function && ruleSet->form == KeyForm::Descriptor)
      return KeyStatus::UnsupportedConstexpr;
    word = run(range, value,
               std::uint64_t(TypeCode::Constexpr) | flagBits(classIsDeclared) | payload(2) |
                   std::uint64_t(value.kind) << 56);
    return KeyStatus::Done;
  }
  if (program.skipsValue) {
    word = std::uint64_t(TypeCode::Annotated);
    return KeyStatus::Done;
  }
  // In the descriptor form an annotation is the type, whatever the value is.
  if (program.annotated && ruleSet->form == KeyForm::Descriptor) {
    word = run(range, value, std::uint64_t(TypeCode::Annotated));
    return KeyStatus::Done;
  }
  std::uint64_t type = 0;
  switch (value.kind) {
  case ArgumentKind::None:
    type = std::uint64_t(TypeCode::None);
    break;
  case ArgumentKind::Bool:
    type = std::uint64_t(TypeCode::Bool);
    break;
  case ArgumentKind::Float:
    type = std::uint64_t(TypeCode::Fp32);
    break;
  case ArgumentKind::Int:
    switch (widthOf(value)) {
    case IntegerWidth::I32:
      type = std::uint64_t(TypeCode::I32);
      break;
    case IntegerWidth::I64:
      type = std::uint64_t(TypeCode::I64);
      break;
    case IntegerWidth::U64:
      type = std::uint64_t(TypeCode::U64);
      break;
    case IntegerWidth::Wide:
      if (!ruleSet->wideIntegersAreI64)
        return KeyStatus::IntegerTooWide;
      type = std::uint64_t(TypeCode::I64);
      break;
    }
    break;
  case ArgumentKind::Tensor:
    type = (program.isConst || value.isConst ? constPointerType : pointerType) +
           std::uint64_t(value.dtype);
    break;
  case ArgumentKind::Descriptor:
    if (!ruleSet->tensorDescriptors)
      return KeyStatus::UnsupportedKind;
    type = std::uint64_t(TypeCode::Descriptor) | payload(2);
    break;
  case ArgumentKind::Function:
    if (ruleSet->form == KeyForm::Descriptor)
      return KeyStatus::UnsupportedKind;
    type = std::uint64_t(TypeCode::Constexpr) | flagBits(classHasKey) | payload(1);
    break;
  case ArgumentKind::Tuple:
    if (!ruleSet->tuples)
      return KeyStatus::UnsupportedKind;
    type = std::uint64_t(TypeCode::Tuple) | flagBits(classHasKey) | payload(1);
    break;
  case ArgumentKind::Other:
    return KeyStatus::UnsupportedKind;
  }
  if (program.annotated)
    type = (type & ~std::uint64_t(0xff)) | std::uint64_t(TypeCode::Annotated);
  word = run(range, value, type);
  return KeyStatus::Done;
}

KeyStatus Engine::write(const ParameterProgram &program, const ArgumentValue &value,
                        std::uint64_t *&out, const std::uint64_t *end) const noexcept {
  if (end - out < 3)
    return KeyStatus::NoRoom;
  std::uint64_t word = 0;
  if (KeyStatus status = classWord(program, value, word); status != KeyStatus::Done)
    return status;
  *out++ = word;
  int words = ArgumentClass{word}.payloadWords();
  if (words == 0) [[likely]]
    return KeyStatus::Done;
  if (words == 2) {
    *out++ = value.low;
    *out++ = program.isConstexpr ? value.high : std::uint64_t(value.dtype);
    return KeyStatus::Done;
  }
  if (value.kind != ArgumentKind::Tuple) {
    *out++ = value.low;
    return KeyStatus::Done;
  }
  *out++ = value.count;
  for (std::uint32_t i = 0; i < value.count; ++i)
    if (KeyStatus status = write(programs.back(), value.items[i], out, end);
        status != KeyStatus::Done)
      return status;
  return KeyStatus::Done;
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
    result.status = write(programs[i], arguments[i], out, end);
    if (result.status != KeyStatus::Done) [[unlikely]] {
      result.argument = std::uint32_t(i);
      return result;
    }
  }
  result.words = std::uint32_t(out - words.data());
  result.hash = hash(words.first(result.words));
  return result;
}

std::size_t Engine::wordsNeeded(std::span<const ArgumentValue> arguments) {
  std::size_t words = 0;
  for (const ArgumentValue &value : arguments)
    words += 3 + (value.kind == ArgumentKind::Tuple ? wordsNeeded({value.items, value.count}) : 0);
  return words;
}

std::uint64_t Engine::hash(std::span<const std::uint64_t> words) noexcept {
  // Odd constants with half of their bits set; any such would do.
  constexpr std::uint64_t first = 0x9e3779b97f4a7c15, second = 0xd1b54a32d192ed03;
  std::uint64_t hash = words.size() * first;
  std::size_t i = 0;
  for (; i + 2 <= words.size(); i += 2)
    hash = fold(words[i] ^ first ^ hash, words[i + 1] ^ second);
  if (i < words.size())
    hash = fold(words[i] ^ first ^ hash, second);
  return fold(hash ^ second, first);
}

int VariantTable::find(std::span<const std::uint64_t> words, std::uint64_t hash) const noexcept {
  if (slots.empty())
    return -1;
  std::size_t mask = slots.size() - 1;
  for (std::size_t slot = hash & mask;; slot = (slot + 1) & mask) {
    std::int32_t number = slots[slot];
    if (number < 0)
      return -1;
    const Entry &entry = entries[number];
    if (entry.hash == hash && entry.count == words.size() &&
        std::memcmp(storage.data() + entry.begin, words.data(), words.size_bytes()) == 0)
      return number;
  }
}

int VariantTable::add(std::span<const std::uint64_t> words, std::uint64_t hash) {
  if (int found = find(words, hash); found >= 0)
    return found;
  if ((entries.size() + 1) * 2 > slots.size())
    grow();
  int number = int(entries.size());
  entries.push_back({hash, std::uint32_t(storage.size()), std::uint32_t(words.size())});
  storage.insert(storage.end(), words.begin(), words.end());
  std::size_t mask = slots.size() - 1, slot = hash & mask;
  while (slots[slot] >= 0)
    slot = (slot + 1) & mask;
  slots[slot] = number;
  return number;
}

void VariantTable::grow() {
  slots.assign(std::max<std::size_t>(16, slots.size() * 2), -1);
  std::size_t mask = slots.size() - 1;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    std::size_t slot = entries[i].hash & mask;
    while (slots[slot] >= 0)
      slot = (slot + 1) & mask;
    slots[slot] = std::int32_t(i);
  }
}

std::span<const std::uint64_t> VariantTable::words(int number) const {
  const Entry &entry = entries[number];
  return {storage.data() + entry.begin, entry.count};
}

} // namespace lapidary
