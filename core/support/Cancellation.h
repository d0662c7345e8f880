// A flag that a job polls. Copies share the flag; cancelling is final. Safe from any thread.
#pragma once

#include <atomic>
#include <memory>

namespace lapidary {

class CancelToken {
public:
  CancelToken() : flag(std::make_shared<std::atomic<bool>>(false)) {}
  void cancel() const { flag->store(true, std::memory_order_relaxed); }
  bool cancelled() const { return flag->load(std::memory_order_relaxed); }

private:
  std::shared_ptr<std::atomic<bool>> flag;
};

} // namespace lapidary
