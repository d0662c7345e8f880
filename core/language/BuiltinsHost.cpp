// What is computed while elaborating: Python's built-ins, triton.cdiv, math.*, questions about
// types.
#include "core/language/BuiltinHelpers.h"

#include <cmath>
#include <functional>

namespace lapidary::language {
namespace {

// min(...) and max(...): constants as Python, runtime values as tl.minimum and tl.maximum.
Object smallestOrLargest(Call &call) {
  bool minimum = std::string_view(call.entry.name) == "min";
  std::vector<Object> items = call.rest;
  if (items.size() == 1 && items[0].tuple()) {
    std::vector<Object> inside = items[0].tuple()->items;
    items = std::move(inside);
  }
  if (items.empty())
    return call.elaborator.fail(fmt::format("{} of nothing", call.entry.name));
  Object result = items[0];
  for (std::size_t i = 1; i < items.size(); ++i) {
    if (result.tensor() || items[i].tensor()) {
      result = call.elaborator.semantics.minimumOrMaximum(minimum, result, items[i], false);
    } else {
      Object less = minimum ? call.elaborator.compareOperation("<", items[i], result)
                            : call.elaborator.compareOperation(">", items[i], result);
      if (call.elaborator.constantTruth(less).value_or(false))
        result = items[i];
      if (!less.isValid())
        return {};
    }
  }
  return result;
}

Object length(Call &call) {
  if (const Tuple *tuple = call[0].tuple())
    return Object::integer(static_cast<__int128>(tuple->items.size()));
  if (const std::string *string = call[0].asString())
    return Object::integer(static_cast<__int128>(string->size()));
  return call.elaborator.fail(fmt::format("{} has no length", describe(call[0])));
}

Object toFloat(Call &call) {
  if (std::optional<double> number = call[0].asNumber())
    return Object(Value{*number});
  if (const std::string *string = call[0].asString()) {
    std::string spelling;
    for (char c : *string)
      if (c != ' ' && c != '+')
        spelling += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    bool negative = spelling.starts_with("-");
    if (negative)
      spelling.erase(0, 1);
    double value = std::numeric_limits<double>::quiet_NaN();
    char *end = nullptr;
    if (spelling == "inf" || spelling == "infinity")
      value = std::numeric_limits<double>::infinity();
    else if (spelling != "nan") {
      value = std::strtod(spelling.c_str(), &end);
      if (spelling.empty() || *end)
        return call.elaborator.fail(fmt::format("'{}' is no number", *string));
    }
    return Object(Value{negative ? -value : value});
  }
  return call.elaborator.fail(fmt::format("float() takes a constant, not {}", describe(call[0])));
}

Object toInt(Call &call) {
  if (std::optional<__int128> integer = call[0].asInteger())
    return Object::integer(*integer);
  if (std::optional<double> number = call[0].asNumber(); number && std::fabs(*number) < 1e37)
    return Object::integer(static_cast<__int128>(*number));
  return call.elaborator.fail(fmt::format("int() takes a constant, not {}", describe(call[0])));
}

Object toBool(Call &call) {
  if (std::optional<bool> truth = call.elaborator.constantTruth(call[0]))
    return Object::boolean(*truth);
  return call.elaborator.fail(fmt::format("bool() takes a constant, not {}", describe(call[0])));
}

// isinstance(x, tl.tensor), isinstance(x, tl.constexpr), isinstance(x, int)
Object isInstance(Call &call) {
  const Tuple *several = call[1].tuple();
  std::vector<Object> single = {call[1]};
  bool result = false;
  for (const Object &kind : several ? several->items : single) {
    auto *builtin = kind.as<Builtin>();
    if (!builtin)
      return call.elaborator.fail(fmt::format("isinstance does not know {}", describe(kind)), {},
                                  "builtin:isinstance()");
    std::string_view name = builtin->entry->name;
    const Value *value = call[0].constant();
    if (name == "tensor")
      result |= call[0].tensor() != nullptr;
    else if (name.starts_with("tensor_descriptor"))
      result |= call[0].window() && call[0].window()->type.form == Type::Form::Descriptor;
    else if (name == "constexpr")
      result |= value != nullptr;
    else if (name == "int")
      result |= call[0].asInteger().has_value();
    else if (name == "float")
      result |= value && value->as<double>();
    else if (name == "bool")
      result |= value && value->as<bool>();
    else if (name == "tuple" || name == "list")
      result |= call[0].tuple() != nullptr;
    else if (name == "dtype" || name == "pointer_type" || name == "block_type")
      result |= call[0].type() != nullptr;
  }
  return Object::boolean(result);
}

Object hostCdiv(Call &call) {
  auto a = call.elaborator.constantInteger(call[0], "triton.cdiv"),
       b = call.elaborator.constantInteger(call[1], "triton.cdiv");
  if (!a || !b)
    return {};
  if (*b == 0)
    return call.elaborator.fail("division by zero");
  Object sum = Object::integer(*a + (*b - 1));
  return call.elaborator.binaryOperation("//", sum, Object::integer(*b));
}

Object nextPowerOfTwo(Call &call) {
  auto n = call.elaborator.constantInteger(call[0], "triton.next_power_of_2");
  if (!n)
    return {};
  __int128 power = 1;
  while (power < *n && power < (__int128(1) << 100))
    power *= 2;
  return Object::integer(power);
}

// The exponent of the largest power of two not above n.
Object log2Floor(Call &call) {
  auto n = call.elaborator.constantInteger(call[0], "_log2");
  if (!n)
    return {};
  int exponent = 0;
  for (__int128 rest = *n; rest > 1; rest >>= 1)
    ++exponent;
  return Object::integer(exponent);
}

Object integerDType(Call &call) {
  auto bits = call.elaborator.constantInteger(call[0], "the width of an integer");
  std::optional<bool> isSigned = call.elaborator.constantTruth(call[1]);
  if (!bits || !isSigned)
    return {};
  if (*bits == 1)
    return Type{{DType::Int1}, {}};
  if (*bits != 8 && *bits != 16 && *bits != 32 && *bits != 64)
    return call.elaborator.fail(
        fmt::format("there is no integer of {} bits", toString(Integer(*bits))));
  return Type{{integerOfWidth(static_cast<int>(*bits), *isSigned)}, {}};
}

Object pointerType(Call &call) {
  auto element = elementArgument(call, 0);
  return element ? Object(Type{element->pointerTo(), {}}) : Object();
}

Object dtypeOf(Call &call) {
  if (call[0].type())
    return call[0];
  const std::string *name = call[0].asString();
  std::optional<Type> type = name ? parseSignatureType(*name) : std::nullopt;
  return type ? Object(*type)
              : call.elaborator.fail(fmt::format("{} names no dtype", describe(call[0])));
}

Object toTensor(Call &call) {
  return call.elaborator.semantics.toTensor(call[0]);
}

// hasattr(tl, "gather"): of modules only.
bool moduleHas(Call &call, std::optional<std::string> &name) {
  name = stringArgument(call, 1, "the name of an attribute");
  auto *module = call[0].as<ModuleName>();
  return name && module && call.elaborator.hasModuleAttribute(module->path, *name);
}

Object hasAttribute(Call &call) {
  std::optional<std::string> name;
  bool found = moduleHas(call, name);
  return name ? Object::boolean(found) : Object();
}

Object getAttribute(Call &call) {
  std::optional<std::string> name;
  if (call.has(2) && !moduleHas(call, name))
    return call[2];
  name = stringArgument(call, 1, "the name of an attribute");
  return name ? call.elaborator.attributeOf(call[0], *name) : Object();
}

Object identity(Call &call) {
  return call[0];
}

Object isConstant(Call &call) {
  return Object::boolean(!call[0].tensor());
}

Object notCallable(Call &call) {
  return call.elaborator.fail(fmt::format("{} makes no value in a kernel", call.entry.name), {},
                              fmt::format("builtin:{}()", call.entry.name));
}

// ---- math.* on constants ----

Object mathFunction(Call &call) {
  std::string_view name = call.entry.name;
  std::optional<double> x = call[0].asNumber();
  if (!x)
    return call.elaborator.fail(
        fmt::format("math.{} takes a constant, not {}", name, describe(call[0])),
        {fmt::format("tl.{} takes runtime values", name)}, "host module:math.*");
  if (name == "ceil" || name == "floor") {
    double whole = name == "ceil" ? std::ceil(*x) : std::floor(*x);
    if (std::fabs(whole) < 1e37)
      return Object::integer(static_cast<__int128>(whole));
    return call.elaborator.fail("this number is too large for an integer");
  }
  constexpr std::pair<std::string_view, double (*)(double)> functions[] = {
      {"sqrt", std::sqrt}, {"exp", std::exp}, {"log2", std::log2},  {"log10", std::log10},
      {"sin", std::sin},   {"cos", std::cos}, {"tan", std::tan},    {"fabs", std::fabs},
      {"tanh", std::tanh}, {"erf", std::erf}, {"log1p", std::log1p}};
  if (name == "log" && call.has(1)) {
    std::optional<double> base = call[1].asNumber();
    return base ? Object(Value{std::log(*x) / std::log(*base)})
                : call.elaborator.fail("a base is a number");
  }
  if (name == "log")
    return Object(Value{std::log(*x)});
  if (name == "pow") {
    std::optional<double> exponent = call[1].asNumber();
    return exponent ? Object(Value{std::pow(*x, *exponent)})
                    : call.elaborator.fail("an exponent is a number");
  }
  for (auto [spelling, function] : functions)
    if (name == spelling)
      return Object(Value{function(*x)});
  return {};
}

// ---- methods of types ----

Object typeQuestion(Call &call) {
  std::string name = call.entry.name;
  const Type &type = *call[0].type();
  const Element &element = type.element;
  bool pointer = element.isPointer() && type.form == Type::Form::Value;
  DType dtype = element.dtype;
  auto answer = [](bool value) { return Object::boolean(value); };
  if (name == "is_ptr")
    return answer(type.isBlockPointer() || (pointer && !type.isTile()));
  if (name == "is_block")
    return answer(type.isTile());
  if (name == "is_const")
    return answer(element.isConst);
  if (name == "get_block_shapes") {
    std::vector<Object> sizes;
    for (std::int64_t size : type.shape)
      sizes.push_back(Object::integer(size));
    return Object::tuple(std::move(sizes), true);
  }
  if (pointer)
    return answer(false);
  if (name == "is_floating")
    return answer(isFloating(dtype));
  if (name == "is_standard_floating")
    return answer(isFloating(dtype) && isStandardFloat(dtype));
  if (name == "is_fp8")
    return answer(isFp8(dtype));
  if (name == "is_int")
    return answer(isInteger(dtype));
  if (name == "is_int_signed")
    return answer(isSignedInteger(dtype));
  if (name == "is_int_unsigned")
    return answer(isInteger(dtype) && isUnsignedOrBool(dtype));
  if (name == "is_bool")
    return answer(dtype == DType::Int1);
  // is_fp32, is_bf16, is_int8, is_uint64, is_fp8e4nv, ...
  return answer(parseDType(name.substr(3)) == dtype);
}

constexpr BuiltinEntry languageTable[] = {
    {"to_tensor", "x", toTensor},
    {"hasattr", "object, name", hasAttribute},
    {"getattr", "object, name, otherwise=", getAttribute},
    {"constexpr", "value", identity},
    {"get_int_dtype", "bitwidth, signed", integerDType},
    {"pointer_type", "element_ty, address_space=, const=", pointerType},
    {"dtype", "name", dtypeOf},
    {"block_type", "element_ty, shape", notCallable},
    {"tensor", "*values", notCallable},
    {"tensor_descriptor", "*values", notCallable},
    {"tensor_descriptor_base", "*values", notCallable},
    {"_log2", "i", log2Floor},
    {"cdiv", "x, y", hostCdiv},
    {"next_power_of_2", "n", nextPowerOfTwo},
    {"min", "*values", smallestOrLargest},
    {"max", "*values", smallestOrLargest},
    {"len", "x", length},
    {"float", "x", toFloat},
    {"int", "x", toInt},
    {"bool", "x", toBool},
    {"tuple", "x", identity},
    {"list", "x", identity},
    {"isinstance", "x, kind", isInstance},
    {"is_constexpr", "x", isConstant},
};

constexpr BuiltinEntry mathTable[] = {
    {"ceil", "x", mathFunction},  {"floor", "x", mathFunction},      {"sqrt", "x", mathFunction},
    {"exp", "x", mathFunction},   {"log", "x, base=", mathFunction}, {"log2", "x", mathFunction},
    {"log10", "x", mathFunction}, {"sin", "x", mathFunction},        {"cos", "x", mathFunction},
    {"tan", "x", mathFunction},   {"fabs", "x", mathFunction},       {"tanh", "x", mathFunction},
    {"erf", "x", mathFunction},   {"log1p", "x", mathFunction},      {"pow", "x, y", mathFunction},
};

constexpr BuiltinEntry typeTable[] = {
    {"is_ptr", "type", typeQuestion},        {"is_block", "type", typeQuestion},
    {"is_const", "type", typeQuestion},      {"get_block_shapes", "type", typeQuestion},
    {"is_floating", "type", typeQuestion},   {"is_standard_floating", "type", typeQuestion},
    {"is_fp8", "type", typeQuestion},        {"is_int", "type", typeQuestion},
    {"is_int_signed", "type", typeQuestion}, {"is_int_unsigned", "type", typeQuestion},
    {"is_bool", "type", typeQuestion},       {"is_int1", "type", typeQuestion},
    {"is_int8", "type", typeQuestion},       {"is_int16", "type", typeQuestion},
    {"is_int32", "type", typeQuestion},      {"is_int64", "type", typeQuestion},
    {"is_uint8", "type", typeQuestion},      {"is_uint16", "type", typeQuestion},
    {"is_uint32", "type", typeQuestion},     {"is_uint64", "type", typeQuestion},
    {"is_fp16", "type", typeQuestion},       {"is_bf16", "type", typeQuestion},
    {"is_fp32", "type", typeQuestion},       {"is_fp64", "type", typeQuestion},
    {"is_fp8e4nv", "type", typeQuestion},    {"is_fp8e5", "type", typeQuestion},
    {"is_fp8e4b8", "type", typeQuestion},    {"is_fp8e5b16", "type", typeQuestion},
    {"is_fp8e4b15", "type", typeQuestion},
};

// Which of languageTable each module shows.
constexpr std::string_view inLanguage[] = {
    "constexpr", "get_int_dtype",     "pointer_type",           "dtype", "block_type",
    "tensor",    "tensor_descriptor", "tensor_descriptor_base", "_log2", "to_tensor"};
constexpr std::string_view inTriton[] = {"cdiv", "next_power_of_2"};
constexpr std::string_view inPython[] = {"min",   "max",  "len",        "float",   "int",    "bool",
                                         "tuple", "list", "isinstance", "hasattr", "getattr"};

const BuiltinEntry *find(std::span<const BuiltinEntry> table, std::string_view name) {
  auto found =
      std::ranges::find_if(table, [&](const BuiltinEntry &entry) { return name == entry.name; });
  return found == table.end() ? nullptr : &*found;
}

// Known to Triton and not built yet: named as such instead of as a misspelling.
constexpr BuiltinEntry unsupportedTable[] = {
    {"dot_scaled", "", nullptr},
    {"_experimental_descriptor_load", "", nullptr},
    {"_experimental_descriptor_store", "", nullptr},
    {"map_elementwise", "", nullptr},
    {"condition", "", nullptr},
};

} // namespace

std::span<const BuiltinEntry> hostBuiltins() {
  return languageTable;
}
std::span<const BuiltinEntry> unsupportedBuiltins() {
  return unsupportedTable;
}

const BuiltinEntry *findDescriptorMethod(const std::string &name) {
  return find(descriptorMethods(), name);
}

const BuiltinEntry *findTypeMethod(const std::string &name) {
  return find(typeTable, name);
}

const BuiltinEntry *findBuiltin(const std::string &module, const std::string &name) {
  auto shown = [&](std::span<const std::string_view> names) {
    return std::ranges::find(names, name) != names.end() ? find(languageTable, name) : nullptr;
  };
  if (module.empty()) {
    if (name == "range")
      return find(hintBuiltins(), name);
    if (name == "print")
      return find(hintBuiltins(), "device_print");
    return shown(inPython);
  }
  if (module == "triton")
    return name == "constexpr" ? find(languageTable, name) : shown(inTriton);
  if (module == "math")
    return find(mathTable, name);
  if (!module.starts_with("triton.language"))
    return nullptr;
  if (module.ends_with("libdevice"))
    return find(libdeviceBuiltins(), name);
  if (const BuiltinEntry *entry = shown(inLanguage))
    return entry;
  for (auto table : {memoryBuiltins(), mathBuiltins(), shapeBuiltins(), reductionBuiltins(),
                     windowBuiltins(), assemblyBuiltins(), hintBuiltins(), unsupportedBuiltins()})
    if (const BuiltinEntry *entry = find(table, name))
      return entry;
  return module.ends_with(".math") || module == "triton.language" ? find(libdeviceBuiltins(), name)
                                                                  : nullptr;
}

std::vector<std::string> languageNames() {
  std::vector<std::string> names;
  for (auto table : {memoryBuiltins(), mathBuiltins(), shapeBuiltins(), reductionBuiltins(),
                     windowBuiltins(), hintBuiltins()})
    for (const BuiltinEntry &entry : table)
      names.emplace_back(entry.name);
  for (std::string_view name : inLanguage)
    names.emplace_back(name);
  return names;
}

} // namespace lapidary::language
