// Made-up snapshots: what the workbench would say, without one.
#pragma once

#include "ui/shell/Command.h"

namespace lapidary::ui::test {

// A strided copy opened from "strided_copy.py" with a guessed launch on cuda:90, hip:gfx942 and cpu:
// pointers, integers divisible by 16, one equal to 1, one generic, one switched off, constexprs.
Snapshot stridedCopy();

// The same after a comparison on the CPU: two variants with samples, ratio, stages and accesses.
Snapshot compared();

// stridedCopy with its reachable variants counted for two targets, asked to stay under eight.
Snapshot counted();

// A folder of four kernels surveyed for cuda:90 and cpu: one compiles, one fails for cuda, one lacks
// tl.histogram, one file does not open.
Snapshot surveyed();

SnapshotPtr share(Snapshot snapshot);

} // namespace lapidary::ui::test
