#include "core/triton/Installation.h"

#include "core/support/Json.h"
#include "core/support/Paths.h"
#include "core/support/Subprocess.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fmt/format.h>
#include <set>
#include <span>

namespace lapidary {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds probeTime(20);

struct Candidate {
  std::string python, origin;
};

// A folder of a virtual environment stands for its interpreter.
std::string interpreterOf(const std::string &path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored) ? (fs::path(path) / "bin" / "python").string() : path;
}

void addFromSettings(std::vector<Candidate> &candidates) {
  const auto text = readFile(configDirectory() / "settings.json", 1u << 20);
  if (!text)
    return;
  const auto json = parseJson(*text, "settings.json");
  if (!json || !json->is_object() || !json->contains("python"))
    return;
  const Json &listed = (*json)["python"];
  for (const Json &path : listed.is_array() ? listed : Json::array({listed}))
    if (path.is_string())
      candidates.push_back({interpreterOf(path.get<std::string>()), "settings"});
}

std::vector<Candidate> candidatesFor(const std::string &given) {
  if (!given.empty()) {
    const bool isPath = given.find('/') != std::string::npos;
    const std::string found = isPath ? interpreterOf(given) : findProgram(given, {});
    return {{found.empty() ? given : found, "--compiler"}};
  }
  std::vector<Candidate> candidates;
  addFromSettings(candidates);
  if (const char *active = std::getenv("VIRTUAL_ENV"); active && *active)
    candidates.push_back({interpreterOf(active), "VIRTUAL_ENV"});
  for (const char *name : {"python3", "python"})
    if (std::string found = findProgram(name, {}); !found.empty())
      candidates.push_back({std::move(found), "PATH"});
  std::set<std::string> seen;
  std::erase_if(candidates, [&](const Candidate &one) { return !seen.insert(one.python).second; });
  return candidates;
}

// "3.10.1+git" -> {3, 10}.
std::pair<int, int> majorMinor(std::string_view version) {
  int major = 0, minor = 0;
  const char *end = version.data() + version.size();
  auto read = std::from_chars(version.data(), end, major);
  if (read.ec == std::errc() && read.ptr < end && *read.ptr == '.')
    std::from_chars(read.ptr + 1, end, minor);
  return {major, minor};
}

Result<Json> askVersion(const std::string &python) {
  const auto script = bridgeScript();
  if (!script)
    return std::unexpected(script.error());
  auto process = Subprocess::start(bridgeCommand(python, {"--probe"}));
  if (!process)
    return std::unexpected(process.error());
  if (auto sent = process->write(std::as_bytes(std::span(*script)), probeTime); !sent)
    return std::unexpected(sent.error());
  const auto line = process->readLine(probeTime, 1u << 20);
  if (!line)
    return std::unexpected(line.error());
  return parseJson(*line, python);
}

TritonInstallation probe(const Candidate &candidate) {
  TritonInstallation found{candidate.python, candidate.origin, "", ""};
  const auto json = askVersion(candidate.python);
  if (!json) {
    found.problem = json.error().message;
    return found;
  }
  const std::string version = json->value("triton", std::string());
  if (version.empty())
    found.problem = fmt::format("Python {} has no Triton", json->value("python", std::string("?")));
  else if (majorMinor(version) < majorMinor(oldestTriton))
    found.problem = fmt::format("Triton {} is too old; {} and later work", version, oldestTriton);
  else
    found.version = version;
  return found;
}

} // namespace

std::vector<std::string> bridgeCommand(const std::string &python,
                                       const std::vector<std::string> &words) {
  const auto script = bridgeScript();
  std::vector<std::string> command = {
      python, "-c",
      "import sys\nexec(compile(sys.stdin.read(int(sys.argv.pop(1))), 'bridge', 'exec'))",
      std::to_string(script ? script->size() : 0)};
  command.insert(command.end(), words.begin(), words.end());
  return command;
}

Result<std::string> bridgeScript() {
  return readResource("triton/bridge.py");
}

std::vector<TritonInstallation> findTriton(const std::string &given) {
  std::vector<TritonInstallation> found;
  for (const Candidate &candidate : candidatesFor(given))
    found.push_back(probe(candidate));
  return found;
}

Result<TritonInstallation> chooseTriton(const std::string &given) {
  std::string tried;
  for (TritonInstallation &one : findTriton(given)) {
    if (!one.version.empty())
      return std::move(one);
    tried += fmt::format("{}{} ({}): {}", tried.empty() ? "" : "; ", one.python, one.origin,
                         one.problem);
  }
  return fail(ErrorCode::NotFound,
              fmt::format("no Triton was found; tried {}. Install one with 'python3 -m venv DIR && "
                          "DIR/bin/pip install triton' and name it: --compiler triton=DIR",
                          tried.empty() ? "no Python, there is none in PATH" : tried),
              "--compiler");
}

} // namespace lapidary
