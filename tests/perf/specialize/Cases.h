// What the benchmark times and what callgrind counts: the same loops.
#pragma once

#include "core/specialize/Engine.h"
#include "core/specialize/VariantTable.h"

#include <array>
#include <random>
#include <vector>

namespace lapidary::perf {

inline std::shared_ptr<const RuleSet> rulesFor(const char *backend) {
  auto sets = RuleSets::load({LAPIDARY_SOURCE_DIR "/resources/rules"});
  return *(*sets)->find("triton-3.6", Target{backend, "gfx942"});
}

inline KernelSignature signatureOf(std::size_t runtime, std::size_t constexprs) {
  KernelSignature signature;
  signature.parameters.resize(runtime + constexprs);
  for (std::size_t i = runtime; i < signature.parameters.size(); ++i)
    signature.parameters[i].isConstexpr = true;
  return signature;
}

// One parameter, arguments of one kind: what a single argument costs.
struct OneArgument {
  Engine engine;
  std::vector<ArgumentValue> values;
  std::uint64_t sum = 0;

  static OneArgument tensors(const char *backend) {
    OneArgument result{Engine::compile(rulesFor(backend), signatureOf(1, 0)), {}};
    std::mt19937_64 random(1);
    for (int i = 0; i < 1024; ++i)
      result.values.push_back(
          ArgumentValue::tensor(DType::Fp16, random() & ~7ull, random() & 0xffffffffull));
    return result;
  }
  static OneArgument integers() {
    OneArgument result{Engine::compile(rulesFor("cuda"), signatureOf(1, 0)), {}};
    std::mt19937_64 random(1);
    for (int i = 0; i < 1024; ++i)
      result.values.push_back(ArgumentValue::integer(std::int64_t(random() >> (random() % 60)) &
                                                     (i % 2 ? ~0ll : ~15ll)));
    return result;
  }
  void run() {
    for (const ArgumentValue &value : values) {
      ArgumentClass found;
      engine.classify(0, value, found);
      sum += found.word;
    }
  }
};

// The twelve-argument matrix product with its four block sizes, and 10,000 variants of it.
struct Matmul {
  Engine engine;
  VariantTable table;
  std::vector<std::array<ArgumentValue, 16>> launches;
  std::uint64_t sum = 0;

  explicit Matmul(const char *backend)
      : engine(Engine::compile(rulesFor(backend), signatureOf(12, 4))) {
    std::mt19937_64 random(1);
    std::array<std::uint64_t, 64> words;
    while (table.size() < 10'000) {
      std::array<ArgumentValue, 16> launch = draw(random);
      KeyResult key = engine.evaluate(launch, words);
      std::size_t known = table.size();
      if (table.add(std::span(words).first(key.words), key.hash) == int(known) &&
          launches.size() < 1024)
        launches.push_back(launch);
    }
  }

  static std::array<ArgumentValue, 16> draw(std::mt19937_64 &random) {
    std::array<ArgumentValue, 16> launch;
    for (int i = 0; i < 3; ++i)
      launch[i] = ArgumentValue::tensor(random() % 2 ? DType::Fp16 : DType::BF16, random() & ~7ull,
                                        random() & 0xffffffffull);
    for (int i = 3; i < 12; ++i)
      launch[i] = ArgumentValue::integer(random() % 3 == 0 ? 1 : random() % 2 ? 4096 : 1000);
    for (int i = 12; i < 16; ++i)
      launch[i] = ArgumentValue::integer(std::int64_t(16) << random() % 4);
    return launch;
  }
  bool key(std::size_t i) {
    std::array<std::uint64_t, 64> words;
    KeyResult key = engine.evaluate(launches[i % launches.size()], words);
    sum += key.hash;
    return key.status == KeyStatus::Done;
  }
  bool keyAndLookup(std::size_t i) {
    std::array<std::uint64_t, 64> words;
    KeyResult key = engine.evaluate(launches[i % launches.size()], words);
    int found = table.find(std::span(words).first(key.words), key.hash);
    sum += found;
    return found >= 0;
  }
};

} // namespace lapidary::perf
