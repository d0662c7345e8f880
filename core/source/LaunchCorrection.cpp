// A guessed launch, corrected by what trying it tells.
#include "core/source/Launch.h"

#include <algorithm>

namespace lapidary {

namespace {

constexpr int maximumRounds = 16;

// Elements of another type in the same places.
TensorArgument withElements(TensorArgument tensor, DType dtype) {
  const std::int64_t before = dtypeBytes(tensor.dtype), now = dtypeBytes(dtype);
  tensor.dtype = dtype;
  if (before > 0)
    tensor.storage = tensor.storage / before * now;
  if (dtype == DType::Int1)
    tensor.init = "randint:0:2";
  else if (!isFloating(dtype) && tensor.init == "normal")
    tensor.init = "randint:0:1024";
  else if (isFloating(dtype) && tensor.init.starts_with("randint"))
    tensor.init = "normal";
  return tensor;
}

TensorArgument someTensor(DType dtype) {
  TensorArgument tensor;
  tensor.shape = {std::int64_t{1} << 16};
  tensor.strides = {1};
  tensor.storage = reachInBytes(tensor).value_or(0);
  return withElements(std::move(tensor), dtype);
}

// A block of `count` elements, long along the last dimensions.
TensorDescriptorValue withBlock(TensorDescriptorValue descriptor, std::int64_t count) {
  for (std::size_t d = descriptor.blockShape.size(); d-- > 0;) {
    const std::int64_t size = d == 0 ? count : std::min<std::int64_t>(count, 256);
    descriptor.blockShape[d] = size;
    count /= size;
  }
  return descriptor;
}

Value someNumber(const Value *before, DType dtype) {
  const double *number = before ? before->as<double>() : nullptr;
  const std::optional<std::int64_t> integer = before ? toInt64(*before) : std::nullopt;
  if (isFloating(dtype))
    return Value{number ? *number : integer ? double(*integer) : 1.0};
  if (dtype == DType::Int1)
    return Value{false};
  const bool fits = integer && (dtypeBits(dtype) == 64 || *integer <= INT32_MAX);
  return makeInt(fits                                      ? *integer
                 : number && *number >= 1 && *number < 1e9 ? std::int64_t(*number)
                                                           : 4);
}

// False when the argument is what the hint asks for already, or cannot become it.
bool apply(const JitFunction &kernel, const LaunchHint &hint, Launch &launch) {
  auto parameter = std::ranges::find(kernel.parameters, hint.parameter, &KernelParameter::name);
  if (parameter == kernel.parameters.end() || parameter->isConstexpr)
    return false;
  const Value *now = launch.argument(hint.parameter);
  if (hint.kind == LaunchHint::Kind::Block && (!now || hint.count < 1))
    return false;
  Value corrected;
  const auto *tensor = now ? now->as<TensorArgument>() : nullptr;
  const auto *descriptor = now ? now->as<TensorDescriptorValue>() : nullptr;
  if (hint.kind == LaunchHint::Kind::Pointer)
    corrected = tensor ? *now : Value{someTensor(hint.dtype)};
  else if (hint.kind == LaunchHint::Kind::Block)
    corrected = descriptor ? Value{withBlock(*descriptor, hint.count)} : *now;
  else if (hint.kind == LaunchHint::Kind::Number)
    corrected = someNumber(now, hint.dtype);
  else if (descriptor)
    corrected = Value{
        TensorDescriptorValue{withElements(descriptor->base, hint.dtype), descriptor->blockShape}};
  else
    corrected = Value{tensor ? withElements(*tensor, hint.dtype) : someTensor(hint.dtype)};
  if (now && corrected == *now)
    return false;
  launch.setArgument(hint.parameter, std::move(corrected));
  launch.guessed.insert(hint.parameter);
  return true;
}

// Follows the hints until the launch fits or nothing is left to follow. Each is followed once, so
// that two uses of one argument that contradict each other come to an end.
bool correct(const JitFunction &kernel, const TryLaunch &tryLaunch, Launch &launch) {
  std::vector<LaunchHint> followed;
  for (int round = 0; round < maximumRounds; ++round) {
    std::optional<std::vector<LaunchHint>> hints = tryLaunch(launch);
    if (!hints)
      return true;
    bool changed = false;
    for (const LaunchHint &hint : *hints)
      if (std::ranges::find(followed, hint) == followed.end()) {
        followed.push_back(hint);
        changed = apply(kernel, hint, launch) || changed;
      }
    if (!changed)
      return false;
  }
  return false;
}

// All guessed powers of two that size tiles as `size`. False when that changes nothing.
bool useTileSize(const JitFunction &kernel, std::int64_t size, Launch &launch) {
  bool changed = false;
  for (const KernelParameter &parameter : kernel.parameters) {
    const Value *value = launch.argument(parameter.name);
    const std::optional<std::int64_t> now = value ? toInt64(*value) : std::nullopt;
    const bool isTile = parameter.isConstexpr && now && *now >= 16 && (*now & (*now - 1)) == 0;
    if (!isTile || *now == size || value->as<bool>())
      continue;
    launch.setArgument(parameter.name, makeInt(size));
    launch.guessed.insert(parameter.name);
    changed = true;
  }
  return changed;
}

// All guessed constexpr flags the other way round.
bool useFlags(const JitFunction &kernel, bool on, Launch &launch) {
  bool changed = false;
  for (const KernelParameter &parameter : kernel.parameters) {
    const Value *value = launch.argument(parameter.name);
    const bool *now = value ? value->as<bool>() : nullptr;
    if (!parameter.isConstexpr || !now || *now == on)
      continue;
    launch.setArgument(parameter.name, Value{on});
    launch.guessed.insert(parameter.name);
    changed = true;
  }
  return changed;
}

// Numbers of 1, which are folded to constants, as numbers that are not.
bool useRuntimeNumbers(const JitFunction &kernel, Launch &launch) {
  bool changed = false;
  for (const KernelParameter &parameter : kernel.parameters) {
    const Value *value = launch.argument(parameter.name);
    if (parameter.isConstexpr || !value || !value->as<Integer>() || toInt64(*value) != 1)
      continue;
    launch.setArgument(parameter.name, makeInt(2));
    launch.guessed.insert(parameter.name);
    changed = true;
  }
  return changed;
}

} // namespace

Launch guessLaunch(const KernelFile &file, const JitFunction &kernel, const TryLaunch &tryLaunch) {
  const Launch first = guessLaunch(file, kernel);
  Launch launch = first;
  if (correct(kernel, tryLaunch, launch))
    return launch;
  launch = first;
  if (useRuntimeNumbers(kernel, launch) && correct(kernel, tryLaunch, launch))
    return launch;
  for (std::optional<bool> flags : {std::optional<bool>(), {true}, {false}})
    for (std::int64_t size : {0, 64, 16, 128}) {
      launch = first;
      useRuntimeNumbers(kernel, launch);
      bool changed = flags && useFlags(kernel, *flags, launch);
      changed = (size > 0 && useTileSize(kernel, size, launch)) || changed;
      if (changed && correct(kernel, tryLaunch, launch))
        return launch;
    }
  return first;
}

} // namespace lapidary
