#include "core/session/StoreThread.h"

namespace lapidary {

StoreThread::StoreThread(std::filesystem::path file) : path(std::move(file)) {}

StoreThread::~StoreThread() {
  thread.finish(Executor::Rest::Run);
}

void StoreThread::post(Task task) {
  thread.post([this, task = std::move(task)]() mutable { task(open()); });
}

Result<Store *> StoreThread::open() {
  if (!store) {
    auto opened = Store::open(path, Store::Mode::ReadWrite);
    if (!opened)
      return std::unexpected(opened.error());
    store = std::move(*opened);
  }
  return store.get();
}

} // namespace lapidary
