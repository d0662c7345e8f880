#include "backends/cpu/HostInfo.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sched.h>
#include <string>
#include <sys/utsname.h>
#include <unistd.h>

namespace lapidary {

static std::optional<std::string> firstLine(const std::string &path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line))
    return std::nullopt;
  return line;
}

// Cores that the control group's quota pays for; a large number without one.
static std::size_t quotaCores() {
  std::ifstream file("/sys/fs/cgroup/cpu.max"); // "200000 100000" or "max 100000", in microseconds
  double quota, period;
  constexpr std::size_t unlimited = 1 << 20;
  if (!(file >> quota >> period) || period <= 0)
    return unlimited;
  return std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(quota / period)));
}

std::vector<int> usableCores() {
  std::vector<int> cores;
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0)
    for (int core = 0; core < CPU_SETSIZE; ++core)
      if (CPU_ISSET(static_cast<std::size_t>(core), &set))
        cores.push_back(core);
  if (cores.empty())
    cores.push_back(0);
  cores.resize(std::min(cores.size(), quotaCores()));
  return cores;
}

std::int64_t largestCacheBytes() {
  std::int64_t largest = 0;
  for (int index = 0; index < 8; ++index) {
    auto text =
        firstLine("/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(index) + "/size");
    if (!text)
      continue;
    char *end = nullptr;
    std::int64_t bytes = std::strtoll(text->c_str(), &end, 10); // "2048K"
    largest = std::max(largest, *end == 'K' ? bytes << 10 : *end == 'M' ? bytes << 20 : bytes);
  }
  return largest;
}

static std::string processorName() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name")) {
      std::size_t at = line.find_first_not_of(": \t", line.find(':'));
      if (at != std::string::npos)
        return line.substr(at);
    }
  utsname system{};
  return uname(&system) == 0 ? std::string(system.machine) + " processor" : "processor";
}

static std::int64_t totalMemory() {
  return std::int64_t(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
}

DeviceInfo hostDeviceInfo() {
  DeviceInfo info;
  info.target = {"cpu", ""};
  info.name = processorName();
  utsname system{};
  if (uname(&system) == 0)
    info.driver = std::string(system.sysname) + " " + system.release;
  info.memoryBytes = totalMemory();
  info.cacheBytes = largestCacheBytes();
  info.units = static_cast<int>(usableCores().size());

  const std::string frequency =
      "/sys/devices/system/cpu/cpu" + std::to_string(usableCores()[0]) + "/cpufreq/";
  if (auto kilohertz = firstLine(frequency + "scaling_cur_freq"))
    info.details["clock_mhz"] = std::strtod(kilohertz->c_str(), nullptr) / 1000;
  if (auto governor = firstLine(frequency + "scaling_governor"))
    info.details["governor"] = *governor;
  if (auto temperature = firstLine("/sys/class/thermal/thermal_zone0/temp"))
    info.details["temperature_c"] = std::strtod(temperature->c_str(), nullptr) / 1000;
  double load = 0;
  if (getloadavg(&load, 1) == 1)
    info.details["load"] = load;
  return info;
}

} // namespace lapidary
