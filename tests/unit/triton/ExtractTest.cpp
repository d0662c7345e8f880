#include "core/source/KernelExtract.h"
#include "core/support/Paths.h"
#include "tests/support/TemporaryFolder.h"

#include <algorithm>
#include <gmock/gmock.h>

using namespace lapidary;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;

namespace {

std::vector<std::string> names(const ExtractedModule &module) {
  std::vector<std::string> result;
  for (const ExtractedFunction &function : module.functions)
    result.push_back(function.name);
  return result;
}

const char *kernelText = R"(import os
import torch
import triton
import triton.language as tl
from triton.language.extra import libdevice
from helpers import scaled as rescale
import helpers

os.system("touch ran")
LIMIT: tl.constexpr = 16
UNUSED = 3


@triton.jit
def unused(x):
    return x


@triton.jit
def inner(x):
    return libdevice.exp(x) + LIMIT


@triton.autotune(configs=[triton.Config({"BLOCK": 64})], key=["n"])
@triton.jit(do_not_specialize=["n"])
def kernel(x_ptr, n, dtype=torch.float16, BLOCK: tl.constexpr = 64):
    # a comment stays
    o = tl.arange(0, BLOCK)
    v = inner(rescale(tl.load(x_ptr + o))) + helpers.twice(n)
    tl.store(x_ptr + o, v)


def call():
    kernel[(1,)](torch.zeros(4), 4)
)";

const char *helperText = R"(import triton
import triton.language as tl

FACTOR = tl.constexpr(2.5)


@triton.jit
def twice(x):
    return x + x


@triton.jit
def scaled(x):
    return twice(x) * FACTOR
)";

TEST(KernelExtract, TakesWhatTheKernelReachesAndNothingElse) {
  TemporaryFolder folder;
  ASSERT_TRUE(writeFileAtomically(folder.path() / "k.py", kernelText));
  ASSERT_TRUE(writeFileAtomically(folder.path() / "helpers.py", helperText));
  const auto file = openKernelFile(folder.path() / "k.py");
  ASSERT_TRUE(file);
  const KernelExtract extract = extractKernel(**file, *(*file)->find("kernel"));

  ASSERT_EQ(extract.modules.size(), 2u);
  const ExtractedModule &own = extract.modules[0], &other = extract.modules[1];
  EXPECT_EQ(extract.kernel, "kernel");
  EXPECT_THAT(names(own), ElementsAre("inner", "kernel"));
  EXPECT_THAT(names(other), ElementsAre("twice", "scaled"));
  const ExtractedFunction &kernel = own.functions[1];
  EXPECT_EQ(kernel.line, 26);
  EXPECT_THAT(kernel.text, testing::StartsWith("def kernel(x_ptr"));
  EXPECT_THAT(kernel.text, HasSubstr("# a comment stays"));
  EXPECT_THAT(kernel.text, testing::EndsWith("tl.store(x_ptr + o, v)"));
  EXPECT_THAT(kernel.text, Not(HasSubstr("autotune")));

  ASSERT_EQ(own.values.size(), 1u);
  EXPECT_EQ(own.values[0].first, "LIMIT");
  EXPECT_EQ(other.values[0].first, "FACTOR");
  std::map<std::string, std::string> imports(own.imports.begin(), own.imports.end());
  EXPECT_EQ(imports["tl"], "triton.language");
  EXPECT_EQ(imports["libdevice"], "triton.language.extra.libdevice");
  EXPECT_FALSE(imports.contains("os"));

  std::map<std::string, std::pair<std::size_t, std::string>> links;
  for (const ExtractedModule::Link &link : own.links)
    links[link.name] = {link.module, link.function};
  EXPECT_EQ(links["rescale"], (std::pair<std::size_t, std::string>(1, "scaled")));
  EXPECT_EQ(links["helpers.twice"], (std::pair<std::size_t, std::string>(1, "twice")));
  EXPECT_EQ(links.size(), 2u);
}

TEST(KernelExtract, NamesOfTheSameSpellingStayApart) {
  TemporaryFolder folder;
  ASSERT_TRUE(writeFileAtomically(folder.path() / "helpers.py", helperText));
  ASSERT_TRUE(writeFileAtomically(folder.path() / "k.py", R"(import triton
import triton.language as tl
from helpers import scaled

FACTOR = tl.constexpr(1)

@triton.jit
def twice(x):
    return x * FACTOR

@triton.jit
def kernel(x_ptr):
    tl.store(x_ptr, twice(scaled(tl.load(x_ptr))))
)"));
  const auto file = openKernelFile(folder.path() / "k.py");
  ASSERT_TRUE(file);
  const KernelExtract extract = extractKernel(**file, *(*file)->find("kernel"));
  ASSERT_EQ(extract.modules.size(), 2u);
  EXPECT_THAT(names(extract.modules[0]), ElementsAre("twice", "kernel"));
  EXPECT_THAT(names(extract.modules[1]), ElementsAre("twice", "scaled"));
  EXPECT_NE(extract.modules[0].values[0].second, extract.modules[1].values[0].second);
}

} // namespace
