// What a worker says when a kernel kills it: which variant was running, as a last message on the
// pipe, and on stderr what happened and where ("segmentation fault writing 12 bytes past the end of
// out_ptr"). The rest is the parent's.
//
// A signal handler reaches nothing but static storage, so this is state of the process, on purpose:
// one worker process measures one job at a time. Everything the handler needs is prepared
// beforehand; it calls write() and no other function.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lapidary::lastwords {

struct Range {
  std::uintptr_t begin = 0;
  std::int64_t bytes = 0;
  std::string name; // the argument
};

// Catches the signals that faulting code raises. `outputFd`: the pipe to the parent.
void install(int outputFd);

// The storages that faults are described by.
void setRanges(const std::vector<Range> &ranges);

// What is sent when a variant dies, a whole frame for each way to die.
struct Frames {
  std::string illegalAddress, trap, other; // by SIGSEGV or SIGBUS, SIGILL, other signals
};
void setFrames(std::vector<Frames> variants);
void setRunning(int variant); // -1: none

} // namespace lapidary::lastwords
