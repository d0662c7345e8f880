#include "backends/cuda/Ptxas.h"

#include "core/support/Paths.h"
#include "core/support/Subprocess.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <unistd.h>

namespace lapidary {

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> cudaFolders() {
  std::vector<fs::path> folders;
  for (const char *variable : {"CUDA_HOME", "CUDA_PATH"})
    if (const char *home = std::getenv(variable))
      folders.push_back(fs::path(home) / "bin");
  folders.push_back("/usr/local/cuda/bin");
  return folders;
}

// A folder of this use alone, gone at the end.
class ScratchFolder {
public:
  ScratchFolder() {
    std::string name = (fs::temp_directory_path(ignored) / "lapidary-XXXXXX").string();
    if (::mkdtemp(name.data()))
      path = name;
  }
  ~ScratchFolder() {
    if (!path.empty())
      fs::remove_all(path, ignored);
  }
  ScratchFolder(const ScratchFolder &) = delete;
  ScratchFolder &operator=(const ScratchFolder &) = delete;
  fs::path path; // empty: it could not be made

private:
  std::error_code ignored;
};

// The number in front of `words`: "32" of "Used 32 registers".
std::int64_t numberBefore(std::string_view text, std::string_view words) {
  const std::size_t end = text.find(words);
  if (end == std::string_view::npos)
    return 0;
  std::size_t begin = end;
  while (begin > 0 && text[begin - 1] >= '0' && text[begin - 1] <= '9')
    --begin;
  std::int64_t number = 0;
  std::from_chars(text.data() + begin, text.data() + end, number);
  return number;
}

} // namespace

std::optional<Ptxas> Ptxas::find() {
  Ptxas found;
  if (const char *given = std::getenv("LAPIDARY_PTXAS"))
    found.path = given;
  else
    found.path = findProgram("ptxas", cudaFolders());
  std::error_code error;
  const auto size = fs::file_size(found.path, error);
  if (error || ::access(found.path.c_str(), X_OK) != 0)
    return std::nullopt;
  const auto time = fs::last_write_time(found.path, error).time_since_epoch().count();
  found.identity = fmt::format("{} {} {}", found.path, size, time);
  return found;
}

Result<Cubin> Ptxas::assemble(const std::string &ptx, const std::string &processor,
                              const CancelToken &cancel) const {
  const ScratchFolder folder;
  if (folder.path.empty())
    return fail(ErrorCode::Unreadable, "no temporary folder could be made for ptxas", path);
  const fs::path source = folder.path / "kernel.ptx", object = folder.path / "kernel.cubin";
  if (auto written = writeFileAtomically(source, ptx); !written)
    return std::unexpected(written.error());
  auto process = Subprocess::start(
      {path, "-v", "-lineinfo", "--gpu-name=" + processor, source.string(), "-o", object.string()});
  if (!process)
    return std::unexpected(process.error());
  std::optional<ExitStatus> status;
  for (int waited = 0; !status; ++waited) {
    status = process->wait(std::chrono::milliseconds(100));
    if (cancel.cancelled())
      return fail(ErrorCode::Cancelled, "the compile was cancelled", path);
    if (!status && waited > 3000)
      return fail(ErrorCode::Timeout, "ptxas had not ended after 300 s", path);
  }
  const std::string said = process->errorText();
  if (status->code != 0 || status->signal != 0)
    return fail(ErrorCode::CompileFailed, fmt::format("ptxas: {}: {}", describe(*status), said),
                path);
  auto bytes = readFile(object);
  if (!bytes)
    return std::unexpected(bytes.error());
  return Cubin{std::move(*bytes), numberBefore(said, " registers"),
               numberBefore(said, " bytes spill stores"), numberBefore(said, " bytes spill loads"),
               numberBefore(said, " bytes stack frame")};
}

} // namespace lapidary
