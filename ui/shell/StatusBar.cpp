#include "ui/shell/StatusBar.h"

#include "core/support/Units.h"
#include "ui/models/JobsModel.h"
#include "ui/widgets/Text.h"

#include <QMessageBox>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

StatusBar::StatusBar(QWidget *parent) : QStatusBar(parent) {
  setSizeGripEnabled(false);
  m_devices = new QLabel(this);
  m_devices->setTextFormat(Qt::RichText);
  m_devices->setTextInteractionFlags(Qt::LinksAccessibleByMouse | Qt::LinksAccessibleByKeyboard);
  m_work = new QLabel(this);
  m_progress = new QProgressBar(this);
  m_progress->setFixedSize(120, 8);
  m_progress->setTextVisible(false);
  m_progress->hide();
  m_noise = new QLabel(this);
  m_noise->setToolTip(tr("The last comparison's baseline measured against itself: a smaller "
                         "difference than this is noise"));
  m_work->setContentsMargins(4, 0, 12, 0);
  m_noise->setContentsMargins(12, 0, 4, 0);
  addWidget(m_devices);
  addPermanentWidget(m_progress);
  addPermanentWidget(m_work);
  addPermanentWidget(m_noise);
  setContentsMargins(8, 0, 8, 0);
  m_devices->setTextInteractionFlags(Qt::LinksAccessibleByMouse | Qt::LinksAccessibleByKeyboard);
  m_devices->setAccessibleName(tr("Devices"));
  connect(m_devices, &QLabel::linkActivated, this, &StatusBar::explainMissing);
}

// Stays beside the work, and its text can be copied.
void StatusBar::explainMissing(const QString &reason) {
  auto *box =
      new QMessageBox(QMessageBox::NoIcon, tr("No device"), reason, QMessageBox::Close, window());
  box->setInformativeText(
      tr("Kernels compile for it all the same. <code>lap doctor</code> says what "
         "this machine lacks and how to get it; then choose Run, Look for "
         "devices again."));
  box->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  box->setAttribute(Qt::WA_DeleteOnClose);
  box->setModal(false);
  box->show();
}

void StatusBar::setSnapshot(const SnapshotPtr &snapshot) {
  showDevices(*snapshot);
  showWork(*snapshot);
  m_noise->setText(snapshot->noiseFloor < 0
                       ? QString()
                       : tr("noise floor %1").arg(toQString(formatPercent(snapshot->noiseFloor))));
}

void StatusBar::showDevices(const Snapshot &snapshot) {
  QStringList parts, tips;
  for (const BackendState &backend : snapshot.devices) {
    QString name = toQString(backend.backend);
    if (backend.devices.empty()) {
      parts << tr("%1: none (<a href=\"%2\">why?</a>)")
                   .arg(name, toQString(backend.problem).toHtmlEscaped());
      tips << u"%1: %2"_s.arg(name, toQString(backend.problem));
      continue;
    }
    const DeviceInfo &first = backend.devices.front();
    QString text =
        backend.devices.size() > 1
            ? counted(qsizetype(backend.devices.size()), tr("device"), tr("devices"))
            : (first.target.backend == "cpu" ? counted(first.units, tr("core"), tr("cores"))
                                             : toQString(first.name));
    parts << u"%1: %2"_s.arg(name, text.toHtmlEscaped());
    for (const DeviceInfo &device : backend.devices)
      tips << u"%1@%2: %3, %4"_s.arg(toQString(toString(device.target)))
                  .arg(device.ordinal)
                  .arg(toQString(device.name), toQString(device.driver));
  }
  QString text = parts.join(u" &nbsp;\u00B7&nbsp; "_s);
  if (text == m_devices->text())
    return;
  m_devices->setText(text);
  m_devices->setToolTip(tips.join(u'\n'));
}

void StatusBar::showWork(const Snapshot &snapshot) {
  const JobState *running = nullptr;
  int waiting = 0;
  for (const JobState &job : snapshot.jobs) {
    if (job.status == JobState::Status::Running && !running)
      running = &job;
    else if (isActive(job))
      ++waiting;
  }
  m_progress->setVisible(running != nullptr);
  QString text = running ? progressText(*running) : (waiting ? tr("waiting") : tr("idle"));
  if (waiting > 0)
    text += tr(", %1 waiting").arg(waiting);
  m_work->setText(text);
  m_work->setToolTip(running ? toQString(running->title) : QString());
  if (!running)
    return;
  m_progress->setRange(0, running->fraction < 0 ? 0 : 1000);
  m_progress->setValue(int(running->fraction * 1000));
}

} // namespace lapidary::ui
