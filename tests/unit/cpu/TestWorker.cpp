// `lap worker` with the CPU alone and a reference that knows one kernel, out = x + y.
#include "backends/cpu/Driver.h"
#include "core/bench/Worker.h"

#include <unistd.h>

using namespace lapidary;

static Result<void> addReference(const std::string &, std::span<ReferenceBuffer> buffers,
                                 std::span<const ReferenceArgument> arguments,
                                 std::array<std::int64_t, 3>, const CancelToken &) {
  float *tensors[3];
  for (int i = 0; i < 3; ++i)
    tensors[i] = reinterpret_cast<float *>(
        buffers[static_cast<std::size_t>(
                    std::get<ReferencePointer>(arguments[static_cast<std::size_t>(i)]).buffer)]
            .base);
  for (std::int64_t i = 0; i < std::get<std::int64_t>(arguments[3]); ++i)
    tensors[2][i] = tensors[0][i] + tensors[1][i];
  return {};
}

int main() {
  BackendRegistry backends;
  backends.add(std::make_shared<CpuBackend>());
  return serveWorker(backends, addReference, STDIN_FILENO, STDOUT_FILENO);
}
