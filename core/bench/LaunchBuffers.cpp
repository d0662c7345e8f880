#include "core/bench/LaunchBuffers.h"

#include "core/bench/Initializer.h"
#include "core/runtime/HostMemory.h"
#include "core/support/FloatFormat.h"
#include "core/support/Units.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <limits>
#include <new>

namespace lapidary {

Result<HostBytes> HostBytes::allocate(std::int64_t bytes) {
  HostBytes made;
  made.size = static_cast<std::size_t>(bytes);
  made.bytes.reset(new (std::nothrow) std::byte[made.size]);
  if (!made.bytes)
    return fail(ErrorCode::OutOfResource,
                fmt::format("{} of host memory are needed, {} are available", formatBytes(bytes),
                            formatBytes(availableHostMemory())));
  return made;
}

Result<HostBytes> HostBytes::copyOf(std::span<const std::byte> bytes) {
  Result<HostBytes> made = allocate(static_cast<std::int64_t>(bytes.size()));
  if (made && !bytes.empty())
    std::memcpy(made->span().data(), bytes.data(), bytes.size());
  return made;
}

const Value *findArgument(const MeasureJob &job, const std::string &name) {
  for (const auto &[argument, value] : job.arguments)
    if (argument == name)
      return &value;
  return nullptr;
}

// Every element of the shape must lie in the storage: the initialisers write there.
static Result<void> checkExtent(const std::string &name, const TensorArgument &tensor) {
  auto wrong = [&](const std::string &what) {
    return fail(ErrorCode::InvalidInput, "argument " + name + ": " + what, name);
  };
  if (tensor.storage < 0 || tensor.strides.size() != tensor.shape.size())
    return wrong("its storage, shape and strides do not go together");
  std::int64_t low = tensor.offset, high = tensor.offset, size = dtypeBytes(tensor.dtype);
  for (std::size_t d = 0; d < tensor.shape.size(); ++d) {
    std::int64_t reach;
    if (tensor.shape[d] < 0)
      return wrong("its shape has a negative extent");
    if (tensor.shape[d] == 0)
      return {};
    std::int64_t &end = tensor.strides[d] < 0 ? low : high;
    if (__builtin_mul_overflow(tensor.shape[d] - 1, tensor.strides[d], &reach) ||
        __builtin_add_overflow(end, reach, &end))
      return wrong("its shape and strides reach beyond any storage");
  }
  if (low < 0 || high >= tensor.storage / size)
    return wrong(fmt::format("its elements {} to {} ({}) do not lie in a storage of {} bytes", low,
                             high, dtypeName(tensor.dtype), tensor.storage));
  return {};
}

Result<LaunchBuffers> LaunchBuffers::plan(const MeasureJob &job,
                                          const std::vector<std::string> &names) {
  LaunchBuffers made;
  for (const std::string &name : names) {
    const Value *value = findArgument(job, name);
    if (!value)
      return fail(ErrorCode::InvalidInput, "the launch gives no value for the parameter " + name,
                  name);
    const TensorArgument *tensor = value->as<TensorArgument>();
    if (!tensor || made.find(name))
      continue;
    if (Result<void> checked = checkExtent(name, *tensor); !checked)
      return std::unexpected(checked.error());
    made.buffers.push_back({name, *tensor, {}, 0});
    // More than any machine has is as good as the sum.
    if (__builtin_add_overflow(made.storage, tensor->storage, &made.storage))
      made.storage = std::numeric_limits<std::int64_t>::max();
  }
  return made;
}

Result<void> LaunchBuffers::draw(std::uint64_t seed) {
  for (TensorBuffer &buffer : buffers) {
    Result<HostBytes> image = HostBytes::allocate(buffer.tensor.storage);
    if (!image)
      return std::unexpected(image.error());
    buffer.image = std::move(*image);
    if (Result<void> filled =
            initializeTensor(buffer.tensor, buffer.name, seed, buffer.image.span());
        !filled)
      return filled;
  }
  return {};
}

LaunchBuffers::LaunchBuffers(LaunchBuffers &&other) noexcept
    : buffers(std::move(other.buffers)), storage(other.storage),
      device(std::exchange(other.device, nullptr)) {}

LaunchBuffers::~LaunchBuffers() {
  if (device)
    for (TensorBuffer &buffer : buffers)
      if (buffer.address)
        device->release(buffer.address);
}

TensorBuffer *LaunchBuffers::find(const std::string &name) {
  auto found = std::ranges::find(buffers, name, &TensorBuffer::name);
  return found == buffers.end() ? nullptr : &*found;
}

Result<void> LaunchBuffers::placeOn(Device &target) {
  device = &target;
  for (TensorBuffer &buffer : buffers) {
    Result<DeviceAddress> address =
        target.allocate(buffer.tensor.storage, buffer.tensor.alignment, buffer.name);
    if (!address) {
      Error error = address.error();
      error.message = "argument " + buffer.name + ": " + error.message;
      return std::unexpected(std::move(error));
    }
    buffer.address = *address;
  }
  return restore(target);
}

Result<void> LaunchBuffers::restore(Device &target) {
  for (TensorBuffer &buffer : buffers)
    if (Result<void> copied = target.copyIn(buffer.address, buffer.image.span()); !copied)
      return copied;
  return {};
}

Result<ScalarArgument> scalarArgument(const std::string &name, const Value &value,
                                      const std::string &type) {
  std::optional<DType> dtype = parseDType(type);
  auto wrong = [&] {
    return fail(
        ErrorCode::InvalidInput,
        fmt::format("argument {}: a {} where the kernel takes {}", name, kindName(value), type),
        name);
  };
  const bool *flag = value.as<bool>();
  const Integer *integer = value.as<Integer>();
  const double *real = value.as<double>();
  if (!dtype || (!flag && !integer && !real))
    return wrong();
  int bytes = dtypeBytes(*dtype);
  if (isFloating(*dtype)) {
    double number = real ? *real : flag ? *flag : static_cast<double>(integer->value);
    if (bytes >= 4)
      return ScalarArgument{number, bytes};
    return ScalarArgument{static_cast<std::int64_t>(encodeFloat(*dtype, number)), bytes};
  }
  if (real)
    return wrong();
  return ScalarArgument{flag ? std::int64_t(*flag) : static_cast<std::int64_t>(integer->value),
                        bytes};
}

Result<std::vector<std::pair<LaunchArgument, int>>>
LaunchBuffers::launchArguments(const MeasureJob &job, const CodeObject &object) {
  std::vector<std::pair<LaunchArgument, int>> arguments;
  if (object.types.size() != object.parameters.size())
    return fail(ErrorCode::Internal, fmt::format("{} parameters have {} types",
                                                 object.parameters.size(), object.types.size()));
  for (std::size_t i = 0; i < object.parameters.size(); ++i) {
    const std::string &name = object.parameters[i];
    if (const TensorBuffer *buffer = find(name)) {
      std::int64_t offset = buffer->tensor.offset * dtypeBytes(buffer->tensor.dtype);
      arguments.emplace_back(buffer->address + static_cast<DeviceAddress>(offset), 8);
      continue;
    }
    const Value *value = findArgument(job, name);
    if (!value)
      return fail(ErrorCode::InvalidInput, "the launch gives no value for the parameter " + name,
                  name);
    Result<ScalarArgument> scalar = scalarArgument(name, *value, object.types[i]);
    if (!scalar)
      return std::unexpected(scalar.error());
    LaunchArgument argument =
        std::visit([](auto number) { return LaunchArgument(number); }, scalar->value);
    arguments.emplace_back(argument, scalar->bytes);
  }
  return arguments;
}

} // namespace lapidary
