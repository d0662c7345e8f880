// The launch path: one tensor, one integer, and the whole key of the matrix product's launch looked
// up among 10,000 variants. Times are an argument's, or a launch's.
#include "tests/perf/specialize/Cases.h"

#include <benchmark/benchmark.h>

using namespace lapidary::perf;

namespace {

void oneArgument(benchmark::State &state, OneArgument cases) {
  for (auto _ : state)
    cases.run();
  benchmark::DoNotOptimize(cases.sum);
  state.SetItemsProcessed(std::int64_t(state.iterations() * cases.values.size()));
  state.counters["each"] =
      benchmark::Counter(double(state.iterations() * cases.values.size()),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void matmul(benchmark::State &state, const char *backend, bool (Matmul::*step)(std::size_t)) {
  Matmul cases(backend);
  std::size_t i = 0;
  for (auto _ : state)
    if (!(cases.*step)(i++))
      state.SkipWithError("a launch has no variant");
  benchmark::DoNotOptimize(cases.sum);
  state.counters["each"] = benchmark::Counter(
      double(state.iterations()), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

} // namespace

BENCHMARK_CAPTURE(oneArgument, tensor_cuda, OneArgument::tensors("cuda"));
BENCHMARK_CAPTURE(oneArgument, tensor_hip, OneArgument::tensors("hip"));
BENCHMARK_CAPTURE(oneArgument, integer, OneArgument::integers());
BENCHMARK_CAPTURE(matmul, key_cuda, "cuda", &Matmul::key);
BENCHMARK_CAPTURE(matmul, lookup_cuda, "cuda", &Matmul::keyAndLookup);
BENCHMARK_CAPTURE(matmul, lookup_hip, "hip", &Matmul::keyAndLookup);

BENCHMARK_MAIN();
