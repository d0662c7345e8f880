#include "core/tune/SpaceSource.h"

#include <gmock/gmock.h>

namespace lapidary {
namespace {

using testing::HasSubstr;

const char *const text = R"(import triton
import triton.language as tl


@triton.autotune(configs=[triton.Config({"BLOCK": size}, num_warps=warps)
                          for size in [256, 512] for warps in (4, 8)], key=["n"])
@triton.jit
def add(x, y, out, n, BLOCK: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = at < n
    tl.store(out + at, tl.load(x + at, mask=inside) + tl.load(y + at, mask=inside), mask=inside)
)";

struct Kernel {
  std::shared_ptr<const KernelFile> file = parseKernelFile(text, "add.py");
  const JitFunction &kernel = *file->find("add");
  Launch launch = *bindLaunch(*file, kernel, guessLaunch(*file, kernel));
  std::string problemOf(const std::string &space) {
    const auto read = readSpaceArgument(space);
    if (!read)
      return read.error().message;
    const auto made = makeSpace(*read, kernel, launch);
    return made ? "" : made.error().message;
  }
};

TEST(SpaceSourceTest, TheDecoratorsConfigurations) {
  Kernel add;
  const auto description = spaceOfDecorator(add.kernel);
  ASSERT_TRUE(description && *description);
  const auto space = makeSpace(**description, add.kernel, add.launch);
  ASSERT_TRUE(space) << space.error().message;
  EXPECT_EQ(space->everything()->size(), 4u);
  const Launch launch = withConfiguration(add.launch, add.kernel, space->configuration(3));
  EXPECT_EQ(repr(*launch.argument("BLOCK")), "512");
  EXPECT_EQ(repr(*launch.option("num_warps")), "8");
}

TEST(SpaceSourceTest, AFileWithConstraintsOverTheLaunch) {
  Kernel add;
  const auto read = readSpaceArgument(R"({"parameters": {"BLOCK": [64, 256], "num_warps": [1, 8]},
                                          "constraints": ["BLOCK >= 32 * num_warps", "n > 0"]})");
  ASSERT_TRUE(read) << read.error().message;
  const auto space = makeSpace(*read, add.kernel, add.launch);
  ASSERT_TRUE(space) << space.error().message;
  EXPECT_EQ(space->everything()->size(), 3u);
  const auto again = spaceFromJson(toJson(*read), "again");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->parameters[1].values, read->parameters[1].values);
}

TEST(SpaceSourceTest, AProposalVariesTilesAndOptions) {
  Kernel add;
  for (const char *backend : {"cpu", "cuda", "hip"}) {
    const auto proposed = proposeSpace(*add.file, add.kernel, add.launch, {backend, "90"});
    ASSERT_TRUE(proposed) << proposed.error().message;
    const auto space = makeSpace(*proposed, add.kernel, add.launch);
    ASSERT_TRUE(space) << space.error().message;
    EXPECT_EQ(space->parameters().front().name, "BLOCK");
    EXPECT_GT(space->parameters().front().values.size(), 3u);
    EXPECT_EQ(space->parameters().size(), backend == std::string("cpu")   ? 1u
                                          : backend == std::string("hip") ? 3u
                                                                          : 2u);
  }
}

TEST(SpaceSourceTest, BadSpacesSayWhatIsWrong) {
  Kernel add;
  EXPECT_THAT(add.problemOf(R"({"parameters": {"BLOK": [1]}})"), HasSubstr("did you mean 'BLOCK'"));
  EXPECT_THAT(add.problemOf(R"({"parameters": {"n": [1]}})"), HasSubstr("at run time"));
  EXPECT_THAT(add.problemOf(R"({"parameters": {}})"), HasSubstr("no parameters"));
  EXPECT_THAT(add.problemOf(R"({"parameters": {"BLOCK": []}})"), HasSubstr("no values"));
  EXPECT_THAT(add.problemOf(R"({"parameters": {"BLOCK": 64}})"), HasSubstr("parameters.BLOCK"));
  EXPECT_THAT(add.problemOf(R"({"parameters": {"BLOCK": [64]}, "constrains": []})"),
              HasSubstr("did you mean 'constraints'"));
  EXPECT_THAT(add.problemOf(R"({"parameters": {"BLOCK": [64]}, "constraints": ["BLOCK > 64"]})"),
              HasSubstr("holds for no configuration"));
  EXPECT_THAT(add.problemOf(R"({"parameters": {"BLOCK": [64, {"x": 1}]}})"), HasSubstr("BLOCK[1]"));
  EXPECT_THAT(add.problemOf("{"), HasSubstr("space"));
  EXPECT_THAT(add.problemOf("no/such.json"), HasSubstr("no/such.json"));
}

} // namespace
} // namespace lapidary
