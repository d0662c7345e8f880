// Our elaboration of a kernel against Triton's, by what both compute: each case comes with Triton's
// IR of the same kernel, signature and constants; both are compiled for the CPU and run on the same
// inputs (once where they are the same text), and the plain reference runs Triton's.
//
//   language_check FOLDER     reads FOLDER/cases.json, and the inputs and IR files that it names
//
// Prints one line of JSON a case: {"case", "outcome", "message"}. The outcome is "equal",
// "differs", "refused" (we do not elaborate it), "accepted" (nothing to run, and we elaborate it)
// or "broken" (the CPU does not run it). A line {"begin": N} stands before each, so that a crash
// has a name. Where a case asks for it, what our IR computed is written beside the inputs.
#include "core/compiler/Reference.h"
#include "core/language/Elaborate.h"
#include "core/support/Json.h"
#include "core/support/Paths.h"
#include "tests/unit/compiler/CpuKernel.h"

#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <map>

using namespace lapidary;
namespace fs = std::filesystem;

namespace {

struct Storage {
  std::string name;
  DType dtype = DType::Int8;
  std::string contents;
};

struct Problem {
  std::vector<Storage> storages;
  std::vector<ReferenceArgument> arguments;
  std::vector<std::uint64_t> slots; // of scalars; pointers are filled in when it runs
  std::array<std::int64_t, 3> grid{1, 1, 1};
};

double fromNarrow(std::uint64_t bits, int exponentBits, int mantissaBits, int bias) {
  const int sign = int(bits >> (exponentBits + mantissaBits)) & 1;
  const int exponent = int(bits >> mantissaBits) & ((1 << exponentBits) - 1);
  const double mantissa = double(bits & ((1u << mantissaBits) - 1)) / (1 << mantissaBits);
  const bool special = exponent == (1 << exponentBits) - 1;
  double value =
      exponent == 0 ? std::ldexp(mantissa, 1 - bias) : std::ldexp(1 + mantissa, exponent - bias);
  if (special)
    value = mantissa == 0 ? INFINITY : NAN;
  return sign ? -value : value;
}

// Nothing for types that are compared by their bits alone.
std::optional<double> number(const Storage &storage, std::size_t index) {
  std::uint64_t bits = 0;
  const auto bytes = std::size_t(dtypeBytes(storage.dtype));
  std::memcpy(&bits, storage.contents.data() + index * bytes, bytes);
  switch (storage.dtype) {
  case DType::Fp64:
    return std::bit_cast<double>(bits);
  case DType::Fp32:
    return std::bit_cast<float>(std::uint32_t(bits));
  case DType::BF16:
    return fromNarrow(bits, 8, 7, 127);
  case DType::Fp16:
    return fromNarrow(bits, 5, 10, 15);
  case DType::Fp8E5:
    return fromNarrow(bits, 5, 2, 15);
  default:
    return std::nullopt;
  }
}

bool close(double a, double b, double tolerance) {
  if (std::isnan(a) || std::isnan(b))
    return std::isnan(a) && std::isnan(b);
  return a == b || std::abs(a - b) <= tolerance * std::max({1.0, std::abs(a), std::abs(b)});
}

// What differs first, or nothing.
std::string difference(const Problem &ours, const Problem &theirs, double tolerance) {
  for (std::size_t s = 0; s < ours.storages.size(); ++s) {
    const Storage &a = ours.storages[s], &b = theirs.storages[s];
    if (a.contents == b.contents)
      continue;
    const auto bytes = std::size_t(dtypeBytes(a.dtype));
    for (std::size_t i = 0; i * bytes < a.contents.size(); ++i) {
      const bool same = a.contents.compare(i * bytes, bytes, b.contents, i * bytes, bytes) == 0;
      const std::optional<double> x = number(a, i), y = number(b, i);
      if (same || (x && close(*x, *y, tolerance)))
        continue;
      auto bits = [&](const Storage &storage) {
        std::int64_t value = 0;
        std::memcpy(&value, storage.contents.data() + i * bytes, bytes);
        return value;
      };
      return fmt::format("{}[{}] is {} and not {}", a.name, i,
                         x ? fmt::format("{}", *x) : fmt::format("{:#x}", bits(a)),
                         y ? fmt::format("{}", *y) : fmt::format("{:#x}", bits(b)));
    }
  }
  return {};
}

// The IR without its locations.
std::string bare(const std::string &ttir) {
  std::string text;
  for (std::size_t at = 0; at < ttir.size();) {
    const std::size_t end = std::min(ttir.find('\n', at), ttir.size());
    std::string line = ttir.substr(at, end - at);
    at = end + 1;
    if (line.empty() || line.starts_with("#loc"))
      continue;
    for (std::size_t start; (start = line.find(" loc(")) != std::string::npos;) {
      std::size_t close = start + 4;
      for (int depth = 0; close < line.size(); ++close)
        if ((depth += line[close] == '(' ? 1 : line[close] == ')' ? -1 : 0) == 0)
          break;
      line.erase(start, close + 1 - start);
    }
    text += line + "\n";
  }
  return text;
}

std::string runOnCpu(const std::string &ttir, Problem &problem) {
  CpuKernel kernel(ttir);
  if (!kernel.ok())
    return kernel.messages();
  // A copy of each storage on a cache line of its own.
  std::vector<std::vector<char>> memory;
  std::vector<std::uint64_t> slots = problem.slots;
  std::vector<char *> places;
  for (const Storage &storage : problem.storages) {
    memory.emplace_back(storage.contents.size() + 256);
    auto address = (reinterpret_cast<std::uintptr_t>(memory.back().data()) + 127) / 64 * 64;
    places.push_back(reinterpret_cast<char *>(address));
    std::ranges::copy(storage.contents, places.back());
  }
  for (std::size_t i = 0; i < slots.size(); ++i)
    if (const auto *pointer = std::get_if<ReferencePointer>(&problem.arguments[i]))
      slots[i] = reinterpret_cast<std::uint64_t>(places[std::size_t(pointer->buffer)]);
  kernel.runSlots(problem.grid, slots);
  for (std::size_t s = 0; s < places.size(); ++s)
    problem.storages[s].contents.assign(places[s], problem.storages[s].contents.size());
  return {};
}

Result<void> runPlainly(const std::string &ttir, Problem &problem) {
  std::vector<ReferenceBuffer> buffers;
  for (Storage &storage : problem.storages)
    buffers.push_back({reinterpret_cast<std::byte *>(storage.contents.data()),
                       std::int64_t(storage.contents.size()), storage.name});
  return runReference(ttir, buffers, problem.arguments, problem.grid);
}

// A constant as cases.json has it: a number, a string, null, or {"dtype": name}, {"function":
// name},
// {"tuple": [...]}.
Value constantFrom(const Json &json) {
  if (json.is_null())
    return Value{NoneValue{}};
  if (json.is_boolean())
    return Value{json.get<bool>()};
  if (json.is_number_integer())
    return makeInt(json.get<std::int64_t>());
  if (json.is_number())
    return Value{json.get<double>()};
  if (json.is_string())
    return makeString(json.get<std::string>());
  if (json.contains("dtype"))
    return Value{*parseDType(json["dtype"].get<std::string>())};
  ValueList items;
  for (const Json &item : json["tuple"])
    items.push_back(constantFrom(item));
  return Value{TupleValue{std::move(items)}};
}

class Check {
public:
  explicit Check(fs::path folder) : folder(std::move(folder)) {}

  Json run(const Json &one) {
    const Elaboration ours = elaboration(one);
    if (ours.ttir.empty())
      return outcome("refused",
                     ours.diagnostics.empty() ? "" : formatDiagnostic(ours.diagnostics.front()));
    if (!one.contains("ttir"))
      return outcome("accepted", {});
    const Problem start = problem(one);
    const std::string theirs = *readFile(folder / one["ttir"].get<std::string>());
    Problem mine = start, real = start, plain = start;
    if (std::string message = runOnCpu(ours.ttir, mine); !message.empty())
      return outcome("broken", "our IR: " + message);
    if (bare(ours.ttir) == bare(theirs))
      real = mine;
    else if (std::string message = runOnCpu(theirs, real); !message.empty())
      return outcome("broken", "Triton's IR: " + message);
    if (one.value("keep", false))
      for (const Storage &storage : mine.storages)
        std::ofstream(folder /
                          fmt::format("{}.{}.out", one["case"].get<std::string>(), storage.name),
                      std::ios::binary)
            << storage.contents;
    if (std::string found = difference(mine, real, one["tolerance"]); !found.empty())
      return outcome("differs", found);
    if (const Json &tolerance = one["plain_tolerance"]; !tolerance.is_null()) {
      if (Result<void> result = runPlainly(theirs, plain); !result)
        return outcome("broken", "the plain reference: " + result.error().message);
      if (std::string found = difference(mine, plain, tolerance); !found.empty())
        return outcome("differs", "from the plain reference: " + found);
    }
    return outcome(mine.storages.empty() || !difference(mine, start, 0).empty() ? "equal" : "idle",
                   {});
  }

private:
  static Json outcome(std::string name, std::string message) {
    return {{"outcome", std::move(name)}, {"message", std::move(message)}};
  }

  Elaboration elaboration(const Json &one) {
    const std::string path = one["file"];
    std::shared_ptr<const KernelFile> &file = files[path];
    if (!file) {
      Result<std::shared_ptr<const KernelFile>> opened =
          openKernelFile(path, fs::path(path).parent_path());
      if (!opened)
        return {};
      file = *opened;
    }
    const JitFunction *kernel = file->find(one["kernel"].get<std::string>());
    if (!kernel)
      return {};
    Specialization specialization;
    specialization.target = *parseTarget(one["target"].get<std::string>());
    for (const Json &argument : one["arguments"]) {
      ArgumentSpecialization made;
      made.name = argument["name"];
      made.type = argument["type"];
      if (made.type == "constexpr")
        made.constant = constantFrom(argument["value"]);
      specialization.arguments.push_back(std::move(made));
    }
    return elaborate(*file, *kernel, specialization);
  }

  Problem problem(const Json &one) {
    Problem made;
    made.grid = one["grid"].get<std::array<std::int64_t, 3>>();
    for (const Json &argument : one["arguments"]) {
      const std::string type = argument["type"];
      if (type == "constexpr")
        continue;
      std::uint64_t slot = 0;
      if (type.starts_with("*")) {
        made.arguments.push_back(ReferencePointer{int(made.storages.size()), 0});
        made.storages.push_back({argument["name"], *parseDType(type.substr(1)),
                                 *readFile(folder / argument["data"].get<std::string>())});
      } else if (isFloating(*parseDType(type))) {
        const double value = argument["value"];
        made.arguments.push_back(value);
        slot = type == "fp64" ? std::bit_cast<std::uint64_t>(value)
                              : std::bit_cast<std::uint32_t>(float(value));
      } else {
        const std::int64_t value = argument["value"];
        made.arguments.push_back(value);
        slot = std::uint64_t(value);
      }
      made.slots.push_back(slot);
    }
    return made;
  }

  fs::path folder;
  std::map<std::string, std::shared_ptr<const KernelFile>> files;
};

} // namespace

int main(int count, char **words) {
  if (count != 2) {
    fmt::print(stderr, "usage: language_check FOLDER\n");
    return 2;
  }
  const fs::path folder = words[1];
  auto text = readFile(folder / "cases.json");
  auto cases = text ? parseJson(*text, "cases.json") : Result<Json>(std::unexpected(text.error()));
  if (!cases) {
    fmt::print(stderr, "{}\n", cases.error().message);
    return 2;
  }
  Check check(folder);
  for (const Json &one : *cases) {
    fmt::print("{}\n", dumpJson({{"begin", one["case"]}}));
    std::fflush(stdout);
    Json result = check.run(one);
    result["case"] = one["case"];
    fmt::print("{}\n", dumpJson(result));
  }
  return 0;
}
