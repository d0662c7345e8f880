#include "core/compiler/reference/Translate.h"

#include "core/compiler/reference/Translator.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/RegionGraphTraits.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/TypeSwitch.h"

#include <filesystem>
#include <fmt/format.h>

using namespace mlir;

namespace lapidary::reference {

// ---- places in the source ----

static FileLineColLoc fileLocation(Location location) {
  if (auto file = dyn_cast<FileLineColLoc>(location))
    return file;
  if (auto name = dyn_cast<NameLoc>(location))
    return fileLocation(name.getChildLoc());
  if (auto call = dyn_cast<CallSiteLoc>(location))
    return fileLocation(call.getCallee());
  if (auto fused = dyn_cast<FusedLoc>(location))
    for (Location part : fused.getLocations())
      if (FileLineColLoc found = fileLocation(part))
        return found;
  return {};
}

static std::string placeOf(Location location) {
  FileLineColLoc file = fileLocation(location);
  if (!file)
    return "an unknown line";
  std::string name = std::filesystem::path(file.getFilename().str()).filename().string();
  if (name == "-") // the text itself: it says nothing of a source
    return fmt::format("line {} of the Triton IR", file.getLine());
  return fmt::format("{}:{}", name, file.getLine());
}

int Translator::lineOf(Operation *op) {
  auto [entry, isNew] =
      lines.try_emplace(placeOf(op->getLoc()), static_cast<int>(program.lines.size()));
  if (isNew)
    program.lines.push_back(entry->getKey().str());
  return entry->getValue();
}

bool Translator::unsupported(Operation *op, const std::string &what) {
  if (!error)
    error = Error{ErrorCode::Unsupported,
                  fmt::format("{}: the reference does not know {}", placeOf(op->getLoc()), what),
                  program.name};
  return false;
}

// ---- values ----

static std::optional<Element> elementOf(Type type) {
  if (isa<IndexType>(type))
    return Element::I64;
  if (auto integer = dyn_cast<IntegerType>(type))
    switch (integer.getWidth()) {
    case 1:
      return Element::I1;
    case 8:
      return Element::I8;
    case 16:
      return Element::I16;
    case 32:
      return Element::I32;
    case 64:
      return Element::I64;
    default:
      return std::nullopt;
    }
  return llvm::TypeSwitch<Type, std::optional<Element>>(type)
      .Case([](Float16Type) { return Element::F16; })
      .Case([](BFloat16Type) { return Element::BF16; })
      .Case([](Float32Type) { return Element::F32; })
      .Case([](Float64Type) { return Element::F64; })
      .Case([](Float8E4M3FNType) { return Element::F8E4NV; })
      .Case([](Float8E5M2Type) { return Element::F8E5; })
      .Case([](Float8E4M3FNUZType) { return Element::F8E4B8; })
      .Case([](Float8E5M2FNUZType) { return Element::F8E5B16; })
      .Case([](tt::PointerType) { return Element::Pointer; })
      .Default([](Type) { return std::nullopt; });
}

static std::int64_t memoryBytes(Element element) {
  return (bitsOf(element) + 7) / 8;
}

std::optional<ValueInfo> Translator::describe(Type type) const {
  ValueInfo value;
  RankedTensorType block;
  if (auto pointer = dyn_cast<tt::PointerType>(type))
    block = dyn_cast<RankedTensorType>(pointer.getPointeeType());
  if (auto descriptor = dyn_cast<tt::TensorDescType>(type))
    block = descriptor.getBlockType();
  if (block) {
    std::optional<Element> element = elementOf(block.getElementType());
    if (!element)
      return std::nullopt;
    value.element = Element::I64;
    value.count = 2 + 3 * block.getRank();
    value.pointee = *element;
    value.pointeeBytes = memoryBytes(*element);
    return value;
  }
  if (auto tile = dyn_cast<RankedTensorType>(type)) {
    value.shape.assign(tile.getShape().begin(), tile.getShape().end());
    value.count = tile.getNumElements();
    type = tile.getElementType();
  }
  std::optional<Element> element = elementOf(type);
  if (!element)
    return std::nullopt;
  value.element = *element;
  if (auto pointer = dyn_cast<tt::PointerType>(type)) {
    std::optional<Element> pointee = elementOf(pointer.getPointeeType());
    if (!pointee)
      return std::nullopt;
    value.pointee = *pointee;
    value.pointeeBytes = memoryBytes(*pointee);
  }
  if (laneCapacity > 0 && value.shape.empty())
    value.count = laneCapacity;
  return value;
}

int Translator::declare(Operation *at, Type type) {
  std::optional<ValueInfo> value = describe(type);
  if (!value) {
    std::string text;
    llvm::raw_string_ostream(text) << type;
    unsupported(at, "the type " + text);
    return -1;
  }
  program.values.push_back(std::move(*value));
  return static_cast<int>(program.values.size()) - 1;
}

void Translator::takePlace(int number) {
  ValueInfo &value = program.values[static_cast<std::size_t>(number)];
  value.place = plan.take(value.count * storageBytes(value.element));
  placed.insert(number);
  if (!scopes.empty())
    scopes.back().push_back(number);
}

void Translator::takePlaceForGood(int number) {
  forGood.push_back(number);
}

void Translator::release(int number) {
  if (placed.erase(number) == 0)
    return;
  const ValueInfo &value = program.values[static_cast<std::size_t>(number)];
  plan.giveBack(value.place, value.count * storageBytes(value.element));
}

int Translator::define(Operation *at, Value value) {
  int number = declare(at, value.getType());
  if (number >= 0) {
    takePlace(number);
    known[value] = number;
  }
  return number;
}

int Translator::use(Value value) {
  int number = known.lookup(value);
  if (!laneRegion || laneRegion->isAncestor(value.getParentRegion()))
    return number;
  int spread = declare(value.getDefiningOp(), value.getType());
  takePlace(spread);
  Instruction splat{Opcode::Splat};
  splat.operands = {number};
  splat.results = {spread};
  laneBody->push_back(std::move(splat));
  return spread;
}

std::vector<int> Translator::use(ValueRange values) {
  std::vector<int> numbers;
  for (Value value : values)
    numbers.push_back(use(value));
  return numbers;
}

std::optional<Instruction> Translator::instructionFor(Operation *op, Opcode opcode,
                                                      std::vector<std::int64_t> numbers) {
  Instruction instruction{opcode};
  instruction.line = lineOf(op);
  instruction.operands = use(op->getOperands());
  instruction.numbers = std::move(numbers);
  for (Value result : op->getResults()) {
    int number = define(op, result);
    if (number < 0)
      return std::nullopt;
    instruction.results.push_back(number);
  }
  return instruction;
}

bool Translator::emit(Operation *op, Opcode opcode, std::vector<std::int64_t> numbers,
                      std::vector<Instruction> &out) {
  std::optional<Instruction> instruction = instructionFor(op, opcode, std::move(numbers));
  if (instruction)
    out.push_back(std::move(*instruction));
  return instruction.has_value();
}

// ---- regions ----

// For each operation of a block the values that are used last by it, or inside it.
static llvm::DenseMap<Operation *, std::vector<Value>> lastUses(mlir::Block &block) {
  llvm::DenseMap<Operation *, std::vector<Value>> last;
  for (Operation &op : block)
    for (Value result : op.getResults()) {
      Operation *latest = &op;
      for (Operation *user : result.getUsers())
        if (Operation *inBlock = block.findAncestorOpInBlock(*user))
          if (latest->isBeforeInBlock(inBlock))
            latest = inBlock;
      last[latest].push_back(result);
    }
  return last;
}

bool Translator::translateBlock(mlir::Block &source, reference::Block &out, bool alone) {
  auto last = alone ? lastUses(source) : llvm::DenseMap<Operation *, std::vector<Value>>();
  for (Operation &op : source) {
    if (!translate(&op, out.body))
      return false;
    if (&op == source.getTerminator())
      break; // what it hands on is copied after the block has ended
    for (Value value : last.lookup(&op))
      release(known.lookup(value));
  }
  return true;
}

bool Translator::translateRegion(Operation *at, mlir::Region &source, reference::Region &out) {
  bool alone = source.hasOneBlock();
  for (mlir::Block &block : source) {
    reference::Block &made = out.blocks.emplace_back();
    for (BlockArgument argument : block.getArguments()) {
      int number = define(at, argument);
      if (number < 0)
        return false;
      made.arguments.push_back(number);
    }
  }
  // Definitions before uses; a block that cannot be reached stays empty.
  llvm::ReversePostOrderTraversal<mlir::Region *> reachable(&source);
  for (mlir::Block *block : reachable)
    if (!translateBlock(*block, out.blocks[block->computeBlockNumber()], alone))
      return false;
  return true;
}

bool Translator::translate(Operation *op, std::vector<Instruction> &out) {
  if (op->hasTrait<OpTrait::IsTerminator>())
    return terminator(op, out);
  if (std::optional<Opcode> opcode = elementwiseOpcode(op->getName().getStringRef()))
    return elementwise(op, *opcode, out);
  llvm::StringRef dialect = op->getName().getDialectNamespace();
  if (isa<gpu::BarrierOp>(op))
    return true; // each operation is done for the whole program before the next
  if (dialect == "arith" || dialect == "ub")
    return arithmetic(op, out);
  if (dialect == "scf")
    return control(op, out);
  if (dialect == "tt")
    return tritonOperation(op, out);
  if (isa<LLVM::AssumeOp>(op))
    return true; // a promise to optimisers
  return unsupported(op, op->getName().getStringRef().str());
}

Result<Program> Translator::run() {
  tt::FuncOp kernel;
  for (auto function : module.getOps<tt::FuncOp>())
    if (function.isPublic() && !function.isDeclaration()) {
      if (kernel)
        return fail(ErrorCode::Unsupported, "the module has more than one public function");
      kernel = function;
    }
  if (!kernel)
    return fail(ErrorCode::CompileFailed, "the module has no public function");
  program.name = kernel.getSymName().str();
  bool ok = translateRegion(kernel, kernel.getBody(), program.body);
  if (!ok)
    return std::unexpected(*error);
  program.arguments = program.body.blocks.front().arguments;
  MemoryPlan behind;
  for (int number : forGood) {
    ValueInfo &value = program.values[static_cast<std::size_t>(number)];
    value.place = plan.total() + behind.take(value.count * storageBytes(value.element));
  }
  program.memoryBytes = std::max<std::int64_t>(plan.total() + behind.total(), 64);
  return std::move(program);
}

Result<Program> translate(const std::string &ttir) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  context.loadDialect<tt::TtDialect, arith::ArithDialect, math::MathDialect, scf::SCFDialect,
                      cf::ControlFlowDialect, ub::UBDialect, LLVM::LLVMDialect, gpu::GPUDialect>();
  std::string message;
  ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
    if (message.empty() && diagnostic.getSeverity() == DiagnosticSeverity::Error)
      message = placeOf(diagnostic.getLocation()) + ": " + diagnostic.str();
    return success();
  });
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(ttir, &context);
  if (!module)
    return fail(ErrorCode::CompileFailed,
                "the reference cannot read the kernel's Triton IR: " + message);
  return Translator(*module).run();
}

} // namespace lapidary::reference
