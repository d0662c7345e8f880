#include "core/source/AstBuilder.h"

#include <algorithm>
#include <fmt/format.h>

namespace lapidary {

namespace {

// The first word or so of what was not understood, on one line.
std::string excerpt(std::string_view text) {
  std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
  std::string_view line = text.substr(0, end);
  constexpr std::size_t limit = 32;
  if (line.size() <= limit)
    return std::string(line);
  std::size_t cut = limit;
  while (cut > 0 && (static_cast<unsigned char>(line[cut]) & 0xc0) == 0x80)
    --cut;
  return std::string(line.substr(0, cut)) + "...";
}

} // namespace

ast::Block AstBuilder::module() {
  SyntaxNode root = tree.root();
  ast::Block body;
  if (root.kind == NodeKind::Error)
    statementsInError(root, body);
  else
    statements(root, body);
  return body;
}

void AstBuilder::problem(SourceRange range, std::string message) {
  Diagnostic diagnostic;
  diagnostic.file = file;
  diagnostic.range = range;
  diagnostic.message = std::move(message);
  problems.push_back(std::move(diagnostic));
}

bool AstBuilder::tooDeep(const SyntaxNode &node, int extra) {
  if (depth + extra <= maximumNesting)
    return false;
  if (!depthReported)
    problem(node.range(), fmt::format("nested deeper than {} levels: this part is not read; "
                                      "split it up",
                                      maximumNesting));
  depthReported = true;
  return true;
}

void AstBuilder::reportError(const SyntaxNode &node) {
  SourceRange range = node.range();
  if (node.missing) {
    range.endColumn = std::max(range.endColumn, range.column + 1);
    std::string_view name = ts_node_type(node.node);
    problem(range, node.named ? fmt::format("syntax error: missing {}", name)
                              : fmt::format("syntax error: missing '{}'", name));
    return;
  }
  std::string where = excerpt(text(node));
  problem(range, where.empty() ? std::string("syntax error")
                               : fmt::format("syntax error near '{}'", where));
}

// Walks only where the tree knows of an error, with a stack of its own.
void AstBuilder::reportSyntaxErrors() {
  std::vector<SyntaxNode> open{tree.root()};
  std::vector<SyntaxNode> found, below;
  while (!open.empty()) {
    SyntaxNode node = open.back();
    open.pop_back();
    if (node.kind == NodeKind::Error || node.missing)
      found.push_back(node);
    below.clear();
    tree.children(node, below);
    for (const SyntaxNode &child : below)
      if (child.missing || child.kind == NodeKind::Error || child.hasError())
        open.push_back(child);
  }
  std::ranges::sort(found, {}, [](const SyntaxNode &node) { return node.startByte(); });
  // One message a line: recovery tends to report the same mistake several times.
  int lastLine = 0;
  for (const SyntaxNode &node : found) {
    int line = node.range().line;
    if (line == lastLine)
      continue;
    lastLine = line;
    reportError(node);
  }
}

} // namespace lapidary
