// A growing set of vectors over F2 (bit masks, addition is xor) that knows which vectors are sums
// of its members. Everything that linear algebra has to do for layouts (rank, solving, inverting)
// is one of its two questions, asked once for each column.
//
//   Span span;
//   span.add(0b011, 1 << 0);     // call it member 0
//   span.add(0b110, 1 << 1);     // call it member 1
//   span.combine(0b101);         // 0b11: members 0 and 1
//   span.combine(0b100);         // nothing
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace lapidary {

class Span {
public:
  // Adds a vector under a name, one bit of a mask (0: it may be used, but combine() does not report
  // it). False when it is a sum of earlier ones: then it is not needed and never used.
  bool add(std::uint64_t vector, std::uint64_t name);

  // The names of the vectors whose sum is `vector`. There is one choice: those that add() took are
  // independent.
  std::optional<std::uint64_t> combine(std::uint64_t vector) const;

  int rank() const { return static_cast<int>(rows.size()); }

private:
  struct Row {
    std::uint64_t vector; // its highest bit is in no other row
    std::uint64_t names;  // of the vectors whose sum it is
  };
  // Subtracts rows until none applies; what is left is outside the span.
  Row reduce(Row row) const;

  std::vector<Row> rows;
};

} // namespace lapidary
