// Text in aligned columns. Widths count characters, not bytes.
//
//   Table table({"variant", ">time"}); // ">" aligns right
//   table.row({"specialized", "1.921 ms"});
//   print(table.text());
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace lapidary::cli {

// Of standard output; 0 when it is no terminal.
std::size_t terminalWidth();

class Table {
public:
  explicit Table(std::vector<std::string> headings);
  void row(std::vector<std::string> cells); // as many as there are headings
  // Headings, rows; two spaces between columns. Where a line would be longer than `lineWidth`
  // characters, the widest columns of text are wrapped at spaces; 0: never.
  std::string text(std::size_t lineWidth = terminalWidth()) const;

private:
  std::vector<bool> right;
  std::vector<std::vector<std::string>> rows;
};

} // namespace lapidary::cli
