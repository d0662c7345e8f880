// A kernel from Triton IR text to results, in this process: compiles for the CPU, loads, runs.
#pragma once

#include "backends/cpu/Abi.h"
#include "backends/cpu/Target.h"
#include "core/compiler/ObjectLoader.h"

#include <array>
#include <cstring>
#include <optional>
#include <vector>

namespace lapidary {

class CpuKernel {
public:
  // Compiles; `result` tells how that went.
  explicit CpuKernel(const std::string &ttir, const CpuProcessor &processor = {}) {
    auto hook = makeCpuTarget(processor);
    if (!hook) {
      say(hook.error().message);
      return;
    }
    CompileOptions options;
    options.target = {"cpu", ""};
    result = compileTtir(ttir, "kernel.ttir", **hook, options);
    if (!result.ok)
      return;
    const std::string &object = result.stage("binary")->contents;
    auto loaded = ObjectLoader::load(std::as_bytes(std::span(object)));
    if (!loaded) {
      say(loaded.error().message);
      return;
    }
    loader.emplace(std::move(*loaded));
    auto function = loader->symbol(result.entry),
         bytes = loader->symbol(cpuScratchSymbol(result.entry));
    if (!function || !bytes) {
      say("the object lacks its symbols");
      return;
    }
    entry = reinterpret_cast<CpuEntry *>(*function);
    scratchBytes = *static_cast<const std::int64_t *>(*bytes);
  }

  bool ok() const { return entry != nullptr; }
  std::string messages() const {
    std::string text;
    for (const Diagnostic &diagnostic : result.diagnostics)
      text += formatDiagnostic(diagnostic) + "\n";
    return text;
  }

  // One slot an argument: pointers, integers and floats.
  template <typename... Arguments>
  void run(std::array<std::int64_t, 3> grid, Arguments... arguments) {
    std::vector<std::uint64_t> slots{slot(arguments)...};
    runSlots(grid, slots);
  }
  void runSlots(std::array<std::int64_t, 3> grid, const std::vector<std::uint64_t> &slots) {
    std::vector<std::byte> scratch(static_cast<std::size_t>(scratchBytes) + 64);
    auto aligned = (reinterpret_cast<std::uintptr_t>(scratch.data()) + 63) / 64 * 64;
    entry(slots.data(), 0, grid[0] * grid[1] * grid[2], grid[0], grid[1], grid[2],
          reinterpret_cast<void *>(aligned));
  }

  CompileResult result;
  std::optional<ObjectLoader> loader;
  CpuEntry *entry = nullptr;
  std::int64_t scratchBytes = 0;

private:
  void say(const std::string &message) {
    Diagnostic diagnostic;
    diagnostic.message = message;
    result.diagnostics.push_back(diagnostic);
  }
  template <typename T> static std::uint64_t slot(T value) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof value);
    return bits;
  }
};

} // namespace lapidary
