#include "core/tune/SpaceSource.h"

#include "core/source/TileParameters.h"
#include "core/support/Paths.h"
#include "core/support/Spelling.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>

namespace lapidary {

namespace {

constexpr std::size_t mostSpaceBytes = 16u << 20;
constexpr std::int64_t mostTileElements = 1 << 20; // Triton's limit, TRITON_MAX_TENSOR_NUMEL

std::unexpected<Error> invalid(const std::string &context, const std::string &message) {
  return fail(ErrorCode::InvalidInput, context.empty() ? message : context + ": " + message,
              context);
}

Result<TuneParameter> readParameter(const std::string &name, const Json &values,
                                    const std::string &context) {
  if (!values.is_array())
    return invalid(context, fmt::format("parameters.{} must be a list of values", name));
  TuneParameter parameter{name, {}};
  for (const Json &value : values) {
    const auto read = configurationFromJson(Json{{name, value}});
    if (!read)
      return invalid(context, fmt::format("parameters.{}[{}]: {}", name, parameter.values.size(),
                                          read.error().message));
    parameter.values.push_back(read->front().second);
  }
  return parameter;
}

const KernelParameter *constexprOf(const JitFunction &kernel, const std::string &name) {
  const auto found = std::ranges::find(kernel.parameters, name, &KernelParameter::name);
  return found != kernel.parameters.end() && found->isConstexpr ? &*found : nullptr;
}

const std::vector<std::string> &knownOptions() {
  static const std::vector<std::string> options = {
      "num_warps",    "num_stages",           "num_ctas", "maxnreg",
      "waves_per_eu", "matrix_instr_nonkdim", "kpack",    "enable_fp_fusion"};
  return options;
}

Result<void> checkNames(const std::vector<std::string> &names, const JitFunction &kernel) {
  std::vector<std::string> known = knownOptions();
  for (const KernelParameter &parameter : kernel.parameters)
    if (parameter.isConstexpr)
      known.push_back(parameter.name);
  for (const std::string &name : names) {
    if (std::ranges::find(known, name) != known.end())
      continue;
    const auto argument = std::ranges::find(kernel.parameters, name, &KernelParameter::name);
    if (argument != kernel.parameters.end())
      return invalid("", fmt::format("parameter '{}' of the space is an argument of {} at run "
                                     "time, not a constexpr; only constexprs and options are tuned",
                                     name, kernel.name));
    const std::string hint = didYouMean(name, known);
    return invalid(
        "",
        fmt::format("parameter '{}' of the space is neither a constexpr of {} nor "
                    "an option{}",
                    name, kernel.name,
                    hint.empty() ? fmt::format("; there are {}", fmt::join(known, ", ")) : hint));
  }
  return {};
}

// The largest extent that the launch's tensors and numbers show: no tile needs to be larger.
std::int64_t largestExtent(const Launch &launch) {
  std::int64_t largest = 1;
  for (const auto &[name, value] : launch.arguments) {
    if (const auto *tensor = value.as<TensorArgument>())
      for (const std::int64_t extent : tensor->shape)
        largest = std::max(largest, extent);
    else if (const auto number = value.as<Integer>() ? toInt64(value) : std::nullopt)
      largest = std::max(largest, std::min<std::int64_t>(*number, mostTileElements));
  }
  return largest;
}

// Powers of two from 1/8 of `now` to 8 times of it, none beyond what covers the problem.
std::vector<Value> tileSizes(std::int64_t now, std::int64_t covers, std::int64_t smallest) {
  std::vector<Value> sizes;
  const auto middle = static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(now)));
  const std::int64_t most = std::max(now, std::min(covers, mostTileElements));
  for (std::int64_t size = std::max(smallest, middle / 8); size <= std::min(middle * 8, most);
       size *= 2)
    sizes.push_back(makeInt(size));
  if (std::ranges::find(sizes, makeInt(now)) == sizes.end())
    sizes.push_back(makeInt(now));
  return sizes;
}

std::vector<Value> numbers(std::initializer_list<int> values) {
  std::vector<Value> all;
  for (const int value : values)
    all.push_back(makeInt(value));
  return all;
}

} // namespace

Json toJson(const SpaceDescription &space) {
  Json json = {{"origin", space.origin}};
  if (!space.listed.empty()) {
    Json &list = json["configurations"] = Json::array();
    for (const Configuration &configuration : space.listed)
      list.push_back(configurationJson(configuration));
    return json;
  }
  Json &parameters = json["parameters"] = Json::object();
  for (const TuneParameter &parameter : space.parameters) {
    Json &values = parameters[parameter.name] = Json::array();
    for (const Value &value : parameter.values)
      values.push_back(configurationJson({{parameter.name, value}})[parameter.name]);
  }
  json["constraints"] = space.constraints;
  return json;
}

Result<SpaceDescription> spaceFromJson(const Json &json, const std::string &context) {
  if (!json.is_object())
    return invalid(context, "a space is an object with 'parameters' and 'constraints'");
  const std::vector<std::string> fields = {"parameters", "constraints", "configurations", "origin"};
  for (const auto &[name, value] : json.items())
    if (std::ranges::find(fields, name) == fields.end())
      return invalid(context,
                     fmt::format("'{}' is no field of a space{}", name, didYouMean(name, fields)));
  SpaceDescription space;
  space.origin = json.contains("origin") && json["origin"].is_string()
                     ? json["origin"].get<std::string>()
                     : "file";
  if (const auto listed = json.find("configurations"); listed != json.end()) {
    if (!listed->is_array() || listed->empty())
      return invalid(context, "'configurations' must be a list of at least one configuration");
    for (const Json &entry : *listed) {
      auto configuration = configurationFromJson(entry);
      if (!configuration)
        return invalid(context, fmt::format("configurations[{}]: {}", space.listed.size(),
                                            configuration.error().message));
      space.listed.push_back(std::move(*configuration));
    }
    return space;
  }
  const auto parameters = json.find("parameters");
  if (parameters == json.end() || !parameters->is_object())
    return invalid(context, "'parameters' must be an object: {\"BLOCK\": [256, 512]}");
  for (const auto &[name, values] : parameters->items()) {
    auto parameter = readParameter(name, values, context);
    if (!parameter)
      return std::unexpected(parameter.error());
    space.parameters.push_back(std::move(*parameter));
  }
  if (const auto constraints = json.find("constraints"); constraints != json.end()) {
    if (!constraints->is_array())
      return invalid(context, "'constraints' must be a list of expressions");
    for (const Json &constraint : *constraints) {
      if (!constraint.is_string())
        return invalid(context, fmt::format("constraints[{}] must be an expression in a string",
                                            space.constraints.size()));
      space.constraints.push_back(constraint.get<std::string>());
    }
  }
  return space;
}

Result<SpaceDescription> readSpaceArgument(const std::string &pathOrText) {
  const std::size_t first = pathOrText.find_first_not_of(" \t\r\n");
  const bool isText = first != std::string::npos && pathOrText[first] == '{';
  const std::string context = isText ? "space" : pathOrText;
  Result<std::string> text = isText ? pathOrText : readFile(pathOrText, mostSpaceBytes);
  if (!text)
    return std::unexpected(text.error());
  const auto json = parseJson(*text, context);
  if (!json)
    return std::unexpected(json.error());
  return spaceFromJson(*json, context);
}

Result<std::optional<SpaceDescription>> spaceOfDecorator(const JitFunction &kernel) {
  for (const AutotuneDecorator &decorator : kernel.autotune) {
    if (!decorator.complete)
      return invalid("", fmt::format("the autotune decorator at line {} of {} cannot be read: {}; "
                                     "give a space file",
                                     decorator.range.line, kernel.name, decorator.problem));
    if (decorator.configs.empty())
      continue;
    SpaceDescription space;
    space.origin = "decorator";
    for (const TuneConfig &config : decorator.configs) {
      Configuration configuration = config.parameters;
      configuration.insert(configuration.end(), config.options.begin(), config.options.end());
      space.listed.push_back(std::move(configuration));
    }
    return space;
  }
  return std::nullopt;
}

Result<SpaceDescription> proposeSpace(const KernelFile &file, const JitFunction &kernel,
                                      const Launch &launch, const Target &target) {
  SpaceDescription space;
  space.origin = "proposal";
  const TileParameters tiles = tileParameters(file, kernel);
  const std::int64_t covers =
      static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(largestExtent(launch))));
  for (const std::string &name : tiles.names) {
    const Value *now = launch.argument(name);
    const auto size = now && now->as<Integer>() ? toInt64(*now) : std::nullopt;
    if (size && *size > 0)
      space.parameters.push_back({name, tileSizes(*size, covers, tiles.hasDot ? 16 : 8)});
  }
  if (target.backend != "cpu") {
    space.parameters.push_back({"num_warps", numbers({1, 2, 4, 8, 16})});
    if (tiles.hasLoop)
      space.parameters.push_back({"num_stages", numbers({1, 2, 3, 4})});
  }
  if (target.backend == "hip") // occupancy asked of the register allocator
    space.parameters.push_back({"waves_per_eu", numbers({0, 1, 2, 4})});
  if (space.parameters.empty())
    return invalid("",
                   fmt::format("{} has no constexpr that is the size of a tile, so no space can "
                               "be proposed; give one as a file (--space)",
                               kernel.name));
  return space;
}

Result<SearchSpace> makeSpace(const SpaceDescription &description, const JitFunction &kernel,
                              const Launch &launch) {
  std::vector<std::string> names;
  for (const TuneParameter &parameter : description.parameters)
    names.push_back(parameter.name);
  for (const Configuration &configuration : description.listed)
    for (const auto &[name, value] : configuration)
      names.push_back(name);
  if (auto checked = checkNames(names, kernel); !checked)
    return std::unexpected(checked.error());
  if (!description.listed.empty())
    return SearchSpace::listed(description.listed);
  return SearchSpace::create(description.parameters, description.constraints,
                             [launch](const std::string &name) -> std::optional<Value> {
                               if (const Value *value = launch.argument(name))
                                 return *value;
                               const Value *option = launch.option(name);
                               return option ? std::optional(*option) : std::nullopt;
                             });
}

Launch withConfiguration(Launch launch, const JitFunction &kernel,
                         const Configuration &configuration) {
  for (const auto &[name, value] : configuration)
    if (constexprOf(kernel, name))
      launch.setArgument(name, value);
    else if (!value.isNone())
      launch.setOption(name, value);
  return launch;
}

} // namespace lapidary
