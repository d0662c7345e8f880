// From the engine's words to what people and the compiler read: types, letters, properties,
// constants.
#pragma once

#include "core/specialize/Arguments.h"
#include "core/specialize/Engine.h"
#include "core/specialize/Specialization.h"

namespace lapidary {

// A tensor as shown: "fp16 128x64", with strides, offset or storage where they are not the plain
// ones.
std::string showValue(const Value &value);

// Type, key, properties, constant of one value given to parameter `index` (Engine::itemOfTuple for
// the items of tuples). The explanation is left empty. Errors: InvalidInput, a value that no type
// holds.
Result<ArgumentSpecialization> describeArgument(const Engine &engine, std::size_t index,
                                                const std::string &name, const Value &value,
                                                const ArgumentValue &argument);

// The letters of the rules that are in the key, in the set's form; what `fired` says.
std::optional<std::string> letters(const RuleSet &rules, const std::vector<FiredRule> &fired);

// `properties` from `fired`: the first rule that fires gives an attribute its value.
std::vector<Property> propertiesOf(const std::vector<FiredRule> &fired);

// The name of a pointer to `dtype` in this release.
std::string pointerName(const RuleSet &rules, DType dtype, bool isConst);

} // namespace lapidary
