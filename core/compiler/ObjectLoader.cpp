#include "core/compiler/ObjectLoader.h"

#include "llvm/ExecutionEngine/JITLink/EHFrameSupport.h"
#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/Core.h"
#include "llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h"
#include "llvm/ExecutionEngine/Orc/SelfExecutorProcessControl.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/MemoryBuffer.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>

namespace lapidary {

using namespace llvm;

namespace {

template <typename Function> orc::ExecutorSymbolDef executorSymbol(Function *function) {
  return {orc::ExecutorAddr::fromPtr(function),
          JITSymbolFlags::Exported | JITSymbolFlags::Callable};
}

// What compiled kernels may call: the functions that LLVM and MLIR lower operations to.
orc::SymbolMap callableSymbols(orc::ExecutionSession &session) {
  orc::SymbolMap symbols;
  using F1 = float(float);
  using F2 = float(float, float);
  using D1 = double(double);
  using D2 = double(double, double);
#define LAPIDARY_UNARY(NAME)                                                                       \
  symbols[session.intern(#NAME "f")] = executorSymbol<F1>(&::NAME##f);                             \
  symbols[session.intern(#NAME)] = executorSymbol<D1>(static_cast<D1 *>(&::NAME));
#define LAPIDARY_BINARY(NAME)                                                                      \
  symbols[session.intern(#NAME "f")] = executorSymbol<F2>(&::NAME##f);                             \
  symbols[session.intern(#NAME)] = executorSymbol<D2>(static_cast<D2 *>(&::NAME));
  LAPIDARY_UNARY(acos)
  LAPIDARY_UNARY(acosh)
  LAPIDARY_UNARY(asin)
  LAPIDARY_UNARY(asinh)
  LAPIDARY_UNARY(atan) LAPIDARY_UNARY(atanh) LAPIDARY_UNARY(cbrt) LAPIDARY_UNARY(
      ceil) LAPIDARY_UNARY(cos) LAPIDARY_UNARY(cosh) LAPIDARY_UNARY(erf) LAPIDARY_UNARY(erfc)
      LAPIDARY_UNARY(exp) LAPIDARY_UNARY(exp2) LAPIDARY_UNARY(expm1) LAPIDARY_UNARY(floor)
          LAPIDARY_UNARY(lgamma) LAPIDARY_UNARY(log) LAPIDARY_UNARY(log10) LAPIDARY_UNARY(log1p)
              LAPIDARY_UNARY(log2) LAPIDARY_UNARY(nearbyint) LAPIDARY_UNARY(rint) LAPIDARY_UNARY(
                  round) LAPIDARY_UNARY(roundeven) LAPIDARY_UNARY(sin) LAPIDARY_UNARY(sinh)
                  LAPIDARY_UNARY(sqrt) LAPIDARY_UNARY(tan) LAPIDARY_UNARY(tanh) LAPIDARY_UNARY(
                      tgamma) LAPIDARY_UNARY(trunc) LAPIDARY_BINARY(atan2) LAPIDARY_BINARY(fmod)
                      LAPIDARY_BINARY(hypot) LAPIDARY_BINARY(pow) LAPIDARY_BINARY(copysign)
                          LAPIDARY_BINARY(fmax) LAPIDARY_BINARY(fmin) LAPIDARY_BINARY(nextafter)
                              LAPIDARY_UNARY(exp10) LAPIDARY_UNARY(j0) LAPIDARY_UNARY(j1)
                                  LAPIDARY_UNARY(y0) LAPIDARY_UNARY(y1) LAPIDARY_BINARY(fdim)
                                      LAPIDARY_BINARY(remainder)
#undef LAPIDARY_UNARY
#undef LAPIDARY_BINARY
                                          symbols[session.intern("fmaf")] =
                                              executorSymbol<float(float, float, float)>(&::fmaf);
  symbols[session.intern("fma")] = executorSymbol<double(double, double, double)>(&::fma);
  symbols[session.intern("sincosf")] = executorSymbol<void(float, float *, float *)>(
      &::sincosf); // of a sine and a cosine of one number
  symbols[session.intern("sincos")] = executorSymbol<void(double, double *, double *)>(&::sincos);
  symbols[session.intern("ldexpf")] = executorSymbol<float(float, int)>(&::ldexpf);
  symbols[session.intern("ldexp")] = executorSymbol<double(double, int)>(&::ldexp);
  symbols[session.intern("memcpy")] =
      executorSymbol<void *(void *, const void *, size_t)>(&::memcpy);
  symbols[session.intern("memmove")] =
      executorSymbol<void *(void *, const void *, size_t)>(&::memmove);
  symbols[session.intern("memset")] = executorSymbol<void *(void *, int, size_t)>(&::memset);
  return symbols;
}

std::string words(llvm::Error error) {
  std::string text = toString(std::move(error));
  while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
    text.pop_back();
  return text;
}

} // namespace

struct ObjectLoader::State {
  std::unique_ptr<orc::ExecutionSession> session;
  std::unique_ptr<orc::ObjectLinkingLayer> layer;
  orc::JITDylib *library = nullptr;

  ~State() {
    if (session)
      consumeError(session->endSession());
  }
};

ObjectLoader::ObjectLoader(std::unique_ptr<State> state) : state(std::move(state)) {}
ObjectLoader::ObjectLoader(ObjectLoader &&) noexcept = default;
ObjectLoader &ObjectLoader::operator=(ObjectLoader &&) noexcept = default;
ObjectLoader::~ObjectLoader() = default;

Result<ObjectLoader> ObjectLoader::load(std::span<const std::byte> object) {
  StringRef bytes(reinterpret_cast<const char *>(object.data()), object.size());
  auto parsed = object::ObjectFile::createObjectFile(MemoryBufferRef(bytes, "kernel"));
  if (!parsed)
    return fail(ErrorCode::InvalidInput,
                fmt::format("the code object cannot be read: {}", words(parsed.takeError())));

  auto control = orc::SelfExecutorProcessControl::Create();
  if (!control)
    return fail(ErrorCode::Internal, words(control.takeError()));
  auto state = std::make_unique<State>();
  state->session = std::make_unique<orc::ExecutionSession>(std::move(*control));
  orc::ExecutionSession &session = *state->session;
  const Triple machine = session.getExecutorProcessControl().getTargetTriple();
  if ((*parsed)->getArch() != machine.getArch())
    return fail(ErrorCode::InvalidInput,
                fmt::format("the code object is for {}, this machine is {}",
                            Triple::getArchTypeName((*parsed)->getArch()).str(),
                            machine.getArchName().str()));

  // Errors come back from lookup; the session need not print them as well.
  session.setErrorReporter([](llvm::Error error) { consumeError(std::move(error)); });
  state->layer = std::make_unique<orc::ObjectLinkingLayer>(session);
  state->library = &session.createBareJITDylib("kernel");
  if (auto error = state->library->define(orc::absoluteSymbols(callableSymbols(session))))
    return fail(ErrorCode::Internal, words(std::move(error)));
  if (auto error =
          state->layer->add(*state->library, MemoryBuffer::getMemBufferCopy(bytes, "kernel")))
    return fail(ErrorCode::InvalidInput,
                fmt::format("the code object cannot be linked: {}", words(std::move(error))));
  return ObjectLoader(std::move(state));
}

Result<void *> ObjectLoader::symbol(const std::string &name) const {
  auto symbol = state->session->lookup({state->library}, name);
  if (!symbol)
    return fail(ErrorCode::NotFound, words(symbol.takeError()), name);
  return symbol->getAddress().toPtr<void *>();
}

} // namespace lapidary
