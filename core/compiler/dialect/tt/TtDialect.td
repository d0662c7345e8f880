// The tt dialect: Triton IR, in the spelling of Triton 3.6, so that text passes between the two unchanged.
#ifndef LAPIDARY_TT_DIALECT_TD
#define LAPIDARY_TT_DIALECT_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/AttrTypeBase.td"

def TtDialect : Dialect {
  let name = "tt";
  let cppNamespace = "::lapidary::tt";
  let summary = "Triton IR: programs over tiles of a grid";
  let description = [{
    A tile is a builtin ranked tensor of static shape with a power of two of elements. Its elements are
    signless integers, floats, or pointers. Elementwise arithmetic is arith and math, loops and
    conditionals are scf; this dialect adds memory, shapes, reductions and matrix products.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::cf::ControlFlowDialect"];
  let useDefaultTypePrinterParser = 1;
  let hasConstantMaterializer = 1;
  let hasRegionArgAttrVerify = 1;
  let extraClassDeclaration = "void registerOperations();";
}

// ---- enumerations, printed by name inside operations, by number in the generic form ----

class TtEnum<string cppName, list<I32EnumAttrCase> cases> : I32EnumAttr<cppName, "", cases> {
  let cppNamespace = "::lapidary::tt";
}

def Tt_CacheModifier : TtEnum<"CacheModifier", [
  I32EnumAttrCase<"None", 1, "none">, I32EnumAttrCase<"Ca", 2, "ca">, I32EnumAttrCase<"Cg", 3, "cg">,
  I32EnumAttrCase<"Wb", 4, "wb">, I32EnumAttrCase<"Cs", 5, "cs">, I32EnumAttrCase<"Wt", 6, "wt">,
  I32EnumAttrCase<"Cv", 7, "cv">]>;

def Tt_EvictionPolicy : TtEnum<"EvictionPolicy", [
  I32EnumAttrCase<"Normal", 1, "evict_normal">, I32EnumAttrCase<"First", 2, "evict_first">,
  I32EnumAttrCase<"Last", 3, "evict_last">]>;

def Tt_PaddingOption : TtEnum<"PaddingOption", [
  I32EnumAttrCase<"Zero", 1, "zero">, I32EnumAttrCase<"NaN", 2, "nan">]>;

def Tt_AtomicOp : TtEnum<"AtomicOp", [
  I32EnumAttrCase<"And", 1, "and">, I32EnumAttrCase<"Or", 2, "or">, I32EnumAttrCase<"Xor", 3, "xor">,
  I32EnumAttrCase<"Add", 4, "add">, I32EnumAttrCase<"FAdd", 5, "fadd">, I32EnumAttrCase<"Max", 6, "max">,
  I32EnumAttrCase<"Min", 7, "min">, I32EnumAttrCase<"UMax", 8, "umax">, I32EnumAttrCase<"UMin", 9, "umin">,
  I32EnumAttrCase<"Xchg", 10, "exch">]>;

def Tt_DescriptorReduceKind : TtEnum<"DescriptorReduceKind", [
  I32EnumAttrCase<"None", 0, "none">, I32EnumAttrCase<"Add", 1, "add">, I32EnumAttrCase<"Min", 2, "min">,
  I32EnumAttrCase<"Max", 3, "max">, I32EnumAttrCase<"Inc", 4, "inc">, I32EnumAttrCase<"Dec", 5, "dec">,
  I32EnumAttrCase<"And", 6, "and">, I32EnumAttrCase<"Or", 7, "or">, I32EnumAttrCase<"Xor", 8, "xor">]>;

def Tt_MemSemantic : TtEnum<"MemSemantic", [
  I32EnumAttrCase<"Relaxed", 1, "relaxed">, I32EnumAttrCase<"Acquire", 2, "acquire">,
  I32EnumAttrCase<"Release", 3, "release">, I32EnumAttrCase<"AcquireRelease", 4, "acq_rel">]>;

def Tt_MemScope : TtEnum<"MemScope", [
  I32EnumAttrCase<"Gpu", 1, "gpu">, I32EnumAttrCase<"Cta", 2, "cta">, I32EnumAttrCase<"System", 3, "sys">]>;

def Tt_ProgramDim : TtEnum<"ProgramDim", [
  I32EnumAttrCase<"X", 0, "x">, I32EnumAttrCase<"Y", 1, "y">, I32EnumAttrCase<"Z", 2, "z">]>;

def Tt_RoundingMode : TtEnum<"RoundingMode", [
  I32EnumAttrCase<"TowardZero", 0, "rtz">, I32EnumAttrCase<"NearestEven", 1, "rtne">]>;

def Tt_PropagateNan : TtEnum<"PropagateNan", [
  I32EnumAttrCase<"None", 0, "none">, I32EnumAttrCase<"All", 0xFFFF, "all">]>;

def Tt_InputPrecision : TtEnum<"InputPrecision", [
  I32EnumAttrCase<"Tf32", 0, "tf32">, I32EnumAttrCase<"Tf32x3", 1, "tf32x3">,
  I32EnumAttrCase<"Ieee", 2, "ieee">, I32EnumAttrCase<"Bf16x3", 3, "bf16x3">,
  I32EnumAttrCase<"Bf16x6", 4, "bf16x6">]>;

def Tt_ScaleDotElemType : TtEnum<"ScaleDotElemType", [
  I32EnumAttrCase<"E4M3", 0, "e4m3">, I32EnumAttrCase<"E5M2", 1, "e5m2">, I32EnumAttrCase<"E2M3", 2, "e2m3">,
  I32EnumAttrCase<"E3M2", 3, "e3m2">, I32EnumAttrCase<"E2M1", 4, "e2m1">, I32EnumAttrCase<"BF16", 5, "bf16">,
  I32EnumAttrCase<"FP16", 6, "fp16">]>;

#endif
