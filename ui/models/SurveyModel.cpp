#include "ui/models/SurveyModel.h"

#include "ui/widgets/Text.h"

#include <algorithm>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

void SurveyModel::setSurvey(std::shared_ptr<const SurveyedFolder> survey) {
  if (survey == m_survey)
    return;
  beginResetModel();
  m_survey = std::move(survey);
  endResetModel();
}

const SurveyedKernel *SurveyModel::kernelAt(int row) const {
  return row < 0 || row >= rowCount() ? nullptr : &m_survey->survey.kernels[std::size_t(row)];
}

int SurveyModel::rowCount(const QModelIndex &parent) const {
  return parent.isValid() || !m_survey ? 0 : int(m_survey->survey.kernels.size());
}

int SurveyModel::columnCount(const QModelIndex &parent) const {
  return parent.isValid()
             ? 0
             : FirstTargetColumn + 1 + (m_survey ? int(m_survey->survey.targets.size()) : 0);
}

bool SurveyModel::isTarget(int column) const {
  return column >= FirstTargetColumn && column < columnCount() - 1;
}

QString SurveyModel::shortPath(const std::string &path) const {
  QString folder = toQString(m_survey->folder), text = toQString(path);
  if (!folder.endsWith(u'/'))
    folder += u'/';
  return text.startsWith(folder) ? text.mid(folder.size()) : text;
}

QString SurveyModel::text(const SurveyedKernel &kernel, int column) const {
  switch (column) {
  case KernelColumn:
    return kernel.kernel.empty() ? u"\u2013"_s : toQString(kernel.kernel);
  case FileColumn:
    return kernel.line > 0 ? u"%1:%2"_s.arg(shortPath(kernel.file)).arg(kernel.line)
                           : shortPath(kernel.file);
  case TimeColumn:
    return kernel.elaborated ? formatTime(double(kernel.nanoseconds), {1e6, 1, u"ms"_s})
                             : u"\u2013"_s;
  }
  if (isTarget(column)) {
    const std::string &target = m_survey->survey.targets[std::size_t(column - FirstTargetColumn)];
    if (std::ranges::find(kernel.compiled, target) != kernel.compiled.end())
      return tr("compiles");
    return kernel.failure && kernel.failure->target == target ? tr("fails") : u"\u2013"_s;
  }
  if (!kernel.failure)
    return {};
  const SurveyFailure &failure = *kernel.failure;
  QString message = firstLine(toQString(failure.message));
  return failure.line > 0 ? tr("%1, line %2: %3")
                                .arg(shortPath(failure.file.empty() ? kernel.file : failure.file))
                                .arg(failure.line)
                                .arg(message)
                          : message;
}

QVariant SurveyModel::data(const QModelIndex &index, int role) const {
  const SurveyedKernel *kernel = kernelAt(index.row());
  if (!index.isValid() || !kernel)
    return {};
  int column = index.column();
  switch (role) {
  case Qt::DisplayRole:
    return text(*kernel, column);
  case Qt::ToolTipRole:
    if (column == columnCount() - 1 && kernel->failure)
      return toQString(kernel->failure->message);
    if (column == FileColumn)
      return toQString(kernel->file);
    return text(*kernel, column);
  case Qt::TextAlignmentRole:
    return int((column == TimeColumn ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  case FeatureRole:
    return kernel->failure ? toQString(kernel->failure->feature) : QString();
  case WorksRole:
    if (isTarget(column))
      return text(*kernel, column) == tr("compiles");
    return {};
  }
  return {};
}

QVariant SurveyModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal)
    return {};
  if (role == Qt::TextAlignmentRole)
    return int((section == TimeColumn ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  if (role != Qt::DisplayRole)
    return {};
  switch (section) {
  case KernelColumn:
    return tr("kernel");
  case FileColumn:
    return tr("file");
  case TimeColumn:
    return tr("elaborates in");
  }
  return isTarget(section)
             ? toQString(m_survey->survey.targets[std::size_t(section - FirstTargetColumn)])
             : tr("what is missing");
}

} // namespace lapidary::ui
