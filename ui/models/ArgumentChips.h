// How the specialization of one argument is shown: as chips, as a group of the matrix, as sentences.
#pragma once

#include "core/specialize/Specialization.h"
#include "ui/widgets/Chip.h"

namespace lapidary::ui {

// The letters of the key become chips: D, the letters that only some backends know (S, ...), "=1" for
// a value folded into the code, a grey value for a declared constexpr, the letters that an opt-out
// switched off struck through, an empty outline where nothing fired. A type that no rule looks at by
// value (fp32) has no chips.
Chips chipsOf(const ArgumentSpecialization &argument);

enum class ArgumentGroup { Pointers, Integers, Floats, Constexpr, Other };
inline constexpr int argumentGroupCount = 5;
QString groupName(ArgumentGroup group);
ArgumentGroup groupOf(const Value &value, bool isDeclaredConstexpr);

// Rich text: what the argument became on the target, the rule, the reason, the flip, the opt-outs.
QString explanationOf(const ArgumentSpecialization &argument, const QStringList &targets);

} // namespace lapidary::ui
