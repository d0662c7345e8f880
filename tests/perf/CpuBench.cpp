// The CPU backend's code beside hand-written C++: the same buffers, the same threads, the same
// work, interleaved by Google Benchmark. Ends with a table of ratios: hand-written time over ours,
// by the medians of the repetitions and by the fastest of each, which other work on the machine
// disturbs least.
//
//   cpu_bench --benchmark_repetitions=15 --benchmark_enable_random_interleaving=true
#include "backends/cpu/ThreadPool.h"
#include "core/support/Paths.h"
#include "tests/perf/HandWritten.h"
#include "tests/unit/compiler/CpuKernel.h"

#include <algorithm>
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <functional>
#include <map>
#include <random>

using namespace lapidary;

namespace {

// Storage aligned to a cache line, touched once so that no page fault is timed.
template <typename T> class Storage {
public:
  explicit Storage(std::size_t count, T value = T()) : memory(count + 64 / sizeof(T), value) {}
  T *data() {
    auto address = reinterpret_cast<std::uintptr_t>(memory.data());
    return reinterpret_cast<T *>((address + 63) / 64 * 64);
  }

private:
  std::vector<T> memory;
};

std::string replaced(std::string text, const std::string &from, const std::string &to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

std::string sample(const std::string &name) {
  auto text = readFile(LAPIDARY_SOURCE_DIR "/tests/lit/ttir/" + name + ".ttir");
  return text ? *text : std::string();
}

// The half-precision samples in single precision: the conversions fall away.
std::string inSingle(std::string text,
                     std::initializer_list<std::pair<const char *, const char *>> conversions) {
  for (const auto &[converted, source] : conversions) {
    const std::size_t begin = text.find(fmt::format("    {} = arith.", converted));
    text.erase(begin, text.find('\n', begin) + 1 - begin);
    text = replaced(text, fmt::format("{} ", converted), fmt::format("{} ", source));
    text = replaced(text, fmt::format("{},", converted), fmt::format("{},", source));
    text = replaced(text, fmt::format("{})", converted), fmt::format("{})", source));
  }
  return replaced(replaced(text, "0xFC00", "0xFF800000"), "f16", "f32");
}

using Run = std::function<void(std::int64_t begin, std::int64_t end, int thread)>;

class Bench {
public:
  explicit Bench(ThreadPool &pool) : pool(pool) {}

  // Work items [0, count) over the pool's threads; `bytes` are read and written in all.
  void add(const std::string &name, std::int64_t count, std::int64_t bytes, Run run) {
    benchmark::RegisterBenchmark(name.c_str(), [this, count, bytes, run](benchmark::State &state) {
      for (auto _ : state) {
        pool.run(
            count,
            [](void *context, std::int64_t begin, std::int64_t end, int thread) {
              (*static_cast<const Run *>(context))(begin, end, thread);
            },
            const_cast<Run *>(&run));
        benchmark::ClobberMemory();
      }
      state.SetBytesProcessed(state.iterations() * bytes);
    })->UseRealTime();
  }

  // A compiled kernel over a grid of `programs`, with a scratch buffer a thread.
  void addKernel(const std::string &name, const std::string &ttir, std::array<std::int64_t, 3> grid,
                 std::int64_t bytes, std::vector<std::uint64_t> slots) {
    auto kernel = std::make_shared<CpuKernel>(ttir);
    if (!kernel->ok()) {
      fmt::print(stderr, "{} does not compile:\n{}", name, kernel->messages());
      std::exit(1);
    }
    auto scratch = std::make_shared<std::vector<Storage<std::byte>>>();
    for (int i = 0; i < pool.size(); ++i)
      scratch->emplace_back(static_cast<std::size_t>(kernel->scratchBytes) + 64);
    add(name, grid[0] * grid[1] * grid[2], bytes,
        [=](std::int64_t begin, std::int64_t end, int thread) {
          kernel->entry(slots.data(), begin, end, grid[0], grid[1], grid[2],
                        (*scratch)[thread].data());
        });
  }

private:
  ThreadPool &pool;
};

std::uint64_t slot(const void *pointer) {
  return reinterpret_cast<std::uintptr_t>(pointer);
}
std::uint64_t slot(std::int32_t value) {
  return static_cast<std::uint32_t>(value);
}
std::uint64_t slot(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, 4);
  return bits;
}

template <typename T> void fillRandomly(T *data, std::size_t count) {
  std::mt19937 generator(1);
  std::uniform_real_distribution<float> values(-4, 4);
  for (std::size_t i = 0; i < count; ++i)
    if constexpr (std::is_same_v<T, float>)
      data[i] = values(generator);
    else // normal numbers of either sign between 1/8 and 8
      data[i] = static_cast<T>((generator() & 0x8000U) | (0x3000U + generator() % 0x1800U));
}

// The repetitions' times of each benchmark, for the table at the end.
class Collector : public benchmark::ConsoleReporter {
public:
  void ReportRuns(const std::vector<Run> &runs) override {
    for (const Run &run : runs)
      if (run.run_type == Run::RT_Iteration)
        times[run.run_name.function_name].push_back(run.GetAdjustedRealTime());
    ConsoleReporter::ReportRuns(runs);
  }
  double median(const std::string &name) { return atRank(name, times[name].size() / 2); }
  double fastest(const std::string &name) { return atRank(name, 0); }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto &[name, values] : times)
      all.push_back(name);
    return all;
  }

private:
  std::map<std::string, std::vector<double>> times;
  // 0 where there is no such benchmark.
  double atRank(const std::string &name, std::size_t rank) {
    std::vector<double> &values = times[name];
    if (values.empty())
      return 0;
    std::ranges::sort(values);
    return values[rank];
  }
};

constexpr std::int64_t rows = 4096, columns = 2048;

template <typename T> struct Matrices {
  Storage<T> in{rows * columns}, out{rows * columns}, weight{columns}, bias{columns};
  Matrices() {
    fillRandomly(in.data(), rows * columns);
    fillRandomly(weight.data(), columns);
    fillRandomly(bias.data(), columns);
  }
};

template <typename T>
void addRowKernels(Bench &bench, Matrices<T> &m, const std::string &type,
                   const std::string &softmax, const std::string &layerNorm,
                   std::vector<Storage<float>> &row) {
  const auto width = static_cast<std::int32_t>(columns);
  const std::int64_t bytes = 2 * rows * columns * static_cast<std::int64_t>(sizeof(T));
  T *in = m.in.data(), *out = m.out.data(), *weight = m.weight.data(), *bias = m.bias.data();
  bench.addKernel("softmax_" + type + "/ours", replaced(softmax, "4096", "2048"), {rows, 1, 1},
                  bytes, {slot(out), slot(in), slot(width), slot(width), slot(width)});
  bench.add("softmax_" + type + "/hand", rows, bytes, [=, &row](auto begin, auto end, int thread) {
    handwritten::softmax(in, out, columns, row[thread].data(), begin, end);
  });
  bench.addKernel(
      "layer_norm_" + type + "/ours", replaced(layerNorm, "4096", "2048"), {rows, 1, 1}, bytes,
      {slot(in), slot(out), slot(weight), slot(bias), slot(width), slot(width), slot(1e-5F)});
  bench.add("layer_norm_" + type + "/hand", rows, bytes,
            [=, &row](auto begin, auto end, int thread) {
              handwritten::layerNorm(in, out, weight, bias, columns, 1e-5F, row[thread].data(),
                                     begin, end);
            });
}

} // namespace

int main(int argc, char **argv) {
  benchmark::Initialize(&argc, argv);
  ThreadPool pool;
  Bench bench(pool);
  std::vector<Storage<float>> row;
  for (int i = 0; i < pool.size(); ++i)
    row.emplace_back(columns);

  constexpr std::int64_t large = 1 << 24, small = 1 << 14;
  Storage<float> x(large), y(large), sum(large);
  fillRandomly(x.data(), large);
  fillRandomly(y.data(), large);
  for (const auto &[name, n] :
       {std::pair("vector_add_16M", large), std::pair("vector_add_16K", small)}) {
    bench.addKernel(
        std::string(name) + "/ours", sample("vector_add"), {n / 1024, 1, 1}, 12 * n,
        {slot(x.data()), slot(y.data()), slot(sum.data()), slot(static_cast<std::int32_t>(n))});
    bench.add(std::string(name) + "/hand", n / 1024, 12 * n, [&](auto begin, auto end, int) {
      handwritten::vectorAdd(x.data(), y.data(), sum.data(), begin * 1024, end * 1024);
    });
  }

  Matrices<handwritten::Half> halves;
  Matrices<float> floats;
  addRowKernels(bench, halves, "fp16", sample("softmax_rows"), sample("layer_norm"), row);
  addRowKernels(bench, floats, "fp32",
                inSingle(sample("softmax_rows"), {{"%x_6", "%x_5"}, {"%4", "%y_11"}}),
                inSingle(sample("layer_norm"),
                         {{"%x_6", "%x_5"}, {"%5", "%w_17"}, {"%7", "%b_19"}, {"%9", "%8"}}),
                row);

  // What specialization is worth: the same copy with nothing known of strides and sizes.
  const auto generic = readFile(LAPIDARY_SOURCE_DIR "/tests/perf/strided_copy_generic.ttir");
  std::vector<std::uint64_t> copy = {slot(halves.in.data()),
                                     slot(halves.out.data()),
                                     slot(4096),
                                     slot(2048),
                                     slot(2048),
                                     slot(2048)};
  bench.addKernel("strided_copy/specialized", sample("strided_copy"), {64, 32, 1},
                  4 * rows * columns, copy);
  if (generic)
    bench.addKernel("strided_copy/generic", *generic, {64, 32, 1}, 4 * rows * columns,
                    {copy[0], copy[1], copy[2], copy[3], copy[4], slot(1), copy[5], slot(1)});

  Collector collector;
  benchmark::RunSpecifiedBenchmarks(&collector);
  const auto line = [&](const std::string &name, const std::string &numerator,
                        const std::string &denominator) {
    if (collector.median(numerator) > 0 && collector.median(denominator) > 0)
      fmt::print("{:<36} {:>8.2f} {:>8.2f}\n", name,
                 collector.median(numerator) / collector.median(denominator),
                 collector.fastest(numerator) / collector.fastest(denominator));
  };
  fmt::print("\n{:<36} {:>8} {:>8}\n", "hand-written / ours", "median", "fastest");
  for (const std::string &name : collector.names())
    if (name.ends_with("/ours"))
      line(name.substr(0, name.size() - 5), name.substr(0, name.size() - 5) + "/hand", name);
  line("strided_copy: generic / specialized", "strided_copy/generic", "strided_copy/specialized");
}
