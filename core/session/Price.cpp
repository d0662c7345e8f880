#include "core/session/Price.h"

#include "core/bench/Statistics.h"
#include "core/session/CountVariants.h"
#include "core/session/PriceAdvice.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace lapidary {

namespace {

using Items = std::vector<std::string>;

// The items but the i-th.
Items without(Items items, std::size_t i) {
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(i));
  return items;
}

PropertyMask maskOf(const Items &kept, const Items &all) {
  if (kept.size() == all.size())
    return {PropertyMask::Kind::All, {}};
  if (kept.empty())
    return {PropertyMask::Kind::None, {}};
  return {PropertyMask::Kind::Some, kept};
}

// Compiles masks, each once, and measures those that are not the same code as one measured before.
class Pricing {
public:
  Pricing(const Services &services, const KernelChoice &choice, const DeviceTarget &target,
          const std::string &ruleSet, const MeasureOptions &options, const OnProgress &progress,
          const CancelToken &cancel)
      : services(services), choice(choice), target(target), ruleSet(ruleSet), options(options),
        progress(progress), cancel(cancel) {}

  Result<PriceList> run();

private:
  // The code of a mask: an index into `codes`.
  Result<std::size_t> compile(const Items &kept);
  Result<void> measure();
  Effect effect(std::size_t later, std::size_t first) const;
  Result<Items> neededItems();
  Result<bool> ties(const Items &kept);
  Result<void> priceEach();
  void countClasses();

  struct Code {
    Variant variant; // the first that had it
    std::vector<double> samples;
    bool measured = false;
  };

  const Services &services;
  const KernelChoice &choice;
  const DeviceTarget &target;
  const std::string &ruleSet;
  const MeasureOptions &options;
  const OnProgress &progress;
  const CancelToken &cancel;

  Items items;                        // all that fired
  std::vector<Code> codes;            // distinct; codes[0] is specialized
  std::map<Items, std::size_t> known; // mask -> code
  double noiseFloor = 0;
  PriceList list;
};

Result<std::size_t> Pricing::compile(const Items &kept) {
  if (const auto found = known.find(kept); found != known.end())
    return found->second;
  auto variant =
      compileVariant(services, choice, target.target, ruleSet, maskOf(kept, items), "", cancel);
  if (!variant)
    return std::unexpected(variant.error());
  const auto same = std::ranges::find_if(codes, [&](const Code &code) {
    return code.variant.ok() && variant->ok() &&
           code.variant.compiled.stages.back().contents == variant->compiled.stages.back().contents;
  });
  const auto index = static_cast<std::size_t>(same - codes.begin());
  if (same == codes.end())
    codes.push_back({std::move(*variant), {}, false});
  known[kept] = index;
  return index;
}

// Every code without samples yet, beside specialized, which is measured each time: ratios are of
// one run.
Result<void> Pricing::measure() {
  std::vector<PropertyMask> masks;
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < codes.size(); ++i)
    if (i == 0 || !codes[i].measured) {
      masks.push_back(codes[i].variant.mask);
      order.push_back(i);
    }
  auto result =
      measureVariants(services, choice, target, ruleSet, masks, options, progress, {}, cancel);
  if (!result)
    return std::unexpected(result.error());
  noiseFloor = std::max(noiseFloor, result->report.noiseFloor);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const VariantReport &report = result->report.variants[i];
    codes[order[i]].measured = true;
    if (const auto set = report.modes.find(result->mode); set != report.modes.end())
      codes[order[i]].samples = set->second.samples;
  }
  list.measured = std::move(*result);
  return {};
}

Effect Pricing::effect(std::size_t later, std::size_t first) const {
  if (later == first)
    return {true, Estimate{1, 1, 1}, "tie"};
  if (codes[later].samples.empty() || codes[first].samples.empty())
    return {};
  const Estimate ratio = pairedRatio(codes[later].samples, codes[first].samples);
  return {false, ratio, verdict(ratio, noiseFloor)};
}

// Whether a variant with these alone takes no longer than specialized.
Result<bool> Pricing::ties(const Items &kept) {
  const auto code = compile(kept);
  if (!code)
    return std::unexpected(code.error());
  if (!codes[*code].measured)
    if (auto measured = measure(); !measured)
      return std::unexpected(measured.error());
  const Effect lost = effect(*code, 0);
  return lost.ratio && lost.verdict != "slower";
}

// What must stay. A property whose loss alone is felt is needed; the others go together when they
// can, else one by one as long as the rest ties.
Result<Items> Pricing::neededItems() {
  Items kept;
  for (const PropertyPrice &property : list.properties)
    if (property.without.verdict == "slower")
      kept.push_back(property.item);
  const auto enough = ties(kept);
  if (!enough)
    return std::unexpected(enough.error());
  if (*enough)
    return kept;
  kept = items;
  for (const PropertyPrice &property : list.properties) {
    if (property.without.verdict == "slower")
      continue;
    const auto at = std::ranges::find(kept, property.item);
    Items fewer = without(kept, static_cast<std::size_t>(at - kept.begin()));
    const auto still = ties(fewer);
    if (!still)
      return std::unexpected(still.error());
    if (*still)
      kept = std::move(fewer);
  }
  return kept;
}

Result<void> Pricing::priceEach() {
  const auto generic = compile({});
  std::vector<std::size_t> lacking, alone;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (progress)
      progress({"compile without " + items[i], -1});
    const auto one = compile(without(items, i)), other = compile({items[i]});
    if (!one || !other)
      return std::unexpected(!one ? one.error() : other.error());
    lacking.push_back(*one);
    alone.push_back(*other);
  }
  if (auto measured = measure(); !measured)
    return measured;
  list.gain = effect(*generic, 0);
  for (std::size_t i = 0; i < items.size(); ++i) {
    PropertyPrice property = describeItem(items[i], codes[0].variant.specialization);
    property.without = effect(lacking[i], 0);
    property.alone = effect(*generic, alone[i]);
    property.changes = codeChanges(codes[0].variant, codes[lacking[i]].variant);
    list.properties.push_back(std::move(property));
  }
  return {};
}

void Pricing::countClasses() {
  const auto counted = countVariants(services, choice, target.target, ruleSet, {});
  if (!counted)
    return; // the count is a bonus; the prices stand without it
  for (PropertyPrice &property : list.properties)
    for (const ArgumentVariants &argument : counted->report.arguments)
      if (argument.name == property.argument)
        property.variants = argument.factor;
}

Result<PriceList> Pricing::run() {
  const auto whole =
      specialize(*services.rules, ruleSet, target.target, *choice.kernel, choice.launch);
  if (!whole)
    return std::unexpected(whole.error());
  items = firedProperties(*whole);
  const auto specialized = compile(items), generic = compile({});
  if (!specialized || !generic)
    return std::unexpected(!specialized ? specialized.error() : generic.error());
  for (const StageArtifact &stage : codes[0].variant.compiled.stages)
    list.compileNanoseconds += stage.nanoseconds;
  if (!codes[0].variant.ok()) {
    if (auto measured = measure(); !measured)
      return std::unexpected(measured.error());
    return std::move(list);
  }
  if (auto priced = priceEach(); !priced)
    return std::unexpected(priced.error());
  CompareResult first = list.measured;
  if (codes[0].samples.empty())
    return std::move(list); // wrong or crashed: the report says so
  auto needed = neededItems();
  if (!needed)
    return std::unexpected(needed.error());
  list.needed = std::move(*needed);
  list.measured = std::move(first); // the run with every property
  countClasses();
  advise(list, *choice.kernel, codes[0].variant);
  return std::move(list);
}

} // namespace

Result<PriceList> price(const Services &services, const KernelChoice &choice,
                        const DeviceTarget &target, const std::string &ruleSet,
                        const MeasureOptions &options, const OnProgress &progress,
                        const CancelToken &cancel) {
  return Pricing(services, choice, target, ruleSet, options, progress, cancel).run();
}

} // namespace lapidary
