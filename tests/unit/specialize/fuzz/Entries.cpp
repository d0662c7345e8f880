#include "tests/unit/specialize/fuzz/Entries.h"

#include "core/specialize/AotSignature.h"
#include "core/specialize/Engine.h"
#include "core/specialize/KeyString.h"
#include "core/specialize/TritonCache.h"
#include "core/specialize/Variants.h"

#include <array>
#include <charconv>
#include <fmt/format.h>

namespace lapidary::fuzz {
namespace {

// A parent for documents that extend one, and a set of the descriptor form.
constexpr const char *listRules = R"({"name": "base", "targets": ["cuda"], "rules": [
  {"name": "divisible-by-16", "letter": "D", "kinds": ["int", "tensor"], "when": {"divisible-by": 16},
   "attribute": {"name": "tt.divisibility", "value": 16}, "explanation": "wide",
   "opt-outs": ["do_not_specialize"]},
  {"name": "equal-to-1", "letter": "1", "kinds": ["int"], "when": {"equal-to": 1}, "constant": true,
   "attribute": {"name": "tt.equal_to", "value": 1}, "explanation": "folded"}]})";
constexpr const char *descriptorRules =
    R"({"name": "old", "targets": ["cuda"], "extends": "base/cuda",
  "key": {"form": "descriptor", "class": "AttrsDescriptor"}})";

const RuleSets &rules() {
  static const std::shared_ptr<const RuleSets> sets =
      *RuleSets::parse({{"base.json", listRules}, {"old.json", descriptorRules}});
  return *sets;
}

const JitFunction &kernel() {
  static const JitFunction function = [] {
    JitFunction made;
    made.name = "kernel";
    for (const char *name : {"x_ptr", "n", "BLOCK"}) {
      KernelParameter parameter;
      parameter.name = name;
      if (parameter.name == "BLOCK")
        parameter.annotation = "tl.constexpr";
      made.parameters.push_back(std::move(parameter));
    }
    return made;
  }();
  return function;
}

const Target cuda{"cuda", "90"};

// "position 12: expected ..." with a place in the text or right behind it.
std::string placeMissing(const Error &error, std::string_view text) {
  constexpr std::string_view head = "position ";
  std::string_view message = error.message;
  std::size_t place = 0;
  if (!message.starts_with(head) ||
      std::from_chars(message.data() + head.size(), message.data() + message.size(), place).ec !=
          std::errc() ||
      place < 1 || place > text.size() + 1)
    return fmt::format("an error without a place: {}", message);
  return {};
}

std::string keyString(std::string_view text) {
  (void)specializationFromKey(rules(), "base", cuda, kernel(), text);
  const Result<KeyString> key = parseKeyString(text);
  if (!key)
    return placeMissing(key.error(), text);
  const std::string printed = printKeyString(*key);
  const Result<KeyString> again = parseKeyString(printed);
  if (!again)
    return fmt::format("'{}' is not read back: {}", printed, again.error().message);
  return printKeyString(*again) == printed ? "" : fmt::format("'{}' comes back changed", printed);
}

std::string descriptorKey(std::string_view text) {
  const auto variant = specializationFromKey(rules(), "old", cuda, kernel(), text);
  if (!variant)
    return variant.error().message.empty() ? "an error without a message" : "";
  const auto again = specializationFromKey(rules(), "old", cuda, kernel(), variant->key);
  if (!again)
    return fmt::format("'{}' is not read back: {}", variant->key, again.error().message);
  return again->key == variant->key ? "" : fmt::format("'{}' comes back changed", variant->key);
}

std::string signature(std::string_view text) {
  (void)parseAotTarget(text);
  const Result<AotSignature> parsed = parseAotSignature(text);
  if (!parsed)
    return placeMissing(parsed.error(), text);
  (void)specializationFromAot(rules(), "base", cuda, kernel(), *parsed);
  const std::string printed = printAotSignature(*parsed);
  const Result<AotSignature> again = parseAotSignature(printed);
  if (!again)
    return fmt::format("'{}' is not read back: {}", printed, again.error().message);
  return printAotSignature(*again) == printed ? ""
                                              : fmt::format("'{}' comes back changed", printed);
}

std::string ruleSet(std::string_view text) {
  const auto sets = RuleSets::parse({{"fuzz.json", std::string(text)}, {"base.json", listRules}});
  if (!sets)
    return sets.error().context.empty() ? "an error without a file: " + sets.error().message : "";
  for (const auto &set : (*sets)->all()) {
    KernelSignature signature;
    signature.parameters.resize(3);
    signature.parameters[2].isConstexpr = true;
    const Engine engine = Engine::compile(set, signature);
    const std::array<ArgumentValue, 3> arguments = {ArgumentValue::tensor(DType::Fp16, 24, 4096),
                                                    ArgumentValue::integer(16),
                                                    ArgumentValue::integer(64)};
    std::array<std::uint64_t, 16> words;
    if (engine.evaluate(arguments, words).status != KeyStatus::Done)
      return "a set that loads gives no key";
  }
  return {};
}

std::string ranges(std::string_view text) {
  const auto parsed = parseArgumentRanges(text, "fuzz");
  if (!parsed)
    return parsed.error().message.empty() ? "an error without a message" : "";
  TensorArgument tensor;
  tensor.dtype = DType::Fp16;
  tensor.shape = {64};
  tensor.strides = {1};
  tensor.storage = 128;
  Launch launch;
  launch.kernel = "kernel";
  launch.arguments = {
      {"x_ptr", Value{tensor}}, {"n", Value{Integer(64)}}, {"BLOCK", Value{Integer(8)}}};
  const auto report = variantsOfRanges(rules(), "base", cuda, kernel(), launch, *parsed);
  return report && report->count.isExact && report->count.value == 0 ? "no variant at all" : "";
}

std::string module(std::string_view text) {
  const auto parameters = parseModuleParameters(text, "kernel");
  return !parameters && parameters.error().message.empty() ? "an error without a message" : "";
}

} // namespace

const std::vector<Entry> &entries() {
  static const std::vector<Entry> all = {
      {"key_string",
       keyString,
       {"INFO key=[('*fp32', 'D'), ('i32', ''), ('constexpr', 64)]{'debug': False, 'num_warps': 8}",
        "[(('i32', ('*i8', 'constexpr')), ('D', ('D', None))), ('constexpr', -1.5e-07)]{}",
        "[('constexpr', 'it\\'s \"x\"\\n'), ('constexpr', triton.language.float16)]{}",
        "[('constexpr', (1, 2.0, True, inf)), ('constexpr', {'a': [1, None]})]{}"},
       {"[(", ")]", "('i32', ", "'D'", "None", "constexpr", "1e400", "-", "{'a': ", "}", "\\x41",
        "\\", "nan", "0x", "((", "triton.language."}},
      {"descriptor_key",
       descriptorKey,
       {"*fp32i32DD((64,), {'debug': False})", "*kbf16i64N1((64,), {})",
        "*fp16i32DN(('a b',), {'x': 1})"},
       {"*fp32", "i32", "D", "N", "1", "((", ",)", ", {", "})", "none"}},
      {"signature",
       signature,
       {"*fp32:16, i32:16, 1024, i32, i32:1", "*kbf16:16, -5, 0.5, u1", "**i8, fp64, 1e300",
        "hip:gfx942:64"},
       {"*", "fp32", ":16", ":1", ", ", "-", "0x10", "1e5", "inf", "99999999999999999999999"}},
      {"rule_set",
       ruleSet,
       {R"({"name": "mine", "targets": ["cuda"], "extends": "base/cuda", "remove": ["equal-to-1"],
            "rules": [{"name": "by-8", "letter": "E", "kinds": ["int", "tensor"], "when": {"divisible-by": 8},
                       "unless": ["divisible-by-16"], "attribute": {"name": "tt.divisibility", "value": 8},
                       "option": {"name": "fast", "default": true}, "explanation": "wide"}]})",
        R"({"name": "m", "aliases": ["k"], "targets": ["cpu", "sim:gfx"], "title": "t",
            "key": {"form": "descriptor", "class": "C", "options": {"debug": false, "x": ""}},
            "types": {"bool": "i1", "none": "none", "wide-integers": "i64", "annotations": "canonical"},
            "rules": [{"name": "p", "letter": "P", "kinds": ["int"], "when": {"power-of-two-divisor": [2, 64]},
                       "attribute": {"name": "a.b"}, "explanation": "p", "key-opt-outs": []}]})"},
       {"\"rules\": [", "\"unless\": [\"", "\"when\": {", "\"within-range\": [1, 5]",
        "\"equal-to\": 1", "\"type-width\": [8, 16]", "\"storage-at-most\": 9", "\"always\": true",
        "\"constant\": true", "{}", "[]", "null", "-1", "9223372036854775808",
        "\"extends\": \"mine/cuda\"", ","}},
      {"ranges",
       ranges,
       {R"({"n": {"from": 1, "to": 1000000000000, "step": 8}, "BLOCK": [64, 128, "a", null, true]})",
        R"({"x_ptr": {"alignment": [16, 4], "storage": [4096], "optional": true}, "n": "any"})"},
       {"\"from\": ", "\"to\": ", "\"step\": ", "-9223372036854775808", "18446744073709551615",
        "\"any\"", "{", "}", "[", "]", "null", "1e300", "0.5"}},
      {"module",
       module,
       {"tt.func public @kernel(%x: !tt.ptr<f32> {tt.divisibility = 16 : i32} loc(\"x\"(#loc)), "
        "%n: i32) {",
        "tt.func @kernel(%d: !tt.tensordesc<tensor<64x32xf16>>, %arg1: i1) {"},
       {"tt.func @kernel(", "%a: ", "!tt.ptr<", ">", "{", "}", "(", ")", "\"", ", ", " : i32",
        "loc("}}};
  return all;
}

const Entry *findEntry(std::string_view name) {
  for (const Entry &entry : entries())
    if (name == entry.name)
      return &entry;
  return nullptr;
}

} // namespace lapidary::fuzz
