#include "core/session/Price.h"
#include "app/lap/Measuring.h"
#include "app/lap/Table.h"
#include "core/support/Units.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lapidary::cli {

namespace {

struct Arguments {
  KernelArguments kernel;
  MeasureArguments measure;
};

std::string effectText(const Effect &effect) {
  if (effect.sameCode)
    return "same code";
  if (!effect.ratio)
    return "-";
  if (effect.verdict == "tie")
    return "tie";
  return fmt::format("{} ({}..{})", formatRatio(effect.ratio->value),
                     formatRatio(effect.ratio->low), formatRatio(effect.ratio->high));
}

std::string gainText(const PriceList &prices) {
  if (!prices.gain || !prices.gain->ratio)
    return {};
  if (prices.gain->sameCode)
    return "Specializing changes nothing: the generic variant has the same code.\n";
  if (prices.gain->verdict == "tie")
    return "Specialized and generic tie.\n";
  return fmt::format("Generic takes {} times as long as specialized.\n",
                     fmt::format("{:.3g}", prices.gain->ratio->value));
}

std::string priceText(const KernelChoice &choice, const PriceList &prices) {
  const MeasureReport &report = prices.measured.report;
  std::string text = fmt::format("{} on {}\n\n", choice.kernel->name, report.device.name);
  Table table({"property", ">time without it", ">generic over it alone", ">variants",
               "code without it", "advice"});
  for (const PropertyPrice &property : prices.properties)
    table.row({property.item, effectText(property.without), effectText(property.alone),
               fmt::format("x{:.3g}", property.variants),
               fmt::format("{}", fmt::join(property.changes, "; ")), property.advice});
  text += table.text() + "\n" + gainText(prices);
  if (!prices.needed.empty())
    text += fmt::format("All of it is kept with these alone: {}\n", fmt::join(prices.needed, ", "));
  if (prices.edit)
    text += fmt::format("Nothing is lost with fewer variants:\n  line {}\n  - {}\n  + {}\n",
                        prices.edit->range.line, prices.edit->before, prices.edit->after);
  for (const std::string &missing : prices.missing)
    text += fmt::format("More could be had: {}\n", missing);
  return text + fmt::format("\nnoise floor {}, compiling one variant takes {}, run {}\n",
                            formatPercent(report.noiseFloor),
                            formatTime(static_cast<double>(prices.compileNanoseconds)),
                            prices.measured.run.empty() ? "not kept" : prices.measured.run);
}

int showPrices(const Arguments &arguments, Invocation &invocation) {
  const auto setting = prepareMeasuring(invocation, arguments.kernel, arguments.measure);
  if (!setting)
    return complain(setting.error());
  const auto &[services, target, choice] = *setting;
  InterruptGuard guard;
  const auto prices = [&] {
    ProgressLine line(false);
    return price(
        services, choice, target, arguments.kernel.rules, arguments.measure.effective(),
        [&](const Progress &step) { line.show(step); }, guard.token);
  }();
  if (!prices)
    return complain(prices.error());
  if (!prices->measured.variants.front().ok())
    printDiagnostics(prices->measured.variants.front().compiled.diagnostics, *choice.file);
  bool measured = true;
  for (const VariantReport &variant : prices->measured.report.variants)
    if (!variant.error.empty()) {
      fmt::print(stderr, "lap: error: {}: {}\n", variant.label, variant.error);
      measured = false;
    }
  for (const std::string &warning : prices->measured.report.warnings)
    warn(warning);
  if (invocation.json)
    printJson(priceJson(choice, *prices));
  else
    print(priceText(choice, *prices));
  return measured ? 0 : 1;
}

} // namespace

void addPrice(CLI::App &app, Invocation &invocation) {
  CLI::App *verb = addVerb(app, invocation, "price",
                           "Measure what each specialized property is worth, and what can go",
                           "price copy.py -k strided_copy -l square.launch.json -t cpu");
  auto arguments = std::make_shared<Arguments>();
  addKernelArguments(*verb, arguments->kernel);
  addMeasureArguments(*verb, arguments->measure);
  verb->callback([&invocation, arguments] {
    invocation.run = [&invocation, arguments] { return showPrices(*arguments, invocation); };
  });
}

} // namespace lapidary::cli
