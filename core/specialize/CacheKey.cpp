#include "core/specialize/CacheKey.h"

#include "core/specialize/KeyString.h"
#include "core/support/Hash.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace lapidary {
namespace {

struct Part {
  const char *name;
  bool isObject;
};
constexpr Part parts[] = {{"source", false}, {"signature", true}, {"properties", true},
                          {"options", true}, {"target", false},   {"compiler", false},
                          {"rules", false}};

// The same text for the same content, whatever the order of names.
nlohmann::json sorted(const Json &json) {
  if (json.is_object()) {
    nlohmann::json result = nlohmann::json::object();
    for (auto it = json.begin(); it != json.end(); ++it)
      result[it.key()] = sorted(it.value());
    return result;
  }
  if (json.is_array()) {
    nlohmann::json result = nlohmann::json::array();
    for (const Json &item : json)
      result.push_back(sorted(item));
    return result;
  }
  return json;
}

std::string canonicalText(const Json &json) {
  return sorted(json).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<void> check(const Json &key) {
  auto wrong = [](const std::string &what) {
    return fail(ErrorCode::InvalidInput, "not the parts of a cache key: " + what);
  };
  if (!key.is_object())
    return wrong("expected an object");
  for (const Part &part : parts) {
    if (!key.contains(part.name))
      return wrong(fmt::format("'{}' is missing", part.name));
    if (part.isObject ? !key[part.name].is_object() : !key[part.name].is_string())
      return wrong(fmt::format("'{}' must be {}, got {}", part.name,
                               part.isObject ? "an object" : "a text", key[part.name].type_name()));
  }
  for (auto it = key.begin(); it != key.end(); ++it)
    if (std::ranges::find(parts, it.key(), [](const Part &part) {
          return std::string(part.name);
        }) == std::end(parts))
      return wrong(fmt::format("'{}' is not one of them", it.key()));
  return {};
}

void addSignature(Json &signature, Json &properties, const ArgumentSpecialization &argument) {
  if (argument.isTuple)
    signature[argument.name] = argument.type;
  else if (argument.constant)
    signature[argument.name] = fmt::format("constexpr[{}]", printPython(*argument.constant));
  else
    signature[argument.name] = argument.type;
  for (const Property &property : argument.properties)
    properties[argument.name][property.name] = property.value;
  for (const ArgumentSpecialization &item : argument.items)
    addSignature(signature, properties, item);
}

std::string plain(const Json *json) {
  if (!json)
    return "not there";
  if (!json->is_string())
    return dumpJson(*json);
  const std::string &text = json->get_ref<const std::string &>();
  return text.empty() ? "''" : text;
}

// "constexpr[64]" -> "64"; nothing for a type.
std::optional<std::string> constantIn(const std::string &type) {
  constexpr std::string_view prefix = "constexpr[";
  if (!type.starts_with(prefix) || !type.ends_with("]"))
    return std::nullopt;
  return type.substr(prefix.size(), type.size() - prefix.size() - 1);
}

const Json *member(const Json &object, const std::string &name) {
  auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

// Names of both objects, `a`'s order first.
std::vector<std::string> namesOf(const Json &a, const Json &b) {
  std::vector<std::string> names;
  for (const Json *object : {&a, &b})
    for (auto it = object->begin(); it != object->end(); ++it)
      if (std::ranges::find(names, it.key()) == names.end())
        names.push_back(it.key());
  return names;
}

std::string signatureDifference(const std::string &name, const Json *a, const Json *b) {
  std::string left = plain(a), right = plain(b);
  std::optional<std::string> leftValue = constantIn(left), rightValue = constantIn(right);
  if (leftValue && rightValue)
    return fmt::format("the value of {} ({}, not {})", name, *leftValue, *rightValue);
  auto shown = [](const std::string &type, const std::optional<std::string> &value) {
    return value ? fmt::format("the constant {}", *value) : type;
  };
  if (leftValue || rightValue)
    return fmt::format("{} ({}, not {})", name, shown(left, leftValue), shown(right, rightValue));
  return fmt::format("the type of {} ({}, not {})", name, left, right);
}

void propertyDifferences(const std::string &name, const Json *a, const Json *b,
                         std::vector<std::string> &out) {
  static const Json nothing = Json::object();
  const Json &left = a && a->is_object() ? *a : nothing,
             &right = b && b->is_object() ? *b : nothing;
  for (const std::string &property : namesOf(left, right)) {
    const Json *leftValue = member(left, property), *rightValue = member(right, property);
    if (leftValue && rightValue && *leftValue == *rightValue)
      continue;
    auto shown = [](const Json *value) {
      return value ? dumpJson(*value) : std::string("not known");
    };
    std::string what = property == "tt.divisibility"    ? "the alignment of " + name
                       : property == "tt.pointer_range" ? "the pointer range of " + name
                                                        : property + " of " + name;
    std::string other = rightValue ? "not " + shown(rightValue) : shown(rightValue);
    out.push_back(fmt::format("{} ({}, {})", what, shown(leftValue), other));
  }
}

std::string sentence(const std::vector<std::string> &differences) {
  if (differences.empty())
    return "the same";
  std::string text = "same but for ";
  for (std::size_t i = 0; i < differences.size(); ++i)
    text += (i == 0 ? "" : i + 1 == differences.size() ? " and " : ", ") + differences[i];
  return text;
}

} // namespace

Json cacheKeyParts(const Specialization &specialization, const std::string &sourceHash,
                   const std::vector<std::pair<std::string, Value>> &options,
                   const std::string &compiler) {
  Json key = {{"source", sourceHash},
              {"signature", Json::object()},
              {"properties", Json::object()},
              {"options", Json::object()},
              {"target", toString(specialization.target)},
              {"compiler", compiler},
              {"rules", specialization.rules}};
  for (const ArgumentSpecialization &argument : specialization.arguments)
    addSignature(key["signature"], key["properties"], argument);
  for (const auto &[name, value] : options)
    key["options"][name] = scalarToJson(value);
  return key;
}

Result<std::string> cacheKey(const Json &key) {
  if (Result<void> checked = check(key); !checked)
    return std::unexpected(checked.error());
  Sha256 hash;
  for (const Part &part : parts) {
    hash.field(part.name);
    hash.field(canonicalText(key[part.name]));
  }
  return hash.hex();
}

Result<std::string> diffKeys(const Json &a, const Json &b) {
  for (const Json *key : {&a, &b})
    if (Result<void> checked = check(*key); !checked)
      return std::unexpected(checked.error());
  std::vector<std::string> differences;
  if (a["source"] != b["source"])
    differences.push_back("the source of the kernel or of what it reaches");
  auto forEachDifferent = [&](const char *part, auto &&describe) {
    for (const std::string &name : namesOf(a[part], b[part])) {
      const Json *left = member(a[part], name), *right = member(b[part], name);
      if (!left || !right || canonicalText(*left) != canonicalText(*right))
        describe(name, left, right);
    }
  };
  forEachDifferent("options", [&](const std::string &name, const Json *left, const Json *right) {
    differences.push_back(
        fmt::format("{} ({}, {}{})", name, plain(left), right ? "not " : "", plain(right)));
  });
  forEachDifferent("signature", [&](const std::string &name, const Json *left, const Json *right) {
    differences.push_back(signatureDifference(name, left, right));
  });
  forEachDifferent("properties", [&](const std::string &name, const Json *left, const Json *right) {
    propertyDifferences(name, left, right, differences);
  });
  for (const char *part : {"target", "compiler", "rules"})
    if (a[part] != b[part])
      differences.push_back(fmt::format("the {} ({}, not {})",
                                        std::string(part) == "rules" ? "rule set" : part,
                                        plain(&a[part]), plain(&b[part])));
  return sentence(differences);
}

} // namespace lapidary
