#include "core/session/Twins.h"
#include "Fakes.h"
#include "core/support/Paths.h"

#include <gmock/gmock.h>

namespace lapidary {
namespace {

using testing::HasSubstr;

class TwinsTest : public testing::Test {
protected:
  TemporaryFolder folder;
  FakeServices fakes{folder};

  // Triton's part is played by a script that says `reply` to every request.
  Result<Twin> twinOf(const std::string &reply) {
    const auto python = folder / "python";
    std::string script =
        "#!/bin/sh\nhead -c " + std::to_string(bridgeScript().value_or("").size()) +
        " > /dev/null\necho '{}'\nwhile read -r line; do echo '" + reply + "'; done\n";
    EXPECT_TRUE(writeFileAtomically(python, script));
    std::filesystem::permissions(python, std::filesystem::perms::owner_all);
    fakes.services.triton =
        std::make_shared<TritonCompiler>(TritonInstallation{python.string(), "test", "3.6.0", ""});
    return twin();
  }

  Result<Twin> twin() {
    const auto choice =
        choose(writeAddKernel(folder), "add", (folder / "small.launch.json").string());
    if (!choice)
      return std::unexpected(choice.error());
    return measureTwin(fakes.services, *choice, {{"cpu", ""}, -1}, defaultRuleSet,
                       {PropertyMask::Kind::All, {}}, quickOptions(), {}, {});
  }

  // A kernel that takes `ns`, and wants the pointers that the launch knows nothing of.
  static std::string compiled(int ns) {
    return R"({"stages": [{"name": "ttir", "ns": 1, "text": "module"}, {"name": "cubin", "ns": 2, "text": "{\"op\": \"add\", \"jitter\": 0.02, \"ns\": )" +
           std::to_string(ns) +
           R"(}"}], "metadata": {"shared": 0, "num_warps": 4}, "key": null, "name": "add", "compile_ns": 3})";
  }
};

TEST_F(TwinsTest, MeasuresBothCompilersAgainstEachOther) {
  const auto twin = twinOf(compiled(100000));
  ASSERT_TRUE(twin) << twin.error().message;
  EXPECT_TRUE(twin->ok());
  EXPECT_EQ(twin->mask, "specialized");
  ASSERT_TRUE(twin->ratio());
  EXPECT_NEAR(twin->ratio()->value, 2, 0.1) << "the fake's own code takes 50 us";
  EXPECT_NE(twin->native.cacheKey, twin->triton.cacheKey);
  EXPECT_THAT(dumpJson(twin->triton.keyParts), HasSubstr("triton 3.6.0"));
  ASSERT_TRUE(twin->measured);
  EXPECT_EQ(twin->measured->report.variants[1].correct, true);

  Twin half = *twin, none = *twin;
  none.measured.reset();
  half.measured->report.ratios[0].value = {0.5, 0.5, 0.5};
  EXPECT_NEAR(*geometricMean({*twin, half, none}), 1, 0.05);
  EXPECT_FALSE(geometricMean({none}));
  EXPECT_EQ(twinsJson({*twin})["twins"].size(), 1u);
}

TEST_F(TwinsTest, WhatTritonRefusesIsAResult) {
  const auto twin = twinOf(
      R"({"error": {"message": "no", "missing": "", "kind": "kernel", "where": [["k.py", 9, 1]]}})");
  ASSERT_TRUE(twin) << twin.error().message;
  EXPECT_FALSE(twin->ok());
  EXPECT_TRUE(twin->native.ok());
  EXPECT_FALSE(twin->ratio());
  ASSERT_EQ(twin->triton.compiled.diagnostics.size(), 1u);
  EXPECT_EQ(twin->triton.compiled.diagnostics[0].range.line, 9);
}

TEST_F(TwinsTest, ALaunchInClustersIsRefused) {
  std::string reply = compiled(100000);
  reply.replace(reply.find("\"shared\": 0"), 11, "\"shared\": 0, \"num_ctas\": 2");
  const auto twin = twinOf(reply);
  ASSERT_TRUE(twin) << twin.error().message;
  ASSERT_TRUE(twin->measured);
  EXPECT_FALSE(twin->ok());
  EXPECT_THAT(twin->measured->report.variants[1].error, HasSubstr("num_ctas=1"));
}

TEST_F(TwinsTest, NeedsATriton) {
  const auto missing = twin();
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::InvalidInput);
  EXPECT_THAT(missing.error().message, HasSubstr("--compiler triton"));
  EXPECT_EQ(chooseCompiler(fakes.services, "gcc").error().code, ErrorCode::InvalidInput);
}

} // namespace
} // namespace lapidary
