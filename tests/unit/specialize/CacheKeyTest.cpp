#include "core/specialize/CacheKey.h"
#include "core/source/KernelFile.h"
#include "tests/unit/specialize/Fixture.h"

using namespace lapidary;
using namespace lapidary::test;
using ::testing::HasSubstr;

namespace {

struct CacheKeys : ::testing::Test {
  JitFunction function = kernel({"x_ptr", "n", "stride", "BLOCK: tl.constexpr"});
  Json parts(Value n = integer(1024), std::int64_t stages = 3, std::int64_t offset = 0,
             const Target &target = hip, std::int64_t block = 64) {
    std::vector<std::pair<std::string, Value>> options = {{"num_warps", integer(4)},
                                                          {"num_stages", integer(stages)}};
    Launch l = launch(function, {tensor(DType::Fp16, {64}, offset), n, integer(1), integer(block)},
                      options);
    return cacheKeyParts(specialized("triton-3.6", target, function, l), "source", options,
                         "lapidary 1");
  }
  static std::string diff(const Json &a, const Json &b) { return *diffKeys(a, b); }
};

TEST_F(CacheKeys, PartsAreShown) {
  EXPECT_EQ(parts(), Json::parse(R"({"source": "source",
    "signature": {"x_ptr": "*fp16", "n": "i32", "stride": "constexpr[1]", "BLOCK": "constexpr[64]"},
    "properties": {"x_ptr": {"tt.divisibility": 16, "tt.pointer_range": 32}, "n": {"tt.divisibility": 16}},
    "options": {"num_warps": 4, "num_stages": 3}, "target": "hip:gfx942", "compiler": "lapidary 1",
    "rules": "triton-3.6"})"));
}

TEST_F(CacheKeys, EqualPartsAreOneKeyAndOrderDoesNotMatter) {
  Json swapped = parts();
  swapped["options"] = Json::parse(R"({"num_stages": 3, "num_warps": 4})");
  EXPECT_EQ(*cacheKey(parts()), *cacheKey(swapped));
  EXPECT_EQ(cacheKey(parts())->size(), 64u);
  // 1024 and 2048 are in one class; 1000 is not.
  EXPECT_EQ(*cacheKey(parts(integer(2048))), *cacheKey(parts()));
  EXPECT_NE(*cacheKey(parts(integer(1000))), *cacheKey(parts()));
}

TEST_F(CacheKeys, EveryPartChangesTheKey) {
  std::string key = *cacheKey(parts());
  for (const char *part : {"source", "target", "compiler", "rules"}) {
    Json other = parts();
    other[part] = "other";
    EXPECT_NE(*cacheKey(other), key) << part;
  }
  for (const char *part : {"signature", "properties", "options"}) {
    Json other = parts();
    other[part]["one_more"] = 1;
    EXPECT_NE(*cacheKey(other), key) << part;
  }
}

TEST_F(CacheKeys, DifferencesReadAsASentence) {
  EXPECT_EQ(diff(parts(), parts()), "the same");
  EXPECT_EQ(diff(parts(), parts(integer(1024), 4, 1)),
            "same but for num_stages (3, not 4) and the alignment of x_ptr (16, not known)");
  EXPECT_EQ(diff(parts(integer(1)), parts(integer(7))), "same but for n (the constant 1, not i32)");
  EXPECT_EQ(diff(parts(integer(16)), parts(integer(std::int64_t(1) << 40))),
            "same but for the type of n (i32, not i64)");
  EXPECT_EQ(diff(parts(), parts(integer(1024), 3, 0, cuda, 128)),
            "same but for the value of BLOCK (64, not 128), the pointer range of x_ptr (32, not "
            "known) and the target "
            "(hip:gfx942, not cuda:90)");
  Json other = parts();
  other["source"] = "changed";
  other["options"].erase("num_stages");
  EXPECT_EQ(
      diff(parts(), other),
      "same but for the source of the kernel or of what it reaches and num_stages (3, not there)");
}

TEST_F(CacheKeys, BadPartsAreNamed) {
  Json missing = parts(), unknown = parts(), wrong = parts();
  missing.erase("options");
  unknown["colour"] = "red";
  wrong["target"] = 90;
  EXPECT_THAT(cacheKey(missing).error().message, HasSubstr("'options' is missing"));
  EXPECT_THAT(cacheKey(unknown).error().message, HasSubstr("'colour' is not one of them"));
  EXPECT_THAT(diffKeys(parts(), wrong).error().message,
              HasSubstr("'target' must be a text, got number"));
  EXPECT_FALSE(cacheKey(Json::array()));
}

// The source's hash and the parts together: a comment changes nothing, a reached constant does.
TEST(CacheKeyOfSource, FollowsWhatTheKernelReaches) {
  const std::string text =
      "import triton\nimport triton.language as tl\nK = tl.constexpr(3)\nUNUSED = 4\n"
      "@triton.jit\ndef helper(a):\n    return a + K\n\n"
      "@triton.jit\ndef other(a):\n    return a\n\n"
      "@triton.jit\ndef entry(x_ptr, n):\n    tl.store(x_ptr, helper(n))\n";
  auto hashOf = [](std::string source) {
    auto file = parseKernelFile(std::move(source), "k.py");
    const JitFunction *entry = file->find("entry");
    EXPECT_NE(entry, nullptr);
    return entry ? sourceHash(*file, *entry) : std::string();
  };
  auto replaced = [&](const std::string &from, const std::string &to) {
    std::string result = text;
    result.replace(result.find(from), from.size(), to);
    return hashOf(result);
  };
  EXPECT_EQ(replaced("def entry(x_ptr, n):\n", "def entry(x_ptr, n):\n    # a comment\n"),
            hashOf(text));
  EXPECT_EQ(replaced("    return a\n", "    return a * 2\n"), hashOf(text));
  EXPECT_NE(replaced("a + K", "a - K"), hashOf(text));
  EXPECT_NE(replaced("tl.constexpr(3)", "tl.constexpr(5)"), hashOf(text));
}

} // namespace
