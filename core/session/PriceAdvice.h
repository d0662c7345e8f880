// What prices mean: how code differs, and what to do about a property. Pure functions.
#pragma once

#include "core/session/Price.h"

namespace lapidary {

// Argument and property of an item "src:D" of what fired.
PropertyPrice describeItem(const std::string &item, const Specialization &specialization);

// "load at line 16: 512 -> 64 bit", "instructions: 175 -> 202": from `before` to `after`.
std::vector<std::string> codeChanges(const Variant &before, const Variant &after);

// Fills `needed`, `together`, `optOut` and `advice` of each property, `edit` and `missing`.
void advise(PriceList &list, const JitFunction &kernel, const Variant &specialized);

} // namespace lapidary
