#include "core/triton/CodeFacts.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <functional>
#include <map>
#include <optional>
#include <string_view>

namespace lapidary {

namespace {

using Resources = std::vector<std::pair<std::string, std::int64_t>>;

void forEachLine(std::string_view text, const std::function<void(std::string_view)> &visit) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    visit(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

std::int64_t numberIn(std::string_view text) {
  const std::size_t begin = text.find_first_of("0123456789");
  std::int64_t number = 0;
  if (begin != std::string_view::npos)
    std::from_chars(text.data() + begin, text.data() + text.size(), number);
  return number;
}

struct Width {
  const char *kind; // of MemoryAccess
  int bits;
};

// "ld.global.v4.b32" -> a load of 128 bits; nothing for what does not touch global memory. Source:
// NVIDIA's "PTX ISA", "Data Movement and Conversion Instructions".
std::optional<Width> ptxWidth(std::string_view instruction) {
  const std::string_view opcode = instruction.substr(0, instruction.find_first_of(" \t"));
  if (opcode.starts_with("cp.async.c")) { // [to], [from], bytes
    const std::size_t last = instruction.rfind("],");
    const std::string_view rest =
        last == std::string_view::npos ? std::string_view() : trimmed(instruction.substr(last + 2));
    std::int64_t bytes = 0;
    const bool isHex = rest.starts_with("0x");
    std::from_chars(rest.data() + (isHex ? 2 : 0), rest.data() + rest.size(), bytes,
                    isHex ? 16 : 10);
    return Width{"load", static_cast<int>(bytes * 8)};
  }
  if (opcode.find(".global") == std::string_view::npos)
    return {};
  const char *kind = opcode.starts_with("ld.")                                   ? "load"
                     : opcode.starts_with("st.")                                 ? "store"
                     : opcode.starts_with("atom.") || opcode.starts_with("red.") ? "atomic"
                                                                                 : nullptr;
  if (!kind)
    return {};
  int count = 1, bits = 0;
  for (std::string_view rest = opcode; !rest.empty();) {
    const std::string_view part = rest.substr(0, rest.find('.'));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    if (part == "v2" || part == "v4" || part == "v8")
      count = static_cast<int>(numberIn(part));
    else if (part.size() > 1 && std::strchr("busf", part[0]) && std::isdigit(part[1]))
      bits = static_cast<int>(numberIn(part));
  }
  return Width{kind, count * bits};
}

// "global_load_dwordx4", "buffer_store_b64". Source: AMD's ISA manuals, "Global, Scratch and Flat
// Instructions", "Buffer Instructions".
std::optional<Width> amdWidth(std::string_view instruction) {
  const std::string_view opcode = instruction.substr(0, instruction.find_first_of(" \t"));
  if (!opcode.starts_with("global_") && !opcode.starts_with("buffer_") &&
      !opcode.starts_with("flat_"))
    return {};
  const auto has = [&](const char *part) { return opcode.find(part) != std::string_view::npos; };
  const char *kind = has("_atomic")   ? "atomic"
                     : has("_load_")  ? "load"
                     : has("_store_") ? "store"
                                      : nullptr;
  if (!kind)
    return {};
  int bits = 32;
  if (const std::size_t many = opcode.find("dwordx"); many != std::string_view::npos)
    bits = 32 * static_cast<int>(numberIn(opcode.substr(many)));
  else if (has("short") || has("16"))
    bits = 16;
  else if (has("byte") || has("_u8") || has("_i8") || has("_b8"))
    bits = 8;
  else if (const std::size_t typed = opcode.rfind("_b"); typed != std::string_view::npos)
    bits = static_cast<int>(numberIn(opcode.substr(typed)));
  return Width{kind, bits};
}

// Walks assembly text: instructions with the source line in force.
class Listing {
public:
  Listing(CompileResult &compiled, const std::string &file,
          std::optional<Width> (*width)(std::string_view))
      : compiled(compiled), source(file), width(width) {}

  // Of a ".file" line, which may stand behind the lines that speak of it.
  void file(std::string_view text) {
    text = trimmed(text);
    if (text.starts_with(".file"))
      nameFile(text);
  }

  void line(std::string_view text) {
    text = trimmed(text);
    if (text.starts_with("@")) // a predicate
      text = trimmed(text.substr(std::min(text.find(' '), text.size())));
    if (text.starts_with(".loc"))
      place(text);
    else if (!text.empty() && text[0] >= 'a' && text[0] <= 'z' &&
             !text.substr(0, text.find_first_of(" \t")).ends_with(':'))
      instruction(text);
  }

  void finish() {
    Resources &values = compiled.resources.values;
    values.emplace_back("instructions", instructions);
    for (const char *kind : {"load", "store"}) {
      int widest = 0;
      for (const MemoryAccess &access : found)
        if (access.kind == kind)
          widest = std::max(widest, access.bits);
      if (widest)
        values.emplace_back(std::string("widest_") + kind + "_bits", widest);
    }
    for (MemoryAccess &access : found)
      if (access.range.line)
        compiled.accesses.push_back(std::move(access));
  }

private:
  // .file 1 "folder" "name", or the whole path in one
  void nameFile(std::string_view text) {
    const std::size_t end = text.rfind('"');
    const std::size_t begin =
        end == 0 || end == std::string_view::npos ? end : text.rfind('"', end - 1);
    if (begin == std::string_view::npos)
      return;
    const std::string_view name = text.substr(begin + 1, end - begin - 1);
    isOurs[numberIn(text)] = std::string_view(source).ends_with(name);
  }

  // .loc 1 12 24
  void place(std::string_view text) {
    int parts[3] = {0, 0, 0};
    text.remove_prefix(4);
    for (int &part : parts) {
      text = trimmed(text);
      const auto read = std::from_chars(text.data(), text.data() + text.size(), part);
      text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    }
    const bool ours = isOurs[parts[0]];
    current = ours ? SourceRange{parts[1], parts[2], parts[1], parts[2]} : SourceRange{};
  }

  void instruction(std::string_view text) {
    ++instructions;
    const auto access = width(text);
    if (!access)
      return;
    const auto same = std::ranges::find_if(found, [&](const MemoryAccess &other) {
      return other.range == current && other.kind == access->kind;
    });
    if (same == found.end())
      found.push_back({current, access->kind, access->bits, "", "", ""});
    else
      same->bits = std::max(same->bits, access->bits);
  }

  CompileResult &compiled;
  const std::string &source;
  std::optional<Width> (*width)(std::string_view);
  std::map<std::int64_t, bool> isOurs;
  SourceRange current;
  std::int64_t instructions = 0;
  std::vector<MemoryAccess> found;
};

// Parameters of the entry, hidden ones included.
int ptxParameters(std::string_view text) {
  const std::size_t entry = text.find(".entry");
  const std::size_t end = entry == std::string_view::npos ? entry : text.find("\n)", entry);
  int count = 0;
  if (end == std::string_view::npos)
    return 0;
  for (std::size_t at = text.find(".param", entry); at < end; at = text.find(".param", at + 1))
    ++count;
  return count;
}

// Of the code object's metadata, which the text carries. Source: LLVM's "User Guide for AMDGPU
// Backend", "Code Object Metadata".
int addAmdMetadata(std::string_view text, Resources &values) {
  const std::pair<std::string_view, const char *> wanted[] = {
      {".vgpr_count:", "vgpr"},
      {".agpr_count:", "agpr"},
      {".sgpr_count:", "sgpr"},
      {".vgpr_spill_count:", "spills"},
      {".private_segment_fixed_size:", "private_bytes"}};
  const std::size_t begin = std::min(text.find("amdhsa.kernels"), text.size());
  int parameters = 0;
  forEachLine(text.substr(begin), [&](std::string_view line) {
    line = trimmed(line);
    if (line.starts_with("- "))
      line = trimmed(line.substr(2));
    if (line.starts_with(".value_kind:") && line.find("hidden") == std::string_view::npos)
      ++parameters;
    for (const auto &[key, name] : wanted)
      if (line.starts_with(key))
        values.emplace_back(name, numberIn(line.substr(key.size())));
  });
  return parameters;
}

// The ELF sections of a code object, read with every offset checked.
class Elf {
public:
  explicit Elf(std::string_view bytes) : bytes(bytes) {}

  std::string_view section(std::string_view wanted) const {
    constexpr std::size_t headerSize = 64;
    if (bytes.size() < headerSize || !bytes.starts_with("\177ELF\2"))
      return {};
    const auto table = number<std::uint64_t>(40);
    const auto count = number<std::uint16_t>(60), names = number<std::uint16_t>(62);
    const auto at = [&](std::size_t index, std::size_t field) {
      return number<std::uint64_t>(table + index * headerSize + field);
    };
    const auto contents = [&](std::size_t index) { return slice(at(index, 24), at(index, 32)); };
    const std::string_view text = contents(names);
    for (std::size_t index = 0; index < count; ++index) {
      const auto name = number<std::uint32_t>(table + index * headerSize);
      if (name < text.size() && text.substr(name, text.find('\0', name) - name) == wanted)
        return contents(index);
    }
    return {};
  }

private:
  template <typename T> T number(std::size_t at) const {
    T value = 0;
    if (at <= bytes.size() && bytes.size() - at >= sizeof value)
      std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
  }
  std::string_view slice(std::size_t at, std::size_t size) const {
    return at <= bytes.size() && size <= bytes.size() - at ? bytes.substr(at, size)
                                                           : std::string_view();
  }
  std::string_view bytes;
};

// Records of ".nv.info": a form, an attribute, and for form 4 a size and that many bytes, which are
// a symbol and a value. cuobjdump -elf prints them by name: REGCOUNT, FRAME_SIZE.
void addCubinFacts(std::string_view cubin, Resources &values) {
  constexpr unsigned char sized = 4, regcount = 0x2f, frameSize = 0x11;
  std::int64_t registers = 0, frame = 0;
  std::string_view info = Elf(cubin).section(".nv.info");
  while (info.size() >= 4) {
    const auto form = static_cast<unsigned char>(info[0]);
    const auto attribute = static_cast<unsigned char>(info[1]);
    std::uint16_t size = 0;
    std::memcpy(&size, info.data() + 2, sizeof size);
    info.remove_prefix(4);
    if (form != sized)
      continue;
    if (size > info.size())
      break;
    std::uint32_t value = 0;
    if (size >= 8)
      std::memcpy(&value, info.data() + 4, sizeof value);
    if (attribute == regcount)
      registers = std::max<std::int64_t>(registers, value);
    else if (attribute == frameSize)
      frame = std::max<std::int64_t>(frame, value);
    info.remove_prefix(size);
  }
  if (!registers)
    return;
  values.emplace_back("registers", registers);
  values.emplace_back("stack_bytes", frame);
  if (frame == 0) // without a frame there is nowhere to spill to
    values.emplace_back("spills", 0);
}

} // namespace

int addCodeFacts(CompileResult &compiled, const std::string &file) {
  int parameters = 0;
  Resources &values = compiled.resources.values;
  const auto list = [&](const std::string &text, std::optional<Width> (*width)(std::string_view)) {
    Listing listing(compiled, file, width);
    forEachLine(text, [&](std::string_view line) { listing.file(line); });
    forEachLine(text, [&](std::string_view line) { listing.line(line); });
    listing.finish();
  };
  if (const StageArtifact *ptx = compiled.stage("ptx")) {
    list(ptx->contents, ptxWidth);
    parameters = ptxParameters(ptx->contents);
  }
  if (const StageArtifact *amdgcn = compiled.stage("amdgcn")) {
    list(amdgcn->contents, amdWidth);
    parameters = addAmdMetadata(amdgcn->contents, values);
  }
  if (const StageArtifact *cubin = compiled.stage("cubin"))
    addCubinFacts(cubin->contents, values);
  return parameters;
}

} // namespace lapidary
