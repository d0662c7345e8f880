// Memory, and what differs between the makers: their intrinsics and NVIDIA's accesses in assembly.
#include "backends/sim/TargetReader.h"

#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"

#include <cmath>
#include <cstring>

namespace lapidary {

using namespace mlir;

namespace {

// A number that nothing computes, where hardware would leave any.
constexpr std::uint64_t anyNumber = 0xA5A5A5A5A5A5A5A5;

SimSpace spaceOf(Value pointer) {
  switch (cast<LLVM::LLVMPointerType>(pointer.getType()).getAddressSpace()) {
  case 3:
    return SimSpace::Shared;
  case 4:
    return SimSpace::Host;
  default:
    return SimSpace::Global;
  }
}

int elementBits(Type type) {
  if (auto vector = dyn_cast<VectorType>(type))
    return simBits(vector.getElementType());
  return simBits(type);
}

int memoryBytes(int bits) {
  return std::max(1, bits / 8);
}

bool isSet(SimBlock &block, int predicate, int thread) {
  return block.active[static_cast<std::size_t>(thread)] &&
         (predicate < 0 || (block.of(predicate)[thread] & 1));
}

} // namespace

void SimReader::pushRead(SimSpace space, int pointer, int predicate, const Slots &to,
                         const Slots &other, int bits, int alignment) {
  push([=](SimBlock &block) {
    const int bytes = memoryBytes(bits);
    for (int i = 0; i < block.threads; ++i)
      for (std::size_t part = 0; part < to.size(); ++part) {
        std::uint64_t value =
            part < other.size() ? block.of(other[part])[i] : anyNumber & simMask(bits);
        if (isSet(block, predicate, i))
          value = block.read(space, i, block.of(pointer)[i] + part * std::uint64_t(bytes), bytes,
                             part == 0 ? alignment : bytes);
        block.of(to[part])[i] = value;
      }
  });
}

void SimReader::pushWrite(SimSpace space, int pointer, int predicate, const Slots &from, int bits,
                          int alignment) {
  push([=](SimBlock &block) {
    const int bytes = memoryBytes(bits);
    for (int i = 0; i < block.threads; ++i)
      for (std::size_t part = 0; part < from.size() && isSet(block, predicate, i); ++part)
        block.write(space, i, block.of(pointer)[i] + part * std::uint64_t(bytes), bytes,
                    part == 0 ? alignment : bytes, block.of(from[part])[i] & simMask(bits));
  });
}

bool SimReader::readPointers(Operation *op) {
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case([&](LLVM::AddressOfOp o) {
        program.constants.emplace_back(define(o.getResult())[0], 0);
        return true;
      })
      .Case<LLVM::PtrToIntOp, LLVM::IntToPtrOp, LLVM::AddrSpaceCastOp>([&](auto) {
        alias(op->getResult(0), slotsOf(op->getOperand(0)));
        return true;
      })
      .Case([&](LLVM::GEPOp o) {
        const std::uint64_t size =
            static_cast<std::uint64_t>(memoryBytes(simBits(o.getElemType())));
        const int base = slotOf(o.getBase());
        if (o.getRawConstantIndices().size() != 1)
          return unknown(op);
        if (o.getDynamicIndices().empty()) {
          const auto offset =
              static_cast<std::uint64_t>(static_cast<std::int64_t>(o.getRawConstantIndices()[0]));
          unary(o.getResult(), base, [=](std::uint64_t x) { return x + offset * size; });
          return true;
        }
        const int bits = simBits(o.getDynamicIndices()[0].getType());
        binary(o.getResult(), base, slotOf(o.getDynamicIndices()[0]),
               [=](std::uint64_t x, std::uint64_t index) {
                 return x + static_cast<std::uint64_t>(simSigned(index, bits)) * size;
               });
        return true;
      })
      .Case<LLVM::FenceOp>([](auto) { return true; })
      .Default([&](Operation *o) { return o->getName().getStringRef() == "llvm.intr.assume"; });
}

bool SimReader::readVectors(Operation *op) {
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case<LLVM::UndefOp, LLVM::PoisonOp>([&](auto) {
        for (int slot : define(op->getResult(0)))
          program.constants.emplace_back(slot, anyNumber & 0xFF);
        return true;
      })
      .Case([&](LLVM::InsertElementOp o) {
        APInt at;
        if (!matchPattern(o.getPosition(), m_ConstantInt(&at)))
          return unknown(op);
        Slots slots = slotsOf(o.getVector());
        slots[at.getZExtValue()] = slotOf(o.getValue());
        alias(o.getResult(), slots);
        return true;
      })
      .Case([&](LLVM::ExtractElementOp o) {
        APInt at;
        if (!matchPattern(o.getPosition(), m_ConstantInt(&at)))
          return unknown(op);
        alias(o.getResult(), {slotsOf(o.getVector())[at.getZExtValue()]});
        return true;
      })
      .Case([&](LLVM::ExtractValueOp o) {
        alias(o.getResult(),
              {slotsOf(o.getContainer())[static_cast<std::size_t>(o.getPosition()[0])]});
        return true;
      })
      .Case([&](LLVM::BitcastOp o) {
        const Slots from = slotsOf(o.getArg()), to = define(o.getResult());
        const int fromBits = elementBits(o.getArg().getType()),
                  toBits = elementBits(o.getResult().getType());
        push([=](SimBlock &block) {
          for (int i = 0; i < block.threads; ++i)
            for (std::size_t part = 0; part < to.size(); ++part) {
              const std::size_t first = part * std::size_t(toBits);
              std::uint64_t value = 0;
              if (fromBits >= toBits)
                value = block.of(from[first / std::size_t(fromBits)])[i] >>
                        (first % std::size_t(fromBits));
              else
                for (int bit = 0; bit < toBits; bit += fromBits)
                  value |= (block.of(from[(first + std::size_t(bit)) / std::size_t(fromBits)])[i] &
                            simMask(fromBits))
                           << bit;
              block.of(to[part])[i] = value & simMask(toBits);
            }
        });
        return true;
      })
      .Default([](Operation *) { return false; });
}

bool SimReader::readMemory(Operation *op) {
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case([&](LLVM::LoadOp o) {
        const int bits = elementBits(o.getType());
        pushRead(spaceOf(o.getAddr()), slotOf(o.getAddr()), -1, define(o.getResult()), {}, bits,
                 int(o.getAlignment().value_or(std::uint64_t(memoryBytes(bits)))));
        return true;
      })
      .Case([&](LLVM::StoreOp o) {
        const int bits = elementBits(o.getValue().getType());
        pushWrite(spaceOf(o.getAddr()), slotOf(o.getAddr()), -1, slotsOf(o.getValue()), bits,
                  int(o.getAlignment().value_or(std::uint64_t(memoryBytes(bits)))));
        return true;
      })
      .Case([&](LLVM::AtomicRMWOp o) { return readAtomic(o); })
      .Case([&](LLVM::AtomicCmpXchgOp o) { return readSwap(o); })
      .Case([&](LLVM::InlineAsmOp o) { return readAssembly(o); })
      .Case([&](LLVM::CallIntrinsicOp o) { return readIntrinsic(o); })
      .Default([](Operation *) { return false; });
}

namespace {

std::uint64_t atomically(LLVM::AtomicBinOp op, SimFloat kind, int bits, std::uint64_t old,
                         std::uint64_t value) {
  switch (op) {
  case LLVM::AtomicBinOp::xchg:
    return value;
  case LLVM::AtomicBinOp::add:
    return old + value;
  case LLVM::AtomicBinOp::_and:
    return old & value;
  case LLVM::AtomicBinOp::_or:
    return old | value;
  case LLVM::AtomicBinOp::_xor:
    return old ^ value;
  case LLVM::AtomicBinOp::max:
    return simSigned(old, bits) > simSigned(value, bits) ? old : value;
  case LLVM::AtomicBinOp::min:
    return simSigned(old, bits) < simSigned(value, bits) ? old : value;
  case LLVM::AtomicBinOp::umax:
    return std::max(old, value);
  case LLVM::AtomicBinOp::umin:
    return std::min(old, value);
  case LLVM::AtomicBinOp::fadd:
    return simFromDouble(kind, simToDouble(kind, old) + simToDouble(kind, value));
  default:
    return old;
  }
}

} // namespace

bool SimReader::readAtomic(LLVM::AtomicRMWOp op) {
  const SimSpace space = spaceOf(op.getPtr());
  const int pointer = slotOf(op.getPtr()), value = slotOf(op.getVal()),
            to = define(op.getResult())[0];
  const SimFloat kind = simFloat(op.getVal().getType());
  const int bits = simBits(op.getVal().getType());
  const auto change = op.getBinOp();
  push([=](SimBlock &block) {
    const int bytes = memoryBytes(bits);
    for (int i = 0; i < block.threads; ++i) {
      if (!block.active[std::size_t(i)])
        continue;
      std::byte *place = block.atomicPlace(space, i, block.of(pointer)[i], bytes);
      if (!place)
        return;
      std::uint64_t old = 0;
      std::memcpy(&old, place, std::size_t(bytes));
      const std::uint64_t next = atomically(change, kind, bits, old, block.of(value)[i]);
      std::memcpy(place, &next, std::size_t(bytes));
      block.of(to)[i] = old;
    }
  });
  return true;
}

bool SimReader::readSwap(LLVM::AtomicCmpXchgOp op) {
  const SimSpace space = spaceOf(op.getPtr());
  const int pointer = slotOf(op.getPtr()), expected = slotOf(op.getCmp()),
            value = slotOf(op.getVal()), bytes = memoryBytes(simBits(op.getVal().getType()));
  const Slots to = define(op.getRes());
  push([=](SimBlock &block) {
    for (int i = 0; i < block.threads; ++i) {
      if (!block.active[std::size_t(i)])
        continue;
      std::byte *place = block.atomicPlace(space, i, block.of(pointer)[i], bytes);
      if (!place)
        return;
      std::uint64_t old = 0;
      std::memcpy(&old, place, std::size_t(bytes));
      const bool equal = old == block.of(expected)[i];
      if (equal)
        std::memcpy(place, &block.of(value)[i], std::size_t(bytes));
      block.of(to[0])[i] = old;
      block.of(to[1])[i] = equal;
    }
  });
  return true;
}

// "@$5 ld.global.L1::evict_first.v4.b32 {$0, $1, $2, $3}, [$4];", as NVIDIA's lowering writes them.
bool SimReader::readAssembly(LLVM::InlineAsmOp op) {
  llvm::StringRef text = op.getAsmString();
  const bool predicated = text.starts_with("@");
  if (predicated)
    text = text.drop_until([](char c) { return c == ' '; }).ltrim();
  const bool isLoad = text.starts_with("ld.global");
  int bits = 0;
  llvm::StringRef instruction = text.take_until([](char c) { return c == ' '; });
  if ((!isLoad && !text.starts_with("st.global")) ||
      instruction.rsplit(".b").second.getAsInteger(10, bits))
    return unknown(op);
  SmallVector<Value> operands(op.getOperands());
  const int pointer = slotOf(operands.front());
  operands.erase(operands.begin());
  int predicate = -1;
  if (predicated) {
    auto at = isLoad ? operands.begin() : std::prev(operands.end());
    predicate = slotOf(*at);
    operands.erase(at);
  }
  Slots words;
  appendSlots(operands, words);
  if (isLoad) {
    const Slots to = define(op.getResult(0));
    pushRead(SimSpace::Global, pointer, predicate, to, words, bits,
             memoryBytes(bits) * int(to.size()));
  } else {
    pushWrite(SimSpace::Global, pointer, predicate, words, bits,
              memoryBytes(bits) * int(words.size()));
  }
  return true;
}

// What tells threads and programs apart, and what they do together.
bool SimReader::readThreadIntrinsic(llvm::StringRef name, LLVM::CallIntrinsicOp op) {
  auto argument = [&](unsigned i) { return slotOf(op.getArgs()[i]); };
  if (name.ends_with("sreg.tid.x") || name.ends_with("workitem.id.x")) {
    const int to = define(op.getResult(0))[0];
    push([to](SimBlock &block) {
      for (int i = 0; i < block.threads; ++i)
        block.of(to)[i] = std::uint64_t(i);
    });
    return true;
  }
  const bool isId = name.contains("sreg.ctaid.") || name.contains("workgroup.id.");
  if (isId || name.contains("sreg.nctaid.")) {
    const int to = define(op.getResult(0))[0], axis = name.back() - 'x';
    push([=](SimBlock &block) {
      std::fill_n(block.of(to), block.threads,
                  (isId ? block.program : block.programs)[std::size_t(axis)]);
    });
    return true;
  }
  if (name == "llvm.amdgcn.implicitarg.ptr") {
    const int to = define(op.getResult(0))[0];
    push([to](SimBlock &block) {
      std::fill_n(block.of(to), block.threads,
                  reinterpret_cast<std::uint64_t>(block.programs.data()));
    });
    return true;
  }
  if (name.contains("barrier")) {
    push([](SimBlock &block) { block.barrier(); });
    return true;
  }
  if (name == "llvm.trap") {
    push([](SimBlock &block) { block.fail("an assertion does not hold"); });
    return true;
  }
  if (name.starts_with("llvm.nvvm.shfl.sync.")) {
    const int value = argument(1), amount = argument(2), to = define(op.getResult(0))[0];
    const bool isXor = name.contains("bfly"), isUp = name.contains(".up.");
    push([=](SimBlock &block) {
      block.shuffle(to, value, [&](int thread, int lane) {
        const int by = int(block.of(amount)[thread]);
        return isXor ? lane ^ by : isUp ? lane - by : lane + by;
      });
    });
    return true;
  }
  if (name == "llvm.amdgcn.ds.swizzle") { // bits 14..10: the lane is xored; 4..0: all are kept
    const int value = argument(0), pattern = argument(1), to = define(op.getResult(0))[0];
    push([=](SimBlock &block) {
      block.shuffle(to, value, [&](int thread, int lane) {
        const int by = int(block.of(pattern)[thread]);
        return (lane & 32) | (((lane & by & 31) | (by >> 5 & 31)) ^ (by >> 10 & 31));
      });
    });
    return true;
  }
  if (name == "llvm.amdgcn.ds.bpermute") {
    const int address = argument(0), value = argument(1), to = define(op.getResult(0))[0];
    push([=](SimBlock &block) {
      block.shuffle(to, value, [&](int thread, int) {
        return int(block.of(address)[thread] >> 2) & (block.warpSize - 1);
      });
    });
    return true;
  }
  return false;
}

// A buffer is its base; an offset from the size on reads 0 and writes nothing.
bool SimReader::readBuffer(llvm::StringRef name, LLVM::CallIntrinsicOp op) {
  constexpr std::uint64_t bufferBytes = 0x7ffffffe;
  if (name == "llvm.amdgcn.make.buffer.rsrc") {
    alias(op.getResult(0), slotsOf(op.getArgs()[0]));
    return true;
  }
  const bool isLoad = name == "llvm.amdgcn.raw.ptr.buffer.load";
  if (!isLoad && name != "llvm.amdgcn.raw.ptr.buffer.store")
    return false;
  const unsigned first = isLoad ? 0 : 1;
  const int base = slotOf(op.getArgs()[first]), offset = slotOf(op.getArgs()[first + 1]);
  const int address = newSlot(), inside = newSlot();
  const Type type = isLoad ? op.getResult(0).getType() : op.getArgs()[0].getType();
  const int bits = elementBits(type);
  push([=](SimBlock &block) {
    for (int i = 0; i < block.threads; ++i) {
      block.of(address)[i] = block.of(base)[i] + block.of(offset)[i];
      block.of(inside)[i] = block.of(offset)[i] < bufferBytes;
    }
  });
  if (isLoad) {
    const Slots to = define(op.getResult(0));
    Slots zeros;
    for (std::size_t i = 0; i < to.size(); ++i) {
      zeros.push_back(newSlot());
      program.constants.emplace_back(zeros.back(), 0);
    }
    pushRead(SimSpace::Global, address, inside, to, zeros, bits, std::min(4, memoryBytes(bits)));
  } else {
    pushWrite(SimSpace::Global, address, inside, slotsOf(op.getArgs()[0]), bits,
              std::min(4, memoryBytes(bits)));
  }
  return true;
}

bool SimReader::readIntrinsic(LLVM::CallIntrinsicOp op) {
  llvm::StringRef name = op.getIntrin();
  if (readThreadIntrinsic(name, op) || readBuffer(name, op))
    return true;
  if (op.getNumResults() != 1 || !isa<FloatType>(op.getResult(0).getType()))
    return unknown(op);
  const SimFloat type = simFloat(op.getResult(0).getType());
  const int a = slotOf(op.getArgs()[0]);
  auto one = [&](double (*function)(double)) {
    unary(op.getResult(0), a,
          [=](std::uint64_t x) { return simFromDouble(type, function(simToDouble(type, x))); });
    return true;
  };
  if (name.starts_with("llvm.nvvm.ex2.approx") || name == "llvm.amdgcn.exp2")
    return one([](double x) { return std::exp2(x); });
  if (name.starts_with("llvm.nvvm.sqrt") || name == "llvm.amdgcn.sqrt" || name == "llvm.sqrt")
    return one([](double x) { return std::sqrt(x); });
  if (name.starts_with("llvm.nvvm.rsqrt") || name == "llvm.amdgcn.rsq")
    return one([](double x) { return 1 / std::sqrt(x); });
  if (name == "llvm.nvvm.div.full") {
    binary(op.getResult(0), a, slotOf(op.getArgs()[1]), [=](std::uint64_t x, std::uint64_t y) {
      return simFromDouble(type, simToDouble(type, x) / simToDouble(type, y));
    });
    return true;
  }
  return unknown(op);
}

} // namespace lapidary
