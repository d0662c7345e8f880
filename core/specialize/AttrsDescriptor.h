// The descriptor form of specialization (Triton 3.2, pull request #4734): properties as lists of
// parameter numbers, with the serialised form and the hash that the release itself computes.
//
//   {"arg_properties": {"tt.divisibility": [0, 1], "tt.equal_to": [4]}, "cls": "AttrsDescriptor"}
#pragma once

#include "core/specialize/RuleSet.h"
#include "core/specialize/Specialization.h"
#include "core/support/Json.h"

#include <map>
#include <string>
#include <vector>

namespace lapidary {

class AttrsDescriptor {
public:
  // Every property that fired, declared constexprs included: the release looks at those too.
  static AttrsDescriptor fromSpecialization(const Specialization &specialization);

  // hints: parameter number -> value; a property holds where the hint equals the property's value.
  static AttrsDescriptor fromHints(const RuleSet &rules, const std::map<int, std::int64_t> &hints);

  // Errors: InvalidInput (another class than the rule set's, not lists of parameter numbers).
  static Result<AttrsDescriptor> fromJson(const RuleSet &rules, const Json &json);
  Json toJson() const;

  struct ParameterAttributes {
    int parameter;
    std::vector<Property> attributes;
  };
  // Parameter -> its (property, value) pairs, in the order in which the release lists them.
  std::vector<ParameterAttributes> functionAttributes() const;
  // Parameter -> value, of the properties that fold.
  std::map<int, std::int64_t> constants() const;

  // SHA-256 of Python's text of the sorted lists, property values and constant properties.
  std::string hash() const;

  // Parameter numbers of one property; empty when it holds nowhere or is unknown.
  const std::vector<int> &parametersWith(const std::string &property) const;

private:
  explicit AttrsDescriptor(const RuleSet &rules);

  struct Entry {
    std::string name;
    std::int64_t value = 0;
    bool isConstant = false;
    bool isListed = true; // a descriptor read from text holds the lists that the text has
    std::vector<int> parameters;
  };
  std::string className;
  std::vector<Entry> entries;
};

} // namespace lapidary
