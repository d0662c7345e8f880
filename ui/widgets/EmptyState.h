// What a pane shows while it has nothing: what it is for, and what to do next. Links in the text are
// handed to the owner, which makes them commands.
#pragma once

#include <QLabel>
#include <QStackedLayout>
#include <QWidget>

namespace lapidary::ui {

class EmptyState : public QWidget {
  Q_OBJECT
public:
  explicit EmptyState(QWidget *parent = nullptr);
  // `text` may hold links: <a href="open">Open a file</a>.
  void setMessage(const QString &title, const QString &text);
  QString message() const;

signals:
  void linkActivated(const QString &link);

private:
  QLabel *m_title;
  QLabel *m_text;
};

// Shows either the content or the empty state.
class EmptyStack : public QWidget {
  Q_OBJECT
public:
  EmptyStack(QWidget *content, QWidget *parent = nullptr);
  EmptyState *emptyState() const { return m_empty; }
  void showEmpty(const QString &title, const QString &text);
  void showContent();
  bool isEmpty() const;

private:
  QStackedLayout *m_stack;
  EmptyState *m_empty;
};

} // namespace lapidary::ui
