#include "ui/widgets/EmptyState.h"

#include <QVBoxLayout>

namespace lapidary::ui {

EmptyState::EmptyState(QWidget *parent) : QWidget(parent) {
  m_title = new QLabel(this);
  QFont font = m_title->font();
  font.setPointSizeF(font.pointSizeF() * 1.25);
  font.setWeight(QFont::DemiBold);
  m_title->setFont(font);
  m_title->setAlignment(Qt::AlignCenter);
  m_title->setWordWrap(true);
  m_text = new QLabel(this);
  m_text->setAlignment(Qt::AlignCenter);
  m_text->setWordWrap(true);
  m_text->setTextFormat(Qt::RichText);
  m_text->setTextInteractionFlags(Qt::TextBrowserInteraction);
  connect(m_text, &QLabel::linkActivated, this, &EmptyState::linkActivated);

  auto *layout = new QVBoxLayout(this);
  layout->setContentsMargins(24, 16, 24, 16);
  layout->setSpacing(8);
  layout->addStretch(2);
  layout->addWidget(m_title);
  layout->addWidget(m_text);
  layout->addStretch(3);
}

void EmptyState::setMessage(const QString &title, const QString &text) {
  if (m_title->text() == title && m_text->text() == text)
    return;
  m_title->setText(title);
  m_title->setVisible(!title.isEmpty());
  m_text->setText(text);
  setAccessibleName(title);
}

QString EmptyState::message() const { return m_title->text() + QLatin1Char('\n') + m_text->text(); }

EmptyStack::EmptyStack(QWidget *content, QWidget *parent) : QWidget(parent) {
  m_stack = new QStackedLayout(this);
  m_empty = new EmptyState(this);
  m_stack->addWidget(m_empty);
  m_stack->addWidget(content);
}

void EmptyStack::showEmpty(const QString &title, const QString &text) {
  m_empty->setMessage(title, text);
  m_stack->setCurrentIndex(0);
}

void EmptyStack::showContent() { m_stack->setCurrentIndex(1); }

bool EmptyStack::isEmpty() const { return m_stack->currentIndex() == 0; }

} // namespace lapidary::ui
