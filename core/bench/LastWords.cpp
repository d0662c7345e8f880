#include "core/bench/LastWords.h"

#include <array>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstring>
#include <ucontext.h>
#include <unistd.h>

namespace lapidary::lastwords {

namespace {

struct NamedRange {
  std::uintptr_t begin = 0;
  std::int64_t bytes = 0;
  char name[64] = {};
};

constexpr std::size_t mostRanges = 256;
std::array<NamedRange, mostRanges> knownRanges;
std::atomic<std::size_t> rangeCount{0};
std::vector<Frames> dyingFrames;
std::atomic<int> runningVariant{-1};
std::atomic<bool> dying{false};
int pipeFd = -1;

// A line of text without allocation.
class Line {
public:
  Line &operator<<(const char *text) {
    for (; *text && used < sizeof buffer; ++text)
      buffer[used++] = *text;
    return *this;
  }
  Line &number(std::uint64_t value, unsigned base) {
    char digits[24];
    std::size_t count = 0;
    do
      digits[count++] = "0123456789abcdef"[value % base];
    while ((value /= base) != 0);
    while (count > 0 && used < sizeof buffer)
      buffer[used++] = digits[--count];
    return *this;
  }
  void writeTo(int fd) const { [[maybe_unused]] ssize_t put = ::write(fd, buffer, used); }

private:
  char buffer[512];
  std::size_t used = 0;
};

const char *nameOf(int signal) {
  switch (signal) {
  case SIGSEGV:
    return "segmentation fault";
  case SIGBUS:
    return "bus error";
  case SIGFPE:
    return "arithmetic exception (an integer division by zero or overflow)";
  case SIGILL:
    return "illegal instruction";
  default:
    return "abort";
  }
}

// "writing" or "reading" where the processor says which; else "at".
const char *accessOf([[maybe_unused]] const void *context) {
#if defined(__x86_64__)
  constexpr greg_t writeBit = 2;
  auto *state = static_cast<const ucontext_t *>(context);
  return state->uc_mcontext.gregs[REG_ERR] & writeBit ? "writing" : "reading";
#else
  return "at";
#endif
}

// The storage nearest to the address, and where the address lies against it.
void describePlace(Line &line, std::uintptr_t address) {
  const NamedRange *nearest = nullptr;
  std::uint64_t distance = 0;
  for (std::size_t i = 0; i < rangeCount.load(); ++i) {
    const NamedRange &range = knownRanges[i];
    std::uintptr_t end = range.begin + static_cast<std::uintptr_t>(range.bytes);
    std::uint64_t away = address < range.begin ? range.begin - address
                         : address >= end      ? address - end
                                               : 0;
    if (!nearest || away < distance) {
      nearest = &range;
      distance = away;
    }
  }
  constexpr std::uint64_t farthest = std::uint64_t(1) << 40;
  if (!nearest || distance > farthest) {
    line << " address 0x";
    line.number(address, 16) << ", far from every argument";
  } else if (address < nearest->begin) {
    line << " ";
    line.number(distance, 10) << " bytes before the start of " << nearest->name;
  } else {
    line << " ";
    line.number(distance, 10) << " bytes past the end of " << nearest->name << " (";
    line.number(static_cast<std::uint64_t>(nearest->bytes), 10) << " bytes)";
  }
}

void onFault(int signal, siginfo_t *info, void *context) {
  if (!dying.exchange(true)) { // the first thread that faults speaks
    int variant = runningVariant.load();
    if (variant >= 0 && static_cast<std::size_t>(variant) < dyingFrames.size()) {
      const Frames &frames = dyingFrames[static_cast<std::size_t>(variant)];
      const std::string &frame = signal == SIGSEGV || signal == SIGBUS ? frames.illegalAddress
                                 : signal == SIGILL                    ? frames.trap
                                                                       : frames.other;
      [[maybe_unused]] ssize_t put = ::write(pipeFd, frame.data(), frame.size());
    }
    Line line;
    line << nameOf(signal);
    if (signal == SIGSEGV || signal == SIGBUS) {
      line << " " << accessOf(context);
      describePlace(line, reinterpret_cast<std::uintptr_t>(info->si_addr));
    }
    line << "\n";
    line.writeTo(STDERR_FILENO);
  }
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

} // namespace

void install(int outputFd) {
  pipeFd = outputFd;
  struct sigaction action{};
  action.sa_sigaction = onFault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT})
    sigaction(signal, &action, nullptr);
}

void setRanges(const std::vector<Range> &ranges) {
  std::size_t count = std::min(ranges.size(), mostRanges);
  rangeCount = 0;
  for (std::size_t i = 0; i < count; ++i) {
    knownRanges[i] = {ranges[i].begin, ranges[i].bytes, {}};
    std::strncpy(knownRanges[i].name, ranges[i].name.c_str(), sizeof knownRanges[i].name - 1);
  }
  rangeCount = count;
}

void setFrames(std::vector<Frames> variants) {
  runningVariant = -1;
  dyingFrames = std::move(variants);
}

void setRunning(int variant) {
  runningVariant.store(variant, std::memory_order_relaxed);
}

} // namespace lapidary::lastwords
