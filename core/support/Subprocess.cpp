// One poll loop serves every call: it takes up stdout and stderr whenever they have something, so
// that a child that talks while it is written to, or floods its stderr, never stands still because
// of us.
#include "core/support/Subprocess.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace lapidary {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

static constexpr std::size_t errorTextLimit = 64 << 10;

namespace {

// Closes what it holds.
class Descriptor {
public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd(fd) {}
  Descriptor(Descriptor &&other) noexcept : fd(std::exchange(other.fd, -1)) {}
  Descriptor &operator=(Descriptor &&other) noexcept {
    std::swap(fd, other.fd);
    return *this;
  }
  ~Descriptor() { close(); }
  void close() {
    if (fd >= 0)
      ::close(std::exchange(fd, -1));
  }
  int get() const { return fd; }
  explicit operator bool() const { return fd >= 0; }

private:
  int fd = -1;
};

struct Pipe {
  Descriptor readEnd, writeEnd;
};

// SIGPIPE of this thread is held back while it lives, and a pending one that it caused is taken
// away.
class HoldBackSigpipe {
public:
  HoldBackSigpipe() {
    sigemptyset(&pipeOnly);
    sigaddset(&pipeOnly, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    wasPending = sigismember(&pending, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipeOnly, &before);
  }
  ~HoldBackSigpipe() {
    timespec now{};
    if (!wasPending)
      sigtimedwait(&pipeOnly, nullptr, &now);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  HoldBackSigpipe(const HoldBackSigpipe &) = delete;

private:
  sigset_t pipeOnly, before;
  bool wasPending = false;
};

} // namespace

// Both ends close on exec and lie above the standard three, which the child overwrites.
static bool openPipe(Pipe &pipe) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return false;
  for (int &end : ends)
    if (end <= STDERR_FILENO) {
      int moved = fcntl(end, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
      ::close(end);
      end = moved;
    }
  pipe.readEnd = Descriptor(ends[0]);
  pipe.writeEnd = Descriptor(ends[1]);
  return pipe.readEnd && pipe.writeEnd;
}

static void setNonBlocking(const Descriptor &descriptor) {
  fcntl(descriptor.get(), F_SETFL, fcntl(descriptor.get(), F_GETFL) | O_NONBLOCK);
}

// After fork, in the child: async-signal-safe calls only. Never returns.
[[noreturn]] static void becomeProgram(char *const *arguments, const Pipe &in, const Pipe &out,
                                       const Pipe &err, const Pipe &report, pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent)
    _exit(127); // the parent died before the line above
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  dup2(in.readEnd.get(), STDIN_FILENO);
  dup2(out.writeEnd.get(), STDOUT_FILENO);
  dup2(err.writeEnd.get(), STDERR_FILENO);
  close_range(STDERR_FILENO + 1, ~0u, CLOSE_RANGE_CLOEXEC);
  execvp(arguments[0], arguments);
  int reason = errno;
  [[maybe_unused]] ssize_t written = ::write(report.writeEnd.get(), &reason, sizeof reason);
  _exit(127);
}

struct Subprocess::State {
  pid_t pid = -1;
  Descriptor process, in, out, err; // `process` becomes readable when the child has ended
  std::string received, errorText;
  std::size_t taken = 0; // of `received`, by read()
  std::optional<ExitStatus> status;

  ~State() {
    if (!status) {
      killGroup();
      reap(true);
    }
  }

  void killGroup() {
    if (!status) // afterwards the number may be somebody else's
      ::kill(-pid, SIGKILL);
  }

  bool reap(bool block) {
    if (status)
      return true;
    siginfo_t info{};
    int result;
    do
      result =
          waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOWAIT | (block ? 0 : WNOHANG));
    while (result != 0 && errno == EINTR);
    if (result == 0 && info.si_pid == 0)
      return false;
    killGroup(); // while the ended child still keeps the number taken
    ExitStatus ended;
    int raw = 0;
    if (result == 0 && waitpid(pid, &raw, 0) == pid) {
      if (WIFSIGNALED(raw))
        ended.signal = WTERMSIG(raw);
      else
        ended.code = WEXITSTATUS(raw);
    }
    status = ended;
    return true;
  }

  // Takes up what is there; closes at end of file.
  static void takeUp(Descriptor &from, std::string &into) {
    char buffer[1 << 16];
    while (from) {
      ssize_t count = ::read(from.get(), buffer, sizeof buffer);
      if (count > 0)
        into.append(buffer, static_cast<std::size_t>(count));
      else if (count == 0)
        from.close();
      else if (errno == EINTR)
        continue;
      else if (errno == EAGAIN)
        return;
      else
        from.close();
    }
  }

  void takeUpErrors() {
    takeUp(err, errorText);
    if (errorText.size() > errorTextLimit)
      errorText.erase(0, errorText.size() - errorTextLimit);
  }

  void takeUpAll() {
    takeUp(out, received);
    takeUpErrors();
  }

  // Waits until something happens or `deadline` passes (false). With `toWrite` also until the child
  // takes input.
  bool step(Clock::time_point deadline, bool toWrite) {
    pollfd polled[4];
    nfds_t count = 0;
    auto add = [&](const Descriptor &descriptor, short events) {
      if (descriptor)
        polled[count++] = {descriptor.get(), events, 0};
    };
    add(out, POLLIN);
    add(err, POLLIN);
    if (!status)
      add(process, POLLIN);
    if (toWrite)
      add(in, POLLOUT);
    auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now()).count();
    // Without a process descriptor (an old kernel) the end is looked for from time to time.
    long slice = process || status ? 3'600'000 : 10;
    int ready = poll(polled, count, static_cast<int>(std::clamp<long>(left, 0, slice)));
    takeUpAll();
    reap(false);
    return ready != 0 || Clock::now() < deadline;
  }

  std::string take(std::size_t size) {
    std::string bytes = received.substr(taken, size);
    taken += size;
    if (taken > received.size() / 2) {
      received.erase(0, taken);
      taken = 0;
    }
    return bytes;
  }

  std::string ending() {
    Clock::time_point soon = Clock::now() + milliseconds(200);
    while (!reap(false) && step(soon, false)) {
    }
    return status ? describe(*status) : "it closed its output";
  }
};

Subprocess::Subprocess() : state(std::make_unique<State>()) {}
Subprocess::Subprocess(Subprocess &&) noexcept = default;
Subprocess &Subprocess::operator=(Subprocess &&) noexcept = default;
Subprocess::~Subprocess() = default;

Result<Subprocess> Subprocess::start(const std::vector<std::string> &command) {
  if (command.empty() || command[0].empty())
    return fail(ErrorCode::InvalidInput, "no program was named to be started");
  Pipe in, out, err, report;
  if (!openPipe(in) || !openPipe(out) || !openPipe(err) || !openPipe(report))
    return fail(ErrorCode::OutOfResource,
                fmt::format("cannot start {}: {}", command[0], std::strerror(errno)), command[0]);
  std::vector<char *> arguments;
  for (const std::string &argument : command)
    arguments.push_back(const_cast<char *>(argument.c_str()));
  arguments.push_back(nullptr);

  pid_t parent = getpid();
  pid_t pid = fork();
  if (pid == 0)
    becomeProgram(arguments.data(), in, out, err, report, parent);
  if (pid < 0)
    return fail(ErrorCode::OutOfResource,
                fmt::format("cannot start {}: {}", command[0], std::strerror(errno)), command[0]);
  setpgid(pid, pid); // whichever of the two comes first

  Subprocess child;
  child.state->pid = pid;
  report.writeEnd.close();
  int reason = 0;
  ssize_t count;
  do
    count = ::read(report.readEnd.get(), &reason, sizeof reason);
  while (count < 0 && errno == EINTR);
  if (count == sizeof reason) {
    bool missing = reason == ENOENT || reason == ENOTDIR;
    return fail(missing ? ErrorCode::NotFound : ErrorCode::Unreadable,
                fmt::format("cannot start {}: {}", command[0], std::strerror(reason)), command[0]);
  }
  child.state->process = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  child.state->in = std::move(in.writeEnd);
  child.state->out = std::move(out.readEnd);
  child.state->err = std::move(err.readEnd);
  for (const Descriptor *end : {&child.state->in, &child.state->out, &child.state->err})
    setNonBlocking(*end);
  return child;
}

static Clock::time_point deadlineAfter(milliseconds timeout) {
  constexpr milliseconds longest = std::chrono::hours(24 * 365);
  return Clock::now() + std::clamp(timeout, milliseconds(0), longest);
}

Result<void> Subprocess::write(std::span<const std::byte> bytes, milliseconds timeout) {
  HoldBackSigpipe guard;
  Clock::time_point deadline = deadlineAfter(timeout);
  while (!bytes.empty()) {
    ssize_t count = state->in ? ::write(state->in.get(), bytes.data(), bytes.size()) : -1;
    if (count > 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(count));
      continue;
    }
    if (!state->in || state->status || (errno != EAGAIN && errno != EINTR))
      return fail(ErrorCode::Crashed,
                  fmt::format("the process no longer reads its input: {}", state->ending()));
    if (!state->step(deadline, true))
      return fail(ErrorCode::Timeout,
                  fmt::format("the process did not read its input within {} ms", timeout.count()));
  }
  return {};
}

Result<std::string> Subprocess::read(std::size_t size, milliseconds timeout) {
  Clock::time_point deadline = deadlineAfter(timeout);
  State &s = *state;
  while (s.received.size() - s.taken < size) {
    std::size_t have = s.received.size() - s.taken;
    bool ended = !s.out || s.status;
    if (ended) {
      s.takeUpAll();
      if (s.received.size() - s.taken >= size)
        break;
      return fail(ErrorCode::Crashed, fmt::format("the process ended after {} of {} bytes: {}",
                                                  have, size, s.ending()));
    }
    if (!s.step(deadline, false) && s.received.size() - s.taken < size)
      return fail(ErrorCode::Timeout,
                  fmt::format("the process gave no answer within {} ms", timeout.count()));
  }
  return s.take(size);
}

Result<std::string> Subprocess::readLine(milliseconds timeout, std::size_t limit) {
  Clock::time_point deadline = deadlineAfter(timeout);
  State &s = *state;
  for (std::size_t searched = s.taken;;) {
    const std::size_t end = s.received.find('\n', searched);
    if (end != std::string::npos) {
      std::string line = s.take(end + 1 - s.taken);
      line.pop_back();
      return line;
    }
    searched = s.received.size();
    if (searched - s.taken > limit)
      return fail(ErrorCode::OutOfResource,
                  fmt::format("the process wrote a line of more than {} bytes", limit));
    bool ended = !s.out || s.status;
    if (ended) {
      s.takeUpAll();
      if (s.received.size() > searched)
        continue;
      return fail(ErrorCode::Crashed,
                  fmt::format("the process ended in the middle of a line: {}", s.ending()));
    }
    if (!s.step(deadline, false) && s.received.size() == searched)
      return fail(ErrorCode::Timeout,
                  fmt::format("the process gave no answer within {} ms", timeout.count()));
  }
}

void Subprocess::closeInput() {
  state->in.close();
}

void Subprocess::kill() {
  state->killGroup();
  state->reap(true);
}

std::optional<ExitStatus> Subprocess::wait(milliseconds timeout) {
  Clock::time_point deadline = deadlineAfter(timeout);
  while (!state->reap(false))
    if (!state->step(deadline, false) && !state->reap(false))
      return std::nullopt;
  state->takeUpAll();
  return state->status;
}

std::string Subprocess::errorText() {
  state->takeUpErrors();
  return state->errorText;
}

int Subprocess::pid() const {
  return state->pid;
}

std::string describe(ExitStatus status) {
  if (status.signal == 0)
    return fmt::format("exit code {}", status.code);
  const char *text = sigdescr_np(status.signal);
  std::string name = text ? text : "unknown signal";
  if (!name.empty() && name[0] >= 'A' && name[0] <= 'Z')
    name[0] = static_cast<char>(name[0] - 'A' + 'a');
  return fmt::format("killed by signal {} ({})", status.signal, name);
}

std::string findProgram(const std::string &name,
                        const std::vector<std::filesystem::path> &folders) {
  std::vector<std::filesystem::path> places = folders;
  if (const char *path = std::getenv("PATH")) {
    std::string_view rest = path;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(':'), rest.size());
      places.emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  for (const std::filesystem::path &folder : places)
    if (const auto candidate = folder / name; ::access(candidate.c_str(), X_OK) == 0)
      return candidate.string();
  return {};
}

} // namespace lapidary
