// Every format against its golden file, our own format through the store and back, and bad files.
#include "core/exchange/Exchange.h"
#include "core/support/Paths.h"
#include "core/support/Subprocess.h"
#include "tests/support/TemporaryFolder.h"

#include <gmock/gmock.h>

#include <fstream>

namespace lapidary {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

fs::path golden(const std::string &name) {
  return fs::path(LAPIDARY_SOURCE_DIR) / "tests/golden/exchange" / name;
}

RunBundle goldenBundle() {
  auto bundles = importFile(golden("run.lapidary.json"));
  EXPECT_TRUE(bundles) << (bundles ? "" : bundles.error().message);
  return bundles ? bundles->at(0) : RunBundle{};
}

class GoldenTest : public testing::TestWithParam<std::pair<const char *, const char *>> {};

TEST_P(GoldenTest, IsWrittenAsTheGoldenFileHasIt) {
  const auto [format, file] = GetParam();
  const auto text = exportRun(goldenBundle(), format);
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_EQ(*text, *readFile(golden(file)));
}

INSTANTIATE_TEST_SUITE_P(Formats, GoldenTest,
                         testing::Values(std::pair("lapidary", "run.lapidary.json"),
                                         std::pair("triton-decorator", "run.py"),
                                         std::pair("csv", "run.csv"),
                                         std::pair("markdown", "run.md")));

TEST(ExchangeTest, EveryFormatHasAGoldenFile) {
  for (const ExportFormat &format : exportFormats())
    EXPECT_TRUE(fs::exists(golden("run" + format.extension))) << format.name;
}

TEST(ExchangeTest, TheDecoratorIsPython) {
  auto python = Subprocess::start(
      {"python3", "-c",
       "import ast, sys\n"
       "tree = ast.parse(open(sys.argv[1]).read() + 'def f(): pass\\n')\n"
       "call = tree.body[0].decorator_list[0]\n"
       "config = call.keywords[0].value.elts[0]\n"
       "values = ast.literal_eval(config.args[0])\n"
       "assert values == {'BM': 64, 'BN': 64, 'MODE': 'a\"b', 'FAST': True, 'SCALE': 2.0, 'EXTRA': "
       "None,"
       " 'waves_per_eu': 2}, values\n"
       "assert {k.arg: k.value.value for k in config.keywords} == {'num_warps': 4, 'num_stages': "
       "3}\n"
       "assert [e.value for e in call.keywords[1].value.elts] == ['rows', 'cols']\n",
       golden("run.py").string()});
  if (!python)
    GTEST_SKIP() << "python3 is not installed";
  const auto status = python->wait(std::chrono::seconds(30));
  ASSERT_TRUE(status);
  EXPECT_EQ(status->code, 0) << python->errorText();
}

TEST(ExchangeTest, ARunSurvivesExportImportAndTheStore) {
  TemporaryFolder folder;
  auto first = Store::open(folder / "first.db", Store::Mode::ReadWrite);
  auto second = Store::open(folder / "second.db", Store::Mode::ReadWrite);
  ASSERT_TRUE(first && second);
  const RunBundle bundle = goldenBundle();
  const auto id = storeBundle(**first, bundle);
  ASSERT_TRUE(id) << id.error().message;
  EXPECT_EQ(*id, bundle.run.id);
  const auto loaded = loadBundle(**first, id->substr(0, 5));
  ASSERT_TRUE(loaded) << loaded.error().message;
  const auto text = exportRun(*loaded, "lapidary");
  ASSERT_TRUE(text);
  EXPECT_EQ(*text, *readFile(golden("run.lapidary.json")));

  const auto file = folder / "moved.lapidary.json";
  ASSERT_TRUE(writeFileAtomically(file, *text));
  const auto again = importFile(file);
  ASSERT_TRUE(again);
  ASSERT_EQ(*storeBundle(**second, again->at(0)), bundle.run.id);
  EXPECT_EQ(*exportRun(*loadBundle(**second, bundle.run.id), "lapidary"), *text);
}

TEST(ExchangeTest, OnlyWhatWasShownToWorkBecomesADecorator) {
  RunBundle bundle = goldenBundle();
  bundle.run.result["variants"][0]["correct"] = false;
  EXPECT_EQ(exportRun(bundle, "triton-decorator").error().code, ErrorCode::InvalidInput);
  bundle = goldenBundle();
  bundle.run.result["variants"][0]["modes"] = Json::object();
  EXPECT_FALSE(exportRun(bundle, "triton-decorator"));
  bundle.run.result = nullptr;
  for (const char *format : {"triton-decorator", "markdown"})
    EXPECT_EQ(exportRun(bundle, format).error().code, ErrorCode::InvalidInput) << format;
  bundle.samples.clear();
  EXPECT_EQ(exportRun(bundle, "csv").error().code, ErrorCode::InvalidInput);
  EXPECT_TRUE(exportRun(bundle, "lapidary")) << "an unfinished run can be moved";
}

TEST(ExchangeTest, AnUnknownFormatNamesThoseThereAre) {
  const auto text = exportRun(goldenBundle(), "xml");
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, ErrorCode::NotFound);
  EXPECT_THAT(text.error().message, AllOf(HasSubstr("'xml'"), HasSubstr("triton-decorator")));
}

TEST(ExchangeTest, BadFilesAreNamedWithTheirPlace) {
  TemporaryFolder folder;
  const auto path = folder / "bad.json";
  const auto errorOf = [&](const std::string &text) {
    std::ofstream(path, std::ios::binary) << text;
    const auto bundles = importFile(path);
    EXPECT_FALSE(bundles) << text;
    EXPECT_EQ(bundles.error().code, ErrorCode::InvalidInput);
    EXPECT_THAT(bundles.error().message, HasSubstr(path.string()));
    return bundles.error().message;
  };
  errorOf("");
  errorOf("{");
  errorOf(std::string("\0\1\2", 3));
  EXPECT_THAT(errorOf("[1, 2]"), HasSubstr("lap export"));
  EXPECT_THAT(errorOf(R"({"format": "lapidary"})"), HasSubstr("'schema'"));
  EXPECT_THAT(errorOf(R"({"format": "lapidary", "schema": 99})"), HasSubstr("newer"));
  EXPECT_THAT(errorOf(R"({"format": "lapidary", "schema": 1})"), HasSubstr("no 'run'"));
  const Json whole = *parseJson(*readFile(golden("run.lapidary.json")), "golden");
  for (const char *member : {"run", "variants", "samples", "kernel_text"}) {
    Json broken = whole;
    broken[member] = 7;
    EXPECT_THAT(errorOf(dumpJson(broken)), HasSubstr(member));
  }
  Json broken = whole;
  broken["samples"][1]["nanoseconds"][2] = "fast";
  EXPECT_THAT(errorOf(dumpJson(broken)), HasSubstr("samples[1].nanoseconds[2]"));
  broken = whole;
  broken["variants"][1].erase("signature");
  EXPECT_THAT(errorOf(dumpJson(broken)), HasSubstr("variants[1] has no 'signature'"));
  EXPECT_EQ(importFile(folder / "none.json").error().code, ErrorCode::NotFound);
}

} // namespace
} // namespace lapidary
