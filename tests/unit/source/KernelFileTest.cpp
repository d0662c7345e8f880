#include "core/source/KernelFile.h"
#include "core/source/PythonParser.h"

#include <chrono>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lapidary {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;

constexpr const char *header = "import triton\nimport triton.language as tl\n";

std::shared_ptr<const KernelFile> parse(const std::string &body, const std::string &head = header) {
  return parseKernelFile(head + body, "nowhere/kernels.py");
}

std::vector<std::string> names(const std::vector<JitFunction> &functions) {
  std::vector<std::string> result;
  for (const JitFunction &function : functions)
    result.push_back(function.name);
  return result;
}

// Files of a test, removed with it.
class Folder {
public:
  Folder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "lapidary-source-XXXXXX").string();
    path = mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path write(const std::string &name, const std::string &text) const {
    std::filesystem::create_directories((path / name).parent_path());
    std::ofstream(path / name, std::ios::binary) << text;
    return path / name;
  }
  std::filesystem::path path;
};

TEST(KernelFile, readsParameters) {
  auto file = parse("WIDTH = 4 * 8\n"
                    "@triton.jit\n"
                    "def k(x_ptr, n: tl.int64, eps: float = 1e-5, BLOCK: tl.constexpr = WIDTH,\n"
                    "      FLAG: 'tl.constexpr' = False, OTHER: tl.constexpr[int] = unknown):\n"
                    "  tl.store(x_ptr, n)\n");
  ASSERT_THAT(names(file->functions), ElementsAre("k"));
  const auto &parameters = file->functions[0].parameters;
  ASSERT_EQ(parameters.size(), 6u);
  EXPECT_FALSE(parameters[0].isConstexpr);
  EXPECT_EQ(parameters[1].annotation, "tl.int64");
  EXPECT_EQ(parameters[2].defaultValue, Value{1e-5});
  EXPECT_TRUE(parameters[3].isConstexpr);
  EXPECT_EQ(parameters[3].defaultValue, makeInt(32));
  EXPECT_TRUE(parameters[4].isConstexpr);
  EXPECT_EQ(parameters[4].defaultValue, Value{false});
  EXPECT_TRUE(parameters[5].isConstexpr);
  EXPECT_FALSE(parameters[5].defaultValue);
  EXPECT_TRUE(parameters[5].defaultExpression);
  EXPECT_EQ(parameters[0].range, (SourceRange{5, 7, 5, 12}));
  EXPECT_EQ(file->constants.at("WIDTH"), makeInt(32));
  EXPECT_EQ(file->fullName("tl.load"), "triton.language.load");
}

TEST(KernelFile, knowsJitUnderEveryName) {
  for (const char *text :
       {"import triton as t\n@t.jit\ndef k(x): x\n", "from triton import jit\n@jit\ndef k(x): x\n",
        "from triton import jit as j\n@j(noinline=True)\ndef k(x): x\n",
        "from triton.runtime.jit import jit\n@jit\ndef k(x): x\n",
        "from .utils import triton, tl\n@triton.jit\ndef k(x): x\n", "@triton.jit\ndef k(x): x\n",
        "import triton\ndef k(x): x\nk = triton.jit(k)\n",
        "import triton\ndef f(x): x\nk = triton.jit(do_not_specialize=['x'])(f)\n",
        "import triton\nif triton.__version__ > '3':\n  @triton.jit\n  def k(x): x\n",
        "import triton\ntry:\n  @triton.jit\n  def k(x): x\nexcept ImportError:\n  pass\n",
        "import triton\ndef host():\n  @triton.jit\n  def k(x): x\n  return k\n",
        "import triton\nclass A:\n  @staticmethod\n  @triton.jit\n  def k(x): x\n",
        "from triton import *\nimport triton\n@triton.jit\ndef k(x): x\n"})
    EXPECT_THAT(names(parse(text, "")->functions), ElementsAre("k")) << text;
  for (const char *text : {"import jit\n@jit.jit\ndef k(x): x\n", "def k(x): x\n",
                           "import numba\n@numba.jit\ndef k(x): x\n"}) {
    auto file = parse(text, "");
    EXPECT_THAT(file->functions, IsEmpty()) << text;
    ASSERT_EQ(file->problems.size(), 1u);
    EXPECT_THAT(file->problems[0].message, HasSubstr("there is no kernel in this file"));
  }
}

TEST(KernelFile, tellsKernelsFromHelpers) {
  auto file = parse("@triton.jit\ndef value(x):\n  return x + 1\n"
                    "@triton.jit\ndef effect(x):\n  tl.store(x, 1)\n"
                    "@triton.jit\ndef both(x):\n  tl.store(x, 2)\n"
                    "@triton.jit\ndef main(x):\n  effect(x)\n  both(x)\n  tl.store(x, value(3))\n"
                    "def run(x):\n  both[(1,)](x)\n");
  std::vector<std::string> kernels;
  for (const JitFunction *kernel : file->kernels())
    kernels.push_back(kernel->name);
  EXPECT_THAT(kernels, ElementsAre("both", "main"));
}

TEST(KernelFile, readsJitOptions) {
  auto file =
      parse("@triton.jit(do_not_specialize=['n', 2], do_not_specialize_on_alignment=('x',),\n"
            "            noinline=True, debug=False)\n"
            "def k(x, n, m): pass\n"
            "@triton.jit(do_not_specialize=['nope', 7])\ndef l(x): pass\n");
  const JitOptions &options = file->functions[0].options;
  EXPECT_THAT(options.doNotSpecialize, ElementsAre("n", "m"));
  EXPECT_THAT(options.doNotSpecializeOnAlignment, ElementsAre("x"));
  EXPECT_TRUE(options.noinline);
  EXPECT_FALSE(options.debug);
  ASSERT_EQ(file->functions[1].problems.size(), 2u);
  EXPECT_EQ(file->functions[1].problems[0].message, "do_not_specialize: l has no parameter 'nope'");
}

std::string describe(const AutotuneDecorator &autotune) {
  std::string text;
  for (const TuneConfig &config : autotune.configs) {
    text += text.empty() ? "" : "; ";
    for (const auto &[name, value] : config.parameters)
      text += name + "=" + repr(value) + " ";
    text += "|";
    for (const auto &[name, value] : config.options)
      text += " " + name + "=" + repr(value);
  }
  return autotune.complete ? text : "unknown: " + autotune.problem;
}

TEST(KernelFile, evaluatesAutotuneConfigurations) {
  const char *kernel = "\n@triton.jit\ndef k(x, B: tl.constexpr): pass\n";
  struct {
    const char *before, *configs, *expected;
  } cases[] = {
      {"", "[triton.Config({'B': 64}, num_warps=4, num_stages=2)]",
       "B=64 | num_warps=4 num_stages=2"},
      {"", "[triton.Config({'B': b}, num_warps=w) for b in [1, 2] for w in (4, 8) if b * w < 16]",
       "B=1 | num_warps=4; B=1 | num_warps=8; B=2 | num_warps=4"},
      {"def get(n):\n  c = []\n  for b in range(n):\n    c.append(triton.Config({'B': 2**b}))\n"
       "  return c\n",
       "get(2)", "B=1 |; B=2 |"},
      {"ALL = [triton.Config({'B': 8, 'waves_per_eu': 2}, 4)]\n", "ALL",
       "B=8 | waves_per_eu=2 num_warps=4"},
      {"import itertools as it\n",
       "[triton.Config(dict(B=b), num_warps=w) for b, w in it.product([1], [2])]",
       "B=1 | num_warps=2"},
      {"def hook(args): pass\n", "[triton.Config({'B': 4}, pre_hook=hook)]", "B=4 |"},
      {"", "[triton.Config({'B': 4}, maxnreg=None, num_ctas=2)]", "B=4 | num_ctas=2"},
      {"import torch\n", "[triton.Config({'B': 4})] if torch.version.hip else []",
       "unknown: 5:55: 'torch.version.hip' is not known here"},
      {"", "load_configs('tuned.yaml')", "unknown: 4:26: 'load_configs' is not known here"},
      {"", "[4]", "unknown: 4 is no triton.Config"},
      {"", "7", "unknown: a int is no list of triton.Config"},
  };
  for (const auto &[before, configs, expected] : cases) {
    auto file = parse(std::string(before) + "\n@triton.autotune(configs=" + configs +
                      ", key=['n'])" + kernel);
    ASSERT_EQ(file->functions.size(), 1u) << configs;
    ASSERT_EQ(file->functions[0].autotune.size(), 1u) << configs;
    const AutotuneDecorator &autotune = file->functions[0].autotune[0];
    EXPECT_EQ(describe(autotune), expected) << configs;
    EXPECT_THAT(autotune.key, ElementsAre("n"));
    EXPECT_EQ(file->functions[0].problems.empty(), autotune.complete);
  }
}

TEST(KernelFile, seesThroughOtherDecorators) {
  auto file =
      parse("@libentry()\n@libtuner(configs=[triton.Config({'B': 2})], key=['n'])\n"
            "@triton.heuristics(values={'E': lambda args: args['n'] % 2 == 0})\n"
            "@some.wrapper\n@triton.jit\ndef k(x, n, B: tl.constexpr, E: tl.constexpr): pass\n");
  const JitFunction &kernel = file->functions.at(0);
  EXPECT_THAT(kernel.otherDecorators,
              ElementsAre("libentry()", "libtuner(configs=[triton.Config({'B': 2})], key=['n'])",
                          "some.wrapper"));
  ASSERT_EQ(kernel.autotune.size(), 1u);
  EXPECT_EQ(describe(kernel.autotune[0]), "B=2 |");
  ASSERT_EQ(kernel.heuristics.size(), 1u);
  EXPECT_EQ(kernel.heuristics[0].values.at(0).first, "E");
  EXPECT_EQ(kernel.range.line, 3);
}

TEST(KernelFile, followsTheModulesTopLevel) {
  auto file = parse("import os, math\n"
                    "A = 1\nA += 2\nB, C = A * 2, 'c'\nD: tl.constexpr = tl.constexpr(B + 1)\n"
                    "exp = tl.exp\nlog = tl.math.log if os.getenv('FAST') else tl.log\n"
                    "if A > 5:\n  E = 'big'\nelse:\n  E = 'small'\n"
                    "if unknown():\n  F = 1\nelse:\n  F = 2\n  G = 3\n"
                    "try:\n  H = undefined\nexcept NameError:\n  H = 5\n"
                    "for i in range(3):\n  A = i\n"
                    "T = tl.float16\nU = [math.pi, 1 << 4]\nV = device_count()\n");
  EXPECT_EQ(file->constants.contains("A"), false) << "assigned in a loop";
  EXPECT_EQ(file->constants.at("B"), makeInt(6));
  EXPECT_EQ(file->constants.at("C"), makeString("c"));
  EXPECT_EQ(file->constants.at("D"), makeInt(7));
  EXPECT_EQ(file->imports.at("exp"), "triton.language.exp");
  EXPECT_EQ(file->imports.at("log"), "triton.language.log");
  EXPECT_EQ(file->constants.at("E"), makeString("small"));
  EXPECT_EQ(file->constants.at("F"), makeInt(1)) << "the first arm of what cannot be decided";
  EXPECT_EQ(file->constants.at("G"), makeInt(3));
  EXPECT_EQ(file->constants.at("H"), makeInt(5));
  EXPECT_EQ(file->imports.at("T"), "triton.language.float16");
  EXPECT_EQ(repr(file->constants.at("U")), "[3.141592653589793, 16]");
  EXPECT_FALSE(file->constants.contains("V"));
}

TEST(KernelFile, versionSwitchesKeepTheFirst) {
  auto file = parse("if hasattr(tl, 'exp2'):\n  @triton.jit\n  def f(x):\n    return tl.exp2(x)\n"
                    "else:\n  @triton.jit\n  def f(x):\n    return tl.exp(x)\n"
                    "try:\n  from triton.language.extra.libdevice import rsqrt\n"
                    "except ImportError:\n  from triton.language.math import rsqrt\n");
  ASSERT_EQ(file->functions.size(), 1u);
  EXPECT_EQ(file->functions[0].range.line, 4);
  EXPECT_EQ(file->imports.at("rsqrt"), "triton.language.extra.libdevice.rsqrt");
}

TEST(KernelFile, aLaterDefinitionReplaces) {
  auto file = parse("@triton.jit\ndef k(x): pass\n@triton.jit\ndef k(x, y): pass\nalias = k\n");
  ASSERT_EQ(file->functions.size(), 1u);
  EXPECT_EQ(file->functions[0].parameters.size(), 2u);
  ASSERT_EQ(file->problems.size(), 1u);
  EXPECT_EQ(file->problems[0].message, "'k' is defined again in line 5, which replaces this one");
  EXPECT_EQ(file->find("alias"), &file->functions[0]);
  EXPECT_EQ(file->find("other"), nullptr);
}

TEST(KernelFile, keepsProblemsWithTheirFunction) {
  auto file = parse("@triton.jit\ndef bad(x):\n  y = = 1\n  z = (w := 2)\n  del x\n"
                    "@triton.jit\ndef good(x):\n  tl.store(x, 1)\n");
  ASSERT_THAT(names(file->functions), ElementsAre("bad", "good"));
  ASSERT_EQ(file->functions[0].problems.size(), 3u);
  EXPECT_EQ(file->functions[0].problems[0].severity, Severity::Error);
  EXPECT_EQ(file->functions[0].problems[1].message, "a kernel cannot contain walrus");
  EXPECT_EQ(file->functions[0].problems[1].feature, "syn:walrus");
  EXPECT_EQ(file->functions[0].problems[1].range.line, 6);
  EXPECT_EQ(file->functions[0].problems[2].feature, "syn:del");
  EXPECT_THAT(file->functions[1].problems, IsEmpty());
}

TEST(KernelFileImports, followHelpersOverFiles) {
  Folder folder;
  folder.write("pack/__init__.py", "from .sub.helpers import scale\n");
  folder.write("pack/sub/__init__.py", "");
  folder.write("pack/sub/helpers.py",
               std::string(header) + "from . import consts\nfrom ..main import mutual\n"
                                     "@triton.jit\ndef inner(x):\n  return x * consts.BIAS\n"
                                     "@triton.jit\ndef scale(x):\n  return inner(x) + mutual(x)\n");
  folder.write("pack/sub/consts.py",
               std::string(header) + "FACTOR = 3\nBIAS: tl.constexpr = 2 * FACTOR\n"
                                     "def configs():\n  return [triton.Config({'B': FACTOR})]\n");
  auto path = folder.write(
      "pack/main.py", std::string(header) +
                          "import pack.sub.consts\nfrom pack import scale as sc\n"
                          "from pack.sub import helpers, consts as cc\n"
                          "from .sub.consts import configs, FACTOR\nfrom nowhere import ghost\n"
                          "@triton.jit\ndef mutual(x):\n  return x\n"
                          "@triton.autotune(configs=configs(), key=[])\n"
                          "@triton.jit\ndef kernel(x, B: tl.constexpr):\n"
                          "  tl.store(x, sc(B) + helpers.inner(FACTOR) + cc.BIAS + ghost(1) + \n"
                          "           pack.sub.consts.FACTOR)\n");
  auto opened = openKernelFile(path);
  ASSERT_TRUE(opened) << opened.error().message;
  const KernelFile &file = **opened;
  const JitFunction *kernel = file.find("kernel");
  ASSERT_TRUE(kernel);
  EXPECT_EQ(describe(kernel->autotune.at(0)), "B=3 |");
  const JitFunction *scale = file.find("sc");
  ASSERT_TRUE(scale);
  EXPECT_EQ(scale->name, "scale");
  EXPECT_FALSE(scale->isKernel);
  const KernelFile &home = file.homeOf(*scale);
  EXPECT_THAT(home.path, HasSubstr("helpers.py"));
  // What the helper uses is resolved in its own file, back to the opened one too.
  ASSERT_TRUE(home.find("inner"));
  EXPECT_EQ(home.constants.at("consts.BIAS"), makeInt(6));
  const JitFunction *mutual = home.find("mutual");
  ASSERT_TRUE(mutual);
  EXPECT_EQ(&home.homeOf(*mutual), &file);
  EXPECT_TRUE(file.find("helpers.inner"));
  EXPECT_EQ(file.constants.at("cc.BIAS"), makeInt(6));
  EXPECT_EQ(file.constants.at("FACTOR"), makeInt(3));
  EXPECT_EQ(file.constants.at("pack.sub.consts.FACTOR"), makeInt(3));
  ASSERT_EQ(kernel->problems.size(), 1u);
  EXPECT_THAT(kernel->problems[0].message,
              HasSubstr("'ghost' comes from nowhere, which is not below"));
}

TEST(KernelFileImports, stayBelowTheRoot) {
  Folder folder;
  folder.write("outside.py", std::string(header) + "@triton.jit\ndef helper(x):\n  return x\n");
  std::string text = std::string(header) +
                     "from ..outside import helper\nfrom star import *\n"
                     "@triton.jit\ndef kernel(x):\n  tl.store(x, helper(x) + starred(x))\n";
  auto path = folder.write("inside/main.py", text);
  folder.write("inside/star.py",
               std::string(header) + "@triton.jit\ndef starred(x):\n  return x\n");
  auto narrow = openKernelFile(path);
  ASSERT_TRUE(narrow);
  EXPECT_EQ((*narrow)->find("helper"), nullptr);
  EXPECT_TRUE((*narrow)->find("starred"));
  EXPECT_EQ((*narrow)->find("kernel")->problems.size(), 1u);
  auto wide = openKernelFile(path, folder.path);
  ASSERT_TRUE(wide);
  EXPECT_TRUE((*wide)->find("helper"));
  EXPECT_THAT((*wide)->find("kernel")->problems, IsEmpty());
}

TEST(KernelFileImports, constantsThroughFunctionsOfOtherFiles) {
  Folder folder;
  folder.write("a.py", "from b import twice\ndef f(x):\n  return twice(x) + OFFSET\nOFFSET = 1\n");
  folder.write(
      "b.py",
      "from a import f\ndef twice(x):\n  return 2 * x\ndef loop(x):\n  return f(loop(x))\n");
  auto path =
      folder.write("main.py", "from a import f\nfrom b import loop\nX = f(20)\nY = loop(1)\n");
  auto opened = openKernelFile(path);
  ASSERT_TRUE(opened);
  EXPECT_EQ((*opened)->constants.at("X"), makeInt(41));
  EXPECT_FALSE((*opened)->constants.contains("Y"));
}

TEST(SourceHash, followsMeaningNotSpelling) {
  auto hash = [](const std::string &body) {
    auto file = parse(body);
    return sourceHash(*file, *file->find("k"));
  };
  std::string base = "N = 4\n@triton.jit\ndef h(x):\n  return x * N\n"
                     "@triton.jit\ndef k(x, B: tl.constexpr):\n  tl.store(x, h(B))\n";
  std::string same =
      "# comment\nN   =  2 + 2\nM = 9\n@triton.jit\ndef h( x ):\n\n    '''Doc.'''\n"
      "    return (x*N)  # twice\ndef unrelated(): pass\n@triton.jit\ndef z(x): pass\n"
      "@other\n@triton.autotune(configs=[], key=[])\n@triton.jit\n"
      "def k(x,\n      B : tl.constexpr,):\n  '''Doc.'''\n  tl.store(x, h(B))\n";
  EXPECT_EQ(hash(base), hash(same));
  for (auto [from, to] :
       std::initializer_list<std::pair<const char *, const char *>>{{"N = 4", "N = 5"},
                                                                    {"x * N", "N * x"},
                                                                    {"h(B)", "h(B + 0)"},
                                                                    {"B: tl.constexpr", "B"}}) {
    std::string changed = base;
    changed.replace(changed.find(from), std::string(from).size(), to);
    EXPECT_NE(hash(base), hash(changed)) << to;
  }
  auto renamed = parse("N = 4\n@triton.jit\ndef h(x):\n  return x * N\n"
                       "@triton.jit\ndef k2(x, B: tl.constexpr):\n  tl.store(x, h(B))\n");
  EXPECT_NE(hash(base), sourceHash(*renamed, *renamed->find("k2"))) << "the name is the symbol";
}

TEST(SourceHash, followsWhatHostFunctionsReach) {
  Folder folder;
  auto path = folder.write(
      "main.py", std::string(header) + "from other import twice\n@triton.jit\ndef k(x, B: "
                                       "tl.constexpr):\n  tl.store(x, twice(B))\n");
  auto hash = [&](const std::string &other) {
    folder.write("other.py", header + other);
    auto file = openKernelFile(path);
    return sourceHash(**file, *(*file)->find("k"));
  };
  const std::string text = "C = 3\nUNUSED = 1\ndef inner(n):\n  return n + C\n"
                           "@triton.constexpr_function\ndef twice(n):\n  return inner(n) * 2\n";
  auto changed = [&](const std::string &from, const std::string &to) {
    std::string other = text;
    return hash(other.replace(other.find(from), from.size(), to));
  };
  EXPECT_EQ(hash(text), changed("UNUSED = 1", "UNUSED = 2"));
  EXPECT_NE(hash(text), changed("C = 3", "C = 4"));
  EXPECT_NE(hash(text), changed("n + C", "n - C"));
  EXPECT_NE(hash(text), changed("* 2", "* 3"));
}

TEST(SourceHash, followsHelpersOverFiles) {
  Folder folder;
  auto path = folder.write(
      "main.py",
      std::string(header) + "from other import h\n@triton.jit\ndef k(x):\n  tl.store(x, h(1))\n");
  auto hash = [&](const std::string &helper) {
    folder.write("other.py", header + helper);
    auto file = openKernelFile(path);
    return sourceHash(**file, *(*file)->find("k"));
  };
  std::string first = hash("C = 1\n@triton.jit\ndef h(x):\n  return x + C\n");
  EXPECT_EQ(first, hash("C = 1 # same\n\n@triton.jit\ndef h(x):\n  return x + C\n"));
  EXPECT_NE(first, hash("C = 2\n@triton.jit\ndef h(x):\n  return x + C\n"));
  EXPECT_NE(first, hash("C = 1\n@triton.jit\ndef h(x):\n  return x - C\n"));
}

TEST(OpenKernelFile, namesWhatCannotBeRead) {
  Folder folder;
  EXPECT_EQ(openKernelFile(folder.path / "none.py").error().code, ErrorCode::NotFound);
  EXPECT_EQ(openKernelFile(folder.path).error().code, ErrorCode::Unreadable);
  auto binary = openKernelFile(folder.write("b.py", std::string("\x7f"
                                                                "ELF\0\1\2",
                                                                7)));
  ASSERT_FALSE(binary);
  EXPECT_EQ(binary.error().code, ErrorCode::InvalidInput);
  EXPECT_THAT(binary.error().message, HasSubstr("binary data (a zero byte at offset 4)"));
  auto wide = openKernelFile(folder.write("w.py", std::string("\xff\xfe"
                                                              "a\0",
                                                              4)));
  ASSERT_FALSE(wide);
  EXPECT_THAT(wide.error().message, HasSubstr("UTF-16"));
  auto huge = openKernelFile(folder.write("h.py", std::string(maximumSourceBytes + 1, '\n')));
  EXPECT_FALSE(huge);
}

TEST(OpenKernelFile, opensAnyText) {
  Folder folder;
  auto problems = [&](const std::string &text) {
    auto file = openKernelFile(folder.write("t.py", text));
    EXPECT_TRUE(file);
    std::vector<std::string> messages;
    for (const Diagnostic &problem : (*file)->problems)
      messages.push_back(problem.message);
    return messages;
  };
  EXPECT_THAT(problems(""), ElementsAre("the file is empty"));
  EXPECT_THAT(problems(" \n\t\n"), ElementsAre("the file is empty"));
  EXPECT_THAT(problems("Dear reader,\nthis is no Python.\n"), Contains(HasSubstr("syntax error")));
  EXPECT_THAT(problems("x = '\xe9'\n"), Contains(HasSubstr("not UTF-8 here")));
  std::string kernel = "import triton\n@triton.jit\ndef k(x):\n  x\n";
  EXPECT_THAT(problems(kernel), IsEmpty());
  EXPECT_THAT(problems("\xef\xbb\xbf" + kernel), IsEmpty());
  std::string macintosh = kernel;
  std::ranges::replace(macintosh, '\n', '\r');
  EXPECT_THAT(problems(macintosh), IsEmpty());
  auto latin = openKernelFile(folder.write("l.py", "# coding: latin-1\nx = '\xe9'\n" + kernel));
  ASSERT_TRUE(latin);
  EXPECT_EQ((*latin)->constants.at("x"), makeString("\xc3\xa9"));
  EXPECT_THAT(names((*latin)->functions), ElementsAre("k"));
}

TEST(OpenKernelFile, jsonHasThePromisedFields) {
  auto file = parse("@triton.jit\ndef k(x, B: tl.constexpr = 4): pass\n");
  Json json = toJson(*file);
  EXPECT_EQ(json["file"], "nowhere/kernels.py");
  const Json &kernel = json["kernels"][0];
  EXPECT_EQ(kernel["name"], "k");
  EXPECT_EQ(kernel["line"], 4);
  EXPECT_EQ(kernel["parameters"][1]["name"], "B");
  EXPECT_EQ(kernel["parameters"][1]["constexpr"], true);
  EXPECT_EQ(kernel["parameters"][1]["annotation"], "tl.constexpr");
  EXPECT_EQ(kernel["parameters"][1]["default"], "4");
  EXPECT_TRUE(kernel["parameters"][0]["default"].is_null());
  for (const char *field : {"autotune", "heuristics", "problems"})
    EXPECT_TRUE(kernel.contains(field)) << field;
  EXPECT_TRUE(json.contains("problems"));
}

} // namespace
} // namespace lapidary
