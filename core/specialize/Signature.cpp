#include "core/specialize/Signature.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

namespace lapidary {
namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

// The names that Triton 3.4 on takes for scalar types, beside the canonical ones.
constexpr std::array<std::pair<std::string_view, std::string_view>, 29> scalarNames = {{
    {"bool", "u1"},
    {"int1", "u1"},
    {"uint1", "u1"},
    {"i1", "u1"},
    {"float8e4nv", "fp8e4nv"},
    {"float8e5", "fp8e5"},
    {"float8e4b15", "fp8e4b15"},
    {"float8_e4m3fn", "fp8e4nv"},
    {"float8e4b8", "fp8e4b8"},
    {"float8_e4m3fnuz", "fp8e4b8"},
    {"float8_e5m2", "fp8e5"},
    {"float8e5b16", "fp8e5b16"},
    {"float8_e5m2fnuz", "fp8e5b16"},
    {"half", "fp16"},
    {"float16", "fp16"},
    {"bfloat16", "bf16"},
    {"float", "fp32"},
    {"float32", "fp32"},
    {"double", "fp64"},
    {"float64", "fp64"},
    {"int8", "i8"},
    {"int16", "i16"},
    {"int", "i32"},
    {"int32", "i32"},
    {"int64", "i64"},
    {"uint8", "u8"},
    {"uint16", "u16"},
    {"uint32", "u32"},
    {"uint64", "u64"},
}};
constexpr std::array<std::string_view, 18> canonicalNames = {
    "u1",   "fp8e4nv", "fp8e5", "fp8e4b15", "fp8e4b8", "fp8e5b16", "fp16", "bf16", "fp32",
    "fp64", "i8",      "i16",   "i32",      "i64",     "u8",       "u16",  "u32",  "u64",
};

bool isCanonical(std::string_view name) {
  return name == "void" || std::ranges::find(canonicalNames, name) != canonicalNames.end();
}

std::string canonicalScalar(std::string_view name) {
  std::string plain(name);
  for (std::size_t at; (at = plain.find("_t")) != std::string::npos;)
    plain.erase(at, 2);
  for (auto [from, to] : scalarNames)
    if (plain == from)
      return std::string(to);
  return isCanonical(plain) ? plain : std::string(name);
}

std::string normalizeText(std::string_view text) {
  text = trim(text);
  if (text.starts_with("const ")) {
    std::string inner = normalizeText(text.substr(5));
    return inner.starts_with("*") ? "*k" + inner.substr(1) : inner;
  }
  if (text.ends_with("*"))
    return "*" + normalizeText(text.substr(0, text.size() - 1));
  if (text.starts_with("*"))
    return "*" + normalizeText(text.substr(1));
  if (text.starts_with("tl."))
    return normalizeText(text.substr(3));
  return canonicalScalar(text);
}

// The annotation's source text as Python would see the object: a string literal's contents, or the
// last component of a dotted name.
struct WrittenAnnotation {
  std::string text;
  bool isString = false;
  bool isPointerType = false; // tl.pointer_type(text)
};

WrittenAnnotation readWritten(std::string_view written) {
  written = trim(written);
  if (written.size() >= 2 && (written.front() == '"' || written.front() == '\'') &&
      written.back() == written.front())
    return {std::string(written.substr(1, written.size() - 2)), true};
  std::size_t call = written.find('(');
  if (call != std::string_view::npos && written.ends_with(")") &&
      written.substr(0, call).ends_with("pointer_type")) {
    WrittenAnnotation inner = readWritten(written.substr(call + 1, written.size() - call - 2));
    inner.isPointerType = true;
    return inner;
  }
  std::size_t dot = written.substr(0, written.find_first_of("[(")).rfind('.');
  if (dot != std::string_view::npos)
    written = written.substr(dot + 1);
  return {std::string(written)};
}

// Up to 3.3: whatever stands behind "uint" or "int" is the width.
std::string integerNameType(const std::string &annotation) {
  for (auto [prefix, letter] : {std::pair<std::string_view, char>{"uint", 'u'}, {"int", 'i'}}) {
    std::size_t at = annotation.find(prefix);
    if (at != std::string::npos && at + prefix.size() < annotation.size())
      return letter + annotation.substr(at + prefix.size());
  }
  return annotation == "bool" ? "u1" : "";
}

} // namespace

Annotation readAnnotation(std::string_view written, AnnotationStyle style) {
  WrittenAnnotation seen = readWritten(written);
  Annotation result;
  if (seen.text.empty())
    return result;
  if (style == AnnotationStyle::IntegerNames) {
    if (seen.isPointerType) // the type's own text: short names for floating types only
      seen.text = fmt::format("pointer<{}>", seen.text.find("int") != std::string::npos
                                                 ? seen.text
                                                 : canonicalScalar(seen.text));
    result.isConstexpr = seen.text.find("constexpr") != std::string::npos;
    result.isConst = !result.isConstexpr && seen.text.find("const") != std::string::npos;
    result.type = integerNameType(seen.text);
    return result;
  }
  std::string text = seen.isString        ? normalizeText(seen.text)
                     : seen.isPointerType ? "*" + normalizeText(seen.text)
                                          : canonicalScalar(seen.text);
  result.isConstexpr = text.find("constexpr") != std::string::npos;
  result.isConst =
      !result.isConstexpr && (text.find("const") != std::string::npos || text.starts_with("*k"));
  std::string_view element = text;
  if (element.starts_with("*k"))
    element.remove_prefix(2);
  else if (element.starts_with("*"))
    element.remove_prefix(1);
  if (isCanonical(element))
    result.type = text;
  return result;
}

KernelSignature makeSignature(const JitFunction &kernel, const RuleSet &rules) {
  KernelSignature signature{kernel.name, kernel.file, kernel.options.debug, {}};
  auto names = [](const std::vector<std::string> &list, const std::string &name) {
    return std::ranges::find(list, name) != list.end();
  };
  for (const KernelParameter &parameter : kernel.parameters) {
    Annotation annotation = readAnnotation(parameter.annotation, rules.annotations);
    SignatureParameter result;
    result.name = parameter.name;
    result.isConstexpr = parameter.isConstexpr || annotation.isConstexpr;
    result.range = parameter.range;
    if (!result.isConstexpr) {
      result.isConst = annotation.isConst;
      result.annotatedType = annotation.type;
      std::string_view type = annotation.type;
      result.skipsValue = rules.annotations == AnnotationStyle::Canonical &&
                          (type == "u1" || type.starts_with("fp") || type.starts_with("bf"));
    }
    if (names(kernel.options.doNotSpecialize, parameter.name))
      result.optOuts |= optOutOfValue;
    if (names(kernel.options.doNotSpecializeOnAlignment, parameter.name))
      result.optOuts |= optOutOfAlignment;
    signature.parameters.push_back(std::move(result));
  }
  return signature;
}

std::vector<Diagnostic> checkOptOuts(const JitFunction &kernel, const KernelSignature &signature) {
  std::vector<Diagnostic> warnings;
  auto warn = [&](const SourceRange &range, std::string message) {
    warnings.push_back({Severity::Warning, kernel.file, range, std::move(message), {}, {}});
  };
  auto check = [&](const std::vector<std::string> &list, const char *option) {
    for (const std::string &name : list) {
      auto found = std::ranges::find(signature.parameters, name, &SignatureParameter::name);
      if (found == signature.parameters.end())
        warn(kernel.nameRange,
             fmt::format("{} names '{}', which {} does not have as a parameter; it does nothing",
                         option, name, kernel.name));
      else if (found->isConstexpr)
        warn(found->range,
             fmt::format("{} does nothing on the constexpr '{}': every value of a constexpr "
                         "is a variant of its own; drop the opt-out or the constexpr",
                         option, name));
      else if (found->skipsValue)
        warn(found->range,
             fmt::format("{} does nothing on '{}': a parameter annotated {} is never specialized",
                         option, name, found->annotatedType));
    }
  };
  check(kernel.options.doNotSpecialize, "do_not_specialize");
  check(kernel.options.doNotSpecializeOnAlignment, "do_not_specialize_on_alignment");
  for (const SignatureParameter &parameter : signature.parameters)
    if (!parameter.isConstexpr && parameter.optOuts == (optOutOfValue | optOutOfAlignment))
      warn(parameter.range, fmt::format("do_not_specialize_on_alignment does nothing on '{}': "
                                        "do_not_specialize already switches everything off",
                                        parameter.name));
  return warnings;
}

} // namespace lapidary
