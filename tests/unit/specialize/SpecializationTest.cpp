#include "core/specialize/KeyString.h"
#include "tests/unit/specialize/Fixture.h"

using namespace lapidary;
using namespace lapidary::test;
using ::testing::HasSubstr;

namespace {

std::string keysOf(const Specialization &specialization) {
  std::string text;
  for (const ArgumentSpecialization &argument : specialization.arguments)
    text += argument.name + "=" + argument.type + ":" + argument.key.value_or("None") + " ";
  return text;
}

TEST(Specialization, MatmulShowsEveryClass) {
  JitFunction function = matmul();
  Launch l = matmulLaunch(function);
  Specialization onCuda = specialized("triton-3.6", cuda, function, l);
  EXPECT_EQ(
      onCuda.key,
      "[('*fp16', 'D'), ('*fp16', 'D'), ('*fp16', 'D'), ('i32', 'D'), ('i32', 'D'), ('i32', 'D'), "
      "('i32', 'D'), ('constexpr', 1), ('i32', 'D'), ('constexpr', 1), ('i32', 'D'), ('constexpr', "
      "1), "
      "('constexpr', 128), ('constexpr', 128), ('constexpr', 64), ('constexpr', 8)]"
      "{'debug': False, 'instrumentation_mode': ''}");
  EXPECT_TRUE(onCuda.warnings.empty());

  Specialization onHip = specialized("triton-3.6", hip, function, l);
  EXPECT_EQ(onHip.find("a_ptr")->key, "DS");
  EXPECT_EQ(onHip.find("a_ptr")->properties,
            (std::vector<Property>{{"tt.divisibility", 16}, {"tt.pointer_range", 32}}));
  EXPECT_EQ(onHip.find("M")->key, "D");
  EXPECT_EQ(onHip.find("sak")->type, "constexpr");
  EXPECT_EQ(onHip.find("sak")->constant, integer(1));
  EXPECT_TRUE(onHip.find("BM")->isDeclaredConstexpr);

  EXPECT_EQ(keysOf(specialized("triton-3.6", cpu, function, l)), keysOf(onCuda));
}

TEST(Specialization, ReasonsNameTheRuleAndTheNextFlip) {
  JitFunction function = kernel({"x_ptr", "n", "stride"});
  auto argument = [&](Value x, Value n, const char *name) {
    return *specialized("triton-3.6", hip, function, launch(function, {x, n, integer(1)}))
                .find(name);
  };
  Value plain = tensor(DType::Fp16, {1024});
  ArgumentSpecialization n = argument(plain, integer(1000), "n");
  EXPECT_THAT(n.reason, HasSubstr("1000 is not divisible by 16 (remainder 8)"));
  EXPECT_EQ(n.flip, "992 (8 less) or 1008 (8 more) would be D");
  EXPECT_EQ(argument(plain, integer(1024), "n").flip,
            "1023 (1 less) or 1025 (1 more) would be generic");
  EXPECT_EQ(argument(plain, integer(15), "n").flip,
            "1 (14 less) would be the constant 1; 16 (1 more) would be D");
  EXPECT_EQ(argument(plain, integer(1), "n").flip,
            "0 (1 less) would be D; 2 (1 more) would be generic");
  EXPECT_THAT(argument(plain, integer((1LL << 31) - 1), "n").flip,
              HasSubstr("2147483648 (1 more) would be i64 D"));
  EXPECT_THAT(argument(plain, integer((__int128(1) << 64) - 1), "n").flip,
              HasSubstr("18446744073709551616 (1 more) would be too wide for any type"));

  ArgumentSpecialization x = argument(plain, integer(8), "x_ptr");
  EXPECT_EQ(x.rule, "divisible-by-16, pointer-range-32");
  EXPECT_THAT(x.flip, HasSubstr("a view that starts 1 element (2 B) later would lose D"));
  x = argument(tensor(DType::Fp16, {1024}, 4), integer(8), "x_ptr");
  EXPECT_THAT(x.reason, HasSubstr("its first element lies 8 bytes past a multiple of 16"));
  EXPECT_THAT(x.flip, HasSubstr("4 elements (8 B) later would gain D"));
  std::int64_t large = (std::int64_t(2) << 30) + (std::int64_t(256) << 20);
  x = argument(tensor(DType::Fp16, {large / 2}), integer(8), "x_ptr");
  EXPECT_EQ(x.key, "D");
  EXPECT_THAT(x.reason, HasSubstr("256.0 MiB over 2147483647 bytes"));
  EXPECT_THAT(x.flip, HasSubstr("256.0 MiB less of storage would gain S"));
}

// Predicates that no release uses so far, but forks do.
TEST(Specialization, EveryPredicateExplainsItself) {
  auto sets = RuleSets::parse({{"fork.json", R"({"name": "fork", "targets": ["cuda"], "rules": [
    {"name": "divisor", "letter": "P", "kinds": ["int", "tensor"], "explanation": "wide accesses",
     "when": {"power-of-two-divisor": [2, 64]}, "attribute": {"name": "tt.divisibility"}},
    {"name": "small", "letter": "T", "kinds": ["int"], "when": {"within-range": [0, 1000]},
     "attribute": {"name": "fork.small", "value": 1}, "explanation": "16-bit offsets",
     "option": {"name": "narrow", "default": false}},
    {"name": "halves", "letter": "W", "kinds": ["tensor"], "when": {"type-width": [8, 16]},
     "explanation": "packed"}]})"}});
  ASSERT_TRUE(sets) << sets.error().message;
  JitFunction function = kernel({"x_ptr", "n", "m"});
  Launch l = launch(function, {tensor(DType::Fp16, {64}, 4), integer(24), integer(3)},
                    {{"narrow", Value{true}}});
  auto result = specialize(**sets, "fork", cuda, function, l);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(keysOf(*result), "x_ptr=*fp16:P8W n=i32:P8T m=i32:T ");
  EXPECT_EQ(result->find("n")->properties,
            (std::vector<Property>{{"tt.divisibility", 8}, {"fork.small", 1}}));
  EXPECT_THAT(
      result->find("x_ptr")->reason,
      AllOf(HasSubstr("its address is divisible by 8, the largest power of two up to 64 (P)"),
            HasSubstr("its type has 8 to 16 bits (W)")));
  EXPECT_THAT(result->find("m")->reason, HasSubstr("3 is within 0 .. 1000 (T): 16-bit offsets"));
  l.options.clear();
  EXPECT_THAT(specialize(**sets, "fork", cuda, function, l)->find("m")->reason,
              HasSubstr("3 is within 0 .. 1000, but narrow is off"));
  // A mask names the letter, with or without its divisor.
  for (const char *mask : {"n:P", "n:P8", "n:divisor", "n:tt.divisibility"})
    EXPECT_EQ(keysOf(*applyMask(*result, *parsePropertyMask(mask))),
              "x_ptr=*fp16: n=i32:P8 m=i32: ")
        << mask;
  EXPECT_FALSE(applyMask(*result, *parsePropertyMask("n:P16")));
  auto selected = specializationFromKey(**sets, "fork", cuda, function, result->key);
  ASSERT_TRUE(selected) << selected.error().message;
  EXPECT_EQ(selected->find("n")->properties, result->find("n")->properties);
}

TEST(Specialization, OptOutsAndOptionsAreNamed) {
  JitOptions options;
  options.doNotSpecialize = {"n"};
  options.doNotSpecializeOnAlignment = {"x_ptr"};
  JitFunction function = kernel({"x_ptr", "n"}, options);
  Specialization result = specialized("triton-3.6", hip, function,
                                      launch(function, {tensor(DType::Fp32, {64}), integer(1)}));
  EXPECT_EQ(keysOf(result), "x_ptr=*fp32:S n=i32:None ");
  EXPECT_EQ(result.find("x_ptr")->suppressed, std::vector<std::string>{"tt.divisibility"});
  EXPECT_EQ(result.find("n")->suppressed, std::vector<std::string>{"tt.equal_to"});
  EXPECT_THAT(result.find("n")->reason,
              HasSubstr("its value is 1, but do_not_specialize switches that off"));

  result = specialized("triton-3.6", hip, function,
                       launch(function, {tensor(DType::Fp32, {64}), integer(1)},
                              {{"use_buffer_ops", Value{false}}}));
  EXPECT_EQ(result.find("x_ptr")->key, "");
  EXPECT_THAT(result.find("x_ptr")->reason, HasSubstr("use_buffer_ops is off"));
  EXPECT_THAT(result.key, Not(HasSubstr("use_buffer_ops")));
  // Off by default up to 3.5.
  JitFunction open = kernel({"x_ptr"});
  Launch l = launch(open, {tensor(DType::Fp32, {64})});
  EXPECT_EQ(specialized("triton-3.5", hip, open, l).find("x_ptr")->key, "D");
  l.options = {{"use_buffer_ops", Value{true}}};
  EXPECT_EQ(specialized("triton-3.5", hip, open, l).find("x_ptr")->key, "DS");
}

TEST(Specialization, WarnsOfOptOutsThatDoNothing) {
  JitOptions options;
  options.doNotSpecialize = {"BLOCK", "nowhere", "eps", "n"};
  options.doNotSpecializeOnAlignment = {"n"};
  JitFunction function = kernel({"n", "eps: tl.float32", "BLOCK: tl.constexpr"}, options);
  Specialization result = specialized("triton-3.6", cuda, function,
                                      launch(function, {integer(16), Value{1e-5}, integer(64)}));
  std::string text;
  for (const Diagnostic &warning : result.warnings)
    text += warning.message + "\n";
  EXPECT_EQ(result.warnings.size(), 4u) << text;
  EXPECT_THAT(text, HasSubstr("do_not_specialize does nothing on the constexpr 'BLOCK'"));
  EXPECT_THAT(text, HasSubstr("names 'nowhere', which kernel does not have"));
  EXPECT_THAT(text, HasSubstr("'eps': a parameter annotated fp32 is never specialized"));
  EXPECT_THAT(text, HasSubstr("do_not_specialize_on_alignment does nothing on 'n'"));
}

TEST(Specialization, DescriptorFormOf32) {
  JitOptions options;
  options.doNotSpecialize = {"m"};
  JitFunction function =
      kernel({"x_ptr", "m", "n", "flag", "mask_ptr", "BLOCK: tl.constexpr"}, options);
  Launch l = launch(function,
                    {tensor(DType::Fp32, {64}), integer(16), integer(1), Value{true},
                     Value{NoneValue{}}, integer(128)},
                    {{"num_warps", integer(8)}});
  EXPECT_EQ(specialized("triton-3.2", cuda, function, l).key,
            "*fp32i32i32i1noneD1ND((128,), {'num_warps': 8, 'debug': False})");
  EXPECT_EQ(specialized("triton-3.2", hip, function, l).key,
            "*fp32i32i32i1noneDS1ND((128,), {'num_warps': 8, 'debug': False})");
}

TEST(Specialization, AnnotationsFollowTheRelease) {
  auto typeOf = [](const std::string &rules, const std::string &annotation, Value value) {
    JitFunction function = kernel({"x: " + annotation});
    return keysOf(specialized(rules, cuda, function, launch(function, {value})));
  };
  EXPECT_EQ(typeOf("triton-3.6", "tl.int64", integer(16)), "x=i64:D ");
  // The annotated type stays, although the value of 1 enters the key.
  EXPECT_EQ(typeOf("triton-3.6", "tl.int64", integer(1)), "x=i64:1 ");
  EXPECT_EQ(typeOf("triton-3.3", "tl.int64", integer(1)), "x=i64:1 ");
  EXPECT_EQ(typeOf("triton-3.6", "tl.float32", Value{1.0}), "x=fp32:None ");
  EXPECT_EQ(typeOf("triton-3.3", "\"i64\"", integer(3)), "x=i32: ");
  EXPECT_EQ(typeOf("triton-3.6", "\"i64\"", integer(3)), "x=i64: ");
  EXPECT_EQ(typeOf("triton-3.6", "\"const fp16*\"", tensor(DType::Fp16, {8})), "x=*kfp16:D ");
  EXPECT_EQ(typeOf("triton-3.6", "tl.pointer_type(tl.bfloat16)", tensor(DType::BF16, {8})),
            "x=*bf16:D ");
  EXPECT_EQ(typeOf("triton-3.2", "tl.const", tensor(DType::Fp16, {8})), "x=*kfp16:D ");
}

// An annotated parameter stays one: nothing is folded, whatever enters the key.
TEST(Specialization, AnnotatedParametersAreNeverFolded) {
  JitFunction function = kernel({"n: tl.int64", "x_ptr: \"*fp16\""});
  Specialization result =
      specialized("triton-3.6", cuda, function, launch(function, {integer(1), Value{NoneValue{}}}));
  EXPECT_EQ(keysOf(result), "n=i64:1 x_ptr=*fp16:None ");
  EXPECT_FALSE(result.find("n")->constant);
  EXPECT_FALSE(result.find("x_ptr")->constant);
  EXPECT_THAT(result.find("n")->reason, HasSubstr("the annotation keeps it an argument"));
  EXPECT_THAT(result.find("x_ptr")->reason, HasSubstr("annotated *fp16: passed at run time"));
  EXPECT_THAT(firedProperties(result), ::testing::IsEmpty()); // nothing to price
}

TEST(Specialization, TuplesNestAndIgnoreOptOuts) {
  JitOptions options;
  options.doNotSpecialize = {"shape"};
  JitFunction function = kernel({"shape"}, options);
  Value shape{TupleValue{{integer(16), integer(1),
                          Value{TupleValue{{tensor(DType::Int8, {32}), Value{NoneValue{}}}}}}}};
  Specialization result = specialized("triton-3.6", cuda, function, launch(function, {shape}));
  EXPECT_EQ(result.arguments[0].type, "('i32', 'constexpr', ('*i8', 'constexpr'))");
  EXPECT_THAT(result.key,
              HasSubstr("[(('i32', 'constexpr', ('*i8', 'constexpr')), ('D', 1, ('D', None)))]"));
  EXPECT_EQ(result.arguments[0].items[2].items[0].name, "shape[2][0]");
  EXPECT_EQ(firedProperties(result),
            (std::vector<std::string>{"shape[0]:tt.divisibility", "shape[1]:tt.equal_to",
                                      "shape[2][0]:tt.divisibility"}));
}

TEST(Specialization, WhatNoTypeHoldsIsAnError) {
  JitFunction function = kernel({"n"});
  auto error = [&](const std::string &rules, Value value) {
    auto result =
        specialize(*builtinRules(), rules, cuda, function, launch(function, {std::move(value)}));
    return result ? std::string("fine") : result.error().message;
  };
  __int128 wide = __int128(1) << 64;
  EXPECT_THAT(error("triton-3.6", integer(wide)),
              HasSubstr("argument 'n' = 18446744073709551616 overflows"));
  EXPECT_THAT(error("triton-3.6", integer(-(wide / 2) - 1)), HasSubstr("overflows"));
  EXPECT_EQ(error("triton-3.6", integer(wide - 1)), "fine");
  EXPECT_EQ(error("triton-3.5", integer(wide)), "fine");
  EXPECT_THAT(error("triton-3.6", Value{std::string("relu")}),
              HasSubstr("only for a parameter declared tl.constexpr"));
  EXPECT_THAT(error("triton-3.2", Value{TupleValue{}}), HasSubstr("argument 'n' is a tuple"));
  JitFunction block = kernel({"BLOCK: tl.constexpr"});
  auto huge = specialize(*builtinRules(), "triton-3.6", cuda, block,
                         launch(block, {Value{*parseInteger(std::string(60, '7'))}}));
  ASSERT_FALSE(huge);
  EXPECT_THAT(huge.error().message, HasSubstr("'BLOCK': integers beyond 127 bits"));
  EXPECT_THAT(error("triton-2.0", integer(1)),
              HasSubstr("there is no rule set 'triton-2.0'; there are: triton-3.2"));
  auto none = specialize(*builtinRules(), "triton-3.6", Target{"npu", ""}, function,
                         launch(function, {integer(1)}));
  EXPECT_THAT(none.error().message, HasSubstr("has no rules for npu"));
  auto missing = specialize(*builtinRules(), "triton-3.6", cuda, function, Launch{});
  EXPECT_THAT(missing.error().message, HasSubstr("no value for parameter 'n'"));
}

TEST(Specialization, JsonHasThePromisedFields) {
  JitFunction function = matmul();
  Json json = toJson(specialized("triton-3.6", hip, function, matmulLaunch(function)));
  EXPECT_EQ(json["target"], "hip:gfx942");
  EXPECT_EQ(json["rules"], "triton-3.6");
  const Json &a = json["arguments"][0], &sak = json["arguments"][7];
  EXPECT_EQ(a["properties"], Json::parse(R"({"tt.divisibility": 16, "tt.pointer_range": 32})"));
  EXPECT_TRUE(a["constant"].is_null());
  EXPECT_EQ(sak["constant"], 1);
  for (const char *field : {"name", "type", "key", "reason", "flip"})
    EXPECT_TRUE(a.contains(field)) << field;
}

} // namespace
