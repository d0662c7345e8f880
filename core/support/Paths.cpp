#include "core/support/Paths.h"

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace lapidary {

namespace fs = std::filesystem;

namespace {
class FileDescriptor {
public:
  explicit FileDescriptor(int fd) : fd(fd) {}
  ~FileDescriptor() { close(); }
  FileDescriptor(const FileDescriptor &) = delete;
  operator int() const { return fd; }
  int close() { return fd < 0 ? 0 : ::close(std::exchange(fd, -1)); }

private:
  int fd;
};
} // namespace

static fs::path homeDirectory() {
  if (const char *home = std::getenv("HOME"); home && home[0] == '/')
    return home;
  struct passwd entry, *found = nullptr;
  char buffer[4096];
  if (getpwuid_r(getuid(), &entry, buffer, sizeof buffer, &found) == 0 && found)
    return found->pw_dir;
  return "/";
}

// The XDG specification says that a relative path is to be ignored.
static fs::path baseDirectory(const char *variable, const char *fallback) {
  const char *value = std::getenv(variable);
  fs::path base = value && value[0] == '/' ? fs::path(value) : homeDirectory() / fallback;
  return base / "lapidary";
}

fs::path dataDirectory() {
  return baseDirectory("XDG_DATA_HOME", ".local/share");
}
fs::path cacheDirectory() {
  return baseDirectory("XDG_CACHE_HOME", ".cache");
}
fs::path configDirectory() {
  return baseDirectory("XDG_CONFIG_HOME", ".config");
}

fs::path executablePath() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error);
}

static std::unexpected<Error> fileError(const fs::path &path, int error, std::string_view action) {
  return fail(error == ENOENT || error == ENOTDIR ? ErrorCode::NotFound : ErrorCode::Unreadable,
              fmt::format("{}: cannot {}: {}", path.string(), action, std::strerror(error)),
              path.string());
}

static std::unexpected<Error> unreadable(const fs::path &path, std::string message) {
  return fail(ErrorCode::Unreadable, path.string() + ": " + std::move(message), path.string());
}

Result<std::string> readFile(const fs::path &path, std::size_t limit) {
  // O_NONBLOCK: opening a named pipe that nobody writes must not wait.
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file < 0)
    return fileError(path, errno, "open the file");
  struct stat info;
  if (fstat(file, &info) != 0)
    return fileError(path, errno, "read the file");
  if (S_ISDIR(info.st_mode))
    return unreadable(path, "is a folder, not a file");
  if (!S_ISREG(info.st_mode) && !S_ISFIFO(info.st_mode))
    return unreadable(path, "is a device, not a file");
  fcntl(file, F_SETFL, 0);

  auto tooLarge = [&] {
    return unreadable(
        path, fmt::format("is larger than the {} bytes that are read of such a file", limit));
  };
  if (S_ISREG(info.st_mode) && static_cast<std::uintmax_t>(info.st_size) > limit)
    return tooLarge();
  std::string bytes;
  constexpr std::size_t chunk = 1 << 16;
  std::size_t filled = 0;
  bytes.resize(static_cast<std::size_t>(info.st_size) + 1);
  for (;;) {
    if (filled == bytes.size())
      bytes.resize(filled + chunk);
    ssize_t count = ::read(file, bytes.data() + filled, bytes.size() - filled);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return fileError(path, errno, "read the file");
    if (count == 0)
      break;
    filled += static_cast<std::size_t>(count);
    if (filled > limit)
      return tooLarge();
  }
  bytes.resize(filled);
  return bytes;
}

static int writeAll(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return errno;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

// The file behind a symbolic link is replaced, not the link.
static fs::path behindLinks(const fs::path &path) {
  std::error_code error;
  if (!fs::is_symlink(fs::symlink_status(path, error)))
    return path;
  fs::path target = fs::weakly_canonical(path, error);
  return error ? path : target;
}

Result<void> writeFileAtomically(const fs::path &path, std::string_view bytes) {
  static std::atomic<unsigned> counter{0};
  fs::path target = behindLinks(path);
  std::error_code ignored;
  if (fs::is_directory(target, ignored))
    return unreadable(path, "is a folder, not a file");
  fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  fs::path temporary = folder / fmt::format(".lapidary-{}-{}.tmp", getpid(), counter++);

  FileDescriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (file < 0)
    return fileError(path, errno, "write the file");
  struct stat info;
  int error = 0;
  if (::stat(target.c_str(), &info) == 0 && fchmod(file, info.st_mode & 07777) != 0)
    error = errno;
  if (!error)
    error = writeAll(file, bytes);
  if (!error && fsync(file) != 0)
    error = errno;
  if (file.close() != 0 && !error)
    error = errno;
  if (!error && ::rename(temporary.c_str(), target.c_str()) != 0)
    error = errno;
  if (error) {
    ::unlink(temporary.c_str());
    return fileError(path, error, "write the file");
  }
  // The rename itself must survive a power cut too; not every file system lets a folder be synced.
  FileDescriptor parent(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent >= 0)
    fsync(parent);
  return {};
}

} // namespace lapidary
