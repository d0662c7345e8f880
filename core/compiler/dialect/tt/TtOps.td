// Operations of the tt dialect. Operation names, attribute names and assembly are Triton 3.6's; what
// each means is said in one line here and at length in the verifier's messages.
#ifndef LAPIDARY_TT_OPS_TD
#define LAPIDARY_TT_OPS_TD

include "core/compiler/dialect/tt/TtTypes.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/CallInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/FunctionInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def GlobalMemory : Resource<"::lapidary::tt::GlobalMemory">;
defvar ReadsMemory = MemoryEffects<[MemRead<GlobalMemory>]>;
defvar WritesMemory = MemoryEffects<[MemWrite<GlobalMemory>]>;
defvar ReadsAndWritesMemory = MemoryEffects<[MemRead<GlobalMemory>, MemWrite<GlobalMemory>]>;

// Every tile of an operation has a power of two of elements, at most 2^20.
def TileSizes : NativeOpTrait<"TileSizes"> { let cppNamespace = "::lapidary::tt"; }

class TtOp<string mnemonic, list<Trait> traits = []> : Op<TtDialect, mnemonic, !listconcat(traits, [TileSizes])>;

// One scalar or tile in, one of the same shape out.
class TtElementwise<string mnemonic, list<Trait> traits = []>
    : TtOp<mnemonic, !listconcat([Elementwise, SameOperandsAndResultShape, Pure], traits)>;

class TtCast<string mnemonic, dag operand, dag product> : TtElementwise<mnemonic> {
  let arguments = operand;
  let results = product;
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($result)";
}

// ---- casts that arith does not have ----

def IntToPtrOp : TtCast<"int_to_ptr", (ins Tt_I64Like:$src), (outs Tt_PtrLike:$result)> {
  let summary = "address to pointer";
}
def PtrToIntOp : TtCast<"ptr_to_int", (ins Tt_PtrLike:$src), (outs Tt_I64Like:$result)> {
  let summary = "pointer to address";
}
def BitcastOp : TtCast<"bitcast", (ins Tt_AnyValue:$src), (outs Tt_AnyValue:$result)> {
  let summary = "the same bits as another type of the same width; pointers too";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def FpToFpOp : TtElementwise<"fp_to_fp"> {
  let summary = "float to float: 8-bit formats, or a rounding mode that arith has not";
  let arguments = (ins Tt_FloatLike:$src, OptionalAttr<Tt_RoundingMode>:$rounding);
  let results = (outs Tt_FloatLike:$result);
  let assemblyFormat = [{
    $src attr-dict (`,` `rounding` `=` $rounding^)? `:` type($src) `->` type($result)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
}

// ---- arithmetic that arith and math do not have ----

def ClampFOp : TtElementwise<"clampf", [SameOperandsAndResultType]> {
  let summary = "min(max(x, min), max); propagateNan says whether a NaN in x comes out as NaN";
  let arguments = (ins Tt_FloatLike:$x, Tt_FloatLike:$min, Tt_FloatLike:$max, Tt_PropagateNan:$propagateNan);
  let results = (outs Tt_FloatLike:$result);
  let assemblyFormat = "$x `,` $min `,` $max `,` `propagateNan` `=` $propagateNan attr-dict `:` type($result)";
}
def PreciseSqrtOp : TtElementwise<"precise_sqrt", [SameOperandsAndResultType]> {
  let summary = "square root, correctly rounded";
  let arguments = (ins Tt_FloatLike:$x);
  let results = (outs Tt_FloatLike:$result);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}
def PreciseDivFOp : TtElementwise<"precise_divf", [SameOperandsAndResultType]> {
  let summary = "quotient, correctly rounded";
  let arguments = (ins Tt_FloatLike:$x, Tt_FloatLike:$y);
  let results = (outs Tt_FloatLike:$result);
  let assemblyFormat = "$x `,` $y attr-dict `:` type($x)";
}
def MulhiUIOp : TtElementwise<"mulhiui", [SameOperandsAndResultType]> {
  let summary = "upper half of the unsigned product";
  let arguments = (ins Tt_IntLike:$x, Tt_IntLike:$y);
  let results = (outs Tt_IntLike:$result);
  let assemblyFormat = "$x `,` $y attr-dict `:` type($x)";
}

def ExternElementwiseOp : TtOp<"extern_elementwise", [
    Elementwise, SameVariadicOperandSize, DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    DeclareOpInterfaceMethods<ConditionallySpeculatable>]> {
  let summary = "elementwise call of a symbol of a device library";
  let arguments = (ins Variadic<Tt_AnyValue>:$srcs, StrAttr:$libname, StrAttr:$libpath, StrAttr:$symbol,
                       BoolAttr:$pure);
  let results = (outs Tt_AnyValue:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, $result)";
}

def ElementwiseInlineAsmOp : TtOp<"elementwise_inline_asm", [
    Elementwise, DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    DeclareOpInterfaceMethods<ConditionallySpeculatable>]> {
  let summary = "inline assembly over groups of packed_element elements";
  let arguments = (ins StrAttr:$asm_string, StrAttr:$constraints, BoolAttr:$pure, I32Attr:$packed_element,
                       Variadic<Tt_AnyValue>:$args);
  let results = (outs Variadic<Tt_AnyValue>:$result);
  let assemblyFormat = "$asm_string attr-dict ($args^ `:` type($args))? `->` type($result)";
  let hasVerifier = 1;
}

// ---- pointers ----

def AddPtrOp : TtElementwise<"addptr", [TypesMatchWith<"result has the type of the pointer", "result", "ptr",
                                                       "$_self">]> {
  let summary = "pointer plus an offset in elements";
  let arguments = (ins Tt_PtrLike:$ptr, Tt_IntLike:$offset);
  let results = (outs Tt_PtrLike:$result);
  let assemblyFormat = "$ptr `,` $offset attr-dict `:` type($result) `,` type($offset)";
  let hasFolder = 1;
}

def MakeTensorPtrOp : TtOp<"make_tensor_ptr", [Pure, SameVariadicOperandSize,
    TypesMatchWith<"base points to the elements of the block", "result", "base",
                   "::lapidary::tt::blockPointerBase($_self)">]> {
  let summary = "block pointer: a tile-sized window on a strided tensor";
  let arguments = (ins Tt_Ptr:$base, Variadic<I64>:$shape, Variadic<I64>:$strides, Variadic<I32>:$offsets,
                       DenseI32ArrayAttr:$order);
  let results = (outs Tt_BlockPtr:$result);
  let assemblyFormat = [{
    $base `,` `[` $shape `]` `,` `[` $strides `]` `,` `[` $offsets `]` attr-dict `:` type($result)
  }];
  let hasVerifier = 1;
}

def AdvanceOp : TtOp<"advance", [Pure, TypesMatchWith<"result has the type of the pointer", "result", "ptr",
                                                      "$_self">]> {
  let summary = "a block pointer moved by offsets";
  let arguments = (ins Tt_BlockPtr:$ptr, Variadic<I32>:$offsets);
  let results = (outs Tt_BlockPtr:$result);
  let assemblyFormat = "$ptr `,` `[` $offsets `]` attr-dict `:` type($result)";
  let hasFolder = 1;
  let hasVerifier = 1;
}

// ---- memory ----

def LoadOp : TtOp<"load", [
    AttrSizedOperandSegments, DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
    TypesMatchWith<"result has the type pointed to", "ptr", "result", "::lapidary::tt::loadedType($_self)">,
    TypesMatchWith<"mask has the shape of the pointer", "ptr", "mask", "::lapidary::tt::maskType($_self)",
                   "!getMask() || std::equal_to<>()">,
    TypesMatchWith<"other has the type pointed to", "ptr", "other", "::lapidary::tt::loadedType($_self)",
                   "!getOther() || std::equal_to<>()">]> {
  let summary = "read the elements whose mask is true; the others are `other`";
  let arguments = (ins AnyTypeOf<[Tt_PtrLike, Tt_BlockPtr]>:$ptr, Optional<Tt_BoolLike>:$mask,
      Optional<Tt_AnyValue>:$other,
      DefaultValuedAttr<DenseI32ArrayAttr, "::llvm::ArrayRef<int32_t>{}">:$boundaryCheck,
      OptionalAttr<Tt_PaddingOption>:$padding,
      DefaultValuedAttr<Tt_CacheModifier, "::lapidary::tt::CacheModifier::None">:$cache,
      DefaultValuedAttr<Tt_EvictionPolicy, "::lapidary::tt::EvictionPolicy::Normal">:$evict,
      DefaultValuedAttr<BoolAttr, "false">:$isVolatile);
  let results = (outs Tt_AnyValue:$result);
  let assemblyFormat = [{
    $ptr (`,` $mask^)? (`,` $other^)?
    oilist(`cacheModifier` `=` $cache | `evictionPolicy` `=` $evict)
    attr-dict `:` type($ptr)
  }];
  let hasCanonicalizer = 1;
  let hasVerifier = 1;
}

def StoreOp : TtOp<"store", [WritesMemory,
    TypesMatchWith<"value has the type pointed to", "ptr", "value", "::lapidary::tt::loadedType($_self)">,
    TypesMatchWith<"mask has the shape of the pointer", "ptr", "mask", "::lapidary::tt::maskType($_self)",
                   "!getMask() || std::equal_to<>()">]> {
  let summary = "write the elements whose mask is true";
  let arguments = (ins AnyTypeOf<[Tt_PtrLike, Tt_BlockPtr]>:$ptr, Tt_AnyValue:$value,
      Optional<Tt_BoolLike>:$mask,
      DefaultValuedAttr<DenseI32ArrayAttr, "::llvm::ArrayRef<int32_t>{}">:$boundaryCheck,
      DefaultValuedAttr<Tt_CacheModifier, "::lapidary::tt::CacheModifier::None">:$cache,
      DefaultValuedAttr<Tt_EvictionPolicy, "::lapidary::tt::EvictionPolicy::Normal">:$evict);
  let assemblyFormat = [{
    $ptr `,` $value (`,` $mask^)?
    oilist(`cacheModifier` `=` $cache | `evictionPolicy` `=` $evict)
    attr-dict `:` type($ptr)
  }];
  let hasCanonicalizer = 1;
  let hasVerifier = 1;
}

def AtomicRMWOp : TtOp<"atomic_rmw", [ReadsAndWritesMemory, SameOperandsAndResultShape,
    TypesMatchWith<"value has the type pointed to", "ptr", "val", "::lapidary::tt::loadedType($_self)">,
    TypesMatchWith<"result has the type of the value", "val", "result", "$_self">]> {
  let summary = "atomic read-modify-write; the result is what stood there before";
  let arguments = (ins Tt_AtomicOp:$atomic_rmw_op, Tt_PtrLike:$ptr, Tt_AnyValue:$val,
                       Optional<Tt_BoolLike>:$mask, Tt_MemSemantic:$sem, Tt_MemScope:$scope);
  let results = (outs Tt_AnyValue:$result);
  let assemblyFormat = [{
    $atomic_rmw_op `,` $sem `,` $scope `,` $ptr `,` $val (`,` $mask^)? attr-dict `:`
    functional-type(operands, $result)
  }];
  let hasVerifier = 1;
}

def AtomicCASOp : TtOp<"atomic_cas", [ReadsAndWritesMemory, SameOperandsAndResultShape,
    TypesMatchWith<"cmp has the type pointed to", "ptr", "cmp", "::lapidary::tt::loadedType($_self)">,
    TypesMatchWith<"val has the type of cmp", "cmp", "val", "$_self">,
    TypesMatchWith<"result has the type of the value", "val", "result", "$_self">]> {
  let summary = "atomic compare-and-swap; the result is what stood there before";
  let arguments = (ins Tt_PtrLike:$ptr, Tt_AnyValue:$cmp, Tt_AnyValue:$val, Tt_MemSemantic:$sem,
                       Tt_MemScope:$scope);
  let results = (outs Tt_AnyValue:$result);
  let assemblyFormat = [{
    $sem `,` $scope `,` $ptr `,` $cmp `,` $val attr-dict `:` functional-type(operands, $result)
  }];
}

// ---- shapes ----

def SplatOp : TtOp<"splat", [Pure, SameOperandsAndResultElementType]> {
  let summary = "a tile of one scalar";
  let arguments = (ins Tt_AnyValue:$src);
  let results = (outs Tt_Tensor:$result);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($result)";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def UnsplatOp : TtOp<"unsplat", [Pure, TypesMatchWith<"result is the element", "src", "result",
                                 "::mlir::getElementTypeOrSelf($_self)">]> {
  let summary = "the only element of a tile of one element";
  let arguments = (ins Tt_Tensor:$src);
  let results = (outs Tt_AnyValue:$result);
  let assemblyFormat = "$src attr-dict `:` type($src)";
  let hasVerifier = 1;
}

def ExpandDimsOp : TtOp<"expand_dims", [Pure, SameOperandsAndResultElementType]> {
  let summary = "a dimension of size 1 put in at `axis`";
  let arguments = (ins Tt_Tensor:$src, I32Attr:$axis);
  let results = (outs Tt_Tensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$src, "int":$axis)>];
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($result)";
  let hasFolder = 1;
  let hasCanonicalizer = 1;
  let hasVerifier = 1;
}

def ReshapeOp : TtOp<"reshape", [Pure, SameOperandsAndResultElementType]> {
  let summary = "the same elements, row-major, in another shape; allow_reorder permits any order";
  let arguments = (ins Tt_Tensor:$src, UnitAttr:$allow_reorder, UnitAttr:$efficient_layout);
  let results = (outs Tt_Tensor:$result);
  let assemblyFormat = [{
    $src (`allow_reorder` $allow_reorder^)? (`efficient_layout` $efficient_layout^)? attr-dict `:`
    type($src) `->` type($result)
  }];
  let hasFolder = 1;
  let hasCanonicalizer = 1;
  let hasVerifier = 1;
}

def BroadcastOp : TtOp<"broadcast", [Pure, SameOperandsAndResultElementType]> {
  let summary = "dimensions of size 1 repeated";
  let arguments = (ins Tt_Tensor:$src);
  let results = (outs Tt_Tensor:$result);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($result)";
  let hasFolder = 1;
  let hasCanonicalizer = 1;
  let hasVerifier = 1;
}

def CatOp : TtOp<"cat", [NoMemoryEffect, SameTypeOperands, SameOperandsAndResultElementType]> {
  let summary = "both tiles one after the other; the order of elements is not promised";
  let arguments = (ins Tt_Tensor:$lhs, Tt_Tensor:$rhs);
  let results = (outs Tt_Tensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs) `->` type($result)";
  let hasVerifier = 1;
}

def JoinOp : TtOp<"join", [NoMemoryEffect, SameTypeOperands, SameOperandsAndResultElementType]> {
  let summary = "both tiles side by side along a new last dimension of size 2";
  let arguments = (ins Tt_Tensor:$lhs, Tt_Tensor:$rhs);
  let results = (outs Tt_Tensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs) `->` type($result)";
  let hasVerifier = 1;
}

def SplitOp : TtOp<"split", [NoMemoryEffect,
    TypesMatchWith<"both results have one type", "outLHS", "outRHS", "$_self">]> {
  let summary = "a tile whose last dimension has size 2 taken apart along it";
  let arguments = (ins Tt_Tensor:$src);
  let results = (outs Tt_Tensor:$outLHS, Tt_Tensor:$outRHS);
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($outLHS)";
  let hasVerifier = 1;
}

def TransOp : TtOp<"trans", [Pure, SameOperandsAndResultElementType]> {
  let summary = "dimensions permuted: dimension i of the result is dimension order[i] of the source";
  let arguments = (ins Tt_Tensor:$src, DenseI32ArrayAttr:$order);
  let results = (outs Tt_Tensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Value":$src, "::llvm::ArrayRef<int32_t>":$order)>];
  let assemblyFormat = "$src attr-dict `:` type($src) `->` type($result)";
  let hasFolder = 1;
  let hasCanonicalizer = 1;
  let hasVerifier = 1;
}

def MakeRangeOp : TtOp<"make_range", [Pure]> {
  let summary = "start, start + 1, ..., end - 1";
  let arguments = (ins I32Attr:$start, I32Attr:$end);
  let results = (outs Tt_IntTensor:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def GatherOp : TtOp<"gather", [Pure]> {
  let summary = "elements of src picked along `axis` by indices; the result has the shape of indices";
  let arguments = (ins Tt_Tensor:$src, Tt_IntTensor:$indices, I32Attr:$axis, UnitAttr:$efficient_layout);
  let results = (outs Tt_Tensor:$result);
  let assemblyFormat = "$src `[` $indices `]` attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def HistogramOp : TtOp<"histogram", [Pure,
    TypesMatchWith<"mask has the shape of the source", "src", "mask",
                   "::lapidary::tt::withElement($_self, ::mlir::IntegerType::get($_self.getContext(), 1))",
                   "!getMask() || std::equal_to<>()">]> {
  let summary = "how often each of 0 .. bins-1 occurs, where the mask (if any) is true";
  let arguments = (ins Tt_IntTensor:$src, Optional<Tt_BoolLike>:$mask);
  let results = (outs Tt_IntTensor:$result);
  let assemblyFormat = "$src (`,` $mask^)? attr-dict `:` type($src) `->` type($result)";
  let hasVerifier = 1;
}

// ---- programs ----

class TtProgramQuery<string mnemonic> : TtOp<mnemonic, [Pure]> {
  let arguments = (ins Tt_ProgramDim:$axis);
  let results = (outs I32:$result);
  let assemblyFormat = "$axis attr-dict `:` type($result)";
  let extraClassDeclaration = "int axisIndex() { return static_cast<int>(getAxis()); }";
}
def GetProgramIdOp : TtProgramQuery<"get_program_id"> { let summary = "this program's place in the grid"; }
def GetNumProgramsOp : TtProgramQuery<"get_num_programs"> { let summary = "the grid's size"; }

// ---- matrix products ----

def DotOp : TtOp<"dot", [Pure, TypesMatchWith<"result has the type of the accumulator", "d", "c", "$_self">]> {
  let summary = "d = a * b + c over the last two dimensions";
  let arguments = (ins Tt_FloatOrIntTensor:$a, Tt_FloatOrIntTensor:$b, Tt_FloatOrIntTensor:$c,
      DefaultValuedAttr<Tt_InputPrecision, "::lapidary::tt::InputPrecision::Ieee">:$inputPrecision,
      DefaultValuedAttr<I32Attr, "0">:$maxNumImpreciseAcc);
  let results = (outs Tt_FloatOrIntTensor:$d);
  let assemblyFormat = [{
    $a `,` $b `,` $c (`,` `inputPrecision` `=` $inputPrecision^)? attr-dict `:`
    type($a) `*` type($b) `->` type($d)
  }];
  let hasVerifier = 1;
}

def DotScaledOp : TtOp<"dot_scaled", [Pure, AttrSizedOperandSegments,
    TypesMatchWith<"result has the type of the accumulator", "d", "c", "$_self">]> {
  let summary = "matrix product of microscaled operands";
  let arguments = (ins RankedTensorOf<[Tt_Float, I8]>:$a, RankedTensorOf<[Tt_Float, I8]>:$b,
      Tt_FloatTensor:$c, Optional<RankedTensorOf<[Tt_Float, I8]>>:$a_scale,
      Optional<RankedTensorOf<[Tt_Float, I8]>>:$b_scale, Tt_ScaleDotElemType:$a_elem_type,
      Tt_ScaleDotElemType:$b_elem_type, BoolAttr:$fastMath, DefaultValuedAttr<BoolAttr, "true">:$lhs_k_pack,
      DefaultValuedAttr<BoolAttr, "true">:$rhs_k_pack);
  let results = (outs Tt_FloatTensor:$d);
  let assemblyFormat = [{
    $a (`scale` $a_scale^)? `,` $b (`scale` $b_scale^)? `,` $c `lhs` `=` $a_elem_type `rhs` `=` $b_elem_type
    attr-dict `:` type($a) (`,` type($a_scale)^)? `*` type($b) (`,` type($b_scale)^)? `->` type($d)
  }];
}

// ---- reductions ----

def ReduceOp : TtOp<"reduce", [Pure, SameOperandsShape, SingleBlock]> {
  let summary = "reduction of all srcs together along `axis` by the region's combination";
  let arguments = (ins Variadic<Tt_Tensor>:$srcs, I32Attr:$axis);
  let results = (outs Variadic<Tt_AnyValue>:$result);
  let regions = (region SizedRegion<1>:$combineOp);
  let builders = [OpBuilder<(ins "::mlir::ValueRange":$srcs, "int":$axis)>];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}
def ScanOp : TtOp<"scan", [Pure, SameOperandsAndResultShape, SingleBlock]> {
  let summary = "inclusive scan of all srcs together along `axis` by the region's combination";
  let arguments = (ins Variadic<Tt_Tensor>:$srcs, I32Attr:$axis, BoolAttr:$reverse);
  let results = (outs Variadic<Tt_Tensor>:$result);
  let regions = (region SizedRegion<1>:$combineOp);
  let builders = [OpBuilder<(ins "::mlir::ValueRange":$srcs, "int":$axis, "bool":$reverse)>];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}
class TtYield<string mnemonic, list<Trait> traits>
    : TtOp<mnemonic, !listconcat([Pure, Terminator, ReturnLike], traits)> {
  let arguments = (ins Variadic<AnyType>:$result);
  let assemblyFormat = "$result attr-dict `:` type($result)";
}
def ReduceReturnOp : TtYield<"reduce.return", [HasParent<"ReduceOp">]>;
def ScanReturnOp : TtYield<"scan.return", [HasParent<"ScanOp">]>;

def MapElementwiseOp : TtOp<"map_elementwise", [SameOperandsAndResultShape, SingleBlock,
                                                RecursiveMemoryEffects]> {
  let summary = "the region run on each group of `pack` elements; it may branch";
  let arguments = (ins Variadic<Tt_Tensor>:$srcs, I32Attr:$pack);
  let results = (outs Variadic<Tt_Tensor>:$result);
  let regions = (region AnyRegion:$scalarOp);
}
def MapElementwiseReturnOp : TtYield<"map_elementwise.return", [HasParent<"MapElementwiseOp">]>;

// ---- messages ----

def PrintOp : TtOp<"print", [SameVariadicOperandSize, WritesMemory]> {
  let summary = "prints the prefix and the arguments of every program";
  let arguments = (ins StrAttr:$prefix, BoolAttr:$hex, Variadic<Tt_AnyValue>:$args,
                       DenseI32ArrayAttr:$isSigned);
  let assemblyFormat = "$prefix attr-dict (`:` $args^ `:` type($args))?";
}
def AssertOp : TtOp<"assert", [WritesMemory]> {
  let summary = "stops with the message where the condition is false";
  let arguments = (ins Tt_BoolLike:$condition, StrAttr:$message);
  let assemblyFormat = "$condition `,` $message attr-dict `:` type($condition)";
}

// ---- tensor descriptors ----

def MakeTensorDescOp : TtOp<"make_tensor_descriptor", [Pure, SameVariadicOperandSize]> {
  let summary = "descriptor of a strided tensor, accessed by blocks";
  let arguments = (ins Tt_Ptr:$base, Variadic<I32>:$shape, Variadic<I64>:$strides,
                       DefaultValuedAttr<Tt_PaddingOption, "::lapidary::tt::PaddingOption::Zero">:$padding);
  let results = (outs Tt_TensorDescType:$result);
  let assemblyFormat = [{
    $base `,` `[` $shape `]` `,` `[` $strides `]` attr-dict `:` type($base) `,` type($result)
  }];
  let hasVerifier = 1;
}
def DescriptorLoadOp : TtOp<"descriptor_load", [ReadsMemory]> {
  let summary = "the block at the indices; outside the tensor: the descriptor's padding";
  let arguments = (ins Tt_TensorDescType:$desc, Variadic<I32>:$indices,
      DefaultValuedAttr<Tt_CacheModifier, "::lapidary::tt::CacheModifier::None">:$cache,
      DefaultValuedAttr<Tt_EvictionPolicy, "::lapidary::tt::EvictionPolicy::Normal">:$evict);
  let results = (outs Tt_Tensor:$result);
  let assemblyFormat = [{
    $desc `[` $indices `]` oilist(`cacheModifier` `=` $cache | `evictionPolicy` `=` $evict)
    attr-dict `:` qualified(type($desc)) `->` type($result)
  }];
  let hasVerifier = 1;
}
def DescriptorStoreOp : TtOp<"descriptor_store", [ReadsAndWritesMemory]> {
  let summary = "the block at the indices written; what lies outside the tensor is dropped";
  let arguments = (ins Tt_TensorDescType:$desc, Tt_Tensor:$src, Variadic<I32>:$indices);
  let assemblyFormat = "$desc `[` $indices `]` `,` $src attr-dict `:` qualified(type($desc)) `,` type($src)";
  let hasVerifier = 1;
}
def DescriptorReduceOp : TtOp<"descriptor_reduce", [ReadsAndWritesMemory]> {
  let summary = "the block at the indices combined atomically with src";
  let arguments = (ins Tt_DescriptorReduceKind:$kind, Tt_TensorDescType:$desc, Tt_Tensor:$src,
                       Variadic<I32>:$indices);
  let assemblyFormat = [{
    $kind `,` $desc `[` $indices `]` `,` $src attr-dict `:` qualified(type($desc)) `,` type($src)
  }];
  let hasVerifier = 1;
}
def DescriptorGatherOp : TtOp<"descriptor_gather", [ReadsMemory]> {
  let summary = "the rows x_offsets, from column y_offset on";
  let arguments = (ins Tt_TensorDescType:$desc, RankedTensorOf<[I32]>:$x_offsets, I32:$y_offset);
  let results = (outs Tt_Tensor:$result);
  let assemblyFormat = "$desc `[` $x_offsets `,` $y_offset `]` attr-dict `:` functional-type(operands, results)";
}
def DescriptorScatterOp : TtOp<"descriptor_scatter", [ReadsAndWritesMemory]> {
  let summary = "rows of src written to the rows x_offsets, from column y_offset on";
  let arguments = (ins Tt_TensorDescType:$desc, RankedTensorOf<[I32]>:$x_offsets, I32:$y_offset,
                       Tt_Tensor:$src);
  let assemblyFormat = "$desc `[` $x_offsets `,` $y_offset `]` `,` $src attr-dict `:` type(operands)";
}

// ---- functions ----

def FuncOp : TtOp<"func", [AffineScope, AutomaticAllocationScope, CallableOpInterface, FunctionOpInterface,
                           IsolatedFromAbove, OpAsmOpInterface, HasParent<"::mlir::ModuleOp">]> {
  let summary = "a kernel (public) or a helper (private)";
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<FunctionType>:$function_type,
                       OptionalAttr<StrAttr>:$sym_visibility, OptionalAttr<DictArrayAttr>:$arg_attrs,
                       OptionalAttr<DictArrayAttr>:$res_attrs);
  let regions = (region AnyRegion:$body);
  let skipDefaultBuilders = 1;
  let builders = [OpBuilder<(ins "::llvm::StringRef":$name, "::mlir::FunctionType":$type,
                                 CArg<"::llvm::ArrayRef<::mlir::NamedAttribute>", "{}">:$attributes,
                                 CArg<"::llvm::ArrayRef<::mlir::DictionaryAttr>", "{}">:$argumentAttributes)>];
  let extraClassDeclaration = [{
    ::mlir::Region *getCallableRegion() { return isExternal() ? nullptr : &getBody(); }
    ::llvm::ArrayRef<::mlir::Type> getCallableResults() { return getFunctionType().getResults(); }
    ::llvm::ArrayRef<::mlir::Type> getArgumentTypes() { return getFunctionType().getInputs(); }
    ::llvm::ArrayRef<::mlir::Type> getResultTypes() { return getFunctionType().getResults(); }
    bool isDeclaration() { return isExternal(); }
  }];
  let hasCustomAssemblyFormat = 1;
}

def CallOp : TtOp<"call", [CallOpInterface, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "call of a function of this module";
  let arguments = (ins FlatSymbolRefAttr:$callee, Variadic<AnyType>:$operands,
                       OptionalAttr<DictArrayAttr>:$arg_attrs, OptionalAttr<DictArrayAttr>:$res_attrs);
  let results = (outs Variadic<AnyType>);
  let extraClassDeclaration = [{
    operand_range getArgOperands() { return getOperands(); }
    ::mlir::MutableOperandRange getArgOperandsMutable() { return getOperandsMutable(); }
    ::mlir::CallInterfaceCallable getCallableForCallee() { return getCalleeAttr(); }
    void setCalleeFromCallable(::mlir::CallInterfaceCallable callee) {
      setCalleeAttr(::llvm::cast<::mlir::FlatSymbolRefAttr>(::llvm::cast<::mlir::SymbolRefAttr>(callee)));
    }
  }];
  let assemblyFormat = "$callee `(` $operands `)` attr-dict `:` functional-type($operands, results)";
}

def ReturnOp : TtOp<"return", [Pure, HasParent<"FuncOp">, ReturnLike, Terminator]> {
  let summary = "end of a function";
  let arguments = (ins Variadic<AnyType>:$srcs);
  let assemblyFormat = "attr-dict ($srcs^ `:` type($srcs))?";
  let hasVerifier = 1;
}

#endif
