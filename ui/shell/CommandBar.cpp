#include "ui/shell/CommandBar.h"

#include "ui/models/JobsModel.h"
#include "ui/widgets/Icons.h"
#include "ui/widgets/Text.h"

#include <QLabel>
#include <QMenu>
#include <QSignalBlocker>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {

void fill(QComboBox *box, const QStringList &items, const QString &current) {
  QStringList shown;
  for (int i = 0; i < box->count(); ++i)
    shown << box->itemText(i);
  QSignalBlocker blocker(box);
  if (items != shown) {
    box->clear();
    box->addItems(items);
    for (int i = 0; i < items.size(); ++i)
      box->setItemData(i, items[i], Qt::ToolTipRole);
  }
  box->setCurrentIndex(int(items.indexOf(current)));
  box->setToolTip(current);
}

QComboBox *makeBox(QToolBar *bar, const QString &label, const QString &name) {
  auto *text = new QLabel(label, bar);
  auto *box = new QComboBox(bar);
  box->setMinimumContentsLength(14);
  box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  box->setAccessibleName(name);
  box->setEnabled(false);
  text->setBuddy(box);
  bar->addWidget(text);
  bar->addWidget(box);
  return box;
}

} // namespace

CommandBar::CommandBar(QWidget *parent) : QToolBar(tr("Tool bar"), parent) {
  setObjectName(u"commandBar"_s);
  setMovable(false);
  setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  setIconSize(QSize(16, 16));
  setContextMenuPolicy(Qt::PreventContextMenu);
  m_open = addAction(icon(u"open"_s), tr("Open"));
  m_open->setToolTip(tr("Open a kernel file (Ctrl+O)"));
  addSeparator();
  m_kernels = makeBox(this, tr("kernel"), tr("Kernel"));
  m_launches = makeBox(this, tr("launch"), tr("Launch"));
  addSeparator();
  addWidget(new QLabel(tr("targets"), this));
  m_targets = new TargetBar(this);
  addWidget(m_targets);
  auto *space = new QWidget(this);
  space->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
  addWidget(space);
  m_compile = addAction(icon(u"compile"_s), tr("Compile"));
  m_compile->setToolTip(tr("Compile for every target, specialized and generic (Ctrl+B)"));
  m_compare = addAction(icon(u"compare"_s, {}, QPalette::HighlightedText), tr("Compare"));
  m_cancel = addAction(icon(u"cancel"_s), tr("Cancel"));
  m_cancel->setToolTip(tr("Cancel what runs (Ctrl+.)"));
  m_deviceMenu = new QMenu(this);
  m_compare->setMenu(m_deviceMenu);
  for (QAction *action : {m_compile, m_compare, m_cancel}) {
    action->setEnabled(false);
    widgetForAction(action)->setProperty(action == m_compare ? "primary" : "button", true);
  }
  static_cast<QToolButton *>(widgetForAction(m_compare))
      ->setPopupMode(QToolButton::MenuButtonPopup);

  connect(m_kernels, &QComboBox::textActivated, this,
          [this](const QString &name) { emit commandRequested(SelectKernel{name.toStdString()}); });
  connect(m_launches, &QComboBox::activated, this, [this](int index) {
    // The first entry is the edited launch itself where there is one.
    if (int known = index - int(m_snapshot->launchEdited); known >= 0)
      emit commandRequested(LoadLaunch{m_snapshot->launchNames[std::size_t(known)]});
  });
  connect(m_targets, &TargetBar::targetsChanged, this, [this](const std::vector<Target> &targets) {
    emit commandRequested(SetTargets{targets});
  });
  connect(m_compile, &QAction::triggered, this, [this] { emit commandRequested(Compile{}); });
  connect(m_compare, &QAction::triggered, this,
          [this] { emit commandRequested(Compare{comparedDevice()}); });
  connect(m_cancel, &QAction::triggered, this, [this] {
    for (const JobState &job : m_snapshot->jobs)
      if (isActive(job))
        emit commandRequested(CancelJob{job.id});
  });
}

void CommandBar::setSnapshot(const SnapshotPtr &snapshot) {
  m_snapshot = snapshot;
  showKernels();
  showLaunches();
  m_targets->setTargets(snapshot->targets);
  showDevices();
  showWork();
}

void CommandBar::showKernels() {
  QStringList names;
  if (m_snapshot->file)
    for (const JitFunction *kernel : m_snapshot->file->kernels())
      names << toQString(kernel->name);
  fill(m_kernels, names, toQString(m_snapshot->kernel));
  m_kernels->setEnabled(!names.isEmpty());
}

void CommandBar::showLaunches() {
  QStringList names;
  for (const std::string &name : m_snapshot->launchNames)
    names << toQString(name);
  QString current = toQString(m_snapshot->launch.name);
  if (m_snapshot->launchEdited) {
    current = tr("%1, edited").arg(current);
    names.prepend(current);
  }
  fill(m_launches, names, current);
  m_launches->setEnabled(names.size() > 0 && !m_snapshot->kernel.empty());
}

DeviceTarget CommandBar::comparedDevice() const {
  if (m_chosen)
    return *m_chosen;
  // A device that has a column comes first.
  const DeviceInfo *first = nullptr;
  for (const BackendState &backend : m_snapshot->devices)
    for (const DeviceInfo &device : backend.devices) {
      if (std::find(m_snapshot->targets.begin(), m_snapshot->targets.end(), device.target) !=
          m_snapshot->targets.end())
        return {device.target, device.ordinal};
      if (!first)
        first = &device;
    }
  return first ? DeviceTarget{first->target, first->ordinal} : DeviceTarget{{"cpu", ""}, -1};
}

void CommandBar::showDevices() {
  QStringList names;
  for (const BackendState &backend : m_snapshot->devices)
    for (const DeviceInfo &device : backend.devices)
      names << u"%1@%2, %3"_s.arg(toQString(toString(device.target)))
                   .arg(device.ordinal)
                   .arg(toQString(device.name));
  QStringList shown;
  for (QAction *action : m_deviceMenu->actions())
    shown << action->text();
  if (names != shown) {
    m_deviceMenu->clear();
    for (const BackendState &backend : m_snapshot->devices)
      for (const DeviceInfo &device : backend.devices) {
        DeviceTarget target{device.target, device.ordinal};
        m_deviceMenu->addAction(names[m_deviceMenu->actions().size()], this, [this, target] {
          m_chosen = target;
          emit commandRequested(Compare{target});
        });
      }
  }
  m_compare->setToolTip(tr("Measure the specialized kernel against its generic twin on %1 (F5)")
                            .arg(toQString(toString(comparedDevice().target))));
}

void CommandBar::showWork() {
  bool kernel = m_snapshot->file && !m_snapshot->kernel.empty();
  bool busy = std::any_of(m_snapshot->jobs.begin(), m_snapshot->jobs.end(), isActive);
  m_compile->setEnabled(kernel);
  m_compare->setEnabled(kernel);
  m_cancel->setEnabled(busy);
}

} // namespace lapidary::ui
