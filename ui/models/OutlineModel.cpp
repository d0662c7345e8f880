#include "ui/models/OutlineModel.h"

#include "ui/widgets/Icons.h"
#include "ui/widgets/Text.h"

namespace lapidary::ui {

using namespace Qt::StringLiterals;

void OutlineModel::setFile(const std::shared_ptr<const KernelFile> &file) {
  if (file == m_file)
    return;
  auto names = [](const KernelFile *file) {
    std::vector<std::string> result;
    if (file)
      for (const JitFunction &function : file->functions)
        result.push_back(function.name);
    return result;
  };
  bool same = names(file.get()) == names(m_file.get());
  if (!same)
    beginResetModel();
  m_file = file;
  if (!same)
    endResetModel();
  else if (rowCount() > 0)
    emit dataChanged(index(0), index(rowCount() - 1));
}

QModelIndex OutlineModel::indexOf(const std::string &name) const {
  for (int row = 0; row < rowCount(); ++row)
    if (m_file->functions[std::size_t(row)].name == name)
      return index(row);
  return {};
}

int OutlineModel::rowCount(const QModelIndex &parent) const {
  return parent.isValid() || !m_file ? 0 : int(m_file->functions.size());
}

QVariant OutlineModel::data(const QModelIndex &index, int role) const {
  if (!index.isValid() || index.row() >= rowCount())
    return {};
  const JitFunction &function = m_file->functions[std::size_t(index.row())];
  switch (role) {
  case Qt::DisplayRole:
  case NameRole:
    return toQString(function.name);
  case Qt::DecorationRole:
    return icon(function.isKernel ? u"kernel"_s : u"helper"_s);
  case Qt::ToolTipRole: {
    QStringList names;
    for (const KernelParameter &parameter : function.parameters)
      names << toQString(parameter.name);
    QString tip = u"%1(%2)\n%3"_s.arg(toQString(function.name), names.join(u", "_s),
                                      function.isKernel ? tr("kernel, line %1")
                                                        : tr("helper, line %1"))
                      .arg(function.nameRange.line);
    for (const Diagnostic &problem : function.problems)
      tip += u"\n"_s + toQString(problem.message);
    return tip;
  }
  case LineRole:
    return function.nameRange.line;
  case KernelRole:
    return function.isKernel;
  }
  return {};
}

} // namespace lapidary::ui
