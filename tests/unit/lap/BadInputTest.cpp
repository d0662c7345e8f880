// Input that cannot work: one clear message on standard error that names the file and the place,
// exit code 1 or 2, nothing on standard output that could be taken for a result, never a signal.
#include "LapProcess.h"
#include "core/support/Paths.h"

#include <gmock/gmock.h>

#include <csignal>
#include <fstream>
#include <sys/resource.h>
#include <unistd.h>

namespace lapidary {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class BadInputTest : public testing::Test {
protected:
  TemporaryFolder folder;
  LapProcess lap{folder};
  std::string file = write("add.py", vectorAddText());
  std::string launch = write("add.launch.json", vectorAddLaunch());
  fs::path database = folder / "DATA/lapidary/lapidary.db";

  std::string write(const std::string &name, const std::string &text) {
    EXPECT_TRUE(writeFileAtomically(folder / name, text));
    return (folder / name).string();
  }
  // Every verb that reads a kernel says the same of a bad file.
  void expectRefused(const std::string &path, const std::string &what) {
    for (const std::vector<std::string> &arguments :
         std::vector<std::vector<std::string>>{{"kernels", path},
                                               {"specialize", path, "-t", "cpu"},
                                               {"compile", path, "-t", "cpu"},
                                               {"bench", path, "-t", "cpu"},
                                               {"compare", path, "-t", "cpu"}}) {
      const LapResult result = lap.run(arguments);
      EXPECT_THAT(result.code, testing::AnyOf(1, 2))
          << arguments[0] << " " << path << ": " << result.messages;
      EXPECT_THAT(result.messages, AllOf(HasSubstr(path), HasSubstr(what))) << arguments[0];
      EXPECT_TRUE(result.output.empty()) << arguments[0] << ": " << result.output;
    }
  }
  LapResult withLaunch(const std::string &text) {
    return lap.run({"compare", file, "-k", "vector_add", "-l", text, "-t", "cpu"});
  }
  std::string launchWith(const std::string &argument, const Json &value) {
    Json json = *parseJson(vectorAddLaunch(), "launch");
    json["arguments"][argument] = value;
    if (value.is_null())
      json["arguments"].erase(argument);
    return dumpJson(json);
  }
  std::vector<std::string> quickCompare() {
    return {"compare",      file,  "-l",        launch, "-t",    "cpu",
            "--time-limit", "0.2", "--warm-up", "0.01", "--json"};
  }
};

TEST_F(BadInputTest, Files) {
  expectRefused((folder / "none.py").string(), "none.py");
  expectRefused(folder.path().string(), "folder");
  expectRefused(write("empty.py", ""), "no kernel");
  expectRefused(write("prose.py", "It was a dark (and stormy night.\n"), "no kernel");
  expectRefused(write("binary.py", std::string("\x7f"
                                               "ELF\0\0\1\2\xff\xfe",
                                               10)),
                "binary.py");
  expectRefused(write("plain.py", "def f(x):\n    return x\n"), "no kernel");
}

TEST_F(BadInputTest, ASyntaxErrorIsShownAtItsPlaceAndTheRestOpens) {
  const LapResult result = lap.run(
      {"kernels", write("half.py", vectorAddText() + "\ndef broken(:\n    pass\n"), "--json"});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.messages, HasSubstr("half.py:13:"));
  EXPECT_EQ(result.json()["kernels"].at(0)["name"], "vector_add");
}

TEST_F(BadInputTest, AnUnsupportedConstructNamesItsLine) {
  std::string text = vectorAddText();
  text.replace(text.find("x + y"), 5, "await x");
  const LapResult result =
      lap.run({"compile", write("odd.py", text), "-l", launch, "-t", "cpu", "--json"});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.messages, AllOf(HasSubstr("odd.py:11:"), HasSubstr("^")));
  const Json json = result.json();
  ASSERT_FALSE(json["diagnostics"].empty());
  EXPECT_EQ(json["diagnostics"][0]["line"], 11);
  EXPECT_EQ(json["diagnostics"][0]["severity"], "error");
}

TEST_F(BadInputTest, AnUnknownFunctionNamesItself) {
  std::string text = vectorAddText();
  text.replace(text.find("x + y"), 5, "tl.polish(x)");
  const LapResult result = lap.run({"compare", write("odd.py", text), "-l", launch, "-t", "cpu"});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.messages, AllOf(HasSubstr("odd.py:11:"), HasSubstr("polish")));
}

TEST_F(BadInputTest, Launches) {
  const auto refused = [&](const std::string &text, const std::string &what) {
    const LapResult result = withLaunch(text);
    EXPECT_EQ(result.code, 2) << text << "\n" << result.messages;
    EXPECT_THAT(result.messages, AllOf(HasSubstr("lap: error: "), HasSubstr(what))) << text;
    EXPECT_TRUE(result.output.empty());
  };
  const auto tensor = [](const Json &shape, const Json &type = "fp32") {
    return Json{{"tensor", {{"dtype", type}, {"shape", shape}}}};
  };
  refused((folder / "none.launch.json").string(), "none.launch.json");
  refused(write("broken.launch.json", "{\"kernel\": "), "broken.launch.json:1");
  refused(launchWith("x_pointer", 1), "x_pointer");
  refused(launchWith("n", nullptr), "missing: n");
  refused(launchWith("x_ptr", tensor({8192}, "fp31")), "fp31");
  refused(launchWith("x_ptr", tensor({8192}, 32)), "dtype");
  refused(launchWith("x_ptr", tensor({-1})), "x_ptr");
  refused(launchWith("x_ptr", tensor({std::int64_t(1) << 61, 8})), "x_ptr");
  refused(launchWith("x_ptr", tensor("all")), "shape");
  refused(R"({"kernel": "vector_sub", "grid": ["1"], "arguments": {}})", "vector_sub");
  Json json = *parseJson(vectorAddLaunch(), "launch");
  for (const char *grid : {"n // 0", "0", "-4", "n * n * n * n", "blocks", "1.5"}) {
    json["grid"] = {grid};
    refused(dumpJson(json), "grid");
  }
  json["grid"] = {"1", "1", "1", "1"};
  refused(dumpJson(json), "grid");
}

TEST_F(BadInputTest, ANumberWhereATensorBelongs) {
  const LapResult result = withLaunch(launchWith("x_ptr", 12345));
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.messages,
              AllOf(HasSubstr("tl.load needs a pointer"),
                    HasSubstr("the launch gives x_ptr the value 12345 (int)"),
                    HasSubstr(R"(give it a tensor, for example {"tensor": {"dtype": )")));
  Json json = *parseJson(vectorAddLaunch(), "launch");
  json["grid"] = {"8"};
  json["arguments"]["n"] = {{"tensor", {{"dtype", "i32"}, {"shape", {16}}}}};
  const LapResult other = withLaunch(dumpJson(json));
  EXPECT_EQ(other.code, 1);
  EXPECT_THAT(other.messages, HasSubstr("the launch gives n a tensor, and the kernel takes it for "
                                        "a number"));
}

TEST_F(BadInputTest, SizesBeyondAnyDevice) {
  Json json = *parseJson(vectorAddLaunch(), "launch");
  json["grid"] = {"1", "65536"};
  const LapResult grid = withLaunch(dumpJson(json));
  EXPECT_EQ(grid.code, 2);
  EXPECT_THAT(grid.messages, HasSubstr("65536 programs in dimension 1, at most 65535"));
  const LapResult warps =
      lap.run({"compile", file, "-l", launch, "-t", "cuda:90", "--option", "num_warps=64"});
  EXPECT_EQ(warps.code, 1);
  EXPECT_THAT(warps.messages,
              HasSubstr("num_warps = 64 asks for 2048 threads a block; cuda:90 has at most 1024: "
                        "num_warps can be 32 here"));
}

TEST_F(BadInputTest, AFailureAsAWholeIsJsonToo) {
  const LapResult device = lap.run({"bench", file, "-l", launch, "-t", "cpu@99", "--json"});
  EXPECT_EQ(device.code, 2);
  EXPECT_EQ(device.json()["error_code"], "not found");
  EXPECT_THAT(device.json()["error"].get<std::string>(), HasSubstr("there is: cpu@0"));
  const LapResult memory =
      lap.run({"bench", file, "-l",
               launchWith("x_ptr", {{"tensor", {{"dtype", "fp32"}, {"shape", {1LL << 44}}}}}), "-t",
               "cpu", "--json"});
  EXPECT_EQ(memory.code, 1);
  EXPECT_EQ(memory.json()["error_code"], "out of resource");
  EXPECT_GT(memory.json()["shortage"]["needed"], memory.json()["shortage"]["available"]);
}

TEST_F(BadInputTest, Targets) {
  for (const char *target : {"vulkan", "cpu@99"}) {
    const LapResult result = lap.run({"compare", file, "-l", launch, "-t", target});
    EXPECT_EQ(result.code, 2) << result.messages;
    EXPECT_THAT(result.messages, HasSubstr(std::string(target).substr(0, 3)));
  }
  EXPECT_EQ(lap.run({"specialize", file, "-l", launch, "-t", "cpu", "--rules", "triton-0.1"}).code,
            2);
  const LapResult mask =
      lap.run({"compile", file, "-l", launch, "-t", "cpu", "--properties", "colour"});
  EXPECT_EQ(mask.code, 2);
  EXPECT_THAT(mask.messages, HasSubstr("colour"));
}

TEST_F(BadInputTest, RunsThatAreNotThere) {
  for (const std::vector<std::string> &arguments : std::vector<std::vector<std::string>>{
           {"show", "rnone"}, {"export", "--run", "rnone", "--format", "csv"}}) {
    const LapResult result = lap.run(arguments);
    EXPECT_EQ(result.code, 2);
    EXPECT_THAT(result.messages, HasSubstr("lapidary.db"));
  }
  EXPECT_EQ(lap.run({"history"}).code, 0) << "no runs yet is no error";
  EXPECT_FALSE(fs::exists(database));
}

TEST_F(BadInputTest, ACorruptDatabaseIsSaidAndLeftAlone) {
  const std::string garbage(20000, 'x');
  fs::create_directories(database.parent_path());
  std::ofstream(database) << garbage;
  for (const char *verb : {"history", "show"}) {
    const LapResult result =
        verb == std::string("show") ? lap.run({"show", "r1"}) : lap.run({verb});
    EXPECT_EQ(result.code, 2);
    EXPECT_THAT(result.messages, AllOf(HasSubstr(database.string()), HasSubstr("Move it aside")));
  }
  const LapResult compared = lap.run(quickCompare());
  EXPECT_EQ(compared.code, 0) << "the measurement is not lost";
  EXPECT_THAT(compared.messages, HasSubstr(database.string()));
  EXPECT_EQ(compared.json()["correct"], true);
  const LapResult doctor = lap.run({"doctor"});
  EXPECT_EQ(doctor.code, 1);
  EXPECT_THAT(doctor.output, HasSubstr("Move it aside"));
  EXPECT_EQ(*readFile(database), garbage);
}

TEST_F(BadInputTest, AReadOnlyFolderKeepsNothingAndSaysSo) {
  fs::create_directories(database.parent_path());
  fs::permissions(folder.path(), fs::perms::all);
  fs::permissions(database.parent_path(), fs::perms::owner_read | fs::perms::owner_exec |
                                              fs::perms::others_read | fs::perms::others_exec);
  if (::geteuid() == 0)
    lap.prepare = [] {
      if (::setgid(65534) != 0 || ::setuid(65534) != 0)
        ::_exit(99);
    };
  const LapResult result = lap.run(quickCompare());
  EXPECT_EQ(result.code, 0) << result.messages;
  EXPECT_THAT(result.messages, AllOf(HasSubstr("lapidary.db"), HasSubstr("XDG_DATA_HOME")));
  EXPECT_EQ(result.json()["run"], "");
  fs::permissions(database.parent_path(), fs::perms::owner_all);
}

TEST_F(BadInputTest, AFullDiskIsSaidAndTheResultIsStillPrinted) {
  ASSERT_EQ(lap.run(quickCompare()).code, 0);
  const auto before = lap.run({"history", "--json"}).json()["runs"];
  lap.prepare = [] { // nothing may grow beyond what the database has now
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{40 * 1024, RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  };
  const LapResult result = lap.run(quickCompare());
  EXPECT_THAT(result.messages, HasSubstr("lapidary"));
  EXPECT_THAT(result.code, testing::AnyOf(0, 1)) << result.messages;
  lap.prepare = nullptr;
  const auto after = lap.run({"history", "--json"}).json()["runs"];
  EXPECT_EQ(after.back(), before.back()) << "what was stored stays";
}

} // namespace
} // namespace lapidary
