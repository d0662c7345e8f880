#include "app/lap/Table.h"

#include <algorithm>
#include <numeric>
#include <sstream>
#include <sys/ioctl.h>
#include <unistd.h>

namespace lapidary::cli {

namespace {

std::size_t width(const std::string &text) {
  return std::ranges::count_if(text, [](unsigned char c) { return (c & 0xC0) != 0x80; });
}

// Takes from the widest columns of text, one character at a time, until a line fits or all are
// narrow.
void narrow(std::vector<std::size_t> &widths, const std::vector<bool> &right,
            std::size_t lineWidth) {
  constexpr std::size_t narrowest = 12;
  std::size_t total = 2 * (widths.size() - 1) + std::reduce(widths.begin(), widths.end());
  for (; total > lineWidth; --total) {
    std::size_t *widest = nullptr;
    for (std::size_t i = 0; i < widths.size(); ++i)
      if (!right[i] && widths[i] > narrowest && (!widest || widths[i] > *widest))
        widest = &widths[i];
    if (!widest)
      return;
    --*widest;
  }
}

// Lines of at most `most` characters, broken at spaces; a longer word stands whole.
std::vector<std::string> wrapped(const std::string &text, std::size_t most) {
  std::vector<std::string> lines;
  if (width(text) <= most)
    return {text};
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!lines.empty() && width(lines.back()) + 1 + width(word) <= most)
      lines.back() += " " + word;
    else
      lines.push_back(word);
  }
  return lines;
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

std::size_t terminalWidth() {
  winsize size{};
  return ::isatty(STDOUT_FILENO) && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col
                                                                                   : 0;
}

std::string Table::text(std::size_t lineWidth) const {
  std::vector<std::size_t> widths(right.size());
  for (const auto &row : rows)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], width(row[i]));
  if (lineWidth > 0)
    narrow(widths, right, lineWidth);
  std::string text;
  for (const auto &row : rows) {
    std::vector<std::vector<std::string>> cells;
    std::size_t height = 0;
    for (std::size_t i = 0; i < row.size(); ++i) {
      cells.push_back(wrapped(row[i], widths[i]));
      height = std::max(height, cells.back().size());
    }
    for (std::size_t y = 0; y < height; ++y) {
      std::string line;
      for (std::size_t i = 0; i < row.size(); ++i) {
        const std::string cell = y < cells[i].size() ? cells[i][y] : "";
        const std::string padding(widths[i] - std::min(widths[i], width(cell)), ' ');
        line += (i ? "  " : "") + (right[i] ? padding + cell : cell + padding);
      }
      line.erase(line.find_last_not_of(' ') + 1);
      text += line + "\n";
    }
  }
  return text;
}

} // namespace lapidary::cli
