// Places for a machine's values: byte ranges that are given back when a value is used no more, so that
// a machine takes what the widest moment of the kernel needs and stays in the caches.
#pragma once

#include <cstdint>
#include <map>

namespace lapidary::reference {

class MemoryPlan {
public:
  // The offset of `bytes` bytes, a multiple of 64.
  std::int64_t take(std::int64_t bytes) {
    bytes = rounded(bytes);
    for (auto hole = holes.begin(); hole != holes.end(); ++hole) {
      auto [offset, size] = *hole;
      if (size < bytes)
        continue;
      holes.erase(hole);
      if (size > bytes)
        holes[offset + bytes] = size - bytes;
      return offset;
    }
    std::int64_t offset = end;
    end += bytes;
    return offset;
  }

  void giveBack(std::int64_t offset, std::int64_t bytes) {
    bytes = rounded(bytes);
    auto after = holes.lower_bound(offset);
    if (after != holes.end() && offset + bytes == after->first) {
      bytes += after->second;
      after = holes.erase(after);
    }
    if (after != holes.begin()) {
      auto before = std::prev(after);
      if (before->first + before->second == offset) {
        before->second += bytes;
        return;
      }
    }
    holes[offset] = bytes;
  }

  std::int64_t total() const { return end; }

private:
  static std::int64_t rounded(std::int64_t bytes) { return (bytes + 63) / 64 * 64; }
  std::map<std::int64_t, std::int64_t> holes; // offset to size, none touching another
  std::int64_t end = 0;
};

} // namespace lapidary::reference
