// The tt dialect and its types: Triton IR as Triton 3.6 spells it.
//
// Values are scalars, tiles (RankedTensorType, static shape, a power of two of elements; elements
// may be pointers), block pointers and tensor descriptors. Operations are in TtOps.h.
//
//   auto pointer = tt::PointerType::get(builder.getF16Type());        // !tt.ptr<f16>
//   auto tile = RankedTensorType::get({128}, pointer);                // tensor<128x!tt.ptr<f16>>
#pragma once

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "core/compiler/dialect/tt/TtDialect.h.inc"
#include "core/compiler/dialect/tt/TtEnums.h.inc"
#define GET_TYPEDEF_CLASSES
#include "core/compiler/dialect/tt/TtTypes.h.inc"

namespace lapidary::tt {

// A tile has at most this many elements.
inline constexpr std::int64_t largestTile = std::int64_t(1) << 20;

// What loads, stores and atomics touch.
struct GlobalMemory : mlir::SideEffects::Resource::Base<GlobalMemory> {
  llvm::StringRef getName() final { return "global"; }
};

bool isBlockPointer(mlir::Type type);
// !tt.ptr<tensor<64x64xf16>> -> !tt.ptr<f16>; null for any other type.
mlir::Type blockPointerBase(mlir::Type type);
// What a load through `pointer` gives: f16 for !tt.ptr<f16>, the tile of f16 for a tile of
// pointers, the tile for a block pointer. Null when the type is no pointer.
mlir::Type loadedType(mlir::Type pointer);
// i1 in the shape of what is loaded through `pointer`.
mlir::Type maskType(mlir::Type pointer);
// `type` with its element (or itself, for a scalar) replaced by `element`.
mlir::Type withElement(mlir::Type type, mlir::Type element);

// Every tile among the operands and results has a power of two of elements, at most largestTile.
mlir::LogicalResult verifyTileSizes(mlir::Operation *op);

template <typename Op> struct TileSizes : mlir::OpTrait::TraitBase<Op, TileSizes> {
  static mlir::LogicalResult verifyTrait(mlir::Operation *op) { return verifyTileSizes(op); }
};

} // namespace lapidary::tt
