// What the handlers of built-in functions share: reading arguments and reporting what is wrong with
// them at the argument's own place. Private to this room.
#pragma once

#include "core/language/Elaborator.h"

#include <fmt/format.h>

namespace lapidary::language {

// A runtime value; constant numbers become one. Invalid when the argument is none of these.
inline Tensor tensorArgument(Call &call, std::size_t index) {
  Place place(call.elaborator.site, call.ranges[index]);
  return call.elaborator.semantics.toTensor(call[index]);
}

// As above, but no value at all when the argument was not given; `ok` turns false when it is wrong.
inline Tensor optionalTensor(Call &call, std::size_t index, bool &ok) {
  if (!call.has(index))
    return {};
  Tensor value = tensorArgument(call, index);
  ok &= bool(value);
  return value;
}

inline bool flagArgument(Call &call, std::size_t index, bool otherwise) {
  if (!call.has(index))
    return otherwise;
  return call.elaborator.constantTruth(call[index]).value_or(otherwise);
}

// A constant string; empty when not given. Reports anything else.
inline std::optional<std::string> stringArgument(Call &call, std::size_t index, const char *what) {
  if (!call.has(index))
    return std::string();
  if (const std::string *value = call[index].asString())
    return *value;
  Place place(call.elaborator.site, call.ranges[index]);
  call.elaborator.fail(fmt::format("{} must be a string, not {}", what, describe(call[index])));
  return std::nullopt;
}

// A dtype; `otherwise` when not given.
inline std::optional<Element> elementArgument(Call &call, std::size_t index,
                                              std::optional<Element> otherwise = {}) {
  if (!call.has(index) && otherwise)
    return otherwise;
  if (const Type *type = call[index].type(); type && type->form == Type::Form::Value)
    return type->element;
  Place place(call.elaborator.site, call.ranges[index]);
  call.elaborator.fail(fmt::format("a dtype is needed here, not {}", describe(call[index])));
  return std::nullopt;
}

// An axis in -rank .. rank-1 as 0 .. rank-1.
inline std::optional<int> axisArgument(Call &call, std::size_t index, std::size_t rank) {
  Place place(call.elaborator.site, call.ranges[index]);
  std::optional<__int128> axis = call.elaborator.constantInteger(call[index], "an axis");
  if (!axis)
    return std::nullopt;
  __int128 bound = static_cast<__int128>(rank);
  if (*axis < -bound || *axis >= bound) {
    call.elaborator.fail(
        fmt::format("axis {} is outside a tile of rank {}", toString(Integer(*axis)), rank));
    return std::nullopt;
  }
  return static_cast<int>(*axis < 0 ? *axis + bound : *axis);
}

// One of a list of spellings; the first when not given or empty. Reports what is not in it.
template <typename Enum>
std::optional<Enum> choiceArgument(Call &call, std::size_t index, const char *what,
                                   std::initializer_list<std::pair<const char *, Enum>> choices,
                                   Enum otherwise) {
  std::optional<std::string> spelling = stringArgument(call, index, what);
  if (!spelling)
    return std::nullopt;
  if (spelling->empty())
    return otherwise;
  std::string allowed;
  for (const auto &[name, value] : choices) {
    if (*spelling == name)
      return value;
    allowed += (allowed.empty() ? "" : ", ") + std::string(name);
  }
  Place place(call.elaborator.site, call.ranges[index]);
  call.elaborator.fail(fmt::format("there is no {} {}", what, *spelling), {"one of " + allowed});
  return std::nullopt;
}

} // namespace lapidary::language
