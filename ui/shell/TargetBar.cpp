#include "ui/shell/TargetBar.h"

#include "ui/widgets/Icons.h"
#include "ui/widgets/Text.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QMenu>
#include <QToolTip>
#include <QWidgetAction>
#include <algorithm>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {
// Offered in the menu; any other is typed.
const std::pair<const char *, const char *> commonTargets[] = {
    {"cpu", QT_TRANSLATE_NOOP("TargetBar", "this processor")},
    {"cuda:80", QT_TRANSLATE_NOOP("TargetBar", "NVIDIA A100")},
    {"cuda:89", QT_TRANSLATE_NOOP("TargetBar", "NVIDIA L40, RTX 40")},
    {"cuda:90", QT_TRANSLATE_NOOP("TargetBar", "NVIDIA H100, H200")},
    {"cuda:100", QT_TRANSLATE_NOOP("TargetBar", "NVIDIA B200")},
    {"hip:gfx90a", QT_TRANSLATE_NOOP("TargetBar", "AMD MI200")},
    {"hip:gfx942", QT_TRANSLATE_NOOP("TargetBar", "AMD MI300")},
    {"hip:gfx950", QT_TRANSLATE_NOOP("TargetBar", "AMD MI350")},
};
} // namespace

TargetBar::TargetBar(QWidget *parent) : QWidget(parent) {
  auto *layout = new QHBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(4);
  m_add = new QToolButton(this);
  m_add->setIcon(icon(u"add"_s));
  m_add->setToolTip(tr("Add a target"));
  m_add->setAccessibleName(tr("Add a target"));
  m_add->setAutoRaise(true);
  connect(m_add, &QToolButton::clicked, this, &TargetBar::showMenu);
  layout->addWidget(m_add);
}

void TargetBar::setTargets(const std::vector<Target> &targets) {
  if (targets == m_targets)
    return;
  m_targets = targets;
  rebuild();
}

void TargetBar::rebuild() {
  for (QToolButton *chip : findChildren<QToolButton *>(u"target"_s, Qt::FindDirectChildrenOnly)) {
    layout()->removeWidget(chip);
    chip->setObjectName({});
    chip->hide();
    chip->deleteLater();
  }
  layout()->removeWidget(m_add);
  for (const Target &target : m_targets) {
    auto *chip = new QToolButton(this);
    chip->setObjectName(u"target"_s);
    chip->setProperty("chip", true); // for the style sheet
    chip->setText(toQString(toString(target)));
    chip->setIcon(icon(u"remove"_s));
    chip->setIconSize(QSize(12, 12));
    chip->setLayoutDirection(Qt::RightToLeft); // the cross after the name
    chip->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    chip->setToolTip(tr("Remove %1").arg(chip->text()));
    connect(chip, &QToolButton::clicked, this, [this, target] { remove(target); });
    layout()->addWidget(chip);
  }
  layout()->addWidget(m_add);
  QWidget *previous = nullptr;
  for (int i = 0; i < layout()->count(); ++i) {
    QWidget *widget = layout()->itemAt(i)->widget();
    if (previous)
      setTabOrder(previous, widget);
    previous = widget;
  }
}

void TargetBar::showMenu() {
  auto *menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  auto *field = new QLineEdit(menu);
  field->setPlaceholderText(tr("backend:architecture"));
  field->setMinimumWidth(200);
  auto *typed = new QWidgetAction(menu);
  auto *frame = new QWidget(menu);
  auto *frameLayout = new QHBoxLayout(frame);
  frameLayout->setContentsMargins(8, 8, 8, 8);
  frameLayout->addWidget(field);
  typed->setDefaultWidget(frame);
  for (const auto &[name, device] : commonTargets) {
    Result<Target> target = parseTarget(name);
    if (!target || std::find(m_targets.begin(), m_targets.end(), *target) != m_targets.end())
      continue;
    menu->addAction(u"%1\t%2"_s.arg(QLatin1String(name), tr(device)), this,
                    [this, target = *target] { add(target); });
  }
  menu->addSeparator();
  menu->addAction(typed);
  connect(field, &QLineEdit::returnPressed, menu, [this, field, menu] {
    Result<Target> target = parseTarget(field->text().trimmed().toStdString());
    if (!target) {
      QToolTip::showText(field->mapToGlobal(QPoint(0, field->height())),
                         toQString(target.error().message), field);
      return;
    }
    add(*target);
    menu->close();
  });
  menu->popup(m_add->mapToGlobal(QPoint(0, m_add->height())));
}

void TargetBar::add(const Target &target) {
  if (std::find(m_targets.begin(), m_targets.end(), target) != m_targets.end())
    return;
  std::vector<Target> targets = m_targets;
  targets.push_back(target);
  emit targetsChanged(targets);
}

void TargetBar::remove(const Target &target) {
  std::vector<Target> targets = m_targets;
  std::erase(targets, target);
  emit targetsChanged(targets);
}

} // namespace lapidary::ui
