// A host-side value: what a launch file gives, what the bounded evaluator computes, what a constexpr
// holds. Python's semantics; value type; immutable by habit.
#pragma once

#include "core/support/DType.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace lapidary {

// A Python int. Exact within 128 bits; beyond that only `fits` = false and the sign are kept.
struct Integer {
  __int128 value = 0;
  bool fits = true;
  Integer() = default;
  Integer(__int128 v) : value(v) {}
  bool operator==(const Integer &) const = default;
};
std::string toString(const Integer &integer);
std::optional<Integer> parseInteger(const std::string &text); // decimal, 0x, 0o, 0b, underscores

// A tensor argument of a launch. Sizes of `offset` and `strides` in elements, of the others in bytes.
struct TensorArgument {
  DType dtype = DType::Fp32;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;
  std::int64_t offset = 0;
  std::int64_t alignment = 256; // of the storage's first byte
  std::int64_t storage = 0;     // of the whole untyped storage
  std::string init = "normal";  // normal | uniform | zeros | ones | arange | randint:LO:HI | onehot | file:PATH
  bool isConst = false;         // *k pointer
  bool operator==(const TensorArgument &) const = default;
};

struct Value;
using ValueList = std::vector<Value>;

struct NoneValue { bool operator==(const NoneValue &) const = default; };
struct TupleValue { ValueList items; bool operator==(const TupleValue &) const; };
struct ListValue { ValueList items; bool operator==(const ListValue &) const; };
struct DictValue { std::vector<std::pair<Value, Value>> items; bool operator==(const DictValue &) const; };
struct FunctionValue { std::string name; std::string cacheKey; bool operator==(const FunctionValue &) const = default; };
struct TensorDescriptorValue { TensorArgument base; std::vector<std::int64_t> blockShape; bool operator==(const TensorDescriptorValue &) const = default; };
// An instance of a class that the evaluator knows: triton.Config, with its fields in order.
struct ObjectValue {
  std::string type; // "triton.Config"
  std::vector<std::pair<std::string, Value>> fields;
  const Value *field(const std::string &name) const;
  bool operator==(const ObjectValue &) const;
};

struct Value {
  std::variant<NoneValue, bool, Integer, double, std::string, TupleValue, ListValue, DictValue,
               TensorArgument, TensorDescriptorValue, FunctionValue, DType, ObjectValue>
      data;

  template <typename T> const T *as() const { return std::get_if<T>(&data); }
  bool isNone() const { return as<NoneValue>() != nullptr; }
  bool operator==(const Value &) const = default;
};

// Shorthands, because a bare literal would pick the wrong alternative (an int is a bool to C++).
Value makeInt(__int128 value);
Value makeString(std::string text);

// An int or a bool as 64 bits; nothing for other kinds and for what does not fit.
std::optional<std::int64_t> toInt64(const Value &value);

bool truthy(const Value &value);     // Python's bool(value)
std::string repr(const Value &value); // Python's repr(): 1, 1.5, 'a', (1, 2), True, None
const char *kindName(const Value &value); // "int", "tensor", "None", ... for messages

} // namespace lapidary
