// What the machine will run, read back from the object: its text, and what is counted over it.
//
// The object is decoded rather than printed on the way out, so that the text and the counts are of
// the very bytes that are loaded, and code generation runs once.
#include "core/compiler/Pipeline.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/DebugInfo/DWARF/DWARFContext.h"
#include "llvm/MC/MCAsmInfo.h"
#include "llvm/MC/MCContext.h"
#include "llvm/MC/MCDisassembler/MCDisassembler.h"
#include "llvm/MC/MCInst.h"
#include "llvm/MC/MCInstPrinter.h"
#include "llvm/MC/MCInstrAnalysis.h"
#include "llvm/MC/MCInstrDesc.h"
#include "llvm/MC/MCInstrInfo.h"
#include "llvm/MC/MCRegisterInfo.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/DataExtractor.h"

#include <fmt/format.h>

#include <map>
#include <set>

namespace lapidary {

using namespace llvm;

namespace {

struct Counts {
  std::int64_t instructions = 0, vectorInstructions = 0, gathers = 0;
  std::int64_t widestLoad = 0, widestStore = 0;
};

// The bits that an instruction in Intel syntax accesses: "zmmword ptr [rdi]" is 512. 0: none.
int accessedBits(StringRef text) {
  std::size_t at = text.find(" ptr [");
  if (at == StringRef::npos)
    return 0;
  return StringSwitch<int>(text.take_front(at))
      .EndsWith("zmmword", 512)
      .EndsWith("ymmword", 256)
      .EndsWith("xmmword", 128)
      .EndsWith("qword", 64)
      .EndsWith("dword", 32)
      .EndsWith("word", 16)
      .EndsWith("byte", 8)
      .Default(0);
}

bool isVectorInstruction(StringRef mnemonic, StringRef text) {
  if (text.contains("zmm") || text.contains("ymm"))
    return true;
  if (!text.contains("xmm"))
    return false;
  return mnemonic.ends_with("ps") || mnemonic.ends_with("pd") || mnemonic.ends_with("ph") ||
         mnemonic.starts_with("vp") || mnemonic.starts_with("vmovdq") || mnemonic.starts_with("p");
}

void countInstruction(Counts &counts, StringRef text, const MCInstrDesc &description) {
  ++counts.instructions;
  text = text.trim();
  StringRef mnemonic = text.take_until([](char c) { return c == '\t' || c == ' '; });
  if (isVectorInstruction(mnemonic, text))
    ++counts.vectorInstructions;
  if (mnemonic.contains("gather") || mnemonic.contains("scatter")) {
    ++counts.gathers;
    return;
  }
  // Spills are the register allocator's, not the kernel's.
  if (text.contains("[rsp"))
    return;
  const std::int64_t bits = accessedBits(text);
  if (description.mayLoad())
    counts.widestLoad = std::max(counts.widestLoad, bits);
  if (description.mayStore())
    counts.widestStore = std::max(counts.widestStore, bits);
}

// What LLVM needs to decode and print one target's instructions.
class Decoder {
public:
  explicit Decoder(TargetMachine &machine)
      : triple(machine.getTargetTriple()), target(machine.getTarget()) {
    registers.reset(target.createMCRegInfo(triple));
    assembly.reset(target.createMCAsmInfo(*registers, triple, MCTargetOptions()));
    subtarget.reset(target.createMCSubtargetInfo(triple, machine.getTargetCPU(),
                                                 machine.getTargetFeatureString()));
    instructions.reset(target.createMCInstrInfo());
    context = std::make_unique<MCContext>(triple, assembly.get(), registers.get(), subtarget.get());
    disassembler.reset(target.createMCDisassembler(*subtarget, *context));
    analysis.reset(target.createMCInstrAnalysis(instructions.get()));
    const unsigned intelSyntax = triple.isX86() ? 1 : assembly->getAssemblerDialect();
    printer.reset(
        target.createMCInstPrinter(triple, intelSyntax, *assembly, *instructions, *registers));
    if (printer)
      printer->setPrintImmHex(false);
  }
  bool isComplete() const { return disassembler && printer && analysis; }

  Triple triple;
  const llvm::Target &target;
  std::unique_ptr<MCRegisterInfo> registers;
  std::unique_ptr<MCAsmInfo> assembly;
  std::unique_ptr<MCSubtargetInfo> subtarget;
  std::unique_ptr<MCInstrInfo> instructions;
  std::unique_ptr<MCContext> context;
  std::unique_ptr<MCDisassembler> disassembler;
  std::unique_ptr<MCInstrAnalysis> analysis;
  std::unique_ptr<MCInstPrinter> printer;
};

struct Decoded {
  std::uint64_t address, size;
  MCInst instruction;
};

std::vector<Decoded> decode(Decoder &decoder, ArrayRef<std::uint8_t> bytes) {
  std::vector<Decoded> result;
  for (std::uint64_t address = 0; address < bytes.size();) {
    MCInst instruction;
    std::uint64_t size = 0;
    auto status = decoder.disassembler->getInstruction(instruction, size, bytes.slice(address),
                                                       address, nulls());
    if (status != MCDisassembler::Fail)
      result.push_back({address, size, instruction});
    address += std::max<std::uint64_t>(size, 1);
  }
  return result;
}

// Address of each relocation in a section -> the symbol it names.
std::map<std::uint64_t, std::string> relocationNames(const object::ObjectFile &file,
                                                     const object::SectionRef &section) {
  std::map<std::uint64_t, std::string> names;
  for (const object::SectionRef &other : file.sections()) {
    auto relocated = other.getRelocatedSection();
    if (!relocated) {
      consumeError(relocated.takeError());
      continue;
    }
    if (*relocated != section)
      continue;
    for (const object::RelocationRef &relocation : other.relocations()) {
      auto name = relocation.getSymbol()->getName();
      if (name)
        names[relocation.getOffset()] = name->str();
      else
        consumeError(name.takeError());
    }
  }
  return names;
}

std::string disassembleSection(Decoder &decoder, const object::ObjectFile &file,
                               const object::SectionRef &section, DWARFContext &debug,
                               Counts &counts) {
  auto contents = section.getContents();
  if (!contents) {
    consumeError(contents.takeError());
    return {};
  }
  const std::vector<Decoded> code = decode(decoder, arrayRefFromStringRef(*contents));
  const auto relocations = relocationNames(file, section);

  std::map<std::uint64_t, std::string> labels;
  for (const Decoded &each : code) {
    std::uint64_t target = 0;
    if (decoder.analysis->isBranch(each.instruction) &&
        decoder.analysis->evaluateBranch(each.instruction, each.address, each.size, target))
      labels[target];
  }
  int number = 0;
  for (auto &[address, label] : labels)
    label = fmt::format(".L{}", number++);
  for (const object::SymbolRef &symbol : file.symbols()) {
    auto home = symbol.getSection();
    auto type = symbol.getType();
    auto name = symbol.getName();
    auto address = symbol.getAddress();
    if (home && type && name && address && *home != file.section_end() && **home == section &&
        *type == object::SymbolRef::ST_Function)
      labels[*address] = name->str();
    if (!home)
      consumeError(home.takeError());
    if (!type)
      consumeError(type.takeError());
    if (!name)
      consumeError(name.takeError());
    if (!address)
      consumeError(address.takeError());
  }

  std::string text, lastLine;
  for (const Decoded &each : code) {
    if (auto label = labels.find(each.address); label != labels.end())
      text += label->second + ":\n";
    DILineInfoSpecifier specifier(DILineInfoSpecifier::FileLineInfoKind::RawValue);
    if (auto info = debug.getLineInfoForAddress({each.address, section.getIndex()}, specifier);
        info && info->Line != 0) {
      std::string line = fmt::format("\t; {}:{}\n", info->FileName, info->Line);
      if (line != lastLine)
        text += line;
      lastLine = std::move(line);
    }
    std::string printed;
    raw_string_ostream stream(printed);
    // An address of 0 makes the printer show a branch's displacement; it is replaced by the label.
    decoder.printer->printInst(&each.instruction, 0, "", *decoder.subtarget, stream);
    countInstruction(counts, printed, decoder.instructions->get(each.instruction.getOpcode()));
    std::uint64_t target = 0;
    if (decoder.analysis->isBranch(each.instruction) &&
        decoder.analysis->evaluateBranch(each.instruction, each.address, each.size, target)) {
      StringRef mnemonic = StringRef(printed).trim().split('\t').first;
      printed = fmt::format("\t{}\t{}", mnemonic.str(), labels[target]);
    }
    text += printed;
    auto relocation = relocations.lower_bound(each.address);
    if (relocation != relocations.end() && relocation->first < each.address + each.size)
      text += fmt::format("\t; {}", relocation->second);
    text += '\n';
  }
  return text;
}

// The largest frame that the section ".stack_sizes" tells of.
std::int64_t largestFrame(const object::ObjectFile &file) {
  std::int64_t largest = 0;
  for (const object::SectionRef &section : file.sections()) {
    auto name = section.getName();
    auto contents = section.getContents();
    if (name && contents && *name == ".stack_sizes") {
      DataExtractor data(*contents, file.isLittleEndian(), file.getBytesInAddress());
      for (std::uint64_t offset = 0; offset + file.getBytesInAddress() < contents->size();) {
        data.getUnsigned(&offset, file.getBytesInAddress());
        largest = std::max<std::int64_t>(largest, data.getULEB128(&offset));
      }
    }
    if (!name)
      consumeError(name.takeError());
    if (!contents)
      consumeError(contents.takeError());
  }
  return largest;
}

} // namespace

Result<std::string> disassembleObject(CompileJob &job, TargetMachine &machine) {
  auto file = object::ObjectFile::createObjectFile(MemoryBufferRef(job.object, job.entry));
  if (!file)
    return fail(ErrorCode::Internal, toString(file.takeError()), job.entry);
  Decoder decoder(machine);
  if (!decoder.isComplete())
    return fail(ErrorCode::Unsupported, "LLVM has no disassembler for this target",
                machine.getTargetTriple().str());
  std::unique_ptr<DWARFContext> debug = DWARFContext::create(**file);

  Counts counts;
  std::int64_t bytes = 0;
  std::string text;
  for (const object::SectionRef &section : (*file)->sections())
    if (section.isText() && section.getSize() != 0) {
      bytes += static_cast<std::int64_t>(section.getSize());
      text += disassembleSection(decoder, **file, section, *debug, counts);
    }
  auto &values = job.resources.values;
  values.emplace_back("code_bytes", bytes);
  values.emplace_back("instructions", counts.instructions);
  values.emplace_back("stack_bytes", largestFrame(**file));
  if (decoder.triple.isX86()) {
    values.emplace_back("vector_instructions", counts.vectorInstructions);
    values.emplace_back("gather_instructions", counts.gathers);
    values.emplace_back("widest_load_bits", counts.widestLoad);
    values.emplace_back("widest_store_bits", counts.widestStore);
  }
  return text;
}

} // namespace lapidary
