// Blocks of strided tensors, accessed through the addresses of their elements.
#include "core/language/Semantics.h"

#include <fmt/format.h>
#include <limits>

namespace lapidary::language {

namespace arith = mlir::arith;

// offset, offset + 1, ... along one dimension, in i64, shaped to broadcast over the block.
Tensor Semantics::placesAlong(const Window &window, const std::vector<Tensor> &offsets,
                              std::size_t dimension) {
  std::int64_t size = window.type.shape[dimension];
  Tensor range = cast(arange(0, size), DType::Int64);
  Tensor places = sameType<arith::AddIOp>(broadcastTo(offsets[dimension], {size}), range);
  for (std::size_t d = 0; d < window.type.shape.size(); ++d)
    if (d != dimension)
      places = expandDims(places, static_cast<int>(d));
  return places;
}

Tensor Semantics::blockAddresses(const Window &window, const std::vector<Tensor> &offsets) {
  Tensor pointer = broadcastTo(window.base, window.type.shape);
  for (std::size_t d = 0; d < window.type.shape.size(); ++d) {
    Tensor places = placesAlong(window, offsets, d);
    Tensor stride = broadcastTo(window.strides[d], places.type.shape);
    Tensor offset = broadcastTo(sameType<arith::MulIOp>(places, stride), window.type.shape);
    pointer = {create<tt::AddPtrOp>(toMlir(pointer.type), pointer.handle, offset.handle),
               pointer.type};
  }
  return pointer;
}

Tensor Semantics::blockMask(const Window &window, const std::vector<Tensor> &offsets,
                            const std::vector<std::int32_t> &checked) {
  Tensor mask;
  for (std::int32_t dimension : checked) {
    Tensor places = placesAlong(window, offsets, static_cast<std::size_t>(dimension));
    Tensor notBefore = compare(">=", places, integer(0, DType::Int64));
    Tensor notAfter = compare("<", places, window.shape[static_cast<std::size_t>(dimension)]);
    Tensor inside = broadcastTo(sameType<arith::AndIOp>(notBefore, notAfter), window.type.shape);
    mask = mask ? sameType<arith::AndIOp>(mask, inside) : inside;
  }
  return mask;
}

Tensor Semantics::loadBlock(const Window &window, const std::vector<Tensor> &offsets,
                            const Access &access) {
  Tensor pointer = blockAddresses(window, offsets);
  Tensor mask = blockMask(window, offsets, access.boundaryCheck), other;
  if (mask && access.padding) {
    bool nan = *access.padding == tt::PaddingOption::NaN;
    Value number = nan ? Value{std::numeric_limits<double>::quiet_NaN()} : Value{Integer(0)};
    other = broadcastTo(constant(number, window.type.dtype()), window.type.shape);
  }
  Access plain = access;
  plain.boundaryCheck.clear();
  plain.padding.reset();
  return load(pointer, mask, other, plain);
}

bool Semantics::storeBlock(const Window &window, const std::vector<Tensor> &offsets, Tensor value,
                           const Access &access) {
  value = broadcastTo(value, window.type.shape);
  if (!value)
    return false;
  Tensor pointer = blockAddresses(window, offsets);
  Tensor mask = blockMask(window, offsets, access.boundaryCheck);
  Access plain = access;
  plain.boundaryCheck.clear();
  return store(pointer, value, mask, plain);
}

} // namespace lapidary::language
