// Helpers for reading and writing this room's JSON: numbers that JSON has no spelling for, and the
// seam where the JSON library's exceptions become Errors.
#pragma once

#include "core/support/Json.h"

#include <cmath>
#include <limits>
#include <stdexcept>

namespace lapidary {

class JsonFieldError : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

// NaN and the infinities as text.
inline Json numberJson(double value) {
  if (std::isfinite(value))
    return value;
  return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

inline double numberFrom(const Json &json) {
  if (!json.is_string())
    return json.get<double>();
  std::string text = json.get<std::string>();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (text == "nan")
    return std::numeric_limits<double>::quiet_NaN();
  if (text != "inf" && text != "-inf")
    throw JsonFieldError("not a number: " + text);
  return text == "inf" ? infinity : -infinity;
}

// Runs `read`, which may throw; `what` names the thing read.
template <typename T, typename Read> Result<T> fromJsonSafely(const char *what, const Read &read) {
  try {
    return read();
  } catch (const std::exception &error) {
    return fail(ErrorCode::InvalidInput, std::string("not a ") + what + ": " + error.what());
  }
}

} // namespace lapidary
