// Export of one run: choose a format, see what would be written, save or copy it. Not modal: work goes
// on behind it.
#pragma once

#include "core/exchange/Exchange.h"
#include "ui/shell/Command.h"
#include "ui/widgets/CodePane.h"

#include <QComboBox>
#include <QDialog>
#include <QLabel>
#include <QPushButton>

namespace lapidary::ui {

class ExportDialog : public QDialog {
  Q_OBJECT
public:
  explicit ExportDialog(std::vector<ExportFormat> formats, QWidget *parent = nullptr);

  void showRun(const std::string &run);
  void setSnapshot(const SnapshotPtr &snapshot);
  QComboBox *formats() const { return m_formatBox; }
  QString preview() const { return m_preview->text(); }

signals:
  void commandRequested(const lapidary::ui::Command &command);

private:
  const ExportFormat *format() const;
  void askPreview();
  void save();

  std::vector<ExportFormat> m_formats;
  std::string m_run;
  std::string m_text;
  QComboBox *m_formatBox;
  QLabel *m_description;
  CodePane *m_preview;
  QPushButton *m_copy, *m_save;
};

} // namespace lapidary::ui
