// Block pointers and tensor descriptors as tiles of pointers.
//
// A block pointer becomes its parts: base, shape, strides (i64 each), offsets (i32 each); a
// descriptor becomes base, shape, strides and whether its padding is NaN. Loads and stores make the
// tile of addresses from them, with a mask for the dimensions that are checked.
#include "core/compiler/Passes.h"

#include "mlir/Dialect/SCF/Transforms/Patterns.h"
#include "mlir/Transforms/DialectConversion.h"

namespace lapidary {

#define GEN_PASS_DEF_REWRITEBLOCKPOINTERSPASS
#include "core/compiler/Passes.h.inc"

using namespace mlir;

namespace {

RankedTensorType blockOf(Type type) {
  if (auto descriptor = dyn_cast<tt::TensorDescType>(type))
    return descriptor.getBlockType();
  return cast<RankedTensorType>(cast<tt::PointerType>(type).getPointeeType());
}

// The parts of a converted block pointer or descriptor.
struct Parts {
  Parts(ValueRange values, int rank)
      : base(values[0]), shape(values.slice(1, rank)), strides(values.slice(1 + rank, rank)),
        rest(values.drop_front(1 + 2 * rank)) {}
  Value base;
  ValueRange shape, strides; // i64
  ValueRange rest;           // offsets (i32), or whether the padding is NaN (i1)
};

class Tiles {
public:
  Tiles(OpBuilder &builder, Location loc, RankedTensorType block)
      : builder(builder), loc(loc), block(block) {}

  Value splat(Value scalar) {
    return tt::SplatOp::create(builder, loc, block.clone(scalar.getType()), scalar);
  }

  Value wide(Value integer) {
    return integer.getType().isInteger(64)
               ? integer
               : arith::ExtSIOp::create(builder, loc, builder.getI64Type(), integer);
  }

  // The coordinate along `dim` of every element of the block that begins at `offset`.
  Value coordinate(int dim, Value offset) {
    const std::int64_t size = block.getShape()[dim];
    auto line = RankedTensorType::get({size}, builder.getI32Type());
    Value range = tt::MakeRangeOp::create(builder, loc, line, 0, static_cast<std::int32_t>(size));
    auto wideLine = line.clone(builder.getI64Type());
    Value steps = arith::ExtSIOp::create(builder, loc, wideLine, range);
    Value first = tt::SplatOp::create(builder, loc, wideLine, wide(offset));
    Value result = arith::AddIOp::create(builder, loc, first, steps);
    for (int axis = 0; axis < block.getRank(); ++axis)
      if (axis != dim)
        result = tt::ExpandDimsOp::create(builder, loc, result, axis);
    return tt::BroadcastOp::create(builder, loc, block.clone(builder.getI64Type()), result);
  }

  Value pointers(const Parts &parts, ValueRange offsets) {
    Value result = splat(parts.base);
    for (int dim = 0; dim < block.getRank(); ++dim) {
      Value distance = arith::MulIOp::create(builder, loc, coordinate(dim, offsets[dim]),
                                             splat(parts.strides[dim]));
      result = tt::AddPtrOp::create(builder, loc, result.getType(), result, distance);
    }
    return result;
  }

  // Null: nothing is checked.
  Value mask(const Parts &parts, ValueRange offsets, ArrayRef<std::int32_t> checked) {
    Value result;
    auto both = [&](Value condition) {
      result =
          result ? arith::AndIOp::create(builder, loc, result, condition).getResult() : condition;
    };
    using P = arith::CmpIPredicate;
    for (int dim : checked) {
      Value at = coordinate(dim, offsets[dim]);
      Value zero = arith::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(0));
      both(arith::CmpIOp::create(builder, loc, P::sge, at, splat(zero)));
      both(arith::CmpIOp::create(builder, loc, P::slt, at, splat(parts.shape[dim])));
    }
    return result;
  }

  // What stands for elements outside: zero, or NaN where `nan` is true (null: false).
  Value padding(Value nan) {
    Type element = block.getElementType();
    Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(element));
    auto number = dyn_cast<FloatType>(element);
    if (!nan || !number)
      return splat(zero);
    Value notANumber = arith::ConstantOp::create(
        builder, loc, builder.getFloatAttr(number, APFloat::getNaN(number.getFloatSemantics())));
    return splat(arith::SelectOp::create(builder, loc, nan, notANumber, zero));
  }

private:
  OpBuilder &builder;
  Location loc;
  RankedTensorType block;
};

struct MakePointer : OpConversionPattern<tt::MakeTensorPtrOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(tt::MakeTensorPtrOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    llvm::SmallVector<Value> parts{adaptor.getBase()};
    for (ValueRange range : {adaptor.getShape(), adaptor.getStrides(), adaptor.getOffsets()})
      llvm::append_range(parts, range);
    rewriter.replaceOpWithMultiple(op, {parts});
    return success();
  }
};

struct Advance : OpConversionPattern<tt::AdvanceOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(tt::AdvanceOp op, OneToNOpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    llvm::SmallVector<Value> parts(adaptor.getPtr());
    const std::size_t rank = op.getOffsets().size();
    for (auto [part, by] :
         llvm::zip(MutableArrayRef<Value>(parts).take_back(rank), adaptor.getOffsets()))
      part = arith::AddIOp::create(rewriter, op.getLoc(), part, by.front());
    rewriter.replaceOpWithMultiple(op, {parts});
    return success();
  }
};

struct MakeDescriptor : OpConversionPattern<tt::MakeTensorDescOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(tt::MakeTensorDescOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    llvm::SmallVector<Value> parts{adaptor.getBase()};
    for (Value size : adaptor.getShape())
      parts.push_back(arith::ExtSIOp::create(rewriter, op.getLoc(), rewriter.getI64Type(), size));
    llvm::append_range(parts, adaptor.getStrides());
    parts.push_back(arith::ConstantOp::create(
        rewriter, op.getLoc(), rewriter.getBoolAttr(op.getPadding() == tt::PaddingOption::NaN)));
    rewriter.replaceOpWithMultiple(op, {parts});
    return success();
  }
};

struct Load : OpConversionPattern<tt::LoadOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(tt::LoadOp op, OneToNOpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType block = blockOf(op.getPtr().getType());
    Tiles tiles(rewriter, op.getLoc(), block);
    Parts parts(adaptor.getPtr(), static_cast<int>(block.getRank()));
    Value mask = tiles.mask(parts, parts.rest, op.getBoundaryCheck()), other;
    if (mask) {
      Value nan;
      if (op.getPadding() == tt::PaddingOption::NaN)
        nan = arith::ConstantOp::create(rewriter, op.getLoc(), rewriter.getBoolAttr(true));
      other = tiles.padding(nan);
    }
    rewriter.replaceOpWithNewOp<tt::LoadOp>(
        op, op.getType(), tiles.pointers(parts, parts.rest), mask, other, ArrayRef<std::int32_t>(),
        tt::PaddingOptionAttr(), op.getCache(), op.getEvict(), op.getIsVolatile());
    return success();
  }
};

struct Store : OpConversionPattern<tt::StoreOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(tt::StoreOp op, OneToNOpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType block = blockOf(op.getPtr().getType());
    Tiles tiles(rewriter, op.getLoc(), block);
    Parts parts(adaptor.getPtr(), static_cast<int>(block.getRank()));
    Value mask = tiles.mask(parts, parts.rest, op.getBoundaryCheck());
    rewriter.replaceOpWithNewOp<tt::StoreOp>(
        op, tiles.pointers(parts, parts.rest), adaptor.getValue().front(), mask,
        ArrayRef<std::int32_t>(), op.getCache(), op.getEvict());
    return success();
  }
};

llvm::SmallVector<Value> firsts(ArrayRef<ValueRange> ranges) {
  llvm::SmallVector<Value> values;
  for (ValueRange range : ranges)
    values.push_back(range.front());
  return values;
}

llvm::SmallVector<std::int32_t> allDims(RankedTensorType block) {
  return llvm::to_vector(llvm::seq<std::int32_t>(0, static_cast<std::int32_t>(block.getRank())));
}

struct DescriptorLoad : OpConversionPattern<tt::DescriptorLoadOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(tt::DescriptorLoadOp op, OneToNOpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType block = blockOf(op.getDesc().getType());
    Tiles tiles(rewriter, op.getLoc(), block);
    Parts parts(adaptor.getDesc(), static_cast<int>(block.getRank()));
    llvm::SmallVector<Value> indices = firsts(adaptor.getIndices());
    Value loaded = tt::LoadOp::create(rewriter, op.getLoc(), block, tiles.pointers(parts, indices),
                                      tiles.mask(parts, indices, allDims(block)),
                                      tiles.padding(parts.rest.front()), ArrayRef<std::int32_t>(),
                                      tt::PaddingOptionAttr(), op.getCache(), op.getEvict(), false);
    if (loaded.getType() != op.getType())
      loaded = tt::ReshapeOp::create(rewriter, op.getLoc(), op.getType(), loaded, false, false);
    rewriter.replaceOp(op, loaded);
    return success();
  }
};

struct DescriptorStore : OpConversionPattern<tt::DescriptorStoreOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(tt::DescriptorStoreOp op, OneToNOpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    RankedTensorType block = blockOf(op.getDesc().getType());
    Tiles tiles(rewriter, op.getLoc(), block);
    Parts parts(adaptor.getDesc(), static_cast<int>(block.getRank()));
    llvm::SmallVector<Value> indices = firsts(adaptor.getIndices());
    Value source = adaptor.getSrc().front();
    if (source.getType() != block)
      source = tt::ReshapeOp::create(rewriter, op.getLoc(), block, source, false, false);
    rewriter.replaceOpWithNewOp<tt::StoreOp>(
        op, tiles.pointers(parts, indices), source, tiles.mask(parts, indices, allDims(block)),
        ArrayRef<std::int32_t>(), tt::CacheModifier::None, tt::EvictionPolicy::Normal);
    return success();
  }
};

bool isBlock(Type type) {
  return tt::isBlockPointer(type) || isa<tt::TensorDescType>(type);
}

struct RewriteBlockPointers : impl::RewriteBlockPointersPassBase<RewriteBlockPointers> {
  void runOnOperation() override {
    for (Type type : getOperation().getArgumentTypes())
      if (isBlock(type)) {
        getOperation().emitError()
            << "a parameter of type " << type
            << " cannot be compiled yet; pass the pointer, the sizes and the strides";
        return signalPassFailure();
      }
    MLIRContext *context = &getContext();
    TypeConverter converter;
    converter.addConversion([](Type type) { return type; });
    converter.addConversion([](tt::PointerType type,
                               llvm::SmallVectorImpl<Type> &parts) -> std::optional<LogicalResult> {
      if (!tt::isBlockPointer(type))
        return std::nullopt;
      const auto rank = static_cast<unsigned>(blockOf(type).getRank());
      MLIRContext *context = type.getContext();
      parts.push_back(tt::PointerType::get(blockOf(type).getElementType(), type.getAddressSpace()));
      parts.append(2 * rank, IntegerType::get(context, 64));
      parts.append(rank, IntegerType::get(context, 32));
      return success();
    });
    converter.addConversion([](tt::TensorDescType type,
                               llvm::SmallVectorImpl<Type> &parts) -> std::optional<LogicalResult> {
      const auto rank = static_cast<unsigned>(blockOf(type).getRank());
      MLIRContext *context = type.getContext();
      parts.push_back(tt::PointerType::get(blockOf(type).getElementType()));
      parts.append(2 * rank, IntegerType::get(context, 64));
      parts.push_back(IntegerType::get(context, 1));
      return success();
    });
    ConversionTarget target(*context);
    target.markUnknownOpDynamicallyLegal([](Operation *op) {
      return llvm::none_of(op->getOperandTypes(), isBlock) &&
             llvm::none_of(op->getResultTypes(), isBlock);
    });
    RewritePatternSet patterns(context);
    patterns
        .add<MakePointer, Advance, MakeDescriptor, Load, Store, DescriptorLoad, DescriptorStore>(
            converter, context);
    scf::populateSCFStructuralTypeConversionsAndLegality(converter, patterns, target);
    if (failed(applyPartialConversion(getOperation(), target, std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace

} // namespace lapidary
