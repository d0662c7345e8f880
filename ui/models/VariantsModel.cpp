#include "ui/models/VariantsModel.h"

#include "core/support/Units.h"

#include <QFont>
#include <QRegularExpression>
#include <algorithm>
#include <limits>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {

std::optional<std::int64_t> resource(const VariantRow &row, std::string_view name) {
  for (const auto &[key, value] : row.compiled.resources.values)
    if (key == name)
      return value;
  return {};
}

std::optional<std::int64_t> widestLoad(const VariantRow &row) {
  if (auto known = resource(row, "widest_load_bits"))
    return known;
  std::optional<std::int64_t> widest;
  for (const MemoryAccess &access : row.compiled.accesses)
    if (access.kind == "load")
      widest = std::max<std::int64_t>(widest.value_or(0), access.bits);
  return widest;
}

bool isNumber(int column) {
  return column == VariantsModel::TimeColumn ||
         (column >= VariantsModel::LoadColumn && column <= VariantsModel::SpillsColumn);
}

QString numberOrDash(std::optional<std::int64_t> number) {
  return number ? QString::number(*number) : u"\u2013"_s;
}

// "[('*fp16', 'D'), ('i32', ''), ('constexpr', 1)]{...}" as "D \u00B7 1": one word an argument.
QString shortKey(const QString &key) {
  static const QRegularExpression entry(u"\\('[^']*',\\s*(?:'([^']*)'|([^)]*))\\)"_s);
  QStringList words;
  for (const QRegularExpressionMatch &match : entry.globalMatch(key)) {
    QString word = match.captured(1) + match.captured(2);
    words << (word.isEmpty() ? u"\u00B7"_s : word);
  }
  return words.isEmpty() ? key : words.join(u' ');
}

} // namespace

const SampleSet *decidingSamples(const VariantRow &variant) {
  auto hot = variant.modes.find("hot");
  if (hot == variant.modes.end())
    hot = variant.modes.begin();
  return hot == variant.modes.end() || hot->second.samples.empty() ? nullptr : &hot->second;
}

void VariantsModel::setSnapshot(const SnapshotPtr &snapshot) {
  int before = rowCount(), now = int(snapshot->variants.size());
  if (before != now)
    beginResetModel();
  m_snapshot = snapshot;
  double smallest = std::numeric_limits<double>::infinity();
  m_largestRatio = 1;
  for (const VariantRow &row : snapshot->variants) {
    if (const SampleSet *samples = decidingSamples(row); samples && samples->median.value > 0)
      smallest = std::min(smallest, samples->median.value);
    if (row.ratio)
      m_largestRatio = std::max(m_largestRatio, row.ratio->high);
  }
  m_unit = timeUnitFor(std::isfinite(smallest) ? smallest : 1);
  if (before != now)
    endResetModel();
  else if (now > 0)
    emit dataChanged(index(0, 0), index(now - 1, ColumnCount - 1));
}

bool VariantsModel::hasValues(int column) const {
  const char *name = column == RegistersColumn      ? "registers"
                     : column == SpillsColumn       ? "spills"
                     : column == InstructionsColumn ? "instructions"
                                                    : nullptr;
  if (!name || !m_snapshot)
    return true;
  return std::ranges::any_of(m_snapshot->variants, [name](const VariantRow &row) {
    return resource(row, name).has_value();
  });
}

int VariantsModel::rowCount(const QModelIndex &parent) const {
  return parent.isValid() || !m_snapshot ? 0 : int(m_snapshot->variants.size());
}

int VariantsModel::columnCount(const QModelIndex &parent) const {
  return parent.isValid() ? 0 : ColumnCount;
}

QString VariantsModel::text(const VariantRow &row, int column) const {
  const SampleSet *samples = decidingSamples(row);
  switch (column) {
  case LabelColumn:
    return toQString(row.label);
  case TargetColumn:
    return toQString(toString(row.target));
  case KeyColumn:
    return shortKey(toQString(row.key));
  case RegistersColumn:
    return numberOrDash(resource(row, "registers"));
  case SpillsColumn:
    return numberOrDash(resource(row, "spills"));
  case InstructionsColumn:
    return numberOrDash(resource(row, "instructions"));
  case LoadColumn:
    if (auto bits = widestLoad(row))
      return u"%1 bit"_s.arg(*bits);
    return u"\u2013"_s;
  case TimeColumn:
    if (!row.error.empty())
      return tr("failed");
    if (samples && samples->median.value > 0)
      return formatEstimate(samples->median, m_unit);
    return samples ? tr("measuring \u2026") : u"\u2013"_s;
  case RatioColumn:
    return row.ratio ? toQString(formatRatio(row.ratio->value)) : u"\u2013"_s;
  case VerdictColumn:
    return toQString(row.verdict);
  case CorrectColumn:
    if (!row.error.empty() && !row.correct)
      return firstLine(toQString(row.error));
    if (!samples && !row.correct)
      return tr("not run");
    if (row.correct)
      return *row.correct ? tr("correct") : tr("wrong");
    return samples->median.value > 0 ? tr("unchecked") : u"\u2013"_s; // still being measured
  }
  return {};
}

QString VariantsModel::toolTip(const VariantRow &row, int column) const {
  QString tip = text(row, column);
  if (!row.error.empty() && (column == TimeColumn || column == CorrectColumn))
    tip = toQString(row.error);
  else if (column == KeyColumn)
    tip = toQString(row.key);
  else if (column == TimeColumn) {
    if (const SampleSet *samples = decidingSamples(row)) {
      tip = tr("Median of %1 with its 95 % bootstrap interval")
                .arg(counted(qsizetype(samples->samples.size()), tr("sample"), tr("samples")));
      if (!samples->stoppedBy.empty())
        tip += tr("; ended by %1").arg(toQString(samples->stoppedBy));
      if (samples->discarded > 0)
        tip += tr("; %1 discarded while throttled")
                   .arg(counted(samples->discarded, tr("sample"), tr("samples")));
    }
  } else if (column == RatioColumn && row.ratio)
    tip =
        tr("The generic variant takes %1 times as long (95 %: %2 .. %3)")
            .arg(QString::number(row.ratio->value, 'g', 4), QString::number(row.ratio->low, 'g', 4),
                 QString::number(row.ratio->high, 'g', 4));
  if (row.stale)
    tip += u"\n"_s + tr("Out of date: source, launch or rules have changed since. Compile or "
                        "compare again.");
  return tip;
}

QVariant VariantsModel::data(const QModelIndex &index, int role) const {
  if (!index.isValid() || index.row() >= rowCount())
    return {};
  const VariantRow &row = m_snapshot->variants[std::size_t(index.row())];
  int column = index.column();
  switch (role) {
  case Qt::DisplayRole:
    return text(row, column);
  case Qt::ToolTipRole:
    return toolTip(row, column);
  case Qt::TextAlignmentRole:
    return int((isNumber(column) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  case Qt::FontRole:
    if (row.stale) {
      QFont font;
      font.setItalic(true);
      return font;
    }
    return {};
  case BarRole:
  case BarLowRole:
  case BarHighRole:
    if (column != RatioColumn || !row.ratio)
      return {};
    return (role == BarRole ? row.ratio->value
                            : (role == BarLowRole ? row.ratio->low : row.ratio->high)) /
           m_largestRatio;
  case SeriesRole:
    return index.row();
  case StaleRole:
    return row.stale;
  case FailedRole:
    return !row.error.empty();
  case SortRole:
    if (column == TimeColumn)
      if (const SampleSet *samples = decidingSamples(row))
        return samples->median.value;
    if (column == RatioColumn && row.ratio)
      return row.ratio->value;
    return text(row, column);
  }
  return {};
}

QVariant VariantsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal)
    return {};
  static const char *const names[ColumnCount] = {
      QT_TR_NOOP("variant"),     QT_TR_NOOP("target"),       QT_TR_NOOP("time (95 %)"),
      QT_TR_NOOP("vs generic"),  QT_TR_NOOP("verdict"),      QT_TR_NOOP("result"),
      QT_TR_NOOP("widest load"), QT_TR_NOOP("instructions"), QT_TR_NOOP("registers"),
      QT_TR_NOOP("spills"),      QT_TR_NOOP("key")};
  if (role == Qt::DisplayRole)
    return tr(names[section]);
  if (role == Qt::TextAlignmentRole)
    return int((isNumber(section) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  return {};
}

} // namespace lapidary::ui
