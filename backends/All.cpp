#include "backends/All.h"

#include "backends/cuda/Driver.h"
#include "backends/hip/Driver.h"
#ifdef LAPIDARY_BACKEND_CPU
#include "backends/cpu/Driver.h"
#endif
#ifdef LAPIDARY_BACKEND_SIM
#include "backends/sim/Driver.h"
#endif

namespace lapidary {

std::shared_ptr<BackendRegistry> registerAllBackends() {
  auto registry = std::make_shared<BackendRegistry>();
#ifdef LAPIDARY_BACKEND_CPU
  registry->add(std::make_shared<CpuBackend>());
#endif
  registry->add(std::make_shared<CudaBackend>());
  registry->add(std::make_shared<HipBackend>());
#ifdef LAPIDARY_BACKEND_SIM
  registry->add(std::make_shared<SimBackend>());
#endif
  return registry;
}

} // namespace lapidary
