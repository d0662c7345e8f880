// Which room may include which, and which room may see which library: the two tables below are the
// rule, everything after them only reads #include lines. A new room or library is one line here.
#include "core/support/Paths.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <sstream>

using namespace lapidary;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

// A path prefix and the prefixes that its files may include besides their own. The longest prefix
// that fits a file speaks for it. What is not listed is forbidden.
struct Arrow {
  std::string from;
  std::vector<std::string> to;
};
const std::vector<Arrow> arrows = {
    {"core/support/", {}},
    {"core/source/", {"core/support/"}},
    {"core/specialize/", {"core/source/", "core/support/"}},
    {"core/layout/", {"core/support/"}},
    {"core/language/",
     {"core/compiler/dialect/", "core/layout/", "core/specialize/", "core/source/",
      "core/support/"}},
    {"core/compiler/", {"core/layout/", "core/specialize/", "core/source/", "core/support/"}},
    {"core/runtime/", {"core/compiler/Compiler.h", "core/compiler/TargetHook.h", "core/support/"}},
    {"core/store/",
     {"core/compiler/Compiler.h", "core/specialize/", "core/source/", "core/support/"}},
    {"core/bench/",
     {"core/store/", "core/runtime/", "core/compiler/", "core/specialize/", "core/source/",
      "core/support/"}},
    {"core/tune/",
     {"core/bench/", "core/store/", "core/specialize/", "core/source/", "core/support/"}},
    {"core/triton/",
     {"core/compiler/Compiler.h", "core/specialize/", "core/source/", "core/support/"}},
    {"core/exchange/", {"core/store/", "core/specialize/", "core/source/", "core/support/"}},
    {"core/session/", {"core/"}},

    {"backends/All", {"backends/", "core/runtime/", "core/support/"}},
    {"backends/gpu/", {"core/runtime/", "core/support/"}},
    {"backends/cpu/", {"core/runtime/", "core/compiler/", "core/specialize/", "core/support/"}},
    {"backends/cuda/",
     {"backends/gpu/", "core/runtime/", "core/compiler/", "core/specialize/", "core/support/"}},
    {"backends/hip/",
     {"backends/gpu/", "core/runtime/", "core/compiler/", "core/specialize/", "core/support/"}},
    {"backends/sim/", {"core/runtime/", "core/compiler/", "core/specialize/", "core/support/"}},

    // The session, and headers that only hold values.
    {"ui/",
     {"core/session/", "core/support/", "core/source/", "core/specialize/Specialization.h",
      "core/compiler/Compiler.h", "core/bench/Measurement.h", "core/store/Store.h",
      "core/exchange/Exchange.h"}},

    {"app/", {"core/", "backends/", "ui/"}},
};

// A library: what its headers begin with, and the path prefixes whose files may see it, directly or
// through a header of ours.
struct Library {
  std::string name;
  std::vector<std::string> headers, seenBy;
};
const std::vector<Library> libraries = {
    {"LLVM and MLIR",
     {"llvm/", "llvm-c/", "mlir/", "mlir-c/", "lld/"},
     {"core/language/", "core/compiler/", "backends/cpu/Target", "backends/cuda/Target",
      "backends/hip/Target", "backends/sim/Target", "app/lap-opt"}},
    {"Qt", {"Q", "Qsci/", "qcustomplot"}, {"ui/", "app/lapidary"}},
    {"SQLite", {"SQLiteCpp/", "sqlite3"}, {"core/store/"}},
    {"tree-sitter", {"tree_sitter/"}, {"core/source/"}},
    {"OpenSSL", {"openssl/"}, {"core/support/"}},
    {"the dynamic loader", {"dlfcn.h", "link.h"}, {"core/support/DynamicLibrary"}},
    {"CLI11", {"CLI/"}, {"app/"}},
};

struct Include {
  int line;
  std::string path;
  bool ours; // below core/, backends/, ui/ or app/
};
using Tree = std::map<std::string, std::string>; // path from the root, text

bool startsWithAny(const std::string &path, const std::vector<std::string> &prefixes) {
  return std::ranges::any_of(prefixes,
                             [&](const std::string &prefix) { return path.starts_with(prefix); });
}

std::vector<Include> includesOf(const std::string &text) {
  std::vector<Include> includes;
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    std::size_t at = line.find_first_not_of(" \t");
    if (at == std::string::npos || line[at] != '#')
      continue;
    at = line.find_first_not_of(" \t", at + 1);
    if (at == std::string::npos || line.compare(at, 7, "include") != 0)
      continue;
    std::size_t open = line.find_first_of("<\"", at);
    if (open == std::string::npos)
      continue;
    std::size_t close = line.find(line[open] == '<' ? '>' : '"', open + 1);
    std::string path = line.substr(open + 1, close == std::string::npos ? close : close - open - 1);
    bool ours = startsWithAny(path, {"core/", "backends/", "ui/", "app/"});
    includes.push_back({number, std::move(path), ours});
  }
  return includes;
}

const Arrow *arrowOf(const std::string &path) {
  const Arrow *best = nullptr;
  for (const Arrow &arrow : arrows)
    if (path.starts_with(arrow.from) && (!best || arrow.from.size() > best->from.size()))
      best = &arrow;
  return best;
}

// The header through which `path` sees the library; empty when it does not. `path` itself counts.
std::string seesThrough(const Tree &tree, const std::string &path, const Library &library,
                        std::set<std::string> &visited) {
  auto file = tree.find(path);
  if (file == tree.end() || !visited.insert(path).second)
    return {};
  for (const Include &include : includesOf(file->second)) {
    if (!include.ours && startsWithAny(include.path, library.headers))
      return path;
    if (include.ours)
      if (std::string through = seesThrough(tree, include.path, library, visited); !through.empty())
        return through;
  }
  return {};
}

void checkArrows(const Tree &tree, const std::string &path, const std::string &text,
                 std::vector<std::string> &complaints) {
  const Arrow *arrow = arrowOf(path);
  if (!arrow) {
    complaints.push_back(fmt::format("{}: no line of the table speaks for this folder", path));
    return;
  }
  for (const Include &include : includesOf(text)) {
    std::string place = fmt::format("{}:{}: ", path, include.line);
    if (!include.ours && tree.contains(path.substr(0, path.rfind('/') + 1) + include.path))
      complaints.push_back(place + include.path +
                           " is not spelled from the root of the repository");
    if (include.ours && !include.path.starts_with(arrow->from) &&
        !startsWithAny(include.path, arrow->to))
      complaints.push_back(place + arrow->from + " must not include " + include.path);
  }
}

std::vector<std::string> check(const Tree &tree) {
  std::vector<std::string> complaints;
  for (const auto &[path, text] : tree) {
    checkArrows(tree, path, text, complaints);
    for (const Library &library : libraries) {
      std::set<std::string> visited;
      if (startsWithAny(path, library.seenBy))
        continue;
      if (std::string through = seesThrough(tree, path, library, visited); !through.empty())
        complaints.push_back(
            fmt::format("{}: must not see {}, but does through {}", path, library.name, through));
    }
  }
  return complaints;
}

Tree readTree() {
  Tree tree;
  std::filesystem::path root = LAPIDARY_SOURCE_DIR;
  for (const char *top : {"core", "backends", "ui", "app"})
    for (const auto &entry : std::filesystem::recursive_directory_iterator(root / top)) {
      std::string extension = entry.path().extension().string();
      if (extension == ".h" || extension == ".cpp" || extension == ".c" || extension == ".inc")
        tree[entry.path().lexically_relative(root).string()] = readFile(entry.path()).value();
    }
  return tree;
}

} // namespace

TEST(Arrows, TheTreeKeepsTheRules) {
  Tree tree = readTree();
  EXPECT_GT(tree.size(), 30u);
  EXPECT_TRUE(tree.contains("core/support/Result.h"));
  EXPECT_THAT(check(tree), IsEmpty());
}

TEST(Arrows, ARoomAboveIsRefused) {
  Tree tree{{"core/source/A.cpp", "// x\n#include \"core/session/Workbench.h\"\n"}};
  EXPECT_THAT(
      check(tree),
      ElementsAre("core/source/A.cpp:2: core/source/ must not include core/session/Workbench.h"));
}

TEST(Arrows, TheLongestPrefixSpeaks) {
  EXPECT_THAT(check({{"core/language/A.cpp", "#include \"core/compiler/dialect/tt/TtDialect.h\""}}),
              IsEmpty());
  EXPECT_THAT(check({{"core/language/A.cpp", "#include \"core/compiler/Pipeline.h\""}}),
              testing::SizeIs(1));
  EXPECT_THAT(check({{"core/compiler/A.cpp", "#include \"core/language/Elaborate.h\""}}),
              testing::SizeIs(1));
  EXPECT_THAT(check({{"backends/hip/A.cpp", "#include \"backends/cuda/Driver.h\""}}),
              testing::SizeIs(1));
  EXPECT_THAT(check({{"backends/All.cpp", "#include \"backends/cuda/Driver.h\""}}), IsEmpty());
  EXPECT_THAT(check({{"ui/A.cpp", "#include \"backends/All.h\""}}), testing::SizeIs(1));
}

TEST(Arrows, LibrariesAreSeenThroughHeadersToo) {
  Tree tree{{"core/compiler/Pipeline.h", "  # include <llvm/IR/Module.h>"},
            {"core/compiler/Middle.h", "#include \"core/compiler/Pipeline.h\""},
            {"core/bench/A.cpp", "#include \"core/compiler/Middle.h\""}};
  EXPECT_THAT(check(tree),
              ElementsAre("core/bench/A.cpp: must not see LLVM and MLIR, but does through "
                          "core/compiler/Pipeline.h"));
}

TEST(Arrows, LibrariesStayInTheirRooms) {
  EXPECT_THAT(check({{"core/support/A.h", "#include <QString>"}}), ElementsAre(HasSubstr("Qt")));
  EXPECT_THAT(check({{"core/session/A.h", "#include <SQLiteCpp/Database.h>"}}),
              ElementsAre(HasSubstr("SQLite")));
  EXPECT_THAT(check({{"backends/cuda/Driver.cpp", "#include <dlfcn.h>"}}),
              ElementsAre(HasSubstr("loader")));
  EXPECT_THAT(check({{"backends/cuda/Target.cpp", "#include \"llvm/IR/Module.h\""}}), IsEmpty());
  EXPECT_THAT(check({{"backends/cuda/Driver.cpp", "#include \"llvm/IR/Module.h\""}}),
              testing::SizeIs(1));
}

TEST(Arrows, IncludesAreSpelledFromTheRoot) {
  Tree tree{{"core/support/A.h", ""}, {"core/support/A.cpp", "#include \"A.h\""}};
  EXPECT_THAT(check(tree), ElementsAre(HasSubstr("not spelled from the root")));
}

TEST(Arrows, UnknownFoldersAreNotPassedOver) {
  EXPECT_THAT(check({{"core/novelty/A.h", ""}}), ElementsAre(HasSubstr("no line of the table")));
}
