// What the outputs should hold: the launch run by the reference interpreter on copies of the
// images.
//
// Outputs begin as poison, so that an element which no program stores to is told from one that is
// right by chance. A kernel that reads its output (in place, or atomically) gets its image instead:
// the interpreter says what was read, and the run is repeated.
#pragma once

#include "core/bench/LaunchBuffers.h"
#include "core/bench/Worker.h"

namespace lapidary {

struct ExpectedOutput {
  std::string argument;
  HostBytes contents;
  bool poisoned = false; // it began as Poison::Reference; a variant's must begin as Poison::Device
};

struct ReferenceOutcome {
  bool ran = false;
  std::string problem;              // why it did not: what the reference does not know, too slow
  std::optional<Error> kernelError; // the launch itself is wrong: an access outside every buffer
  std::vector<ExpectedOutput> outputs;
};

// Errors: OutOfResource, InvalidInput (an argument that does not fit its parameter).
Result<ReferenceOutcome> runLaunchReference(const MeasureJob &job, LaunchBuffers &buffers,
                                            const ReferenceRunner &reference);

} // namespace lapidary
