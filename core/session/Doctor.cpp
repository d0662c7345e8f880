#include "core/bench/Worker.h"
#include "core/session/Operations.h"
#include "core/support/Paths.h"
#include "core/support/Subprocess.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>

namespace lapidary {

namespace fs = std::filesystem;

namespace {

// The nearest folder above `path` that exists decides whether the rest can be made.
bool canBeMade(fs::path path) {
  std::error_code ignored;
  while (!fs::exists(path, ignored) && path.has_relative_path())
    path = path.parent_path();
  return ::access(path.c_str(), W_OK) == 0;
}

DoctorLine checkStore(const Services &services) {
  DoctorLine line{"database", true, "", "", true};
  if (!services.store) {
    line.finding = "nothing is kept";
    return line;
  }
  const fs::path &file = services.store->file();
  line.finding = file.string();
  std::error_code ignored;
  if (!fs::exists(file, ignored)) {
    line.ok = canBeMade(file.parent_path());
    line.finding += line.ok ? " (made by the first measurement)" : " cannot be made";
    line.remedy = line.ok ? "" : "make its folder writable, or set XDG_DATA_HOME to one that is";
    return line;
  }
  const Result<void> whole =
      services.store->call([](Store &store) { return store.checkIntegrity(); });
  if (!whole) {
    line.ok = false;
    line.remedy = whole.error().message;
  }
  return line;
}

DoctorLine checkCache() {
  DoctorLine line{"artifact cache", true, defaultCachePath().string(), "", false};
  line.ok = canBeMade(defaultCachePath());
  if (!line.ok)
    line.remedy =
        "make its folder writable, or set XDG_CACHE_HOME to one that is; until then every "
        "kernel is compiled anew";
  return line;
}

DoctorLine checkResources(const Services &services) {
  DoctorLine line{"resources", true, "", "", true};
  const auto folder = resourceDirectory();
  line.finding = folder ? folder->string() : "inside the program";
  if (const auto rules = ruleSetNames(*services.rules); rules.empty()) {
    line.ok = false;
    line.remedy = "set LAPIDARY_RESOURCES to the folder resources/ of the installation";
  } else {
    line.finding += fmt::format(" (rule sets {})", fmt::join(rules, ", "));
  }
  return line;
}

DoctorLine checkWorker(const Services &services) {
  const std::string program = services.workerCommand.empty() ? "" : services.workerCommand.front();
  DoctorLine line{"measuring process", ::access(program.c_str(), X_OK) == 0, program, "", true};
  if (!line.ok)
    line.remedy = "build or install `lap` beside this program; kernels are measured in it";
  return line;
}

DoctorLine checkBackend(const BackendState &state) {
  DoctorLine line{state.backend + " device", !state.devices.empty(), "", "",
                  state.backend == "cpu"};
  std::vector<std::string> names;
  for (const DeviceInfo &device : state.devices)
    names.push_back(fmt::format("{} ({})", device.name, toString(device.target)));
  line.finding = line.ok ? fmt::format("{}", fmt::join(names, ", ")) : state.problem;
  if (line.ok)
    return line;
  const bool tooOld = state.problemCode == errorCodeName(ErrorCode::Unsupported);
  if (state.backend == "cuda")
    line.remedy = tooOld ? "update the NVIDIA driver"
                         : "attach an NVIDIA GPU and install its driver, which brings "
                           "libcuda.so.1, or say where that lies: LAPIDARY_CUDA_LIBRARY";
  else if (state.backend == "hip")
    line.remedy = tooOld ? "update ROCm"
                         : "attach an AMD GPU and install ROCm, which brings libamdhip64.so, or "
                           "say where that lies: LAPIDARY_HIP_LIBRARY";
  else
    line.remedy = "run `lap doctor` again with `lap` beside this program";
  return line;
}

std::vector<fs::path> cudaFolders() {
  std::vector<fs::path> folders;
  for (const char *variable : {"CUDA_HOME", "CUDA_PATH"})
    if (const char *home = std::getenv(variable))
      folders.push_back(fs::path(home) / "bin");
  folders.push_back("/usr/local/cuda/bin");
  return folders;
}

DoctorLine checkTool(const std::string &name, const std::vector<fs::path> &folders,
                     const std::string &use, const std::string &remedy) {
  const std::string found = findProgram(name, folders);
  return {name, !found.empty(), found.empty() ? fmt::format("not found; {}", use) : found,
          found.empty() ? remedy : "", false};
}

// A line for each Python that has it; where none does, one that names every place.
std::vector<DoctorLine> checkTriton() {
  std::vector<DoctorLine> lines;
  std::string tried;
  for (const TritonInstallation &found : findTriton()) {
    const std::string place = fmt::format("{} ({})", found.python, found.origin);
    if (found.version.empty())
      tried += fmt::format("{}{}: {}", tried.empty() ? "" : "; ", place, found.problem);
    else
      lines.push_back({"triton", true, fmt::format("{} in {}", found.version, place), "", false});
  }
  if (lines.empty())
    lines.push_back({"triton", false, tried.empty() ? "there is no Python in PATH" : tried,
                     "for --compiler triton: python3 -m venv DIR, then DIR/bin/pip install triton, "
                     "and activate it or name it, triton=DIR",
                     false});
  return lines;
}

} // namespace

std::vector<BackendState> listDevices(const Services &services) {
  std::vector<BackendState> states;
  for (const auto &backend : services.backends->all()) {
    WorkerClient worker(services.workerCommand);
    auto devices = worker.devices(backend->name());
    BackendState state{backend->name(), {}, "", ""};
    if (devices) {
      state.devices = std::move(*devices);
    } else {
      state.problem = devices.error().message;
      state.problemCode = errorCodeName(devices.error().code);
    }
    states.push_back(std::move(state));
  }
  return states;
}

std::optional<Error> whyAbsent(const Services &services, const DeviceTarget &target) {
  const Error absent{ErrorCode::NotFound, toString(target.target) + " is not attached", {}};
  for (const BackendState &state : listDevices(services)) {
    if (state.backend != target.target.backend)
      continue;
    for (const DeviceInfo &device : state.devices)
      if (device.target == target.target || device.ordinal == target.ordinal)
        return {};
    if (state.problem.empty())
      return absent;
    const bool isTooOld = state.problemCode == errorCodeName(ErrorCode::Unsupported);
    return Error{isTooOld ? ErrorCode::Unsupported : ErrorCode::NotFound, state.problem, {}};
  }
  return absent;
}

std::vector<DoctorLine> runDoctor(const Services &services) {
  std::vector<DoctorLine> lines = {checkResources(services), checkStore(services), checkCache(),
                                   checkWorker(services)};
  for (const BackendState &state : listDevices(services))
    lines.push_back(checkBackend(state));
  lines.push_back(checkTool("ptxas", cudaFolders(), "it counts registers and spills without a GPU",
                            "install the CUDA toolkit (package nvidia-cuda-toolkit)"));
  lines.push_back(checkTool("nvdisasm", cudaFolders(), "it shows NVIDIA machine code",
                            "install the CUDA toolkit (package nvidia-cuda-toolkit)"));
  const char *rocm = std::getenv("ROCM_PATH");
  lines.push_back(checkTool("rocminfo", {fs::path(rocm ? rocm : "/opt/rocm") / "bin"},
                            "it comes with ROCm, which AMD GPUs need",
                            "install ROCm (package rocminfo, or AMD's own)"));
  std::ranges::move(checkTriton(), std::back_inserter(lines));
  return lines;
}

} // namespace lapidary
