// The kernels that a survey found: a row for each, how far it came, and what it lacks.
#pragma once

#include "ui/shell/Command.h"

#include <QAbstractTableModel>

namespace lapidary::ui {

class SurveyModel : public QAbstractTableModel {
  Q_OBJECT
public:
  enum Column {
    KernelColumn,
    FileColumn,
    TimeColumn,
    FirstTargetColumn
  }; // the last: what is missing
  enum Role {
    FeatureRole = Qt::UserRole, // what is missing, as the survey counts it; empty: nothing
    WorksRole,                  // bool, of a target's column: it compiles
  };

  using QAbstractTableModel::QAbstractTableModel;
  void setSurvey(std::shared_ptr<const SurveyedFolder> survey);
  const SurveyedKernel *kernelAt(int row) const;

  int rowCount(const QModelIndex &parent = {}) const override;
  int columnCount(const QModelIndex &parent = {}) const override;
  QVariant data(const QModelIndex &index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
  QString text(const SurveyedKernel &kernel, int column) const;
  QString shortPath(const std::string &path) const; // below the folder
  bool isTarget(int column) const;

  std::shared_ptr<const SurveyedFolder> m_survey;
};

} // namespace lapidary::ui
