// Kernels and launches written down in a line, for the tests of this room.
#pragma once

#include "core/source/Launch.h"
#include "core/specialize/RuleSet.h"
#include "core/specialize/Specialization.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace lapidary::test {

inline std::shared_ptr<const RuleSets> builtinRules() {
  auto sets = loadRuleSets(std::string(LAPIDARY_SOURCE_DIR) + "/resources/rules");
  EXPECT_TRUE(sets) << sets.error().context << ": " << sets.error().message;
  return sets ? *sets : nullptr;
}

inline Value integer(__int128 value) {
  return Value{Integer(value)};
}

inline Value tensor(DType dtype, std::vector<std::int64_t> shape, std::int64_t offset = 0,
                    std::int64_t storage = -1) {
  TensorArgument result;
  result.dtype = dtype;
  std::int64_t count = 1;
  result.strides.resize(shape.size());
  for (std::size_t i = shape.size(); i-- > 0;) {
    result.strides[i] = count;
    count *= shape[i];
  }
  result.shape = std::move(shape);
  result.offset = offset;
  result.storage = storage >= 0 ? storage : (count + offset) * dtypeBytes(dtype);
  return Value{result};
}

// A kernel whose parameters are "name" or "name: annotation".
inline JitFunction kernel(std::vector<std::string> parameters, JitOptions options = {}) {
  JitFunction function;
  function.name = "kernel";
  function.file = "kernel.py";
  function.options = std::move(options);
  for (const std::string &text : parameters) {
    KernelParameter parameter;
    std::size_t colon = text.find(':');
    parameter.name = text.substr(0, colon);
    if (colon != std::string::npos)
      parameter.annotation = text.substr(text.find_first_not_of(' ', colon + 1));
    parameter.isConstexpr = parameter.annotation.find("constexpr") != std::string::npos;
    function.parameters.push_back(std::move(parameter));
  }
  return function;
}

inline Launch launch(const JitFunction &function, std::vector<Value> values,
                     std::vector<std::pair<std::string, Value>> options = {}) {
  Launch result;
  result.kernel = function.name;
  for (std::size_t i = 0; i < values.size(); ++i)
    result.arguments.emplace_back(function.parameters[i].name, std::move(values[i]));
  result.options = std::move(options);
  return result;
}

// The matrix product of twelve arguments and four block sizes, 4096 cubed in fp16.
inline JitFunction matmul() {
  return kernel({"a_ptr", "b_ptr", "c_ptr", "M", "N", "K", "sam", "sak", "sbk", "sbn", "scm", "scn",
                 "BM: tl.constexpr", "BN: tl.constexpr", "BK: tl.constexpr",
                 "GROUP: tl.constexpr"});
}
inline Launch matmulLaunch(const JitFunction &function) {
  Value matrix = tensor(DType::Fp16, {4096, 4096});
  return launch(function, {matrix, matrix, matrix, integer(4096), integer(4096), integer(4096),
                           integer(4096), integer(1), integer(4096), integer(1), integer(4096),
                           integer(1), integer(128), integer(128), integer(64), integer(8)});
}

inline Specialization specialized(const std::string &rules, const Target &target,
                                  const JitFunction &function, const Launch &launch) {
  auto result = specialize(*builtinRules(), rules, target, function, launch);
  EXPECT_TRUE(result) << result.error().message;
  return result ? *result : Specialization{};
}

inline const Target cuda{"cuda", "90"}, hip{"hip", "gfx942"}, cpu{"cpu", ""};

} // namespace lapidary::test
