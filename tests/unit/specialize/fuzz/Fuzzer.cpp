// One entry under libFuzzer; FUZZ_ENTRY names it. Ends at the first text that breaks a promise.
#include "tests/unit/specialize/fuzz/Entries.h"

#include "tests/support/TemporaryFolder.h"

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>

namespace {

const lapidary::fuzz::Entry &entry() {
  static const lapidary::fuzz::Entry *found = lapidary::fuzz::findEntry(FUZZ_ENTRY);
  if (!found)
    std::abort();
  return *found;
}

} // namespace

// The seeds come as one more corpus behind those of the command line, the words as a dictionary.
extern "C" int LLVMFuzzerInitialize(int *count, char ***arguments) {
  static const lapidary::TemporaryFolder folder;
  static std::string corpus = (folder / "seeds").string(),
                     dictionary = "-dict=" + (folder / "words").string();
  static std::vector<char *> all(*arguments, *arguments + *count);
  std::filesystem::create_directories(corpus);
  for (std::size_t i = 0; i < entry().seeds.size(); ++i)
    std::ofstream(corpus + "/" + std::to_string(i)) << entry().seeds[i];
  std::ofstream words(folder / "words");
  for (const std::string &word : entry().words) {
    words << '"';
    for (const char c : word)
      words << (c == '"' || c == '\\' ? "\\" : "") << c;
    words << "\"\n";
  }
  words.close();
  all.insert(all.end(), {dictionary.data(), corpus.data()});
  *count = int(all.size());
  all.push_back(nullptr);
  *arguments = all.data();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
  const std::string broken = entry().run({reinterpret_cast<const char *>(data), size});
  if (!broken.empty()) {
    std::cerr << FUZZ_ENTRY << ": " << broken << '\n';
    std::abort();
  }
  return 0;
}

#ifndef __clang__
// GCC calls a function at every edge where clang counts in place; the counters are libFuzzer's.
extern "C" void __sanitizer_cov_8bit_counters_init(std::uint8_t *begin, std::uint8_t *end);

namespace {
std::uint8_t counters[1 << 14];
[[maybe_unused]] const bool registered =
    (__sanitizer_cov_8bit_counters_init(counters, counters + sizeof counters), true);
} // namespace

// libFuzzer's own of this name does nothing; the linker gives this one the calls (--wrap).
extern "C" void __wrap___sanitizer_cov_trace_pc() {
  const auto place = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
  ++counters[(place * 0x9e3779b97f4a7c15u) >> 50];
}
// Comparisons of floating point, which libFuzzer does not follow.
extern "C" void __sanitizer_cov_trace_cmpf(float, float) {}
extern "C" void __sanitizer_cov_trace_cmpd(double, double) {}
#endif
