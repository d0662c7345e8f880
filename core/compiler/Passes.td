// The compiler's passes, as lap-opt offers them.
#ifndef LAPIDARY_PASSES_TD
#define LAPIDARY_PASSES_TD

include "mlir/Pass/PassBase.td"

def ScalarizeInductionPass : Pass<"tt-scalarize-induction", "::lapidary::tt::FuncOp"> {
  let summary = "carry a scalar through loops instead of a tile that moves by the same amount each time";
  let description = [{
    A loop-carried tile that is advanced by a splat, or by a tile that the loop does not change, becomes
    its initial value plus that times a scalar: tiles of pointers then need no memory, and the axis
    analysis sees through them.
  }];
}

def RewriteBlockPointersPass : Pass<"tt-rewrite-block-pointers", "::lapidary::tt::FuncOp"> {
  let summary = "block pointers and tensor descriptors as tiles of pointers";
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect"];
}

def ReportAccessesPass : Pass<"tt-report-accesses", "::lapidary::tt::FuncOp"> {
  let summary = "print what the axis analysis says of every memory operation";
  let options = [
    Option<"maxBits", "max-bits", "int", "128", "widest access of one thread">,
    Option<"needsAlignment", "aligned", "bool", "true", "an access must be aligned to its width">
  ];
}

def TtToLoopsPass : Pass<"tt-to-loops", "::mlir::ModuleOp"> {
  let summary = "tiles as loops over vectors, a function that runs a range of programs";
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::cf::ControlFlowDialect", "::mlir::func::FuncDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::math::MathDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"
  ];
  let options = [
    Option<"vectorBits", "vector-bits", "int", "256", "width of a vector register">,
    Option<"hasGather", "gather", "bool", "false", "the processor gathers 32 and 64-bit elements">
  ];
}

def TtToThreadsPass : Pass<"tt-to-threads", "::mlir::ModuleOp"> {
  let summary = "the program of one thread of a GPU, tiles in registers as their layouts say";
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect",
                           "::mlir::math::MathDialect", "::mlir::scf::SCFDialect"];
  let options = [
    Option<"architecture", "architecture", "std::string", "\"90\"", "90 of NVIDIA, gfx942 of AMD">,
    Option<"numWarps", "num-warps", "int", "4", "warps of a block">
  ];
}

def ReportLayoutsPass : Pass<"tt-report-layouts", "::lapidary::tt::FuncOp"> {
  let summary = "print the layout of every memory operation and reduction";
  let options = [
    Option<"architecture", "architecture", "std::string", "\"90\"", "90 of NVIDIA, gfx942 of AMD">,
    Option<"numWarps", "num-warps", "int", "4", "warps of a block">
  ];
}

def ApproximateMathPass : Pass<"approximate-math"> {
  let summary = "transcendental functions as vector arithmetic";
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect",
                           "::mlir::math::MathDialect", "::mlir::vector::VectorDialect"];
  let options = [
    Option<"hasScale", "scale", "bool", "false", "the processor multiplies by powers of two">,
    Option<"everything", "everything", "bool", "false", "functions of the C library too: there is none">
  ];
}

#endif
