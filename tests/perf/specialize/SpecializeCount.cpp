// The benchmark's loops for callgrind: specialize_count CASE REPETITIONS. CountInstructions.cmake
// runs it with two numbers of repetitions; the difference is what a repetition costs, whatever the
// set-up costs.
#include "tests/perf/specialize/Cases.h"

#include <cstdlib>
#include <iostream>
#include <string_view>

using namespace lapidary::perf;

int main(int count, char **words) {
  if (count != 3)
    return 2;
  std::string_view name = words[1];
  std::size_t repetitions = std::strtoul(words[2], nullptr, 10);
  auto loop = [&](auto &&cases, auto &&step) {
    for (std::size_t i = 0; i < repetitions; ++i)
      step(cases, i);
    std::cout << cases.sum << '\n';
  };
  auto one = [](OneArgument &cases, std::size_t) { cases.run(); };
  if (name == "tensor_cuda")
    loop(OneArgument::tensors("cuda"), one);
  else if (name == "tensor_hip")
    loop(OneArgument::tensors("hip"), one);
  else if (name == "integer")
    loop(OneArgument::integers(), one);
  else if (name == "key_cuda")
    loop(Matmul("cuda"), [](Matmul &cases, std::size_t i) { cases.key(i); });
  else if (name == "lookup_cuda")
    loop(Matmul("cuda"), [](Matmul &cases, std::size_t i) { cases.keyAndLookup(i); });
  else if (name == "lookup_hip")
    loop(Matmul("hip"), [](Matmul &cases, std::size_t i) { cases.keyAndLookup(i); });
  else
    return 2;
  return 0;
}
