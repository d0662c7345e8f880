// Variants by key: open addressing over the engine's hash. Lookups allocate nothing.
//
// Owner: one launcher. Any thread may look up while nobody adds.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace lapidary {

class VariantTable {
public:
  // The number of an equal key, or -1.
  int find(std::span<const std::uint64_t> words, std::uint64_t hash) const noexcept;
  // The number of the key, which is new when it equals size() before the call.
  int add(std::span<const std::uint64_t> words, std::uint64_t hash);
  std::size_t size() const { return entries.size(); }
  std::span<const std::uint64_t> words(int number) const;

private:
  // A slot is half a hash and where the key lies; a key is its number and length, then its words.
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t record = 0; // 0: free
  };
  void grow();
  void place(std::uint64_t hash, std::uint32_t record);
  std::vector<std::uint64_t> storage = {0};
  std::vector<Slot> slots; // a power of two of them, at most half taken
  struct Entry {
    std::uint64_t hash;
    std::uint32_t record;
  };
  std::vector<Entry> entries; // by number
};

} // namespace lapidary
