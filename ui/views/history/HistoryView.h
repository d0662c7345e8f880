// The runs that are kept: filtered, opened, exported, annotated.
#pragma once

#include "ui/models/HistoryModel.h"
#include "ui/shell/View.h"
#include "ui/widgets/EmptyState.h"
#include "ui/widgets/Table.h"

#include <QAction>
#include <QLineEdit>
#include <QTimer>

namespace lapidary::ui {

class HistoryView : public View {
  Q_OBJECT
public:
  explicit HistoryView(QWidget *parent = nullptr);
  void setSnapshot(const SnapshotPtr &snapshot) override;
  QString help() const override;
  Table *table() const { return m_table; }
  QLineEdit *filter() const { return m_filter; }

private:
  std::string currentRun() const;
  void import();

  EmptyStack *m_stack;
  Table *m_table;
  HistoryModel *m_model;
  QLineEdit *m_filter;
  QTimer m_typing; // single shot: the pause after which the filter is applied
  QAction *m_open, *m_export, *m_import;
};

} // namespace lapidary::ui
