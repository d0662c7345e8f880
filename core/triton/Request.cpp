#include "core/triton/Request.h"

#include "core/source/KernelExtract.h"
#include "core/specialize/AstSource.h"
#include "core/specialize/RuleSet.h"
#include "core/support/Json.h"
#include "core/triton/CodeFacts.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace lapidary {

namespace {

// The name of a type in triton.language: "int32", "fp16".
std::string languageName(DType type) {
  const std::string name(dtypeName(type));
  if (isFloating(type))
    return name;
  return (name[0] == 'u' ? "uint" : "int") + name.substr(1);
}

Result<Json> valueJson(const Value &value);

Result<Json> listJson(const ValueList &items) {
  Json list = Json::array();
  for (const Value &item : items) {
    auto json = valueJson(item);
    if (!json)
      return json;
    list.push_back(std::move(*json));
  }
  return list;
}

Result<Json> dictJson(const DictValue &dictionary) {
  Json list = Json::array();
  for (const auto &[key, value] : dictionary.items) {
    auto first = valueJson(key), second = valueJson(value);
    if (!first || !second)
      return first ? second : first;
    list.push_back({std::move(*first), std::move(*second)});
  }
  return Json{{"dict", std::move(list)}};
}

Result<Json> wrapped(const char *kind, Result<Json> content) {
  if (!content)
    return content;
  return Json{{kind, std::move(*content)}};
}

Result<Json> valueJson(const Value &value) {
  if (value.isNone())
    return Json(nullptr);
  if (const bool *flag = value.as<bool>())
    return Json(*flag);
  if (const auto number = toInt64(value))
    return Json(*number);
  if (const Integer *number = value.as<Integer>(); number && number->fits)
    return Json{{"int", toString(*number)}};
  if (const double *real = value.as<double>())
    return std::isfinite(*real) ? Json(*real) : Json{{"float", repr(value)}};
  if (const std::string *text = value.as<std::string>())
    return Json(*text);
  if (const TupleValue *tuple = value.as<TupleValue>())
    return wrapped("tuple", listJson(tuple->items));
  if (const ListValue *list = value.as<ListValue>())
    return wrapped("list", listJson(list->items));
  if (const DictValue *dictionary = value.as<DictValue>())
    return dictJson(*dictionary);
  if (const DType *type = value.as<DType>())
    return Json{{"dtype", languageName(*type)}};
  if (const FunctionValue *function = value.as<FunctionValue>())
    return Json{{"function", function->name}};
  return fail(ErrorCode::Unsupported,
              fmt::format("a {} cannot be handed to Triton", kindName(value)));
}

const char *kindOf(ExtractedFunction::Kind kind) {
  switch (kind) {
  case ExtractedFunction::Kind::Jit:
    return "jit";
  case ExtractedFunction::Kind::NoinlineJit:
    return "noinline";
  case ExtractedFunction::Kind::Constexpr:
    return "constexpr";
  default:
    return "host";
  }
}

// A constant that has no form in Python is left out: what needs it is told at its line.
Json moduleJson(const ExtractedModule &module, std::vector<std::string> &unknown) {
  Json functions = Json::array(), values = Json::object(), imports = Json::object(),
       links = Json::object();
  for (const ExtractedFunction &function : module.functions)
    functions.push_back({{"name", function.name},
                         {"defined", function.defined},
                         {"line", function.line},
                         {"text", function.text},
                         {"decorator_lines", function.decoratorLines},
                         {"kind", kindOf(function.kind)}});
  for (const auto &[name, value] : module.values) {
    if (auto json = valueJson(value))
      values[name] = std::move(*json);
    else
      unknown.push_back(name);
  }
  for (const auto &[name, dotted] : module.imports)
    imports[name] = dotted;
  for (const ExtractedModule::Link &link : module.links)
    links[link.name] = {link.module, link.function};
  unknown.insert(unknown.end(), module.unknown.begin(), module.unknown.end());
  return {{"file", module.file}, {"functions", functions}, {"values", values},
          {"imports", imports},  {"links", links},         {"unknown", module.unknown}};
}

Result<Json> argumentJson(const ArgumentSpecialization &argument) {
  Json json = {{"type", argument.type}};
  if (argument.isTuple) {
    json["items"] = Json::array();
    for (const ArgumentSpecialization &item : argument.items) {
      auto inner = argumentJson(item);
      if (!inner)
        return inner;
      json["items"].push_back(std::move(*inner));
    }
    return json;
  }
  if (argument.constant) {
    auto value = valueJson(*argument.constant);
    if (!value)
      return fail(ErrorCode::Unsupported, value.error().message, argument.name);
    json["type"] = "constexpr";
    json["plain"] = argument.genericType;
    json["value"] = std::move(*value);
    return json;
  }
  return json;
}

Json propertiesJson(const std::vector<Property> &properties) {
  Json list = Json::array();
  for (const Property &property : properties)
    list.push_back({property.name, property.value});
  return list;
}

// As Triton's own launcher hands them over, empty lists included: they enter its cache key.
Json attributesJson(const Specialization &specialization) {
  Json list = Json::array();
  if (specialization.ruleSet && specialization.ruleSet->form == KeyForm::List) {
    for (const AstSource::Attributes &each : makeAstSource(specialization).attributes)
      list.push_back({each.path, propertiesJson(each.properties)});
    return list;
  }
  for (std::size_t i = 0; i < specialization.arguments.size(); ++i)
    if (const auto &properties = specialization.arguments[i].properties; !properties.empty())
      list.push_back({Json::array({i}), propertiesJson(properties)});
  return list;
}

int runtimeParameters(const std::vector<ArgumentSpecialization> &arguments) {
  int count = 0;
  for (const ArgumentSpecialization &argument : arguments)
    count += argument.isTuple ? runtimeParameters(argument.items) : !argument.constant;
  return count;
}

void functionNames(const std::vector<ArgumentSpecialization> &arguments,
                   std::vector<std::string> &names) {
  for (const ArgumentSpecialization &argument : arguments) {
    if (const auto *function = argument.constant ? argument.constant->as<FunctionValue>() : nullptr)
      names.push_back(function->name);
    functionNames(argument.items, names);
  }
}

} // namespace

Result<TritonRequest> tritonRequest(const KernelFile &file, const JitFunction &kernel,
                                    const Specialization &specialization,
                                    const std::vector<std::pair<std::string, Value>> &options,
                                    const std::string &stopAfter) {
  TritonRequest request;
  std::vector<std::string> functions;
  functionNames(specialization.arguments, functions);
  const KernelExtract extract = extractKernel(file, kernel, functions);
  request.file = extract.modules.front().file;
  request.parameters = runtimeParameters(specialization.arguments);
  Json modules = Json::array(), arguments = Json::array(), chosen = Json::object();
  for (const ExtractedModule &module : extract.modules)
    modules.push_back(moduleJson(module, request.unknown));
  for (const ArgumentSpecialization &argument : specialization.arguments) {
    auto json = argumentJson(argument);
    if (!json)
      return std::unexpected(json.error());
    arguments.push_back(std::move(*json));
  }
  for (const auto &[name, value] : options) {
    auto json = valueJson(value);
    if (!json)
      return fail(ErrorCode::Unsupported, json.error().message, name);
    if (name == "num_warps")
      request.warps = static_cast<int>(toInt64(value).value_or(request.warps));
    chosen[name] = std::move(*json);
  }
  request.line = dumpJson({{"modules", modules},
                           {"kernel", {0, extract.kernel}},
                           {"arguments", arguments},
                           {"attributes", attributesJson(specialization)},
                           {"target",
                            {{"backend", specialization.target.backend},
                             {"arch", specialization.target.architecture}}},
                           {"options", chosen},
                           {"stop_after", stopAfter}}) +
                 "\n";
  return request;
}

namespace {

std::string decodeBase64(const std::string &text) {
  const auto valueOf = [](char letter) -> int {
    if (letter >= 'A' && letter <= 'Z')
      return letter - 'A';
    if (letter >= 'a' && letter <= 'z')
      return letter - 'a' + 26;
    if (letter >= '0' && letter <= '9')
      return letter - '0' + 52;
    return letter == '+' ? 62 : letter == '/' ? 63 : -1;
  };
  std::string bytes;
  unsigned collected = 0;
  int bits = 0;
  for (char letter : text) {
    const int value = valueOf(letter);
    if (value < 0)
      continue;
    collected = (collected << 6) | static_cast<unsigned>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>((collected >> bits) & 0xFF);
    }
  }
  return bytes;
}

Diagnostic kernelError(const Json &error, const TritonRequest &request) {
  Diagnostic diagnostic;
  diagnostic.file = request.file;
  diagnostic.message = "Triton: " + error.value("message", std::string("the kernel was refused"));
  const std::string missing = error.value("missing", std::string());
  if (std::ranges::find(request.unknown, missing) != request.unknown.end())
    diagnostic.message +=
        fmt::format("; '{}' is no jit function, no constant that is known without "
                    "running the file, and no import of Triton's",
                    missing);
  bool isFirst = true;
  for (const Json &place : error.value("where", Json::array())) {
    const std::string file = place.at(0).get<std::string>();
    const int line = place.at(1).get<int>(), column = place.at(2).get<int>();
    const SourceRange range{line, column, line, column + 1};
    if (isFirst) {
      diagnostic.file = file;
      diagnostic.range = range;
    } else {
      diagnostic.notes.push_back({file, range, "called from here"});
    }
    isFirst = false;
  }
  return diagnostic;
}

void addStages(const Json &reply, CompileResult &compiled) {
  for (const Json &stage : reply.at("stages")) {
    StageArtifact artifact;
    artifact.name = stage.at("name").get<std::string>();
    artifact.isText = stage.contains("text");
    artifact.contents = artifact.isText ? stage.at("text").get<std::string>()
                                        : decodeBase64(stage.at("base64").get<std::string>());
    artifact.nanoseconds = stage.at("ns").get<std::int64_t>();
    compiled.stages.push_back(std::move(artifact));
  }
}

std::int64_t numberOf(const Json &metadata, const char *name, std::int64_t standard = 0) {
  const auto found = metadata.find(name);
  if (found == metadata.end() || !(found->is_number() || found->is_boolean()))
    return standard;
  return found->is_boolean() ? found->get<bool>() : found->get<std::int64_t>();
}

// What a launch must know beside the code; what is as everybody expects is left out.
void addLaunchNeeds(const Json &metadata, const TritonRequest &request, int parameters,
                    ResourceUsage &resources) {
  const auto add = [&](const char *name, std::int64_t value, std::int64_t expected) {
    if (value != expected)
      resources.values.emplace_back(name, value);
  };
  resources.values.emplace_back("shared", numberOf(metadata, "shared"));
  // Of the block: warp specialization adds to what was asked for.
  add("launch_warps", numberOf(metadata, "num_warps", request.warps), request.warps);
  add("cluster", numberOf(metadata, "num_ctas", 1), 1);
  add("cooperative", numberOf(metadata, "launch_cooperative_grid"), 0);
  add("hidden_pointers", std::max(0, parameters - request.parameters), 0);
  const std::int64_t global = numberOf(metadata, "global_scratch_size"),
                     profile = numberOf(metadata, "profile_scratch_size");
  if (global || profile) { // in the order in which the kernel takes them
    resources.values.emplace_back("global_scratch_bytes", global);
    resources.values.emplace_back("profile_scratch_bytes", profile);
  }
}

TritonReply readAnswer(const Json &reply, const TritonRequest &request) {
  TritonReply result;
  CompileResult &compiled = result.compiled;
  if (reply.contains("error")) {
    compiled.diagnostics.push_back(kernelError(reply["error"], request));
    return result;
  }
  addStages(reply, compiled);
  compiled.entry = reply.at("name").get<std::string>();
  if (reply.at("key").is_string())
    result.key = reply["key"].get<std::string>();
  result.compileNanoseconds = reply.at("compile_ns").get<std::int64_t>();
  const int parameters = addCodeFacts(compiled, request.file);
  addLaunchNeeds(reply.at("metadata"), request, parameters, compiled.resources);
  compiled.ok = true;
  return result;
}

} // namespace

Result<TritonReply> readTritonReply(const std::string &line, const TritonRequest &request) {
  auto reply = parseJson(line, "Triton's answer");
  if (!reply)
    return fail(ErrorCode::Crashed, reply.error().message, "triton");
  try {
    if (reply->contains("error") && (*reply)["error"].value("kind", std::string()) == "target")
      return fail(ErrorCode::Unsupported, (*reply)["error"].at("message").get<std::string>(),
                  "--compiler");
    return readAnswer(*reply, request);
  } catch (const Json::exception &error) { // of another version of the script
    return fail(
        ErrorCode::Crashed,
        fmt::format("Triton's process gave an answer that cannot be read: {}", error.what()),
        "triton");
  }
}

} // namespace lapidary
