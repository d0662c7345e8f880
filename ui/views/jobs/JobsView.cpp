#include "ui/views/jobs/JobsView.h"

#include "ui/shell/Theme.h"
#include "ui/widgets/Icons.h"

#include <QApplication>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {

// The phase over a bar as long as the fraction done.
class ProgressDelegate : public QStyledItemDelegate {
public:
  using QStyledItemDelegate::QStyledItemDelegate;

  void paint(QPainter *painter, const QStyleOptionViewItem &option,
             const QModelIndex &index) const override {
    QVariant fraction = index.data(JobsModel::FractionRole);
    if (fraction.isValid() && fraction.toDouble() >= 0) {
      QRectF bar = QRectF(option.rect).adjusted(4, 2, -4, -2);
      painter->save();
      painter->setRenderHint(QPainter::Antialiasing);
      painter->setPen(Qt::NoPen);
      painter->setBrush(themeOf(option.palette).faint);
      painter->drawRoundedRect(bar, 3, 3);
      bar.setWidth(std::max(4.0, bar.width() * std::clamp(fraction.toDouble(), 0.0, 1.0)));
      painter->setBrush(blend(QApplication::palette().color(QPalette::Highlight),
                              option.palette.color(QPalette::Base), 0.35));
      painter->drawRoundedRect(bar, 3, 3);
      painter->restore();
    }
    QStyledItemDelegate::paint(painter, option, index);
  }
};

} // namespace

JobsView::JobsView(QWidget *parent) : View(parent) {
  m_model = new JobsModel(this);
  m_table = new Table(this);
  m_table->setModel(m_model);
  m_table->setLeastWidth(JobsModel::TitleColumn, 240);
  m_table->setLeastWidth(JobsModel::ProgressColumn, 320);
  m_table->setLeastWidth(JobsModel::RemainingColumn, 112);
  m_table->setItemDelegateForColumn(JobsModel::ProgressColumn, new ProgressDelegate(m_table));
  m_table->setAccessibleName(tr("Jobs"));
  m_stack = new EmptyStack(m_table, this);
  auto *layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(m_stack);
  m_cancel = new QAction(icon(u"cancel"_s, u"process-stop"_s), tr("Cancel"), this);
  m_cancel->setShortcut(QKeySequence::Delete);
  m_cancel->setShortcutContext(Qt::WidgetWithChildrenShortcut);
  m_table->addAction(m_cancel);
  addAction(m_cancel);
  m_table->setContextMenuPolicy(Qt::ActionsContextMenu);
  connect(m_cancel, &QAction::triggered, this, [this] {
    QModelIndex current = m_table->currentIndex();
    if (current.isValid() && current.data(JobsModel::ActiveRole).toBool())
      emit commandRequested(CancelJob{current.data(JobsModel::IdRole).toInt()});
  });
  m_stack->showEmpty({}, tr("Nothing has run yet. Compiles and comparisons appear here with "
                            "their progress, and can be cancelled."));
}

QString JobsView::help() const {
  return tr("What runs and what ran. Delete cancels the selected job.");
}

void JobsView::setSnapshot(const SnapshotPtr &snapshot) {
  m_model->setSnapshot(snapshot);
  if (!snapshot->jobs.empty())
    m_stack->showContent();
}

} // namespace lapidary::ui
