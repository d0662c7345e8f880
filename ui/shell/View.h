// The base of every pane: a snapshot and a selection come in, commands and selections go out.
//
// A view keeps no truth of its own; it shows the newest snapshot and must take it in under 10 ms, so
// it compares with what it shows and touches only what changed. Owner: its dock. GUI thread.
#pragma once

#include "ui/shell/Command.h"

#include <QWidget>

namespace lapidary::ui {

class View : public QWidget {
  Q_OBJECT
public:
  using QWidget::QWidget;

  virtual void setSnapshot(const SnapshotPtr &snapshot) = 0;
  // Another view has selected something; never answered by a signal.
  virtual void setSelection(const Selection &selection) { m_selection = selection; }
  // Hands over what is still being typed; called before work starts on it.
  virtual void flush() {}
  // What F1 says about this pane.
  virtual QString help() const = 0;

signals:
  void commandRequested(const lapidary::ui::Command &command);
  void selectionChanged(const lapidary::ui::Selection &selection);

protected:
  const Selection &selection() const { return m_selection; }
  // Changes some fields of the common selection and tells everybody.
  template <typename Change> void select(Change change) {
    Selection next = m_selection;
    change(next);
    if (next == m_selection)
      return;
    m_selection = next;
    emit selectionChanged(m_selection);
  }

private:
  Selection m_selection;
};

} // namespace lapidary::ui
