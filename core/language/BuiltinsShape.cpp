// Making tiles, changing their shape, casts and matrix products.
#include "core/language/BuiltinHelpers.h"

namespace lapidary::language {
namespace {

// reshape(x, 8, 4) and reshape(x, (8, 4)): the rest of the arguments as one list.
std::optional<Shape> restAsIntegers(Call &call, const char *what) {
  if (call.rest.size() == 1)
    return call.elaborator.integers(call.rest[0], what);
  return call.elaborator.integers(Object::tuple(call.rest), what);
}

Object programQuery(Call &call) {
  std::optional<__int128> axis = call.elaborator.constantInteger(call[0], "the axis of the grid");
  if (!axis)
    return {};
  if (*axis < 0 || *axis > 2)
    return call.elaborator.fail("the grid has the axes 0, 1 and 2");
  auto dimension = static_cast<tt::ProgramDim>(static_cast<int>(*axis));
  Semantics &semantics = call.elaborator.semantics;
  Type type{{DType::Int32}, {}};
  if (std::string_view(call.entry.name) == "program_id")
    return Tensor{semantics.create<tt::GetProgramIdOp>(semantics.toMlir(type), dimension), type};
  return Tensor{semantics.create<tt::GetNumProgramsOp>(semantics.toMlir(type), dimension), type};
}

Object arange(Call &call) {
  std::optional<__int128> bounds[2];
  for (int i : {0, 1}) {
    Place place(call.elaborator.site, call.ranges[i]);
    bounds[i] = call.elaborator.constantInteger(call[i], i ? "the end of tl.arange"
                                                           : "the start of tl.arange");
  }
  return bounds[0] && bounds[1] ? Object(call.elaborator.semantics.arange(*bounds[0], *bounds[1]))
                                : Object();
}

// shape, value, dtype
Object full(Call &call) {
  Place place(call.elaborator.site, call.ranges[0]);
  auto shape = call.elaborator.integers(call[0], "a shape");
  auto element = elementArgument(call, 2);
  if (!shape || !element)
    return {};
  if (element->isPointer())
    return call.elaborator.fail("tl.full makes tiles of numbers");
  return call.elaborator.semantics.full(*shape, call[1], element->dtype);
}

Object broadcast(Call &call) {
  Tensor a = tensorArgument(call, 0), b = tensorArgument(call, 1);
  Semantics::Pair pair = a && b ? call.elaborator.semantics.broadcast(a, b) : Semantics::Pair{};
  return pair ? Object::tuple({pair.left, pair.right}) : Object();
}

Object broadcastTo(Call &call) {
  Tensor x = tensorArgument(call, 0);
  auto shape = restAsIntegers(call, "a shape");
  if (!x || !shape || !call.elaborator.semantics.checkShape(*shape))
    return {};
  return call.elaborator.semantics.broadcastTo(x, *shape);
}

Object expandDims(Call &call) {
  Tensor x = tensorArgument(call, 0);
  auto axes = call.elaborator.integers(call[1], "an axis");
  if (!x || !axes)
    return {};
  std::int64_t rank = std::int64_t(x.type.shape.size() + axes->size());
  for (std::int64_t &axis : *axes) {
    if (axis < -rank || axis >= rank)
      return call.elaborator.fail(fmt::format("axis {} is outside a tile of rank {}", axis, rank));
    axis = axis < 0 ? axis + rank : axis;
  }
  std::ranges::sort(*axes);
  if (std::ranges::adjacent_find(*axes) != axes->end())
    return call.elaborator.fail("tl.expand_dims names an axis twice");
  for (std::int64_t axis : *axes)
    x = call.elaborator.semantics.expandDims(x, static_cast<int>(axis));
  return x;
}

// input, *shape, can_reorder=
Object reshape(Call &call) {
  Tensor x = tensorArgument(call, 0);
  auto shape = restAsIntegers(call, "a shape");
  if (!x || !shape)
    return {};
  bool reorder = std::string_view(call.entry.name) == "view" || flagArgument(call, 2, false);
  return call.elaborator.semantics.reshape(x, *shape, reorder);
}

// input, *dims
Object permute(Call &call) {
  Tensor x = tensorArgument(call, 0);
  if (!x)
    return {};
  bool dimensionsGiven = !call.rest.empty() && !(call.rest.size() == 1 && call.rest[0].isNone());
  std::vector<std::int64_t> order;
  if (dimensionsGiven) {
    auto given = restAsIntegers(call, "dimensions");
    if (!given)
      return {};
    order = *given;
  } else {
    if (x.type.shape.size() < 2)
      return call.elaborator.fail(
          fmt::format("tl.trans needs a tile of rank 2 or more, got {}", text(x.type)));
    for (std::size_t d = 0; d < x.type.shape.size(); ++d)
      order.push_back(std::int64_t(d));
    std::swap(order[order.size() - 1], order[order.size() - 2]);
  }
  return call.elaborator.semantics.permute(x, order);
}

Object join(Call &call) {
  Tensor a = tensorArgument(call, 0), b = tensorArgument(call, 1);
  return a && b ? Object(call.elaborator.semantics.join(a, b)) : Object();
}

Object split(Call &call) {
  Tensor x = tensorArgument(call, 0);
  Semantics::Pair halves = x ? call.elaborator.semantics.split(x) : Semantics::Pair{};
  return halves ? Object::tuple({halves.left, halves.right}) : Object();
}

Object concatenate(Call &call) {
  Tensor a = tensorArgument(call, 0), b = tensorArgument(call, 1);
  if (!a || !b)
    return {};
  if (!flagArgument(call, 2, false))
    return call.elaborator.fail("tl.cat may reorder elements; say can_reorder=True");
  return call.elaborator.semantics.concatenate(a, b);
}

Object item(Call &call) {
  Tensor x = tensorArgument(call, 0);
  return x ? Object(call.elaborator.semantics.unsplat(x)) : Object();
}

Object gather(Call &call) {
  Tensor source = tensorArgument(call, 0), index = tensorArgument(call, 1);
  if (!source || !index)
    return {};
  auto axis = axisArgument(call, 2, source.type.shape.size());
  return axis ? Object(call.elaborator.semantics.gather(source, index, *axis)) : Object();
}

// input, dtype, fp_downcast_rounding=, bitcast=
Object cast(Call &call) {
  Tensor x = tensorArgument(call, 0);
  auto element = elementArgument(call, 1);
  if (!x || !element)
    return {};
  if (flagArgument(call, 3, false))
    return call.elaborator.semantics.bitcast(x, *element);
  auto rounding = choiceArgument<std::optional<tt::RoundingMode>>(
      call, 2, "rounding mode",
      {{"rtne", tt::RoundingMode::NearestEven}, {"rtz", tt::RoundingMode::TowardZero}},
      std::nullopt);
  return rounding ? Object(call.elaborator.semantics.cast(x, *element, *rounding)) : Object();
}

// input, other, acc=, input_precision=, allow_tf32=, max_num_imprecise_acc=, out_dtype=
Object dot(Call &call) {
  Elaborator &elaborator = call.elaborator;
  bool ok = true;
  Tensor a = tensorArgument(call, 0), b = tensorArgument(call, 1),
         acc = optionalTensor(call, 2, ok);
  auto out = elementArgument(call, 6, Element{DType::Fp32});
  if (!a || !b || !ok || !out)
    return {};
  using Precision = tt::InputPrecision;
  if (call.has(3) && call.has(4))
    return elaborator.fail("tl.dot takes input_precision or allow_tf32, not both");
  Precision standard =
      elaborator.traits.hasTf32 && flagArgument(call, 4, true) ? Precision::Tf32 : Precision::Ieee;
  auto precision = choiceArgument<Precision>(call, 3, "input precision",
                                             {{"tf32", Precision::Tf32},
                                              {"tf32x3", Precision::Tf32x3},
                                              {"ieee", Precision::Ieee},
                                              {"bf16x3", Precision::Bf16x3},
                                              {"bf16x6", Precision::Bf16x6}},
                                             standard);
  if (!precision)
    return {};
  bool fp8 =
      a.type.isNumber() && b.type.isNumber() && isFp8(a.type.dtype()) && isFp8(b.type.dtype());
  __int128 imprecise = fp8 ? elaborator.traits.imprecise8BitAccumulation : 0;
  if (call.has(5)) {
    auto given = elaborator.constantInteger(call[5], "max_num_imprecise_acc");
    if (!given)
      return {};
    imprecise = std::clamp<__int128>(*given, 0, INT32_MAX);
  }
  return elaborator.semantics.dot(a, b, acc, *precision, static_cast<int>(imprecise), out->dtype);
}

constexpr BuiltinEntry table[] = {
    {"program_id", "axis", programQuery},
    {"num_programs", "axis", programQuery},
    {"arange", "start, end", arange},
    {"full", "shape, value, dtype", full},
    {"broadcast", "input, other", broadcast},
    {"broadcast_to", "input, *shape", broadcastTo, true},
    {"expand_dims", "input, axis", expandDims, true},
    {"reshape", "input, *shape, can_reorder=", reshape, true},
    {"view", "input, *shape, can_reorder=", reshape, true},
    {"trans", "input, *dims", permute, true},
    {"permute", "input, *dims", permute, true},
    {"join", "a, b", join},
    {"split", "a", split, true},
    {"cat", "input, other, can_reorder=", concatenate},
    {"item", "input", item, true},
    {"gather", "src, index, axis", gather, true},
    {"cast", "input, dtype, fp_downcast_rounding=, bitcast=", cast, true},
    {"to", "input, dtype, fp_downcast_rounding=, bitcast=", cast, true},
    {"dot",
     "input, other, acc=, input_precision=, allow_tf32=, max_num_imprecise_acc=, out_dtype=", dot},
};

} // namespace

std::span<const BuiltinEntry> shapeBuiltins() {
  return table;
}

} // namespace lapidary::language
