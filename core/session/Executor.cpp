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

void Executor::postAt(Clock::time_point when, Task task) {
  {
    const std::lock_guard lock(mutex);
    if (closing)
      return;
    later.emplace(when, std::move(task));
  }
  arrived.notify_one();
}

void Executor::finish(Rest rest) {
  // Destroyed outside the lock: a task may own anything.
  std::deque<Task> dropped;
  std::multimap<Clock::time_point, Task> droppedLater;
  {
    const std::lock_guard lock(mutex);
    closing = true;
    droppedLater.swap(later);
    if (rest == Rest::Drop)
      dropped.swap(tasks);
  }
  arrived.notify_all();
  for (std::thread &thread : threads)
    if (thread.joinable())
      thread.join();
}

// With `lock` held: the next task, once there is one; none when it is time to end.
Executor::Task Executor::next(std::unique_lock<std::mutex> &lock) {
  for (;;) {
    if (!later.empty() && later.begin()->first <= Clock::now())
      return std::move(later.extract(later.begin()).mapped());
    if (!tasks.empty()) {
      Task task = std::move(tasks.front());
      tasks.pop_front();
      return task;
    }
    if (closing)
      return {};
    if (later.empty())
      arrived.wait(lock);
    else
      arrived.wait_until(lock, Clock::time_point(later.begin()->first));
  }
}

void Executor::work() {
  for (;;) {
    std::unique_lock lock(mutex);
    Task task = next(lock);
    if (!task)
      return;
    lock.unlock();
    task();
  }
}

} // namespace lapidary
