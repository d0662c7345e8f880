// AMD's HIP runtime as data: the names that it exports, its numbers, its words.
//
// The only function that tells a GPU's architecture fills a structure whose layout changed with
// ROCm 6. The runtime exports both under names of their own: the plain one keeps the layout of ROCm
// 5, `R0600` has the new one. One of them must be there.
//
// Kernel arguments are passed as NVIDIA's are, one pointer each: the runtime lays them out by the
// sizes and offsets in the code object's metadata, and adds the hidden ones (sizes of the grid)
// that the metadata asks for.
//
// Twin: backends/cuda/Symbols.h.
#pragma once

#include "backends/gpu/GpuDriver.h"

namespace lapidary {

const GpuVendor &hipVendor();

// Where the runtime's library lies: what LAPIDARY_HIP_LIBRARY names, else the loader's own search,
// then ROCm's own folder.
std::vector<std::string> hipLibraries();

} // namespace lapidary
