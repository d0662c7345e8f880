// Launch files: JSON to Launch and back.
#include "core/source/Launch.h"
#include "core/source/PythonParser.h"
#include "core/support/Paths.h"
#include "core/support/Spelling.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>

namespace lapidary {

namespace {

constexpr std::size_t maximumLaunchBytes = 16u << 20;
constexpr std::size_t maximumRank = 8;
constexpr std::int64_t maximumAlignment = 1 << 20;

std::unexpected<Error> invalid(std::string message) {
  return fail(ErrorCode::InvalidInput, std::move(message));
}

bool isPowerOfTwo(std::int64_t value) {
  return value > 0 && (value & (value - 1)) == 0;
}

const char *jsonKind(const Json &json) {
  if (json.is_boolean())
    return "true or false";
  if (json.is_number_integer())
    return "an integer";
  if (json.is_number())
    return "a fraction";
  if (json.is_string())
    return "a string";
  if (json.is_array())
    return "a list";
  return json.is_null() ? "null" : "an object";
}

// What the DOM forgets: keys given twice, and integers that are too long and silently become
// floats.
class StrictScan : public nlohmann::json_sax<Json> {
public:
  std::string problem;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t &text) override {
    if (text.find_first_of(".eE") == std::string::npos)
      problem =
          fmt::format("{} has more than 64 bits; write it as {{\"int\": \"{}\"}}", text, text);
    return problem.empty();
  }
  bool string(string_t &) override { return true; }
  bool binary(binary_t &) override { return true; }
  bool start_object(std::size_t) override {
    keys.emplace_back();
    return true;
  }
  bool key(string_t &name) override {
    if (!keys.back().insert(name).second)
      problem = fmt::format("'{}' is given twice", name);
    return problem.empty();
  }
  bool end_object() override {
    keys.pop_back();
    return true;
  }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t, const std::string &, const nlohmann::detail::exception &) override {
    return false; // parseJson says it better
  }

private:
  std::vector<std::set<std::string>> keys;
};

Result<void> checkFields(const Json &object, const std::string &where,
                         const std::vector<std::string> &known) {
  for (const auto &[name, value] : object.items())
    if (std::ranges::find(known, name) == known.end()) {
      std::string hint = didYouMean(name, known);
      return invalid(
          fmt::format("{}'{}' is not a field{}", where, name,
                      hint.empty() ? fmt::format("; there are {}", fmt::join(known, ", ")) : hint));
    }
  return {};
}

Result<std::int64_t> readInteger(const Json &json, const std::string &where) {
  if (!json.is_number_integer())
    return invalid(fmt::format("{}: an integer is expected, not {}", where, jsonKind(json)));
  if (json.is_number_unsigned() &&
      json.get<std::uint64_t>() >
          static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    return invalid(fmt::format("{}: {} is too large", where, json.get<std::uint64_t>()));
  return json.get<std::int64_t>();
}

Result<std::vector<std::int64_t>> readIntegers(const Json &json, const std::string &where) {
  if (!json.is_array())
    return invalid(
        fmt::format("{}: a list of integers is expected, not {}", where, jsonKind(json)));
  std::vector<std::int64_t> numbers;
  for (const Json &item : json) {
    Result<std::int64_t> number = readInteger(item, fmt::format("{}[{}]", where, numbers.size()));
    if (!number)
      return std::unexpected(number.error());
    numbers.push_back(*number);
  }
  return numbers;
}

Result<std::string> readString(const Json &json, const std::string &where) {
  if (!json.is_string())
    return invalid(fmt::format("{}: a string is expected, not {}", where, jsonKind(json)));
  return json.get<std::string>();
}

Result<DType> readDType(const Json &json, const std::string &where) {
  Result<std::string> name = readString(json, where);
  if (!name)
    return std::unexpected(name.error());
  if (std::optional<DType> type = parseDType(*name))
    return *type;
  std::vector<std::string> known;
  for (int i = 0; i < dtypeCount; ++i)
    known.emplace_back(dtypeName(static_cast<DType>(i)));
  return invalid(fmt::format("{}: '{}' is not a type{}; known are {}", where, *name,
                             didYouMean(*name, known), fmt::join(known, ", ")));
}

std::unexpected<Error> prefixed(const Error &error, const std::string &where) {
  return fail(error.code, where + "." + error.message, error.context);
}

Result<TensorArgument> readTensor(const Json &json, const std::string &where) {
  if (!json.is_object())
    return invalid(fmt::format("{}: an object with dtype and shape is expected, not {}", where,
                               jsonKind(json)));
  if (auto fields = checkFields(
          json, where + ": ",
          {"dtype", "shape", "strides", "offset", "alignment", "storage", "init", "const"});
      !fields)
    return std::unexpected(fields.error());
  for (const char *required : {"dtype", "shape"})
    if (!json.contains(required))
      return invalid(fmt::format("{}: '{}' is missing", where, required));
  TensorArgument tensor;
  Result<DType> dtype = readDType(json["dtype"], where + ".dtype");
  if (!dtype)
    return std::unexpected(dtype.error());
  tensor.dtype = *dtype;
  for (auto [name, target] : {std::pair{"shape", &tensor.shape}, {"strides", &tensor.strides}}) {
    if (!json.contains(name))
      continue;
    auto numbers = readIntegers(json[name], where + "." + name);
    if (!numbers)
      return std::unexpected(numbers.error());
    *target = std::move(*numbers);
  }
  for (auto [name, target] : {std::pair{"offset", &tensor.offset},
                              {"alignment", &tensor.alignment},
                              {"storage", &tensor.storage}}) {
    if (!json.contains(name))
      continue;
    Result<std::int64_t> number = readInteger(json[name], where + "." + name);
    if (!number)
      return std::unexpected(number.error());
    *target = *number;
  }
  if (json.contains("init")) {
    Result<std::string> init = readString(json["init"], where + ".init");
    if (!init)
      return std::unexpected(init.error());
    tensor.init = std::move(*init);
  }
  if (json.contains("const")) {
    if (!json["const"].is_boolean())
      return invalid(fmt::format("{}.const: true or false is expected, not {}", where,
                                 jsonKind(json["const"])));
    tensor.isConst = json["const"].get<bool>();
  }
  if (!json.contains("strides")) {
    for (std::size_t i = 0; i < tensor.shape.size(); ++i) // before they are multiplied
      if (tensor.shape[i] < 0)
        return invalid(fmt::format("{}.shape[{}]: {} is negative", where, i, tensor.shape[i]));
    tensor.strides = contiguousStrides(tensor.shape);
  }
  std::optional<std::int64_t> reach = reachInBytes(tensor);
  if (!json.contains("storage"))
    tensor.storage = reach.value_or(0);
  if (Result<void> checked = checkTensor(tensor); !checked)
    return prefixed(checked.error(), where);
  return tensor;
}

Result<Value> readValue(const Json &json, const std::string &where);

Result<Value> readObject(const Json &json, const std::string &where) {
  static const std::vector<std::string> kinds = {"tensor", "descriptor", "dtype",
                                                 "float",  "int",        "function"};
  if (auto fields = checkFields(json, where + ": ", kinds); !fields)
    return std::unexpected(fields.error());
  if (json.size() != 1)
    return invalid(fmt::format("{}: exactly one of {} is expected", where, fmt::join(kinds, ", ")));
  std::string kind = json.begin().key();
  const Json &content = json.begin().value();
  std::string inside = where + "." + kind;
  if (kind == "tensor") {
    Result<TensorArgument> tensor = readTensor(content, inside);
    return tensor ? Result<Value>(Value{std::move(*tensor)}) : std::unexpected(tensor.error());
  }
  if (kind == "descriptor") {
    if (!content.is_object() || !content.contains("block_shape"))
      return invalid(
          fmt::format("{}: the fields of a tensor and block_shape are expected", inside));
    auto block = readIntegers(content["block_shape"], inside + ".block_shape");
    Json base = content;
    base.erase("block_shape");
    Result<TensorArgument> tensor = readTensor(base, inside);
    if (!tensor || !block)
      return std::unexpected(tensor ? block.error() : tensor.error());
    if (block->size() != tensor->shape.size())
      return invalid(fmt::format("{}.block_shape: {} sizes, but the tensor has {} dimensions",
                                 inside, block->size(), tensor->shape.size()));
    for (std::int64_t size : *block)
      if (!isPowerOfTwo(size))
        return invalid(fmt::format("{}.block_shape: {} is not a power of two", inside, size));
    return Value{TensorDescriptorValue{std::move(*tensor), std::move(*block)}};
  }
  if (kind == "dtype") {
    Result<DType> type = readDType(content, inside);
    return type ? Result<Value>(Value{*type}) : std::unexpected(type.error());
  }
  Result<std::string> text = readString(content, inside);
  if (!text)
    return std::unexpected(text.error());
  if (kind == "function")
    return Value{FunctionValue{*text, ""}};
  if (kind == "int") {
    std::optional<Integer> number = parseInteger(*text);
    return number ? Result<Value>(Value{*number})
                  : invalid(fmt::format("{}: '{}' is no integer", inside, *text));
  }
  if (*text == "nan")
    return Value{std::numeric_limits<double>::quiet_NaN()};
  if (*text == "inf" || *text == "-inf")
    return Value{*text == "inf" ? std::numeric_limits<double>::infinity()
                                : -std::numeric_limits<double>::infinity()};
  return invalid(fmt::format("{}: inf, -inf or nan is expected, not '{}'", inside, *text));
}

Result<Value> readValue(const Json &json, const std::string &where) {
  if (json.is_null())
    return Value{};
  if (json.is_boolean())
    return Value{json.get<bool>()};
  if (json.is_number_unsigned())
    return makeInt(json.get<std::uint64_t>());
  if (json.is_number_integer())
    return makeInt(json.get<std::int64_t>());
  if (json.is_number())
    return Value{json.get<double>()};
  if (json.is_string())
    return makeString(json.get<std::string>());
  if (json.is_object())
    return readObject(json, where);
  TupleValue tuple;
  for (const Json &item : json) {
    Result<Value> value = readValue(item, fmt::format("{}[{}]", where, tuple.items.size()));
    if (!value)
      return value;
    tuple.items.push_back(std::move(*value));
  }
  return Value{std::move(tuple)};
}

Result<std::vector<std::string>> readGrid(const Json &json) {
  Json entries = json.is_array() ? json : Json::array({json});
  if (entries.empty() || entries.size() > 3)
    return invalid(fmt::format("grid: one to three entries are expected, not {}", entries.size()));
  std::vector<std::string> grid;
  for (const Json &entry : entries) {
    std::string where = json.is_array() ? fmt::format("grid[{}]", grid.size()) : "grid";
    if (!entry.is_string() && !entry.is_number_integer())
      return invalid(fmt::format("{}: an expression such as \"cdiv(n, BLOCK)\" or an integer is "
                                 "expected, not {}",
                                 where, jsonKind(entry)));
    grid.push_back(entry.is_string() ? entry.get<std::string>() : entry.dump());
    if (auto parsed = parsePythonExpression(grid.back(), where); !parsed)
      return invalid(where + ": " + parsed.error().message);
  }
  return grid;
}

Result<void> checkOption(const std::string &name, const Value &value) {
  static const std::vector<std::string> known = {"num_warps",
                                                 "num_stages",
                                                 "num_ctas",
                                                 "maxnreg",
                                                 "enable_fp_fusion",
                                                 "waves_per_eu",
                                                 "matrix_instr_nonkdim",
                                                 "kpack",
                                                 "allow_flush_denorm",
                                                 "debug",
                                                 "enable_warp_specialization"};
  bool isKnown = std::ranges::find(known, name) != known.end();
  if (std::string nearest = isKnown ? "" : nearestName(name, known); !nearest.empty())
    return invalid(
        fmt::format("options: '{}' is not an option; did you mean '{}'?", name, nearest));
  std::int64_t number = value.as<bool>() ? -1 : toInt64(value).value_or(-1);
  std::string where = fmt::format("options.{}: {}", name, repr(value));
  if ((name == "num_warps" || name == "num_ctas") && !(isPowerOfTwo(number) && number <= 64))
    return invalid(where + " is not a power of two from 1 to 64");
  if (name == "num_stages" && !(number >= 0 && number <= 64))
    return invalid(where + " is not a number from 0 to 64");
  if (name == "maxnreg" && !value.isNone() && !(number > 0 && number <= 1024))
    return invalid(where + " is not a number of registers from 1 to 1024");
  return {};
}

Result<Launch> readLaunch(const Json &json) {
  if (!json.is_object())
    return invalid(fmt::format("an object is expected, not {}", jsonKind(json)));
  if (auto fields = checkFields(
          json, "",
          {"$schema", "kernel", "name", "grid", "arguments", "outputs", "options", "guessed"});
      !fields)
    return std::unexpected(fields.error());
  for (const char *required : {"kernel", "grid", "arguments"})
    if (!json.contains(required))
      return invalid(fmt::format("'{}' is missing", required));
  Launch launch;
  for (auto [field, target] : {std::pair{"kernel", &launch.kernel}, {"name", &launch.name}}) {
    if (!json.contains(field))
      continue;
    Result<std::string> text = readString(json[field], field);
    if (!text)
      return std::unexpected(text.error());
    *target = std::move(*text);
  }
  if (launch.kernel.empty())
    return invalid("kernel: the name of a kernel is expected");
  auto grid = readGrid(json["grid"]);
  if (!grid)
    return std::unexpected(grid.error());
  launch.grid = std::move(*grid);
  for (auto [field, target] :
       {std::pair{"arguments", &launch.arguments}, {"options", &launch.options}}) {
    if (!json.contains(field))
      continue;
    if (!json[field].is_object())
      return invalid(
          fmt::format("{}: an object is expected, not {}", field, jsonKind(json[field])));
    for (const auto &[name, content] : json[field].items()) {
      Result<Value> value = readValue(content, std::string(field) + "." + name);
      if (!value)
        return std::unexpected(value.error());
      target->emplace_back(name, std::move(*value));
    }
  }
  for (const auto &[name, value] : launch.options)
    if (auto checked = checkOption(name, value); !checked)
      return std::unexpected(checked.error());
  for (const char *field : {"outputs", "guessed"}) {
    if (!json.contains(field))
      continue;
    if (!json[field].is_array())
      return invalid(
          fmt::format("{}: a list of names is expected, not {}", field, jsonKind(json[field])));
    for (const Json &item : json[field]) {
      Result<std::string> name = readString(item, field);
      if (!name)
        return std::unexpected(name.error());
      if (std::string_view(field) == "outputs")
        launch.outputs.push_back(std::move(*name));
      else
        launch.guessed.insert(std::move(*name));
    }
  }
  return launch;
}

Json tensorJson(const TensorArgument &tensor) {
  Json json = {{"dtype", dtypeName(tensor.dtype)}, {"shape", tensor.shape}};
  if (tensor.strides != contiguousStrides(tensor.shape))
    json["strides"] = tensor.strides;
  if (tensor.offset != 0)
    json["offset"] = tensor.offset;
  if (tensor.alignment != TensorArgument().alignment)
    json["alignment"] = tensor.alignment;
  if (tensor.storage != reachInBytes(tensor))
    json["storage"] = tensor.storage;
  if (tensor.init != TensorArgument().init)
    json["init"] = tensor.init;
  if (tensor.isConst)
    json["const"] = true;
  return json;
}

Json valueJson(const Value &value) {
  if (value.isNone())
    return nullptr;
  if (const bool *flag = value.as<bool>())
    return *flag;
  if (const Integer *integer = value.as<Integer>()) {
    bool isUnsigned = integer->fits && integer->value >= 0 &&
                      integer->value <= std::numeric_limits<std::uint64_t>::max();
    if (isUnsigned)
      return static_cast<std::uint64_t>(integer->value);
    std::optional<std::int64_t> number = toInt64(value);
    return number ? Json(*number) : Json{{"int", toString(*integer)}};
  }
  if (const double *real = value.as<double>()) {
    if (std::isfinite(*real))
      return *real;
    return Json{{"float", std::isnan(*real) ? "nan" : *real > 0 ? "inf" : "-inf"}};
  }
  if (const auto *text = value.as<std::string>())
    return *text;
  if (const auto *tensor = value.as<TensorArgument>())
    return Json{{"tensor", tensorJson(*tensor)}};
  if (const auto *descriptor = value.as<TensorDescriptorValue>()) {
    Json content = tensorJson(descriptor->base);
    content["block_shape"] = descriptor->blockShape;
    return Json{{"descriptor", std::move(content)}};
  }
  if (const auto *type = value.as<DType>())
    return Json{{"dtype", dtypeName(*type)}};
  if (const auto *function = value.as<FunctionValue>())
    return Json{{"function", function->name}};
  const auto *tuple = value.as<TupleValue>();
  const auto *list = value.as<ListValue>();
  if (!tuple && !list)
    return repr(value);
  Json items = Json::array();
  for (const Value &item : tuple ? tuple->items : list->items)
    items.push_back(valueJson(item));
  return items;
}

} // namespace

std::vector<std::int64_t> contiguousStrides(const std::vector<std::int64_t> &shape) {
  std::vector<std::int64_t> strides(shape.size(), 1);
  for (std::size_t i = shape.size(); i-- > 1;)
    if (__builtin_mul_overflow(strides[i], std::max<std::int64_t>(shape[i], 1), &strides[i - 1]))
      strides[i - 1] = std::numeric_limits<std::int64_t>::max(); // the reach overflows too
  return strides;
}

std::optional<std::int64_t> reachInBytes(const TensorArgument &tensor) {
  __int128 last = tensor.offset; // of the last element
  bool empty = false;
  for (std::size_t i = 0; i < std::min(tensor.shape.size(), tensor.strides.size()); ++i) {
    empty = empty || tensor.shape[i] == 0;
    last += static_cast<__int128>(tensor.shape[i] - 1) * tensor.strides[i];
    if (last > std::numeric_limits<std::int64_t>::max())
      return std::nullopt;
  }
  __int128 elements = empty ? tensor.offset : last + 1;
  __int128 bytes = elements * dtypeBytes(tensor.dtype);
  if (bytes > std::numeric_limits<std::int64_t>::max() || bytes < 0)
    return std::nullopt;
  return static_cast<std::int64_t>(bytes);
}

Result<void> checkTensor(const TensorArgument &tensor) {
  if (tensor.shape.size() > maximumRank)
    return invalid(fmt::format("shape: {} dimensions, up to {} are possible", tensor.shape.size(),
                               maximumRank));
  for (std::size_t i = 0; i < tensor.shape.size(); ++i)
    if (tensor.shape[i] < 0)
      return invalid(fmt::format("shape[{}]: {} is negative", i, tensor.shape[i]));
  if (tensor.strides.size() != tensor.shape.size())
    return invalid(fmt::format("strides: {} strides, but the shape has {} dimensions",
                               tensor.strides.size(), tensor.shape.size()));
  for (std::size_t i = 0; i < tensor.strides.size(); ++i)
    if (tensor.strides[i] < 0)
      return invalid(fmt::format("strides[{}]: {} is negative, which no tensor library makes", i,
                                 tensor.strides[i]));
  if (tensor.offset < 0)
    return invalid(fmt::format("offset: {} is negative", tensor.offset));
  if (!isPowerOfTwo(tensor.alignment) || tensor.alignment > maximumAlignment)
    return invalid(fmt::format("alignment: {} is not a power of two from 1 to {} bytes",
                               tensor.alignment, maximumAlignment));
  if (tensor.alignment < dtypeBytes(tensor.dtype))
    return invalid(fmt::format("alignment: {} bytes are less than one {} element", tensor.alignment,
                               dtypeName(tensor.dtype)));
  std::optional<std::int64_t> reach = reachInBytes(tensor);
  if (!reach)
    return invalid("shape: shape, strides and offset reach more bytes than 63 bits count");
  if (tensor.storage < *reach)
    return invalid(fmt::format("storage: {} bytes, but shape, strides and offset reach {}",
                               tensor.storage, *reach));
  static const std::vector<std::string> inits = {"normal", "uniform", "zeros",
                                                 "ones",   "arange",  "onehot"};
  if (std::ranges::find(inits, tensor.init) != inits.end() ||
      (tensor.init.starts_with("file:") && tensor.init.size() > 5))
    return {};
  if (tensor.init.starts_with("randint:")) {
    std::size_t colon = tensor.init.find(':', 8);
    auto low = parseInteger(tensor.init.substr(8, colon == std::string::npos ? 0 : colon - 8));
    auto high = parseInteger(colon == std::string::npos ? "" : tensor.init.substr(colon + 1));
    if (low && high && low->fits && high->fits && low->value < high->value)
      return {};
    return invalid(fmt::format("init: '{}' is not randint:LOW:HIGH with whole numbers, LOW below "
                               "HIGH, such as randint:0:100",
                               tensor.init));
  }
  return invalid(fmt::format("init: '{}' is unknown{}; known are normal, uniform, zeros, ones, "
                             "arange, randint:LOW:HIGH, onehot, file:PATH",
                             tensor.init, didYouMean(tensor.init, inits)));
}

const Value *Launch::argument(const std::string &name) const {
  auto found = std::ranges::find(arguments, name, &std::pair<std::string, Value>::first);
  return found == arguments.end() ? nullptr : &found->second;
}

const Value *Launch::option(const std::string &name) const {
  auto found = std::ranges::find(options, name, &std::pair<std::string, Value>::first);
  return found == options.end() ? nullptr : &found->second;
}

void Launch::setArgument(const std::string &name, Value value) {
  guessed.erase(name);
  auto found = std::ranges::find(arguments, name, &std::pair<std::string, Value>::first);
  if (found == arguments.end())
    arguments.emplace_back(name, std::move(value));
  else
    found->second = std::move(value);
}

void Launch::setOption(const std::string &name, Value value) {
  auto found = std::ranges::find(options, name, &std::pair<std::string, Value>::first);
  if (found == options.end())
    options.emplace_back(name, std::move(value));
  else
    found->second = std::move(value);
}

Result<Launch> parseLaunch(std::string_view text, const std::string &context) {
  Result<Json> json = parseJson(text, context);
  if (!json)
    return std::unexpected(json.error());
  StrictScan scan;
  Json::sax_parse(text, &scan);
  Result<Launch> launch = scan.problem.empty() ? readLaunch(*json) : invalid(scan.problem);
  if (!launch)
    return fail(launch.error().code, launch.error().message, context);
  return launch;
}

Result<Launch> readLaunchFile(const std::filesystem::path &path) {
  Result<std::string> text = readFile(path, maximumLaunchBytes);
  if (!text)
    return std::unexpected(text.error());
  Result<Launch> launch = parseLaunch(*text, path.string());
  if (launch && launch->name.empty()) {
    std::string stem = path.filename().string();
    launch->name = stem.substr(0, stem.find('.'));
  }
  return launch;
}

Result<Launch> readLaunchArgument(const std::string &pathOrText) {
  std::size_t first = pathOrText.find_first_not_of(" \t\r\n");
  if (first != std::string::npos && pathOrText[first] == '{')
    return parseLaunch(pathOrText, "launch");
  return readLaunchFile(pathOrText);
}

Json toJson(const Launch &launch) {
  Json json = {{"kernel", launch.kernel}};
  if (!launch.name.empty())
    json["name"] = launch.name;
  json["grid"] = launch.grid;
  json["arguments"] = Json::object();
  for (const auto &[name, value] : launch.arguments)
    json["arguments"][name] = valueJson(value);
  if (!launch.outputs.empty())
    json["outputs"] = launch.outputs;
  if (!launch.options.empty())
    json["options"] = Json::object();
  for (const auto &[name, value] : launch.options)
    json["options"][name] = valueJson(value);
  if (!launch.guessed.empty())
    json["guessed"] = launch.guessed;
  return json;
}

} // namespace lapidary
