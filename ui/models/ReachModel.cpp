#include "ui/models/ReachModel.h"

#include "ui/models/RangeText.h"
#include "ui/widgets/Text.h"

#include <QFont>
#include <algorithm>
#include <cmath>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {

constexpr int shownClasses = 8;

const ArgumentVariants *argumentOf(const VariantAnswer &answer, const std::string &name) {
  auto found = std::ranges::find(answer.report.arguments, name, &ArgumentVariants::name);
  return found == answer.report.arguments.end() ? nullptr : &*found;
}

QString classesText(const ArgumentVariants &argument) {
  QStringList words;
  for (const ReachableClass &found : argument.classes)
    if (words.size() < shownClasses)
      words << classText(found);
  if (argument.count.value > std::size_t(words.size()))
    words << u"\u2026"_s;
  return u"%1:  %2"_s.arg(countText(argument.count), words.join(u" \u00B7 "_s));
}

QString classesTip(const ArgumentVariants &argument, const Target &target) {
  QStringList lines{
      ReachModel::tr("%1 on %2:").arg(toQString(argument.name), toQString(toString(target)))};
  for (const ReachableClass &found : argument.classes)
    lines << (found.example.empty() ? classText(found)
                                    : ReachModel::tr("%1, for example %2")
                                          .arg(classText(found), toQString(found.example)));
  return lines.join(u'\n');
}

QString freeText(const Value *value, bool isConstexpr) {
  if (value && !isConstexpr && value->as<TensorArgument>())
    return ReachModel::tr("any alignment and size");
  if (value && !isConstexpr && value->as<Integer>())
    return ReachModel::tr("any integer");
  return value ? toQString(argumentText(*value)) : QString();
}

} // namespace

QString countText(const VariantCount &count) {
  QString digits = toQString(toString(count));
  qsizetype end = digits.size(), begin = end;
  while (begin > 0 && digits[begin - 1].isDigit())
    --begin;
  if (end - begin > 4)
    for (qsizetype at = end - 3; at > begin; at -= 3)
      digits.insert(at, QChar(0x2009));
  return digits;
}

QString classText(const ReachableClass &found) {
  if (found.type == "constexpr")
    return u"="_s + toQString(found.key);
  return found.key.empty() ? toQString(found.type)
                           : u"%1 %2"_s.arg(toQString(found.type), toQString(found.key));
}

std::vector<ReachModel::Row> ReachModel::rowsOf(const Snapshot &snapshot) {
  std::vector<Row> rows;
  const VariantReach &reach = *snapshot.reach;
  const JitFunction *kernel = snapshot.file ? snapshot.file->find(reach.kernel) : nullptr;
  for (const VariantAnswer &answer : reach.answers)
    for (const ArgumentVariants &argument : answer.report.arguments) {
      if (std::ranges::find(rows, argument.name, &Row::name) != rows.end())
        continue;
      Row row;
      row.name = argument.name;
      bool isConstexpr = kernel && std::ranges::any_of(kernel->parameters, [&](const auto &each) {
                           return each.name == argument.name && each.isConstexpr;
                         });
      row.free = freeText(snapshot.launch.argument(argument.name), isConstexpr);
      for (std::size_t i = 0; i < reach.targets.size(); ++i) {
        const ArgumentVariants *same =
            i < reach.answers.size() ? argumentOf(reach.answers[i], argument.name) : nullptr;
        row.classes << (same ? classesText(*same) : u"\u2013"_s);
        row.tips << (same ? classesTip(*same, reach.targets[i]) : toQString(reach.problems[i]));
        row.factor = std::max(row.factor, same ? same->factor : 1);
      }
      rows.push_back(std::move(row));
    }
  return rows;
}

void ReachModel::setSnapshot(const SnapshotPtr &snapshot) {
  std::vector<Row> rows;
  std::vector<Target> targets;
  bool isOfRanges = true;
  if (snapshot->reach) {
    rows = rowsOf(*snapshot);
    targets = snapshot->reach->targets;
    const VariantQuery &query = snapshot->reach->query;
    isOfRanges = query.launches.empty() && query.log.empty();
  }
  bool sameShape =
      targets == m_targets && std::ranges::equal(rows, m_rows, {}, &Row::name, &Row::name);
  if (sameShape && rows == m_rows && isOfRanges == m_isOfRanges)
    return;
  if (!sameShape)
    beginResetModel();
  m_rows = std::move(rows);
  m_targets = std::move(targets);
  m_isOfRanges = isOfRanges;
  m_largest = 1;
  for (const Row &row : m_rows)
    m_largest = std::max(m_largest, row.factor);
  if (!sameShape)
    endResetModel();
  else if (!m_rows.empty())
    emit dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
}

std::string ReachModel::ranges() const {
  std::string json;
  for (const auto &[name, range] : m_ranges)
    json += (json.empty() ? "{" : ", ") + dumpJson(Json(name)) + ": " + range.json;
  return json.empty() ? json : json + "}";
}

void ReachModel::clearRanges() {
  m_ranges.clear();
}

int ReachModel::rowOf(const std::string &argument) const {
  auto found = std::ranges::find(m_rows, argument, &Row::name);
  return found == m_rows.end() ? -1 : int(found - m_rows.begin());
}

std::string ReachModel::argumentAt(int row) const {
  return row < 0 || row >= rowCount() ? std::string() : m_rows[std::size_t(row)].name;
}

int ReachModel::rowCount(const QModelIndex &parent) const {
  return parent.isValid() ? 0 : int(m_rows.size());
}

int ReachModel::columnCount(const QModelIndex &parent) const {
  return parent.isValid() ? 0 : FirstTargetColumn + int(m_targets.size());
}

QVariant ReachModel::data(const QModelIndex &index, int role) const {
  if (!index.isValid() || index.row() >= rowCount())
    return {};
  const Row &row = m_rows[std::size_t(index.row())];
  auto range = m_ranges.find(row.name);
  bool isTyped = range != m_ranges.end();
  int column = index.column(), target = column - FirstTargetColumn;
  switch (role) {
  case Qt::EditRole:
    return column == RangeColumn && isTyped ? range->second.text : QString();
  case Qt::DisplayRole:
    if (column == ArgumentColumn)
      return toQString(row.name);
    if (column == RangeColumn)
      return !m_isOfRanges ? tr("as launched") : isTyped ? range->second.text : row.free;
    if (column == FactorColumn)
      return row.factor > 1 ? u"\u00D7%1"_s.arg(QString::number(row.factor, 'g', 4)) : QString();
    return row.classes[target];
  case Qt::ToolTipRole:
    if (column == RangeColumn && m_isOfRanges)
      return tr("What %1 may be: 1..4096 step 8, a list such as 1, 16, 17, align 4, 16 for a "
                "tensor, or any. Nothing typed: %2.")
          .arg(toQString(row.name), row.free);
    if (column == FactorColumn && row.factor > 1)
      return tr("With one class of %1 there would be %2 times fewer variants.")
          .arg(toQString(row.name), QString::number(row.factor, 'g', 4));
    return target >= 0 ? row.tips[target] : toQString(row.name);
  case Qt::TextAlignmentRole:
    return int((column == FactorColumn ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  case Qt::FontRole:
    if (column == RangeColumn && !isTyped) {
      QFont font;
      font.setItalic(true);
      return font;
    }
    return {};
  case BarRole:
    return column == FactorColumn && row.factor > 1 ? std::log(row.factor) / std::log(m_largest)
                                                    : QVariant();
  case AssumedRole:
    return !isTyped;
  }
  return {};
}

QVariant ReachModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
    return {};
  switch (section) {
  case ArgumentColumn:
    return tr("argument");
  case RangeColumn:
    return tr("may be");
  case FactorColumn:
    return tr("multiplies by");
  }
  return toQString(toString(m_targets[std::size_t(section - FirstTargetColumn)]));
}

Qt::ItemFlags ReachModel::flags(const QModelIndex &index) const {
  Qt::ItemFlags flags = QAbstractTableModel::flags(index);
  return index.column() == RangeColumn && m_isOfRanges ? flags | Qt::ItemIsEditable : flags;
}

bool ReachModel::setData(const QModelIndex &index, const QVariant &value, int role) {
  if (!index.isValid() || index.column() != RangeColumn || role != Qt::EditRole)
    return false;
  const std::string &name = m_rows[std::size_t(index.row())].name;
  QString text = value.toString().trimmed();
  auto known = m_ranges.find(name);
  if (text == (known == m_ranges.end() ? QString() : known->second.text))
    return true;
  if (text.isEmpty()) {
    m_ranges.erase(name);
  } else {
    Result<std::string> json = rangeJson(name, text);
    if (!json) {
      emit rangeProblem(toQString(json.error().message));
      return false;
    }
    m_ranges[name] = {text, *json};
  }
  emit rangeProblem({});
  emit dataChanged(index, index);
  emit rangesEdited();
  return true;
}

} // namespace lapidary::ui
