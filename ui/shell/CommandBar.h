// The tool bar: file, kernel, launch, targets, and the three buttons that start and stop work.
#pragma once

#include "ui/shell/TargetBar.h"

#include <QAction>
#include <QComboBox>
#include <QToolBar>
#include <optional>

class QMenu;

namespace lapidary::ui {

class CommandBar : public QToolBar {
  Q_OBJECT
public:
  explicit CommandBar(QWidget *parent = nullptr);
  void setSnapshot(const SnapshotPtr &snapshot);

  QAction *openAction() const { return m_open; }
  QAction *compileAction() const { return m_compile; }
  QAction *compareAction() const { return m_compare; }
  QAction *cancelAction() const { return m_cancel; }
  QComboBox *kernels() const { return m_kernels; }
  QComboBox *launches() const { return m_launches; }

signals:
  void commandRequested(const lapidary::ui::Command &command);

private:
  void showKernels();
  void showLaunches();
  void showDevices();
  void showWork();
  DeviceTarget comparedDevice() const;

  SnapshotPtr m_snapshot;
  QAction *m_open, *m_compile, *m_compare, *m_cancel;
  QComboBox *m_kernels, *m_launches;
  TargetBar *m_targets;
  QMenu *m_deviceMenu;
  std::optional<DeviceTarget> m_chosen; // by the person; else the first attached
};

} // namespace lapidary::ui
