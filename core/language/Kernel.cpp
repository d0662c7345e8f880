// The kernel itself: its signature from the specialization, its body, and which arguments it
// writes.
#include "core/language/Elaborator.h"

#include <cstdlib>
#include <fmt/format.h>

namespace lapidary::language {

TargetTraits traitsOf(const Target &target) {
  bool cuda = target.backend == "cuda";
  int architecture = cuda ? std::atoi(target.architecture.c_str()) : 0;
  return {.hasTf32 = cuda || target.architecture == "gfx942",
          .hasDescriptors = architecture >= 90,
          .hasThreads = target.backend != "cpu",
          .imprecise8BitAccumulation = architecture == 90 ? 1 << 30 : 0};
}

Elaborator::Elaborator(const KernelFile &file, const Specialization &specialization,
                       mlir::MLIRContext *context, std::vector<Diagnostic> &out)
    : builder(context), site(context, out), semantics(builder, site),
      traits(traitsOf(specialization.target)), file(file), specialization(specialization) {}

// A runtime argument's type, or why it has none.
static std::optional<Type> runtimeType(const ArgumentSpecialization &argument, Site &site) {
  std::optional<Type> type = parseSignatureType(argument.type);
  if (!type)
    site.error(fmt::format("{} has the type {}, which a kernel does not take", argument.name,
                           argument.type),
               {},
               argument.type.starts_with("(") ? "val:tuple as argument" : "param:annotation other");
  return type;
}

// A descriptor comes as itself, or as a pointer where the target has none, and as the tensor's
// shape and strides, as in Triton's IR.
static std::vector<Type> partsOf(const Type &type, bool hasDescriptors) {
  if (type.form != Type::Form::Descriptor)
    return {type};
  std::vector<Type> parts = {hasDescriptors ? type : Type{type.element.pointerTo(), {}}};
  parts.insert(parts.end(), type.shape.size(), Type{{DType::Int32}, {}});
  parts.insert(parts.end(), type.shape.size(), Type{{DType::Int64}, {}});
  return parts;
}

Object Elaborator::descriptor(const Type &type, const std::vector<Tensor> &parts) {
  Window window;
  window.type = type;
  (traits.hasDescriptors ? window.native : window.base) = parts.front();
  const std::size_t rank = type.shape.size();
  for (std::size_t d = 0; d < rank; ++d) {
    window.shape.push_back(semantics.cast(parts[1 + d], DType::Int64));
    window.strides.push_back(parts[1 + rank + d]);
  }
  return Object(std::make_shared<const Window>(std::move(window)));
}

void Elaborator::kernel(const JitFunction &function, mlir::ModuleOp module) {
  const ast::FunctionDef *definition =
      function.definition ? function.definition->as<ast::FunctionDef>() : nullptr;
  const KernelFile *home = &file;
  if (auto found = file.modules.find(function.file); found != file.modules.end())
    home = found->second.get();
  site.enter(function.file.empty() ? home->path : function.file, function.name, false);
  site.setRange(function.nameRange);
  site.visit({function.nameRange.line, 1, function.nameRange.line, 1});
  if (standard.isEmpty())
    site.error("the prelude of the language is missing from the resources folder");
  if (!definition)
    site.error(fmt::format("{} has no body", function.name));
  if (site.hasErrors())
    return;
  frames.push_back(std::make_unique<Frame>(Frame{&function, home, {}, Object::none(), false, 0}));
  mlir::Location location = site.location();

  struct Runtime {
    std::string name;
    Type type;
    std::vector<Type> parts; // the function's arguments that it consists of
  };
  std::vector<Runtime> runtime;
  std::vector<mlir::Type> types;
  std::vector<mlir::DictionaryAttr> attributes;
  for (const ast::Parameter &parameter : definition->parameters) {
    Place place(site, parameter.range);
    const ArgumentSpecialization *argument = specialization.find(parameter.name);
    if (!argument) {
      site.error(fmt::format("the launch gives no value for {}", parameter.name));
      continue;
    }
    if (argument->constant) {
      auto *named = argument->constant->as<FunctionValue>();
      scope().set(parameter.name,
                  named ? globalName(*home, named->name) : Object(*argument->constant));
      continue;
    }
    std::optional<Type> type = runtimeType(*argument, site);
    if (!type)
      continue;
    std::vector<mlir::NamedAttribute> properties;
    for (const Property &property : argument->properties)
      properties.push_back(builder.getNamedAttr(
          property.name, builder.getI32IntegerAttr(static_cast<std::int32_t>(property.value))));
    runtime.push_back({parameter.name, *type, partsOf(*type, traits.hasDescriptors)});
    for (const Type &part : runtime.back().parts) {
      attributes.push_back(builder.getDictionaryAttr(properties));
      types.push_back(semantics.toMlir(part));
    }
    scope().set(parameter.name, Object()); // keeps its place in the order of names
  }
  if (site.hasErrors())
    return;
  builder.setInsertionPointToEnd(module.getBody());
  auto op = tt::FuncOp::create(builder, location, function.name, builder.getFunctionType(types, {}),
                               llvm::ArrayRef<mlir::NamedAttribute>{}, attributes);
  op.setSymVisibility("public");
  op->setAttr("noinline", builder.getBoolAttr(function.options.noinline));
  mlir::Block *entry = op.addEntryBlock();
  builder.setInsertionPointToStart(entry);
  unsigned next = 0;
  for (const Runtime &argument : runtime) {
    std::vector<Tensor> parts;
    for (const Type &part : argument.parts) {
      mlir::BlockArgument value = entry->getArgument(next++);
      value.setLoc(mlir::NameLoc::get(builder.getStringAttr(argument.name), location));
      parts.push_back({value, part});
    }
    bool isDescriptor = argument.type.form == Type::Form::Descriptor;
    scope().set(argument.name,
                isDescriptor ? descriptor(argument.type, parts) : Object(parts.front()));
  }
  runBody(definition->body);
  if (frame().result.isValid() && !frame().result.isNone())
    site.error(fmt::format("{} returns {}, but a kernel returns nothing", function.name,
                           describe(frame().result)));
  semantics.create<tt::ReturnOp>(mlir::ValueRange{});
  frames.pop_back();
}

} // namespace lapidary::language
