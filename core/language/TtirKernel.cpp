#include "core/language/TtirKernel.h"

#include "core/compiler/dialect/tt/TtOps.h"
#include "core/language/Types.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"

#include <fmt/format.h>

namespace lapidary::language {
namespace {

// The text with every location blanked out, so that what is parsed gets the place that it stands
// at.
std::string withoutLocations(std::string text) {
  auto blank = [&](std::size_t begin, std::size_t end) {
    for (; begin < end; ++begin)
      if (text[begin] != '\n')
        text[begin] = ' ';
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (text.compare(at, 4, "#loc") == 0)
      blank(at, end);
    for (std::size_t start; (start = text.find(" loc(", at)) < end; at = start) {
      int depth = 0;
      std::size_t close = start + 4;
      for (; close < end; ++close)
        if ((depth += text[close] == '(' ? 1 : text[close] == ')' ? -1 : 0) == 0)
          break;
      blank(start, std::min(close + 1, end));
    }
    at = end + 1;
  }
  return text;
}

class Reader {
public:
  Reader(const JitFunction &kernel, const Specialization &specialization,
         mlir::MLIRContext *context, std::vector<Diagnostic> &diagnostics)
      : kernel(kernel), specialization(specialization), builder(context), diagnostics(diagnostics) {
  }

  mlir::OwningOpRef<mlir::ModuleOp> run(const std::string &text, const std::string &path) {
    mlir::ScopedDiagnosticHandler handler(builder.getContext(), [&](mlir::Diagnostic &said) {
      if (said.getSeverity() == mlir::DiagnosticSeverity::Error)
        error(rangeOf(said.getLocation()), said.str());
      return mlir::success();
    });
    mlir::OwningOpRef<mlir::ModuleOp> module = mlir::parseSourceString<mlir::ModuleOp>(
        withoutLocations(text), mlir::ParserConfig(builder.getContext()), path);
    if (!module) {
      if (diagnostics.empty())
        error(kernel.nameRange, "this is not Triton IR");
      return {};
    }
    tt::FuncOp function;
    for (tt::FuncOp each : llvm::make_early_inc_range(module->getOps<tt::FuncOp>())) {
      if (each.getName() == kernel.name)
        function = each;
      else if (each.isPublic())
        each.erase();
    }
    if (!function || function.isExternal() ||
        function.getNumArguments() != kernel.parameters.size()) {
      error(kernel.nameRange, fmt::format("{} has no body here", kernel.name));
      return {};
    }
    for (std::size_t i = kernel.parameters.size(); i-- > 0;)
      argument(function, static_cast<unsigned>(i));
    if (!diagnostics.empty())
      return {};
    return module;
  }

private:
  SourceRange rangeOf(mlir::Location location) const {
    auto place = mlir::dyn_cast<mlir::FileLineColLoc>(location);
    if (!place)
      return kernel.nameRange;
    const int line = int(place.getLine()), column = int(place.getColumn());
    return {line, column, line, column + 1};
  }

  void error(SourceRange range, std::string message) {
    diagnostics.push_back({Severity::Error, kernel.file, range, std::move(message), {}, {}});
  }

  void argument(tt::FuncOp function, unsigned index) {
    const KernelParameter &parameter = kernel.parameters[index];
    const ArgumentSpecialization *given = specialization.find(parameter.name);
    mlir::BlockArgument value = function.getArgument(index);
    if (!given)
      return error(parameter.range, fmt::format("the launch gives nothing for {}", parameter.name));
    if (given->type == "constexpr")
      return fold(function, index, *given);
    std::optional<Type> type = parseSignatureType(given->type);
    if (!type || toMlir(*type, builder.getContext()) != value.getType())
      return error(parameter.range, fmt::format("{} is {} in this IR and {} in the launch",
                                                parameter.name, parameter.annotation, given->type));
    std::vector<mlir::NamedAttribute> properties;
    for (const Property &property : given->properties)
      properties.push_back(builder.getNamedAttr(
          property.name, builder.getI32IntegerAttr(static_cast<std::int32_t>(property.value))));
    function.setArgAttrs(index, properties);
    value.setLoc(mlir::NameLoc::get(builder.getStringAttr(parameter.name), function.getLoc()));
  }

  void fold(tt::FuncOp function, unsigned index, const ArgumentSpecialization &given) {
    mlir::BlockArgument value = function.getArgument(index);
    const std::optional<std::int64_t> number =
        given.constant ? toInt64(*given.constant) : std::nullopt;
    auto type = mlir::dyn_cast<mlir::IntegerType>(value.getType());
    if (!number || !type)
      return error(kernel.parameters[index].range,
                   fmt::format("{} is an argument of this IR, and {} can be none", given.name,
                               given.constant ? repr(*given.constant) : "nothing"));
    builder.setInsertionPointToStart(&function.getBody().front());
    mlir::Value constant = mlir::arith::ConstantOp::create(builder, function.getLoc(),
                                                           builder.getIntegerAttr(type, *number));
    value.replaceAllUsesWith(constant);
    if (mlir::failed(function.eraseArgument(index)))
      error(kernel.parameters[index].range, fmt::format("{} cannot be folded", given.name));
  }

  const JitFunction &kernel;
  const Specialization &specialization;
  mlir::OpBuilder builder;
  std::vector<Diagnostic> &diagnostics;
};

} // namespace

mlir::OwningOpRef<mlir::ModuleOp> ttirKernel(const KernelFile &file, const JitFunction &kernel,
                                             const Specialization &specialization,
                                             mlir::MLIRContext *context,
                                             std::vector<Diagnostic> &diagnostics) {
  return Reader(kernel, specialization, context, diagnostics).run(file.text, file.path);
}

} // namespace lapidary::language
