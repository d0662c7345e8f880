#include "core/specialize/KeyString.h"

#include "core/specialize/RuleSet.h"

#include <cctype>
#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace lapidary {
namespace {

template <typename Items> std::string printItems(const Items &items) {
  std::string text;
  for (const Value &item : items)
    text += (text.empty() ? "" : ", ") + printPython(item);
  return text;
}

std::string_view dtypeLongName(DType type) {
  switch (type) {
  case DType::Int1:
    return "int1";
  case DType::Int8:
    return "int8";
  case DType::Int16:
    return "int16";
  case DType::Int32:
    return "int32";
  case DType::Int64:
    return "int64";
  case DType::UInt8:
    return "uint8";
  case DType::UInt16:
    return "uint16";
  case DType::UInt32:
    return "uint32";
  case DType::UInt64:
    return "uint64";
  case DType::Fp8E4NV:
    return "float8e4nv";
  case DType::Fp8E5:
    return "float8e5";
  case DType::Fp8E4B8:
    return "float8e4b8";
  case DType::Fp8E5B16:
    return "float8e5b16";
  case DType::Fp8E4B15:
    return "float8e4b15";
  case DType::Fp16:
    return "float16";
  case DType::BF16:
    return "bfloat16";
  case DType::Fp32:
    return "float32";
  case DType::Fp64:
    return "float64";
  }
  return "";
}

// What is no jit function keeps the text that Python has for it: "<object at 0x7f>", "Config(a=1)".
std::string printFunction(const FunctionValue &function) {
  if (function.name.starts_with('<') || function.name.find_first_of("([") != std::string::npos)
    return function.name;
  return fmt::format("JITFunction({})", function.name);
}

} // namespace

std::string printPython(const Value &value) {
  if (const TupleValue *tuple = value.as<TupleValue>())
    return fmt::format("({}{})", printItems(tuple->items), tuple->items.size() == 1 ? "," : "");
  if (const ListValue *list = value.as<ListValue>())
    return fmt::format("[{}]", printItems(list->items));
  if (const DictValue *dictionary = value.as<DictValue>()) {
    std::string text;
    for (const auto &[key, item] : dictionary->items)
      text +=
          fmt::format("{}{}: {}", text.empty() ? "" : ", ", printPython(key), printPython(item));
    return "{" + text + "}";
  }
  if (const DType *type = value.as<DType>())
    return fmt::format("triton.language.{}", dtypeLongName(*type));
  if (const FunctionValue *function = value.as<FunctionValue>())
    return printFunction(*function);
  return repr(value);
}

Json scalarToJson(const Value &value) {
  if (const bool *boolean = value.as<bool>())
    return *boolean;
  if (const Integer *integer = value.as<Integer>();
      integer && integer->fits && integer->value >= INT64_MIN && integer->value <= INT64_MAX)
    return std::int64_t(integer->value);
  if (const double *number = value.as<double>(); number && std::isfinite(*number))
    return *number;
  if (const std::string *text = value.as<std::string>())
    return *text;
  return printPython(value);
}

std::string printOptions(const std::vector<std::pair<std::string, Value>> &options) {
  DictValue dictionary;
  for (const auto &[name, value] : options)
    dictionary.items.emplace_back(Value{name}, value);
  return printPython(Value{std::move(dictionary)});
}

std::string printKeyString(const KeyString &key) {
  std::string text;
  for (const KeyEntry &entry : key.entries)
    text += fmt::format("{}({}, {})", text.empty() ? "" : ", ", printPython(entry.type),
                        printPython(entry.key));
  return "[" + text + "]" + printOptions(key.options);
}

namespace {

Value typeValue(const ArgumentSpecialization &argument) {
  if (!argument.isTuple || argument.type.empty() || argument.type[0] != '(')
    return Value{argument.type};
  TupleValue tuple;
  for (const ArgumentSpecialization &item : argument.items)
    tuple.items.push_back(typeValue(item));
  return Value{std::move(tuple)};
}

// Jit functions, inside tuples and lists too, by what they compile to.
Value withCacheKeys(const Value &value) {
  if (const FunctionValue *function = value.as<FunctionValue>())
    return Value{function->cacheKey};
  Value result = value;
  ValueList *items = nullptr;
  if (TupleValue *tuple = std::get_if<TupleValue>(&result.data))
    items = &tuple->items;
  else if (ListValue *list = std::get_if<ListValue>(&result.data))
    items = &list->items;
  if (items)
    for (Value &item : *items)
      item = withCacheKeys(item);
  return result;
}

Value keyValue(const ArgumentSpecialization &argument, const RuleSet &rules) {
  if (argument.isTuple) {
    TupleValue tuple;
    for (const ArgumentSpecialization &item : argument.items)
      tuple.items.push_back(keyValue(item, rules));
    return Value{std::move(tuple)};
  }
  if (argument.isDeclaredConstexpr)
    return rules.functionsByCacheKey ? withCacheKeys(*argument.constant) : *argument.constant;
  if (rules.form == KeyForm::List)
    for (const FiredRule &rule : argument.fired)
      if (rule.constant)
        return Value{Integer(rule.value)};
  return argument.key ? Value{*argument.key} : Value{NoneValue{}};
}

} // namespace

std::vector<KeyEntry> keyEntries(const Specialization &specialization) {
  std::vector<KeyEntry> entries;
  for (const ArgumentSpecialization &argument : specialization.arguments)
    entries.push_back({typeValue(argument), keyValue(argument, *specialization.ruleSet)});
  return entries;
}

std::string printKey(const Specialization &specialization) {
  if (specialization.ruleSet->form == KeyForm::List)
    return printKeyString({keyEntries(specialization), specialization.keyOptions});
  // Types of all runtime parameters, keys of those that are specialized, then the constexprs.
  std::string types, keys;
  TupleValue constants;
  for (const ArgumentSpecialization &argument : specialization.arguments) {
    if (argument.isDeclaredConstexpr) {
      constants.items.push_back(*argument.constant);
      continue;
    }
    types += argument.type;
    if (argument.key)
      keys += *argument.key;
  }
  return fmt::format("{}{}({}, {})", types, keys, printPython(Value{std::move(constants)}),
                     printOptions(specialization.keyOptions));
}

namespace {

void appendUtf8(std::string &text, std::uint32_t code) {
  if (code < 0x80) {
    text += char(code);
    return;
  }
  const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3; // bytes behind the first
  text += char((more == 1 ? 0xc0 : more == 2 ? 0xe0 : 0xf0) | code >> (6 * more));
  for (int i = more - 1; i >= 0; --i)
    text += char(0x80 | (code >> (6 * i) & 0x3f));
}

// Python literals by recursive descent; depth is bounded, so no text can overrun the stack.
class LiteralParser {
public:
  explicit LiteralParser(std::string_view text, std::size_t at = 0) : text(text), at(at) {}

  void skipBlanks() {
    while (at < text.size() && std::isspace(static_cast<unsigned char>(text[at])))
      ++at;
  }
  bool take(char c) {
    skipBlanks();
    if (at >= text.size() || text[at] != c)
      return false;
    ++at;
    return true;
  }
  bool atEnd() {
    skipBlanks();
    return at >= text.size();
  }
  std::size_t position() const { return at; }

  std::unexpected<Error> wrong(const std::string &expected) const {
    std::string found = at < text.size() ? fmt::format("'{}'", text.substr(at, 12)) : "the end";
    return fail(ErrorCode::InvalidInput,
                fmt::format("position {}: expected {}, found {}", at + 1, expected, found));
  }

  Result<Value> value(int depth = 0) {
    if (depth > 64)
      return wrong("less than 64 levels of nesting");
    skipBlanks();
    if (at >= text.size())
      return wrong("a value");
    char c = text[at];
    if (c == '(' || c == '[')
      return sequence(depth);
    if (c == '{')
      return dictionary(depth);
    if (c == '\'' || c == '"')
      return quoted();
    if (std::isdigit(static_cast<unsigned char>(c)) || c == '-' || c == '+' || c == '.')
      return number();
    if (std::isalpha(static_cast<unsigned char>(c)) || c == '_' || c == '<')
      return name();
    return wrong("a value");
  }

private:
  Result<Value> sequence(int depth) {
    bool isList = text[at++] == '[';
    char close = isList ? ']' : ')';
    ValueList items;
    bool comma = false;
    while (!take(close)) {
      if (!items.empty() && !comma)
        return wrong(fmt::format("',' or '{}'", close));
      Result<Value> item = value(depth + 1);
      if (!item)
        return item;
      items.push_back(std::move(*item));
      comma = take(',');
    }
    if (isList)
      return Value{ListValue{std::move(items)}};
    if (items.size() == 1 && !comma)
      return std::move(items[0]); // plain parentheses
    return Value{TupleValue{std::move(items)}};
  }

  Result<Value> dictionary(int depth) {
    ++at;
    DictValue result;
    bool comma = true;
    while (!take('}')) {
      if (!comma)
        return wrong("',' or '}'");
      Result<Value> key = value(depth + 1);
      if (!key)
        return key;
      if (!take(':'))
        return wrong("':'");
      Result<Value> item = value(depth + 1);
      if (!item)
        return item;
      result.items.emplace_back(std::move(*key), std::move(*item));
      comma = take(',');
    }
    return Value{std::move(result)};
  }

  Result<Value> quoted() {
    std::size_t start = at;
    char quote = text[at++];
    std::string result;
    while (at < text.size() && text[at] != quote) {
      char c = text[at++];
      if (c != '\\') {
        result += c;
        continue;
      }
      if (at >= text.size())
        break;
      char escaped = text[at++];
      switch (escaped) {
      case 'n':
        result += '\n';
        break;
      case 't':
        result += '\t';
        break;
      case 'r':
        result += '\r';
        break;
      case '0':
        result += '\0';
        break;
      case 'x': {
        unsigned code = 0;
        if (at + 2 > text.size() ||
            std::from_chars(text.data() + at, text.data() + at + 2, code, 16).ptr !=
                text.data() + at + 2)
          return wrong("two hexadecimal digits");
        at += 2;
        appendUtf8(result, code); // \x names a code point below 256
        break;
      }
      case 'u':
      case 'U': {
        const std::size_t digits = escaped == 'u' ? 4 : 8;
        std::uint32_t code = 0;
        const char *first = text.data() + at;
        if (at + digits > text.size() ||
            std::from_chars(first, first + digits, code, 16).ptr != first + digits ||
            code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
          return wrong(fmt::format("{} hexadecimal digits of a character", digits));
        at += digits;
        appendUtf8(result, code);
        break;
      }
      default:
        result += escaped;
      }
    }
    if (at >= text.size()) {
      at = start;
      return wrong("a text with its closing quote");
    }
    ++at;
    return Value{std::move(result)};
  }

  Result<Value> number() {
    std::size_t start = at;
    if (text[at] == '-' || text[at] == '+')
      ++at;
    if (text.substr(at).starts_with("inf") || text.substr(at).starts_with("nan")) {
      Result<Value> special = name();
      if (special && text[start] == '-')
        if (double *number = std::get_if<double>(&special->data))
          *number = -*number;
      return special;
    }
    bool isFloat = false;
    bool isHex = text.substr(at).starts_with("0x") || text.substr(at).starts_with("0X");
    while (at < text.size()) {
      char c = text[at];
      bool isExponentSign =
          (c == '-' || c == '+') && !isHex && (text[at - 1] == 'e' || text[at - 1] == 'E');
      if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '_' && !isExponentSign)
        break;
      isFloat |= !isHex && (c == '.' || c == 'e' || c == 'E');
      ++at;
    }
    std::string token(text.substr(start, at - start));
    if (!isFloat) {
      bool isNegative = token[0] == '-';
      if (isNegative || token[0] == '+')
        token.erase(0, 1);
      std::optional<Integer> integer = parseInteger(token);
      if (integer && integer->fits) { // beyond 127 bits values could not be told apart
        if (isNegative)
          integer->value = -integer->value;
        return Value{*integer};
      }
    } else {
      double parsed = 0;
      const char *first = token.data() + (token[0] == '+');
      auto [end, failure] = std::from_chars(first, token.data() + token.size(), parsed);
      if (failure == std::errc() && end == token.data() + token.size())
        return Value{parsed};
    }
    at = start;
    return wrong("a number");
  }

  Result<Value> name() {
    std::size_t start = at;
    if (text[at] == '<') // Python's repr of an object
      return object(start);
    while (at < text.size() && (std::isalnum(static_cast<unsigned char>(text[at])) ||
                                text[at] == '_' || text[at] == '.'))
      ++at;
    std::string word(text.substr(start, at - start));
    if (word == "None")
      return Value{NoneValue{}};
    if (word == "True" || word == "False")
      return Value{word == "True"};
    if (word == "inf" || word == "nan")
      return Value{word == "inf" ? double(INFINITY) : double(NAN)};
    if (at < text.size() && (text[at] == '(' || text[at] == '['))
      return called(start, word);
    if (std::size_t dot = word.rfind('.'); dot != std::string::npos)
      if (std::optional<DType> type = parseDType(word.substr(dot + 1)))
        return Value{*type};
    at = start;
    return wrong("None, True, False, a number, a text or a type");
  }

  // JITFunction(module:name) keeps its name; constexpr[4] and constexpr(4) are the value inside.
  Result<Value> called(std::size_t start, const std::string &word) {
    if (word == "constexpr") {
      const char close = text[at++] == '(' ? ')' : ']';
      Result<Value> value = this->value(1);
      if (value && !take(close))
        return wrong(fmt::format("'{}'", close));
      return value;
    }
    if (word != "JITFunction" || text[at] != '(')
      return object(start);
    const std::size_t close = text.find_first_of("()[]{}'\"", at + 1);
    if (close == std::string_view::npos || text[close] != ')' || text[at + 1] == '<')
      return wrong("the name of a jit function in parentheses");
    std::string function(text.substr(at + 1, close - at - 1));
    at = close + 1;
    return Value{FunctionValue{std::move(function), {}}};
  }

  // Everything from `start` on up to the bracket that closes the one at `at`.
  Result<Value> object(std::size_t start) {
    constexpr std::string_view opening = "<([{", closing = ">)]}";
    std::string open;
    do {
      if (at >= text.size())
        return wrong(fmt::format("'{}'", closing[opening.find(open.back())]));
      if (opening.find(text[at]) != std::string_view::npos)
        open += text[at];
      else if (std::size_t kind = closing.find(text[at]); kind != std::string_view::npos) {
        if (open.back() != opening[kind])
          return wrong(fmt::format("'{}'", closing[opening.find(open.back())]));
        open.pop_back();
      }
      ++at;
    } while (!open.empty());
    return Value{FunctionValue{std::string(text.substr(start, at - start)), {}}};
  }

  std::string_view text;
  std::size_t at;
};

bool isType(const Value &value) {
  if (value.as<std::string>())
    return true;
  const TupleValue *tuple = value.as<TupleValue>();
  if (!tuple)
    return false;
  for (const Value &item : tuple->items)
    if (!isType(item))
      return false;
  return true;
}

} // namespace

Result<Value> parsePythonLiteral(std::string_view text) {
  LiteralParser parser(text);
  Result<Value> value = parser.value();
  if (value && !parser.atEnd())
    return parser.wrong("the end of the value");
  return value;
}

Result<KeyString> parseKeyString(std::string_view text) {
  std::size_t start = text.find("[(");
  if (start == std::string_view::npos)
    start = text.find("[]");
  if (start == std::string_view::npos)
    return fail(ErrorCode::InvalidInput,
                "position 1: expected a key such as [('*fp32', 'D'), ('i32', '')]{'debug': False}");
  LiteralParser parser(text, start);
  KeyString key;
  parser.take('[');
  bool comma = true;
  while (!parser.take(']')) {
    if (!comma)
      return parser.wrong("',' or ']'");
    std::size_t entryStart = parser.position();
    Result<Value> entry = parser.value();
    if (!entry)
      return std::unexpected(entry.error());
    TupleValue *pair = std::get_if<TupleValue>(&entry->data);
    if (!pair || pair->items.size() != 2 || !isType(pair->items[0]))
      return LiteralParser(text, entryStart).wrong("a pair (type, key)");
    key.entries.push_back({std::move(pair->items[0]), std::move(pair->items[1])});
    comma = parser.take(',');
  }
  if (parser.atEnd())
    return key;
  std::size_t optionsStart = parser.position();
  if (text[optionsStart] != '{')
    return key; // the rest of the log line
  Result<Value> options = parser.value();
  if (!options)
    return std::unexpected(options.error());
  for (auto &[name, value] : std::get<DictValue>(options->data).items) {
    std::string *word = std::get_if<std::string>(&name.data);
    if (!word)
      return LiteralParser(text, optionsStart).wrong("options with text names");
    key.options.emplace_back(std::move(*word), std::move(value));
  }
  return key;
}

} // namespace lapidary
