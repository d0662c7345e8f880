// Launch values as they travel to the worker: one key names the kind, so that 1 and 1.0 and True
// stay what they are.
#include "core/bench/JsonNumber.h"
#include "core/bench/MeasureJob.h"

namespace lapidary {

static Json tensorJson(const TensorArgument &tensor) {
  return {{"dtype", dtypeName(tensor.dtype)},
          {"shape", tensor.shape},
          {"strides", tensor.strides},
          {"offset", tensor.offset},
          {"alignment", tensor.alignment},
          {"storage", tensor.storage},
          {"init", tensor.init},
          {"const", tensor.isConst}};
}

static TensorArgument tensorFrom(const Json &json) {
  TensorArgument tensor;
  std::optional<DType> type = parseDType(json.at("dtype").get<std::string>());
  if (!type)
    throw JsonFieldError("unknown type " + dumpJson(json.at("dtype")));
  tensor.dtype = *type;
  json.at("shape").get_to(tensor.shape);
  json.at("strides").get_to(tensor.strides);
  json.at("offset").get_to(tensor.offset);
  json.at("alignment").get_to(tensor.alignment);
  json.at("storage").get_to(tensor.storage);
  json.at("init").get_to(tensor.init);
  json.at("const").get_to(tensor.isConst);
  return tensor;
}

Json toJson(const Value &value) {
  if (const bool *flag = value.as<bool>())
    return {{"bool", *flag}};
  if (const Integer *integer = value.as<Integer>(); integer && integer->fits)
    return {{"int", toString(*integer)}};
  if (const double *number = value.as<double>())
    return {{"float", numberJson(*number)}};
  if (const TensorArgument *tensor = value.as<TensorArgument>())
    return {{"tensor", tensorJson(*tensor)}};
  if (value.isNone())
    return {{"none", true}};
  return {{"other", repr(value)}};
}

static Value valueFrom(const Json &json) {
  if (!json.is_object() || json.size() != 1)
    throw JsonFieldError("not a value: " + dumpJson(json));
  const std::string kind = json.begin().key();
  const Json &held = json.begin().value();
  if (kind == "bool")
    return {held.get<bool>()};
  if (kind == "float")
    return {numberFrom(held)};
  if (kind == "tensor")
    return {tensorFrom(held)};
  if (kind == "none")
    return {NoneValue{}};
  if (kind == "other")
    return {held.get<std::string>()};
  if (kind == "int")
    if (std::optional<Integer> integer = parseInteger(held.get<std::string>()))
      return {*integer};
  throw JsonFieldError("not a value: " + dumpJson(json));
}

Result<Value> valueFromJson(const Json &json) {
  return fromJsonSafely<Value>("launch value", [&] { return valueFrom(json); });
}

} // namespace lapidary
