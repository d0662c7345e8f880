#include "ui/views/export/ExportDialog.h"

#include "ui/widgets/Icons.h"
#include "ui/widgets/Text.h"

#include <QClipboard>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QGuiApplication>
#include <QVBoxLayout>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

ExportDialog::ExportDialog(std::vector<ExportFormat> formats, QWidget *parent)
    : QDialog(parent), m_formats(std::move(formats)) {
  resize(720, 520);
  m_formatBox = new QComboBox(this);
  for (const ExportFormat &format : m_formats)
    m_formatBox->addItem(toQString(format.name));
  m_formatBox->setAccessibleName(tr("Format"));
  m_description = new QLabel(this);
  m_description->setWordWrap(true);
  m_preview = new CodePane(CodeLanguage::Plain, this);
  m_preview->setFrameShape(QFrame::StyledPanel);
  m_preview->setAccessibleName(tr("Preview"));
  m_preview->setCaretLineVisible(false);
  auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
  m_copy = buttons->addButton(tr("&Copy"), QDialogButtonBox::ActionRole);
  m_copy->setIcon(icon(u"copy"_s, u"edit-copy"_s));
  m_save = buttons->addButton(tr("&Save\u2026"), QDialogButtonBox::ActionRole);
  m_save->setIcon(icon(u"save"_s, u"document-save"_s));
  auto *label = new QLabel(tr("&Format"), this);
  label->setBuddy(m_formatBox);
  auto *top = new QHBoxLayout;
  top->setSpacing(8);
  top->addWidget(label);
  top->addWidget(m_formatBox);
  top->addWidget(m_description, 1);
  auto *layout = new QVBoxLayout(this);
  layout->setContentsMargins(12, 12, 12, 12);
  layout->setSpacing(8);
  layout->addLayout(top);
  layout->addWidget(m_preview, 1);
  layout->addWidget(buttons);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::close);
  connect(m_formatBox, &QComboBox::currentIndexChanged, this, &ExportDialog::askPreview);
  connect(m_copy, &QPushButton::clicked, this,
          [this] { QGuiApplication::clipboard()->setText(toQString(m_text)); });
  connect(m_save, &QPushButton::clicked, this, &ExportDialog::save);
}

const ExportFormat *ExportDialog::format() const {
  int index = m_formatBox->currentIndex();
  return index < 0 ? nullptr : &m_formats[std::size_t(index)];
}

void ExportDialog::showRun(const std::string &run) {
  m_run = run;
  setWindowTitle(tr("Export run %1").arg(toQString(run)));
  askPreview();
  show();
  raise();
  activateWindow();
}

void ExportDialog::askPreview() {
  const ExportFormat *chosen = format();
  if (!chosen || m_run.empty())
    return;
  m_description->setText(toQString(chosen->description));
  m_preview->setContents({});
  m_text.clear();
  m_copy->setEnabled(false);
  m_save->setEnabled(false);
  emit commandRequested(PreviewExport{m_run, chosen->name});
}

void ExportDialog::setSnapshot(const SnapshotPtr &snapshot) {
  const ExportFormat *chosen = format();
  bool answers = chosen && snapshot->exportRun == m_run && snapshot->exportFormat == chosen->name;
  if (!isVisible() || !answers || snapshot->exportText == m_text)
    return;
  m_text = snapshot->exportText;
  m_preview->setContents(m_text);
  m_copy->setEnabled(!snapshot->exportFailed);
  m_save->setEnabled(!snapshot->exportFailed);
}

void ExportDialog::save() {
  const ExportFormat *chosen = format();
  if (!chosen)
    return;
  auto *dialog = new QFileDialog(this, tr("Save the export"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->selectFile(toQString(m_run + chosen->extension));
  connect(dialog, &QFileDialog::fileSelected, this,
          [this, name = chosen->name](const QString &path) {
            emit commandRequested(ExportRun{m_run, name, path.toStdString()});
          });
  dialog->open();
}

} // namespace lapidary::ui
