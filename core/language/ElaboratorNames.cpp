// What names and attributes stand for.
#include "core/language/Elaborator.h"

#include "core/source/Evaluator.h"

#include <algorithm>
#include <fmt/format.h>

namespace lapidary::language {

// Levenshtein's distance, given up beyond `limit`.
static std::size_t editDistance(const std::string &a, const std::string &b, std::size_t limit) {
  if (a.size() > b.size() + limit || b.size() > a.size() + limit)
    return limit + 1;
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

std::string nearestName(const std::string &name, const std::vector<std::string> &candidates) {
  std::size_t allowed = name.size() <= 3 ? 1 : name.size() <= 8 ? 2 : 3;
  std::size_t best = allowed + 1;
  std::string nearest;
  for (const std::string &candidate : candidates) {
    std::size_t distance = editDistance(name, candidate, best);
    if (distance < best && candidate != name) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

// The dtypes as attributes of tl.
static std::optional<Type> languageType(const std::string &name) {
  static constexpr std::pair<const char *, DType> types[] = {{"int1", DType::Int1},
                                                             {"int8", DType::Int8},
                                                             {"int16", DType::Int16},
                                                             {"int32", DType::Int32},
                                                             {"int64", DType::Int64},
                                                             {"uint8", DType::UInt8},
                                                             {"uint16", DType::UInt16},
                                                             {"uint32", DType::UInt32},
                                                             {"uint64", DType::UInt64},
                                                             {"float8e4nv", DType::Fp8E4NV},
                                                             {"float8e5", DType::Fp8E5},
                                                             {"float8e4b8", DType::Fp8E4B8},
                                                             {"float8e5b16", DType::Fp8E5B16},
                                                             {"float8e4b15", DType::Fp8E4B15},
                                                             {"float16", DType::Fp16},
                                                             {"bfloat16", DType::BF16},
                                                             {"float32", DType::Fp32},
                                                             {"float64", DType::Fp64},
                                                             {"pi32_t", DType::Int32}};
  for (auto [spelling, type] : types)
    if (name == spelling)
      return name == "pi32_t" ? Type{Element{type, 1}, {}} : Type{{type}, {}};
  return std::nullopt;
}

const ast::FunctionDef *hostFunction(const KernelFile &file, const std::string &name) {
  std::vector<const ast::Block *> blocks = {&file.module->body};
  for (std::size_t i = 0; i < blocks.size() && i < 64; ++i)
    for (const ast::StmtPtr &statement : *blocks[i]) {
      if (auto *function = statement->as<ast::FunctionDef>(); function && function->name == name)
        return function;
      if (auto *branch = statement->as<ast::If>()) {
        blocks.push_back(&branch->body);
        blocks.push_back(&branch->otherwise);
      } else if (auto *attempt = statement->as<ast::Try>()) {
        blocks.push_back(&attempt->body);
        for (const ast::Block &handler : attempt->handlers)
          blocks.push_back(&handler);
      }
    }
  return nullptr;
}

static bool isLanguageModule(std::string_view path) {
  static constexpr std::string_view modules[] = {
      "triton.language",           "triton.language.core",    "triton.language.math",
      "triton.language.standard",  "triton.language.random",  "triton.language.extra",
      "triton.language.libdevice", "triton.language.semantic"};
  return std::ranges::find(modules, path) != std::end(modules);
}

Object Elaborator::name(const std::string &id) {
  if (const Object *local = scope().find(id)) {
    if (const Unset *unset = local->as<Unset>())
      return fail(fmt::format("{} holds no value here", id), {unset->reason});
    return *local;
  }
  Object global = globalName(*frame().file, id);
  if (global.isValid())
    return global;
  if (const BuiltinEntry *builtin = findBuiltin("", id))
    return Builtin{builtin};
  std::vector<std::string> known;
  for (const Scope::Entry &entry : scope().all())
    known.push_back(entry.name);
  for (const JitFunction &function : frame().file->functions)
    known.push_back(function.name);
  for (const auto &[global, value] : frame().file->constants)
    known.push_back(global);
  for (const auto &[import, path] : frame().file->imports)
    known.push_back(import);
  std::string nearest = nearestName(id, known);
  std::vector<std::string> notes;
  if (!nearest.empty())
    notes.push_back(fmt::format("did you mean {}?", nearest));
  return fail(fmt::format("{} is not defined", id), std::move(notes), "glob:unresolved name");
}

Object Elaborator::globalName(const KernelFile &in, const std::string &id) {
  if (const JitFunction *function = in.find(id)) {
    const KernelFile *home = &in;
    if (auto found = in.modules.find(function->file); found != in.modules.end())
      home = found->second.get();
    return Function{function, home};
  }
  if (auto constant = in.constants.find(id); constant != in.constants.end())
    return constant->second;
  if (auto import = in.imports.find(id); import != in.imports.end()) {
    const std::string &path = import->second;
    std::size_t dot = path.rfind('.');
    // "from triton.language import load": a module's attribute under a name of its own.
    if (dot != std::string::npos) {
      std::string parent = path.substr(0, dot), last = path.substr(dot + 1);
      if (findBuiltin(parent, last) || (isLanguageModule(parent) && !isLanguageModule(path)))
        return moduleAttribute(parent, last);
    }
    return ModuleName{path};
  }
  if (auto host = in.hostFunctions.find(id); host != in.hostFunctions.end()) {
    auto home = in.modules.find(host->second.file);
    return HostFunction{host->second.definition->as<ast::FunctionDef>(),
                        home == in.modules.end() ? &in : home->second.get()};
  }
  if (const ast::FunctionDef *function = hostFunction(in, id))
    return HostFunction{function, &in};
  // A module-level alias: `exp = tl.exp`, the first that can be resolved.
  std::vector<const ast::Block *> blocks = {&in.module->body};
  for (std::size_t i = 0; i < blocks.size() && i < 64; ++i)
    for (const ast::StmtPtr &statement : *blocks[i]) {
      if (auto *branch = statement->as<ast::If>()) {
        blocks.push_back(&branch->body);
        blocks.push_back(&branch->otherwise);
      } else if (auto *attempt = statement->as<ast::Try>()) {
        blocks.push_back(&attempt->body);
        for (const ast::Block &handler : attempt->handlers)
          blocks.push_back(&handler);
      } else if (auto *assignment = statement->as<ast::Assign>()) {
        for (const ast::ExprPtr &target : assignment->targets)
          if (const ast::Name *assigned = target->as<ast::Name>(); assigned && assigned->id == id)
            if (Object value = globalAlias(in, *assignment->value, 0); value.isValid())
              return value;
      }
    }
  return {};
}

// Names, attributes of modules, and constexpr(...) or jit(...) around either.
Object Elaborator::globalAlias(const KernelFile &in, const ast::Expr &value, int depth) {
  if (depth > 8)
    return {};
  if (const ast::Name *alias = value.as<ast::Name>())
    return globalName(in, alias->id);
  if (const ast::Constant *constant = value.as<ast::Constant>())
    return constant->value;
  if (const ast::Attribute *attribute = value.as<ast::Attribute>()) {
    Object module = globalAlias(in, *attribute->object, depth + 1);
    const ModuleName *path = module.as<ModuleName>();
    if (!path)
      return {};
    if (auto type = languageType(attribute->name); type && path->path == "triton.language")
      return *type;
    if (const BuiltinEntry *builtin = findBuiltin(path->path, attribute->name))
      return Builtin{builtin};
    if (path->path.starts_with("triton.language"))
      if (Function function = standard.find(attribute->name); function.function)
        return function;
    bool submodule = path->path == "triton" || path->path.starts_with("triton.language");
    return submodule ? Object(ModuleName{path->path + "." + attribute->name}) : Object();
  }
  const ast::Call *wrapped = value.as<ast::Call>();
  if (!wrapped || wrapped->arguments.size() != 1)
    return {};
  std::string wrapper = ast::dottedName(*wrapped->function);
  if (wrapper.ends_with("constexpr") || wrapper.ends_with("jit"))
    return globalAlias(in, *wrapped->arguments[0], depth + 1);
  return {};
}

// Everything that the module is known to have.
Object Elaborator::knownAttribute(const std::string &path, const std::string &name) {
  bool isLanguage = path.starts_with("triton.language");
  if (path == "triton.language" || path == "triton.language.core")
    if (std::optional<Type> type = languageType(name))
      return *type;
  if (path.ends_with("PropagateNan") && (name == "ALL" || name == "NONE"))
    return Enumerator{"PropagateNan." + name};
  if (const BuiltinEntry *builtin = findBuiltin(path, name))
    return Builtin{builtin};
  if (isLanguage && !path.ends_with("libdevice") && !name.starts_with("__"))
    if (Function function = standard.find(name); function.function)
      return function;
  std::string child = path + "." + name;
  bool inExtra = path.starts_with("triton.language.extra");
  if (isLanguageModule(child) || child == "triton.language.PropagateNan" ||
      (inExtra && (path == "triton.language.extra" || name == "libdevice")))
    return ModuleName{child};
  if (path == "math")
    for (auto [constant, value] : {std::pair{"pi", 3.141592653589793},
                                   {"e", 2.718281828459045},
                                   {"tau", 6.283185307179586},
                                   {"inf", std::numeric_limits<double>::infinity()},
                                   {"nan", std::numeric_limits<double>::quiet_NaN()}})
      if (name == constant)
        return Object(Value{value});
  return {};
}

bool Elaborator::hasModuleAttribute(const std::string &path, const std::string &name) {
  return knownAttribute(path, name).isValid();
}

Object Elaborator::moduleAttribute(const std::string &path, const std::string &name) {
  if (Object known = knownAttribute(path, name); known.isValid())
    return known;
  if (!path.starts_with("triton.language")) {
    std::string root = path.substr(0, path.find('.'));
    return fail(fmt::format("{}.{} cannot be used in a kernel", path, name), {},
                fmt::format("host module:{}.*", root));
  }
  if (path.ends_with("libdevice"))
    return fail(fmt::format("libdevice.{} is not supported", name), {}, "libdevice." + name);
  std::vector<std::string> known = languageNames();
  for (std::string &function : standard.names())
    known.push_back(std::move(function));
  std::string nearest = nearestName(name, known);
  if (nearest.empty())
    return fail(fmt::format("tl.{} is not supported", name), {}, "tl." + name);
  return fail(fmt::format("there is no tl.{}", name), {fmt::format("did you mean tl.{}?", nearest)},
              "tl." + name);
}

// A dotted name that the file itself resolves: a helper or constant of an imported module. Invalid,
// without a message, when it is none.
Object Elaborator::dottedName(const ast::Expr &expression) {
  std::string dotted = ast::dottedName(expression);
  if (dotted.empty() || scope().find(dotted.substr(0, dotted.find('.'))))
    return {};
  const KernelFile &in = *frame().file;
  if (in.imported.contains(dotted) || in.constants.contains(dotted))
    return globalName(in, dotted);
  return {};
}

Object Elaborator::attributeOf(const Object &object, const std::string &name) {
  if (!object.isValid())
    return {};
  if (auto *module = object.as<ModuleName>())
    return moduleAttribute(module->path, name);
  if (name == "value" && !object.tensor()) // constexpr(x).value is x
    return object;
  if (const Tensor *tensor = object.tensor())
    return tensorAttribute(*tensor, name);
  if (object.window())
    return windowAttribute(object, name);
  if (const Type *type = object.type())
    return typeAttribute(*type, name);
  if (object.constant() && (object.asNumber() || object.asString())) {
    // A Python number where a scalar may stand: x.to(tl.float32).
    Object method = object.asNumber() ? member(object, name) : Object();
    if (method.isValid())
      return method;
  }
  return fail(fmt::format("{} has no attribute {}", describe(object), name), {}, "." + name);
}

Object Elaborator::member(const Object &self, const std::string &name) {
  auto bound = [&](Object callee) {
    return Object(std::make_shared<const Method>(Method{
        std::make_shared<const Object>(self), std::make_shared<const Object>(std::move(callee))}));
  };
  if (const BuiltinEntry *builtin = findBuiltin("triton.language", name);
      builtin && builtin->isMember)
    return bound(Builtin{builtin});
  if (Function function = standard.find(name); function.function && standard.isMember(function))
    return bound(function);
  return {};
}

Object Elaborator::windowAttribute(const Object &object, const std::string &name) {
  const Window &window = *object.window();
  bool isDescriptor = window.type.form == Type::Form::Descriptor;
  const BuiltinEntry *method =
      isDescriptor ? findDescriptorMethod(name) : findBuiltin("triton.language", name);
  if (method && (isDescriptor || name == "advance" || name == "store" || name == "load"))
    return Object(std::make_shared<const Method>(Method{
        std::make_shared<const Object>(object), std::make_shared<const Object>(Builtin{method})}));
  if (name == "type")
    return window.type;
  if (name == "dtype")
    return isDescriptor ? Object(Type{window.type.element, {}}) : Object(window.type);
  std::vector<Object> parts;
  if (name == "block_shape" || (name == "shape" && !isDescriptor))
    for (std::int64_t size : window.type.shape)
      parts.push_back(Object::integer(size));
  else if (name == "shape" || (name == "strides" && isDescriptor))
    for (const Tensor &part : name == "shape" ? window.shape : window.strides)
      parts.push_back(name == "shape" ? semantics.cast(part, DType::Int32) : part);
  else
    return fail(fmt::format("{} has no attribute {}", text(window.type), name), {}, "." + name);
  return Object::tuple(std::move(parts), true);
}

Object Elaborator::tensorAttribute(const Tensor &tensor, const std::string &name) {
  if (name == "dtype")
    return tensor.type.scalar();
  if (name == "type")
    return tensor.type;
  if (name == "shape") {
    std::vector<Object> sizes;
    for (std::int64_t size : tensor.type.shape)
      sizes.push_back(Object::integer(size));
    return Object::tuple(std::move(sizes), true);
  }
  if (name == "numel")
    return Object::integer(tensor.type.elementCount());
  if (name == "T")
    return tensor.type.shape.size() == 2
               ? Object(semantics.permute(tensor, {1, 0}))
               : fail(fmt::format(".T transposes a tile of rank 2, not {}", text(tensor.type)));
  Object method = member(tensor, name);
  if (method.isValid())
    return method;
  std::vector<std::string> known = languageNames();
  for (const char *attribute : {"dtype", "type", "shape", "numel", "T", "sum", "max", "min"})
    known.push_back(attribute);
  std::string nearest = nearestName(name, known);
  std::vector<std::string> notes;
  if (!nearest.empty())
    notes.push_back(fmt::format("did you mean {}?", nearest));
  return fail(fmt::format("{} has no attribute {}", text(tensor.type), name), std::move(notes),
              "." + name);
}

Object Elaborator::typeAttribute(const Type &type, const std::string &name) {
  const Element &element = type.element;
  if (name == "scalar")
    return type.form == Type::Form::Value ? Object(type.scalar()) : Object(type);
  if (name == "dtype")
    return Type{element, {}};
  if (name == "element_ty") {
    if (type.isBlockPointer())
      return Type{element, type.shape};
    if (type.isTile())
      return type.scalar();
    if (element.isPointer())
      return Type{element.pointee(), {}};
    return fail(fmt::format("{} has no element type", text(type)));
  }
  if (name == "shape") {
    std::vector<Object> sizes;
    for (std::int64_t size : type.shape)
      sizes.push_back(Object::integer(size));
    return Object::tuple(std::move(sizes), true);
  }
  if (name == "numel")
    return Object::integer(type.elementCount());
  if (name == "name")
    return Object::string(text(type));
  int bits = element.isPointer() ? 64 : dtypeBits(element.dtype);
  if (name == "primitive_bitwidth" || name == "int_bitwidth")
    return Object::integer(bits);
  if (name == "itemsize")
    return Object::integer(bits / 8);
  if (name == "fp_mantissa_width" && !element.isPointer() && isFloating(element.dtype))
    return Object::integer(mantissaBits(element.dtype));
  if (const BuiltinEntry *method = findTypeMethod(name))
    return Object(std::make_shared<const Method>(Method{
        std::make_shared<const Object>(type), std::make_shared<const Object>(Builtin{method})}));
  return fail(fmt::format("the type {} has no attribute {}", text(type), name), {}, "." + name);
}

} // namespace lapidary::language
