#include "core/runtime/Driver.h"

#include <bit>

namespace lapidary {

std::uint64_t slotOf(const LaunchArgument &argument, int bytes) {
  if (const auto *address = std::get_if<DeviceAddress>(&argument))
    return *address;
  const std::uint64_t mask = bytes >= 8 ? ~std::uint64_t(0) : (std::uint64_t(1) << 8 * bytes) - 1;
  if (const auto *integer = std::get_if<std::int64_t>(&argument))
    return static_cast<std::uint64_t>(*integer) & mask;
  const double number = std::get<double>(argument);
  return bytes == 8 ? std::bit_cast<std::uint64_t>(number)
                    : std::bit_cast<std::uint32_t>(static_cast<float>(number));
}

} // namespace lapidary
