// Runs small pieces of Triton IR on vectors and gives back what they hold afterwards.
#pragma once

#include "core/compiler/Reference.h"

#include <cstring>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace lapidary {

class Launch {
public:
  template <typename T> Launch &buffer(const std::string &name, const std::vector<T> &values) {
    std::vector<std::byte> bytes(values.size() * sizeof(T));
    if (!values.empty())
      std::memcpy(bytes.data(), values.data(), bytes.size());
    storages.push_back(std::move(bytes));
    names.push_back(name);
    arguments.push_back(ReferencePointer{static_cast<int>(storages.size()) - 1, 0});
    return *this;
  }
  Launch &scalar(std::int64_t value) {
    arguments.push_back(value);
    return *this;
  }
  Launch &scalar(double value) {
    arguments.push_back(value);
    return *this;
  }
  Launch &grid(std::int64_t x, std::int64_t y = 1, std::int64_t z = 1) {
    extents = {x, y, z};
    return *this;
  }

  Result<void> run(const std::string &ttir, const CancelToken &cancel = {}) {
    buffers.clear();
    for (std::size_t i = 0; i < storages.size(); ++i)
      buffers.push_back({storages[i].data(), static_cast<std::int64_t>(storages[i].size()), names[i]});
    return runReference(ttir, buffers, arguments, extents, cancel);
  }
  void expectRuns(const std::string &ttir) {
    Result<void> result = run(ttir);
    ASSERT_TRUE(result) << result.error().message << "\n" << ttir;
  }
  Error errorOf(const std::string &ttir) {
    Result<void> result = run(ttir);
    EXPECT_FALSE(result) << "it ran";
    return result ? Error{} : result.error();
  }

  template <typename T> std::vector<T> contents(std::size_t index) const {
    std::vector<T> values(storages[index].size() / sizeof(T));
    std::memcpy(values.data(), storages[index].data(), values.size() * sizeof(T));
    return values;
  }
  bool wasRead(std::size_t index) const { return buffers[index].read; }
  bool wasWritten(std::size_t index) const { return buffers[index].written; }

private:
  std::vector<std::vector<std::byte>> storages;
  std::vector<std::string> names;
  std::vector<ReferenceBuffer> buffers;
  std::vector<ReferenceArgument> arguments;
  std::array<std::int64_t, 3> extents{1, 1, 1};
};

// A kernel with one pointer parameter for each type ("f32"), named %p0, %p1, ..., the last of which its
// body stores to. `body` sees the tiles %a0, %a1, ... of `n` elements loaded from all but the last, and
// defines %r, a tile of the last one's type.
inline std::string elementwiseKernel(const std::vector<std::string> &types, const std::string &body, int n) {
  std::string text = "tt.func public @k(";
  for (std::size_t i = 0; i < types.size(); ++i)
    text += (i ? ", " : "") + ("%p" + std::to_string(i)) + ": !tt.ptr<" + types[i] + ">";
  std::string size = std::to_string(n);
  text += ") {\n  %i = tt.make_range {end = " + size + " : i32, start = 0 : i32} : tensor<" + size + "xi32>\n";
  for (std::size_t i = 0; i < types.size(); ++i) {
    std::string k = std::to_string(i), pointers = "tensor<" + size + "x!tt.ptr<" + types[i] + ">>";
    text += "  %s" + k + " = tt.splat %p" + k + " : !tt.ptr<" + types[i] + "> -> " + pointers + "\n  %q" + k +
            " = tt.addptr %s" + k + ", %i : " + pointers + ", tensor<" + size + "xi32>\n";
    if (i + 1 < types.size())
      text += "  %a" + k + " = tt.load %q" + k + " : " + pointers + "\n";
  }
  std::string last = std::to_string(types.size() - 1);
  return text + body + "\n  tt.store %q" + last + ", %r : tensor<" + size + "x!tt.ptr<" + types.back() +
         ">>\n  tt.return\n}\n";
}

} // namespace lapidary
