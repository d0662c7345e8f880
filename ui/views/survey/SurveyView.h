// The kernels below a folder: which open, elaborate and compile, and what the others lack; the
// missing features at the left filter the kernels at the right. Opening a row opens the kernel.
// Owner: its dock. GUI thread.
#pragma once

#include "ui/models/SurveyModel.h"
#include "ui/shell/View.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/Table.h"

#include <QLineEdit>
#include <QSortFilterProxyModel>
#include <QStandardItemModel>
#include <QToolButton>

namespace lapidary::ui {

class SurveyView : public View {
  Q_OBJECT
public:
  explicit SurveyView(QWidget *parent = nullptr);

  void setSnapshot(const SnapshotPtr &snapshot) override;
  QString help() const override;

  QTableView *features() const { return m_features; }
  QTableView *kernels() const { return m_kernels; }
  QLineEdit *filter() const { return m_filter; }
  QString summary() const { return m_summary->text(); }

public slots:
  void chooseFolder();

private:
  void showSurvey();
  void filterByFeature(const QModelIndex &current);
  void openKernel(const QModelIndex &index);

  std::shared_ptr<const SurveyedFolder> m_survey;
  SurveyModel *m_model;
  QSortFilterProxyModel *m_byFeature, *m_byText;
  QStandardItemModel *m_featureModel;
  Table *m_features, *m_kernels;
  QLabel *m_summary;
  QLineEdit *m_filter;
  EmptyStack *m_stack;
};

} // namespace lapidary::ui
