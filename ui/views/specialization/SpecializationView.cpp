#include "ui/views/specialization/SpecializationView.h"

#include "ui/widgets/Text.h"

#include <QEvent>
#include <QHeaderView>
#include <QMenu>
#include <QSignalBlocker>
#include <QSplitter>
#include <QVBoxLayout>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {
constexpr int smallestTargetColumn = 88;
constexpr int smallestValueColumn = 120;
} // namespace

SpecializationView::SpecializationView(QWidget *parent) : View(parent) {
  m_model = new SpecializationModel(this);
  m_delegate = new ChipDelegate(this);
  m_tree = new QTreeView(this);
  m_tree->setModel(m_model);
  m_tree->setItemDelegate(m_delegate);
  m_tree->setSelectionBehavior(QAbstractItemView::SelectItems);
  m_tree->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed |
                          QAbstractItemView::AnyKeyPressed);
  m_tree->setUniformRowHeights(true);
  m_tree->setIndentation(12);
  m_tree->setAllColumnsShowFocus(false);
  m_tree->setPalette(itemViewPalette(palette()));
  m_tree->setAccessibleName(tr("Specialization matrix"));
  m_tree->setFrameShape(QFrame::NoFrame);
  m_tree->header()->setContextMenuPolicy(Qt::CustomContextMenu);
  m_tree->header()->setStretchLastSection(true);
  m_why = new WhyPanel(this);
  m_why->setMinimumHeight(64);

  m_rules = new QComboBox(this);
  m_rules->setAccessibleName(tr("Rule set"));
  m_rules->setToolTip(tr("The release of Triton whose specialization rules are applied"));
  m_problems = new QLabel(this);
  m_problems->setWordWrap(true);
  m_problems->setVisible(false);
  m_problems->setContentsMargins(12, 4, 12, 4);
  auto *rulesLabel = new QLabel(tr("&rules"), this);
  rulesLabel->setBuddy(m_rules);
  auto *top = new QHBoxLayout;
  top->setContentsMargins(12, 4, 8, 4);
  top->setSpacing(8);
  m_hint = new QLabel(tr("Double-click a value to ask \u201cwhat if\u201d"), this);
  top->addWidget(m_hint, 1);
  top->addWidget(rulesLabel);
  top->addWidget(m_rules);

  auto *splitter = new QSplitter(Qt::Vertical, this);
  splitter->addWidget(m_tree);
  splitter->addWidget(m_why);
  splitter->setStretchFactor(0, 1);
  splitter->setSizes({400, 168});
  splitter->setHandleWidth(4);
  auto *content = new QWidget(this);
  auto *layout = new QVBoxLayout(content);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addLayout(top);
  layout->addWidget(m_problems);
  layout->addWidget(splitter, 1);
  m_stack = new EmptyStack(content, this);
  auto *outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->addWidget(m_stack);

  connect(m_rules, &QComboBox::textActivated, this,
          [this](const QString &name) { emit commandRequested(SetRuleSet{name.toStdString()}); });
  connect(m_model, &SpecializationModel::argumentEdited, this,
          [this](const std::string &name, const Value &value) {
            emit commandRequested(SetArgument{name, value});
          });
  connect(m_model, &SpecializationModel::cellsChanged, m_delegate, &ChipDelegate::flash);
  connect(m_model, &QAbstractItemModel::modelReset, this, &SpecializationView::arrangeColumns);
  connect(m_delegate, &ChipDelegate::repaintNeeded, m_tree->viewport(),
          qOverload<>(&QWidget::update));
  connect(m_delegate, &ChipDelegate::valueProblem, m_why, &WhyPanel::setValueProblem);
  connect(m_tree->selectionModel(), &QItemSelectionModel::currentChanged, this,
          &SpecializationView::currentChanged);
  connect(m_tree->header(), &QWidget::customContextMenuRequested, this,
          &SpecializationView::showHeaderMenu);
}

QString SpecializationView::help() const {
  return tr("What each target's compiler specializes on. D: divisible by 16; S: the storage fits "
            "32-bit offsets; =1: folded into the code; grey: constexpr; empty: generic; struck "
            "through: switched off by the decorator. Edit a value to see what it would change.");
}

void SpecializationView::setSnapshot(const SnapshotPtr &snapshot) {
  m_snapshot = snapshot;
  if (!snapshot->file) {
    m_stack->showEmpty({}, tr("The specialization of every argument, for every target, "
                              "appears here when a kernel is open."));
    return;
  }
  if (snapshot->kernel.empty()) {
    m_stack->showEmpty(tr("No kernel in this file"),
                       tr("A kernel is a function decorated with <code>@triton.jit</code>. "
                          "Add one, or open another file."));
    return;
  }
  m_stack->showContent();
  m_model->setSnapshot(snapshot);
  showRules();
  showProblems();
  m_why->show(snapshot, selection());
}

void SpecializationView::showRules() {
  QStringList names, shown;
  for (const std::string &name : m_snapshot->ruleSets)
    names << toQString(name);
  for (int i = 0; i < m_rules->count(); ++i)
    shown << m_rules->itemText(i);
  QSignalBlocker blocker(m_rules);
  if (names != shown) {
    m_rules->clear();
    m_rules->addItems(names);
  }
  m_rules->setCurrentIndex(int(names.indexOf(toQString(m_snapshot->ruleSet))));
}

void SpecializationView::showProblems() {
  QPalette faded = palette();
  faded.setColor(QPalette::WindowText, themeOf(faded).muted);
  m_hint->setPalette(faded);
  QStringList lines;
  auto add = [&lines](const QString &line) {
    if (!lines.contains(line))
      lines << line;
  };
  for (std::size_t i = 0; i < m_snapshot->specializationProblems.size(); ++i)
    if (!m_snapshot->specializationProblems[i].empty())
      add(u"%1: %2"_s.arg(toQString(toString(m_snapshot->targets[i])),
                          toQString(m_snapshot->specializationProblems[i])));
  for (const Specialization &specialization : m_snapshot->specializations)
    for (const Diagnostic &warning : specialization.warnings)
      add(toQString(warning.message));
  m_problems->setVisible(!lines.isEmpty());
  if (lines.isEmpty())
    return;
  QPalette colours = palette();
  colours.setColor(QPalette::WindowText, themeOf(colours).warning);
  m_problems->setPalette(colours);
  m_problems->setText(lines.mid(0, 3).join(u'\n'));
  m_problems->setToolTip(lines.join(u'\n'));
}

void SpecializationView::arrangeColumns() {
  m_tree->expandAll();
  for (int row = 0; row < m_model->rowCount(); ++row)
    m_tree->setFirstColumnSpanned(row, {}, true);
  QHeaderView *header = m_tree->header();
  for (int column = 0; column < m_model->columnCount() - 1; ++column) { // the last one stretches
    m_tree->resizeColumnToContents(column);
    int least = column == SpecializationModel::ValueColumn
                    ? smallestValueColumn
                    : (column >= SpecializationModel::FirstTargetColumn ? smallestTargetColumn : 0);
    header->resizeSection(column, std::max((header->sectionSize(column) + 7) / 4 * 4, least));
  }
  showCurrent();
}

void SpecializationView::currentChanged(const QModelIndex &current) {
  if (m_following || !current.isValid())
    return;
  select([&](Selection &next) {
    next.argument = current.data(SpecializationModel::NameRole).toString().toStdString();
    next.target = m_model->targetAt(current);
  });
  m_why->show(m_snapshot, selection());
}

void SpecializationView::showCurrent() {
  m_following = true;
  if (selection().argument.empty()) {
    m_tree->selectionModel()->clear();
  } else {
    QModelIndex current = m_tree->currentIndex();
    QModelIndex wanted = m_model->indexOf(selection().argument, selection().target);
    bool sameRow =
        current.data(SpecializationModel::NameRole) == wanted.data(SpecializationModel::NameRole);
    if (wanted.isValid() && !(sameRow && selection().target == m_model->targetAt(current)))
      m_tree->setCurrentIndex(wanted);
  }
  m_following = false;
}

void SpecializationView::setSelection(const Selection &selection) {
  View::setSelection(selection);
  if (!m_snapshot || m_stack->isEmpty())
    return;
  showCurrent();
  m_why->show(m_snapshot, selection);
}

void SpecializationView::showHeaderMenu(const QPoint &position) {
  int column = m_tree->header()->logicalIndexAt(position) - SpecializationModel::FirstTargetColumn;
  if (column < 0 || std::size_t(column) >= m_snapshot->targets.size())
    return;
  auto *menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  QString name = toQString(toString(m_snapshot->targets[std::size_t(column)]));
  menu->addAction(tr("Remove %1").arg(name), this, [this, column] {
    std::vector<Target> targets = m_snapshot->targets;
    if (std::size_t(column) < targets.size())
      targets.erase(targets.begin() + column);
    emit commandRequested(SetTargets{targets});
  });
  menu->popup(m_tree->header()->mapToGlobal(position));
}

void SpecializationView::changeEvent(QEvent *event) {
  View::changeEvent(event);
  if (event->type() != QEvent::PaletteChange)
    return;
  m_tree->setPalette(itemViewPalette(palette()));
  if (m_snapshot && !m_stack->isEmpty())
    showProblems();
}

} // namespace lapidary::ui
