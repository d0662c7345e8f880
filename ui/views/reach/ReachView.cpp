#include "ui/views/reach/ReachView.h"

#include "ui/shell/Theme.h"
#include "ui/widgets/BarDelegate.h"
#include "ui/widgets/Icons.h"
#include "ui/widgets/Text.h"

#include <QEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QLineEdit>
#include <QToolButton>
#include <QVBoxLayout>
#include <map>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {

// What nobody has said is faded; the editor says what may be typed.
class RangeDelegate : public QStyledItemDelegate {
public:
  using QStyledItemDelegate::QStyledItemDelegate;
  void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override {
    QStyledItemDelegate::initStyleOption(option, index);
    if (!index.data(ReachModel::AssumedRole).toBool())
      return;
    QColor muted = themeOf(option->palette).muted;
    option->palette.setColor(QPalette::Text, muted);
    option->palette.setColor(QPalette::HighlightedText, muted);
  }
  QWidget *createEditor(QWidget *parent, const QStyleOptionViewItem &option,
                        const QModelIndex &index) const override {
    QWidget *editor = QStyledItemDelegate::createEditor(parent, option, index);
    if (auto *line = qobject_cast<QLineEdit *>(editor))
      line->setPlaceholderText(ReachView::tr("1..4096 step 8, or a list"));
    return editor;
  }
};

// As it is written above the kernel.
QString decoratorOf(const OptOutPlan &plan) {
  std::map<std::string, QStringList> lists;
  for (const OptOut &optOut : plan.optOuts)
    lists[optOut.option] << u"\"%1\""_s.arg(toQString(optOut.argument));
  QStringList options;
  for (const auto &[option, names] : lists)
    options << u"%1=[%2]"_s.arg(toQString(option), names.join(u", "_s));
  return u"@triton.jit(%1)"_s.arg(options.join(u", "_s));
}

QString planText(const OptOutPlan &plan) {
  if (plan.optOuts.empty())
    return plan.reachesBound ? ReachView::tr("no opt-out is needed")
                             : ReachView::tr("no opt-out helps; constants and types alone make %1")
                                   .arg(countText(plan.count));
  QString lost =
      ReachView::tr("%1 can no longer hold")
          .arg(counted(plan.cost, ReachView::tr("property"), ReachView::tr("properties")));
  QString text =
      plan.reachesBound
          ? (plan.isCheapest ? ReachView::tr("<b>%1</b> with the cheapest opt-outs; %2")
                             : ReachView::tr("<b>%1</b> with the best opt-outs found; %2"))
          : ReachView::tr("cannot be had; the fewest are <b>%1</b>; %2");
  return text.arg(countText(plan.count), lost) +
         u"<br><code>%1</code>"_s.arg(decoratorOf(plan).toHtmlEscaped());
}

QString coverageText(const CacheCoverage &coverage) {
  QString text =
      ReachView::tr("the cache holds <b>%1</b> of %2 (constants are not written down there)")
          .arg(coverage.covered)
          .arg(countText(coverage.reachable));
  if (coverage.outOfReach > 0)
    text += ReachView::tr("; %1 for other launches")
                .arg(counted(qsizetype(coverage.outOfReach), ReachView::tr("entry"),
                             ReachView::tr("entries")));
  if (coverage.unreadable > 0)
    text += ReachView::tr("; %1 unreadable").arg(coverage.unreadable);
  return text;
}

} // namespace

ReachView::ReachView(QWidget *parent) : View(parent) {
  m_model = new ReachModel(this);
  m_table = new Table(this);
  m_table->setModel(m_model);
  m_table->setItemDelegateForColumn(ReachModel::RangeColumn, new RangeDelegate(m_table));
  m_table->setItemDelegateForColumn(ReachModel::FactorColumn,
                                    new BarDelegate({ReachModel::BarRole, -1, -1, -1}, m_table));
  m_table->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed |
                           QAbstractItemView::AnyKeyPressed);
  m_table->setLeastWidth(ReachModel::RangeColumn, 176);
  m_table->setLeastWidth(ReachModel::FactorColumn, 152);
  m_table->setAccessibleName(tr("Reachable variants"));
  m_summary = new QLabel(this);
  m_summary->setTextInteractionFlags(Qt::TextSelectableByMouse);
  m_problem = new QLabel(this);
  m_plan = new QLabel(this);
  for (QLabel *label : {m_problem, m_plan}) {
    label->setWordWrap(true);
    label->setContentsMargins(12, 4, 12, 8);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    label->hide();
  }
  m_bound = new QSpinBox(this);
  m_bound->setRange(0, 1'000'000);
  m_bound->setSpecialValueText(tr("no bound"));
  m_bound->setAccessibleName(tr("At most so many variants"));
  m_bound->setToolTip(tr("Finds the cheapest opt-outs that leave at most so many variants"));
  m_bound->setKeyboardTracking(false);
  m_launches =
      addSource(tr("Launches\u2026"),
                tr("Count launches that were made: a file with one launch a line (.jsonl), "
                   "or a log with Triton's keys in it"));
  m_cache = addSource(tr("Triton cache\u2026"),
                      tr("Say which variants a Triton cache directory already holds"));
  auto *top = new QHBoxLayout;
  top->setContentsMargins(12, 4, 8, 4);
  top->setSpacing(8);
  top->addWidget(m_summary, 1);
  auto *most = new QLabel(tr("at &most"), this);
  most->setBuddy(m_bound);
  top->addWidget(most);
  top->addWidget(m_bound);
  for (QAction *action : {m_launches, m_cache}) {
    auto *button = new QToolButton(this);
    button->setDefaultAction(action);
    button->setFocusPolicy(Qt::StrongFocus);
    top->addWidget(button);
  }
  auto *content = new QWidget(this);
  auto *layout = new QVBoxLayout(content);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addLayout(top);
  layout->addWidget(m_problem);
  layout->addWidget(m_table, 1);
  layout->addWidget(m_plan);
  m_stack = new EmptyStack(content, this);
  auto *outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->addWidget(m_stack);

  connect(m_model, &ReachModel::rangesEdited, this, &ReachView::ask);
  connect(m_model, &ReachModel::rangeProblem, this, [this](const QString &message) {
    m_problem->setText(message);
    m_problem->setVisible(!message.isEmpty());
  });
  connect(m_bound, &QSpinBox::valueChanged, this, &ReachView::ask);
  connect(m_launches, &QAction::triggered, this, &ReachView::chooseLaunches);
  connect(m_cache, &QAction::triggered, this, &ReachView::chooseCache);
  connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          [this](const QModelIndex &current) {
            if (!m_following && current.isValid())
              select([&](Selection &next) { next.argument = m_model->argumentAt(current.row()); });
          });
  m_stack->showEmpty({}, tr("How many variants of a kernel a program can ask for appears here."));
  applyColours();
}

QAction *ReachView::addSource(const QString &text, const QString &tip) {
  auto *action = new QAction(text, this);
  action->setToolTip(tip);
  action->setCheckable(true);
  addAction(action);
  return action;
}

QString ReachView::help() const {
  return tr(
      "The variants that a program can ask for: each argument's classes multiply. Double-click "
      "\u201cmay be\u201d to say what an argument can be; the bar shows which argument "
      "multiplies most. \u201cat most\u201d finds the cheapest opt-outs.");
}

void ReachView::ask() {
  m_query.ranges = m_query.launches.empty() && m_query.log.empty() ? m_model->ranges() : "";
  m_query.bound.reset();
  if (m_bound->value() > 0 && m_query.log.empty())
    m_query.bound = std::uint64_t(m_bound->value());
  m_bound->setEnabled(m_query.log.empty());
  m_asked = true;
  emit commandRequested(CountVariants{m_query});
}

void ReachView::showEvent(QShowEvent *event) {
  View::showEvent(event);
  if (!m_asked)
    ask();
}

void ReachView::setSnapshot(const SnapshotPtr &snapshot) {
  m_snapshot = snapshot;
  if (snapshot->kernel != m_kernel) {
    m_kernel = snapshot->kernel;
    bool hadRanges = !m_model->ranges().empty();
    m_model->clearRanges();
    m_problem->hide();
    if (hadRanges)
      ask();
  }
  m_model->setSnapshot(snapshot);
  showAnswers();
}

void ReachView::showAnswers() {
  if (!m_snapshot->file || m_snapshot->kernel.empty()) {
    m_stack->showEmpty({}, tr("How many variants of a kernel a program can ask for appears here."));
    return;
  }
  if (!m_snapshot->reach) {
    m_stack->showEmpty({}, tr("Variants are counted once the launch fits the kernel."));
    return;
  }
  m_stack->showContent();
  const VariantReach &reach = *m_snapshot->reach;
  QStringList counts, problems;
  for (std::size_t i = 0; i < reach.targets.size(); ++i) {
    QString target = toQString(toString(reach.targets[i]));
    if (!reach.problems[i].empty()) {
      if (QString problem = toQString(reach.problems[i]); !problems.contains(problem))
        problems << problem;
      continue;
    }
    const VariantCount &count = reach.answers[i].report.count;
    counts << u"<b>%1</b> %2 <span style='color:%3'>%4</span>"_s.arg(
        countText(count), count.value == 1 && count.isExact ? tr("variant") : tr("variants"),
        themeOf(palette()).muted.name(), target);
  }
  m_summary->setText((counts + problems).join(u" &nbsp;\u00B7&nbsp; "_s));
  m_summary->setToolTip(problems.join(u'\n'));
  auto name = [](const std::string &path) { return QFileInfo(toQString(path)).fileName(); };
  bool ofLaunches = !m_query.launches.empty() || !m_query.log.empty();
  m_launches->setChecked(ofLaunches);
  m_launches->setText(
      ofLaunches
          ? tr("%1 \u00D7").arg(name(m_query.launches.empty() ? m_query.log : m_query.launches))
          : tr("Launches\u2026"));
  m_cache->setChecked(!m_query.cache.empty());
  m_cache->setText(m_query.cache.empty() ? tr("Triton cache\u2026")
                                         : tr("%1 \u00D7").arg(name(m_query.cache)));
  showPlans();
}

// Targets that say the same are named together.
void ReachView::showPlans() {
  const VariantReach &reach = *m_snapshot->reach;
  std::vector<std::pair<QString, QStringList>> texts;
  for (std::size_t i = 0; i < reach.targets.size() && i < reach.answers.size(); ++i) {
    QStringList parts;
    if (reach.answers[i].plan && reach.query.bound)
      parts << tr("at most %1: %2").arg(*reach.query.bound).arg(planText(*reach.answers[i].plan));
    if (reach.answers[i].coverage)
      parts << coverageText(*reach.answers[i].coverage);
    if (parts.isEmpty())
      continue;
    QString text = parts.join(u"<br>"_s);
    auto same = std::ranges::find(texts, text, &std::pair<QString, QStringList>::first);
    if (same == texts.end())
      same = texts.insert(texts.end(), {text, {}});
    same->second << toQString(toString(reach.targets[i]));
  }
  QStringList lines;
  for (const auto &[text, targets] : texts)
    lines << u"<span style='color:%1'>%2</span> &nbsp;%3"_s.arg(themeOf(palette()).muted.name(),
                                                                targets.join(u", "_s), text);
  m_plan->setText(lines.join(u"<br>"_s));
  m_plan->setVisible(!lines.isEmpty());
}

void ReachView::setSelection(const Selection &selection) {
  View::setSelection(selection);
  m_following = true;
  int row = selection.argument.empty() ? -1 : m_model->rowOf(selection.argument);
  if (row < 0)
    m_table->selectionModel()->clear();
  else if (m_table->currentIndex().row() != row)
    m_table->selectRow(row);
  m_following = false;
}

void ReachView::setLaunches(const QString &path) {
  bool isFile = path.endsWith(u".jsonl"_s) || path.endsWith(u".json"_s);
  m_query.launches = isFile ? path.toStdString() : std::string();
  m_query.log = isFile ? std::string() : path.toStdString();
  ask();
}

void ReachView::setCache(const QString &folder) {
  m_query.cache = folder.toStdString();
  ask();
}

void ReachView::chooseLaunches() {
  if (!m_query.launches.empty() || !m_query.log.empty())
    return setLaunches({});
  m_launches->setChecked(false);
  auto *dialog =
      new QFileDialog(this, tr("Count launches"), {},
                      tr("Launches, one a line (*.jsonl);;Logs (*.log *.txt);;All files (*)"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &QFileDialog::fileSelected, this, &ReachView::setLaunches);
  dialog->open();
}

void ReachView::chooseCache() {
  if (!m_query.cache.empty())
    return setCache({});
  m_cache->setChecked(false);
  auto *dialog = new QFileDialog(this, tr("Choose a Triton cache directory"));
  dialog->setFileMode(QFileDialog::Directory);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &QFileDialog::fileSelected, this, &ReachView::setCache);
  dialog->open();
}

void ReachView::applyColours() {
  QPalette shown = palette();
  shown.setColor(QPalette::WindowText, themeOf(shown).error);
  m_problem->setPalette(shown);
  if (m_snapshot)
    showAnswers();
}

void ReachView::changeEvent(QEvent *event) {
  View::changeEvent(event);
  if (event->type() == QEvent::PaletteChange)
    applyColours();
}

} // namespace lapidary::ui
