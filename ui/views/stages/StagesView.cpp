#include "ui/views/stages/StagesView.h"

#include <QScrollBar>
#include <QSplitter>
#include <QTimer>
#include <QVBoxLayout>
#include <QtConcurrent/QtConcurrentRun>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

StagesView::StagesView(QWidget *parent) : View(parent) {
  m_left = new StagePane(StagePane::Side::Left, this);
  m_right = new StagePane(StagePane::Side::Right, this);
  auto *splitter = new QSplitter(this);
  splitter->addWidget(m_left);
  splitter->addWidget(m_right);
  splitter->setSizes({500, 500});
  splitter->setHandleWidth(4);
  m_stack = new EmptyStack(splitter, this);
  auto *layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(m_stack);

  scrollTogether(m_left->code(), m_right->code());
  scrollTogether(m_right->code(), m_left->code());
  connect(m_left, &StagePane::contentsChanged, this, &StagesView::compare);
  connect(m_right, &StagePane::contentsChanged, this, &StagesView::compare);
  connect(m_left->code(), &CodePane::themeChanged, this, &StagesView::compare);
  // Choosing a stage on the left takes the right along; on the right it stands alone.
  connect(m_left, &StagePane::stageChosen, m_right, &StagePane::chooseStage);
  connect(&m_difference, &QFutureWatcherBase::finished, this, [this] {
    if (m_difference.isCanceled())
      return;
    m_hunks = m_difference.result();
    m_left->showDifferences(m_hunks);
    m_right->showDifferences(m_hunks);
    emit differencesShown();
  });
  m_stack->showEmpty({}, tr("What the compiler makes of the kernel, stage by stage, appears here "
                            "once it is compiled."));
}

QString StagesView::help() const {
  return tr("Two stages of the compile side by side, the generic variant at the left: what it has "
            "alone is red, what the other has alone green. Lines that "
            "differ only in how values are numbered are not. Both panes scroll together.");
}

void StagesView::scrollTogether(CodePane *from, CodePane *to) {
  connect(from->verticalScrollBar(), &QScrollBar::valueChanged, to,
          [to](int value) { to->verticalScrollBar()->setValue(value); });
  connect(from->horizontalScrollBar(), &QScrollBar::valueChanged, to,
          [to](int value) { to->horizontalScrollBar()->setValue(value); });
}

void StagesView::setSnapshot(const SnapshotPtr &snapshot) {
  m_snapshot = snapshot;
  m_behind = !isVisible();
  if (!m_behind)
    apply();
}

void StagesView::showEvent(QShowEvent *event) {
  View::showEvent(event);
  if (m_behind && m_snapshot)
    apply();
  m_behind = false;
}

void StagesView::apply() {
  bool any = false;
  for (const VariantRow &variant : m_snapshot->variants)
    any = any || !variant.compiled.stages.empty();
  if (!any) {
    m_stack->showEmpty({}, tr("What the compiler makes of the kernel, stage by stage, appears "
                              "here once it is compiled."));
    return;
  }
  m_stack->showContent();
  m_left->setSnapshot(m_snapshot);
  // A stage can have megabytes: the other pane takes its text in a call of its own.
  QTimer::singleShot(0, m_right, [this] { m_right->setSnapshot(m_snapshot); });
}

void StagesView::compare() {
  m_difference.setFuture(QtConcurrent::run(
      [left = m_left->contents(), right = m_right->contents()] { return diffLines(left, right); }));
}

void StagesView::setSelection(const Selection &selection) {
  bool changed = selection.variant != this->selection().variant;
  View::setSelection(selection);
  if (!changed || !m_snapshot || selection.variant < 0 ||
      std::size_t(selection.variant) >= m_snapshot->variants.size())
    return;
  const std::vector<VariantRow> &rows = m_snapshot->variants;
  const VariantRow &chosen = rows[std::size_t(selection.variant)];
  (chosen.label == "generic" ? m_left : m_right)->chooseVariant(selection.variant);
  // Its generic twin stands beside it.
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].label == "generic" && rows[i].target == chosen.target)
      m_left->chooseVariant(int(i));
}

} // namespace lapidary::ui
