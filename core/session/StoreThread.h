// The one thread that owns the store's write connection. The database is opened by the first task,
// so that a program that keeps nothing makes no file; a failure to open is given to every task that
// comes, and tried again by the next.
//
//   StoreThread store(defaultStorePath());
//   Result<std::string> run = store.call([&](Store &open) { return open.openRun(record); });
//
// Safe from any thread but its own tasks. The destructor runs what was posted.
#pragma once

#include "core/session/Executor.h"
#include "core/store/Store.h"

#include <future>
#include <type_traits>

namespace lapidary {

class StoreThread {
public:
  explicit StoreThread(std::filesystem::path file);
  ~StoreThread();

  const std::filesystem::path &file() const { return path; }

  // The store, or null and the reason why the database cannot be opened.
  using Task = std::move_only_function<void(Store *, const Error &)>;
  void post(Task task);
  // Waits until everything posted so far has run. Opens nothing.
  void drain();

  // Runs `body(Store &)`, which returns a Result, and waits for it.
  template <typename Body> auto call(Body body) -> std::invoke_result_t<Body, Store &> {
    using Answer = std::invoke_result_t<Body, Store &>;
    std::promise<Answer> promise;
    std::future<Answer> answer = promise.get_future();
    post([&body, promise = std::move(promise)](Store *store, const Error &why) mutable {
      promise.set_value(store ? body(*store) : Answer(std::unexpected(why)));
    });
    return answer.get();
  }

private:
  Result<void> open();

  std::filesystem::path path;
  std::unique_ptr<Store> store; // touched by the thread only
  Executor thread{1};           // last, so that it ends first
};

} // namespace lapidary
