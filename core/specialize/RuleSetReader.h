// Reads rule set documents: JSON to RuleSet, `extends` followed, everything checked.
#pragma once

#include "core/specialize/RuleSet.h"

namespace lapidary {

// Documents as (name for messages, text), in the order they were found; a later one may extend an
// earlier or later one, and may not define a set and target that is there already.
// Errors: InvalidInput, the context being the document, the message naming field and remedy.
Result<std::vector<RuleSet>>
readRuleSets(const std::vector<std::pair<std::string, std::string>> &documents);

} // namespace lapidary
