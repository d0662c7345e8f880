// A function of Triton IR in the flat form that the Machine executes: no MLIR, every shape and type
// resolved, every value with a place in memory. Made once a launch by Translate.h, shared by all
// threads.
//
// A value is a dense row-major array of its elements in one of three storages:
//   Float   fp32 and narrower floats, each already rounded to its type
//   Double  fp64
//   Integer i1 (0 or 1), i8 to i64 (sign-extended), index, and pointers
// A pointer is provenance and offset in one integer, see Pointers.h. A block pointer or tensor
// descriptor is an array of integers: base, shape, strides, offsets.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace lapidary::reference {

enum class Element : std::uint8_t {
  I1, I8, I16, I32, I64, // index is I64
  F8E4NV, F8E5, F8E4B8, F8E5B16, F16, BF16, F32, F64,
  Pointer,
};
enum class Storage : std::uint8_t { Float, Double, Integer };

Storage storageOf(Element element);
int bitsOf(Element element); // 64 for pointers
inline bool isFloat(Element element) {
  return element >= Element::F8E4NV && element <= Element::F64;
}
inline std::int64_t storageBytes(Element element) {
  return storageOf(element) == Storage::Float ? 4 : 8;
}

struct ValueInfo {
  Element element = Element::I32;
  std::int64_t count = 1;           // elements of storage
  std::vector<std::int64_t> shape;  // of a tile; empty for scalars
  std::int64_t pointeeBytes = 0;    // of a pointer (also of a block pointer): addptr's unit
  Element pointee = Element::I8;    // of a block pointer or descriptor
  std::int64_t place = 0;           // byte offset in a machine's memory
};

enum class Opcode : std::uint8_t {
  // Elementwise, float: result = f(operands).
  AddF, SubF, MulF, DivF, RemF, MaximumF, MinimumF, MaxNumF, MinNumF, PowF, Atan2, CopySign,
  NegF, AbsF, Exp, Exp2, ExpM1, Log, Log2, Log10, Log1p, Sqrt, Rsqrt, Cbrt, Sin, Cos, Tan, Asin, Acos, Atan,
  Sinh, Cosh, Tanh, Asinh, Acosh, Atanh, Erf, Erfc, Floor, Ceil, Trunc, Round, RoundEven, Fma, ClampF,
  IsNan, IsInf, IsFinite, CmpF, FpowI,
  // Elementwise, integer.
  AddI, SubI, MulI, DivSI, DivUI, RemSI, RemUI, CeilDivSI, CeilDivUI, FloorDivSI, AndI, OrI, XorI, ShlI, ShrSI, ShrUI,
  MaxSI, MaxUI, MinSI, MinUI, MulHiUI, MulHiSI, AbsI, CtPop, Ctlz, Cttz, CmpI,
  // Elementwise, any type.
  Select, Bitcast, AddPtr, IntToPtr, PtrToInt,
  ExtSI, ExtUI, TruncI, SiToF, UiToF, FToSi, FToUi, FloatCast, FloatCastTowardZero,
  // Values.
  Constant, MakeRange, ProgramId, NumPrograms,
  // Shapes.
  Splat, Strided, Copy, Concatenate, Join, Split, Gather, Histogram,
  // Memory.
  Load, Store, AtomicRmw, AtomicCas, MakeBlockPointer, Advance, BlockLoad, BlockStore, BlockReduce,
  // Tiles as a whole.
  Dot, Reduce, Scan, MapElementwise, Assert,
  // Control flow; the last five end a block.
  For, If, While, Call, Yield, Condition, Branch, CondBranch, Return,
};
inline bool isElementwise(Opcode opcode) { return opcode <= Opcode::FloatCastTowardZero; }

struct Region;

// What `numbers` holds is said where the Machine uses it.
struct Instruction {
  Opcode opcode;
  int line = 0; // into Program::lines
  std::vector<int> operands, results; // value numbers; -1: an optional operand that is absent
  std::vector<std::int64_t> numbers;
  std::vector<double> reals; // of a floating Constant
  std::string text;          // of an Assert
  std::vector<Region> regions;
};

struct Block {
  std::vector<int> arguments;
  std::vector<Instruction> body; // never empty; the last one ends the block
};

// A region of Reduce, Scan or MapElementwise is `lanewise` when it is one block of elementwise
// instructions: it then runs once over many elements, its values being arrays of them.
struct Region {
  std::vector<Block> blocks;
  bool lanewise = false;
};

struct Program {
  std::string name;
  std::vector<ValueInfo> values;
  std::vector<int> arguments;           // value numbers of the function's parameters
  std::vector<Instruction> constants;   // run once a machine
  Region body;
  std::vector<std::string> lines;       // "kernel.py:12"
  std::int64_t memoryBytes = 0;         // of one machine
};

} // namespace lapidary::reference
