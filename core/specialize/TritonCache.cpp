#include "core/specialize/TritonCache.h"

#include "core/specialize/KeyString.h"
#include "core/specialize/OptOutSearch.h"
#include "core/support/Paths.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

namespace lapidary {
namespace {

namespace fs = std::filesystem;
using Parameters = std::vector<ModuleParameter>;

constexpr std::size_t listedMissing = 16;

const char *mlirName(DType type) {
  switch (type) {
  case DType::Int1:
    return "i1";
  case DType::Int8:
  case DType::UInt8:
    return "i8";
  case DType::Int16:
  case DType::UInt16:
    return "i16";
  case DType::Int32:
  case DType::UInt32:
    return "i32";
  case DType::Int64:
  case DType::UInt64:
    return "i64";
  case DType::Fp8E4NV:
    return "f8E4M3FN";
  case DType::Fp8E5:
    return "f8E5M2";
  case DType::Fp8E4B8:
    return "f8E4M3FNUZ";
  case DType::Fp8E5B16:
    return "f8E5M2FNUZ";
  case DType::Fp8E4B15:
    return "f8E4M3B11FNUZ";
  case DType::Fp16:
    return "f16";
  case DType::BF16:
    return "bf16";
  case DType::Fp32:
    return "f32";
  case DType::Fp64:
    return "f64";
  }
  return "";
}

// "*kfp16" -> "!tt.ptr<f16>".
std::string mlirType(std::string_view type) {
  if (type.starts_with("*k"))
    return mlirType("*" + std::string(type.substr(2)));
  if (type.starts_with("*"))
    return fmt::format("!tt.ptr<{}>", mlirType(type.substr(1)));
  if (type == "u1")
    return "i1";
  std::optional<DType> dtype = parseDType(std::string(type));
  return dtype ? mlirName(*dtype) : std::string(type);
}

// A host descriptor is its handle, its shape and its strides: "tensordesc<fp16[16, 32]>".
Parameters descriptorParameters(const std::string &name, std::string_view type) {
  const std::size_t open = type.find('<'), bracket = type.find('[');
  if (bracket == std::string_view::npos)
    return {{name, std::string(type)}};
  const std::string_view extents = type.substr(bracket + 1, type.find(']') - bracket - 1);
  std::size_t rank = 0;
  std::string shape;
  for (std::size_t at = 0; at < extents.size(); ++rank) {
    const std::size_t comma = std::min(extents.find(", ", at), extents.size());
    shape += fmt::format("{}x", extents.substr(at, comma - at));
    at = comma + 2;
  }
  // Its elements are the only integers whose sign the type shows.
  std::string element = mlirType(type.substr(open + 1, bracket - open - 1));
  if (element.starts_with("i"))
    element.insert(0, type[open + 1] == 'u' || element == "i1" ? "u" : "s");
  Parameters result = {{name, fmt::format("!tt.tensordesc<{}{}>", shape, element)}};
  result.insert(result.end(), rank, {"", "i32"});
  result.insert(result.end(), rank, {"", "i64"});
  return result;
}

std::string parameterText(const std::string &type, std::vector<std::string> attributes) {
  std::ranges::sort(attributes);
  return attributes.empty() ? type : fmt::format("{} {{{}}}", type, fmt::join(attributes, ", "));
}

// Reads "%x: !tt.ptr<f32> {a = 16 : i32} loc(...), ..." up to the closing parenthesis.
class ParameterReader {
public:
  ParameterReader(std::string_view text, std::size_t at) : text(text), at(at) {}

  Result<Parameters> read() {
    Parameters parameters;
    skipBlanks();
    if (take(')'))
      return parameters;
    while (true) {
      Result<ModuleParameter> parameter = one();
      if (!parameter)
        return std::unexpected(parameter.error());
      parameters.push_back(std::move(*parameter));
      skipBlanks();
      if (take(')'))
        return parameters;
      if (!take(','))
        return wrong("',' or ')'");
    }
  }

private:
  std::unexpected<Error> wrong(const char *expected) const {
    return fail(
        ErrorCode::InvalidInput,
        fmt::format("position {}: expected {}, found {}", at + 1, expected,
                    at < text.size() ? fmt::format("'{}'", text.substr(at, 12)) : "the end"));
  }
  void skipBlanks() {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\n' || text[at] == '\t'))
      ++at;
  }
  bool take(char c) {
    if (at >= text.size() || text[at] != c)
      return false;
    ++at;
    return true;
  }
  // Up to one of `ends` that stands outside of brackets and quotes.
  std::string_view until(std::string_view ends) {
    std::size_t start = at;
    int depth = 0;
    bool isQuoted = false;
    for (; at < text.size(); ++at) {
      char c = text[at];
      if (c == '"')
        isQuoted = !isQuoted;
      if (isQuoted)
        continue;
      if (depth == 0 && ends.find(c) != std::string_view::npos)
        break;
      depth += c == '<' || c == '(' || c == '{' || c == '[';
      depth -= c == '>' || c == ')' || c == '}' || c == ']';
    }
    return text.substr(start, at - start);
  }
  static std::string_view trimmed(std::string_view word) {
    while (!word.empty() && word.front() == ' ')
      word.remove_prefix(1);
    while (!word.empty() && word.back() == ' ')
      word.remove_suffix(1);
    return word;
  }

  Result<ModuleParameter> one() {
    skipBlanks();
    if (!take('%'))
      return wrong("a parameter");
    std::string_view name = trimmed(until(":,)"));
    if (!take(':'))
      return wrong("':'");
    skipBlanks();
    std::string type(trimmed(until(" ,)")));
    // Newer releases mark const pointers; a parameter's annotation says so too.
    if (constexpr std::string_view mark = ", \"constant\""; type.find(mark) != std::string::npos)
      type.erase(type.find(mark), mark.size());
    // Up to Triton 3.8 a descriptor's type held a tensor's.
    if (constexpr std::string_view wrapped = "!tt.tensordesc<tensor<";
        type.starts_with(wrapped) && type.ends_with(">>"))
      type = "!tt.tensordesc<" + type.substr(wrapped.size(), type.size() - wrapped.size() - 1);
    std::vector<std::string> attributes;
    skipBlanks();
    if (take('{')) {
      while (!take('}')) {
        std::string_view attribute = trimmed(until(",}"));
        // "tt.divisibility = 16 : i32"
        attributes.emplace_back(trimmed(attribute.substr(0, attribute.find(" : "))));
        skipBlanks();
        take(',');
        skipBlanks();
        if (at >= text.size())
          return wrong("'}'");
      }
    }
    until(",)"); // its location
    bool isNumbered = name.starts_with("arg") && name.size() > 3 &&
                      name.find_first_not_of("0123456789", 3) == std::string_view::npos;
    return ModuleParameter{isNumbered ? "" : std::string(name), parameterText(type, attributes)};
  }

  std::string_view text;
  std::size_t at;
};

bool isFor(const Json &metadata, const Target &target) {
  if (!metadata.is_object() || !metadata.contains("target") || !metadata["target"].is_object())
    return false;
  const Json &found = metadata["target"];
  if (!found.contains("backend") || found["backend"] != target.backend)
    return false;
  if (target.architecture.empty() || !found.contains("arch"))
    return true;
  const Json &arch = found["arch"];
  std::string text = arch.is_string() ? arch.get<std::string>() : dumpJson(arch);
  // "gfx942:sramecc+:xnack-" is a gfx942; cuda:90a is compiled for arch 90.
  std::string wanted = target.architecture;
  if (target.backend == "cuda")
    wanted.erase(wanted.find_last_of("0123456789") + 1);
  return text.substr(0, text.find(':')) == wanted;
}

using Options = std::vector<std::pair<std::string, Value>>;

// What a launch sets and an entry has must be equal.
bool matches(const TritonCache::Entry &cached, const Options &asked) {
  return std::ranges::all_of(asked, [&](const auto &option) {
    auto found = cached.options.find(option.first);
    return found == cached.options.end() ||
           (option.second.isNone() ? found->is_null() : *found == scalarToJson(option.second));
  });
}

// Whether one class of each argument in turn makes up the entry.
bool isWithin(const ReachableVariants &report, const Parameters &entry) {
  std::set<std::size_t> reached = {0}; // how many parameters the arguments so far can take
  for (const ArgumentVariants &argument : report.arguments) {
    std::set<std::size_t> next;
    for (std::size_t at : reached)
      for (const ReachableClass &found : argument.classes) {
        std::size_t count = found.parameters.size();
        if (at + count <= entry.size() &&
            sameParameters(Parameters(entry.begin() + at, entry.begin() + at + count),
                           found.parameters))
          next.insert(at + count);
      }
    reached = std::move(next);
  }
  return reached.contains(entry.size());
}

std::string textOf(const Parameters &parameters) {
  std::string text;
  for (const ModuleParameter &parameter : parameters)
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", parameter.name, parameter.text);
  return text;
}

void coverRanges(const ReachableVariants &report, const TritonCache &cache,
                 CacheCoverage &coverage) {
  for (const ArgumentVariants &argument : report.arguments) {
    std::set<std::string> kinds;
    for (const ReachableClass &found : argument.classes)
      kinds.insert(textOf(found.parameters));
    coverage.reachable = multiply(coverage.reachable, {kinds.size(), true});
  }
  std::set<std::string> covered;
  for (const TritonCache::Entry &entry : cache.entries) {
    if (isWithin(report, entry.parameters) && matches(entry, report.options.front()))
      covered.insert(textOf(entry.parameters));
    else
      ++coverage.outOfReach;
  }
  coverage.covered = covered.size();
}

struct AskedVariant {
  Parameters parameters;
  const Options *options;
  bool isIn(const TritonCache::Entry &entry) const {
    return sameParameters(entry.parameters, parameters) && matches(entry, *options);
  }
};

void coverRows(const ReachableVariants &report, const TritonCache &cache, CacheCoverage &coverage) {
  std::map<std::string, AskedVariant> asked;
  for (const std::vector<std::uint32_t> &row : report.rows) {
    AskedVariant variant{{}, &report.options[row.back()]};
    for (std::size_t i = 0; i < report.arguments.size(); ++i)
      for (const ModuleParameter &parameter : report.arguments[i].classes[row[i]].parameters)
        variant.parameters.push_back(parameter);
    std::string text = textOf(variant.parameters);
    if (report.options.size() > 1)
      text += " " + printOptions(*variant.options);
    asked.emplace(std::move(text), std::move(variant));
  }
  coverage.reachable = {asked.size(), true};
  for (const auto &[text, variant] : asked) {
    bool isThere = std::ranges::any_of(
        cache.entries, [&](const TritonCache::Entry &entry) { return variant.isIn(entry); });
    coverage.covered += isThere;
    if (!isThere && coverage.missing.size() < listedMissing)
      coverage.missing.push_back(text);
  }
  for (const TritonCache::Entry &entry : cache.entries)
    coverage.outOfReach +=
        std::ranges::none_of(asked, [&](const auto &wanted) { return wanted.second.isIn(entry); });
}

} // namespace

Result<Parameters> parseModuleParameters(std::string_view ttir, const std::string &kernel) {
  std::string head = fmt::format("@{}(", kernel);
  for (std::size_t at = 0; (at = ttir.find("tt.func", at)) != std::string_view::npos; ++at) {
    std::size_t line = ttir.substr(at, ttir.find('\n', at) - at).find(head);
    if (line != std::string_view::npos)
      return ParameterReader(ttir, at + line + head.size()).read();
  }
  return fail(ErrorCode::InvalidInput, fmt::format("the module has no function {}", kernel));
}

bool sameParameters(const Parameters &cached, const Parameters &asked) {
  return std::ranges::equal(cached, asked, [](const auto &a, const auto &b) {
    return a.text == b.text && (a.name.empty() || b.name.empty() || a.name == b.name);
  });
}

Parameters moduleParameters(const ArgumentSpecialization &argument) {
  Parameters result;
  if (argument.constant)
    return result;
  if (argument.isTuple && argument.type.starts_with("(")) {
    for (const ArgumentSpecialization &item : argument.items)
      for (ModuleParameter &parameter : moduleParameters(item)) {
        parameter.name.clear(); // releases name the items of tuples in several ways
        result.push_back(std::move(parameter));
      }
    return result;
  }
  if (argument.type.starts_with("tensordesc<"))
    return descriptorParameters(argument.name, argument.type);
  std::vector<std::string> attributes;
  for (const Property &property : argument.properties)
    attributes.push_back(fmt::format("{} = {}", property.name, property.value));
  result.push_back({argument.name, parameterText(mlirType(argument.type), attributes)});
  return result;
}

Result<TritonCache> readTritonCache(const fs::path &folder, const std::string &kernel,
                                    const Target &target) {
  TritonCache cache{folder.string(), {}, 0};
  std::error_code failure;
  for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    fs::path metadata = entry->path() / (kernel + ".json");
    std::error_code ignored;
    if (!fs::is_regular_file(metadata, ignored))
      continue;
    Result<std::string> text = readFile(metadata, 4u << 20);
    Result<Json> json =
        text ? parseJson(*text, metadata.string()) : Result<Json>(std::unexpected(text.error()));
    if (json && !isFor(*json, target))
      continue;
    // What the front end made; passes may turn a descriptor into pointers and numbers.
    Result<std::string> module = readFile(entry->path() / (kernel + ".source"), 64u << 20);
    if (!module)
      module = readFile(entry->path() / (kernel + ".ttir"), 64u << 20);
    Result<Parameters> parameters = module ? parseModuleParameters(*module, kernel)
                                           : Result<Parameters>(std::unexpected(module.error()));
    if (json && parameters)
      cache.entries.push_back({std::move(*parameters), std::move(*json)});
    else
      ++cache.unreadable;
  }
  if (failure)
    return fail(ErrorCode::Unreadable,
                fmt::format("cannot read the cache directory: {}", failure.message()),
                folder.string());
  return cache;
}

CacheCoverage coverageOf(const ReachableVariants &report, const TritonCache &cache) {
  CacheCoverage coverage;
  coverage.folder = cache.folder;
  coverage.entries = cache.entries.size();
  coverage.unreadable = cache.unreadable;
  if (report.rows.empty())
    coverRanges(report, cache, coverage);
  else
    coverRows(report, cache, coverage);
  return coverage;
}

Json toJson(const CacheCoverage &coverage) {
  return {{"folder", coverage.folder},         {"entries", coverage.entries},
          {"unreadable", coverage.unreadable}, {"out_of_reach", coverage.outOfReach},
          {"covered", coverage.covered},       {"reachable", toJson(coverage.reachable)},
          {"missing", coverage.missing}};
}

} // namespace lapidary
