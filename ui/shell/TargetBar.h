// The targets as removable chips, and a button that adds one: from a list or typed.
#pragma once

#include "ui/shell/Command.h"

#include <QToolButton>
#include <QWidget>

namespace lapidary::ui {

class TargetBar : public QWidget {
  Q_OBJECT
public:
  explicit TargetBar(QWidget *parent = nullptr);
  void setTargets(const std::vector<Target> &targets);
  QToolButton *addButton() const { return m_add; }

signals:
  void targetsChanged(const std::vector<lapidary::Target> &targets);

private:
  void rebuild();
  void showMenu();
  void add(const Target &target);
  void remove(const Target &target);

  std::vector<Target> m_targets;
  QToolButton *m_add;
};

} // namespace lapidary::ui
