#include "core/specialize/Engine.h"
#include "core/specialize/Arguments.h"
#include "core/specialize/VariantTable.h"
#include "tests/unit/specialize/Fixture.h"

#include <array>
#include <atomic>
#include <cstdlib>
#include <new>
#include <random>

// Counts what this program allocates. Every form that a sanitizer would serve itself is replaced,
// so that memory is given back to where it came from; over-aligned forms are left in pairs.
namespace {
std::atomic<std::size_t> allocations{0};

void *allocate(std::size_t size) noexcept {
  ++allocations;
  return std::malloc(size ? size : 1);
}
} // namespace

void *operator new(std::size_t size) {
  if (void *memory = allocate(size))
    return memory;
  throw std::bad_alloc();
}
void *operator new[](std::size_t size) {
  return operator new(size);
}
void *operator new(std::size_t size, const std::nothrow_t &) noexcept {
  return allocate(size);
}
void *operator new[](std::size_t size, const std::nothrow_t &) noexcept {
  return allocate(size);
}
void operator delete(void *memory) noexcept {
  std::free(memory);
}
void operator delete[](void *memory) noexcept {
  std::free(memory);
}
void operator delete(void *memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void *memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void *memory, const std::nothrow_t &) noexcept {
  std::free(memory);
}
void operator delete[](void *memory, const std::nothrow_t &) noexcept {
  std::free(memory);
}

using namespace lapidary;
using namespace lapidary::test;

namespace {

using Words = std::vector<std::uint64_t>;

Words wordsOf(const Engine &engine, const std::vector<ArgumentValue> &arguments) {
  Words words(Engine::wordsNeeded(arguments));
  KeyResult key = engine.evaluate(arguments, words);
  EXPECT_EQ(key.status, KeyStatus::Done);
  words.resize(key.words);
  EXPECT_EQ(key.hash, Engine::hash(words));
  return words;
}

Engine engineFor(const std::string &rules, const Target &target, const JitFunction &function) {
  auto set = *builtinRules()->find(rules, target);
  return Engine::compile(set, makeSignature(function, *set));
}

// What a rule set says, read rule by rule: the definition, without the engine.
bool holdsByDefinition(const Rule &rule, const ArgumentValue &value) {
  const Predicate &p = rule.predicate;
  bool isTensor = value.kind == ArgumentKind::Tensor;
  __int128 number = isTensor ? __int128(value.low) : value.asInteger();
  switch (p.kind) {
  case PredicateKind::Always:
    return true;
  case PredicateKind::DivisibleBy:
    return number % p.low == 0;
  case PredicateKind::EqualTo:
    return number == p.low;
  case PredicateKind::WithinRange:
    return number >= p.low && number <= p.high;
  case PredicateKind::StorageAtMost:
    return __int128(value.high) <= p.low;
  case PredicateKind::PowerOfTwoDivisor:
    return number % p.low == 0;
  case PredicateKind::TypeWidth: {
    int width = isTensor                                     ? dtypeBits(value.dtype)
                : number >= INT32_MIN && number <= INT32_MAX ? 32
                                                             : 64;
    return width >= p.low && width <= p.high;
  }
  }
  return false;
}

RuleSet randomRules(std::mt19937 &random) {
  auto pick = [&](std::int64_t low, std::int64_t high) {
    return low + std::int64_t(random() % std::uint64_t(high - low + 1));
  };
  RuleSet set;
  std::size_t count = pick(1, 8);
  bool hasDivisor = false;
  for (std::size_t i = 0; i < count; ++i) {
    Rule rule;
    rule.letter = std::string(1, char('A' + i));
    rule.name = rule.letter;
    rule.kinds = 1u << int(ArgumentKind::Int);
    switch (pick(0, 6)) {
    case 0:
      rule.predicate = {PredicateKind::Always, 0, 0};
      break;
    case 1:
      rule.predicate = {PredicateKind::EqualTo, pick(-2, 2), 0};
      break;
    case 2:
      rule.predicate = {PredicateKind::WithinRange, pick(-40, 0), pick(1, 60)};
      break;
    case 3:
      rule.predicate = {PredicateKind::StorageAtMost, pick(0, 4000), 0};
      rule.kinds = 0;
      break;
    case 4:
      rule.predicate = {PredicateKind::TypeWidth, pick(8, 32), pick(33, 64)};
      break;
    case 5:
      if (!hasDivisor) {
        rule.predicate = {PredicateKind::PowerOfTwoDivisor, 2, 1 << pick(2, 6)};
        hasDivisor = true;
        break;
      }
      [[fallthrough]];
    default:
      rule.predicate = {PredicateKind::DivisibleBy, pick(2, 16), 0};
    }
    if (rule.predicate.kind != PredicateKind::EqualTo &&
        rule.predicate.kind != PredicateKind::WithinRange)
      rule.kinds |= 1u << int(ArgumentKind::Tensor);
    if (i > 0 && pick(0, 2) == 0)
      rule.unless = 1u << pick(0, std::int64_t(i) - 1);
    rule.optOuts = rule.keyOptOuts = pick(0, 3);
    if (pick(0, 3) == 0)
      rule.keyOptOuts = pick(0, 3);
    set.rules.push_back(rule);
  }
  return set;
}

TEST(Engine, DecidesAsTheRulesAreWritten) {
  std::mt19937 random(7);
  for (int round = 0; round < 400; ++round) {
    auto rules = std::make_shared<const RuleSet>(randomRules(random));
    KernelSignature signature;
    signature.parameters.resize(1);
    std::uint8_t optOuts = signature.parameters[0].optOuts = random() % 4;
    Engine engine = Engine::compile(rules, signature);
    for (int i = 0; i < 100; ++i) {
      std::int64_t number = std::int64_t(random() % 200) - 100;
      if (i % 10 == 0)
        number <<= random() % 40;
      ArgumentValue value = i % 2 ? ArgumentValue::integer(number)
                                  : ArgumentValue::tensor(DType(random() % dtypeCount),
                                                          std::uint64_t(number), random() % 5000);
      std::uint16_t inKey = 0, properties = 0, fired = 0;
      for (std::size_t r = 0; r < rules->rules.size(); ++r) {
        const Rule &rule = rules->rules[r];
        bool isKeyed = !(rule.keyOptOuts & optOuts), isProperty = !(rule.optOuts & optOuts);
        if (!rule.applies(value.kind) || !(isKeyed || isProperty) || fired & rule.unless ||
            !holdsByDefinition(rule, value))
          continue;
        fired |= 1u << r;
        inKey |= isKeyed << r;
        properties |= isProperty << r;
      }
      ArgumentClass found;
      ASSERT_EQ(engine.classify(0, value, found), KeyStatus::Done);
      ASSERT_EQ(found.keyRules(), inKey) << "round " << round << " value " << number;
      ASSERT_EQ(found.properties(), properties) << "round " << round << " value " << number;
    }
  }
}

TEST(Engine, IntegerTypesAreExactAtTheirEnds) {
  JitFunction function = kernel({"n"});
  Engine engine = engineFor("triton-3.6", cuda, function);
  auto type = [&](__int128 value) {
    ArgumentClass found;
    KeyStatus status = engine.classify(0, ArgumentValue::integer(value), found);
    return status == KeyStatus::Done ? int(found.type()) : -1;
  };
  __int128 one = 1;
  EXPECT_EQ(type(-(one << 31)), int(TypeCode::I32));
  EXPECT_EQ(type(-(one << 31) - 1), int(TypeCode::I64));
  EXPECT_EQ(type((one << 31) - 1), int(TypeCode::I32));
  EXPECT_EQ(type(one << 31), int(TypeCode::I64));
  EXPECT_EQ(type((one << 63) - 1), int(TypeCode::I64));
  EXPECT_EQ(type(one << 63), int(TypeCode::U64));
  EXPECT_EQ(type((one << 64) - 1), int(TypeCode::U64));
  EXPECT_EQ(type(one << 64), -1);
  EXPECT_EQ(type(-(one << 63)), int(TypeCode::I64));
  EXPECT_EQ(type(-(one << 63) - 1), -1);
  // Up to 3.5 they are taken, and fail when the kernel is launched.
  Engine old = engineFor("triton-3.5", cuda, function);
  ArgumentClass found;
  EXPECT_EQ(old.classify(0, ArgumentValue::integer(one << 64), found), KeyStatus::Done);
  EXPECT_EQ(found.type(), int(TypeCode::I64));
}

TEST(Engine, LaunchPathAllocatesNothing) {
  JitFunction function = matmul();
  Engine engine = engineFor("triton-3.6", hip, function);
  auto arguments = BoundArguments::bind(engine.signature(), matmulLaunch(function));
  ASSERT_TRUE(arguments);
  std::array<std::uint64_t, 64> words;
  VariantTable table;
  KeyResult first = engine.evaluate(arguments->values(), words);
  table.add(std::span(words).first(first.words), first.hash);
  std::size_t before = allocations;
  KeyResult key = engine.evaluate(arguments->values(), words);
  int found = table.find(std::span(words).first(key.words), key.hash);
  EXPECT_EQ(allocations, before);
  EXPECT_EQ(found, 0);
}

// A change of these numbers is a change of every stored hash.
TEST(Engine, HashIsTheSameEverywhere) {
  EXPECT_EQ(Engine::hash({}), 2452674390737511974u);
  EXPECT_EQ(Engine::hash(Words{1}), 13435198436027269850u);
  EXPECT_EQ(Engine::hash(Words{1, 2, 3, 4, 5, 6, 7, 8, 9}), 12344556017182432476u);
  std::set<std::uint64_t> seen;
  for (std::size_t length = 0; length < 40; ++length) {
    Words words(length);
    seen.insert(Engine::hash(words)); // zeros: the length alone tells them apart
    for (std::size_t i = 0; i < length; ++i) {
      words[i] = 1;
      seen.insert(Engine::hash(words));
      words[i] = 0;
    }
  }
  EXPECT_EQ(seen.size(), 40u + 39 * 40 / 2);
}

TEST(Engine, WordsTellApartWhatTritonTellsApart) {
  JitFunction function = kernel({"x", "C: tl.constexpr"});
  Engine engine = engineFor("triton-3.6", cuda, function);
  auto words = [&](const Value &x, const Value &c) {
    BoundArguments arguments;
    return wordsOf(engine, {arguments.convert(x), arguments.convert(c)});
  };
  Value four = integer(4), none{NoneValue{}};
  EXPECT_EQ(words(integer(16), four), words(integer(32), four));
  EXPECT_NE(words(integer(16), four), words(integer(17), four));
  EXPECT_NE(words(integer(16), four), words(integer(16), integer(5)));
  EXPECT_NE(words(integer(16), integer(1)), words(integer(16), Value{true}));
  EXPECT_NE(words(integer(16), integer(1)), words(integer(16), Value{1.0}));
  EXPECT_NE(words(integer(2), integer(-1)), words(integer(2), integer((__int128(1) << 64) - 1)));
  EXPECT_NE(words(none, four), words(integer(0), four));
  Value pair{TupleValue{{integer(16), integer(3)}}}, other{TupleValue{{integer(3), integer(16)}}};
  EXPECT_NE(words(pair, four), words(other, four));
  EXPECT_EQ(words(pair, four), words(Value{TupleValue{{integer(48), integer(5)}}}, four));
  Value nested{TupleValue{{Value{TupleValue{{integer(16)}}}, integer(3)}}};
  EXPECT_NE(words(pair, four), words(nested, four));
  EXPECT_NE(words(tensor(DType::Fp16, {64}), four), words(tensor(DType::BF16, {64}), four));
}

TEST(Engine, RefusesWhatDoesNotFit) {
  JitFunction function = kernel({"x", "y"});
  Engine engine = engineFor("triton-3.6", cuda, function);
  std::array<std::uint64_t, 4> words;
  std::array<ArgumentValue, 2> arguments;
  EXPECT_EQ(engine.evaluate(std::span(arguments).first(1), words).status, KeyStatus::CountMismatch);
  EXPECT_EQ(engine.evaluate(arguments, std::span(words).first(2)).status, KeyStatus::NoRoom);
  arguments[1] = ArgumentValue::integer(__int128(1) << 70);
  KeyResult result = engine.evaluate(arguments, words);
  EXPECT_EQ(result.status, KeyStatus::IntegerTooWide);
  EXPECT_EQ(result.argument, 1u);
}

TEST(VariantTable, FindsEachOfManyAndNothingElse) {
  VariantTable table;
  std::mt19937_64 random(3);
  std::vector<Words> keys;
  for (int i = 0; i < 5000; ++i) {
    Words words(1 + random() % 30);
    for (std::uint64_t &word : words)
      word = random() % 4;
    words.push_back(std::uint64_t(i));
    ASSERT_EQ(table.find(words, Engine::hash(words)), -1);
    ASSERT_EQ(table.add(words, Engine::hash(words)), i);
    keys.push_back(words);
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    ASSERT_EQ(table.find(keys[i], Engine::hash(keys[i])), int(i));
    ASSERT_EQ(table.add(keys[i], Engine::hash(keys[i])), int(i));
    EXPECT_TRUE(std::ranges::equal(table.words(int(i)), keys[i]));
  }
  // Equal hashes of unequal keys are told apart.
  VariantTable colliding;
  EXPECT_EQ(colliding.add(Words{1}, 99), 0);
  EXPECT_EQ(colliding.add(Words{2}, 99), 1);
  EXPECT_EQ(colliding.find(Words{2}, 99), 1);
  EXPECT_EQ(colliding.find(Words{3}, 99), -1);
}

} // namespace
