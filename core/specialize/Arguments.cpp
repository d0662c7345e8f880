#include "core/specialize/Arguments.h"

#include "core/specialize/KeyString.h"
#include "core/support/Hash.h"

#include <algorithm>
#include <fmt/format.h>

namespace lapidary {

std::uint64_t addressOf(const TensorArgument &tensor) {
  return std::uint64_t(tensor.alignment) +
         std::uint64_t(tensor.offset) * std::uint64_t(dtypeBytes(tensor.dtype));
}

ArgumentValue BoundArguments::convert(const Value &value) {
  if (value.isNone())
    return {};
  if (const bool *boolean = value.as<bool>())
    return ArgumentValue::boolean(*boolean);
  if (const Integer *integer = value.as<Integer>(); integer && integer->fits)
    return ArgumentValue::integer(integer->value);
  if (const double *number = value.as<double>())
    return ArgumentValue::floating(*number);
  if (const TensorArgument *tensor = value.as<TensorArgument>())
    return ArgumentValue::tensor(tensor->dtype, addressOf(*tensor), std::uint64_t(tensor->storage),
                                 tensor->isConst);
  ArgumentValue result;
  if (const TensorDescriptorValue *descriptor = value.as<TensorDescriptorValue>()) {
    std::string shape;
    for (std::int64_t extent : descriptor->blockShape)
      shape += fmt::format("{},", extent);
    result.kind = ArgumentKind::Descriptor;
    result.dtype = descriptor->base.dtype;
    result.low = stableHash(shape);
  } else if (const FunctionValue *function = value.as<FunctionValue>()) {
    result.kind = ArgumentKind::Function;
    result.low = stableHash(function->cacheKey.empty() ? function->name : function->cacheKey);
  } else if (const TupleValue *tuple = value.as<TupleValue>()) {
    std::vector<ArgumentValue> items;
    for (const Value &item : tuple->items)
      items.push_back(convert(item));
    nested.push_back(std::move(items));
    result.kind = ArgumentKind::Tuple;
    result.items = nested.back().data();
    result.count = std::uint32_t(nested.back().size());
    result.low = stableHash(printPython(value));
  } else {
    result.kind = ArgumentKind::Other;
    result.low = stableHash(printPython(value));
  }
  return result;
}

Result<BoundArguments> BoundArguments::bind(const KernelSignature &signature,
                                            const Launch &launch) {
  BoundArguments result;
  for (const SignatureParameter &parameter : signature.parameters) {
    auto found =
        std::ranges::find(launch.arguments, parameter.name, [](const auto &a) { return a.first; });
    if (found == launch.arguments.end())
      return fail(ErrorCode::InvalidInput,
                  fmt::format("the launch gives no value for parameter '{}' of {}", parameter.name,
                              signature.kernel),
                  launch.name);
    result.given.push_back(&found->second);
    result.list.push_back(result.convert(found->second));
  }
  return result;
}

} // namespace lapidary
