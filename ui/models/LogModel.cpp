#include "ui/models/LogModel.h"

#include "ui/shell/Theme.h"
#include "ui/widgets/Icons.h"
#include "ui/widgets/Text.h"

#include <QGuiApplication>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {
QIcon severityIcon(Severity severity) {
  const Theme &theme = themeOf(QGuiApplication::palette());
  switch (severity) {
  case Severity::Error:
    return tintedIcon(u"error"_s, theme.error);
  case Severity::Warning:
    return tintedIcon(u"warning"_s, theme.warning);
  case Severity::Note:
    break;
  }
  return tintedIcon(u"note"_s, theme.muted);
}
} // namespace

void LogModel::setSnapshot(const SnapshotPtr &snapshot) {
  const std::vector<LogLine> &lines = snapshot->log;
  auto same = [](const LogLine &a, const LogLine &b) { return a.time == b.time && a.text == b.text; };
  std::size_t kept = m_lines.size();
  bool appended = lines.size() >= kept && std::equal(m_lines.begin(), m_lines.end(), lines.begin(),
                                                     lines.begin() + std::ptrdiff_t(kept), same);
  if (!appended) {
    beginResetModel();
    m_lines = lines;
    endResetModel();
  } else if (lines.size() > kept) {
    beginInsertRows({}, int(kept), int(lines.size()) - 1);
    m_lines.insert(m_lines.end(), lines.begin() + std::ptrdiff_t(kept), lines.end());
    endInsertRows();
  }
}

int LogModel::rowCount(const QModelIndex &parent) const {
  return parent.isValid() ? 0 : int(m_lines.size());
}

int LogModel::columnCount(const QModelIndex &parent) const {
  return parent.isValid() ? 0 : ColumnCount;
}

QVariant LogModel::data(const QModelIndex &index, int role) const {
  if (!index.isValid() || index.row() >= rowCount())
    return {};
  const LogLine &line = m_lines[std::size_t(index.row())];
  switch (role) {
  case Qt::DisplayRole:
    if (index.column() == TextColumn)
      return firstLine(toQString(line.text));
    return toQString(line.time).section(u'T', 1).left(8);
  case Qt::ToolTipRole:
    return toQString(index.column() == TextColumn ? line.text : line.time);
  case Qt::UserRole:
    return toQString(line.text);
  case Qt::DecorationRole:
    if (index.column() == TextColumn)
      return severityIcon(line.severity);
    return {};
  case Qt::AccessibleTextRole:
    return u"%1: %2"_s.arg(QLatin1String(severityName(line.severity)), toQString(line.text));
  }
  return {};
}

QVariant LogModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
    return {};
  return section == TimeColumn ? tr("time") : tr("message");
}

} // namespace lapidary::ui
