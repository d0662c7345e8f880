#include "core/source/TtirFile.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>

namespace lapidary {

namespace {

bool isNameLetter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '$' ||
         c == '-';
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

// The text up to the bracket that closes the one before `at`; npos when none does. Strings are
// passed over, and the > of "->" closes nothing.
std::size_t closing(std::string_view text, std::size_t at) {
  int depth = 1;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      for (++at; at < text.size() && text[at] != '"'; ++at)
        at += text[at] == '\\';
    } else if (c == '(' || c == '<' || c == '[' || c == '{') {
      ++depth;
    } else if (c == ')' || c == ']' || c == '}' || (c == '>' && text[at - 1] != '-')) {
      if (--depth == 0)
        return at;
    }
  }
  return std::string_view::npos;
}

// The parts between the commas that stand in no bracket.
std::vector<std::string_view> parts(std::string_view text) {
  std::vector<std::string_view> found;
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    const char c = at < text.size() ? text[at] : ',';
    if (c == '(' || c == '<' || c == '[' || c == '{') {
      const std::size_t end = closing(text, at + 1);
      if (end == std::string_view::npos)
        return found;
      at = end;
    } else if (c == ',') {
      if (std::string_view part = trimmed(text.substr(begin, at - begin)); !part.empty())
        found.push_back(part);
      begin = at + 1;
    }
  }
  return found;
}

// "f16" -> "fp16", "!tt.ptr<f8E5M2>" -> "*fp8e5"; empty for what no launch can pass.
std::string typeName(std::string_view type) {
  constexpr std::string_view pointer = "!tt.ptr<";
  if (type.starts_with(pointer) && type.ends_with(">")) {
    std::string_view inside = type.substr(pointer.size(), type.size() - pointer.size() - 1);
    const std::string element = typeName(trimmed(inside.substr(0, inside.find(','))));
    return element.empty() || element[0] == '*' ? "" : "*" + element;
  }
  constexpr std::pair<std::string_view, std::string_view> names[] = {{"i1", "i1"},
                                                                     {"i8", "i8"},
                                                                     {"i16", "i16"},
                                                                     {"i32", "i32"},
                                                                     {"i64", "i64"},
                                                                     {"f16", "fp16"},
                                                                     {"bf16", "bf16"},
                                                                     {"f32", "fp32"},
                                                                     {"f64", "fp64"},
                                                                     {"f8E5M2", "fp8e5"},
                                                                     {"f8E4M3FN", "fp8e4nv"},
                                                                     {"f8E4M3FNUZ", "fp8e4b8"},
                                                                     {"f8E5M2FNUZ", "fp8e5b16"}};
  for (const auto &[ir, name] : names)
    if (ir == type)
      return std::string(name);
  return {};
}

class Reader {
public:
  Reader(KernelFile &file) : file(file), text(file.text) {}

  void run() {
    for (std::size_t at = 0; (at = text.find("tt.func", at)) != std::string_view::npos; ++at) {
      const std::size_t lineBegin = text.rfind('\n', at) + 1; // 0 in the first line
      if (trimmed(text.substr(lineBegin, at - lineBegin)).empty())
        function(at);
    }
  }

private:
  SourceRange rangeAt(std::size_t begin, std::size_t end) const {
    auto place = [&](std::size_t at) {
      const std::string_view before = text.substr(0, at);
      const std::size_t line = before.rfind('\n');
      return std::pair(int(std::ranges::count(before, '\n')) + 1,
                       int(at - (line == std::string_view::npos ? 0 : line + 1)) + 1);
    };
    const auto [line, column] = place(begin);
    const auto [endLine, endColumn] = place(std::min(end, text.size()));
    return {line, column, endLine, endColumn};
  }

  void problem(std::size_t at, std::string message) {
    Diagnostic diagnostic;
    diagnostic.severity = Severity::Error;
    diagnostic.file = file.path;
    diagnostic.range = rangeAt(at, at + 1);
    diagnostic.message = std::move(message);
    file.problems.push_back(std::move(diagnostic));
  }

  // The name in loc("x_ptr"(#loc)), or behind loc(#loc3).
  std::string locationName(std::string_view location) const {
    if (location.starts_with("#")) {
      const std::string alias = std::string(location.substr(0, location.find(')'))) + " = loc(";
      std::size_t at = text.find(alias);
      while (at != std::string_view::npos && at > 0 && text[at - 1] != '\n')
        at = text.find(alias, at + 1);
      if (at == std::string_view::npos)
        return {};
      location = text.substr(at + alias.size());
    }
    if (!location.starts_with("\""))
      return {};
    const std::size_t end = location.find('"', 1);
    const bool isName = end != std::string_view::npos && end + 1 < location.size() &&
                        (location[end + 1] == '(' || location[end + 1] == ')');
    return isName ? std::string(location.substr(1, end - 1)) : std::string();
  }

  void parameter(JitFunction &made, std::string_view written) {
    const auto at = std::size_t(written.data() - text.data());
    const std::size_t colon = written.find(':');
    if (!written.starts_with("%") || colon == std::string_view::npos)
      return problem(at, "an argument of this function cannot be read");
    std::string_view rest = trimmed(written.substr(colon + 1));
    std::size_t end = 0;
    while (end < rest.size() && (isNameLetter(rest[end]) || rest[end] == '!' || rest[end] == '<')) {
      if (rest[end] == '<')
        end = std::min(closing(rest, end + 1), rest.size() - 1);
      ++end;
    }
    KernelParameter parameter;
    const std::size_t location = rest.rfind("loc(");
    parameter.name =
        location == std::string_view::npos ? "" : locationName(rest.substr(location + 4));
    if (parameter.name.empty())
      parameter.name = std::string(trimmed(written.substr(1, colon - 1)));
    const std::string type = typeName(rest.substr(0, end));
    if (type.empty())
      problem(at, fmt::format("{} has the type {}, which no launch can pass", parameter.name,
                              rest.substr(0, end)));
    parameter.range = rangeAt(at, at + colon);
    parameter.annotation = "'" + type + "'";
    made.parameters.push_back(std::move(parameter));
  }

  void function(std::size_t at) {
    const std::size_t name = text.find('@', at), open = text.find('(', at);
    if (name == std::string_view::npos || open == std::string_view::npos || name > open ||
        text.substr(at, name - at).find("private") != std::string_view::npos)
      return;
    const std::size_t close = closing(text, open + 1);
    if (close == std::string_view::npos)
      return problem(at, "the arguments of this function do not end");
    JitFunction made;
    made.name = std::string(trimmed(text.substr(name + 1, open - name - 1)));
    if (made.name.size() > 1 && made.name.front() == '"')
      made.name = made.name.substr(1, made.name.size() - 2);
    made.file = file.path;
    made.nameRange = rangeAt(name, open);
    made.range = rangeAt(at, close);
    for (std::string_view part : parts(text.substr(open + 1, close - open - 1)))
      parameter(made, part);
    file.functions.push_back(std::move(made));
  }

  KernelFile &file;
  std::string_view text;
};

} // namespace

bool isTtirPath(const std::string &path) {
  return path.ends_with(".ttir") || path.ends_with(".mlir");
}

std::shared_ptr<KernelFile> readTtir(std::string text, const std::string &path) {
  auto file = std::make_shared<KernelFile>();
  file->path = path;
  file->text = std::move(text);
  file->module = std::make_shared<ast::Module>();
  Reader(*file).run();
  return file;
}

Launch guessTtirLaunch(const JitFunction &kernel) {
  constexpr std::int64_t side = 1024;
  Launch launch;
  launch.kernel = kernel.name;
  launch.name = "guess";
  launch.grid = {"1"};
  launch.guessed.insert("grid");
  for (const KernelParameter &parameter : kernel.parameters) {
    const std::string type = parameter.annotation.substr(1, parameter.annotation.size() - 2);
    const bool isPointer = type.starts_with("*");
    const DType dtype = parseDType(isPointer ? type.substr(1) : type).value_or(DType::Fp32);
    Value value = makeInt(side);
    if (isPointer) {
      TensorArgument tensor;
      tensor.dtype = dtype;
      tensor.shape = {side, side};
      tensor.strides = contiguousStrides(tensor.shape);
      tensor.storage = reachInBytes(tensor).value_or(0);
      tensor.init = isFloating(dtype)      ? "normal"
                    : dtype == DType::Int1 ? "randint:0:2"
                                           : "randint:0:64";
      value = Value{std::move(tensor)};
    } else if (isFloating(dtype)) {
      value = Value{1.0};
    } else if (dtype == DType::Int1) {
      value = Value{true};
    }
    launch.setArgument(parameter.name, std::move(value));
    launch.guessed.insert(parameter.name);
  }
  return launch;
}

} // namespace lapidary
