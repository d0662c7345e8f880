#include "ui/models/HistoryModel.h"

#include "core/support/Units.h"
#include "ui/widgets/Text.h"

#include <QDateTime>
#include <QFileInfo>
#include <QFont>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {

// A number at a path of names; nothing when the record has none there.
std::optional<double> numberAt(const Json &json, std::initializer_list<const char *> path) {
  const Json *node = &json;
  for (const char *name : path) {
    if (!node->is_object())
      return {};
    auto found = node->find(name);
    if (found == node->end())
      return {};
    node = &*found;
  }
  if (!node->is_number())
    return {};
  return node->get<double>();
}

std::optional<double> medianOf(const Json &result) {
  for (auto path : {std::initializer_list<const char *>{"specialized", "median"},
                    std::initializer_list<const char *>{"modes", "hot", "median"},
                    std::initializer_list<const char *>{"modes", "cold", "median"},
                    std::initializer_list<const char *>{"best", "median"}})
    if (auto median = numberAt(result, path))
      return median;
  return {};
}

QString localTime(const std::string &utc) {
  QDateTime time = QDateTime::fromString(toQString(utc), Qt::ISODate);
  if (!time.isValid())
    return toQString(utc);
  if (time.timeSpec() == Qt::LocalTime)
    time.setTimeSpec(Qt::UTC);
  return time.toLocalTime().toString(u"yyyy-MM-dd HH:mm"_s);
}

} // namespace

void HistoryModel::setSnapshot(const SnapshotPtr &snapshot) {
  auto sameRuns = [](const std::vector<RunRecord> &a, const std::vector<RunRecord> &b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const RunRecord &x, const RunRecord &y) { return x.id == y.id; });
  };
  auto sameRecords = [](const std::vector<RunRecord> &a, const std::vector<RunRecord> &b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const RunRecord &x, const RunRecord &y) {
                        return x.finishedAt == y.finishedAt && x.note == y.note;
                      });
  };
  if (!m_snapshot || !sameRuns(m_snapshot->history, snapshot->history)) {
    beginResetModel();
    m_snapshot = snapshot;
    endResetModel();
    return;
  }
  bool changed = !sameRecords(m_snapshot->history, snapshot->history);
  m_snapshot = snapshot;
  if (changed)
    emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

QModelIndex HistoryModel::indexOf(const QString &run) const {
  for (int row = 0; row < rowCount(); ++row)
    if (toQString(m_snapshot->history[std::size_t(row)].id) == run)
      return index(row, 0);
  return {};
}

int HistoryModel::rowCount(const QModelIndex &parent) const {
  return parent.isValid() || !m_snapshot ? 0 : int(m_snapshot->history.size());
}

int HistoryModel::columnCount(const QModelIndex &parent) const {
  return parent.isValid() ? 0 : ColumnCount;
}

QString HistoryModel::text(const RunRecord &run, int column) const {
  switch (column) {
  case StartedColumn:
    return localTime(run.startedAt);
  case KindColumn:
    return toQString(run.kind);
  case KernelColumn:
    return toQString(run.kernel);
  case TargetColumn:
    return toQString(run.target);
  case DeviceColumn:
    return toQString(run.device);
  case TimeColumn:
    if (run.finishedAt.empty())
      return tr("unfinished");
    if (auto median = medianOf(run.result))
      return formatTime(*median, timeUnitFor(*median));
    return u"\u2013"_s;
  case RatioColumn:
    if (auto ratio = numberAt(run.result, {"ratio", "value"}))
      return toQString(formatRatio(*ratio));
    return u"\u2013"_s;
  case NoteColumn:
    return toQString(run.note);
  }
  return {};
}

QVariant HistoryModel::data(const QModelIndex &index, int role) const {
  if (!index.isValid() || index.row() >= rowCount())
    return {};
  const RunRecord &run = m_snapshot->history[std::size_t(index.row())];
  int column = index.column();
  switch (role) {
  case Qt::DisplayRole:
  case Qt::EditRole:
    return text(run, column);
  case Qt::ToolTipRole:
    if (column == KernelColumn)
      return tr("%1 in %2").arg(toQString(run.kernel), toQString(run.file));
    if (column == NoteColumn && run.note.empty())
      return tr("Double-click to write a note");
    if (column == StartedColumn)
      return tr("%1, run %2").arg(text(run, column), toQString(run.id));
    return text(run, column);
  case Qt::TextAlignmentRole:
    return int((column == TimeColumn || column == RatioColumn ? Qt::AlignRight : Qt::AlignLeft) |
               Qt::AlignVCenter);
  case Qt::FontRole:
    if (column == TimeColumn && run.finishedAt.empty()) {
      QFont font;
      font.setItalic(true);
      return font;
    }
    return {};
  case RunRole:
    return toQString(run.id);
  }
  return {};
}

QVariant HistoryModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal)
    return {};
  static const char *const names[ColumnCount] = {
      QT_TR_NOOP("started"), QT_TR_NOOP("kind"),   QT_TR_NOOP("kernel"),     QT_TR_NOOP("target"),
      QT_TR_NOOP("device"),  QT_TR_NOOP("median"), QT_TR_NOOP("vs generic"), QT_TR_NOOP("note")};
  if (role == Qt::DisplayRole)
    return tr(names[section]);
  if (role == Qt::TextAlignmentRole)
    return int((section == TimeColumn || section == RatioColumn ? Qt::AlignRight
                                                                : Qt::AlignLeft) |
               Qt::AlignVCenter);
  return {};
}

Qt::ItemFlags HistoryModel::flags(const QModelIndex &index) const {
  Qt::ItemFlags flags = QAbstractTableModel::flags(index);
  return index.isValid() && index.column() == NoteColumn ? flags | Qt::ItemIsEditable : flags;
}

bool HistoryModel::setData(const QModelIndex &index, const QVariant &value, int role) {
  if (!index.isValid() || index.column() != NoteColumn || role != Qt::EditRole)
    return false;
  const RunRecord &run = m_snapshot->history[std::size_t(index.row())];
  if (value.toString() != toQString(run.note))
    emit noteEdited(run.id, value.toString().toStdString());
  return true;
}

} // namespace lapidary::ui
