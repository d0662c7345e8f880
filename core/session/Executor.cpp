#include "core/session/Executor.h"

namespace lapidary {

Executor::Executor(int count) {
  for (int i = 0; i < count; ++i)
    threads.emplace_back([this] { work(); });
}

Executor::~Executor() {
  finish(Rest::Drop);
}

void Executor::post(Task task) {
  {
    const std::lock_guard lock(mutex);
    if (closing)
      return;
    tasks.push_back(std::move(task));
  }
  arrived.notify_one();
}

void Executor::finish(Rest rest) {
  std::deque<Task> dropped; // destroyed outside the lock: a task may own anything
  {
    const std::lock_guard lock(mutex);
    closing = true;
    if (rest == Rest::Drop)
      dropped.swap(tasks);
  }
  arrived.notify_all();
  for (std::thread &thread : threads)
    if (thread.joinable())
      thread.join();
}

void Executor::work() {
  for (;;) {
    Task task;
    {
      std::unique_lock lock(mutex);
      arrived.wait(lock, [this] { return closing || !tasks.empty(); });
      if (tasks.empty())
        return;
      task = std::move(tasks.front());
      tasks.pop_front();
    }
    task();
  }
}

} // namespace lapidary
