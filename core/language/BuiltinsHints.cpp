// Loops' iterators, hints to the compiler, assertions and messages.
#include "core/language/BuiltinHelpers.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace lapidary::language {
namespace {

// What a `for` runs over; the loop reads the arguments.
Object iterator(Call &call) {
  return Object::tuple(call.arguments);
}

// input, values: what the analysis may rely on, as an attribute of what computes the input.
Object hint(Call &call) {
  std::string_view name = call.entry.name;
  const char *attribute = name == "multiple_of"      ? "tt.divisibility"
                          : name == "max_contiguous" ? "tt.contiguity"
                                                     : "tt.constancy";
  Tensor x = tensorArgument(call, 0);
  auto values = call.elaborator.integers(call[1], "a hint");
  if (!x || !values)
    return {};
  if (values->size() != std::max<std::size_t>(x.type.shape.size(), 1))
    return call.elaborator.fail(
        fmt::format("tl.{} takes a value for each dimension of {}", name, text(x.type)));
  llvm::SmallVector<std::int32_t> hints(values->begin(), values->end());
  auto type = mlir::RankedTensorType::get({std::int64_t(hints.size())},
                                          call.elaborator.builder.getI32Type());
  if (mlir::Operation *op = x.handle.getDefiningOp())
    op->setDiscardableAttr(attribute, mlir::DenseIntElementsAttr::get(type, llvm::ArrayRef(hints)));
  return x;
}

Object assume(Call &call) {
  Tensor condition = call.elaborator.semantics.toBool(tensorArgument(call, 0));
  if (!condition)
    return {};
  if (!condition.type.isScalar())
    return call.elaborator.fail(
        fmt::format("tl.assume takes a scalar, got {}", text(condition.type)));
  call.elaborator.semantics.create<mlir::LLVM::AssumeOp>(condition.handle);
  return Object::none();
}

Object barrier(Call &call) {
  if (call.elaborator.traits.hasThreads)
    call.elaborator.semantics.create<mlir::gpu::BarrierOp>();
  return Object::none();
}

// cond, msg=
Object staticAssert(Call &call) {
  std::optional<bool> holds = call.elaborator.constantTruth(call[0]);
  if (!holds)
    return call.elaborator.fail(
        fmt::format("tl.static_assert needs a constant, not {}", describe(call[0])));
  if (*holds)
    return Object::none();
  const std::string *message = call[1].asString();
  return call.elaborator.fail(message && !message->empty()
                                  ? fmt::format("this static assertion does not hold: {}", *message)
                                  : std::string("this static assertion does not hold"));
}

Object staticPrint(Call &) {
  return Object::none();
}

// Assertions on the device belong to debug builds of a kernel; here they only check their
// arguments.
Object deviceAssert(Call &call) {
  Tensor condition = tensorArgument(call, 0);
  return condition ? Object::none() : Object();
}

// prefix, *args, hex=
Object print(Call &call) {
  Semantics &semantics = call.elaborator.semantics;
  auto given = stringArgument(call, 0, "the prefix of a print");
  if (!given)
    return {};
  std::string prefix = *given;
  bool hasArguments = !call.rest.empty();
  if (hasArguments && !prefix.ends_with(" "))
    prefix += " ";
  if (hasArguments && !prefix.ends_with(": "))
    prefix = prefix.substr(0, prefix.size() - 1) + ": ";
  if (prefix.size() > 2 && !prefix.starts_with(" "))
    prefix = " " + prefix;
  llvm::SmallVector<mlir::Value> values;
  llvm::SmallVector<std::int32_t> isSigned;
  for (const Object &argument : call.rest) {
    Tensor value = semantics.toTensor(argument);
    if (!value)
      return {};
    values.push_back(value.handle);
    isSigned.push_back(value.type.isNumber() && isSignedInteger(value.type.dtype()));
  }
  semantics.create<tt::PrintOp>(prefix, flagArgument(call, 2, false), values, isSigned);
  return Object::none();
}

constexpr BuiltinEntry table[] = {
    {"range",
     "arg1, arg2=, step=, num_stages=, loop_unroll_factor=, disallow_acc_multi_buffer=, flatten=, "
     "warp_specialize=, disable_licm=",
     iterator},
    {"static_range", "arg1, arg2=, step=", iterator},
    {"multiple_of", "input, values", hint},
    {"max_contiguous", "input, values", hint},
    {"max_constancy", "input, values", hint},
    {"assume", "cond", assume},
    {"debug_barrier", "", barrier},
    {"static_assert", "cond, msg=", staticAssert},
    {"static_print", "*values, sep=, end=, file=, flush=", staticPrint},
    {"device_assert", "cond, msg=, mask=", deviceAssert},
    {"device_print", "prefix, *args, hex=", print},
};

} // namespace

std::span<const BuiltinEntry> hintBuiltins() {
  return table;
}

} // namespace lapidary::language
