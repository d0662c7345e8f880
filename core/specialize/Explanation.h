// Why an argument is in its class, and what would move it out: the rule that fired or the nearest
// one that did not, opt-outs and options in force, and the nearest values below and above at which
// the class changes. Every "would be" is the engine's own answer for that other value, never a
// guess.
#pragma once

#include "core/specialize/Engine.h"
#include "core/specialize/Specialization.h"

namespace lapidary {

class Explainer {
public:
  // `engine` must outlive the explainer. `options` are the launch's.
  Explainer(const Engine &engine, const std::vector<std::pair<std::string, Value>> &options);

  // Fills rule, reason, flip and suppressed, of tuple items too.
  void explain(std::size_t index, const Value &value, const ArgumentValue &argument,
               ArgumentSpecialization &result) const;

private:
  struct Finding;
  Finding look(std::size_t index, const ArgumentValue &argument) const;
  std::string describeClass(std::size_t index, const ArgumentValue &argument,
                            const ArgumentValue &comparedTo) const;
  std::string describeChange(std::size_t index, const ArgumentValue &from,
                             const ArgumentValue &to) const;
  std::string integerFlip(std::size_t index, const ArgumentValue &argument) const;
  std::string tensorFlip(std::size_t index, const TensorArgument &tensor,
                         const ArgumentValue &argument) const;
  void explainByRules(std::size_t index, const Value &value, const ArgumentValue &argument,
                      ArgumentSpecialization &result) const;

  const Engine &engine;
  Engine unrestricted; // the same rules with every option on and no opt-out
};

} // namespace lapidary
