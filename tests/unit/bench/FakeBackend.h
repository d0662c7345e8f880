// A backend whose kernels are descriptions in JSON and whose clock is arithmetic, so that a test
// decides what a launch does and how long it takes.
//
//   {"op": "add", "ns": 50000, "jitter": 0.01, "drift": 0.001}
//
// op        add: out[i] = x[i] + y[i] | accumulate: out[i] += x[i] | wrong, skip: add, but element
// 7 is
//           off by one or never written | beyond: writes 12 bytes past the end of out | hang |
//           abort | illegal, misaligned, trap: the device reports this fault, and whatever is
//           called afterwards fails | refuse: fails to launch | unloadable: fails to load
// ns        a launch takes this long, without waiting for it; times 1 + jitter * (a number in
// -1..1),
//           times 1 + drift * (launches so far on the device)
// sleep_ms  a launch really waits so long
// throttled [from, to]: after the kernel's launches of these numbers the device's clock is low
// after     the op shows only from this launch on; before, it is add
#pragma once

#include "core/bench/Worker.h"

namespace lapidary {

struct FakeOptions {
  std::int64_t memoryBytes = std::int64_t(1) << 30; // of one allocation at most
  std::int64_t saidBytes = std::int64_t(1) << 60;   // what the device says is available
};

std::shared_ptr<const Backend> makeFakeBackend(FakeOptions options = {});

// Understands "add", "accumulate", "beyond" (an error as of an access outside), "unknown" and
// "slow".
Result<void> runFakeReference(const std::string &ttir, std::span<ReferenceBuffer> buffers,
                              std::span<const ReferenceArgument> arguments,
                              std::array<std::int64_t, 3> grid, const CancelToken &cancel);

// A job of out = x + y over `n` fp32 elements, a variant for each description.
MeasureJob addJob(const std::vector<std::string> &kernels, std::int64_t n = 1000);

} // namespace lapidary
