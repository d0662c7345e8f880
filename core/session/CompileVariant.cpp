#include "core/compiler/TargetHook.h"
#include "core/session/NamedVariant.h"
#include "core/source/TtirFile.h"
#include "core/specialize/CacheKey.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace lapidary {

namespace {

std::string labelOf(const PropertyMask &mask) {
  switch (mask.kind) {
  case PropertyMask::Kind::All:
    return "specialized";
  case PropertyMask::Kind::None:
    return "generic";
  default:
    return toString(mask);
  }
}

Result<int> countOption(const Launch &launch, const std::string &name, int standard, int most) {
  const Value *value = launch.option(name);
  if (!value || value->isNone())
    return standard;
  const Integer *number = value->as<Integer>();
  if (!number || !number->fits || number->value < 1 || number->value > most)
    return fail(ErrorCode::InvalidInput,
                fmt::format("option {} must be a whole number from 1 to {}, not {}", name, most,
                            repr(*value)),
                name);
  return static_cast<int>(number->value);
}

Result<CompileOptions> compileOptions(const Launch &launch, const Target &target,
                                      const std::string &stopAfter) {
  CompileOptions options;
  options.target = target;
  options.stopAfter = stopAfter;
  const auto warps = countOption(launch, "num_warps", options.numWarps, 64);
  if (!warps)
    return std::unexpected(warps.error());
  if ((*warps & (*warps - 1)) != 0)
    return fail(ErrorCode::InvalidInput,
                fmt::format("option num_warps must be a power of two, not {}", *warps),
                "num_warps");
  const auto stages = countOption(launch, "num_stages", options.numStages, 64);
  if (!stages)
    return std::unexpected(stages.error());
  options.numWarps = *warps;
  options.numStages = *stages;
  for (const auto &[name, value] : launch.options)
    if (name != "num_warps" && name != "num_stages")
      options.extra.emplace_back(name, repr(value));
  return options;
}

// The stages up to `last`; of a compile that went further, in the cache or not.
void keepStagesUpTo(CompileResult &compiled, const std::string &last) {
  const auto found = std::ranges::find(compiled.stages, last, &StageArtifact::name);
  if (!last.empty() && found != compiled.stages.end())
    compiled.stages.erase(found + 1, compiled.stages.end());
}

void prepend(std::vector<Diagnostic> &diagnostics, std::vector<Diagnostic> first) {
  first.insert(first.end(), diagnostics.begin(), diagnostics.end());
  diagnostics = std::move(first);
}

// What `compile` makes, unless the cache has it.
Result<CompileResult> compileOrFind(const Services &services, const std::string &cacheKey,
                                    const std::string &stopAfter,
                                    const std::function<Result<CompileResult>()> &compile) {
  if (services.cache)
    if (auto found = services.cache->find(cacheKey)) {
      keepStagesUpTo(*found, stopAfter);
      return std::move(*found);
    }
  auto compiled = compile();
  // A cache that cannot be written costs time only.
  if (compiled && compiled->ok && stopAfter.empty() && services.cache)
    (void)services.cache->put(cacheKey, *compiled);
  return compiled;
}

// What the backend cannot go on from: the Triton IR alone.
void stopAtTtir(Variant &variant, std::int64_t nanoseconds, const std::string &stopAfter,
                const Error &why) {
  variant.compiled.stages = {{"ttir", variant.ttir, true, nanoseconds}};
  variant.compiled.ok = stopAfter == "ttir";
  if (!variant.compiled.ok)
    variant.problem = why;
}

// What the launch gives an argument that the kernel's types contradict; empty when they do not.
std::string contradiction(const LaunchHint &hint, const Value &value) {
  const bool isTensor = value.as<TensorArgument>() != nullptr;
  if (hint.kind == LaunchHint::Kind::Pointer && !isTensor)
    return fmt::format("the launch gives {} the value {} ({}), and the kernel takes it for an "
                       "address: give it a tensor, for example "
                       "{{\"tensor\": {{\"dtype\": \"{}\", \"shape\": [1024]}}}}",
                       hint.parameter, repr(value), kindName(value), dtypeName(hint.dtype));
  if (hint.kind == LaunchHint::Kind::Number && isTensor)
    return fmt::format("the launch gives {} a tensor, and the kernel takes it for a number: give "
                       "it one",
                       hint.parameter);
  return {};
}

// The mistake may lie in the launch: that is said below the first error.
void noteContradictions(Elaboration &elaboration, const Launch &launch) {
  const auto first =
      std::ranges::find(elaboration.diagnostics, Severity::Error, &Diagnostic::severity);
  if (first == elaboration.diagnostics.end())
    return;
  for (const LaunchHint &hint : elaboration.hints)
    if (const Value *value = launch.argument(hint.parameter))
      if (std::string text = contradiction(hint, *value); !text.empty())
        first->notes.push_back({first->file, {}, std::move(text)});
}

// By our own compiler, from the elaborated kernel.
void compileNatively(const Services &services, const std::string &file,
                     const CompileOptions &options, std::int64_t elaborationNanoseconds,
                     const CancelToken &cancel, Variant &variant) {
  const auto backend = services.backends->find(variant.target.backend);
  const auto hook = (*backend)->targetHook(variant.target);
  if (!hook) {
    stopAtTtir(variant, elaborationNanoseconds, options.stopAfter, hook.error());
    return;
  }
  variant.compiled =
      *compileOrFind(services, variant.cacheKey, options.stopAfter, [&]() -> Result<CompileResult> {
        return services.compiler.compile(variant.ttir, file, **hook, options, cancel);
      });
}

// By the Triton that is installed, from the user's text. Errors: Cancelled.
Result<void> compileWithTriton(const Services &services, const KernelChoice &choice,
                               const std::string &stopAfter, const CancelToken &cancel,
                               Variant &variant) {
  if (isTtir(*choice.kernel)) {
    variant.problem = Error{ErrorCode::Unsupported,
                            "a kernel that is Triton IR is compiled by our own compiler alone; "
                            "leave --compiler out",
                            choice.kernel->name};
    return {};
  }
  auto compiled =
      compileOrFind(services, variant.cacheKey, stopAfter, [&]() -> Result<CompileResult> {
        auto reply = services.triton->compile(*choice.file, *choice.kernel, variant.specialization,
                                              variant.options, stopAfter, cancel);
        if (!reply)
          return std::unexpected(reply.error());
        return std::move(reply->compiled);
      });
  if (!compiled && compiled.error().code == ErrorCode::Cancelled)
    return std::unexpected(compiled.error());
  if (!compiled) {
    variant.problem = compiled.error();
    return {};
  }
  variant.compiled = std::move(*compiled);
  if (const StageArtifact *ttir = variant.compiled.stage("ttir"))
    variant.ttir = ttir->contents;
  return {};
}

} // namespace

Result<Variant> compileVariant(const Services &services, const KernelChoice &choice,
                               const Target &target, const std::string &ruleSet,
                               const PropertyMask &mask, const std::string &stopAfter,
                               const CancelToken &cancel) {
  // The backend's own error is the clearer one.
  if (const auto backend = services.backends->find(target.backend); !backend)
    return std::unexpected(backend.error());
  const auto whole = specialize(*services.rules, ruleSet, target, *choice.kernel, choice.launch);
  if (!whole)
    return std::unexpected(whole.error());
  return compileSpecialized(services, choice, *whole, mask, stopAfter, cancel);
}

Result<Variant> compileSpecialized(const Services &services, const KernelChoice &choice,
                                   const Specialization &specialization, const PropertyMask &mask,
                                   const std::string &stopAfter, const CancelToken &cancel) {
  const Target &target = specialization.target;
  const auto backend = services.backends->find(target.backend);
  if (!backend)
    return std::unexpected(backend.error());
  const auto options = compileOptions(choice.launch, target, stopAfter);
  if (!options)
    return std::unexpected(options.error());
  auto masked = applyMask(specialization, mask);
  if (!masked)
    return std::unexpected(masked.error());

  Variant variant;
  variant.label = labelOf(mask);
  variant.specialization = std::move(*masked);
  variant.mask = mask;
  variant.target = target;
  variant.options = choice.launch.options;

  const auto begin = std::chrono::steady_clock::now();
  Elaboration elaboration =
      services.compiler.elaborate(*choice.file, *choice.kernel, variant.specialization);
  const auto elapsed = std::chrono::steady_clock::now() - begin;
  noteContradictions(elaboration, choice.launch);
  variant.ttir = std::move(elaboration.ttir);
  variant.storedTo = std::move(elaboration.storedTo);
  if (cancel.cancelled())
    return fail(ErrorCode::Cancelled, "compiling was cancelled", choice.kernel->name);

  variant.keyParts = keyParts(services, choice, variant.specialization, variant.options);
  auto key = cacheKey(variant.keyParts);
  if (!key)
    return std::unexpected(key.error());
  variant.cacheKey = std::move(*key);
  if (services.triton) {
    if (auto done = compileWithTriton(services, choice, stopAfter, cancel, variant); !done)
      return std::unexpected(done.error());
    return variant; // what our elaboration missed is no fault of the kernel
  }
  if (!variant.ttir.empty())
    compileNatively(services, choice.file->path, *options,
                    std::chrono::nanoseconds(elapsed).count(), cancel, variant);
  if (cancel.cancelled())
    return fail(ErrorCode::Cancelled, "compiling was cancelled", choice.kernel->name);
  prepend(variant.compiled.diagnostics, std::move(elaboration.diagnostics));
  return variant;
}

} // namespace lapidary
