// Keeps the editor's buffer and the workbench's file in step while both move: what the person types
// is sent; what comes back late is recognised as one of the texts sent and does not overwrite newer
// typing; a text that was never sent is a file that was opened, and is loaded.
#pragma once

#include <cstddef>
#include <deque>
#include <string>

namespace lapidary::ui {

class TextSync {
public:
  enum class Arrival { Ours, Load };

  // The buffer was handed to the workbench.
  void sent(const std::string &text);
  // A file with this path and text came back.
  Arrival arrived(const std::string &path, const std::string &text);

private:
  std::string m_path;
  std::size_t m_shown = 0;        // of the text that the editor was last known to agree on
  std::deque<std::size_t> m_sent; // hashes, oldest first
};

} // namespace lapidary::ui
