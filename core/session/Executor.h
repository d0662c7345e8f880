// Threads that run what is posted to them, first in, first out. With one thread it is a serial
// executor: what is posted from one place runs in that order, never two at once.
//
//   Executor device(1);
//   device.post([job = std::move(job)] { measure(job); });
//
// Safe from any thread; a task may post another. The destructor drops what has not begun and waits
// for what has.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace lapidary {

class Executor {
public:
  using Task = std::move_only_function<void()>;

  explicit Executor(int threads);
  ~Executor();
  Executor(const Executor &) = delete;
  Executor &operator=(const Executor &) = delete;

  using Clock = std::chrono::steady_clock;

  void post(Task task);
  // Runs `task` once `when` has come; never when the executor ends before.
  void postAt(Clock::time_point when, Task task);
  // Lets no more tasks in, drops or runs those that wait, and joins. For owners that must end it
  // before their other members.
  enum class Rest { Drop, Run };
  void finish(Rest rest);

private:
  void work();
  Task next(std::unique_lock<std::mutex> &lock);

  std::mutex mutex;
  std::condition_variable arrived;
  std::deque<Task> tasks;
  std::multimap<Clock::time_point, Task> later;
  bool closing = false;
  std::vector<std::thread> threads;
};

} // namespace lapidary
