#include "core/specialize/AstSource.h"

#include "core/specialize/AttrsDescriptor.h"
#include "core/specialize/KeyString.h"
#include "core/specialize/RuleSet.h"
#include "core/support/Hash.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lapidary {
namespace {

std::string pathText(const std::vector<int> &path) {
  return fmt::format("({}{})", fmt::join(path, ", "), path.size() == 1 ? "," : "");
}

// Letters back to attributes, as the release's backend reads them: any text that contains a letter
// has its property.
std::vector<Property> parseLetters(const RuleSet &rules, const std::string &text) {
  std::vector<Property> properties;
  for (const Rule &rule : rules.rules) {
    std::size_t at = text.find(rule.letter);
    if (rule.constant || rule.attribute.empty() || at == std::string::npos)
      continue;
    Property property{rule.attribute, rule.value};
    if (rule.predicate.kind == PredicateKind::PowerOfTwoDivisor)
      std::from_chars(text.data() + at + 1, text.data() + text.size(), property.value);
    if (std::ranges::find(properties, property.name, &Property::name) == properties.end())
      properties.push_back(std::move(property));
  }
  return properties;
}

// Texts anywhere inside tuples and lists.
void collectTexts(const RuleSet &rules, const Value &key, std::vector<int> &path,
                  std::vector<AstSource::Attributes> &out) {
  if (const std::string *text = key.as<std::string>()) {
    out.push_back({path, parseLetters(rules, *text)});
    return;
  }
  const TupleValue *tuple = key.as<TupleValue>();
  const ListValue *list = key.as<ListValue>();
  if (!tuple && !list)
    return;
  const ValueList &items = tuple ? tuple->items : list->items;
  for (std::size_t i = 0; i < items.size(); ++i) {
    path.push_back(int(i));
    collectTexts(rules, items[i], path, out);
    path.pop_back();
  }
}

void collectConstants(const ArgumentSpecialization &argument, const std::string &root,
                      std::vector<int> &path, std::vector<AstSource::Constant> &out) {
  // The type decides what is a constant; an annotated tuple has one type, not one an item.
  if (argument.type == "constexpr")
    out.push_back({path, root, argument.constant ? *argument.constant : Value{}});
  if (!argument.type.starts_with("("))
    return;
  for (std::size_t i = 0; i < argument.items.size(); ++i) {
    path.push_back(int(i));
    collectConstants(argument.items[i], root, path, out);
    path.pop_back();
  }
}

// Python's str(), where it differs from repr().
std::string plainText(const Value &value) {
  if (const std::string *text = value.as<std::string>())
    return *text;
  if (const FunctionValue *function = value.as<FunctionValue>())
    return function->cacheKey;
  if (const DType *type = value.as<DType>()) {
    if (isFloating(*type))
      return std::string(dtypeName(*type));
    return printPython(value).substr(std::string_view("triton.language.").size());
  }
  return printPython(value);
}

AstSource descriptorSource(const Specialization &specialization) {
  AstSource source;
  for (std::size_t i = 0; i < specialization.arguments.size(); ++i) {
    const ArgumentSpecialization &argument = specialization.arguments[i];
    if (!argument.isDeclaredConstexpr) {
      // None is a null pointer; the key alone tells it from a byte pointer.
      bool isNone = argument.constant && argument.constant->isNone();
      bool keepsType = !isNone || argument.type != specialization.ruleSet->noneType;
      source.signature.emplace_back(argument.name,
                                    Value{keepsType ? argument.type : std::string("*i8")});
    }
    if (argument.constant)
      source.constants.push_back({{int(i)}, argument.name, *argument.constant});
  }
  source.descriptorHash = AttrsDescriptor::fromSpecialization(specialization).hash();
  return source;
}

} // namespace

AstSource makeAstSource(const Specialization &specialization) {
  const RuleSet &rules = *specialization.ruleSet;
  if (rules.form == KeyForm::Descriptor)
    return descriptorSource(specialization);
  AstSource source;
  std::vector<KeyEntry> entries = keyEntries(specialization);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const ArgumentSpecialization &argument = specialization.arguments[i];
    source.signature.emplace_back(argument.name, entries[i].type);
    std::vector<int> path = {int(i)};
    collectConstants(argument, argument.name, path, source.constants);
    if (argument.type == "constexpr" && rules.constexprAttributes == ConstexprAttributes::Empty)
      source.attributes.push_back({path, {}});
    else
      collectTexts(rules, argument.isDeclaredConstexpr ? *argument.constant : entries[i].key, path,
                   source.attributes);
  }
  return source;
}

AstSource makeAotSource(const Specialization &specialization) {
  AstSource source = makeAstSource(specialization);
  std::erase_if(source.attributes, [](const auto &entry) { return entry.properties.empty(); });
  return source;
}

std::string AstSource::attributesText() const {
  std::string text;
  for (const Attributes &attribute : attributes) {
    std::string list;
    for (const Property &property : attribute.properties)
      list += fmt::format("{}['{}', {}]", list.empty() ? "" : ", ", property.name, property.value);
    text += fmt::format("{}{}: [{}]", text.empty() ? "" : ", ", pathText(attribute.path), list);
  }
  return "{" + text + "}";
}

std::string AstSource::signatureText() const {
  std::string text;
  for (const auto &[name, type] : signature)
    text += fmt::format("{}('{}', {})", text.empty() ? "" : ", ", name, printPython(type));
  return "[" + text + "]";
}

std::string AstSource::constantsText() const {
  std::string text;
  for (const Constant &constant : constants)
    text += fmt::format("{}({}, {})", text.empty() ? "" : ", ",
                        descriptorHash.empty() ? pathText(constant.path)
                                               : fmt::format("'{}'", constant.name),
                        printPython(constant.value));
  return "[" + text + "]";
}

std::string AstSource::hash(const std::string &functionKey) const {
  std::vector<std::pair<std::string, Value>> sorted = signature;
  std::ranges::sort(sorted, {}, [](const auto &entry) { return entry.first; });
  ListValue types;
  for (auto &entry : sorted)
    types.items.push_back(std::move(entry.second));
  std::string typesText = printPython(Value{std::move(types)});
  if (!descriptorHash.empty()) {
    AstSource byName = *this;
    std::ranges::sort(byName.constants, {}, &Constant::name);
    return sha256(
        fmt::format("{}-{}-{}-{}", functionKey, descriptorHash, typesText, byName.constantsText()));
  }
  std::vector<std::string> values;
  for (const Constant &constant : constants)
    values.push_back(plainText(constant.value));
  return sha256(
      fmt::format("{}-{}-{}-{}", functionKey, attributesText(), typesText, fmt::join(values, "-")));
}

} // namespace lapidary
