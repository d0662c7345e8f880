// Block pointers and tensor descriptors: windows on strided tensors.
//
// Block pointers become the addresses of their elements here, as Triton's own passes make of them.
// Descriptors do so too where the target has no unit that copies blocks; where it has one they
// stay.
#include "core/language/BuiltinHelpers.h"

#include <algorithm>

namespace lapidary::language {
namespace {

// A list of integer scalars, one for each of `rank` dimensions, at most `widest` wide, as i64.
bool scalars(Call &call, std::size_t index, const char *what, DType widest, std::size_t rank,
             std::vector<Tensor> &out) {
  Elaborator &elaborator = call.elaborator;
  Place place(elaborator.site, call.ranges[index]);
  const Tuple *tuple = call[index].tuple();
  std::vector<Object> single = {call[index]};
  const std::vector<Object> &items = tuple ? tuple->items : single;
  if (items.size() != rank) {
    elaborator.fail(
        fmt::format("{} has {} entries, but the block has rank {}", what, items.size(), rank));
    return false;
  }
  for (const Object &item : items) {
    std::optional<__int128> constant = item.asInteger();
    if (constant && (*constant < smallestInteger(widest) || *constant > largestInteger(widest))) {
      elaborator.fail(
          fmt::format("{} does not fit {}", toString(Integer(*constant)), dtypeName(widest)));
      return false;
    }
    Tensor value = constant ? elaborator.semantics.integer(*constant, DType::Int64)
                            : elaborator.semantics.toTensor(item);
    if (!value)
      return false;
    bool fits = value.type.isScalar() && value.type.isNumber() && isInteger(value.type.dtype());
    if (!fits || (!constant && dtypeBits(value.type.dtype()) > dtypeBits(widest))) {
      elaborator.semantics.hints.shouldBe(value, widest);
      elaborator.fail(fmt::format("{} must hold integers of at most {} bits, got {}", what,
                                  dtypeBits(widest), text(value.type)),
                      {"cast it with .to(tl.int32)"});
      return false;
    }
    out.push_back(elaborator.semantics.cast(value, DType::Int64));
  }
  return true;
}

// The pointer that a window is made on, bytes for bools; invalid, with a message, when it is none.
Tensor baseArgument(Call &call, Element &element) {
  Tensor base = tensorArgument(call, 0);
  if (!base)
    return {};
  if (!base.type.isScalar() || !base.type.isPointer()) {
    call.elaborator.semantics.hints.shouldPoint(base);
    return call.elaborator.semantics.fail(
        fmt::format("tl.{} needs a pointer, got {}", call.entry.name, text(base.type)));
  }
  element = base.type.element.pointee();
  if (element.isPointer() || element.dtype != DType::Int1)
    return base;
  element.dtype = DType::Int8;
  return call.elaborator.semantics.cast(base, element.pointerTo());
}

Object windowObject(Window window) {
  return Object(std::make_shared<const Window>(std::move(window)));
}

// base, shape, strides, offsets, block_shape, order
Object makeBlockPointer(Call &call) {
  Elaborator &elaborator = call.elaborator;
  Window window;
  window.base = baseArgument(call, window.type.element);
  auto block = elaborator.integers(call[4], "block_shape");
  auto order = elaborator.integers(call[5], "order");
  if (!window.base || !block || !order || !elaborator.semantics.checkShape(*block))
    return {};
  std::ranges::sort(*order);
  for (std::size_t d = 0; d < std::max(order->size(), block->size()); ++d)
    if (order->size() != block->size() || (*order)[d] != std::int64_t(d))
      return elaborator.fail(
          fmt::format("order must be a permutation of the {} dimensions", block->size()));
  window.type.shape = *block;
  window.type.form = Type::Form::BlockPointer;
  if (!scalars(call, 1, "shape", DType::Int64, block->size(), window.shape) ||
      !scalars(call, 2, "strides", DType::Int64, block->size(), window.strides) ||
      !scalars(call, 3, "offsets", DType::Int32, block->size(), window.offsets))
    return {};
  return windowObject(std::move(window));
}

// base, offsets
Object advance(Call &call) {
  const Window *base = call[0].window();
  if (!base || !base->type.isBlockPointer())
    return call.elaborator.fail(
        fmt::format("tl.advance moves a block pointer, not {}", describe(call[0])));
  Window moved = *base;
  std::vector<Tensor> steps;
  if (!scalars(call, 1, "offsets", DType::Int32, moved.offsets.size(), steps))
    return {};
  for (std::size_t d = 0; d < steps.size(); ++d)
    moved.offsets[d] = call.elaborator.semantics.binary("+", moved.offsets[d], steps[d]);
  return windowObject(std::move(moved));
}

// ---- descriptors ----

// base, shape, strides, block_shape, padding_option=
Object makeDescriptor(Call &call) {
  Elaborator &elaborator = call.elaborator;
  Semantics &semantics = elaborator.semantics;
  Window window;
  window.base = baseArgument(call, window.type.element);
  auto block = elaborator.integers(call[3], "block_shape");
  auto padding = choiceArgument<tt::PaddingOption>(
      call, 4, "padding option",
      {{"zero", tt::PaddingOption::Zero}, {"nan", tt::PaddingOption::NaN}},
      tt::PaddingOption::Zero);
  if (!window.base || !block || !padding || !semantics.checkShape(*block))
    return {};
  const Element &element = window.type.element;
  if (block->empty() || block->size() > 5)
    return elaborator.fail("a descriptor has 1 to 5 dimensions");
  std::int64_t bytes = block->back() * (element.isPointer() ? 8 : dtypeBytes(element.dtype));
  if (bytes < 16)
    return elaborator.fail(fmt::format(
        "the last dimension of a descriptor's block has at least 16 bytes, got {}", bytes));
  const Tuple *strides = call[2].tuple();
  if (strides && !strides->items.empty() && strides->items.back().asInteger() != 1)
    return elaborator.fail("the last stride of a descriptor must be the constant 1");
  window.padsWithNan = *padding == tt::PaddingOption::NaN;
  if (window.padsWithNan && (element.isPointer() || isInteger(element.dtype)))
    return elaborator.fail("integers cannot be padded with NaN");
  window.type.shape = *block;
  window.type.form = Type::Form::Descriptor;
  if (!scalars(call, 1, "shape", DType::Int32, block->size(), window.shape) ||
      !scalars(call, 2, "strides", DType::Int64, block->size(), window.strides))
    return {};
  if (elaborator.traits.hasDescriptors) {
    llvm::SmallVector<mlir::Value> shape, stride;
    for (const Tensor &size : window.shape)
      shape.push_back(semantics.cast(size, DType::Int32).handle);
    for (const Tensor &step : window.strides)
      stride.push_back(step.handle);
    window.native = {semantics.create<tt::MakeTensorDescOp>(semantics.toMlir(window.type),
                                                            window.base.handle, shape, stride,
                                                            *padding),
                     window.type};
  }
  return windowObject(std::move(window));
}

// The descriptor and the offsets of one access.
struct BlockAccess {
  const Window *window = nullptr;
  std::vector<Tensor> offsets;
  llvm::SmallVector<mlir::Value> native; // the offsets in i32
  Semantics::Access access;

  bool read(Call &call) {
    window = call[0].window();
    if (!window || window->type.form != Type::Form::Descriptor) {
      Place place(call.elaborator.site, call.ranges[0]);
      call.elaborator.fail(
          fmt::format("a tensor descriptor is needed here, not {}", describe(call[0])));
      return false;
    }
    if (!scalars(call, 1, "offsets", DType::Int32, window->type.shape.size(), offsets))
      return false;
    if (window->native)
      for (const Tensor &offset : offsets)
        native.push_back(call.elaborator.semantics.cast(offset, DType::Int32).handle);
    for (std::size_t d = 0; d < offsets.size(); ++d)
      access.boundaryCheck.push_back(static_cast<std::int32_t>(d));
    access.padding = window->padsWithNan ? tt::PaddingOption::NaN : tt::PaddingOption::Zero;
    return true;
  }
};

// desc, offsets
Object load(Call &call) {
  Semantics &semantics = call.elaborator.semantics;
  BlockAccess block;
  if (!block.read(call))
    return {};
  if (!block.window->native)
    return semantics.loadBlock(*block.window, block.offsets, block.access);
  Type type{block.window->type.element, block.window->type.shape};
  return Tensor{semantics.create<tt::DescriptorLoadOp>(semantics.toMlir(type),
                                                       block.window->native.handle, block.native),
                type};
}

// The tile to be written: of the block's shape.
Tensor storedTile(Call &call, std::size_t index, const Type &block) {
  Tensor value = tensorArgument(call, index);
  if (value && (value.type.shape != block.shape || !value.type.isNumber()))
    return call.elaborator.semantics.fail(
        fmt::format("the block is {}, the value {}", text(block), text(value.type)));
  return value;
}

// desc, offsets, value
Object store(Call &call) {
  Semantics &semantics = call.elaborator.semantics;
  BlockAccess block;
  if (!block.read(call))
    return {};
  Tensor value =
      semantics.cast(storedTile(call, 2, block.window->type), block.window->type.element);
  if (!value)
    return {};
  if (!block.window->native)
    return semantics.storeBlock(*block.window, block.offsets, value, block.access) ? Object::none()
                                                                                   : Object();
  semantics.create<tt::DescriptorStoreOp>(block.window->native.handle, value.handle, block.native);
  return Object::none();
}

// desc, offsets, value: the block combined atomically
Object reduce(Call &call) {
  Semantics &semantics = call.elaborator.semantics;
  BlockAccess block;
  if (!block.read(call))
    return {};
  Tensor value = storedTile(call, 2, block.window->type);
  if (!value)
    return {};
  if (value.type.element != block.window->type.element)
    return call.elaborator.fail(fmt::format("the block holds {}, the value {}",
                                            text(block.window->type.element),
                                            text(value.type.element)));
  std::string kind = std::string(call.entry.name).substr(std::string("atomic_").size());
  if (block.window->native) {
    auto operation = tt::symbolizeDescriptorReduceKind(kind);
    semantics.create<tt::DescriptorReduceOp>(*operation, block.window->native.handle, value.handle,
                                             block.native);
    return Object::none();
  }
  Tensor pointer = semantics.blockAddresses(*block.window, block.offsets);
  Tensor mask = semantics.blockMask(*block.window, block.offsets, block.access.boundaryCheck);
  Semantics::Ordering ordering{tt::MemSemantic::Relaxed, tt::MemScope::Gpu};
  return semantics.atomic(kind, pointer, value, mask, ordering) ? Object::none() : Object();
}

constexpr const char *makeParameters = "base, shape, strides, block_shape, padding_option=";
constexpr BuiltinEntry functions[] = {
    {"make_block_ptr", "base, shape, strides, offsets, block_shape, order", makeBlockPointer},
    {"advance", "base, offsets", advance},
    {"make_tensor_descriptor", makeParameters, makeDescriptor},
    {"_experimental_make_tensor_descriptor", makeParameters, makeDescriptor},
    {"load_tensor_descriptor", "desc, offsets", load},
    {"store_tensor_descriptor", "desc, offsets, value", store},
};
constexpr BuiltinEntry methods[] = {
    {"load", "desc, offsets", load},
    {"store", "desc, offsets, value", store},
    {"atomic_add", "desc, offsets, value", reduce},
    {"atomic_min", "desc, offsets, value", reduce},
    {"atomic_max", "desc, offsets, value", reduce},
    {"atomic_and", "desc, offsets, value", reduce},
    {"atomic_or", "desc, offsets, value", reduce},
    {"atomic_xor", "desc, offsets, value", reduce},
};

} // namespace

std::span<const BuiltinEntry> windowBuiltins() {
  return functions;
}
std::span<const BuiltinEntry> descriptorMethods() {
  return methods;
}

} // namespace lapidary::language
