#include "ui/views/launch/TensorEditor.h"

#include "core/support/Units.h"
#include "ui/shell/Theme.h"
#include "ui/views/launch/TensorFields.h"
#include "ui/widgets/Text.h"

#include <QFormLayout>
#include <QSignalBlocker>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

TensorEditor::TensorEditor(QWidget *parent) : QWidget(parent) {
  auto *form = new QFormLayout(this);
  form->setContentsMargins(0, 4, 0, 8);
  form->setHorizontalSpacing(8);
  form->setVerticalSpacing(4);
  form->setLabelAlignment(Qt::AlignRight | Qt::AlignVCenter);

  m_dtype = new QComboBox(this);
  for (int i = 0; i < dtypeCount; ++i)
    m_dtype->addItem(toQString(dtypeName(DType(i))), i);
  form->addRow(tr("dtype"), m_dtype);
  connect(m_dtype, &QComboBox::activated, this,
          [this] { apply(withDType(m_tensor, DType(m_dtype->currentData().toInt()))); });

  m_shape = addField(form, tr("shape"), tr("Sizes in elements: 1024x1024"), withShape);
  m_strides = addField(form, tr("strides"),
                       tr("In elements, one for each dimension; empty: contiguous"), withStrides);
  m_offset = addField(form, tr("offset"), tr("Of the first element, in elements"), withOffset);
  m_alignment = addField(form, tr("alignment"),
                         tr("Of the storage's first byte, in bytes; a power of two"),
                         withAlignment);
  m_storage = addField(form, tr("storage"),
                       tr("Bytes of the whole storage that the tensor lies in; empty: what it "
                          "reaches"),
                       withStorage);
  m_init = new QComboBox(this);
  m_init->setEditable(true);
  m_init->addItems({u"normal"_s, u"uniform"_s, u"zeros"_s, u"ones"_s, u"arange"_s, u"onehot"_s,
                    u"randint:0:100"_s});
  m_init->setToolTip(tr("What the tensor holds when it is measured: normal, uniform, zeros, ones, "
                        "arange, onehot, randint:LO:HI or file:PATH"));
  form->addRow(tr("values"), m_init);
  auto initChosen = [this] {
    TensorArgument next = m_tensor;
    next.init = m_init->currentText().trimmed().toStdString();
    apply(next);
  };
  connect(m_init, &QComboBox::activated, this, initChosen);
  connect(m_init->lineEdit(), &QLineEdit::editingFinished, this, initChosen);
  m_error = new QLabel(this);
  m_error->setWordWrap(true);
  m_error->hide();
  form->addRow(m_error);
}

QLineEdit *TensorEditor::addField(QFormLayout *form, const QString &label, const QString &tip,
                                  Change change) {
  auto *field = new QLineEdit(this);
  field->setToolTip(tip);
  field->setAccessibleName(label);
  form->addRow(label, field);
  connect(field, &QLineEdit::editingFinished, this, [this, field, change] {
    if (!field->isModified())
      return;
    field->setModified(false);
    apply(change(m_tensor, field->text()));
  });
  return field;
}

void TensorEditor::apply(const Result<TensorArgument> &result) {
  m_error->setVisible(!result);
  if (!result) {
    QPalette colours = palette();
    colours.setColor(QPalette::WindowText, themeOf(colours).error);
    m_error->setPalette(colours);
    m_error->setText(toQString(result.error().message));
    return;
  }
  if (*result == m_tensor)
    return;
  setTensor(*result);
  emit edited(*result);
}

void TensorEditor::setTensor(const TensorArgument &tensor) {
  m_tensor = tensor;
  auto show = [](QLineEdit *field, const QString &text) {
    if (!(field->hasFocus() && field->isModified()) && field->text() != text)
      field->setText(text);
  };
  QSignalBlocker blockType(m_dtype), blockInit(m_init);
  m_dtype->setCurrentIndex(m_dtype->findData(int(tensor.dtype)));
  show(m_shape, sizesText(tensor.shape));
  m_strides->setPlaceholderText(tr("contiguous (%1)").arg(sizesText(tensor.strides)));
  show(m_strides, isContiguous(tensor) ? QString() : sizesText(tensor.strides));
  show(m_offset, QString::number(tensor.offset));
  show(m_alignment, QString::number(tensor.alignment));
  std::optional<std::int64_t> reached = reachedBytes(tensor);
  m_storage->setPlaceholderText(
      reached ? tr("%1 bytes (%2)").arg(*reached).arg(toQString(formatBytes(*reached))) : QString());
  show(m_storage, reached == tensor.storage ? QString() : QString::number(tensor.storage));
  if (!m_init->hasFocus())
    m_init->setCurrentText(toQString(tensor.init));
}

} // namespace lapidary::ui
