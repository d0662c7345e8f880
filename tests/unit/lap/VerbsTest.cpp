// Each verb on real input: the fields that scripts rely on, and text that people read.
#include "LapProcess.h"
#include "core/support/Paths.h"

#include <gmock/gmock.h>

namespace lapidary {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class VerbsTest : public testing::Test {
protected:
  TemporaryFolder folder;
  LapProcess lap{folder};
  std::string file = write("add.py", vectorAddText());
  std::string launch = write("add.launch.json", vectorAddLaunch());

  std::string write(const std::string &name, const std::string &text) {
    EXPECT_TRUE(writeFileAtomically(folder / name, text));
    return (folder / name).string();
  }
  std::vector<std::string> quick(const std::string &verb, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {verb,  file,           "-l",  launch,      "-t",
                                          "cpu", "--time-limit", "0.3", "--warm-up", "0.01"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
};

TEST_F(VerbsTest, HelpNamesEveryVerb) {
  const LapResult help = lap.run({"--help"});
  EXPECT_EQ(help.code, 0);
  for (const char *verb :
       {"kernels", "specialize", "variants", "compile", "bench", "compare", "price", "history",
        "show", "survey", "export", "import", "devices", "doctor", "worker"}) {
    EXPECT_THAT(help.output, HasSubstr(std::string("\n  ") + verb));
    const LapResult own = lap.run({verb, "--help"});
    EXPECT_EQ(own.code, 0);
    EXPECT_FALSE(own.output.empty());
  }
  EXPECT_THAT(help.output, AllOf(HasSubstr("Exit codes"), HasSubstr("Examples")));
  EXPECT_THAT(lap.run({"--version"}).output, testing::StartsWith("lap "));
}

TEST_F(VerbsTest, WrongUsageIsTwo) {
  for (const std::vector<std::string> &arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"polish"},
                                             {"kernels"},
                                             {"kernels", file, "--colour"},
                                             {"compare", file},
                                             {"compile", file, "-t", "cpu", "--option", "fast"},
                                             {"compile", file, "-t", "a:b:c:d"},
                                             {"bench", file, "-t", "cpu", "--mode", "lukewarm"}}) {
    const LapResult result = lap.run(arguments);
    EXPECT_EQ(result.code, 2) << testing::PrintToString(arguments);
    EXPECT_TRUE(result.output.empty());
    EXPECT_THAT(result.messages, HasSubstr("lap: error: "));
  }
}

TEST_F(VerbsTest, PriceSaysWhatEachPropertyIsWorth) {
  const LapResult result = lap.run(quick("price", {"--json"}));
  ASSERT_EQ(result.code, 0) << result.messages;
  const Json json = result.json();
  EXPECT_EQ(json["kernel"], "vector_add");
  EXPECT_TRUE(json["ratio"].contains("value"));
  EXPECT_TRUE(json["needed"].is_array());
  ASSERT_FALSE(json["properties"].empty());
  for (const Json &property : json["properties"]) {
    for (const char *field : {"item", "argument", "property", "without", "alone", "changes",
                              "needed", "together", "variants", "opt_out", "advice"})
      EXPECT_TRUE(property.contains(field)) << field;
    EXPECT_FALSE(property["advice"].get<std::string>().empty());
  }
  const LapResult text = lap.run(quick("price"));
  EXPECT_EQ(text.code, 0) << text.messages;
  EXPECT_THAT(text.output, AllOf(HasSubstr("time without it"), HasSubstr("noise floor")));
}

TEST_F(VerbsTest, Kernels) {
  const LapResult result = lap.run({"kernels", file, "--json"});
  EXPECT_EQ(result.code, 0);
  const Json json = result.json();
  EXPECT_EQ(json["file"], file);
  const Json &kernel = json["kernels"].at(0);
  EXPECT_EQ(kernel["name"], "vector_add");
  EXPECT_EQ(kernel["line"], 6);
  EXPECT_EQ(kernel["parameters"].size(), 5u);
  EXPECT_EQ(kernel["parameters"][4]["name"], "BLOCK");
  EXPECT_EQ(kernel["parameters"][4]["constexpr"], true);
  for (const char *field : {"autotune", "heuristics", "problems"})
    EXPECT_TRUE(kernel.contains(field)) << field;
  EXPECT_TRUE(json["problems"].empty());
  EXPECT_THAT(lap.run({"kernels", file}).output,
              AllOf(HasSubstr("vector_add"), HasSubstr("BLOCK: tl.constexpr")));
}

TEST_F(VerbsTest, Specialize) {
  const LapResult result = lap.run({"specialize", file, "-l", launch, "-t", "cuda:90", "-t",
                                    "hip:gfx942", "-t", "cpu", "--json"});
  EXPECT_EQ(result.code, 0) << result.messages;
  const Json json = result.json();
  EXPECT_EQ(json["kernel"], "vector_add");
  ASSERT_EQ(json["targets"].size(), 3u);
  EXPECT_EQ(json["targets"][1]["target"], "hip:gfx942");
  const Json &pointer = json["targets"][1]["arguments"].at(0);
  EXPECT_EQ(pointer["name"], "x_ptr");
  EXPECT_EQ(pointer["type"], "*fp32");
  EXPECT_EQ(pointer["key"], "DS");
  EXPECT_EQ(json["targets"][0]["arguments"][0]["key"], "D");
  for (const char *field : {"properties", "constant", "reason", "flip"})
    EXPECT_TRUE(pointer.contains(field)) << field;
  EXPECT_TRUE(json["targets"][0].contains("rules"));
  EXPECT_THAT(lap.run({"specialize", file, "-l", launch}).output, HasSubstr("hip:gfx942"));
}

TEST_F(VerbsTest, Variants) {
  const std::vector<std::string> base = {"variants", file, "-l", launch, "-t", "hip:gfx942"};
  auto run = [&](std::vector<std::string> more) {
    more.insert(more.begin(), base.begin(), base.end());
    return lap.run(more);
  };
  const std::string ranges = R"({"n": {"from": 1, "to": 1000000000000}, "BLOCK": [256, 512]})";
  const LapResult counted = run({"--ranges", ranges, "--json"});
  ASSERT_EQ(counted.code, 0) << counted.messages;
  const Json json = counted.json();
  EXPECT_EQ(json["kernel"], "vector_add");
  EXPECT_EQ(json["target"], "hip:gfx942");
  EXPECT_EQ(json["count"], 4 * 4 * 4 * 5 * 2);
  EXPECT_EQ(json["arguments"][3]["name"], "n");
  EXPECT_EQ(json["arguments"][3]["classes"].size(), 5u);
  EXPECT_THAT(run({"--ranges", ranges}).output,
              AllOf(HasSubstr("640 variants"), HasSubstr("n multiplies most, by 5"),
                    HasSubstr("D is divisible-by-16: accesses"),
                    HasSubstr("*fp32 DS (aligned to 16 B, storage of")));
  const LapResult free = run({});
  EXPECT_THAT(free.output, HasSubstr("n multiplies most, by 7\n"));
  EXPECT_THAT(free.messages, HasSubstr("an integer may be any of 64 bits"));
  EXPECT_THAT(run({"--ranges", R"({"n": [2]})"}).output,
              HasSubstr("x_ptr, y_ptr and out_ptr multiply most, by 4 each"));
  // The opt-outs, as they are written; what cannot be had is a "no".
  const LapResult few = run({"--ranges", ranges, "--bound", "160"});
  EXPECT_EQ(few.code, 0) << few.messages;
  EXPECT_THAT(few.output, HasSubstr("@triton.jit(do_not_specialize"));
  EXPECT_EQ(run({"--ranges", ranges, "--bound", "1"}).code, 1);
  // What was launched, and what a cache holds of it.
  const std::string line = Json::parse(vectorAddLaunch(8000)).dump();
  const std::string launches = write("launches.jsonl", line + "\n\n" + line + "\n");
  std::filesystem::create_directories(folder / "cache/entry");
  write("cache/entry/vector_add.json",
        R"({"target": {"backend": "hip", "arch": "gfx942"}, "num_warps": 4})");
  std::string parameters;
  for (const char *name : {"x_ptr", "y_ptr", "out_ptr"})
    parameters += std::string("%") + name +
                  ": !tt.ptr<f32> {tt.divisibility = 16 : i32, tt.pointer_range = 32 : i32}, ";
  write("cache/entry/vector_add.ttir",
        "tt.func public @vector_add(" + parameters + "%n: i32 {tt.divisibility = 16 : i32}) {\n");
  const Json covered =
      run({"--launches", launches, "--cache", (folder / "cache").string(), "--json"}).json();
  EXPECT_EQ(covered["count"], 1);
  EXPECT_EQ(covered["launches"], 2);
  EXPECT_EQ(covered["cache"]["covered"], 1);
  const std::string log =
      write("log.txt", "start\nkey=[('*fp32', 'DS'), ('*fp32', 'DS'), ('*fp32', 'D'), ('i32', ''), "
                       "('constexpr', 1024)]{'debug': False}\n");
  EXPECT_EQ(run({"--log", log, "--json"}).json()["count"], 1);
}

TEST_F(VerbsTest, VariantsSayWhatIsWrong) {
  auto messages = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"variants", file, "-l", launch, "-t", "cuda:90"});
    const LapResult result = lap.run(more);
    EXPECT_EQ(result.code, 2);
    EXPECT_TRUE(result.output.empty());
    return result.messages;
  };
  EXPECT_THAT(messages({"--ranges", R"({"n": {"from": 2, "to": 1}})"}),
              HasSubstr("range of 'n': from 2 to 1 is empty"));
  EXPECT_THAT(messages({"--ranges", R"({"m": [1]})"}), HasSubstr("no such parameter"));
  EXPECT_THAT(messages({"--ranges", "{}", "--log", file}), HasSubstr("give one of them"));
  EXPECT_THAT(messages({"--log", file, "--bound", "2"}), HasSubstr("keys in a log do not say"));
  EXPECT_THAT(messages({"--log", file}), HasSubstr("no line has a key of vector_add"));
  EXPECT_THAT(messages({"--launches", write("bad.jsonl", "\n{\n")}), HasSubstr("line 2"));
  EXPECT_THAT(messages({"--launches", write("none.jsonl", "\n")}), HasSubstr("has no launch of"));
  EXPECT_THAT(messages({"--cache", (folder / "nowhere").string()}),
              HasSubstr("cannot read the cache directory"));
  EXPECT_THAT(messages({"--bound", "0"}), HasSubstr("--bound"));
}

TEST_F(VerbsTest, AGuessedLaunchIsSaid) {
  const LapResult result = lap.run({"specialize", file, "--json"});
  EXPECT_EQ(result.code, 0) << result.messages;
  EXPECT_THAT(result.messages, HasSubstr("guessed"));
  EXPECT_EQ(result.json()["kernel"], "vector_add");
}

TEST_F(VerbsTest, Compile) {
  const LapResult result = lap.run({"compile", file, "-l", launch, "-t", "cpu", "--json"});
  ASSERT_EQ(result.code, 0) << result.messages;
  const Json json = result.json();
  EXPECT_THAT(json["cache_key"].get<std::string>(), testing::MatchesRegex("[0-9a-f]{64}"));
  ASSERT_GE(json["stages"].size(), 3u);
  EXPECT_EQ(json["stages"][0]["name"], "ttir");
  EXPECT_GE(json["stages"][0]["ns"].get<std::int64_t>(), 0);
  ASSERT_EQ(json["accesses"].size(), 3u);
  EXPECT_EQ(json["accesses"][0]["line"], 9);
  EXPECT_EQ(json["accesses"][0]["kind"], "load");
  EXPECT_GE(json["accesses"][0]["bits"].get<int>(), 128);
  EXPECT_TRUE(json["resources"].is_object() && json["diagnostics"].empty());
  const Json generic =
      lap.run({"compile", file, "-l", launch, "-t", "cpu", "--properties", "none", "--json"})
          .json();
  EXPECT_NE(generic["cache_key"], json["cache_key"]);
}

TEST_F(VerbsTest, CompileEmitsStages) {
  const LapResult text = lap.run({"compile", file, "-l", launch, "-t", "cpu", "--emit", "ttir"});
  EXPECT_EQ(text.code, 0) << text.messages;
  EXPECT_THAT(text.output, AllOf(HasSubstr("tt.func"), HasSubstr("tt.load")));
  const std::string out = (folder / "out").string();
  const LapResult files = lap.run({"compile", file, "-l", launch, "-t", "cpu", "--emit", "ttir",
                                   "--emit", "llir", "-o", out, "--json"});
  EXPECT_EQ(files.code, 0) << files.messages;
  ASSERT_EQ(files.json()["files"].size(), 2u);
  for (const Json &path : files.json()["files"])
    EXPECT_GT(std::filesystem::file_size(path.get<std::string>()), 100u);
  const LapResult unknown = lap.run({"compile", file, "-l", launch, "-t", "cpu", "--emit", "sass"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_THAT(unknown.messages, AllOf(HasSubstr("sass"), HasSubstr("ttir")));
}

TEST_F(VerbsTest, EveryTargetHasTtir) {
  for (const char *target : {"cuda:90", "hip:gfx942"}) {
    const LapResult ttir = lap.run({"compile", file, "-l", launch, "-t", target, "--emit", "ttir"});
    EXPECT_EQ(ttir.code, 0) << ttir.messages;
    EXPECT_THAT(ttir.output, HasSubstr("tt.func"));
  }
}

TEST_F(VerbsTest, WithoutItsDeviceACompareIsOfTheCode) {
  for (const Json &backend : lap.run({"devices", "--json"}).json()["backends"])
    if (backend["backend"] == "hip" && !backend["devices"].empty())
      GTEST_SKIP() << "this machine has an AMD GPU";
  const LapResult result = lap.run({"compare", file, "-l", launch, "-t", "hip:gfx942", "--json"});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.messages, HasSubstr("not run: there is no ROCm"));
  const Json json = result.json();
  EXPECT_TRUE(json["device"].is_null());
  EXPECT_FALSE(json["not_run"].get<std::string>().empty());
  ASSERT_EQ(json["variants"].size(), 2u);
  EXPECT_EQ(json["variants"][0]["label"], "specialized");
  EXPECT_GT(json["variants"][1]["resources"].size(), 0u);
  EXPECT_FALSE(json["variants"][1]["changes"].empty());
  EXPECT_THAT(lap.run({"compare", file, "-l", launch, "-t", "hip"}).messages,
              HasSubstr("hip names no architecture"));
}

TEST_F(VerbsTest, BenchMeasuresAndKeeps) {
  const LapResult result = lap.run(quick("bench", {"--json"}));
  ASSERT_EQ(result.code, 0) << result.messages;
  const Json json = result.json();
  EXPECT_EQ(json["correct"], true);
  EXPECT_EQ(json["error"], "");
  const Json &hot = json["modes"]["hot"];
  EXPECT_GT(hot["median"].get<double>(), 0);
  EXPECT_LE(hot["interval"][0].get<double>(), hot["median"].get<double>());
  EXPECT_GE(hot["samples"].size(), 10u);
  for (const char *field : {"kernel", "target", "device", "cache_key", "noise_floor", "stopped_by"})
    EXPECT_TRUE(json.contains(field)) << field;
  const LapResult warps = lap.run(quick("bench", {"--option", "num_warps=8", "--json"}));
  EXPECT_NE(warps.json()["cache_key"], json["cache_key"]);
}

TEST_F(VerbsTest, CompareHistoryShowExportImport) {
  const LapResult result = lap.run(quick("compare", {"--json"}));
  ASSERT_EQ(result.code, 0) << result.messages;
  const Json json = result.json();
  EXPECT_EQ(json["correct"], true);
  for (const char *variant : {"specialized", "generic"})
    for (const char *field : {"median", "interval", "samples", "resources"})
      EXPECT_TRUE(json[variant].contains(field)) << variant << " " << field;
  EXPECT_NEAR(json["ratio"]["value"].get<double>(),
              json["generic"]["median"].get<double>() / json["specialized"]["median"].get<double>(),
              0.5 * json["ratio"]["value"].get<double>());
  EXPECT_THAT(json["ratio"]["verdict"].get<std::string>(),
              testing::AnyOf("faster", "slower", "tie"));

  const std::string run = json["run"];
  const LapResult history = lap.run({"history", "--json"});
  EXPECT_EQ(history.json()["runs"].at(0)["run"], run);
  EXPECT_THAT(lap.run({"history"}).output, AllOf(HasSubstr(run), HasSubstr("vector_add")));
  EXPECT_TRUE(lap.run({"history", "--filter", "nothing like it", "--json"}).json()["runs"].empty());

  const Json shown = lap.run({"show", run.substr(0, 8), "--json"}).json();
  EXPECT_EQ(shown["run"], run);
  EXPECT_EQ(shown["result"]["ratio"], json["ratio"]);
  ASSERT_GE(shown["samples"].size(), 2u);
  EXPECT_EQ(shown["samples"][0]["samples"].size(), shown["samples"][0]["count"]);
  EXPECT_THAT(lap.run({"show", run}).output, HasSubstr("specialized"));

  const LapResult decorator = lap.run({"export", "--run", run, "--format", "triton-decorator"});
  EXPECT_EQ(decorator.code, 0) << decorator.messages;
  EXPECT_THAT(decorator.output, HasSubstr("triton.Config({\"BLOCK\": 1024}, num_warps=4)"));
  const std::string path = (folder / "run.lapidary.json").string();
  EXPECT_EQ(lap.run({"export", "--run", run, "--format", "lapidary", "-o", path}).code, 0);

  TemporaryFolder elsewhere;
  const LapProcess other(elsewhere);
  EXPECT_EQ(other.run({"import", path, "--json"}).json()["runs"].at(0), run);
  EXPECT_EQ(other.run({"show", run, "--json"}).json()["result"], shown["result"]);
  EXPECT_EQ(other.run({"export", "--run", run, "--format", "lapidary"}).output, *readFile(path));
}

TEST_F(VerbsTest, CompareEachPropertyAlone) {
  const LapResult result = lap.run(quick("compare", {"--each", "--samples", "12", "--json"}));
  ASSERT_EQ(result.code, 0) << result.messages;
  const Json json = result.json();
  EXPECT_GE(json["variants"].size(), 5u) << "three pointers and n are divisible by 16";
  for (const Json &variant : json["variants"])
    EXPECT_EQ(variant["correct"], true) << variant["label"];
}

TEST_F(VerbsTest, DevicesAndDoctor) {
  const Json devices = lap.run({"devices", "--json"}).json();
  bool cpu = false;
  for (const Json &backend : devices["backends"])
    cpu = cpu || (backend["backend"] == "cpu" && backend["devices"].size() == 1);
  EXPECT_TRUE(cpu);
  const LapResult doctor = lap.run({"doctor", "--json"});
  EXPECT_EQ(doctor.code, 0) << doctor.output;
  for (const Json &check : doctor.json()["checks"])
    EXPECT_EQ(check["ok"].get<bool>(), check["remedy"].get<std::string>().empty())
        << check["subject"];
  EXPECT_FALSE(std::filesystem::exists(folder / "DATA/lapidary/lapidary.db"))
      << "asking makes nothing";
}

TEST_F(VerbsTest, AnOutputThatCannotBeWrittenIsAFailure) {
  LapProcess full(folder);
  full.prepare = [] {
    if (std::freopen("/dev/full", "w", stdout) == nullptr)
      std::abort();
  };
  EXPECT_EQ(full.run({"kernels", file, "--json"}).code, 1);
}

} // namespace
} // namespace lapidary
