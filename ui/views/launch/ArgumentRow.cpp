#include "ui/views/launch/ArgumentRow.h"

#include "ui/shell/Theme.h"
#include "ui/widgets/Icons.h"
#include "ui/widgets/Text.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QVBoxLayout>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

ArgumentRow::ArgumentRow(const QString &name, QWidget *parent) : QWidget(parent), m_name(name) {
  m_field = new QLineEdit(this);
  m_field->setAccessibleName(name);
  m_field->installEventFilter(this);
  auto *line = new QHBoxLayout;
  line->setSpacing(4);
  line->addWidget(m_field, 1);
  auto *layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(4);
  layout->addLayout(line);
  m_line = line;
  connect(m_field, &QLineEdit::editingFinished, this, &ArgumentRow::commit);
}

// Most arguments are numbers and never need it.
void ArgumentRow::addDisclosure() {
  m_more = new QToolButton(this);
  m_more->setCheckable(true);
  m_more->setFixedSize(24, 24);
  m_more->setProperty("small", true); // for the style sheet
  m_more->setAutoRaise(true);
  m_more->setIcon(icon(u"more"_s));
  m_more->setToolTip(tr("Strides, offset, alignment, storage, values"));
  m_more->setAccessibleName(tr("All fields of %1").arg(m_name));
  m_line->addWidget(m_more);
  setTabOrder(m_field, m_more);
  connect(m_more, &QToolButton::toggled, this, [this](bool open) {
    m_more->setIcon(icon(open ? u"less"_s : u"more"_s));
    if (!m_details) {
      m_details = new TensorEditor(this);
      layout()->addWidget(m_details);
      QWidget *before = m_more;
      for (QWidget *part : m_details->findChildren<QWidget *>())
        if (part->focusPolicy() & Qt::TabFocus) {
          setTabOrder(before, part);
          before = part;
        }
      connect(m_details, &TensorEditor::edited, this,
              [this](const TensorArgument &tensor) { emit edited(Value{tensor}); });
    }
    if (const auto *tensor = m_value.as<TensorArgument>())
      m_details->setTensor(*tensor);
    m_details->setVisible(open);
  });
}

void ArgumentRow::setValue(const Value &value, bool guessed) {
  if (!m_text.isNull() && value == m_value && guessed == m_guessed && m_field->text() == m_text)
    return;
  m_value = value;
  m_guessed = guessed;
  QFont font = this->font();
  font.setItalic(guessed);
  m_field->setFont(font);
  m_text = toQString(argumentText(value));
  const QString &text = m_text;
  m_field->setToolTip(guessed ? tr("%1\nGuessed from the source. Edit it to say what it is.")
                                    .arg(text)
                              : text);
  if (!(m_field->hasFocus() && m_field->isModified())) {
    m_field->setText(text);
    m_field->setCursorPosition(0);
    showProblem({});
  }
  const auto *tensor = value.as<TensorArgument>();
  if (tensor && !m_more)
    addDisclosure();
  if (m_more) {
    m_more->setVisible(tensor != nullptr);
    if (!tensor)
      m_more->setChecked(false);
  }
  if (tensor && m_details)
    m_details->setTensor(*tensor);
}

void ArgumentRow::commit() {
  if (!m_field->isModified())
    return;
  Result<Value> value = parseArgumentText(m_field->text().toStdString());
  showProblem(value ? QString()
                    : u"%1: %2"_s.arg(m_name, toQString(value.error().message)));
  if (!value)
    return;
  m_field->setModified(false);
  if (*value != m_value)
    emit edited(*value);
}

void ArgumentRow::showProblem(const QString &message) {
  if (!m_error) {
    if (message.isEmpty())
      return;
    m_error = new QLabel(this);
    m_error->setWordWrap(true);
    static_cast<QVBoxLayout *>(layout())->insertWidget(1, m_error);
  }
  QPalette colours = palette();
  colours.setColor(QPalette::WindowText, themeOf(colours).error);
  m_error->setPalette(colours);
  m_error->setText(message);
  m_error->setVisible(!message.isEmpty());
}

bool ArgumentRow::eventFilter(QObject *watched, QEvent *event) {
  if (event->type() == QEvent::FocusIn)
    emit focused();
  return QWidget::eventFilter(watched, event);
}

} // namespace lapidary::ui
