// What an argument may be, as people type it, turned into the field of a ranges file.
//
//   rangeJson("n", "1..4096 step 8")  ->  {"from": 1, "to": 4096, "step": 8}
//   rangeJson("n", "1, 16, None")     ->  [1, 16, null]
//   rangeJson("x", "align 4, 16")     ->  {"alignment": [4, 16]}
//   "any", and everything that starts with { or [ is taken as it is
#pragma once

#include "core/support/Result.h"

#include <QString>
#include <string>

namespace lapidary::ui {

// Errors: InvalidInput naming the argument and what was expected.
Result<std::string> rangeJson(const std::string &argument, const QString &text);

} // namespace lapidary::ui
