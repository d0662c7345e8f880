// Text in aligned columns. Widths count characters, not bytes.
//
//   Table table({"variant", ">time"}); // ">" aligns right
//   table.row({"specialized", "1.921 ms"});
//   print(table.text());
#pragma once

#include <string>
#include <vector>

namespace lapidary::cli {

class Table {
public:
  explicit Table(std::vector<std::string> headings);
  void row(std::vector<std::string> cells); // as many as there are headings
  std::string text() const;                 // headings, rows; two spaces between columns

private:
  std::vector<bool> right;
  std::vector<std::vector<std::string>> rows;
};

} // namespace lapidary::cli
