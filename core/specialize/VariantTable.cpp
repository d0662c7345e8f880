#include "core/specialize/VariantTable.h"

#include <algorithm>
#include <cstring>

namespace lapidary {

int VariantTable::find(std::span<const std::uint64_t> words, std::uint64_t hash) const noexcept {
  if (slots.empty())
    return -1;
  std::size_t mask = slots.size() - 1;
  std::uint32_t tag = std::uint32_t(hash >> 32);
  for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
    Slot slot = slots[at];
    if (slot.record == 0)
      return -1;
    const std::uint64_t *record = storage.data() + slot.record;
    if (slot.tag == tag && std::uint32_t(*record) == words.size() &&
        std::memcmp(record + 1, words.data(), words.size_bytes()) == 0)
      return int(*record >> 32);
  }
}

int VariantTable::add(std::span<const std::uint64_t> words, std::uint64_t hash) {
  if (int found = find(words, hash); found >= 0)
    return found;
  if ((entries.size() + 1) * 2 > slots.size())
    grow();
  int number = int(entries.size());
  entries.push_back({hash, std::uint32_t(storage.size())});
  storage.push_back(std::uint64_t(number) << 32 | words.size());
  storage.insert(storage.end(), words.begin(), words.end());
  place(hash, entries.back().record);
  return number;
}

void VariantTable::grow() {
  slots.assign(std::max<std::size_t>(16, slots.size() * 2), {});
  for (const Entry &entry : entries)
    place(entry.hash, entry.record);
}

void VariantTable::place(std::uint64_t hash, std::uint32_t record) {
  std::size_t mask = slots.size() - 1, at = hash & mask;
  while (slots[at].record != 0)
    at = (at + 1) & mask;
  slots[at] = {std::uint32_t(hash >> 32), record};
}

std::span<const std::uint64_t> VariantTable::words(int number) const {
  const std::uint64_t *record = storage.data() + entries[number].record;
  return {record + 1, std::uint32_t(*record)};
}

} // namespace lapidary
