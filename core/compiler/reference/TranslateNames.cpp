// Which operations are plain arithmetic, by name.
#include "core/compiler/reference/Translator.h"

namespace lapidary::reference {

std::optional<Opcode> elementwiseOpcode(llvm::StringRef operation) {
  using O = Opcode;
  static const llvm::StringMap<Opcode> table = {
      {"arith.addf", O::AddF}, {"arith.subf", O::SubF}, {"arith.mulf", O::MulF}, {"arith.divf", O::DivF},
      {"arith.remf", O::RemF}, {"arith.maximumf", O::MaximumF}, {"arith.minimumf", O::MinimumF},
      {"arith.maxnumf", O::MaxNumF}, {"arith.minnumf", O::MinNumF}, {"arith.negf", O::NegF},
      {"arith.addi", O::AddI}, {"arith.subi", O::SubI}, {"arith.muli", O::MulI}, {"arith.divsi", O::DivSI},
      {"arith.divui", O::DivUI}, {"arith.remsi", O::RemSI}, {"arith.remui", O::RemUI},
      {"arith.ceildivsi", O::CeilDivSI}, {"arith.ceildivui", O::CeilDivUI}, {"arith.floordivsi", O::FloorDivSI},
      {"arith.andi", O::AndI}, {"arith.ori", O::OrI}, {"arith.xori", O::XorI}, {"arith.shli", O::ShlI},
      {"arith.shrsi", O::ShrSI}, {"arith.shrui", O::ShrUI}, {"arith.maxsi", O::MaxSI}, {"arith.maxui", O::MaxUI},
      {"arith.minsi", O::MinSI}, {"arith.minui", O::MinUI}, {"arith.select", O::Select},
      {"arith.extsi", O::ExtSI}, {"arith.extui", O::ExtUI}, {"arith.trunci", O::TruncI},
      {"arith.sitofp", O::SiToF}, {"arith.uitofp", O::UiToF}, {"arith.fptosi", O::FToSi},
      {"arith.fptoui", O::FToUi}, {"arith.extf", O::FloatCast}, {"arith.bitcast", O::Bitcast},
      {"math.powf", O::PowF}, {"math.fpowi", O::FpowI}, {"math.atan2", O::Atan2}, {"math.copysign", O::CopySign},
      {"math.absf", O::AbsF}, {"math.exp", O::Exp}, {"math.exp2", O::Exp2}, {"math.expm1", O::ExpM1},
      {"math.log", O::Log}, {"math.log2", O::Log2}, {"math.log10", O::Log10}, {"math.log1p", O::Log1p},
      {"math.sqrt", O::Sqrt}, {"math.rsqrt", O::Rsqrt}, {"math.cbrt", O::Cbrt}, {"math.sin", O::Sin},
      {"math.cos", O::Cos}, {"math.tan", O::Tan}, {"math.asin", O::Asin}, {"math.acos", O::Acos},
      {"math.atan", O::Atan}, {"math.sinh", O::Sinh}, {"math.cosh", O::Cosh}, {"math.tanh", O::Tanh},
      {"math.asinh", O::Asinh}, {"math.acosh", O::Acosh}, {"math.atanh", O::Atanh}, {"math.erf", O::Erf},
      {"math.erfc", O::Erfc}, {"math.floor", O::Floor}, {"math.ceil", O::Ceil}, {"math.trunc", O::Trunc},
      {"math.round", O::Round}, {"math.roundeven", O::RoundEven}, {"math.fma", O::Fma}, {"math.absi", O::AbsI},
      {"math.isnan", O::IsNan}, {"math.isinf", O::IsInf}, {"math.isfinite", O::IsFinite},
      {"math.ctpop", O::CtPop}, {"math.ctlz", O::Ctlz}, {"math.cttz", O::Cttz},
      {"tt.precise_sqrt", O::Sqrt}, {"tt.precise_divf", O::DivF}, {"tt.mulhiui", O::MulHiUI},
      {"tt.addptr", O::AddPtr}, {"tt.int_to_ptr", O::IntToPtr}, {"tt.ptr_to_int", O::PtrToInt},
  };
  auto found = table.find(operation);
  return found == table.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Opcode> libraryOpcode(llvm::StringRef symbol) {
  using O = Opcode;
  static const llvm::StringMap<Opcode> table = {
      {"exp", O::Exp}, {"exp2", O::Exp2}, {"expm1", O::ExpM1}, {"log", O::Log}, {"log2", O::Log2},
      {"log10", O::Log10}, {"log1p", O::Log1p}, {"sqrt", O::Sqrt}, {"rsqrt", O::Rsqrt}, {"cbrt", O::Cbrt},
      {"sin", O::Sin}, {"cos", O::Cos}, {"tan", O::Tan}, {"asin", O::Asin}, {"acos", O::Acos},
      {"atan", O::Atan}, {"atan2", O::Atan2}, {"sinh", O::Sinh}, {"cosh", O::Cosh}, {"tanh", O::Tanh},
      {"asinh", O::Asinh}, {"acosh", O::Acosh}, {"atanh", O::Atanh}, {"erf", O::Erf}, {"erfc", O::Erfc},
      {"floor", O::Floor}, {"ceil", O::Ceil}, {"trunc", O::Trunc}, {"round", O::Round}, {"rint", O::RoundEven},
      {"nearbyint", O::RoundEven}, {"fabs", O::AbsF}, {"pow", O::PowF}, {"fmod", O::RemF}, {"fma", O::Fma},
      {"copysign", O::CopySign}, {"fmax", O::MaxNumF}, {"fmin", O::MinNumF}, {"fast_exp", O::Exp},
      {"fast_log", O::Log}, {"fast_log2", O::Log2}, {"fast_sin", O::Sin}, {"fast_cos", O::Cos},
      {"fast_tanh", O::Tanh}, {"fast_divide", O::DivF}, {"fast_pow", O::PowF}, {"fdiv_rn", O::DivF},
      {"ddiv_rn", O::DivF}, {"fsqrt_rn", O::Sqrt}, {"dsqrt_rn", O::Sqrt}, {"frsqrt_rn", O::Rsqrt},
      {"fmaf_rn", O::Fma},
  };
  llvm::StringRef name = symbol;
  bool amd = name.consume_front("__ocml_");
  if (amd) {
    if (!name.consume_back("_f32") && !name.consume_back("_f64"))
      name.consume_back("_f16");
  } else if (!name.consume_front("__nv_")) {
    return std::nullopt;
  }
  auto found = table.find(name);
  if (found == table.end() && !amd && name.consume_back("f")) // "expf"
    found = table.find(name);
  return found == table.end() ? std::nullopt : std::optional(found->second);
}

} // namespace lapidary::reference
