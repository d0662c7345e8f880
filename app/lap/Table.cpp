#include "app/lap/Table.h"

#include <algorithm>

namespace lapidary::cli {

namespace {

std::size_t width(const std::string &text) {
  return std::ranges::count_if(text, [](unsigned char c) { return (c & 0xC0) != 0x80; });
}

} // namespace

Table::Table(std::vector<std::string> headings) {
  for (std::string &heading : headings) {
    right.push_back(heading.starts_with('>'));
    if (right.back())
      heading.erase(0, 1);
  }
  rows.push_back(std::move(headings));
}

void Table::row(std::vector<std::string> cells) {
  cells.resize(right.size());
  rows.push_back(std::move(cells));
}

std::string Table::text() const {
  std::vector<std::size_t> widths(right.size());
  for (const auto &row : rows)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], width(row[i]));
  std::string text;
  for (const auto &row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - width(row[i]), ' ');
      line += (i ? "  " : "") + (right[i] ? padding + row[i] : row[i] + padding);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

} // namespace lapidary::cli
