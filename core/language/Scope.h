// The names of one function body, in the order in which they were first assigned (the order in
// which loops carry them). Copied at every branch.
#pragma once

#include "core/language/Object.h"

#include <unordered_map>

namespace lapidary::language {

class Scope {
public:
  struct Entry {
    std::string name;
    Object value;
  };

  const Object *find(const std::string &name) const {
    auto found = places.find(name);
    return found == places.end() ? nullptr : &entries[found->second].value;
  }
  void set(const std::string &name, Object value) {
    auto [place, isNew] = places.try_emplace(name, entries.size());
    if (isNew)
      entries.push_back({name, std::move(value)});
    else
      entries[place->second].value = std::move(value);
  }
  const std::vector<Entry> &all() const { return entries; }

private:
  std::vector<Entry> entries;
  std::unordered_map<std::string, std::size_t> places;
};

} // namespace lapidary::language
