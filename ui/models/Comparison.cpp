#include "ui/models/Comparison.h"

#include "core/support/Units.h"
#include "ui/widgets/Text.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {

QString tr(const char *text) {
  return QCoreApplication::translate("Comparison", text);
}

enum class Wanted { Less, More, Neither };

struct Quantity {
  const char *key;  // in ResourceUsage
  const char *name; // as people say it
  const char *unit; // "": a count; "B": bytes
  Wanted wanted;
};

const Quantity quantities[] = {
    {"widest_load_bits", QT_TRANSLATE_NOOP("Comparison", "widest load"), "bit", Wanted::More},
    {"widest_store_bits", QT_TRANSLATE_NOOP("Comparison", "widest store"), "bit", Wanted::More},
    {"instructions", QT_TRANSLATE_NOOP("Comparison", "instructions"), "", Wanted::Less},
    {"gather_instructions", QT_TRANSLATE_NOOP("Comparison", "gathers"), "", Wanted::Less},
    {"registers", QT_TRANSLATE_NOOP("Comparison", "registers"), "", Wanted::Less},
    {"spills", QT_TRANSLATE_NOOP("Comparison", "spills"), "B", Wanted::Less},
    {"shared", QT_TRANSLATE_NOOP("Comparison", "shared memory"), "B", Wanted::Less},
    {"stack_bytes", QT_TRANSLATE_NOOP("Comparison", "stack"), "B", Wanted::Less},
    {"code_bytes", QT_TRANSLATE_NOOP("Comparison", "code"), "B", Wanted::Less},
};

std::optional<std::int64_t> valueOf(const VariantRow &row, const char *key) {
  for (const auto &[name, value] : row.compiled.resources.values)
    if (name == key)
      return value;
  return {};
}

QString spelled(std::int64_t value, std::string_view unit) {
  if (unit == "B")
    return toQString(formatBytes(value));
  QString number = QString::number(value);
  return unit.empty() ? number : number + QChar(0x00A0) + toQString(unit);
}

// "8x", "-36 %": a factor from twice on, a share below.
QString changeOf(std::int64_t before, std::int64_t after) {
  if (before == after)
    return tr("same");
  if (before == 0 || after == 0)
    return {};
  double factor = double(std::max(before, after)) / double(std::min(before, after));
  if (factor >= 1.995)
    return u"%1%2x"_s.arg(after > before ? u""_s : u"1/"_s)
        .arg(QString::number(factor, 'f', factor < 9.95 && factor != std::round(factor) ? 1 : 0));
  double percent = (double(after) / double(before) - 1) * 100;
  return u"%1%2 %"_s.arg(percent > 0 ? u"+"_s : u"\u2212"_s)
      .arg(QString::number(std::abs(percent), 'f', std::abs(percent) < 9.95 ? 1 : 0));
}

std::vector<Delta> deltasOf(const VariantRow &generic, const VariantRow &row) {
  std::vector<Delta> deltas;
  for (const Quantity &quantity : quantities) {
    auto before = valueOf(generic, quantity.key), after = valueOf(row, quantity.key);
    if (!before || !after || (*before == 0 && *after == 0))
      continue;
    Delta delta{tr(quantity.name), spelled(*before, quantity.unit), spelled(*after, quantity.unit),
                changeOf(*before, *after), 0};
    if (*before != *after && quantity.wanted != Wanted::Neither)
      delta.judgement = (*after < *before) == (quantity.wanted == Wanted::Less) ? 1 : -1;
    deltas.push_back(std::move(delta));
  }
  return deltas;
}

const VariantRow *genericOf(const Snapshot &snapshot, const VariantRow &row) {
  if (row.label == "generic")
    return nullptr;
  for (const VariantRow &other : snapshot.variants)
    if (other.label == "generic" && other.target == row.target)
      return &other;
  return nullptr;
}

const VariantRow *rowToCompare(const Snapshot &snapshot, int variant) {
  const auto &rows = snapshot.variants;
  if (variant >= 0 && std::size_t(variant) < rows.size()) {
    const VariantRow &chosen = rows[std::size_t(variant)];
    if (genericOf(snapshot, chosen))
      return &chosen;
    // The generic one was chosen: who is compared with it.
    for (const VariantRow &row : rows)
      if (row.target == chosen.target && genericOf(snapshot, row))
        return &row;
  }
  const VariantRow *first = nullptr;
  for (const VariantRow &row : rows)
    if (genericOf(snapshot, row)) {
      if (row.ratio)
        return &row;
      first = first ? first : &row;
    }
  return first;
}

// Of a ratio and its interval: as many as tell it from 1.
int decimalsOf(const Estimate &ratio) {
  double value = std::max(ratio.value, 1 / std::max(ratio.value, 1e-9));
  return value < 1.1 ? 3 : value < 99.995 ? 2 : 0;
}

void describeRatio(Comparison &comparison, const VariantRow &row) {
  if (!row.ratio) {
    bool hasSamples = std::ranges::any_of(
        row.modes, [](const auto &mode) { return !mode.second.samples.empty(); });
    if (!row.error.empty()) {
      comparison.headline = tr("failed");
      comparison.detail = firstLine(toQString(row.error));
    } else if (hasSamples) {
      comparison.headline = tr("measuring \u2026");
      comparison.detail = tr("The ratio and its interval follow with the last sample.");
    } else {
      comparison.headline = tr("not measured");
      comparison.detail = tr("Compare measures both on the device.");
    }
    return;
  }
  const Estimate &ratio = *row.ratio;
  if (row.verdict == "faster" || row.verdict == "slower") {
    bool faster = row.verdict == "faster";
    double factor = faster ? ratio.value : 1 / ratio.value;
    comparison.headline =
        (faster ? tr("%1 faster") : tr("%1 slower")).arg(toQString(formatRatio(factor)));
    comparison.judgement = faster ? 1 : -1;
  } else {
    comparison.headline = tr("as fast");
  }
  QStringList parts;
  int decimals = decimalsOf(ratio);
  parts << tr("ratio %1x (95 %: %2 .. %3)")
               .arg(QString::number(ratio.value, 'f', decimals),
                    QString::number(ratio.low, 'f', decimals),
                    QString::number(ratio.high, 'f', decimals));
  if (comparison.noiseFloor >= 0)
    parts << tr("noise floor %1").arg(toQString(formatPercent(comparison.noiseFloor)));
  if (comparison.judgement == 0)
    parts << tr("a difference this small is not told from noise");
  comparison.detail = parts.join(u"; "_s);
}

} // namespace

std::optional<Comparison> comparisonOf(const Snapshot &snapshot, int variant) {
  const VariantRow *row = rowToCompare(snapshot, variant);
  if (!row)
    return {};
  const VariantRow &generic = *genericOf(snapshot, *row);
  Comparison comparison;
  comparison.subject =
      tr("%1 against generic on %2").arg(toQString(row->label), toQString(toString(row->target)));
  comparison.ratio = row->ratio;
  comparison.noiseFloor = row->ratio ? snapshot.noiseFloor : -1;
  comparison.isStale = row->stale;
  describeRatio(comparison, *row);
  comparison.deltas = deltasOf(generic, *row);
  return comparison;
}

} // namespace lapidary::ui
