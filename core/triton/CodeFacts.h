// What the code that Triton makes tells of itself: widths of accesses to global memory at their
// source lines, instructions, registers, and how many parameters the kernel takes.
#pragma once

#include "core/compiler/Compiler.h"

namespace lapidary {

// Reads the last text stage (PTX or AMDGCN) and the code object. Adds to `accesses`, those of
// `file` alone, and to `resources`: "instructions", "widest_load_bits", "widest_store_bits", and
// "registers", "stack_bytes", "spills" (NVIDIA) or "vgpr", "agpr", "sgpr", "spills",
// "private_bytes" (AMD). What the code does not tell is left out. Returns the number of the
// kernel's parameters, those that the compiler added included.
int addCodeFacts(CompileResult &compiled, const std::string &file);

} // namespace lapidary
