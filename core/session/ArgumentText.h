// An argument as people type it into a form or after an option, and as it is shown there.
//
//   parseArgumentText("fp16 16384x16384 align 4 offset 1")  a tensor
//   parseArgumentText("1024"), "1.5", "True", "None", "\"text\"", "bf16", "[1, 2]"
#pragma once

#include "core/source/Value.h"
#include "core/support/Result.h"

#include <string>

namespace lapidary {

// Errors: InvalidInput saying what was expected; sizes are checked as in a launch file.
Result<Value> parseArgumentText(const std::string &text);
// The inverse; a tensor says only what differs from its defaults.
std::string argumentText(const Value &value);

} // namespace lapidary
