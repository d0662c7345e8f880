// Every field of one tensor argument, with what is wrong shown below the field it is about.
#pragma once

#include "core/source/Value.h"
#include "core/support/Result.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QWidget>
#include <functional>

class QFormLayout;

namespace lapidary::ui {

class TensorEditor : public QWidget {
  Q_OBJECT
public:
  explicit TensorEditor(QWidget *parent = nullptr);
  void setTensor(const TensorArgument &tensor); // leaves the field that is being typed into alone

signals:
  void edited(const lapidary::TensorArgument &tensor);

private:
  using Change = std::function<Result<TensorArgument>(TensorArgument, const QString &)>;
  QLineEdit *addField(QFormLayout *form, const QString &label, const QString &tip,
                      Change change);
  void apply(const Result<TensorArgument> &result);

  TensorArgument m_tensor;
  QComboBox *m_dtype, *m_init;
  QLineEdit *m_shape, *m_strides, *m_offset, *m_alignment, *m_storage;
  QLabel *m_error;
};

} // namespace lapidary::ui
