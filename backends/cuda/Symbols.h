// NVIDIA's driver as data: the names that it exports, its numbers, its words. Where it exports a
// function under several versions, the table names the one with 64-bit sizes (`_v2`): the plain
// name is the old one.
//
// Twin: backends/hip/Symbols.h.
#pragma once

#include "backends/gpu/GpuDriver.h"

namespace lapidary {

const GpuVendor &cudaVendor();

// Where the driver's library lies: what LAPIDARY_CUDA_LIBRARY names, else the loader's own search,
// then places it may not know.
std::vector<std::string> cudaLibraries();

} // namespace lapidary
