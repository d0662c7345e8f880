// Types of the tt dialect and the constraints that its operations are written with.
#ifndef LAPIDARY_TT_TYPES_TD
#define LAPIDARY_TT_TYPES_TD

include "core/compiler/dialect/tt/TtDialect.td"
include "mlir/IR/BuiltinTypeInterfaces.td"

class TtType<string cppName, string typeMnemonic, list<Trait> traits = []>
    : TypeDef<TtDialect, cppName, traits> {
  let mnemonic = typeMnemonic;
}

def Tt_PointerType : TtType<"Pointer", "ptr"> {
  let summary = "pointer to a scalar, or (a block pointer) to a tile";
  let description = [{
    `!tt.ptr<f16>`, `!tt.ptr<f16, 3>` in address space 3, `!tt.ptr<tensor<64x64xf16>>`.
    Address space 1, global memory, is not printed.
  }];
  let parameters = (ins "::mlir::Type":$pointeeType, "int":$addressSpace);
  let builders = [TypeBuilderWithInferredContext<(ins "::mlir::Type":$pointeeType,
                                                      CArg<"int", "1">:$addressSpace), [{
    return $_get(pointeeType.getContext(), pointeeType, addressSpace);
  }]>];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let skipDefaultBuilders = 1;
}

def Tt_TensorDescType : TtType<"TensorDesc", "tensordesc"> {
  let summary = "descriptor of a tensor in global memory, accessed by blocks of one tile type";
  let parameters = (ins "::mlir::RankedTensorType":$blockType);
  let assemblyFormat = "`<` $blockType `>`";
}

// ---- constraints ----

def Tt_Float : AnyTypeOf<[F8E4M3FN, F8E4M3FNUZ, F8E5M2, F8E5M2FNUZ, F16, BF16, F32, F64], "float">;
def Tt_FloatTensor : RankedTensorOf<[Tt_Float]>;
def Tt_FloatLike : AnyTypeOf<[Tt_Float, Tt_FloatTensor]>;

def Tt_Bool : TypeAlias<I1>;
def Tt_BoolTensor : RankedTensorOf<[I1]>;
def Tt_BoolLike : AnyTypeOf<[I1, Tt_BoolTensor]>;

def Tt_Int : AnyTypeOf<[I1, I8, I16, I32, I64], "integer">;
def Tt_IntTensor : RankedTensorOf<[Tt_Int]>;
def Tt_IntLike : AnyTypeOf<[Tt_Int, Tt_IntTensor]>;
def Tt_I64Like : AnyTypeOf<[I64, RankedTensorOf<[I64]>]>;

def Tt_IsPointer : CPred<"::llvm::isa<::lapidary::tt::PointerType>($_self)">;
def Tt_IsBlockPointer
    : CPred<"::lapidary::tt::isBlockPointer($_self)">;

def Tt_Ptr : DialectType<TtDialect, And<[Tt_IsPointer, Neg<Tt_IsBlockPointer>]>, "pointer",
                         "::lapidary::tt::PointerType">;
def Tt_BlockPtr : DialectType<TtDialect, Tt_IsBlockPointer, "block pointer",
                              "::lapidary::tt::PointerType">;
def Tt_PtrTensor : RankedTensorOf<[Tt_Ptr]>;
def Tt_PtrLike : AnyTypeOf<[Tt_Ptr, Tt_PtrTensor]>;

def Tt_FloatOrIntTensor : RankedTensorOf<[Tt_Float, Tt_Int]>;
def Tt_Tensor : RankedTensorOf<[Tt_Float, Tt_Int, Tt_Ptr]>;
def Tt_Scalar : AnyTypeOf<[Tt_Float, Tt_Int, Tt_Ptr]>;
// Anything a value of a kernel can be: scalar, tile, block pointer.
def Tt_AnyValue : AnyTypeOf<[Tt_Float, Tt_Int, Tt_Ptr, Tt_Tensor, Tt_BlockPtr]>;

#endif
