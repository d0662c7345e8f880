#include "core/support/Hash.h"

#include <bit>
#include <gtest/gtest.h>
#include <set>

using namespace lapidary;

TEST(Hash, Sha256OfTheStandardsExamples) { // FIPS 180-2, appendix B
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static std::string hashFields(const std::vector<std::string> &fields) {
  Sha256 hash;
  for (const std::string &field : fields)
    hash.field(field);
  return hash.hex();
}

TEST(Hash, FieldsDoNotRunIntoEachOther) {
  std::set<std::string> all{hashFields({}),      hashFields({""}),        hashFields({"", ""}),
                            hashFields({"abc"}), hashFields({"ab", "c"}), hashFields({"a", "bc"})};
  EXPECT_EQ(all.size(), 6u);
  EXPECT_EQ(hashFields({"a"}), sha256(std::string("\1\0\0\0\0\0\0\0a", 9)));
}

TEST(Hash, StableHashIsTheSameOnEveryMachine) {
  EXPECT_EQ(stableHash(""), stableHash({}));
  EXPECT_EQ(stableHash("vector_add"), 5704459469468330152ull);
  EXPECT_EQ(stableHash("vector_add", 1), 11863369957611796790ull);
}

TEST(Hash, StableHashTellsNearTextsApart) {
  std::set<std::uint64_t> seen;
  for (int length = 0; length < 40; ++length)
    seen.insert(stableHash(std::string(static_cast<std::size_t>(length), '\0')));
  for (int i = 0; i < 100'000; ++i)
    seen.insert(stableHash(std::to_string(i)));
  EXPECT_EQ(seen.size(), 100'040u);
}

TEST(Hash, StableHashSpreadsEveryInputBit) {
  std::string text = "tt.divisibility=16;arg3";
  std::uint64_t before = stableHash(text);
  int flipped = 0;
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string changed = text;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    int distance = std::popcount(before ^ stableHash(changed));
    EXPECT_GT(distance, 8) << "bit " << bit;
    flipped += distance;
  }
  double mean = static_cast<double>(flipped) / static_cast<double>(text.size() * 8);
  EXPECT_NEAR(mean, 32, 3);
}
