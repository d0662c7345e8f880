// libdevice.*: elementwise calls of the device's mathematics library, by the names that NVIDIA
// gives them; a backend maps the names to its own library.
#include "core/language/BuiltinHelpers.h"

namespace lapidary::language {
namespace {

// x or x, y or x, y, z of one float type: __nv_NAMEf for fp32, __nv_NAME for fp64.
Object floatFunction(Call &call) {
  Elaborator &elaborator = call.elaborator;
  Semantics &semantics = elaborator.semantics;
  std::vector<Tensor> operands;
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    operands.push_back(tensorArgument(call, i));
    if (!operands.back())
      return {};
  }
  for (std::size_t i = 1; i < operands.size(); ++i) {
    Semantics::Pair pair = semantics.unify(operands[0], operands[i]);
    if (!pair)
      return {};
    operands[0] = pair.left;
    operands[i] = pair.right;
  }
  for (Tensor &operand : operands)
    operand = semantics.broadcastTo(semantics.cast(operand, operands[0].type.element),
                                    operands[0].type.shape);
  Type type = operands[0].type;
  bool isDouble = type.dtype() == DType::Fp64;
  if (!isDouble && type.dtype() != DType::Fp32)
    return elaborator.fail(
        fmt::format("libdevice.{} works on fp32 and fp64, got {}", call.entry.name, text(type)),
        {"cast it with .to(tl.float32)"});
  std::string_view name = call.entry.name;
  bool question = name == "isnan" || name == "isinf" || name == "finitef" || name == "isfinited" ||
                  name == "signbit";
  std::string symbol;
  if (name.starts_with("fast_"))
    symbol = fmt::format("__nv_{}", name);
  else if (question)
    symbol = name == "finitef" || name == "isfinited"
                 ? std::string(isDouble ? "__nv_isfinited" : "__nv_finitef")
                 : fmt::format("__nv_{}{}", name, isDouble ? "d" : "f");
  else if (name == "div_rn" || name == "sqrt_rn")
    symbol = fmt::format("__nv_{}{}", isDouble ? "d" : "f", name);
  else
    symbol = fmt::format("__nv_{}{}", name, isDouble ? "" : "f");
  bool integral = question || name == "llrint" || name == "llround";
  Type result = integral ? type.withDType(question ? DType::Int32 : DType::Int64) : type;
  llvm::SmallVector<mlir::Value> values;
  for (const Tensor &operand : operands)
    values.push_back(operand.handle);
  Tensor value{semantics.create<tt::ExternElementwiseOp>(semantics.toMlir(result), values, "", "",
                                                         symbol, true),
               result};
  return question ? semantics.cast(value, DType::Int1) : value;
}

// asm, constraints, args, dtype, is_pure, pack: one result, or a tuple of them for a tuple of
// dtypes
Object inlineAssembly(Call &call) {
  Elaborator &elaborator = call.elaborator;
  Semantics &semantics = elaborator.semantics;
  auto code = stringArgument(call, 0, "the assembly");
  auto constraints = stringArgument(call, 1, "the constraints");
  auto pack = elaborator.constantInteger(call[5], "pack");
  const Tuple *arguments = call[2].tuple(), *several = call[3].tuple();
  if (!code || !constraints || !pack)
    return {};
  if (!arguments)
    return elaborator.fail(
        fmt::format("the arguments of inline assembly are a list, not {}", describe(call[2])));
  std::vector<Tensor> operands;
  Shape shape;
  for (const Object &argument : arguments->items) {
    Tensor operand = semantics.toTensor(argument);
    if (!operand)
      return {};
    if (!operands.empty()) {
      Semantics::Pair pair = semantics.broadcast(operands[0], operand);
      if (!pair)
        return {};
      shape = pair.left.type.shape;
      operands[0] = semantics.broadcastTo(operands[0], shape);
    } else {
      shape = operand.type.shape;
    }
    operands.push_back(operand);
  }
  std::vector<Object> single = {call[3]};
  llvm::SmallVector<mlir::Type> types;
  std::vector<Type> results;
  for (const Object &dtype : several ? several->items : single) {
    const Type *type = dtype.type();
    if (!type || !type->isScalar())
      return elaborator.fail(fmt::format("a dtype is needed here, not {}", describe(dtype)));
    results.push_back(type->withShape(shape));
    types.push_back(semantics.toMlir(results.back()));
  }
  llvm::SmallVector<mlir::Value> values;
  for (const Tensor &operand : operands)
    values.push_back(semantics.broadcastTo(operand, shape).handle);
  if (*pack < 1 || *pack > 1024)
    return elaborator.fail("pack must be a positive number of elements");
  auto op = semantics.create<tt::ElementwiseInlineAsmOp>(types, *code, *constraints,
                                                         flagArgument(call, 4, true),
                                                         static_cast<std::uint32_t>(*pack), values);
  std::vector<Object> objects;
  for (std::size_t i = 0; i < results.size(); ++i)
    objects.push_back(Tensor{op->getResult(static_cast<unsigned>(i)), results[i]});
  return several ? Object::tuple(std::move(objects)) : objects[0];
}

constexpr BuiltinEntry assembly[] = {
    {"inline_asm_elementwise", "asm, constraints, args, dtype, is_pure, pack", inlineAssembly},
};

constexpr BuiltinEntry table[] = {
    {"acos", "x", floatFunction},         {"acosh", "x", floatFunction},
    {"asin", "x", floatFunction},         {"asinh", "x", floatFunction},
    {"atan", "x", floatFunction},         {"atan2", "x, y", floatFunction},
    {"atanh", "x", floatFunction},        {"cbrt", "x", floatFunction},
    {"ceil", "x", floatFunction},         {"copysign", "x, y", floatFunction},
    {"cos", "x", floatFunction},          {"cosh", "x", floatFunction},
    {"cospi", "x", floatFunction},        {"div_rn", "x, y", floatFunction},
    {"erf", "x", floatFunction},          {"erfc", "x", floatFunction},
    {"erfcx", "x", floatFunction},        {"erfinv", "x", floatFunction},
    {"exp", "x", floatFunction},          {"exp10", "x", floatFunction},
    {"exp2", "x", floatFunction},         {"expm1", "x", floatFunction},
    {"fast_cosf", "x", floatFunction},    {"fast_dividef", "x, y", floatFunction},
    {"fast_exp10f", "x", floatFunction},  {"fast_expf", "x", floatFunction},
    {"fast_log2f", "x", floatFunction},   {"fast_log10f", "x", floatFunction},
    {"fast_logf", "x", floatFunction},    {"fast_powf", "x, y", floatFunction},
    {"fast_sinf", "x", floatFunction},    {"fast_tanf", "x", floatFunction},
    {"fdim", "x, y", floatFunction},      {"finitef", "x", floatFunction},
    {"floor", "x", floatFunction},        {"fma", "x, y, z", floatFunction},
    {"fmod", "x, y", floatFunction},      {"hypot", "x, y", floatFunction},
    {"isfinited", "x", floatFunction},    {"isinf", "x", floatFunction},
    {"isnan", "x", floatFunction},        {"j0", "x", floatFunction},
    {"j1", "x", floatFunction},           {"lgamma", "x", floatFunction},
    {"llrint", "x", floatFunction},       {"llround", "x", floatFunction},
    {"log", "x", floatFunction},          {"log10", "x", floatFunction},
    {"log1p", "x", floatFunction},        {"log2", "x", floatFunction},
    {"nearbyint", "x", floatFunction},    {"nextafter", "x, y", floatFunction},
    {"normcdf", "x", floatFunction},      {"normcdfinv", "x", floatFunction},
    {"pow", "x, y", floatFunction},       {"rcbrt", "x", floatFunction},
    {"remainder", "x, y", floatFunction}, {"rint", "x", floatFunction},
    {"round", "x", floatFunction},        {"rsqrt", "x", floatFunction},
    {"signbit", "x", floatFunction},      {"sin", "x", floatFunction},
    {"sinh", "x", floatFunction},         {"sinpi", "x", floatFunction},
    {"sqrt", "x", floatFunction},         {"sqrt_rn", "x", floatFunction},
    {"tan", "x", floatFunction},          {"tanh", "x", floatFunction},
    {"tgamma", "x", floatFunction},       {"trunc", "x", floatFunction},
    {"y0", "x", floatFunction},           {"y1", "x", floatFunction},
};

} // namespace

std::span<const BuiltinEntry> assemblyBuiltins() {
  return assembly;
}
std::span<const BuiltinEntry> libdeviceBuiltins() {
  return table;
}

} // namespace lapidary::language
