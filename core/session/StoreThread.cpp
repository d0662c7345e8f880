#include "core/session/StoreThread.h"

namespace lapidary {

StoreThread::StoreThread(std::filesystem::path file) : path(std::move(file)) {}

StoreThread::~StoreThread() {
  thread.finish(Executor::Rest::Run);
}

void StoreThread::post(Task task) {
  thread.post([this, task = std::move(task)]() mutable {
    const Result<void> opened = open();
    task(opened ? store.get() : nullptr, opened ? Error{} : opened.error());
  });
}

void StoreThread::drain() {
  std::promise<void> reached;
  std::future<void> done = reached.get_future();
  thread.post([reached = std::move(reached)]() mutable { reached.set_value(); });
  done.wait();
}

Result<void> StoreThread::open() {
  if (!store) {
    auto opened = Store::open(path, Store::Mode::ReadWrite);
    if (!opened)
      return std::unexpected(opened.error());
    store = std::move(*opened);
  }
  return {};
}

} // namespace lapidary
