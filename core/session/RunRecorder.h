// Keeps one run as it happens. What cannot be stored never stops the measuring: the first reason is
// kept as the warning, samples wait in the store's memory for the next attempt.
// Owner: the thread that measures.
#pragma once

#include "core/session/Operations.h"

namespace lapidary {

class RunRecorder {
public:
  explicit RunRecorder(std::shared_ptr<StoreThread> store) : store(std::move(store)) {}

  // The run with its kernel, launch and variants, before the first sample.
  void open(const KernelChoice &choice, const RunRecord &record,
            const std::vector<Variant> &variants);
  void add(const std::string &cacheKey, const SampleEvent &sample);
  void finish(const Json &deviceState, const Json &result);

  const std::string &run() const { return id; }          // empty: not kept
  const std::string &warning() const { return problem; } // empty: all is kept

private:
  void keep(const Result<void> &result);

  std::shared_ptr<StoreThread> store; // may be null
  std::string id, problem;
};

VariantRecord variantRecord(const KernelChoice &choice, const Variant &variant,
                            const std::string &sourceHash, const std::string &compiler);

} // namespace lapidary
