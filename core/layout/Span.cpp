#include "core/layout/Span.h"

#include <bit>

namespace lapidary {

Span::Row Span::reduce(Row row) const {
  for (const Row &other : rows)
    if (row.vector & std::bit_floor(other.vector)) {
      row.vector ^= other.vector;
      row.names ^= other.names;
    }
  return row;
}

bool Span::add(std::uint64_t vector, std::uint64_t name) {
  Row row = reduce({vector, name});
  if (row.vector == 0)
    return false;
  // The new highest bit is taken out of the earlier rows, so that one pass reduces any vector.
  for (Row &other : rows)
    if (other.vector & std::bit_floor(row.vector)) {
      other.vector ^= row.vector;
      other.names ^= row.names;
    }
  rows.push_back(row);
  return true;
}

std::optional<std::uint64_t> Span::combine(std::uint64_t vector) const {
  Row row = reduce({vector, 0});
  if (row.vector != 0)
    return std::nullopt;
  return row.names;
}

} // namespace lapidary
