// Reductions, scans and histograms over a combine function written in the language.
#include "core/language/BuiltinHelpers.h"

namespace lapidary::language {
namespace {

// One tile or a tuple of tiles of one shape.
std::optional<std::vector<Tensor>> tilesArgument(Call &call, std::size_t index) {
  Elaborator &elaborator = call.elaborator;
  Place place(elaborator.site, call.ranges[index]);
  const Tuple *tuple = call[index].tuple();
  std::vector<Object> single = {call[index]};
  std::vector<Tensor> tiles;
  for (const Object &item : tuple ? tuple->items : single) {
    Tensor tile = elaborator.semantics.toTensor(item);
    if (!tile)
      return std::nullopt;
    if (!tile.type.isTile()) {
      elaborator.fail(fmt::format("{} works on tiles, got {}", call.entry.name, text(tile.type)));
      return std::nullopt;
    }
    if (!tiles.empty() && tile.type.shape != tiles[0].type.shape) {
      elaborator.fail(fmt::format("{} works on tiles of one shape, got {} and {}", call.entry.name,
                                  text(tiles[0].type), text(tile.type)));
      return std::nullopt;
    }
    tiles.push_back(tile);
  }
  if (tiles.empty())
    elaborator.fail(fmt::format("{} needs a tile", call.entry.name));
  return tiles.empty() ? std::nullopt : std::optional(tiles);
}

std::vector<mlir::Value> handlesOf(const std::vector<Tensor> &tiles) {
  std::vector<mlir::Value> handles;
  for (const Tensor &tile : tiles)
    handles.push_back(tile.handle);
  return handles;
}

// The region that combines two elements, by inlining `combine` into it. False when it does not fit.
template <typename Return>
bool buildCombination(Call &call, mlir::Region &region, const std::vector<Tensor> &tiles,
                      const Object &combine) {
  Elaborator &elaborator = call.elaborator;
  mlir::OpBuilder::InsertionGuard guard(elaborator.builder);
  std::vector<mlir::Type> types;
  std::vector<mlir::Location> locations;
  for (int side = 0; side < 2; ++side)
    for (const Tensor &tile : tiles) {
      types.push_back(elaborator.semantics.toMlir(tile.type.scalar()));
      locations.push_back(elaborator.site.location());
    }
  mlir::Block *block = elaborator.builder.createBlock(&region, {}, types, locations);
  std::vector<Object> elements;
  for (std::size_t i = 0; i < types.size(); ++i)
    elements.push_back(
        Tensor{block->getArgument(unsigned(i)), tiles[i % tiles.size()].type.scalar()});
  Object result = elaborator.callObject(combine, std::move(elements));
  if (!result.isValid())
    return false;
  std::vector<Tensor> values;
  flatten(result, values);
  bool fits = values.size() == tiles.size();
  for (std::size_t i = 0; fits && i < values.size(); ++i)
    fits = values[i].type == tiles[i].type.scalar();
  if (!fits) {
    std::vector<std::string> notes;
    for (const Tensor &tile : tiles)
      notes.push_back(fmt::format("it combines elements of {}", text(tile.type)));
    notes.push_back(fmt::format("it returns {}", describe(result)));
    elaborator.fail("a combine function returns what it combines", std::move(notes));
    return false;
  }
  elaborator.semantics.create<Return>(handlesOf(values));
  return true;
}

Object resultsOf(mlir::Operation *op, const std::vector<Type> &types, bool isTuple) {
  std::vector<Object> results;
  for (std::size_t i = 0; i < types.size(); ++i)
    results.push_back(Tensor{op->getResult(unsigned(i)), types[i]});
  return isTuple ? Object::tuple(std::move(results)) : results[0];
}

// input, axis, combine_fn, keep_dims=
Object reduce(Call &call) {
  Elaborator &elaborator = call.elaborator;
  Semantics &semantics = elaborator.semantics;
  auto tiles = tilesArgument(call, 0);
  if (!tiles)
    return {};
  std::size_t rank = tiles->front().type.shape.size();
  bool keepDims = flagArgument(call, 3, false), all = !call.has(1);
  std::optional<int> axis = 0;
  if (all) {
    for (Tensor &tile : *tiles)
      tile = semantics.reshape(tile, {tile.type.elementCount()}, true);
  } else {
    axis = axisArgument(call, 1, rank);
  }
  if (!axis)
    return {};
  auto op = semantics.create<tt::ReduceOp>(handlesOf(*tiles), *axis);
  std::vector<Type> types;
  for (const Tensor &tile : *tiles) {
    Type type = tile.type;
    type.shape.erase(type.shape.begin() + *axis);
    types.push_back(type);
  }
  if (!buildCombination<tt::ReduceReturnOp>(call, op.getCombineOp(), *tiles, call[2])) {
    op.erase();
    return {};
  }
  Object result = resultsOf(op, types, call[0].tuple());
  if (!keepDims)
    return result;
  std::vector<Tensor> values;
  flatten(result, values);
  std::vector<Object> kept;
  for (Tensor value : values) {
    for (std::size_t d = 0; d < (all ? rank : 1); ++d)
      value = semantics.expandDims(value, all ? 0 : *axis);
    kept.push_back(value);
  }
  return call[0].tuple() ? Object::tuple(std::move(kept)) : kept[0];
}

// input, axis, combine_fn, reverse=
Object scan(Call &call) {
  auto tiles = tilesArgument(call, 0);
  if (!tiles)
    return {};
  auto axis = axisArgument(call, 1, tiles->front().type.shape.size());
  if (!axis)
    return {};
  auto op = call.elaborator.semantics.create<tt::ScanOp>(handlesOf(*tiles), *axis,
                                                         flagArgument(call, 3, false));
  std::vector<Type> types;
  for (const Tensor &tile : *tiles)
    types.push_back(tile.type);
  if (!buildCombination<tt::ScanReturnOp>(call, op.getCombineOp(), *tiles, call[2])) {
    op.erase();
    return {};
  }
  return resultsOf(op, types, call[0].tuple());
}

// input, num_bins, mask=
Object histogram(Call &call) {
  Semantics &semantics = call.elaborator.semantics;
  bool ok = true;
  Tensor x = tensorArgument(call, 0), mask = optionalTensor(call, 2, ok);
  auto bins = call.elaborator.constantInteger(call[1], "the number of bins");
  if (!x || !ok || !bins || !semantics.checkShape({static_cast<std::int64_t>(*bins)}))
    return {};
  if (x.type.shape.size() != 1 || !x.type.isNumber() || !isInteger(x.type.dtype()))
    return call.elaborator.fail(
        fmt::format("tl.histogram counts a tile of integers of rank 1, got {}", text(x.type)));
  if (mask)
    mask = semantics.broadcastTo(mask, x.type.shape);
  if (call.has(2) && (!mask || mask.type.dtype() != DType::Int1))
    return mask ? call.elaborator.fail("a mask must be boolean") : Object();
  Type type{{DType::Int32}, {static_cast<std::int64_t>(*bins)}};
  return Tensor{semantics.create<tt::HistogramOp>(semantics.toMlir(type), x.handle, mask.handle),
                type};
}

constexpr BuiltinEntry table[] = {
    {"reduce", "input, axis, combine_fn, keep_dims=", reduce, true},
    {"associative_scan", "input, axis, combine_fn, reverse=", scan, true},
    {"histogram", "input, num_bins, mask=", histogram, true},
};

} // namespace

std::span<const BuiltinEntry> reductionBuiltins() {
  return table;
}

} // namespace lapidary::language
