#include "tests/unit/language/ElaborateKernel.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <regex>
#include <sstream>

namespace lapidary::test {

static Value constantFrom(const std::string &text) {
  if (text == "None")
    return Value{NoneValue{}};
  if (text == "True" || text == "False")
    return Value{text == "True"};
  if (text.starts_with("'"))
    return Value{text.substr(1, text.size() - 2)};
  if (std::optional<DType> dtype = parseDType(text))
    return Value{*dtype};
  if (std::optional<Integer> integer = parseInteger(text))
    return Value{*integer};
  return Value{std::stod(text)};
}

static ArgumentSpecialization argumentFrom(const std::string &text) {
  ArgumentSpecialization argument;
  std::size_t equals = text.find('=');
  argument.name = text.substr(0, equals);
  if (text.compare(equals, 2, "==") == 0) {
    argument.type = "constexpr";
    argument.constant = constantFrom(text.substr(equals + 2));
    return argument;
  }
  std::string type = text.substr(equals + 1), letters;
  if (std::size_t colon = type.find(':'); colon != std::string::npos) {
    letters = type.substr(colon + 1);
    type.resize(colon);
  }
  argument.type = type;
  for (char letter : letters)
    argument.properties.push_back(letter == 'D' ? Property{"tt.divisibility", 16}
                                                : Property{"tt.pointer_range", 32});
  return argument;
}

Elaboration elaborateKernel(std::string source, const std::vector<std::string> &arguments,
                            const std::string &kernel, const std::string &target) {
  std::string imports = "import math; import triton; import triton.language as tl; "
                        "from triton.language.extra import libdevice";
  auto file = parseKernelFile(imports + source, "kernel.py");
  EXPECT_FALSE(file->functions.empty()) << source;
  if (file->functions.empty())
    return {};
  const JitFunction *function = kernel.empty() ? &file->functions.back() : file->find(kernel);
  EXPECT_NE(function, nullptr);
  Specialization specialization;
  specialization.target = *parseTarget(target);
  for (const std::string &argument : arguments)
    specialization.arguments.push_back(argumentFrom(argument));
  return elaborate(*file, *function, specialization);
}

// The IR's lines with " loc(...)" taken out.
static std::vector<std::string> bareLines(const std::string &ttir) {
  std::vector<std::string> lines;
  std::istringstream stream(ttir);
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("#loc"))
      continue;
    for (std::size_t start; (start = line.find(" loc(")) != std::string::npos;) {
      int depth = 0;
      std::size_t end = start + 4;
      do {
        depth += line[end] == '(' ? 1 : line[end] == ')' ? -1 : 0;
      } while (++end < line.size() && depth > 0);
      line.erase(start, end - start);
    }
    lines.push_back(line);
  }
  return lines;
}

std::map<std::string, int> operations(const Elaboration &elaboration) {
  static const std::regex operation(
      R"(^\s*(?:%[^=]*= )?"?((?:tt|arith|math|scf|ub|llvm)\.[\w.]+))");
  std::map<std::string, int> counts;
  for (const std::string &line : bareLines(elaboration.ttir))
    if (std::smatch match; std::regex_search(line, match, operation) && match[1] != "tt.func")
      ++counts[match[1]];
  return counts;
}

std::string messages(const Elaboration &elaboration) {
  std::string text;
  for (const Diagnostic &diagnostic : elaboration.diagnostics) {
    text +=
        fmt::format("{}:{} {}", diagnostic.range.line, diagnostic.range.column, diagnostic.message);
    if (!diagnostic.feature.empty())
      text += fmt::format(" [{}]", diagnostic.feature);
    text += "\n";
    for (const DiagnosticNote &note : diagnostic.notes)
      text += fmt::format("  {}:{} {}\n", note.range.line, note.range.column, note.message);
  }
  return text;
}

std::vector<std::string> linesWith(const Elaboration &elaboration, const std::string &part) {
  std::vector<std::string> found;
  for (const std::string &line : bareLines(elaboration.ttir))
    if (line.find(part) != std::string::npos)
      found.push_back(line);
  return found;
}

} // namespace lapidary::test
