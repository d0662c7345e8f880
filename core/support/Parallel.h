// A loop over all cores: ranges of [0, count) handed to short-lived threads. For host-side work of
// milliseconds and more (filling buffers, reference runs); device launches have a pool of their
// own.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace lapidary {

// Calls body(begin, end) until all of [0, count) is covered; `grain` is the size of a range. Ranges
// are taken in order. On the calling thread alone when there is but one range. `body` must not
// throw.
template <typename Body>
void parallelRanges(std::int64_t count, std::int64_t grain, const Body &body) {
  grain = std::max<std::int64_t>(grain, 1);
  std::atomic<std::int64_t> next{0};
  auto work = [&] {
    for (std::int64_t begin; (begin = next.fetch_add(grain)) < count;)
      body(begin, std::min(begin + grain, count));
  };
  std::int64_t ranges = count / grain + (count % grain != 0);
  std::int64_t cores = std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::jthread> helpers;
  for (std::int64_t i = 1; i < std::min(ranges, cores); ++i)
    helpers.emplace_back(work);
  work();
}

} // namespace lapidary
