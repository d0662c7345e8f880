// What is specialized on, from the command line: variants named by a key or a signature, how two
// differ, masks of properties down to the code, and rule sets of the user's own.
#include "LapProcess.h"
#include "core/support/Paths.h"

#include <gmock/gmock.h>

#include <map>
#include <regex>

namespace lapidary {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class SpecializeTest : public testing::Test {
protected:
  TemporaryFolder folder;
  LapProcess lap{folder};
  std::string file = write("add.py", vectorAddText());
  std::string launch = write("add.launch.json", vectorAddLaunch());

  std::string write(const std::string &name, const std::string &text) {
    std::filesystem::create_directories((folder / name).parent_path());
    EXPECT_TRUE(writeFileAtomically(folder / name, text));
    return (folder / name).string();
  }
  std::string userRules(const std::string &name, const std::string &text) {
    return write("CONF/lapidary/rules/" + name, text);
  }
  LapResult run(const std::string &verb, std::vector<std::string> more) {
    more.insert(more.begin(), {verb, file});
    return lap.run(more);
  }
  // The parameters of the kernel in its Triton IR, with their attributes.
  std::map<std::string, std::string> attributes(std::vector<std::string> more) {
    more.insert(more.end(), {"-t", "cpu", "--emit", "ttir"});
    const LapResult result = run("compile", more);
    EXPECT_EQ(result.code, 0) << result.messages;
    std::map<std::string, std::string> found;
    const std::size_t begin = result.output.find("tt.func public @vector_add(");
    const std::string head = result.output.substr(begin, result.output.find('\n', begin) - begin);
    const std::regex parameter(R"(: [^ ,]+( \{[^}]*\})? loc\("(\w+)\")");
    for (std::sregex_iterator it(head.begin(), head.end(), parameter), end; it != end; ++it)
      found[(*it)[2]] = (*it)[1].matched ? (*it)[1].str().substr(1) : "";
    return found;
  }
};

const std::string divisibleBy16 = "{tt.divisibility = 16 : i32}";
const std::string key = "INFO: 12:00 compiling vector_add (key=[('*fp32', 'D'), ('*fp32', ''), "
                        "('*fp32', 'D'), ('i32', 'D'), ('constexpr', 512)]"
                        "{'num_warps': 8, 'debug': False}). It took 80 ms.";

TEST_F(SpecializeTest, AKeyOutOfALogSelectsItsVariant) {
  const LapResult shown = run("specialize", {"--variant", key, "-t", "cuda:90", "--json"});
  ASSERT_EQ(shown.code, 0) << shown.messages;
  const Json target = shown.json()["targets"][0];
  EXPECT_EQ(target["arguments"][0]["properties"], Json::parse(R"({"tt.divisibility": 16})"));
  EXPECT_EQ(target["arguments"][1]["properties"], Json::object());
  EXPECT_EQ(target["arguments"][4]["constant"], 512);
  EXPECT_EQ(target["signature"], "*fp32:16, *fp32, *fp32:16, i32:16, 512");
  EXPECT_EQ(target["key_parts"]["options"]["num_warps"], 8);
  EXPECT_THAT(run("specialize", {"--variant", key, "-t", "cuda:90"}).output,
              AllOf(HasSubstr("tt.divisibility = 16"), HasSubstr("is 512")));

  const auto known = attributes({"--variant", key});
  EXPECT_EQ(known, (std::map<std::string, std::string>{{"x_ptr", divisibleBy16},
                                                       {"y_ptr", ""},
                                                       {"out_ptr", divisibleBy16},
                                                       {"n", divisibleBy16}}));
  // The signature of the same variant gives the same parameters.
  EXPECT_EQ(attributes({"--variant", target["signature"].get<std::string>()}), known);
  // What compiles is what was shown.
  const Json compiled = run("compile", {"--variant", key, "-t", "cpu", "--json"}).json();
  EXPECT_EQ(compiled["cache_key"], run("specialize", {"--variant", key, "-t", "cpu", "--json"})
                                       .json()["targets"][0]["cache_key"]);
  const Json launched = run("compile", {"-l", launch, "-t", "cpu", "--json"}).json();
  EXPECT_EQ(launched["key_parts"]["properties"]["x_ptr"],
            Json::parse(R"({"tt.divisibility": 16})"));
  EXPECT_EQ(
      launched["cache_key"],
      run("specialize", {"-l", launch, "-t", "cpu", "--json"}).json()["targets"][0]["cache_key"]);
}

TEST_F(SpecializeTest, TheDifferenceOfTwoVariantsIsASentence) {
  Json other = Json::parse(vectorAddLaunch());
  other["arguments"]["x_ptr"]["tensor"]["offset"] = 1;
  other["options"]["num_stages"] = 4;
  const std::string path = write("other.launch.json", other.dump());
  const LapResult same = run("specialize", {"-l", launch, "-t", "cpu", "--against", launch});
  EXPECT_THAT(same.output, HasSubstr("against   the same\n"));
  const LapResult differs =
      run("specialize", {"-l", launch, "-t", "cpu", "--option", "num_stages=3", "--against", path});
  EXPECT_EQ(differs.code, 0) << differs.messages;
  EXPECT_THAT(differs.output, HasSubstr("against   same but for num_stages (3, not 4) and the "
                                        "alignment of x_ptr (16, not known)\n"));
  const Json json =
      run("specialize", {"-l", launch, "-t", "cpu", "--against", key, "--json"}).json();
  EXPECT_THAT(json["targets"][0]["difference"].get<std::string>(),
              AllOf(HasSubstr("num_warps (4, not 8)"),
                    HasSubstr("the value of BLOCK (1024, not 512)"),
                    HasSubstr("the alignment of y_ptr (16, not known)"), Not(HasSubstr("x_ptr"))));
}

TEST_F(SpecializeTest, FunctionsAmongTheArgumentsArePartOfTheCacheKey) {
  auto keyOf = [&](const std::string &body) {
    file = write(
        "apply.py",
        "import triton\nimport triton.language as tl\n\n\n@triton.jit\ndef f(a):\n    return " +
            body +
            "\n\n\n@triton.jit\ndef other(a):\n    return a\n\n\n@triton.jit\n"
            "def apply(x_ptr, g, s):\n    tl.store(x_ptr, g(tl.load(x_ptr)))\n");
    const LapResult result = run(
        "specialize",
        {"-k", "apply", "-t", "cpu", "--json", "-l",
         R"({"kernel": "apply", "grid": [1], "arguments": {"g": {"function": "f"}, "s": [16, null],
                 "x_ptr": {"tensor": {"dtype": "fp32", "shape": [1]}}}})"});
    EXPECT_EQ(result.code, 0) << result.messages;
    return result.json()["targets"][0]["cache_key"].get<std::string>();
  };
  EXPECT_EQ(keyOf("a + 1"), keyOf("a + 1  # the same"));
  EXPECT_NE(keyOf("a + 1"), keyOf("a + 2"));
  // Items of a tuple are explained one by one.
  const LapResult text =
      run("specialize", {"-k", "apply", "-t", "cpu", "-l",
                         R"({"kernel": "apply", "grid": [1], "arguments": {"g": {"function": "f"},
                             "s": [16, null], "x_ptr": {"tensor": {"dtype": "fp32", "shape": [1]}}}})"});
  EXPECT_THAT(text.output, AllOf(HasSubstr("s[0] "), HasSubstr("16 is divisible by 16 (D)"),
                                 HasSubstr("s[1] "), HasSubstr("None is a constant")));
}

TEST_F(SpecializeTest, WhatNamesNoVariantIsSaid) {
  auto messages = [&](std::vector<std::string> more) {
    more.insert(more.end(), {"-t", "cuda:90"});
    const LapResult result = run("specialize", more);
    EXPECT_EQ(result.code, 2);
    EXPECT_TRUE(result.output.empty());
    return result.messages;
  };
  EXPECT_THAT(messages({"--variant", "[('*fp32', 'D')"}), HasSubstr("position 16: expected"));
  EXPECT_THAT(messages({"--variant", "[('*fp32', 'D')]{}"}),
              HasSubstr("the key has 1 arguments; vector_add has 5 parameters"));
  EXPECT_THAT(messages({"--variant", "*fp32, *fp33"}), HasSubstr("position 8: expected a type"));
  EXPECT_THAT(messages({"--variant", key, "-l", launch}), HasSubstr("leave them out"));
  EXPECT_THAT(messages({"-l", launch, "--against", "nowhere.launch.json"}),
              AllOf(HasSubstr("--against"), HasSubstr("No such file")));
}

TEST_F(SpecializeTest, MasksReachTheCode) {
  const auto masked = [&](const std::string &mask) {
    return attributes({"-l", launch, "--properties", mask});
  };
  using Attributes = std::map<std::string, std::string>;
  EXPECT_EQ(masked("all"), (Attributes{{"x_ptr", divisibleBy16},
                                       {"y_ptr", divisibleBy16},
                                       {"out_ptr", divisibleBy16},
                                       {"n", divisibleBy16}}));
  EXPECT_EQ(masked("none"), (Attributes{{"x_ptr", ""}, {"y_ptr", ""}, {"out_ptr", ""}, {"n", ""}}));
  EXPECT_EQ(
      masked("n:D, x_ptr"),
      (Attributes{{"x_ptr", divisibleBy16}, {"y_ptr", ""}, {"out_ptr", ""}, {"n", divisibleBy16}}));
  // A folded 1 is an argument again.
  const std::string one = write("one.launch.json", vectorAddLaunch(1));
  EXPECT_FALSE(attributes({"-l", one}).contains("n"));
  EXPECT_TRUE(attributes({"-l", one, "--properties", "tt.divisibility"}).contains("n"));
  for (const char *verb : {"compile", "bench", "compare"}) {
    const LapResult unknown =
        run(verb, {"-l", launch, "-t", "cpu", "--properties", "x_ptr:tt.pointer_range"});
    EXPECT_EQ(unknown.code, 2) << verb;
    EXPECT_THAT(unknown.messages, HasSubstr("x_ptr:tt.pointer_range, which fired nowhere"));
  }
  const std::vector<std::string> quick = {"-l",           launch,    "-t",        "cpu",
                                          "--time-limit", "0.2",     "--warm-up", "0.01",
                                          "--properties", "x_ptr,n", "--json"};
  const Json bench = run("bench", quick).json();
  EXPECT_THAT(bench["variants"][0]["key"].get<std::string>(),
              HasSubstr("[('*fp32', 'D'), ('*fp32', ''), ('*fp32', ''), ('i32', 'D'),"));
  const Json compare = run("compare", quick).json();
  ASSERT_EQ(compare["variants"].size(), 2u);
  EXPECT_EQ(compare["variants"][0]["properties"], "x_ptr,n");
  EXPECT_EQ(compare["variants"][1]["properties"], "none");
}

// The first block of JSON in the room's README: a property in one file.
std::string documentInReadme() {
  const std::string text = readFile(LAPIDARY_SOURCE_DIR "/core/specialize/README.md").value_or("");
  const std::size_t begin = text.find("```json\n");
  if (begin == std::string::npos)
    return {};
  return text.substr(begin + 8, text.find("```", begin + 8) - begin - 8);
}

TEST_F(SpecializeTest, OneFileAddsAProperty) {
  userRules("mine.json", documentInReadme());
  // Everything starts 8 bytes past a multiple of 16, and n is divisible by 8 only.
  Json json = Json::parse(vectorAddLaunch(8200));
  for (const char *name : {"x_ptr", "y_ptr", "out_ptr"})
    json["arguments"][name]["tensor"]["offset"] = 2;
  const std::string by8 = write("by8.launch.json", json.dump());
  const LapResult shown =
      run("specialize", {"-l", by8, "-t", "cpu", "--rules", "divisible-by-8", "--json"});
  ASSERT_EQ(shown.code, 0) << shown.messages;
  const Json target = shown.json()["targets"][0];
  EXPECT_THAT(target["key"].get<std::string>(),
              HasSubstr("[('*fp32', 'E'), ('*fp32', 'E'), ('*fp32', 'E'), ('i32', 'E'),"));
  EXPECT_THAT(target["arguments"][3]["reason"].get<std::string>(),
              HasSubstr("8200 is divisible by 8 (E): 64-bit accesses"));
  // An attribute in the code, and what the analysis makes of it, which it does not know otherwise.
  const std::string divisibleBy8 = "{tt.divisibility = 8 : i32}";
  EXPECT_EQ(attributes({"-l", by8, "--rules", "divisible-by-8"})["n"], divisibleBy8);
  EXPECT_EQ(attributes({"-l", by8})["n"], "");
  auto axis = [&](const std::string &rules) {
    return run("compile", {"-l", by8, "-t", "cpu", "--rules", rules, "--emit", "axis"}).output;
  };
  EXPECT_THAT(axis("divisible-by-8"),
              AllOf(HasSubstr("contiguity [1024], divisibility [8]"), HasSubstr("constancy [8]")));
  EXPECT_THAT(axis("triton-3.6"), AllOf(HasSubstr("contiguity [1024], divisibility [1]"),
                                        Not(HasSubstr("constancy [8]"))));
  // Where 16 divides, the rule of the set it extends comes first; a mask takes the property away.
  EXPECT_EQ(attributes({"-l", launch, "--rules", "divisible-by-8"})["x_ptr"], divisibleBy16);
  EXPECT_EQ(attributes({"-l", by8, "--rules", "divisible-by-8", "--properties", "n:E"}),
            (std::map<std::string, std::string>{
                {"x_ptr", ""}, {"y_ptr", ""}, {"out_ptr", ""}, {"n", divisibleBy8}}));
}

TEST_F(SpecializeTest, BadRulesOfTheUsersOwnAreNamed) {
  const std::string path =
      userRules("mine.json", "{\"name\": \"mine\", \"targets\": [\"cpu\"], "
                             "\"rules\": [{\"name\": \"a\", \"letter\": \"D\"}]}");
  const LapResult bad = run("specialize", {"-l", launch, "-t", "cpu"});
  EXPECT_EQ(bad.code, 2);
  EXPECT_THAT(bad.messages,
              AllOf(HasSubstr(path), HasSubstr("rules[0]"), HasSubstr("needs the field")));
  userRules("mine.json", "{\"name\":");
  EXPECT_THAT(run("specialize", {"-l", launch, "-t", "cpu"}).messages,
              AllOf(HasSubstr(path), HasSubstr("not valid JSON")));
  userRules("mine.json", "{\"name\": \"mine\", \"targets\": [\"cpu\"], \"rules\": []}");
  EXPECT_EQ(run("specialize", {"-l", launch, "-t", "cpu"}).code, 0);
  EXPECT_THAT(run("specialize", {"-l", launch, "-t", "cpu", "--rules", "nobody's"}).messages,
              AllOf(HasSubstr("nobody's"), HasSubstr("mine"), HasSubstr("triton-3.6")));
}

TEST_F(SpecializeTest, OptOutsThatDoNothingAreWarnedOf) {
  std::string text = vectorAddText();
  text.replace(text.find("@triton.jit"), 11,
               "@triton.jit(do_not_specialize=[\"BLOCK\", \"m\", 3])");
  file = write("opt_outs.py", text);
  const LapResult result = run("specialize", {"-l", launch, "-t", "cpu"});
  EXPECT_EQ(result.code, 0) << result.messages;
  EXPECT_THAT(result.messages, AllOf(HasSubstr("does nothing on the constexpr 'BLOCK'"),
                                     HasSubstr("vector_add has no parameter 'm'")));
  EXPECT_THAT(result.output, HasSubstr("do_not_specialize")); // in force for n, by its index
  EXPECT_THAT(run("compile", {"-l", launch, "-t", "cpu", "--emit", "ttir"}).messages,
              HasSubstr("does nothing on the constexpr 'BLOCK'"));
}

} // namespace
} // namespace lapidary
