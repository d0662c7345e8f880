#include "core/runtime/HostMemory.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

namespace lapidary {

static constexpr std::int64_t unknown = std::numeric_limits<std::int64_t>::max();

static std::int64_t memAvailable() {
  std::ifstream file("/proc/meminfo");
  std::string key, unit;
  std::int64_t kibibytes;
  while (file >> key >> kibibytes && std::getline(file, unit))
    if (key == "MemAvailable:")
      return kibibytes * 1024;
  return unknown;
}

static std::int64_t readNumber(const std::string &path) {
  std::ifstream file(path);
  std::int64_t value;
  return file >> value ? value : unknown; // "max" is no number: no limit
}

// Pages of the file cache count as used by the group but are given back when needed.
static std::int64_t inactiveFileBytes(const std::string &group) {
  std::ifstream file(group + "/memory.stat");
  std::string key;
  std::int64_t value;
  while (file >> key >> value)
    if (key == "inactive_file")
      return value;
  return 0;
}

static std::int64_t leftInControlGroup() {
  std::ifstream file("/proc/self/cgroup");
  std::string line, group = "/sys/fs/cgroup";
  while (std::getline(file, line))
    if (line.starts_with("0::"))
      group += line.substr(3);
  std::int64_t left = unknown;
  while (group.size() >= std::string("/sys/fs/cgroup").size()) { // every ancestor may have a limit
    std::int64_t limit = readNumber(group + "/memory.max"),
                 used = readNumber(group + "/memory.current");
    if (limit != unknown && used != unknown)
      left = std::min(left, std::max<std::int64_t>(limit - used + inactiveFileBytes(group), 0));
    group.erase(group.rfind('/'));
  }
  return left;
}

std::int64_t availableHostMemory() {
  return std::min(memAvailable(), leftInControlGroup());
}

} // namespace lapidary
