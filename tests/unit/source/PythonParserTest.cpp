#include "core/source/PythonParser.h"

#include <chrono>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lapidary {
namespace {

using namespace ast;
using testing::ElementsAre;
using testing::HasSubstr;

// The expression as the parser understood it, printed back.
std::string roundTrip(const std::string &text) {
  Result<ExprPtr> expression = parsePythonExpression(text, "test");
  return expression ? toSource(**expression) : "error: " + expression.error().message;
}

TEST(PythonExpressions, printAsPythonReadsThem) {
  for (const char *text : {"x",
                           "1",
                           "1.5",
                           "1e+20",
                           "-x",
                           "~x & y",
                           "not x",
                           "x + y * z",
                           "(x + y) * z",
                           "x - (y - z)",
                           "2 ** -x",
                           "(-2) ** x",
                           "-2 ** x",
                           "a // b % c",
                           "a << b >> c",
                           "a @ b",
                           "a | b ^ c",
                           "a < b <= c",
                           "a is not None",
                           "a not in b",
                           "a and b and c",
                           "a or b and c",
                           "(a or b) and c",
                           "not (a and b)",
                           "x if c else y",
                           "f(a, *b, k=1, **d)",
                           "a.b.c",
                           "x[0]",
                           "x[:, None]",
                           "x[1:2, ::2]",
                           "x[a:]",
                           "(1, 2)",
                           "(1,)",
                           "()",
                           "[1, 2]",
                           "{'a': 1, **b}",
                           "{1, 2}",
                           "lambda a, b: a + b",
                           "lambda: 0",
                           "[x for x in y if x > 1]",
                           "[(i, j) for i in a for j in b]",
                           "{k: v for k, v in d}",
                           "f((x for x in y))",
                           "True",
                           "None",
                           "[...]",
                           "'it\\'s \"quoted\"'",
                           "'tab\\t'",
                           "(x if a else b) if c else d",
                           "f(lambda x: x)[0]",
                           "f'{x} and {y}'"})
    EXPECT_EQ(roundTrip(text), text);
}

TEST(PythonExpressions, normaliseLiterals) {
  EXPECT_EQ(roundTrip("0xff"), "255");
  EXPECT_EQ(roundTrip("0b1010"), "10");
  EXPECT_EQ(roundTrip("0o17"), "15");
  EXPECT_EQ(roundTrip("1_000_000"), "1000000");
  EXPECT_EQ(roundTrip("1."), "1.0");
  EXPECT_EQ(roundTrip(".5e-3"), "0.0005");
  EXPECT_EQ(roundTrip("1e999"), "inf");
  EXPECT_EQ(roundTrip("1e-999"), "0.0");
  EXPECT_EQ(roundTrip("'a' \"b\" '''c'''"), "'abc'");
  EXPECT_EQ(roundTrip(R"('\x41\u00e9\101\
b')"),
            "'A\u00e9Ab'");
  EXPECT_EQ(roundTrip(R"(r'\n')"), R"('\\n')");
  EXPECT_EQ(roundTrip("a <> b"), "a != b");
  EXPECT_EQ(roundTrip("f(x for x in y)"), "f((x for x in y))");
}

TEST(PythonExpressions, formattedStringsKeepTheirParts) {
  EXPECT_EQ(roundTrip("f'n={n} {x:>8} {y!r} {{}} {z=}'"),
            "f'n={n} {format(x, '>8')} {repr(y)} {{}} z={repr(z)}'");
}

TEST(PythonExpressions, unsupportedOnesAreNamed) {
  EXPECT_EQ(roundTrip("f((y := 1))"), "f(<walrus>)");
  EXPECT_EQ(roundTrip("[1j]"), "[<complex number>]");
  EXPECT_EQ(roundTrip("[b'x']"), "[<bytes literal>]");
  EXPECT_EQ(roundTrip("[lambda x=1: x]"), "[<lambda with defaults or starred parameters>]");
}

TEST(PythonExpressions, errorsNameThePlace) {
  Result<ExprPtr> broken = parsePythonExpression("cdiv(n, BLOCK", "grid");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::InvalidInput);
  EXPECT_EQ(broken.error().context, "grid");
  EXPECT_THAT(broken.error().message, HasSubstr("'cdiv(n, BLOCK' is not an expression"));
  EXPECT_FALSE(parsePythonExpression("", "grid"));
  EXPECT_FALSE(parsePythonExpression("x = 1", "grid"));
  EXPECT_FALSE(parsePythonExpression("1) + (2", "grid"));
  EXPECT_FALSE(parsePythonExpression("1\n2", "grid"));
}

TEST(PythonStatements, haveTheirRanges) {
  ParsedModule parsed = parsePython("@a\n@b(1)\ndef f(x, y: int = 2, *, z):\n  '''Doc.'''\n"
                                    "  x += 1\n  return x\n",
                                    "m.py");
  EXPECT_TRUE(parsed.problems.empty());
  ASSERT_EQ(parsed.module->body.size(), 1u);
  const Stmt &stmt = *parsed.module->body[0];
  EXPECT_EQ(stmt.range, (SourceRange{1, 1, 6, 11}));
  const auto *function = stmt.as<FunctionDef>();
  ASSERT_TRUE(function);
  EXPECT_EQ(function->nameRange, (SourceRange{3, 5, 3, 6}));
  EXPECT_EQ(function->docstring, "Doc.");
  EXPECT_EQ(function->decorators.size(), 2u);
  ASSERT_EQ(function->parameters.size(), 3u);
  EXPECT_EQ(function->parameters[1].name, "y");
  EXPECT_EQ(toSource(*function->parameters[1].annotation), "int");
  EXPECT_EQ(toSource(*function->parameters[1].defaultValue), "2");
  EXPECT_EQ(function->parameters[2].kind, Parameter::Kind::KeywordOnly);
  ASSERT_EQ(function->body.size(), 2u);
  const auto *augmented = function->body[0]->as<AugmentedAssign>();
  ASSERT_TRUE(augmented);
  EXPECT_EQ(augmented->op, "+");
  EXPECT_EQ(function->body[0]->range, (SourceRange{5, 3, 5, 9}));
}

TEST(PythonStatements, elifIsAnIfAloneInOtherwise) {
  ParsedModule parsed = parsePython("if a:\n  x = 1\nelif b:\n  x = 2\nelse:\n  x = 3\n", "m.py");
  ASSERT_EQ(parsed.module->body.size(), 1u);
  const auto *first = parsed.module->body[0]->as<If>();
  ASSERT_TRUE(first);
  ASSERT_EQ(first->otherwise.size(), 1u);
  const auto *second = first->otherwise[0]->as<If>();
  ASSERT_TRUE(second);
  EXPECT_EQ(toSource(*second->test), "b");
  EXPECT_EQ(second->otherwise.size(), 1u);
}

TEST(PythonStatements, importsTellModuleLevelAndNames) {
  ParsedModule parsed = parsePython("import a.b as c, d\nfrom ..x.y import p as q, r\n"
                                    "from . import u\nfrom m import (v, w)\nfrom m import *\n",
                                    "m.py");
  ASSERT_EQ(parsed.module->body.size(), 5u);
  const auto *plain = parsed.module->body[0]->as<Import>();
  ASSERT_TRUE(plain);
  EXPECT_FALSE(plain->from);
  EXPECT_EQ(plain->names[0].name, "a.b");
  EXPECT_EQ(plain->names[0].alias, "c");
  EXPECT_EQ(plain->names[1].name, "d");
  const auto *relative = parsed.module->body[1]->as<Import>();
  EXPECT_EQ(relative->level, 2);
  EXPECT_EQ(relative->module, "x.y");
  EXPECT_EQ(relative->names[0].alias, "q");
  EXPECT_EQ(parsed.module->body[2]->as<Import>()->level, 1);
  EXPECT_EQ(parsed.module->body[2]->as<Import>()->module, "");
  EXPECT_EQ(parsed.module->body[3]->as<Import>()->names.size(), 2u);
  EXPECT_EQ(parsed.module->body[4]->as<Import>()->names[0].name, "*");
}

std::vector<std::string> functionNames(const ParsedModule &parsed) {
  std::vector<std::string> names;
  for (const OutlineItem &item : outline(*parsed.module))
    names.push_back(item.name);
  return names;
}

TEST(PythonErrors, stayInTheirFunction) {
  ParsedModule parsed = parsePython("def one(x):\n  y = f(x\n  return y\n\n"
                                    "@jit\ndef two(x):\n  x = = 3\n  return x\n\n"
                                    "def three(x\n  return x\n\n"
                                    "def four():\n  s = '''abc\n  return s\n\n"
                                    "def five():\n  return ']'  # [\n",
                                    "m.py");
  EXPECT_THAT(functionNames(parsed), ElementsAre("one", "two", "four", "five"));
  ASSERT_EQ(parsed.problems.size(), 4u);
  EXPECT_EQ(parsed.problems[0].message, "syntax error: '(' is never closed");
  EXPECT_EQ(parsed.problems[0].range, (SourceRange{2, 8, 2, 9}));
  EXPECT_EQ(parsed.problems[1].message, "syntax error near '='");
  EXPECT_EQ(parsed.problems[1].range.line, 7);
  EXPECT_EQ(parsed.problems[2].range, (SourceRange{10, 10, 10, 11}));
  EXPECT_EQ(parsed.problems[3].message, "syntax error: the string is never closed");
  EXPECT_EQ(parsed.problems[3].range, (SourceRange{14, 7, 14, 10}));
}

TEST(PythonErrors, namePairsThatDoNotMatch) {
  ParsedModule parsed = parsePython("x = f(a]\ny = 1\n", "m.py");
  ASSERT_EQ(parsed.problems.size(), 1u);
  EXPECT_EQ(parsed.problems[0].message, "syntax error: ']' stands where ')' must close line 1");
  EXPECT_EQ(parsed.problems[0].range.column, 8);
}

TEST(PythonErrors, textInStringsIsNoCode) {
  ParsedModule parsed =
      parsePython("'''\ndef f(:\n@x\n'''\nx = '(' # ]\ny = \"\"\"}\n\"\"\"\n", "m.py");
  EXPECT_TRUE(parsed.problems.empty());
  EXPECT_EQ(parsed.module->body.size(), 3u);
}

TEST(PythonErrors, anyLineEndAndIndentationIsRead) {
  EXPECT_TRUE(parsePython("def f(x):\r\n\tif x:\r\n\t\treturn 1\r\n\treturn 2\r\n", "m.py")
                  .problems.empty());
  EXPECT_TRUE(parsePython("\xef\xbb\xbfx = 1\n", "m.py").problems.empty());
  EXPECT_TRUE(parsePython("", "m.py").problems.empty());
  EXPECT_TRUE(parsePython("\n\n# only a comment", "m.py").problems.empty());
  EXPECT_TRUE(parsePython("x = (1 +\n\n  2)\ny = 3 \\\n  + 4\n", "m.py").problems.empty());
}

TEST(PythonErrors, nestingIsBounded) {
  for (const std::string &text :
       {"x = " + std::string(900, '(') + "1" + std::string(900, ')'),
        "x = " + std::string(10000, '(') + "1" + std::string(10000, ')'), std::string(1000000, '('),
        "x = " + std::string(20000, '-') + "1", "x = 1" + std::string(100, ' ') + [] {
          std::string sum;
          for (int i = 0; i < 5000; ++i)
            sum += " + 1";
          return sum;
        }()}) {
    ParsedModule parsed = parsePython(text + "\ndef after():\n  pass\n", "m.py");
    ASSERT_FALSE(parsed.problems.empty());
    EXPECT_THAT(parsed.problems[0].message,
                testing::AnyOf(HasSubstr("nested deeper than 256 levels"),
                               HasSubstr("brackets are open at once"), HasSubstr("tokens")));
    EXPECT_THAT(functionNames(parsed), ElementsAre("after"));
  }
}

TEST(PythonErrors, longStatementsAreRefusedNotAttempted) {
  std::string text = "x = [";
  for (int i = 0; i < 100000; ++i)
    text += "1, ";
  ParsedModule parsed = parsePython(text + "]\ndef after(): pass\n", "m.py");
  ASSERT_EQ(parsed.problems.size(), 1u);
  EXPECT_THAT(parsed.problems[0].message, HasSubstr("split it up"));
  EXPECT_THAT(functionNames(parsed), ElementsAre("after"));
}

// One function of more statements than the parser takes at once is read in parts, with true ranges.
TEST(PythonErrors, longFunctionsAreReadInParts) {
  std::string text = "@jit\ndef long(x,\n         y):\n    '''Doc.\n  text\n    '''\n";
  int first = 7, count = 30000;
  for (int i = 0; i < count; ++i)
    text += i % 3 == 0 ? "    if x:\n        x += 1\n    else:\n        y = (x,\n  1)\n"
                       : "    x = x + 1 # more\n";
  ParsedModule parsed = parsePython(text + "\ndef after(): pass\n", "m.py");
  ASSERT_TRUE(parsed.problems.empty()) << parsed.problems[0].message;
  ASSERT_EQ(parsed.module->body.size(), 2u);
  const auto *function = parsed.module->body[0]->as<FunctionDef>();
  ASSERT_TRUE(function);
  EXPECT_EQ(function->docstring, "Doc.\n  text\n    ");
  ASSERT_EQ(function->body.size(), static_cast<std::size_t>(count));
  EXPECT_EQ(function->body[0]->range.line, first);
  EXPECT_EQ(function->body[1]->range, (SourceRange{first + 5, 5, first + 5, 14}));
  ASSERT_TRUE(function->body[0]->as<If>());
  EXPECT_EQ(function->body[0]->as<If>()->otherwise.size(), 1u);
  int lines = count / 3 * 5 + count / 3 * 2;
  EXPECT_EQ(function->body.back()->range.line, first + lines - 1);
  EXPECT_EQ(parsed.module->body[0]->range, (SourceRange{1, 1, first + lines - 1, 14}));
}

TEST(PythonTokens, comeInOrder) {
  std::vector<TokenKind> kinds;
  for (const SyntaxToken &token :
       syntaxTokens("@jit\ndef f(x):  # note\n  return 'a' + 1 if None else x\n"))
    kinds.push_back(token.kind);
  EXPECT_THAT(kinds, ElementsAre(TokenKind::Decorator, TokenKind::Keyword, TokenKind::Definition,
                                 TokenKind::Comment, TokenKind::Keyword, TokenKind::String,
                                 TokenKind::Number, TokenKind::Keyword, TokenKind::Constant,
                                 TokenKind::Keyword));
}

} // namespace
} // namespace lapidary
