// Methods and fields of values, for evaluation.
#include "core/source/Interpreter.h"

#include <algorithm>
#include <fmt/format.h>

namespace lapidary {

namespace {

Value listOfInts(const std::vector<std::int64_t> &numbers) {
  TupleValue result;
  for (std::int64_t number : numbers)
    result.items.push_back(makeInt(number));
  return Value{std::move(result)};
}

const std::string *textArgument(const ValueList &arguments, std::size_t index) {
  return index < arguments.size() ? arguments[index].as<std::string>() : nullptr;
}

std::string mapCharacters(const std::string &text, char (*change)(char)) {
  std::string result = text;
  std::ranges::transform(result, result.begin(), change);
  return result;
}

std::string strip(const std::string &text, const std::string &characters, bool left, bool right) {
  std::size_t first = left ? text.find_first_not_of(characters) : 0;
  std::size_t last = right ? text.find_last_not_of(characters) : text.size() - 1;
  return first == std::string::npos || last == std::string::npos || text.empty()
             ? ""
             : text.substr(first, last - first + 1);
}

ValueList split(const std::string &text, const std::string *separator) {
  ValueList parts;
  std::size_t at = 0;
  if (separator) {
    for (std::size_t end; (end = text.find(*separator, at)) != std::string::npos;
         at = end + separator->size())
      parts.push_back(makeString(text.substr(at, end - at)));
    parts.push_back(makeString(text.substr(at)));
    return parts;
  }
  while ((at = text.find_first_not_of(" \t\r\n", at)) != std::string::npos) {
    std::size_t end = std::min(text.find_first_of(" \t\r\n", at), text.size());
    parts.push_back(makeString(text.substr(at, end - at)));
    at = end;
  }
  return parts;
}

bool affix(const std::string &text, const Value &wanted, bool start) {
  if (const auto *tuple = wanted.as<TupleValue>())
    return std::ranges::any_of(tuple->items,
                               [&](const Value &item) { return affix(text, item, start); });
  const auto *part = wanted.as<std::string>();
  return part && (start ? text.starts_with(*part) : text.ends_with(*part));
}

// str.format with plain fields: "{}", "{0}", "{name}"; nothing for anything finer.
std::optional<std::string> formatFields(const std::string &text, const ValueList &arguments,
                                        const Evaluator::Keywords &keywords) {
  std::string result;
  std::size_t next = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c != '{' && c != '}') {
      result += c;
      continue;
    }
    if (i + 1 < text.size() && text[i + 1] == c) {
      result += c;
      ++i;
      continue;
    }
    const std::size_t end = c == '{' ? text.find('}', i) : std::string::npos;
    if (end == std::string::npos)
      return std::nullopt;
    const std::string field = text.substr(i + 1, end - i - 1);
    const Value *value = nullptr;
    for (const auto &[key, known] : keywords)
      if (key == field)
        value = &known;
    const bool numbered = !field.empty() && field.size() < 4 &&
                          field.find_first_not_of("0123456789") == std::string::npos;
    const std::size_t position = field.empty() ? next++ : numbered ? std::stoul(field) : SIZE_MAX;
    if (!value && position < arguments.size())
      value = &arguments[position];
    if (!value)
      return std::nullopt;
    const auto *string = value->as<std::string>();
    result += string ? *string : repr(*value);
    i = end;
  }
  return result;
}

std::optional<Value> stringMethod(Interpreter &interpreter, const std::string &text,
                                  const std::string &name, const ValueList &arguments,
                                  const Evaluator::Keywords &keywords) {
  if (name == "format") {
    std::optional<std::string> formatted = formatFields(text, arguments, keywords);
    if (!formatted)
      return interpreter.raise("format() takes plain fields only");
    interpreter.charge(1 + formatted->size() / 64);
    return Value{std::move(*formatted)};
  }
  const std::string *first = textArgument(arguments, 0), *second = textArgument(arguments, 1);
  if ((name == "startswith" || name == "endswith") && arguments.size() == 1)
    return Value{affix(text, arguments[0], name == "startswith")};
  if (name == "lower" && arguments.empty())
    return Value{mapCharacters(
        text, [](char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); })};
  if (name == "upper" && arguments.empty())
    return Value{mapCharacters(
        text, [](char c) { return static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c); })};
  if (name == "strip" || name == "lstrip" || name == "rstrip")
    return makeString(strip(text, first ? *first : " \t\r\n", name != "rstrip", name != "lstrip"));
  if (name == "isdigit" && arguments.empty())
    return Value{!text.empty() && text.find_first_not_of("0123456789") == std::string::npos};
  if (name == "split" && arguments.size() <= 1) {
    if (first && first->empty())
      return interpreter.raise("the separator is empty");
    return Value{ListValue{split(text, first)}};
  }
  if (name == "join" && arguments.size() == 1) {
    std::string joined;
    bool any = false;
    for (const Value &item : interpreter.iterate(arguments[0])) {
      const auto *piece = item.as<std::string>();
      if (!piece)
        return interpreter.raise("join() needs strings");
      joined += (any ? text : "") + *piece;
      any = true;
      if (!interpreter.charge(1 + joined.size() / 64))
        return Value{};
    }
    return Value{std::move(joined)};
  }
  if (name == "replace" && first && second && !first->empty()) {
    std::string result;
    std::size_t at = 0;
    for (std::size_t found; (found = text.find(*first, at)) != std::string::npos;
         at = found + first->size()) {
      result += text.substr(at, found - at) + *second;
      if (!interpreter.charge(1 + second->size() / 64))
        return Value{};
    }
    return Value{result + text.substr(at)};
  }
  if (name == "count" && first && !first->empty()) {
    int count = 0;
    for (std::size_t at = 0; (at = text.find(*first, at)) != std::string::npos; at += first->size())
      ++count;
    return makeInt(count);
  }
  if (name == "find" && first) {
    std::size_t at = text.find(*first);
    return makeInt(at == std::string::npos ? -1 : static_cast<__int128>(at));
  }
  return std::nullopt;
}

std::optional<Value> sequenceMethod(Interpreter &interpreter, const ValueList &items, bool isList,
                                    const std::string &name, const ValueList &arguments) {
  if ((name == "index" || name == "count") && arguments.size() == 1) {
    int count = 0;
    for (std::size_t i = 0; i < items.size() && interpreter.charge(1); ++i)
      if (truthy(interpreter.checked(Evaluator::binary("==", items[i], arguments[0])))) {
        if (name == "index")
          return makeInt(static_cast<__int128>(i));
        ++count;
      }
    return name == "count" ? makeInt(count)
                           : interpreter.raise(repr(arguments[0]) + " is not in the list");
  }
  if (name == "copy" && isList && arguments.empty())
    return Value{ListValue{items}};
  return std::nullopt;
}

std::optional<Value> dictMethod(Interpreter &interpreter, const DictValue &dict,
                                const std::string &name, const ValueList &arguments,
                                const Evaluator::Keywords &keywords) {
  ListValue result;
  if (name == "get" && !arguments.empty()) {
    interpreter.charge(dict.items.size() / 16);
    for (const auto &[key, value] : dict.items)
      if (truthy(interpreter.checked(Evaluator::binary("==", key, arguments[0]))))
        return value;
    if (arguments.size() > 1)
      return arguments[1];
    return keywords.empty() ? Value{} : keywords[0].second;
  }
  if (!arguments.empty())
    return std::nullopt;
  if (name == "copy")
    return Value{dict};
  if (name != "items" && name != "keys" && name != "values")
    return std::nullopt;
  interpreter.charge(weight(Value{dict}));
  for (const auto &[key, value] : dict.items)
    result.items.push_back(name == "items"  ? Value{TupleValue{{key, value}}}
                           : name == "keys" ? key
                                            : value);
  return Value{std::move(result)};
}

std::optional<Value> tensorMethod(Interpreter &interpreter, const TensorArgument &tensor,
                                  const std::string &name, const ValueList &arguments) {
  auto dimension = [&](const std::vector<std::int64_t> &numbers) -> Value {
    std::optional<std::int64_t> at = toInt64(arguments[0]);
    auto rank = static_cast<std::int64_t>(numbers.size());
    if (at && *at < 0)
      *at += rank;
    if (!at || *at < 0 || *at >= rank)
      return interpreter.raise(fmt::format("the tensor has {} dimensions", rank));
    return makeInt(numbers[static_cast<std::size_t>(*at)]);
  };
  if (name == "numel" && arguments.empty()) {
    Value product = makeInt(1);
    for (std::int64_t size : tensor.shape)
      product = interpreter.checked(Evaluator::binary("*", product, makeInt(size)));
    return product;
  }
  if (name == "stride")
    return arguments.empty() ? listOfInts(tensor.strides) : dimension(tensor.strides);
  if (name == "size")
    return arguments.empty() ? listOfInts(tensor.shape) : dimension(tensor.shape);
  if (name == "dim" || name == "ndimension")
    return makeInt(static_cast<__int128>(tensor.shape.size()));
  if (name == "element_size")
    return makeInt(dtypeBytes(tensor.dtype));
  if (name == "storage_offset")
    return makeInt(tensor.offset);
  if (name == "is_contiguous") {
    std::int64_t expected = 1;
    for (std::size_t i = tensor.shape.size(); i-- > 0;) {
      if (tensor.shape[i] != 1 && tensor.strides[i] != expected)
        return Value{false};
      expected *= std::max<std::int64_t>(tensor.shape[i], 1);
    }
    return Value{true};
  }
  return std::nullopt;
}

// What tl.dtype is asked: is_floating(), is_int_signed(), is_bf16(), ...
std::optional<Value> typeQuestion(DType type, const std::string &name) {
  if (name == "is_floating")
    return Value{isFloating(type)};
  if (name == "is_fp8")
    return Value{isFloating(type) && dtypeBits(type) == 8};
  if (name == "is_int")
    return Value{!isFloating(type)};
  if (name == "is_int_signed")
    return Value{isSignedInteger(type)};
  if (name == "is_int_unsigned")
    return Value{type == DType::Int1 || isUnsignedInteger(type)};
  if (name == "is_bool")
    return Value{type == DType::Int1};
  if (name == "is_ptr" || name == "is_block")
    return Value{false};
  if (std::optional<DType> asked =
          name.starts_with("is_") ? parseDType(name.substr(3)) : std::nullopt)
    return Value{*asked == type};
  return std::nullopt;
}

} // namespace

std::optional<Value> callMethod(Interpreter &interpreter, const Value &object,
                                const std::string &name, const ValueList &arguments,
                                const Evaluator::Keywords &keywords) {
  if (const auto *text = object.as<std::string>())
    return stringMethod(interpreter, *text, name, arguments, keywords);
  if (const auto *list = object.as<ListValue>())
    return sequenceMethod(interpreter, list->items, true, name, arguments);
  if (const auto *tuple = object.as<TupleValue>())
    return sequenceMethod(interpreter, tuple->items, false, name, arguments);
  if (const auto *dict = object.as<DictValue>())
    return dictMethod(interpreter, *dict, name, arguments, keywords);
  if (const auto *tensor = object.as<TensorArgument>())
    return tensorMethod(interpreter, *tensor, name, arguments);
  if (const auto *type = object.as<DType>(); type && arguments.empty())
    return typeQuestion(*type, name);
  if (name == "bit_length" && object.as<Integer>()) {
    __int128 rest = object.as<Integer>()->value;
    int bits = 0;
    for (rest = rest < 0 ? -rest : rest; rest > 0; rest /= 2)
      ++bits;
    return makeInt(bits);
  }
  return std::nullopt;
}

std::optional<Value> changeValue(Interpreter &interpreter, Value &object, const std::string &name,
                                 const ValueList &arguments, const Evaluator::Keywords &keywords) {
  if (auto *list = std::get_if<ListValue>(&object.data)) {
    ValueList &items = list->items;
    auto size = static_cast<std::int64_t>(items.size());
    if (name == "append" && arguments.size() == 1) {
      items.push_back(arguments[0]);
      return Value{};
    }
    if (name == "extend" && arguments.size() == 1) {
      for (Value &item : interpreter.iterate(arguments[0]))
        items.push_back(std::move(item));
      return Value{};
    }
    std::optional<std::int64_t> at =
        arguments.empty() ? std::optional<std::int64_t>(-1) : toInt64(arguments[0]);
    if (name == "insert" && arguments.size() == 2 && at) {
      std::int64_t position = std::clamp<std::int64_t>(*at < 0 ? *at + size : *at, 0, size);
      interpreter.charge(items.size() / 16);
      items.insert(items.begin() + position, arguments[1]);
      return Value{};
    }
    if (name == "pop" && arguments.size() <= 1 && at) {
      std::int64_t position = *at < 0 ? *at + size : *at;
      if (position < 0 || position >= size)
        return interpreter.raise("pop() finds no item there");
      interpreter.charge(items.size() / 16);
      Value taken = items[static_cast<std::size_t>(position)];
      items.erase(items.begin() + position);
      return taken;
    }
    if (name == "reverse" && arguments.empty()) {
      std::ranges::reverse(items);
      return Value{};
    }
    if (name == "clear" && arguments.empty()) {
      items.clear();
      return Value{};
    }
    if (name == "sort") {
      object = callBuiltin(interpreter, "sorted", {object}, keywords).value_or(Value{});
      return Value{};
    }
    return std::nullopt;
  }
  auto *dict = std::get_if<DictValue>(&object.data);
  if (!dict)
    return std::nullopt;
  auto find = [&](const Value &key) {
    interpreter.charge(dict->items.size() / 16);
    return std::ranges::find_if(dict->items, [&](const auto &item) {
      return truthy(interpreter.checked(Evaluator::binary("==", item.first, key)));
    });
  };
  if (name == "update" && arguments.size() <= 1) {
    Value more = callBuiltin(interpreter, "dict", arguments, keywords).value_or(Value{});
    object = interpreter.checked(Evaluator::binary("|", object, more));
    return Value{};
  }
  if (name == "clear" && arguments.empty()) {
    dict->items.clear();
    return Value{};
  }
  if ((name == "pop" || name == "setdefault") && !arguments.empty()) {
    auto found = find(arguments[0]);
    bool present = found != dict->items.end();
    Value value = present ? found->second : arguments.size() > 1 ? arguments[1] : Value{};
    if (name == "pop") {
      if (!present && arguments.size() < 2)
        return interpreter.raise(repr(arguments[0]) + " is not among the keys");
      if (present)
        dict->items.erase(found);
    } else if (!present) {
      dict->items.emplace_back(arguments[0], value);
    }
    return value;
  }
  return std::nullopt;
}

std::optional<Value> readAttribute(const Value &object, const std::string &name) {
  if (const auto *known = object.as<ObjectValue>()) {
    const Value *field = known->field(name);
    return field ? std::optional(*field) : std::nullopt;
  }
  if (const auto *tensor = object.as<TensorArgument>()) {
    if (name == "shape")
      return listOfInts(tensor->shape);
    if (name == "dtype")
      return Value{tensor->dtype};
    if (name == "ndim")
      return makeInt(static_cast<__int128>(tensor->shape.size()));
  }
  if (const auto *descriptor = object.as<TensorDescriptorValue>()) {
    if (name == "block_shape")
      return listOfInts(descriptor->blockShape);
    return readAttribute(Value{descriptor->base}, name);
  }
  if (const auto *type = object.as<DType>()) {
    if (name == "itemsize")
      return makeInt(dtypeBytes(*type));
    if (name == "primitive_bitwidth")
      return makeInt(dtypeBits(*type));
  }
  if (name == "value" && (object.as<Integer>() || object.as<bool>() || object.as<double>() ||
                          object.as<std::string>()))
    return object; // of a tl.constexpr
  return std::nullopt;
}

} // namespace lapidary
