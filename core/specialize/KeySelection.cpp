// From a printed key back to the variant that it names.
#include "core/specialize/KeyString.h"
#include "core/specialize/Report.h"
#include "core/specialize/Signature.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>

namespace lapidary {
namespace {

std::unexpected<Error> wrongAt(std::size_t position, const std::string &what) {
  return fail(ErrorCode::InvalidInput, fmt::format("position {}: {}", position + 1, what));
}

FiredRule fired(const Rule &rule, std::int64_t value, bool asProperty) {
  FiredRule result{rule.name, rule.letter, rule.attribute, value, true, asProperty, rule.constant};
  if (rule.predicate.kind == PredicateKind::PowerOfTwoDivisor)
    result.letter += fmt::format("{}", value);
  return result;
}

// Letters in a key, "DS" or "P64".
Result<std::vector<FiredRule>> readLetters(const RuleSet &rules, const std::string &name,
                                           const std::string &text) {
  std::vector<FiredRule> result;
  for (std::size_t at = 0; at < text.size();) {
    auto rule = std::ranges::find(rules.rules, text.substr(at, 1), &Rule::letter);
    if (text == "N" && rules.form == KeyForm::Descriptor)
      break;
    if (rule == rules.rules.end())
      return fail(
          ErrorCode::InvalidInput,
          fmt::format("argument '{}': {} has no key letter '{}'", name, rules.name, text[at]),
          name);
    ++at;
    std::int64_t value = rule->constant ? rule->predicate.low : rule->value;
    if (rule->predicate.kind == PredicateKind::PowerOfTwoDivisor) {
      auto [end, failure] = std::from_chars(text.data() + at, text.data() + text.size(), value);
      if (failure != std::errc())
        return fail(ErrorCode::InvalidInput,
                    fmt::format("argument '{}': the letter {} needs its divisor, as in {}64", name,
                                rule->letter, rule->letter),
                    name);
      at = std::size_t(end - text.data());
    }
    result.push_back(fired(*rule, value, true));
  }
  return result;
}

// An integer key: the constant of a rule.
Result<void> readConstant(const RuleSet &rules, ArgumentSpecialization &argument,
                          const Integer &value) {
  auto rule = std::ranges::find_if(rules.rules, [&](const Rule &rule) {
    return rule.constant && value.fits && rule.predicate.low == value.value;
  });
  if (rule == rules.rules.end())
    return fail(ErrorCode::InvalidInput,
                fmt::format("argument '{}': no rule of {} gives the constant {}", argument.name,
                            rules.name, toString(value)),
                argument.name);
  bool isFolded = argument.type == "constexpr";
  argument.fired = {fired(*rule, rule->predicate.low, isFolded)};
  argument.key = rule->letter;
  if (isFolded) {
    argument.constant = Value{value};
    argument.genericType = "i32";
  }
  return {};
}

Result<ArgumentSpecialization> readArgument(const RuleSet &rules, const std::string &name,
                                            bool isConstexpr, const Value &type, const Value &key) {
  ArgumentSpecialization argument;
  argument.name = name;
  argument.isDeclaredConstexpr = isConstexpr;
  auto wrong = [&](const std::string &what) {
    return fail(ErrorCode::InvalidInput, fmt::format("argument '{}': {}", name, what), name);
  };
  if (const TupleValue *types = type.as<TupleValue>()) {
    const TupleValue *keys = key.as<TupleValue>();
    if (!keys || keys->items.size() != types->items.size())
      return wrong("a tuple of types needs a tuple of as many keys");
    argument.isTuple = true;
    for (std::size_t i = 0; i < types->items.size(); ++i) {
      Result<ArgumentSpecialization> item = readArgument(rules, fmt::format("{}[{}]", name, i),
                                                         false, types->items[i], keys->items[i]);
      if (!item)
        return item;
      argument.items.push_back(std::move(*item));
    }
    argument.type = argument.genericType = printPython(type);
    return argument;
  }
  argument.type = argument.genericType = *type.as<std::string>();
  if (isConstexpr != (argument.type == "constexpr") && isConstexpr)
    return wrong(
        fmt::format("is declared tl.constexpr, but the key has the type {}", argument.type));
  if (isConstexpr) {
    argument.constant = key;
    argument.key = argument.value = printPython(key);
    return argument;
  }
  if (const Integer *value = key.as<Integer>()) {
    if (Result<void> read = readConstant(rules, argument, *value); !read)
      return std::unexpected(read.error());
  } else if (const std::string *text = key.as<std::string>()) {
    argument.key = *text;
    if (argument.type == "constexpr") {
      argument.constant = Value{FunctionValue{{}, *text}};
    } else {
      Result<std::vector<FiredRule>> read = readLetters(rules, name, *text);
      if (!read)
        return std::unexpected(read.error());
      argument.fired = std::move(*read);
    }
  } else if (!key.isNone()) {
    return wrong(fmt::format("{} is no key", printPython(key)));
  }
  bool isNone = rules.form == KeyForm::Descriptor || key.isNone();
  if (isNone && argument.type == rules.noneType)
    argument.constant = Value{NoneValue{}};
  argument.properties = propertiesOf(argument.fired);
  if (auto folded = std::ranges::find_if(argument.fired, &FiredRule::constant);
      rules.form == KeyForm::Descriptor && folded != argument.fired.end())
    argument.constant = Value{Integer(folded->value)};
  return argument;
}

// The scalar types of the release, longest first, so that the first that fits is the one meant.
std::size_t typeLength(const RuleSet &rules, const SignatureParameter &parameter,
                       std::string_view text) {
  if (!parameter.annotatedType.empty())
    return text.starts_with(parameter.annotatedType) ? parameter.annotatedType.size() : 0;
  std::size_t prefix = text.starts_with("*k") ? 2 : text.starts_with("*") ? 1 : 0, longest = 0;
  auto consider = [&](std::string_view name) {
    if (text.substr(prefix).starts_with(name))
      longest = std::max(longest, name.size());
  };
  for (int i = 0; i < dtypeCount; ++i)
    consider(dtypeName(DType(i)));
  consider(rules.boolType);
  if (prefix == 0)
    consider(rules.noneType);
  return longest == 0 ? 0 : prefix + longest;
}

// The ways to cut the keys out of the middle of a descriptor key, two at most: more is as bad.
struct KeyCutter {
  const RuleSet &rules;
  std::string_view text; // the keys
  std::vector<std::string> types;
  std::vector<std::vector<std::string>> found;
  std::vector<std::string> current;
  std::size_t steps = 0;

  std::vector<std::string> candidates(const std::string &type) const {
    bool isTensor = type.starts_with("*");
    std::vector<std::string> result = {""};
    for (const Rule &rule : rules.rules) {
      bool mayFire = isTensor
                         ? rule.applies(ArgumentKind::Tensor)
                         : rule.applies(ArgumentKind::Int) || rule.applies(ArgumentKind::Bool) ||
                               rule.applies(ArgumentKind::None);
      for (std::size_t i = 0, count = result.size(); mayFire && i < count; ++i)
        result.push_back(result[i] + rule.letter);
    }
    result[0] = "N";
    return result;
  }
  void cut(std::size_t argument, std::size_t at) {
    if (found.size() > 1 || ++steps > 100'000)
      return;
    if (argument == types.size()) {
      if (at == text.size())
        found.push_back(current);
      return;
    }
    for (const std::string &key : candidates(types[argument]))
      if (text.substr(at).starts_with(key)) {
        current.push_back(key);
        cut(argument + 1, at + key.size());
        current.pop_back();
      }
  }
};

Result<void> readTail(std::string_view text, std::size_t at, std::vector<Value> &constants,
                      KeyString &key) {
  Result<Value> tail = parsePythonLiteral(text.substr(at));
  if (!tail)
    return wrongAt(at, "expected the constants and options, as in ((64,), {'debug': False}): " +
                           tail.error().message);
  const TupleValue *pair = tail->as<TupleValue>();
  const TupleValue *values =
      pair && pair->items.size() == 2 ? pair->items[0].as<TupleValue>() : nullptr;
  const DictValue *options = values ? pair->items[1].as<DictValue>() : nullptr;
  if (!options)
    return wrongAt(at, "expected the constants and options, as in ((64,), {'debug': False})");
  constants = values->items;
  for (const auto &[name, value] : options->items) {
    const std::string *word = name.as<std::string>();
    if (!word)
      return wrongAt(at, "an option's name is not a text");
    key.options.emplace_back(*word, value);
  }
  return {};
}

} // namespace

Result<KeyString> parseDescriptorKey(const RuleSet &rules, const JitFunction &kernel,
                                     std::string_view text) {
  KernelSignature signature = makeSignature(kernel, rules);
  KeyString key;
  std::vector<Value> constants;
  std::size_t at = 0;
  KeyCutter cutter{rules, {}, {}, {}, {}};
  for (const SignatureParameter &parameter : signature.parameters) {
    if (parameter.isConstexpr) {
      key.entries.push_back({Value{std::string("constexpr")}, {}});
      continue;
    }
    std::size_t length = typeLength(rules, parameter, text.substr(at));
    if (length == 0)
      return wrongAt(at, fmt::format("expected the type of '{}', found '{}'", parameter.name,
                                     text.substr(at, 12)));
    key.entries.push_back({Value{std::string(text.substr(at, length))}, {}});
    if (!(parameter.optOuts & optOutOfValue))
      cutter.types.emplace_back(text.substr(at, length));
    at += length;
  }
  std::size_t tail = text.find('(', at);
  if (tail == std::string_view::npos)
    return wrongAt(text.size(),
                   "expected the constants and options, as in ((64,), {'debug': False})");
  if (Result<void> read = readTail(text, tail, constants, key); !read)
    return std::unexpected(read.error());
  cutter.text = text.substr(at, tail - at);
  cutter.cut(0, 0);
  if (cutter.found.empty())
    return wrongAt(at, fmt::format("'{}' are not the keys of {} specialized parameters",
                                   cutter.text, cutter.types.size()));
  if (cutter.found.size() > 1)
    return wrongAt(at, fmt::format("'{}' can be cut into keys in more than one way", cutter.text));
  std::size_t nextKey = 0, nextConstant = 0;
  for (std::size_t i = 0; i < key.entries.size(); ++i) {
    const SignatureParameter &parameter = signature.parameters[i];
    if (parameter.isConstexpr && nextConstant == constants.size())
      return wrongAt(tail, fmt::format("there is no constant for '{}'", parameter.name));
    if (parameter.isConstexpr)
      key.entries[i].key = constants[nextConstant++];
    else if (!(parameter.optOuts & optOutOfValue))
      key.entries[i].key = Value{cutter.found[0][nextKey++]};
  }
  if (nextConstant != constants.size())
    return wrongAt(tail, fmt::format("{} constants for {} constexpr parameters", constants.size(),
                                     nextConstant));
  return key;
}

Result<Specialization> specializationFromKey(const RuleSets &sets, const std::string &ruleSet,
                                             const Target &target, const JitFunction &kernel,
                                             std::string_view text) {
  Result<std::shared_ptr<const RuleSet>> rules = sets.find(ruleSet, target);
  if (!rules)
    return std::unexpected(rules.error());
  Result<KeyString> key = (*rules)->form == KeyForm::Descriptor
                              ? parseDescriptorKey(**rules, kernel, text)
                              : parseKeyString(text);
  if (!key)
    return std::unexpected(key.error());
  KernelSignature signature = makeSignature(kernel, **rules);
  if (key->entries.size() != signature.parameters.size())
    return fail(ErrorCode::InvalidInput,
                fmt::format("the key has {} arguments; {} has {} parameters", key->entries.size(),
                            kernel.name, signature.parameters.size()));
  Specialization result;
  result.kernel = kernel.name;
  result.target = target;
  result.rules = ruleSet;
  result.ruleSet = *rules;
  result.keyOptions = std::move(key->options);
  for (std::size_t i = 0; i < key->entries.size(); ++i) {
    Result<ArgumentSpecialization> argument =
        readArgument(**rules, signature.parameters[i].name, signature.parameters[i].isConstexpr,
                     key->entries[i].type, key->entries[i].key);
    if (!argument)
      return std::unexpected(argument.error());
    result.arguments.push_back(std::move(*argument));
  }
  result.key = printKey(result);
  return result;
}

} // namespace lapidary
