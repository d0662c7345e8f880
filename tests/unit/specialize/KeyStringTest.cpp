#include "core/specialize/KeyString.h"
#include "tests/unit/specialize/Fixture.h"

using namespace lapidary;
using namespace lapidary::test;
using ::testing::HasSubstr;

namespace {

std::string errorOf(std::string_view text) {
  auto key = parseKeyString(text);
  return key ? "fine" : key.error().message;
}

TEST(KeyString, PrintsWhatItReads) {
  for (const char *text :
       {"[('*fp32', 'D'), ('i32', ''), ('constexpr', 6)]{'debug': False}", "[]{}",
        "[(('i32', 'constexpr', ('*i8', 'constexpr')), ('D', 1, ('D', None)))]{}",
        "[('constexpr', 'it\\'s \"x\"'), ('constexpr', -1.5e-07), ('constexpr', None)]{'a': ''}",
        "[('constexpr', (1, 2.0, True)), ('constexpr', triton.language.float16)]{}",
        "[('constexpr', 18446744073709551616), ('fp32', None)]{'num_warps': 8, 'debug': True}",
        "[('constexpr', inf), ('constexpr', -inf), ('constexpr', nan)]{}",
        "[('constexpr', JITFunction(kernels:outer.<locals>.helper))]{}",
        "[('constexpr', <object at 0x7f>), ('constexpr', Config(a=[1, 2]))]{}",
        "[('tensordesc<fp16[64, 64]>', None)]{}"}) {
    auto key = parseKeyString(text);
    ASSERT_TRUE(key) << text << ": " << key.error().message;
    auto again = parseKeyString(printKeyString(*key));
    ASSERT_TRUE(again) << printKeyString(*key);
    EXPECT_EQ(printKeyString(*again), printKeyString(*key));
  }
  EXPECT_EQ(parsePythonLiteral(R"('\u200b\x41\U0001f600')"),
            Value{std::string("\u200bA\U0001f600")});
  EXPECT_EQ(printKeyString(*parseKeyString("[( '*fp32','D' ) ,('i32' , \"\")] {}")),
            "[('*fp32', 'D'), ('i32', '')]{}");
}

TEST(KeyString, IsFoundInALogLine) {
  auto key =
      parseKeyString("2025-01-02 10:00:00 [INFO] add key=[('i32', 'D')]{'debug': False} 3ms");
  ASSERT_TRUE(key) << key.error().message;
  ASSERT_EQ(key->entries.size(), 1u);
  EXPECT_EQ(key->options.size(), 1u);
}

TEST(KeyString, ErrorsSayWhere) {
  EXPECT_THAT(errorOf(""), HasSubstr("position 1"));
  EXPECT_THAT(errorOf("[('i32', 'D')"), HasSubstr("position 14: expected ',' or ']'"));
  EXPECT_THAT(errorOf("[('i32', 'D') ('i32', '')]"), HasSubstr("position 15"));
  EXPECT_THAT(errorOf("[('i32', )]"), HasSubstr("a pair (type, key)"));
  EXPECT_THAT(errorOf("[('i32', what)]"), HasSubstr("position 10"));
  EXPECT_THAT(errorOf("[('i32', 'D)]"),
              HasSubstr("position 10: expected a text with its closing quote"));
  EXPECT_THAT(errorOf("[(3, 'D')]"), HasSubstr("a pair (type, key)"));
  EXPECT_THAT(errorOf("[('constexpr', " + std::string(60, '7') + ")]"), HasSubstr("position 16"));
  EXPECT_THAT(errorOf("[('constexpr', '\\u12')]"), HasSubstr("4 hexadecimal digits"));
  EXPECT_THAT(errorOf("[('constexpr', Config(a=[1))]"), HasSubstr("position 27: expected ']'"));
  EXPECT_THAT(errorOf("[('constexpr', <object)]"), HasSubstr("expected '>', found ')]'"));
  EXPECT_THAT(errorOf("[('constexpr', JITFunction(f[1]))]"),
              HasSubstr("the name of a jit function"));
  EXPECT_THAT(errorOf("[('i32', 'D')]{'debug': }"), HasSubstr("position 25"));
  EXPECT_THAT(errorOf("[('i32', 'D')]{1: 2}"), HasSubstr("options with text names"));
  EXPECT_THAT(errorOf("[('i32', " + std::string(5000, '(')), HasSubstr("levels of nesting"));
}

// A pasted key selects the variant that it was printed for.
void expectSelected(const std::string &rules, const Target &target, const JitFunction &function,
                    const Launch &l) {
  Specialization original = specialized(rules, target, function, l);
  auto selected = specializationFromKey(*builtinRules(), rules, target, function, original.key);
  ASSERT_TRUE(selected) << rules << ": " << selected.error().message << "\n" << original.key;
  EXPECT_EQ(selected->key, original.key);
  for (std::size_t i = 0; i < original.arguments.size(); ++i) {
    const ArgumentSpecialization &a = original.arguments[i], &b = selected->arguments[i];
    EXPECT_EQ(b.type, a.type) << rules << " " << a.name;
    EXPECT_EQ(b.properties, a.properties) << rules << " " << a.name;
    EXPECT_EQ(b.constant, a.constant) << rules << " " << a.name;
    EXPECT_EQ(b.genericType, a.genericType) << rules << " " << a.name;
  }
}

TEST(KeySelection, AKeySelectsItsVariantOnEveryReleaseAndBackend) {
  JitFunction function = matmul();
  JitOptions options;
  options.doNotSpecialize = {"m"};
  JitFunction mixed = kernel({"x_ptr", "m", "n", "eps", "mask", "BLOCK: tl.constexpr"}, options);
  Launch mixedLaunch = launch(mixed,
                              {tensor(DType::Fp16, {64}, 3), integer(16), integer(1), Value{1e-5},
                               Value{NoneValue{}}, integer(128)},
                              {{"num_warps", integer(8)}});
  for (const std::string &rules : builtinRules()->names())
    for (const Target &target : {cuda, hip, cpu}) {
      expectSelected(rules, target, function, matmulLaunch(function));
      expectSelected(rules, target, mixed, mixedLaunch);
    }
}

TEST(KeySelection, ErrorsNameTheArgument) {
  JitFunction function = kernel({"x_ptr", "n", "BLOCK: tl.constexpr"});
  auto errorOf = [&](const std::string &rules, const std::string &text) {
    auto result = specializationFromKey(*builtinRules(), rules, cuda, function, text);
    return result ? "fine" : result.error().message;
  };
  EXPECT_THAT(errorOf("triton-3.6", "[('i32', 'D')]{}"),
              HasSubstr("the key has 1 arguments; kernel has 3 parameters"));
  EXPECT_THAT(errorOf("triton-3.6", "[('*fp32', 'DZ'), ('i32', ''), ('constexpr', 1)]{}"),
              HasSubstr("argument 'x_ptr': triton-3.6 has no key letter 'Z'"));
  EXPECT_THAT(errorOf("triton-3.6", "[('*fp32', 'D'), ('constexpr', 2), ('constexpr', 1)]{}"),
              HasSubstr("argument 'n': no rule of triton-3.6 gives the constant 2"));
  EXPECT_THAT(errorOf("triton-3.6", "[('*fp32', 'D'), ('i32', ''), ('i32', '')]{}"),
              HasSubstr("'BLOCK': is declared tl.constexpr"));
  EXPECT_THAT(errorOf("triton-3.2", "*fp32"), HasSubstr("position 6: expected the type of 'n'"));
  EXPECT_THAT(errorOf("triton-3.2", "*fp32i32DD"), HasSubstr("constants and options"));
  EXPECT_THAT(errorOf("triton-3.2", "*fp32i32DQ((1,), {})"), HasSubstr("position 9"));
  EXPECT_THAT(errorOf("triton-3.2", "*fp32i32DD((), {})"), HasSubstr("no constant for 'BLOCK'"));
  EXPECT_EQ(errorOf("triton-3.2", "*fp32i32DD((64,), {'debug': False})"), "fine");
}

} // namespace
