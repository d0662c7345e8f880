#include "core/source/Launch.h"
#include "core/support/Spelling.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lapidary {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char *module = R"j(
import triton
import triton.language as tl
LIMIT = 64
def rows(args):
  return args["n"] // 2
@triton.autotune(configs=[triton.Config({"BLOCK": 128}, num_warps=8)], key=["n"])
@triton.heuristics({"EVEN": lambda args: args["n"] % args["BLOCK"] == 0, "ROWS": rows})
@triton.jit
def tuned(x, n, eps=1e-5, BLOCK: tl.constexpr, EVEN: tl.constexpr, ROWS: tl.constexpr): pass
@triton.jit
def plain(x_ptr, y_ptr, n, MODE: tl.constexpr): pass
)j";

const KernelFile &file() {
  static const auto opened = parseKernelFile(module, "launch_test.py");
  return *opened;
}

// A launch of `plain` with one field replaced, to be broken piece by piece.
std::string launchText(const std::string &tensor, const std::string &rest = "",
                       const std::string &grid = R"j(["cdiv(n, 32)"])j") {
  return R"j({"kernel": "plain", "grid": )j" + grid + R"j(, "arguments": {"x_ptr": {"tensor": )j" +
         tensor +
         R"j(}, "y_ptr": {"tensor": {"dtype": "fp32", "shape": [8]}}, "n": 1000, "MODE": "fast"})j" +
         rest + "}";
}
constexpr const char *goodTensor = R"j({"dtype": "fp16", "shape": [4, 8]})j";

std::string errorOf(const std::string &text) {
  Result<Launch> launch = parseLaunch(text, "test.launch.json");
  if (launch)
    return "";
  EXPECT_EQ(launch.error().code, ErrorCode::InvalidInput);
  EXPECT_EQ(launch.error().context, "test.launch.json");
  return launch.error().message;
}

TEST(LaunchFile, fillsInWhatATensorLeavesOut) {
  Result<Launch> launch = parseLaunch(launchText(goodTensor), "test");
  ASSERT_TRUE(launch) << launch.error().message;
  const auto *tensor = launch->argument("x_ptr")->as<TensorArgument>();
  ASSERT_TRUE(tensor);
  EXPECT_EQ(tensor->dtype, DType::Fp16);
  EXPECT_THAT(tensor->strides, ElementsAre(8, 1));
  EXPECT_EQ(tensor->offset, 0);
  EXPECT_EQ(tensor->alignment, 256);
  EXPECT_EQ(tensor->storage, 64);
  EXPECT_EQ(tensor->init, "normal");
  EXPECT_EQ(*launch->argument("n"), makeInt(1000));
  EXPECT_EQ(*launch->argument("MODE"), makeString("fast"));
  EXPECT_THAT(launch->grid, ElementsAre("cdiv(n, 32)"));
}

TEST(LaunchFile, storageReachesTheLastElement) {
  auto storage = [](const std::string &tensor) {
    Result<Launch> launch = parseLaunch(launchText(tensor), "test");
    return launch ? launch->argument("x_ptr")->as<TensorArgument>()->storage : -1;
  };
  EXPECT_EQ(storage(R"j({"dtype": "fp32", "shape": [4, 8], "strides": [1, 4], "offset": 3})j"),
            (3 + 3 + 28 + 1) * 4);
  EXPECT_EQ(storage(R"j({"dtype": "fp32", "shape": [4, 8], "strides": [16, 2]})j"),
            (48 + 14 + 1) * 4);
  EXPECT_EQ(storage(R"j({"dtype": "i1", "shape": [5]})j"), 5);
  EXPECT_EQ(storage(R"j({"dtype": "fp64", "shape": []})j"), 8);
  EXPECT_EQ(storage(R"j({"dtype": "fp32", "shape": [4, 0]})j"), 0);
  EXPECT_EQ(storage(R"j({"dtype": "fp32", "shape": [1000000], "strides": [0]})j"), 4);
  EXPECT_EQ(storage(R"j({"dtype": "fp32", "shape": [2], "storage": 4096})j"), 4096);
}

TEST(LaunchFile, readsEveryKindOfValue) {
  Result<Launch> launch = parseLaunch(R"j({"$schema": "x", "kernel": "k", "name": "mine", "grid": 4,
    "arguments": {"a": null, "b": true, "c": -5, "d": 18446744073709551615, "e": 1.5, "f": {"float": "-inf"},
                  "g": {"dtype": "bf16"}, "h": [1, [2.0, "x"]], "i": {"int": "-99999999999999999999"},
                  "j": {"function": "add"}, "l": {"float": "nan"},
                  "k": {"descriptor": {"dtype": "fp16", "shape": [64, 64], "block_shape": [32, 16]}}},
    "outputs": ["k"], "options": {"num_warps": 8, "enable_fp_fusion": false}})j",
                                      "test");
  ASSERT_TRUE(launch) << launch.error().message;
  EXPECT_TRUE(launch->argument("a")->isNone());
  EXPECT_EQ(repr(*launch->argument("b")), "True");
  EXPECT_EQ(repr(*launch->argument("c")), "-5");
  EXPECT_EQ(repr(*launch->argument("d")), "18446744073709551615");
  EXPECT_EQ(repr(*launch->argument("e")), "1.5");
  EXPECT_EQ(repr(*launch->argument("f")), "-inf");
  EXPECT_EQ(*launch->argument("g"), Value{DType::BF16});
  EXPECT_EQ(repr(*launch->argument("h")), "(1, (2.0, 'x'))");
  EXPECT_EQ(repr(*launch->argument("i")), "-99999999999999999999");
  EXPECT_EQ(launch->argument("j")->as<FunctionValue>()->name, "add");
  EXPECT_TRUE(std::isnan(*launch->argument("l")->as<double>()));
  EXPECT_THAT(launch->argument("k")->as<TensorDescriptorValue>()->blockShape, ElementsAre(32, 16));
  EXPECT_EQ(repr(*launch->option("num_warps")), "8");
  EXPECT_EQ(launch->name, "mine");
  EXPECT_THAT(launch->grid, ElementsAre("4"));
  // And back: what is written is read as the same launch.
  Result<Launch> again = parseLaunch(dumpJson(toJson(*launch)), "again");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(dumpJson(toJson(*again)), dumpJson(toJson(*launch)));
  EXPECT_EQ(again->arguments.size(), launch->arguments.size());
}

TEST(LaunchFile, namesFieldAndRemedy) {
  struct {
    std::string text, expected;
  } cases[] = {
      {"", "JSON"},
      {"{", "test.launch.json:1:2: not valid JSON"},
      {"[]", "an object is expected, not a list"},
      {"{}", "'kernel' is missing"},
      {R"j({"kernel": "k", "grid": [1]})j", "'arguments' is missing"},
      {R"j({"kernel": 3, "grid": [1], "arguments": {}})j",
       "kernel: a string is expected, not an integer"},
      {R"j({"kernel": "", "grid": [1], "arguments": {}})j", "the name of a kernel is expected"},
      {R"j({"kernel": "k", "gird": [1], "arguments": {}})j",
       "'gird' is not a field; did you mean 'grid'?"},
      {R"j({"kernel": "k", "grid": [1], "arguments": {}, "zzz": 1})j",
       "'zzz' is not a field; there are $schema, kernel"},
      {R"j({"kernel": "k", "grid": [1], "arguments": {"n": 1, "n": 2}})j", "'n' is given twice"},
      {R"j({"kernel": "k", "grid": [1], "arguments": []})j",
       "arguments: an object is expected, not a list"},
      {R"j({"kernel": "k", "grid": [1], "arguments": {"n": 99999999999999999999}})j",
       "99999999999999999999 has more than 64 bits"},
      {R"j({"kernel": "k", "grid": [1], "arguments": {"n": {}}})j",
       "arguments.n: exactly one of tensor"},
      {R"j({"kernel": "k", "grid": [1], "arguments": {"n": {"tensr": 1}}})j",
       "arguments.n: 'tensr' is not a field; did you mean 'tensor'?"},
      {R"j({"kernel": "k", "grid": [1], "arguments": {"n": {"dtype": "fp17"}}})j",
       "'fp17' is not a type; did you mean 'fp16'?; known are i1"},
      {R"j({"kernel": "k", "grid": [1], "arguments": {"n": {"float": "big"}}})j",
       "inf, -inf or nan is expected, not 'big'"},
      {launchText("3"), "arguments.x_ptr.tensor: an object with dtype and shape is expected"},
      {launchText(R"j({"shape": [4]})j"), "arguments.x_ptr.tensor: 'dtype' is missing"},
      {launchText(R"j({"dtype": "fp16"})j"), "'shape' is missing"},
      {launchText(R"j({"dtype": "fp16", "shape": 4})j"),
       "arguments.x_ptr.tensor.shape: a list of integers is expected, not an integer"},
      {launchText(R"j({"dtype": "fp16", "shape": [4.5]})j"),
       "shape[0]: an integer is expected, not a fraction"},
      {launchText(R"j({"dtype": "fp16", "shape": [4, -1]})j"),
       "arguments.x_ptr.tensor.shape[1]: -1 is negative"},
      {launchText(R"j({"dtype": "fp16", "shape": [18446744073709551615]})j"),
       "18446744073709551615 is too large"},
      {launchText(R"j({"dtype": "fp16", "shape": [4000000000, 4000000000]})j"),
       "reach more bytes than 63 bits count"},
      {launchText(R"j({"dtype": "fp16", "shape": [9223372036854775807, 9223372036854775807, 3]})j"),
       "reach more bytes"},
      {launchText(R"j({"dtype": "fp16", "shape": [2], "offset": 9223372036854775807})j"),
       "reach more bytes"},
      {launchText(R"j({"dtype": "fp16", "shape": [1,1,1,1,1,1,1,1,1]})j"), "9 dimensions, up to 8"},
      {launchText(R"j({"dtype": "fp16", "shape": [4, 8], "strides": [1]})j"),
       "strides: 1 strides, but the shape has 2 dimensions"},
      {launchText(R"j({"dtype": "fp16", "shape": [4], "strides": [-1]})j"),
       "strides[0]: -1 is negative"},
      {launchText(R"j({"dtype": "fp16", "shape": [4], "offset": -1})j"), "offset: -1 is negative"},
      {launchText(R"j({"dtype": "fp16", "shape": [4], "alignment": 24})j"),
       "alignment: 24 is not a power of two"},
      {launchText(R"j({"dtype": "fp16", "shape": [4], "alignment": 0})j"),
       "alignment: 0 is not a power of two"},
      {launchText(R"j({"dtype": "fp32", "shape": [4], "alignment": 2})j"),
       "alignment: 2 bytes are less than one fp32 element"},
      {launchText(R"j({"dtype": "fp32", "shape": [4], "storage": 15})j"),
       "storage: 15 bytes, but shape, strides and offset reach 16"},
      {launchText(R"j({"dtype": "fp32", "shape": [4], "storage": -1})j"), "storage: -1 bytes"},
      {launchText(R"j({"dtype": "fp32", "shape": [4], "init": "norml"})j"),
       "init: 'norml' is unknown; did you mean 'normal'?"},
      {launchText(R"j({"dtype": "fp32", "shape": [4], "init": "randint:5:5"})j"),
       "is not randint:LOW:HIGH"},
      {launchText(R"j({"dtype": "fp32", "shape": [4], "init": "randint:5"})j"),
       "is not randint:LOW:HIGH"},
      {launchText(R"j({"dtype": "fp32", "shape": [4], "init": "file:"})j"),
       "init: 'file:' is unknown"},
      {launchText(R"j({"dtype": "fp32", "shape": [4], "const": 1})j"),
       "const: true or false is expected"},
      {launchText(R"j({"dtype": "fp32", "shape": [4], "stride": [1]})j"),
       "'stride' is not a field; did you mean 'strides'?"},
      {launchText(goodTensor, "", "[]"), "grid: one to three entries are expected, not 0"},
      {launchText(goodTensor, "", "[1, 2, 3, 4]"),
       "grid: one to three entries are expected, not 4"},
      {launchText(goodTensor, "", "[1.5]"),
       "grid[0]: an expression such as \"cdiv(n, BLOCK)\" or an integer"},
      {launchText(goodTensor, "", R"j(["cdiv(n"])j"), "grid[0]: 'cdiv(n' is not an expression"},
      {launchText(goodTensor, R"j(, "outputs": "x_ptr")j"),
       "outputs: a list of names is expected, not a string"},
      {launchText(goodTensor, R"j(, "options": {"num_warp": 4})j"),
       "'num_warp' is not an option; did you mean 'num_warps'?"},
      {launchText(goodTensor, R"j(, "options": {"num_warps": 3})j"),
       "options.num_warps: 3 is not a power of two"},
      {launchText(goodTensor, R"j(, "options": {"num_warps": true})j"), "is not a power of two"},
      {launchText(goodTensor, R"j(, "options": {"num_stages": -1})j"),
       "options.num_stages: -1 is not a number from 0 to 64"},
  };
  for (const auto &[text, expected] : cases)
    EXPECT_THAT(errorOf(text), HasSubstr(expected)) << text;
}

TEST(LaunchFile, isAPathOrTheTextItself) {
  EXPECT_TRUE(readLaunchArgument("\n " + launchText(goodTensor)));
  EXPECT_EQ(readLaunchArgument("/nowhere/x.launch.json").error().code, ErrorCode::NotFound);
}

Result<Launch> bound(const std::string &kernel, const std::string &arguments,
                     const std::string &rest = "", const std::string &grid = "[1]") {
  Result<Launch> launch = parseLaunch(R"j({"kernel": ")j" + kernel + R"j(", "grid": )j" + grid +
                                          R"j(, "arguments": )j" + arguments + rest + "}",
                                      "test");
  EXPECT_TRUE(launch) << launch.error().message;
  return bindLaunch(file(), *file().find(kernel), *launch);
}
constexpr const char *vector = R"j({"tensor": {"dtype": "fp32", "shape": [1024]}})j";

TEST(BindLaunch, fillsInAsTritonDoes) {
  Result<Launch> launch = bound("tuned", std::string(R"j({"n": 1024, "x": )j") + vector + "}");
  ASSERT_TRUE(launch) << launch.error().message;
  std::vector<std::string> shown;
  for (const auto &[name, value] : launch->arguments)
    shown.push_back(name + "=" + repr(value));
  EXPECT_THAT(shown, ElementsAre("x=fp32 1024", "n=1024", "eps=1e-05", "BLOCK=128", "EVEN=True",
                                 "ROWS=512"));
  EXPECT_EQ(repr(*launch->option("num_warps")), "8");
  // What the launch gives wins over decorators and defaults.
  launch = bound("tuned",
                 std::string(R"j({"x": )j") + vector +
                     R"j(, "n": 100, "BLOCK": 64, "eps": 1.0, "ROWS": 3})j",
                 R"j(, "options": {"num_warps": 2})j");
  ASSERT_TRUE(launch) << launch.error().message;
  EXPECT_EQ(repr(*launch->argument("EVEN")), "False");
  EXPECT_EQ(repr(*launch->argument("ROWS")), "3");
  EXPECT_EQ(repr(*launch->argument("eps")), "1.0");
  EXPECT_EQ(repr(*launch->option("num_warps")), "2");
}

TEST(BindLaunch, namesWhatDoesNotFit) {
  std::string x = std::string(R"j("x_ptr": )j") + vector + R"j(, "y_ptr": )j" + vector;
  struct {
    std::string arguments, rest, expected;
  } cases[] = {
      {"{}", "", "arguments: 4 of plain are missing: x_ptr, y_ptr, n, MODE (a constexpr)"},
      {"{" + x + R"j(, "n": 1})j", "", "arguments: 1 of plain is missing: MODE (a constexpr)"},
      {"{" + x + R"j(, "n": 1, "MOD": 1})j", "",
       "'MOD' is not a parameter of plain; did you mean 'MODE'?"},
      {"{" + x + R"j(, "n": 1, "qqq": 1})j", "",
       "'qqq' is not a parameter of plain; there are x_ptr, y_ptr, n, MODE"},
      {"{" + x + R"j(, "n": 1, "MODE": )j" + vector + "}", "",
       "'MODE' is a constexpr: a tensor cannot be its value"},
      {"{" + x + R"j(, "n": "one", "MODE": 1})j", "",
       "'n' is not a constexpr: a str cannot be passed to it"},
      {"{" + x + R"j(, "n": {"dtype": "fp16"}, "MODE": 1})j", "",
       "'n' is not a constexpr: a dtype"},
      {"{" + x + R"j(, "n": 1, "MODE": 1})j", R"j(, "outputs": ["z_ptr"])j",
       "outputs: 'z_ptr' is not a parameter of plain; did you mean"},
      {"{" + x + R"j(, "n": 1, "MODE": 1})j", R"j(, "outputs": ["n"])j",
       "outputs: 'n' is a int, not a tensor"},
  };
  for (const auto &[arguments, rest, expected] : cases) {
    Result<Launch> launch = bound("plain", arguments, rest);
    ASSERT_FALSE(launch) << expected;
    EXPECT_EQ(launch.error().code, ErrorCode::InvalidInput);
    EXPECT_THAT(launch.error().message, HasSubstr(expected));
  }
  Result<Launch> heuristic = bound("tuned", R"j({"x": null, "n": null})j");
  ASSERT_FALSE(heuristic);
  EXPECT_THAT(heuristic.error().message, HasSubstr("the heuristic for 'EVEN' cannot be evaluated"));
  Result<Launch> other =
      parseLaunch(R"j({"kernel": "tuned", "grid": [1], "arguments": {}})j", "test");
  EXPECT_THAT(bindLaunch(file(), *file().find("plain"), *other).error().message,
              HasSubstr("the launch is for 'tuned', not for 'plain'"));
}

TEST(BindLaunch, checksTensorsThatWereEdited) {
  Result<Launch> launch =
      bound("plain", std::string(R"j({"x_ptr": )j") + vector + R"j(, "y_ptr": )j" + vector +
                         R"j(, "n": 1, "MODE": 1})j");
  ASSERT_TRUE(launch);
  TensorArgument tensor = *launch->argument("x_ptr")->as<TensorArgument>();
  tensor.strides = {1, 1};
  launch->guessed = {"x_ptr", "n"};
  launch->setArgument("x_ptr", Value{tensor});
  EXPECT_THAT(launch->guessed, ElementsAre("n"));
  EXPECT_THAT(bindLaunch(file(), *file().find("plain"), *launch).error().message,
              HasSubstr("x_ptr.strides: 2 strides, but the shape has 1 dimensions"));
}

std::string grid(const std::string &entries) {
  Result<Launch> launch = bound("plain",
                                std::string(R"j({"x_ptr": )j") + vector +
                                    R"j(, "y_ptr": null, "n": 1000, "MODE": 128})j",
                                R"j(, "options": {"num_warps": 4})j", entries);
  if (!launch)
    return launch.error().message;
  auto sizes = evaluateGrid(*launch, *file().find("plain"), file());
  if (!sizes)
    return sizes.error().message;
  return std::to_string((*sizes)[0]) + " " + std::to_string((*sizes)[1]) + " " +
         std::to_string((*sizes)[2]);
}

TEST(Grid, isAnExpressionOverTheLaunch) {
  EXPECT_EQ(grid(R"j([7])j"), "7 1 1");
  EXPECT_EQ(grid(R"j(["cdiv(n, MODE)"])j"), "8 1 1");
  EXPECT_EQ(grid(R"j(["triton.cdiv(n, MODE)", "num_warps", 2])j"), "8 4 2");
  EXPECT_EQ(grid(R"j(["lambda META: (triton.cdiv(n, META['MODE']), 3)"])j"), "8 3 1");
  EXPECT_EQ(grid(R"j("lambda args: (args['n'],)")j"), "1000 1 1");
  EXPECT_EQ(grid(R"j(["x_ptr.shape[0]"])j"), "1024 1 1");
  EXPECT_EQ(grid(R"j(["x_ptr.numel() // 2"])j"), "512 1 1");
  EXPECT_EQ(grid(R"j(["(n, 2)"])j"), "1000 2 1");
  EXPECT_EQ(grid(R"j(["min(n, LIMIT)"])j"), "64 1 1");
  EXPECT_EQ(grid(R"j(["2**31 - 1", "65535"])j"), "2147483647 65535 1");
}

TEST(Grid, namesTheExpression) {
  EXPECT_THAT(grid(R"j(["cdiv(m, MODE)"])j"),
              HasSubstr("grid: 'cdiv(m, MODE)': 1:7: 'm' is not known here"));
  EXPECT_THAT(grid(R"j(["n / 2"])j"), HasSubstr("500.0 is a float, not an integer"));
  EXPECT_THAT(grid(R"j(["n == 1000"])j"), HasSubstr("True is a bool"));
  EXPECT_THAT(grid(R"j([0])j"), HasSubstr("0 programs in dimension 0: at least one is needed"));
  EXPECT_THAT(grid(R"j(["-n"])j"), HasSubstr("-1000 programs"));
  EXPECT_THAT(grid(R"j(["2**31"])j"),
              HasSubstr("2147483648 programs in dimension 0, at most 2147483647"));
  EXPECT_THAT(grid(R"j([1, 65536])j"), HasSubstr("65536 programs in dimension 1, at most 65535"));
  EXPECT_THAT(grid(R"j(["2**100"])j"), HasSubstr("at most 2147483647"));
  EXPECT_THAT(grid(R"j(["(1, 2, 3, 4)"])j"), HasSubstr("one to three sizes are expected, not 4"));
  EXPECT_THAT(grid(R"j(["(1, 2)", "3"])j"), HasSubstr("a tuple must be the only entry"));
  EXPECT_THAT(grid(R"j(["n // 0"])j"), HasSubstr("by zero"));
  EXPECT_THAT(grid(R"j(["y_ptr.shape[0]"])j"), HasSubstr("'shape' of a None is not known"));
}

TEST(Spelling, suggestsWhatIsNear) {
  std::vector<std::string> names = {"num_warps", "num_stages", "dtype", "n"};
  EXPECT_EQ(nearestName("num_warp", names), "num_warps");
  EXPECT_EQ(nearestName("Num_Stages", names), "num_stages");
  EXPECT_EQ(nearestName("dtpye", names), "dtype");
  EXPECT_EQ(nearestName("dtyp", names), "dtype");
  EXPECT_EQ(nearestName("something", names), "");
  EXPECT_EQ(nearestName("", names), "n");
  EXPECT_EQ(didYouMean("m", names), "; did you mean 'n'?");
}

} // namespace
} // namespace lapidary
