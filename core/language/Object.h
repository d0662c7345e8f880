// What an expression of a kernel evaluates to while it is elaborated: a runtime value, a
// compile-time constant, a type, a tuple, a function, a module ... or Invalid, after an error was
// reported, which every operation passes on in silence, so that one mistake gives one message.
#pragma once

#include "core/language/Types.h"
#include "core/source/KernelFile.h"

#include "mlir/IR/Value.h"

#include <memory>
#include <variant>

namespace lapidary::language {

class Object;
struct BuiltinEntry;

struct Invalid {};

// A value that exists when the kernel runs. Without a handle: invalid.
struct Tensor {
  mlir::Value handle;
  Type type;
  explicit operator bool() const { return static_cast<bool>(handle); }
};

// A window on a strided tensor in memory. A block pointer carries its offsets with it; a descriptor
// is told them at every access. Loops carry the parts, so that no operation on whole windows is
// needed.
struct Window {
  Type type;   // the block that an access moves; form BlockPointer or Descriptor
  Tensor base; // pointer to the first element; none of a native descriptor that is an argument
  std::vector<Tensor> shape, strides,
      offsets;              // i64 scalars, one a dimension; offsets of a block pointer only
  bool padsWithNan = false; // of a descriptor: what lies outside the tensor
  Tensor native; // of a descriptor on a target that has them: the tt.make_tensor_descriptor
};

struct Tuple {
  std::vector<Object> items;
  bool isList = false;
};

// A jit function and the file whose names it sees.
struct Function {
  const JitFunction *function = nullptr;
  const KernelFile *file = nullptr;
};

// A plain Python function of the module, computed with constants.
struct HostFunction {
  const ast::FunctionDef *function = nullptr;
  const KernelFile *file = nullptr;
};

struct Builtin {
  const BuiltinEntry *entry = nullptr;
};
struct ModuleName {
  std::string path;
}; // "triton.language", "math"

// x.sum, pointer.dtype.is_ptr: a function waiting for its remaining arguments.
struct Method {
  std::shared_ptr<const Object> self;
  std::shared_ptr<const Object> callee; // Function or Builtin
};

struct Slice {
  std::shared_ptr<const Object> start, stop, step;
};

// tl.PropagateNan.ALL
struct Enumerator {
  std::string name;
  bool operator==(const Enumerator &) const = default;
};

// A name that holds no value here, and why: it was assigned on some paths only.
struct Unset {
  std::string reason;
};

class Object {
public:
  using Variant =
      std::variant<Invalid, Value, Tensor, Type, std::shared_ptr<const Tuple>, Function,
                   HostFunction, std::shared_ptr<const Window>, Builtin, ModuleName,
                   std::shared_ptr<const Method>, std::shared_ptr<const Slice>, Enumerator, Unset>;

  Object() = default;
  Object(Value constant); // tuples, lists and dtypes become Tuple and Type
  Object(Tensor tensor) {
    if (tensor)
      data = std::move(tensor);
  }
  template <typename T>
    requires std::is_constructible_v<Variant, T>
  Object(T value) : data(std::move(value)) {}
  static Object tuple(std::vector<Object> items, bool isList = false);
  static Object integer(__int128 value) { return Object(Value{Integer(value)}); }
  static Object boolean(bool value) { return Object(Value{value}); }
  static Object string(std::string value) { return Object(Value{std::move(value)}); }
  static Object none() { return Object(Value{NoneValue{}}); }

  bool isValid() const { return !std::holds_alternative<Invalid>(data); }
  bool isNone() const;
  const Value *constant() const { return std::get_if<Value>(&data); }
  const Tensor *tensor() const { return std::get_if<Tensor>(&data); }
  const Type *type() const { return std::get_if<Type>(&data); }
  const Tuple *tuple() const;
  const Slice *slice() const;
  const Window *window() const;
  const Method *method() const;
  template <typename T> const T *as() const { return std::get_if<T>(&data); }

  std::optional<__int128> asInteger() const; // a constant int or bool
  std::optional<double> asNumber() const;    // a constant int, bool or float
  const std::string *asString() const;
  // As a host-side value: constants, dtypes, tuples of these.
  std::optional<Value> asValue() const;

private:
  Variant data;
};

// "tensor<128xfp32>", "the constant 16", "the type fp16", "a tuple of 2", ... for messages.
std::string describe(const Object &object);

// The runtime values inside, depth first.
void flatten(const Object &object, std::vector<Tensor> &out);
// The same object with its runtime values replaced, in that order; `next` is advanced.
Object rebuild(const Object &pattern, mlir::ValueRange values, std::size_t &next);
// Whether both have the same structure, types and constants: only the runtime values may differ.
bool sameStructure(const Object &a, const Object &b);
// Whether a name holding `a` still holds the very same thing.
bool sameObject(const Object &a, const Object &b);

} // namespace lapidary::language
