#include "ui/models/JobsModel.h"

#include "ui/widgets/Text.h"

#include <algorithm>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

bool isActive(const JobState &job) {
  return job.status == JobState::Status::Queued || job.status == JobState::Status::Running;
}

QString progressText(const JobState &job) {
  QString text = toQString(job.phase.empty() ? job.title : job.phase);
  if (job.fraction >= 0)
    text += u": %1 %"_s.arg(int(job.fraction * 100));
  if (job.etaSeconds >= 0)
    text += u", "_s + JobsModel::tr("%1 left").arg(formatSeconds(job.etaSeconds));
  return text;
}

void JobsModel::setSnapshot(const SnapshotPtr &snapshot) {
  std::vector<JobState> jobs(snapshot->jobs.rbegin(), snapshot->jobs.rend());
  bool same = std::equal(jobs.begin(), jobs.end(), m_jobs.begin(), m_jobs.end(),
                         [](const JobState &a, const JobState &b) { return a.id == b.id; });
  if (same) {
    m_jobs = std::move(jobs);
    if (!m_jobs.empty())
      emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
    return;
  }
  beginResetModel();
  m_jobs = std::move(jobs);
  endResetModel();
}

int JobsModel::rowCount(const QModelIndex &parent) const {
  return parent.isValid() ? 0 : int(m_jobs.size());
}

int JobsModel::columnCount(const QModelIndex &parent) const {
  return parent.isValid() ? 0 : ColumnCount;
}

QVariant JobsModel::data(const QModelIndex &index, int role) const {
  if (!index.isValid() || index.row() >= rowCount())
    return {};
  const JobState &job = m_jobs[std::size_t(index.row())];
  static const char *const statusNames[] = {QT_TR_NOOP("queued"), QT_TR_NOOP("running"),
                                            QT_TR_NOOP("done"), QT_TR_NOOP("failed"),
                                            QT_TR_NOOP("cancelled")};
  switch (role) {
  case Qt::DisplayRole:
    if (index.column() == TitleColumn)
      return toQString(job.title);
    if (index.column() == ProgressColumn)
      return isActive(job) ? toQString(job.phase) : firstLine(toQString(job.message));
    if (index.column() == RemainingColumn)
      return isActive(job) ? formatSeconds(job.etaSeconds) : QString();
    return tr(statusNames[int(job.status)]);
  case Qt::ToolTipRole:
    if (!job.message.empty())
      return toQString(job.message);
    return isActive(job) ? progressText(job) : toQString(job.title);
  case Qt::TextAlignmentRole:
    return int((index.column() == RemainingColumn ? Qt::AlignRight : Qt::AlignLeft) |
               Qt::AlignVCenter);
  case IdRole:
    return job.id;
  case FractionRole:
    return isActive(job) && index.column() == ProgressColumn ? QVariant(job.fraction)
                                                             : QVariant();
  case ActiveRole:
    return isActive(job);
  }
  return {};
}

QVariant JobsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal)
    return {};
  if (role == Qt::TextAlignmentRole)
    return int((section == RemainingColumn ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  if (role != Qt::DisplayRole)
    return {};
  static const char *const names[ColumnCount] = {QT_TR_NOOP("job"), QT_TR_NOOP("progress"),
                                                 QT_TR_NOOP("left"), QT_TR_NOOP("status")};
  return tr(names[section]);
}

} // namespace lapidary::ui
