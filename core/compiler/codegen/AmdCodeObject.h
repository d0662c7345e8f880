// AMD's code object: a shared library that the runtime loads, and what its metadata says of the
// registers and memory that a kernel takes.
#pragma once

#include "core/support/Result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace lapidary {

// A relocatable object of LLVM's as a code object ("hsaco"). Errors: Internal in LLD's words,
// Unreadable (no temporary file).
Result<std::string> linkCodeObject(const std::string &object);

// "vgpr", "agpr", "sgpr", "spills", "private_bytes", of the kernel `entry`. Source: LLVM's "User
// Guide for AMDGPU Backend", "Code Object Metadata". Errors: Internal.
Result<std::vector<std::pair<std::string, std::int64_t>>>
codeObjectResources(const std::string &codeObject, const std::string &entry);

} // namespace lapidary
