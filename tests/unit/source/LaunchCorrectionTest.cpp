#include "core/source/Launch.h"

#include <gtest/gtest.h>

namespace lapidary {
namespace {

const char *const kernelText =
    "import triton\nimport triton.language as tl\n"
    "@triton.jit\ndef k(p, q, n, x, BLOCK: tl.constexpr, FLAG: tl.constexpr):\n"
    "  o = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)\n"
    "  if FLAG:\n    o += n\n"
    "  tl.store(q + o, tl.load(p + o, mask=o < n))\n";

// Guesses a launch for which `tryLaunch` says what to change.
Launch corrected(const TryLaunch &tryLaunch) {
  auto file = parseKernelFile(kernelText, "correct.py");
  return guessLaunch(*file, *file->find("k"), tryLaunch);
}

std::string text(const Launch &launch, const std::string &name) {
  const Value *value = launch.argument(name);
  return value ? repr(*value) : "none";
}

DType elements(const Launch &launch, const std::string &name) {
  const Value *value = launch.argument(name);
  const auto *tensor = value ? value->as<TensorArgument>() : nullptr;
  return tensor ? tensor->dtype : DType::Int1;
}

TEST(LaunchCorrection, keepsAGuessThatFits) {
  auto file = parseKernelFile(kernelText, "correct.py");
  const Launch guess = guessLaunch(*file, *file->find("k"));
  const Launch same = corrected([](const Launch &) { return std::nullopt; });
  EXPECT_EQ(toJson(same), toJson(guess));
}

TEST(LaunchCorrection, followsWhatItIsTold) {
  int tries = 0;
  const Launch launch =
      corrected([&](const Launch &launch) -> std::optional<std::vector<LaunchHint>> {
        ++tries;
        if (elements(launch, "p") != DType::Int32)
          return {{{LaunchHint::Kind::Elements, "p", DType::Int32}}};
        const Value *x = launch.argument("x");
        if (!x || !x->as<TensorArgument>())
          return {{{LaunchHint::Kind::Pointer, "x", DType::Fp16}}};
        return std::nullopt;
      });
  EXPECT_EQ(tries, 3);
  EXPECT_EQ(elements(launch, "p"), DType::Int32);
  EXPECT_EQ(launch.argument("p")->as<TensorArgument>()->init, "randint:0:1024");
  EXPECT_EQ(elements(launch, "x"), DType::Fp16);
  EXPECT_TRUE(launch.guessed.contains("x"));
}

TEST(LaunchCorrection, endsWhereUsesContradictEachOther) {
  int tries = 0;
  const Launch launch =
      corrected([&](const Launch &launch) -> std::optional<std::vector<LaunchHint>> {
        ++tries;
        const DType other = elements(launch, "p") == DType::Int32 ? DType::Fp32 : DType::Int32;
        return {{{LaunchHint::Kind::Elements, "p", other}}};
      });
  EXPECT_LT(tries, 100);
  EXPECT_EQ(elements(launch, "p"), DType::Fp32); // the first guess
}

TEST(LaunchCorrection, triesOtherTilesAndFlags) {
  const Launch tiles =
      corrected([](const Launch &launch) -> std::optional<std::vector<LaunchHint>> {
        if (text(launch, "BLOCK") == "16")
          return std::nullopt;
        return std::vector<LaunchHint>{};
      });
  EXPECT_EQ(text(tiles, "BLOCK"), "16");
  const Launch flags =
      corrected([](const Launch &launch) -> std::optional<std::vector<LaunchHint>> {
        if (text(launch, "FLAG") == "True")
          return std::nullopt;
        return std::vector<LaunchHint>{};
      });
  EXPECT_EQ(text(flags, "FLAG"), "True");
}

TEST(LaunchCorrection, isDeafToWhatCannotBe) {
  const Launch launch = corrected([](const Launch &) {
    return std::optional<std::vector<LaunchHint>>{
        {{LaunchHint::Kind::Elements, "nobody", DType::Int32},
         {LaunchHint::Kind::Elements, "BLOCK", DType::Int32},
         {LaunchHint::Kind::Block, "n", DType::Int32, 0}}};
  });
  EXPECT_EQ(elements(launch, "p"), DType::Fp32);
}

} // namespace
} // namespace lapidary
