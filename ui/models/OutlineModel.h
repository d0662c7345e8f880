// The @triton.jit functions of the file, in order of appearance: kernels, and the helpers they call.
#pragma once

#include "ui/shell/Command.h"

#include <QAbstractListModel>

namespace lapidary::ui {

class OutlineModel : public QAbstractListModel {
  Q_OBJECT
public:
  enum Role { NameRole = Qt::UserRole, LineRole, KernelRole };

  using QAbstractListModel::QAbstractListModel;
  void setFile(const std::shared_ptr<const KernelFile> &file);
  QModelIndex indexOf(const std::string &name) const;

  int rowCount(const QModelIndex &parent = {}) const override;
  QVariant data(const QModelIndex &index, int role) const override;

private:
  std::shared_ptr<const KernelFile> m_file;
};

} // namespace lapidary::ui
