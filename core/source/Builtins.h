// What the built-in functions of evaluation share. Private to this room.
#pragma once

#include "core/source/Interpreter.h"

#include <fmt/format.h>
#include <unordered_map>

namespace lapidary {

// One call: checked access to its arguments. A miss raises and gives a harmless value.
struct BuiltinCall {
  Interpreter &interpreter;
  const std::string &name;
  const ValueList &values;
  const Evaluator::Keywords &keywords;

  Value raise(const std::string &message) const {
    return interpreter.raise(name + "(): " + message);
  }
  bool count(std::size_t least, std::size_t most) const {
    if (values.size() >= least && values.size() <= most)
      return true;
    raise(fmt::format("{} arguments given", values.size()));
    return false;
  }
  const Value *keyword(std::string_view wanted) const {
    for (const auto &[key, value] : keywords)
      if (key == wanted)
        return &value;
    return nullptr;
  }
  // The `index`th, or the keyword of that name; null when absent.
  const Value *find(std::size_t index, std::string_view wanted) const {
    return index < values.size() ? &values[index] : keyword(wanted);
  }
  __int128 integer(std::size_t index) const {
    const Value &value = values[index];
    if (const bool *flag = value.as<bool>())
      return *flag ? 1 : 0;
    const Integer *number = value.as<Integer>();
    if (number && number->fits)
      return number->value;
    raise(number ? "the integer has more than 128 bits"
                 : fmt::format("an integer is expected, not a {}", kindName(value)));
    return 1;
  }
  double real(std::size_t index) const {
    if (const double *number = values[index].as<double>())
      return *number;
    return static_cast<double>(integer(index));
  }
};

using Builtin = Value (*)(const BuiltinCall &);
using BuiltinTable = std::unordered_map<std::string_view, Builtin>;

inline Value applyBinary(const BuiltinCall &call, const char *op, const Value &left,
                         const Value &right) {
  return call.interpreter.checked(Evaluator::binary(op, left, right));
}

// int, float, round, math.*, triton.cdiv, ... by full name.
const BuiltinTable &numberBuiltins();
// Everything on containers, and the rest.
const BuiltinTable &containerBuiltins();

} // namespace lapidary
