// Every command of the window by name: type a part of it, press Return. Commands are the actions of
// the menus and of the panes, so nothing has to be listed twice.
// Owner: the window. GUI thread.
#pragma once

#include <QAction>
#include <QDialog>
#include <QLineEdit>
#include <QListWidget>
#include <QPointer>

class QMainWindow;

namespace lapidary::ui {

class CommandPalette : public QDialog {
  Q_OBJECT
public:
  explicit CommandPalette(QMainWindow *window);

  void open() override; // with what can be done now
  QLineEdit *field() const { return m_field; }
  QStringList shown() const;

protected:
  bool eventFilter(QObject *object, QEvent *event) override;

private:
  struct Entry {
    QString text; // "View: Layout Compare"
    QPointer<QAction> action;
  };
  void collect(const QList<QAction *> &actions, const QString &place);
  void show(const QString &filter);
  void run();

  QMainWindow *m_window;
  QLineEdit *m_field;
  QListWidget *m_list;
  QList<Entry> m_entries;
};

} // namespace lapidary::ui
