// What a Triton cache directory already holds of a kernel: for every entry the runtime parameters
// that its module declares, with the properties it was compiled for, and its options. Constants are
// not written down there, so entries are compared by what is left at run time; nor are options that
// a launch leaves to their defaults compared.
//
//   DIRECTORY/HASH/vector_add.json
//     {"target": {"backend": "cuda", "arch": 90}, "num_warps": 4, ...}
//   DIRECTORY/HASH/vector_add.source (up to Triton 3.3 vector_add.ttir)
//     tt.func public @vector_add(%x_ptr: !tt.ptr<f32> {tt.divisibility = 16 : i32}, %n: i32) ...
#pragma once

#include "core/specialize/Specialization.h"
#include "core/specialize/Variants.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace lapidary {

// The parameters of `kernel` in a module's text. Errors: InvalidInput with the position.
Result<std::vector<ModuleParameter>> parseModuleParameters(std::string_view ttir,
                                                           const std::string &kernel);

// Of one kind each, and of one name where both have one.
bool sameParameters(const std::vector<ModuleParameter> &cached,
                    const std::vector<ModuleParameter> &asked);

// The parameters that are left of an argument once constants are folded; none for a constant.
std::vector<ModuleParameter> moduleParameters(const ArgumentSpecialization &argument);

struct TritonCache {
  std::string folder;
  struct Entry {
    std::vector<ModuleParameter> parameters;
    Json options; // by name, among other things
  };
  std::vector<Entry> entries; // of the kernel and the target
  std::size_t unreadable = 0; // entries of the kernel without metadata or module
};
// Errors: Unreadable (the directory).
Result<TritonCache> readTritonCache(const std::filesystem::path &folder, const std::string &kernel,
                                    const Target &target);

struct CacheCoverage {
  std::string folder;
  std::size_t entries = 0;    // of this kernel and target
  std::size_t unreadable = 0; // that could not be read
  std::size_t outOfReach = 0; // entries that no launch of the report asks for
  std::uint64_t covered = 0;  // variants of the report that the cache holds
  VariantCount reachable;     // variants of the report, told apart by runtime parameters alone
  // A few that are not there, with the options where there is more than one set; none for ranges.
  std::vector<std::string> missing;
};
CacheCoverage coverageOf(const ReachableVariants &report, const TritonCache &cache);

Json toJson(const CacheCoverage &coverage);

} // namespace lapidary
