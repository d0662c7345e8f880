#include "core/compiler/codegen/AmdCodeObject.h"

#include "core/support/Paths.h"

#include "lld/Common/Driver.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/BinaryFormat/MsgPackDocument.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/raw_ostream.h"

#include <fmt/format.h>

#include <mutex>

LLD_HAS_DRIVER(elf)

namespace lapidary {

namespace {

// A path for a temporary file, which goes with it.
struct TemporaryPath {
  explicit TemporaryPath(const char *suffix) {
    if (!llvm::sys::fs::createTemporaryFile("lapidary", suffix, path))
      remover.setFile(path);
  }
  llvm::SmallString<128> path;
  llvm::FileRemover remover;
};

} // namespace

Result<std::string> linkCodeObject(const std::string &object) {
  TemporaryPath input("o"), output("hsaco");
  if (input.path.empty() || output.path.empty())
    return fail(ErrorCode::Unreadable, "no temporary file could be made for linking");
  if (auto written = writeFileAtomically(input.path.c_str(), object); !written)
    return std::unexpected(written.error());
  // LLD keeps its state in globals.
  static std::mutex oneAtATime;
  const std::lock_guard lock(oneAtATime);
  std::string said;
  llvm::raw_string_ostream stream(said);
  const lld::Result result = lld::lldMain(
      {"ld.lld", "-shared", "--no-undefined", input.path.c_str(), "-o", output.path.c_str()},
      stream, stream, {{lld::Gnu, &lld::elf::link}});
  if (result.retCode != 0)
    return fail(ErrorCode::Internal, "linking the code object failed: " + said);
  return readFile(output.path.c_str());
}

Result<std::vector<std::pair<std::string, std::int64_t>>>
codeObjectResources(const std::string &codeObject, const std::string &entry) {
  auto unreadable = [&](llvm::Error error) {
    return fail(ErrorCode::Internal,
                "the code object cannot be read back: " + llvm::toString(std::move(error)), entry);
  };
  using File = llvm::object::ELF64LEFile;
  auto file = File::create(codeObject);
  if (!file)
    return unreadable(file.takeError());
  auto headers = file->program_headers();
  if (!headers)
    return unreadable(headers.takeError());
  for (const auto &header : *headers) {
    if (header.p_type != llvm::ELF::PT_NOTE)
      continue;
    llvm::Error error = llvm::Error::success();
    for (const auto &note : file->notes(header, error)) {
      if (note.getName() != "AMDGPU" || note.getType() != llvm::ELF::NT_AMDGPU_METADATA)
        continue;
      llvm::msgpack::Document document;
      if (!document.readFromBlob(note.getDescAsStringRef(4), false))
        break;
      auto &kernels = document.getRoot().getMap()["amdhsa.kernels"].getArray();
      for (auto &each : kernels) {
        auto &kernel = each.getMap();
        if (kernel[".name"].getString() != entry)
          continue;
        auto number = [&](const char *name) -> std::int64_t {
          auto found = kernel.find(name);
          return found == kernel.end() ? 0 : static_cast<std::int64_t>(found->second.getUInt());
        };
        llvm::consumeError(std::move(error));
        return std::vector<std::pair<std::string, std::int64_t>>{
            {"vgpr", number(".vgpr_count")},
            {"agpr", number(".agpr_count")},
            {"sgpr", number(".sgpr_count")},
            {"spills", number(".vgpr_spill_count") + number(".sgpr_spill_count")},
            {"private_bytes", number(".private_segment_fixed_size")},
        };
      }
    }
    if (error)
      return unreadable(std::move(error));
  }
  return fail(ErrorCode::Internal, "the code object has no metadata of " + entry, entry);
}

} // namespace lapidary
