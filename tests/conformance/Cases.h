// The kernels of the conformance suite: every launch file of tests/conformance/kernels and of the
// samples, with the Python file beside it that defines its kernel.
#pragma once

#include "core/support/Json.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace lapidary {

struct ConformanceCase {
  std::string kernel;
  std::filesystem::path source, launch; // source is empty when no file defines the kernel
  // As GoogleTest takes it.
  std::string name() const {
    std::string name = launch.stem().stem();
    std::ranges::replace_if(name, [](unsigned char letter) { return !std::isalnum(letter); }, '_');
    return name;
  }
};

inline std::string textOf(const std::filesystem::path &path) {
  std::ifstream stream(path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline std::filesystem::path sourceOf(const std::filesystem::path &folder,
                                      const std::string &kernel) {
  for (const auto &entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".py" &&
        textOf(entry.path()).find("\ndef " + kernel + "(") != std::string::npos)
      return entry.path();
  return {};
}

inline std::vector<ConformanceCase> conformanceCases() {
  std::vector<ConformanceCase> found;
  for (const char *folder : {"tests/conformance/kernels", "resources/samples"})
    for (const auto &entry :
         std::filesystem::directory_iterator(std::filesystem::path(LAPIDARY_SOURCE_DIR) / folder)) {
      if (!entry.path().string().ends_with(".launch.json"))
        continue;
      const std::string kernel = Json::parse(textOf(entry.path()))["kernel"];
      found.push_back({kernel, sourceOf(entry.path().parent_path(), kernel), entry.path()});
    }
  std::ranges::sort(found, {}, &ConformanceCase::launch);
  return found;
}

} // namespace lapidary
