#include "core/exchange/Exchange.h"

#include <algorithm>

namespace lapidary {

namespace {

void note(std::vector<std::string> &keys, const std::string &key) {
  if (!key.empty() && std::ranges::find(keys, key) == keys.end())
    keys.push_back(key);
}

// Variants that never got a sample stand in the result only.
std::vector<std::string> cacheKeysOf(const RunRecord &run,
                                     const std::vector<SampleRecord> &samples) {
  std::vector<std::string> keys;
  if (run.result.is_object())
    if (const auto variants = run.result.find("variants");
        variants != run.result.end() && variants->is_array())
      for (const Json &variant : *variants)
        if (variant.is_object())
          if (const auto key = variant.find("cache_key"); key != variant.end() && key->is_string())
            note(keys, key->get<std::string>());
  for (const SampleRecord &record : samples)
    note(keys, record.cacheKey);
  return keys;
}

} // namespace

Result<RunBundle> loadBundle(Store &store, const std::string &runId) {
  RunBundle bundle;
  auto run = store.run(runId);
  if (!run)
    return std::unexpected(run.error());
  bundle.run = std::move(*run);
  auto samples = store.samples(bundle.run.id);
  if (!samples)
    return std::unexpected(samples.error());
  bundle.samples = std::move(*samples);
  for (const std::string &key : cacheKeysOf(bundle.run, bundle.samples)) {
    auto variant = store.variant(key);
    if (!variant)
      return std::unexpected(variant.error());
    if (*variant)
      bundle.variants.push_back(std::move(**variant));
  }
  auto text = store.kernelText(bundle.run.sourceHash);
  if (!text)
    return std::unexpected(text.error());
  bundle.kernelText = std::move(*text);
  return bundle;
}

Result<std::string> storeBundle(Store &store, const RunBundle &bundle) {
  auto id = store.restoreRun(bundle.run, bundle.samples, bundle.variants);
  if (id && !bundle.kernelText.empty())
    if (auto saved = store.saveKernel(bundle.run.sourceHash, bundle.run.kernel, bundle.run.file,
                                      bundle.kernelText);
        !saved)
      return std::unexpected(saved.error());
  return id;
}

} // namespace lapidary
