#include "core/source/Evaluator.h"
#include "core/source/PythonParser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lapidary {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// The value as Python would print it, or "error: ...". The module may define functions.
std::string evaluate(const std::string &text, const std::string &moduleText = "",
                     int steps = 100000) {
  ParsedModule module = parsePython(moduleText, "module.py");
  EXPECT_TRUE(module.problems.empty()) << moduleText;
  auto functions = [&](const std::string &name) -> const ast::FunctionDef * {
    for (const ast::StmtPtr &stmt : module.module->body)
      if (const auto *function = stmt->as<ast::FunctionDef>(); function && function->name == name)
        return function;
    return nullptr;
  };
  auto lookup = [](const std::string &name) -> std::optional<Value> {
    if (name == "n")
      return makeInt(1000);
    if (name == "args")
      return Value{
          DictValue{{{makeString("X"), Value{NoneValue{}}},
                     {makeString("t"), Value{TensorArgument{DType::Fp16, {4, 8}, {8, 1}}}}}}};
    return std::nullopt;
  };
  Result<ast::ExprPtr> expression = parsePythonExpression(text, "test");
  if (!expression)
    return "unreadable: " + expression.error().message;
  Evaluator evaluator(lookup, functions, steps);
  Result<Value> value = evaluator.evaluate(**expression);
  return value ? repr(*value) : "error: " + value.error().message;
}

struct Case {
  const char *text, *expected;
};

TEST(Evaluator, typesAnswerQuestions) {
  for (auto [text, expected] :
       std::initializer_list<Case>{{"tl.bfloat16.is_bf16()", "True"},
                                   {"tl.float16.is_bf16()", "False"},
                                   {"tl.uint8.is_int() and not tl.uint8.is_int_signed()", "True"},
                                   {"tl.float8e5.is_fp8()", "True"},
                                   {"tl.float32.is_uint64()", "False"},
                                   {"torch.finfo(torch.float16).max", "65504.0"},
                                   {"torch.finfo(torch.float32).eps", "1.1920928955078125e-07"},
                                   {"torch.iinfo(torch.int8).min", "-128"},
                                   {"torch.iinfo(torch.uint16).max", "65535"}})
    EXPECT_EQ(evaluate(text), expected) << text;
  EXPECT_THAT(evaluate("torch.iinfo(torch.float32).max"), HasSubstr("other kind"));
  EXPECT_THAT(evaluate("tl.float32.is_nothing()"), StartsWith("error: "));
}

TEST(Evaluator, stringsAreFormatted) {
  EXPECT_EQ(evaluate("'{}x{}'.format(3, 'a')"), "'3xa'");
  EXPECT_EQ(evaluate("'{1}{0}{{}}{name}'.format(1, 2, name=3)"), "'21{}3'");
  EXPECT_THAT(evaluate("'{}'.format()"), StartsWith("error: "));
  EXPECT_THAT(evaluate("'{:>3}'.format(1)"), StartsWith("error: "));
}

// Each line can be checked by pasting its left side into Python.
TEST(Evaluator, arithmeticIsPythons) {
  for (auto [text, expected] : std::initializer_list<Case>{
           {"7 // 2", "3"},
           {"-7 // 2", "-4"},
           {"7 // -2", "-4"},
           {"-7 % 3", "2"},
           {"7 % -3", "-2"},
           {"7.5 // 2", "3.0"},
           {"-7.5 // 2", "-4.0"},
           {"-7.5 % 2", "0.5"},
           {"7.5 % -2", "-0.5"},
           {"-1e-20 % 3", "3.0"},
           {"0.0 // -3", "-0.0"},
           {"1 / 2", "0.5"},
           {"6 / 3", "2.0"},
           {"(2**53 + 1) / 1", "9007199254740992.0"},
           {"2 ** 10", "1024"},
           {"2 ** -1", "0.5"},
           {"(-2) ** 3", "-8"},
           {"(-1) ** 1000000", "1"},
           {"0 ** 0", "1"},
           {"2.0 ** 0.5", "1.4142135623730951"},
           {"1 << 20", "1048576"},
           {"-5 >> 1", "-3"},
           {"-5 >> 1000", "-1"},
           {"6 & 3", "2"},
           {"6 | 3", "7"},
           {"6 ^ 3", "5"},
           {"~6", "-7"},
           {"~True", "-2"},
           {"True + True", "2"},
           {"True & False", "False"},
           {"True | 2", "3"},
           {"-True", "-1"},
           {"+2.5", "2.5"},
           {"1e300 * 1e10", "inf"},
           {"'ab' * 3", "'ababab'"},
           {"2 * [1, 2]", "[1, 2, 1, 2]"},
           {"(1,) + (2,)", "(1, 2)"},
           {"'a' + 'b'", "'ab'"},
           {"{'a': 1} | {'a': 2, 'b': 3}", "{'a': 2, 'b': 3}"},
           {"2 ** 126", "85070591730234615865843651857942052864"},
       })
    EXPECT_EQ(evaluate(text), expected) << text;
}

TEST(Evaluator, comparisonsAreExact) {
  for (auto [text, expected] : std::initializer_list<Case>{
           {"1 < 2 < 3", "True"},
           {"1 < 2 > 3", "False"},
           {"1 == 1.0 == True", "True"},
           {"2**53 + 1 == 2.0**53", "False"},
           {"2**53 + 1 > 2.0**53", "True"},
           {"2**100 < float('inf')", "True"},
           {"float('nan') == float('nan')", "False"},
           {"float('nan') < 1", "False"},
           {"1 != 'a'", "True"},
           {"(1, 2) < (1, 3)", "True"},
           {"[1] < [1, 0]", "True"},
           {"'a' < 'b'", "True"},
           {"2 in (1, 2)", "True"},
           {"'b' in {'b': 1}", "True"},
           {"'lo' in 'hello'", "True"},
           {"3 not in [1]", "True"},
           {"None is None", "True"},
           {"1 is not None", "True"},
           {"0 or 'x'", "'x'"},
           {"0 and undefined", "0"},
           {"1 or undefined", "1"},
           {"not ''", "True"},
           {"'yes' if n > 5 else undefined", "'yes'"},
       })
    EXPECT_EQ(evaluate(text), expected) << text;
}

TEST(Evaluator, containersAndComprehensions) {
  for (auto [text, expected] : std::initializer_list<Case>{
           {"[x * x for x in range(4) if x % 2]", "[1, 9]"},
           {"[(a, b) for a in [1, 2] for b in 'xy']", "[(1, 'x'), (1, 'y'), (2, 'x'), (2, 'y')]"},
           {"{k: v for k, v in zip('ab', [1, 2])}", "{'a': 1, 'b': 2}"},
           {"sum(x for x in range(5))", "10"},
           {"[*range(3), 9]", "[0, 1, 2, 9]"},
           {"{**{'a': 1}, 'b': 2}", "{'a': 1, 'b': 2}"},
           {"[1, 2, 3][-1]", "3"},
           {"[1, 2, 3, 4][1:3]", "[2, 3]"},
           {"[1, 2, 3, 4][::-1]", "[4, 3, 2, 1]"},
           {"[1, 2, 3, 4][::-2]", "[4, 2]"},
           {"'hello'[1:-1]", "'ell'"},
           {"(1, 2, 3)[5:]", "()"},
           {"[1, 2][::9223372036854775807]", "[1]"},
           {"{'a': {'b': 3}}['a']['b']", "3"},
           {"len({1, 2, 2})", "2"},
           {"list(map(lambda x: x + n, [1, 2]))", "[1001, 1002]"},
           {"list(filter(None, [0, 1, 2]))", "[1, 2]"},
           {"sorted([3, 1, 2], key=lambda x: -x)", "[3, 2, 1]"},
           {"sorted('ba', reverse=True)", "['b', 'a']"},
           {"max([3, 1, 2])", "3"},
           {"min(3, 1, 2)", "1"},
           {"max([], default=7)", "7"},
           {"min([[1, 2], [0]], key=len)", "[0]"},
           {"list(enumerate('ab', start=1))", "[(1, 'a'), (2, 'b')]"},
           {"dict(a=1, b=2)", "{'a': 1, 'b': 2}"},
           {"dict([('a', 1)])", "{'a': 1}"},
           {"{'a': 1}.get('b', 5)", "5"},
           {"list({'a': 1}.items())", "[('a', 1)]"},
           {"' '.join(['a', 'b'])", "'a b'"},
           {"'a,b'.split(',')", "['a', 'b']"},
           {"'gfx942'.startswith(('gfx', 'sm'))", "True"},
           {"f'{n}-{1.5}'", "'1000-1.5'"},
           {"list(itertools.product([1, 2], 'x'))", "[(1, 'x'), (2, 'x')]"},
           {"len(list(itertools.product([0, 1], repeat=3)))", "8"},
           {"list(itertools.combinations([1, 2, 3], 2))", "[(1, 2), (1, 3), (2, 3)]"},
           {"list(itertools.permutations([1, 2]))", "[(1, 2), (2, 1)]"},
           {"list(itertools.chain([1], (2,)))", "[1, 2]"},
           {"functools.reduce(lambda a, b: a * b, [1, 2, 3, 4])", "24"},
           {"list(range(10, 0, -3))", "[10, 7, 4, 1]"},
           {"(lambda a, b: a - b)(5, 3)", "2"},
           {"[f(2) for f in [lambda x: x, lambda x: x * 10]]", "[2, 20]"},
           {"isinstance(1, int), isinstance(True, (int, float)), isinstance('a', int)",
            "(True, True, False)"},
       })
    EXPECT_EQ(evaluate(text), expected) << text;
}

TEST(Evaluator, knowsTheFunctionsThatConfigurationsCall) {
  for (auto [text, expected] : std::initializer_list<Case>{
           {"triton.cdiv(1000, 128)", "8"},
           {"cdiv(-7, 2)", "-3"},
           {"triton.next_power_of_2(1000)", "1024"},
           {"triton.next_power_of_2(1024)", "1024"},
           {"triton.next_power_of_2(1)", "1"},
           {"triton.next_power_of_2(0)", "0"},
           {"math.ceil(n / 300)", "4"},
           {"math.floor(-1.5)", "-2"},
           {"math.log2(8)", "3.0"},
           {"math.log(8, 2)", "3.0"},
           {"math.sqrt(16)", "4.0"},
           {"math.isqrt(17)", "4"},
           {"math.gcd(12, 18)", "6"},
           {"math.lcm(4, 6)", "12"},
           {"math.prod([2, 3, 4])", "24"},
           {"math.pi", "3.141592653589793"},
           {"int('12')", "12"},
           {"int(-3.9)", "-3"},
           {"int(True)", "1"},
           {"float('-inf')", "-inf"},
           {"float('1e3')", "1000.0"},
           {"round(2.5)", "2"},
           {"round(2.675, 2)", "2.67"},
           {"abs(-5)", "5"},
           {"divmod(-7, 2)", "(-4, 1)"},
           {"bool([])", "False"},
           {"str(1.0)", "'1.0'"},
           {"triton.Config({'BLOCK': 64}, num_warps=4).num_warps", "4"},
           {"triton.Config({'BLOCK': 64}, 8).kwargs['BLOCK']", "64"},
           {"os.environ.get('FAST', '0') == '1'", "False"},
           {"'FAST' in os.environ", "False"},
           {"os.getenv('FAST')", "None"},
           {"tl.float16", "triton.language.fp16"},
           {"torch.bfloat16.itemsize", "2"},
           {"args['X'] is None", "True"},
           {"args['t'].shape[1] % 8 == 0", "True"},
           {"args['t'].stride(0)", "8"},
           {"args['t'].numel()", "32"},
           {"args['t'].dtype == torch.float16", "True"},
       })
    EXPECT_EQ(evaluate(text), expected) << text;
}

TEST(Evaluator, runsPureFunctions) {
  EXPECT_EQ(evaluate("configs()", R"(
def configs(limit=128):
  """All of them."""
  result = []
  for m in [32, 64, 128, 256]:
    if m > limit:
      break
    for w in (4, 8):
      if m * w < 200:
        continue
      options = {"BLOCK": m}
      options["GROUP"] = 8
      options["BLOCK"] += 1
      result.append((options, w))
  else:
    result = None
  result += [n]
  first, *rest = result
  while len(rest) > 3:
    rest.pop(0)
  return rest
)"),
            "[({'BLOCK': 129, 'GROUP': 8}, 4), ({'BLOCK': 129, 'GROUP': 8}, 8), 1000]");
}

TEST(Evaluator, refusesWhatItCannotKnow) {
  for (auto [text, expected] : std::initializer_list<Case>{
           {"unknown + 1", "1:2: 'unknown' is not known here"},
           {"1 + torch.cuda.is_available()", "'torch.cuda.is_available' is not known here"},
           {"1 // 0", "division or modulo by zero"},
           {"1 / 0.0", "division by zero"},
           {"'a' + 1", "unsupported operand types for +: str and int"},
           {"[1][3]", "index 3 is out of range: there are 1 items"},
           {"{'a': 1}['b']", "'b' is not among the keys"},
           {"1 < 'a'", "unsupported operand types for <: int and str"},
           {"math.sqrt(-1)", "math domain error"},
           {"(-8) ** 0.5", "complex"},
           {"args['Y']", "'Y' is not among the keys"},
           {"n.bit", "'bit' of a int is not known"},
           {"n()", "a int cannot be called"},
           {"(lambda x: x)()", "takes 1 arguments, not 0"},
           {"[x for x in 5]", "a int cannot be iterated over"},
           {"int('x')", "is no integer"},
           {"max([])", "nothing to choose from"},
           {"1 + 1j", "complex number"},
       })
    EXPECT_THAT(evaluate(text), testing::AllOf(StartsWith("error: "), HasSubstr(expected))) << text;
}

TEST(Evaluator, isBoundedInStepsAndSize) {
  for (const char *text :
       {"2 ** 10 ** 9", "'a' * 10**9", "[0] * 10**9", "1 << 10**9", "10 ** 100",
        "list(range(10**12))", "[[x] * 1000 for x in range(1000)]",
        "[a + b for a in range(1000) for b in range(1000)]", "2**127", "-2**127 - 1",
        "'ab'.join(['x' * 100000] * 10000)", "list(itertools.product(range(100), repeat=10))",
        "list(itertools.permutations(range(60)))",
        "99999999999999999999999999999999999999999999999 + 1",
        "('x' * 1000).replace('x', 'y' * 100000)"})
    EXPECT_THAT(evaluate(text), StartsWith("error: ")) << text;
  EXPECT_THAT(evaluate("f()", "def f():\n  while True:\n    pass\n"), HasSubstr("more steps"));
  EXPECT_THAT(evaluate("f(1)", "def f(x):\n  return f(x)\n"), HasSubstr("nested too deeply"));
  EXPECT_THAT(evaluate("f()", "def f():\n  s = 'x'\n  while True:\n    s += s\n"),
              HasSubstr("longer than a mebibyte"));
  EXPECT_THAT(evaluate("f()", "def f():\n  s = []\n  while True:\n    s.append(s)\n"),
              StartsWith("error: "));
}

// A list changed under a second name would show in Python and not here.
TEST(Evaluator, refusesToChangeWhatIsShared) {
  for (const char *body : {"  a = []\n  b = a\n  b.append(1)\n  return a\n",
                           "  a = [[]]\n  for x in a:\n    x.append(1)\n  return a\n",
                           "  a = b = []\n  a.append(1)\n  return b\n",
                           "  a = {}\n  b = [a]\n  a['x'] = 1\n  return b\n",
                           "  a = []\n  b = (a, 1)\n  a += [1]\n  return b\n"})
    EXPECT_THAT(evaluate("f()", std::string("def f():\n") + body), HasSubstr("another name"));
  EXPECT_THAT(evaluate("f([1])", "def f(a):\n  a.append(2)\n  return a\n"), StartsWith("error: "));
  EXPECT_EQ(
      evaluate("f()", "def f():\n  a = []\n  n = len(a) + sum(a)\n  a.append(n)\n  return a\n"),
      "[0]");
}

TEST(Evaluator, statements) {
  const char *module = R"(
def keywords(a, b=2, *rest, c=3, **more):
  return a, b, rest, c, more
def nested(x):
  def inner(y):
    return x * y
  return inner(x + 1)
def tried():
  try:
    x = 1
  except Exception:
    x = 2
  else:
    x += 10
  finally:
    x += 100
  return x
def returns():
  if n > 500:
    return "big"
  return "small"
def fails():
  raise ValueError("no")
def asserts(x):
  assert x > 3, "small"
  return x
def annotated():
  x: int = 3
  y: int
  (a, b), [c] = (x, 4), [5]
  return a + b + c
@functools.lru_cache
def cached():
  return 7
@contextmanager
def managed():
  return 7
)";
  for (auto [text, expected] : std::initializer_list<Case>{
           {"keywords(1)", "(1, 2, (), 3, {})"},
           {"keywords(1, 5, 6, 7, c=8, d=9)", "(1, 5, (6, 7), 8, {'d': 9})"},
           {"keywords(*[1, 2], **{'c': 4})", "(1, 2, (), 4, {})"},
           {"nested(3)", "12"},
           {"tried()", "111"},
           {"returns()", "'big'"},
           {"asserts(4)", "4"},
           {"annotated()", "12"},
           {"cached()", "7"},
       })
    EXPECT_EQ(evaluate(text, module), expected) << text;
  EXPECT_THAT(evaluate("fails()", module), HasSubstr("raises an exception"));
  EXPECT_THAT(evaluate("asserts(1)", module), HasSubstr("x > 3 does not hold"));
  EXPECT_THAT(evaluate("managed()", module), HasSubstr("'contextmanager'"));
  EXPECT_THAT(evaluate("keywords()", module), HasSubstr("misses its argument 'a'"));
  EXPECT_THAT(evaluate("cached(1)", module), HasSubstr("does not take all of these"));
}

TEST(EvaluatorOperators, serveConstexprs) {
  EXPECT_EQ(repr(*Evaluator::binary("//", makeInt(-7), makeInt(2))), "-4");
  EXPECT_EQ(repr(*Evaluator::binary("and", makeInt(0), makeInt(2))), "0");
  EXPECT_EQ(repr(*Evaluator::unary("not", makeString(""))), "True");
  Result<Value> zero = Evaluator::binary("%", makeInt(1), makeInt(0));
  ASSERT_FALSE(zero);
  EXPECT_EQ(zero.error().code, ErrorCode::InvalidInput);
  Result<Value> large = Evaluator::binary("**", makeInt(2), makeInt(1000000000));
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, ErrorCode::OutOfResource);
  EXPECT_EQ(Evaluator::binary("<=>", makeInt(1), makeInt(2)).error().code, ErrorCode::InvalidInput);
}

TEST(Values, integersAreExactWithin128Bits) {
  EXPECT_EQ(toString(Integer((static_cast<__int128>(1) << 126) - 1)),
            "85070591730234615865843651857942052863");
  EXPECT_EQ(parseInteger("-0x10")->value, -16);
  EXPECT_FALSE(parseInteger("0x"));
  EXPECT_FALSE(parseInteger("1__0"));
  EXPECT_FALSE(parseInteger("_1"));
  EXPECT_FALSE(parseInteger("1_"));
  EXPECT_FALSE(parseInteger(""));
  EXPECT_FALSE(parseInteger("12a"));
  EXPECT_TRUE(parseInteger("170141183460469231731687303715884105727")->fits);
  EXPECT_FALSE(parseInteger("170141183460469231731687303715884105728")->fits);
  EXPECT_EQ(toInt64(makeInt(static_cast<__int128>(1) << 63)), std::nullopt);
  EXPECT_EQ(toInt64(makeInt(-(static_cast<__int128>(1) << 63))),
            std::numeric_limits<std::int64_t>::min());
}

TEST(Values, printAsPythonDoes) {
  EXPECT_EQ(repr(Value{1e16}), "1e+16");
  EXPECT_EQ(repr(Value{1e15}), "1000000000000000.0");
  EXPECT_EQ(repr(Value{1e-5}), "1e-05");
  EXPECT_EQ(repr(Value{0.0001}), "0.0001");
  EXPECT_EQ(repr(Value{-0.0}), "-0.0");
  EXPECT_EQ(repr(makeString("it's")), "\"it's\"");
  EXPECT_EQ(repr(makeString("\x01\n\\")), "'\\x01\\n\\\\'");
  EXPECT_EQ(repr(Value{TupleValue{{makeInt(1)}}}), "(1,)");
  EXPECT_EQ(repr(Value{}), "None");
}

} // namespace
} // namespace lapidary
