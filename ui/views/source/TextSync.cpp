#include "ui/views/source/TextSync.h"

#include <algorithm>
#include <functional>

namespace lapidary::ui {

void TextSync::sent(const std::string &text) {
  m_sent.push_back(std::hash<std::string>{}(text));
}

TextSync::Arrival TextSync::arrived(const std::string &path, const std::string &text) {
  std::size_t hash = std::hash<std::string>{}(text);
  if (path == m_path) {
    if (hash == m_shown)
      return Arrival::Ours;
    auto found = std::find(m_sent.begin(), m_sent.end(), hash);
    if (found != m_sent.end()) {
      m_sent.erase(m_sent.begin(), found + 1);
      m_shown = hash;
      return Arrival::Ours;
    }
  }
  m_path = path;
  m_shown = hash;
  m_sent.clear();
  return Arrival::Load;
}

} // namespace lapidary::ui
