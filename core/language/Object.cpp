#include "core/language/Object.h"

#include "core/language/Builtins.h"

#include "mlir/IR/ValueRange.h"

#include <fmt/format.h>

namespace lapidary::language {

Object::Object(Value constant) {
  auto convert = [](const ValueList &items, bool isList) {
    std::vector<Object> objects;
    objects.reserve(items.size());
    for (const Value &item : items)
      objects.emplace_back(item);
    return tuple(std::move(objects), isList).data;
  };
  if (auto *items = constant.as<TupleValue>())
    data = convert(items->items, false);
  else if (auto *list = constant.as<ListValue>())
    data = convert(list->items, true);
  else if (auto *dtype = constant.as<DType>())
    data = Type{{*dtype}, {}};
  else
    data = std::move(constant);
}

Object Object::tuple(std::vector<Object> items, bool isList) {
  return Object(std::make_shared<const Tuple>(Tuple{std::move(items), isList}));
}

bool Object::isNone() const {
  const Value *value = constant();
  return value && value->isNone();
}

const Tuple *Object::tuple() const {
  auto *pointer = std::get_if<std::shared_ptr<const Tuple>>(&data);
  return pointer ? pointer->get() : nullptr;
}

const Window *Object::window() const {
  auto *pointer = std::get_if<std::shared_ptr<const Window>>(&data);
  return pointer ? pointer->get() : nullptr;
}

const Slice *Object::slice() const {
  auto *pointer = std::get_if<std::shared_ptr<const Slice>>(&data);
  return pointer ? pointer->get() : nullptr;
}

const Method *Object::method() const {
  auto *pointer = std::get_if<std::shared_ptr<const Method>>(&data);
  return pointer ? pointer->get() : nullptr;
}

std::optional<__int128> Object::asInteger() const {
  const Value *value = constant();
  if (!value)
    return std::nullopt;
  if (auto *integer = value->as<Integer>(); integer && integer->fits)
    return integer->value;
  if (auto *boolean = value->as<bool>())
    return *boolean ? 1 : 0;
  return std::nullopt;
}

std::optional<double> Object::asNumber() const {
  if (const Value *value = constant())
    if (auto *number = value->as<double>())
      return *number;
  if (std::optional<__int128> integer = asInteger())
    return static_cast<double>(*integer);
  return std::nullopt;
}

const std::string *Object::asString() const {
  const Value *value = constant();
  return value ? value->as<std::string>() : nullptr;
}

std::optional<Value> Object::asValue() const {
  if (const Value *value = constant())
    return *value;
  if (const Type *scalar = type(); scalar && scalar->isScalar() && !scalar->element.isPointer())
    return Value{scalar->dtype()};
  const Tuple *items = tuple();
  if (!items)
    return std::nullopt;
  ValueList values;
  for (const Object &item : items->items) {
    std::optional<Value> value = item.asValue();
    if (!value)
      return std::nullopt;
    values.push_back(std::move(*value));
  }
  return items->isList ? Value{ListValue{std::move(values)}} : Value{TupleValue{std::move(values)}};
}

std::string describe(const Object &object) {
  if (const Tensor *tensor = object.tensor())
    return text(tensor->type);
  if (const Window *window = object.window())
    return text(window->type);
  if (const Value *value = object.constant())
    return value->isNone() ? std::string("None") : fmt::format("the constant {}", repr(*value));
  if (const Type *type = object.type())
    return fmt::format("the type {}", text(*type));
  if (const Tuple *tuple = object.tuple())
    return fmt::format("a {} of {}", tuple->isList ? "list" : "tuple", tuple->items.size());
  if (auto *function = object.as<Function>())
    return fmt::format("the function {}", function->function->name);
  if (auto *function = object.as<HostFunction>())
    return fmt::format("the Python function {}", function->function->name);
  if (auto *builtin = object.as<Builtin>())
    return fmt::format("the function {}", builtin->entry->name);
  if (auto *module = object.as<ModuleName>())
    return fmt::format("the module {}", module->path);
  if (auto *enumerator = object.as<Enumerator>())
    return enumerator->name;
  if (object.method())
    return "a method";
  if (object.slice())
    return "a slice";
  return "an unknown value";
}

// The runtime values of a window, in one order.
template <typename WindowType> static auto partsOf(WindowType &window) {
  std::vector<decltype(&window.base)> parts;
  if (window.base)
    parts.push_back(&window.base);
  for (auto *list : {&window.shape, &window.strides, &window.offsets})
    for (auto &part : *list)
      parts.push_back(&part);
  if (window.native)
    parts.push_back(&window.native);
  return parts;
}

void flatten(const Object &object, std::vector<Tensor> &out) {
  if (const Tensor *tensor = object.tensor())
    out.push_back(*tensor);
  else if (const Tuple *tuple = object.tuple())
    for (const Object &item : tuple->items)
      flatten(item, out);
  else if (const Window *window = object.window())
    for (const Tensor *part : partsOf(*window))
      out.push_back(*part);
}

Object rebuild(const Object &pattern, mlir::ValueRange values, std::size_t &next) {
  if (const Tensor *tensor = pattern.tensor())
    return Tensor{values[static_cast<unsigned>(next++)], tensor->type};
  if (const Window *window = pattern.window()) {
    auto copy = std::make_shared<Window>(*window);
    for (Tensor *part : partsOf(*copy))
      part->handle = values[static_cast<unsigned>(next++)];
    return Object(std::shared_ptr<const Window>(std::move(copy)));
  }
  const Tuple *tuple = pattern.tuple();
  if (!tuple)
    return pattern;
  std::vector<Object> items;
  items.reserve(tuple->items.size());
  for (const Object &item : tuple->items)
    items.push_back(rebuild(item, values, next));
  return Object::tuple(std::move(items), tuple->isList);
}

bool sameStructure(const Object &a, const Object &b) {
  if (const Tensor *tensor = a.tensor())
    return b.tensor() && tensor->type == b.tensor()->type;
  if (const Window *window = a.window()) {
    const Window *other = b.window();
    return other && window->type == other->type && window->padsWithNan == other->padsWithNan &&
           bool(window->native) == bool(other->native) && bool(window->base) == bool(other->base);
  }
  if (const Tuple *tuple = a.tuple()) {
    const Tuple *other = b.tuple();
    if (!other || tuple->items.size() != other->items.size())
      return false;
    for (std::size_t i = 0; i < tuple->items.size(); ++i)
      if (!sameStructure(tuple->items[i], other->items[i]))
        return false;
    return true;
  }
  return sameObject(a, b);
}

bool sameObject(const Object &a, const Object &b) {
  if (const Tensor *tensor = a.tensor())
    return b.tensor() && tensor->handle == b.tensor()->handle;
  if (const Window *window = a.window()) {
    if (!b.window() || !sameStructure(a, b))
      return false;
    auto parts = partsOf(*window), others = partsOf(*b.window());
    for (std::size_t i = 0; i < parts.size(); ++i)
      if (parts[i]->handle != others[i]->handle)
        return false;
    return true;
  }
  if (const Value *value = a.constant())
    return b.constant() && *value == *b.constant();
  if (const Type *type = a.type())
    return b.type() && *type == *b.type();
  if (const Tuple *tuple = a.tuple()) {
    const Tuple *other = b.tuple();
    if (!other || tuple->items.size() != other->items.size())
      return false;
    for (std::size_t i = 0; i < tuple->items.size(); ++i)
      if (!sameObject(tuple->items[i], other->items[i]))
        return false;
    return true;
  }
  if (auto *function = a.as<Function>())
    return b.as<Function>() && function->function == b.as<Function>()->function;
  if (auto *function = a.as<HostFunction>())
    return b.as<HostFunction>() && function->function == b.as<HostFunction>()->function;
  if (auto *builtin = a.as<Builtin>())
    return b.as<Builtin>() && builtin->entry == b.as<Builtin>()->entry;
  if (auto *module = a.as<ModuleName>())
    return b.as<ModuleName>() && module->path == b.as<ModuleName>()->path;
  if (auto *enumerator = a.as<Enumerator>())
    return b.as<Enumerator>() && *enumerator == *b.as<Enumerator>();
  return false;
}

} // namespace lapidary::language
