// The verb `price`: what each specialized property of a launch is worth, measured.
//
// Every property that fired is taken away alone and kept alone, and each of these variants is
// measured against the whole. Variants whose code is the same to the byte are measured once: the
// property then provably changes nothing. Where several properties pay only together, taking one
// away costs everything and keeping one gains nothing, so the set that carries the gain is looked
// for: what can go, in the order of the arguments, as long as the rest ties with the whole.
//
//   Result<PriceList> prices = price(*services, *choice, {{"cpu", ""}}, "triton-3.6", {}, {}, {});
//   prices->needed;      // {"src:D", "stride_sc:1", ...}
//   prices->edit->after; // @triton.jit(do_not_specialize=["rows", "cols"])
#pragma once

#include "core/session/Operations.h"
#include "core/source/OptOutEdit.h"

namespace lapidary {

// How much longer one variant takes than another: the ratio of their times, and what it means.
struct Effect {
  bool sameCode = false;         // the two are the same to the byte; `ratio` is 1 without measuring
  std::optional<Estimate> ratio; // nothing: one of them has no time
  std::string verdict;           // slower | faster | tie; empty without a ratio
};

struct PropertyPrice {
  std::string item;                 // as --properties spells it: "src:D"
  std::string argument, property;   // "src", "tt.divisibility" or "constant"
  Effect without;                   // time without it over time with everything
  Effect alone;                     // generic time over time with it alone
  std::vector<std::string> changes; // in the code without it: "load at line 16: 512 -> 64 bit"
  bool needed = false;              // in PriceList::needed
  bool together = false;            // needed, and worth nothing alone
  double variants = 1;              // the classes of its argument multiply the variants by this
  std::string optOut; // "do_not_specialize...", where it is free and can be switched off
  std::string advice; // one sentence
};

struct PriceList {
  CompareResult measured;                // every distinct code; the first is specialized
  std::optional<Effect> gain;            // generic over specialized
  std::vector<PropertyPrice> properties; // in the order of the arguments
  std::vector<std::string> needed;       // items: with these alone it ties with everything
  std::optional<DecoratorEdit> edit;     // the opt-outs that cost nothing
  std::vector<std::string> missing;      // properties that did not fire and would widen an access
  std::int64_t compileNanoseconds = 0;   // of one variant, source to code: specialized
};

// Errors: as measureVariants. A kernel that does not compile, or is wrong, has no prices:
// `measured` says why.
Result<PriceList> price(const Services &services, const KernelChoice &choice,
                        const DeviceTarget &target, const std::string &ruleSet,
                        const MeasureOptions &options, const OnProgress &progress,
                        const CancelToken &cancel);

Json priceJson(const KernelChoice &choice, const PriceList &prices);

} // namespace lapidary
