// One argument of the launch form: its value as text, and for a tensor every field behind a disclosure
// button. Guessed values are italic. What is wrong is said below, naming the argument.
#pragma once

#include "ui/shell/Command.h"
#include "ui/views/launch/TensorEditor.h"

#include <QToolButton>

class QHBoxLayout;

namespace lapidary::ui {

class ArgumentRow : public QWidget {
  Q_OBJECT
public:
  ArgumentRow(const QString &name, QWidget *parent = nullptr);

  void setValue(const Value &value, bool guessed);
  QLineEdit *field() const { return m_field; }
  QString problem() const { return m_error && m_error->isVisible() ? m_error->text() : QString(); }

signals:
  void edited(const lapidary::Value &value);
  void focused();

protected:
  bool eventFilter(QObject *watched, QEvent *event) override;

private:
  void commit();
  void addDisclosure();
  void showProblem(const QString &message);

  QString m_name;
  Value m_value;
  QString m_text; // of m_value; null: none yet
  bool m_guessed = false;
  QLineEdit *m_field;
  QHBoxLayout *m_line;
  QToolButton *m_more = nullptr;     // made for the first tensor
  TensorEditor *m_details = nullptr; // made when first opened
  QLabel *m_error = nullptr;         // made for the first problem
};

} // namespace lapidary::ui
