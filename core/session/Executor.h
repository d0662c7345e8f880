// Threads that run what is posted to them, first in, first out. With one thread it is a serial
// executor: what is posted from one place runs in that order, never two at once.
//
//   Executor device(1);
//   device.post([job = std::move(job)] { measure(job); });
//
// Safe from any thread; a task may post another. The destructor drops what has not begun and waits
// for what has.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
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

  void post(Task task);
  // Lets no more tasks in, drops or runs those that wait, and joins. For owners that must end it
  // before their other members.
  enum class Rest { Drop, Run };
  void finish(Rest rest);

private:
  void work();

  std::mutex mutex;
  std::condition_variable arrived;
  std::deque<Task> tasks;
  bool closing = false;
  std::vector<std::thread> threads;
};

} // namespace lapidary
