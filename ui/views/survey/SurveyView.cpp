#include "ui/views/survey/SurveyView.h"

#include "ui/models/JobsModel.h"
#include "ui/shell/Theme.h"
#include "ui/widgets/BarDelegate.h"
#include "ui/widgets/Icons.h"
#include "ui/widgets/Text.h"

#include <QFileDialog>
#include <QSplitter>
#include <QVBoxLayout>
#include <algorithm>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {

enum FeatureRole { FeatureBarRole = Qt::UserRole, FeatureNameRole, AllRole };

// What compiles is green, what stopped is faded: worded, and coloured besides.
class WorksDelegate : public QStyledItemDelegate {
public:
  using QStyledItemDelegate::QStyledItemDelegate;
  void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override {
    QStyledItemDelegate::initStyleOption(option, index);
    QVariant works = index.data(SurveyModel::WorksRole);
    if (!works.isValid())
      return;
    const Theme &theme = themeOf(option->palette);
    QColor colour = works.toBool()                             ? theme.success
                    : option->text == SurveyModel::tr("fails") ? theme.error
                                                               : theme.muted;
    option->palette.setColor(QPalette::Text, colour);
    option->palette.setColor(QPalette::HighlightedText, colour);
  }
};

QString share(std::size_t part, std::size_t whole) {
  return whole == 0 ? u"0"_s
                    : u"%1 (%2 %)"_s.arg(part).arg(100.0 * double(part) / double(whole), 0, 'f', 0);
}

} // namespace

SurveyView::SurveyView(QWidget *parent) : View(parent) {
  m_model = new SurveyModel(this);
  m_byFeature = new QSortFilterProxyModel(this);
  m_byFeature->setSourceModel(m_model);
  m_byFeature->setFilterRole(SurveyModel::FeatureRole);
  m_byText = new QSortFilterProxyModel(this);
  m_byText->setSourceModel(m_byFeature);
  m_byText->setFilterKeyColumn(-1);
  m_byText->setFilterCaseSensitivity(Qt::CaseInsensitive);
  m_featureModel = new QStandardItemModel(0, 2, this);
  m_featureModel->setHorizontalHeaderLabels({tr("what is missing"), tr("kernels")});
  m_features = new Table(this);
  m_features->setModel(m_featureModel);
  m_features->setItemDelegateForColumn(1,
                                       new BarDelegate({FeatureBarRole, -1, -1, -1}, m_features));
  m_features->setEditTriggers(QAbstractItemView::NoEditTriggers);
  m_features->setLeastWidth(0, 176);
  m_features->setAccessibleName(tr("Missing features"));
  m_kernels = new Table(this);
  m_kernels->setModel(m_byText);
  m_kernels->setItemDelegate(new WorksDelegate(m_kernels));
  m_kernels->setLeastWidth(SurveyModel::KernelColumn, 176);
  m_kernels->setAccessibleName(tr("Kernels"));
  m_filter = new QLineEdit(this);
  m_filter->setPlaceholderText(tr("Filter by kernel, file or message"));
  m_filter->setClearButtonEnabled(true);
  m_filter->setFixedWidth(240);
  m_filter->setAccessibleName(tr("Filter kernels"));
  m_summary = new QLabel(this);
  m_summary->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto *choose = new QToolButton(this);
  choose->setText(tr("Survey a folder\u2026"));
  choose->setIcon(icon(u"open"_s));
  choose->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  choose->setFocusPolicy(Qt::StrongFocus);
  auto *top = new QHBoxLayout;
  top->setContentsMargins(12, 4, 8, 4);
  top->setSpacing(8);
  top->addWidget(m_summary, 1);
  top->addWidget(m_filter);
  top->addWidget(choose);
  auto *splitter = new QSplitter(Qt::Horizontal, this);
  splitter->addWidget(m_features);
  splitter->addWidget(m_kernels);
  splitter->setStretchFactor(1, 1);
  splitter->setSizes({392, 800});
  splitter->setHandleWidth(4);
  auto *content = new QWidget(this);
  auto *layout = new QVBoxLayout(content);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addLayout(top);
  layout->addWidget(splitter, 1);
  m_stack = new EmptyStack(content, this);
  auto *outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->addWidget(m_stack);

  connect(choose, &QToolButton::clicked, this, &SurveyView::chooseFolder);
  connect(m_stack->emptyState(), &EmptyState::linkActivated, this, &SurveyView::chooseFolder);
  connect(m_filter, &QLineEdit::textChanged, m_byText,
          &QSortFilterProxyModel::setFilterFixedString);
  connect(m_features->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          &SurveyView::filterByFeature);
  connect(m_kernels, &QTableView::activated, this, &SurveyView::openKernel);
  m_stack->showEmpty(tr("No survey yet"), {});
}

QString SurveyView::help() const {
  return tr("Tries every Triton kernel below a folder with a guessed launch: whether it opens, "
            "elaborates and compiles for the targets shown, and what is missing where it does not. "
            "Press Return on a kernel to open it.");
}

void SurveyView::setSnapshot(const SnapshotPtr &snapshot) {
  if (snapshot->survey && snapshot->survey != m_survey) {
    m_survey = snapshot->survey;
    showSurvey();
  }
  if (m_survey)
    return;
  bool busy = std::ranges::any_of(snapshot->jobs, [](const JobState &job) {
    return isActive(job) && job.title.starts_with("Survey ");
  });
  if (busy)
    m_stack->showEmpty(tr("Surveying"), tr("Every kernel is tried in a process of its own."));
  else
    m_stack->showEmpty(
        tr("No survey yet"),
        tr("<a href=\"survey\">Survey a folder</a> to see which of its kernels open, "
           "elaborate and compile, and what the others lack."));
}

void SurveyView::showSurvey() {
  const Survey &survey = m_survey->survey;
  m_model->setSurvey(m_survey);
  std::size_t elaborated =
      std::size_t(std::ranges::count(survey.kernels, true, &SurveyedKernel::elaborated));
  std::size_t kernels = std::size_t(std::ranges::count_if(
      survey.kernels, [](const SurveyedKernel &kernel) { return !kernel.kernel.empty(); }));
  QStringList parts{tr("<b>%1</b>, %2")
                        .arg(counted(qsizetype(kernels), tr("kernel"), tr("kernels")),
                             counted(qsizetype(survey.files), tr("file"), tr("files"))),
                    tr("elaborate %1").arg(share(elaborated, kernels))};
  for (const std::string &target : survey.targets)
    parts << tr("%1 %2").arg(
        toQString(target),
        share(std::size_t(std::ranges::count_if(survey.kernels,
                                                [&](const SurveyedKernel &kernel) {
                                                  return std::ranges::find(kernel.compiled,
                                                                           target) !=
                                                         kernel.compiled.end();
                                                })),
              kernels));
  m_summary->setText(parts.join(u" \u00B7 "_s));
  m_summary->setToolTip(toQString(m_survey->folder));

  m_byFeature->setFilterRegularExpression(QRegularExpression());
  m_featureModel->setRowCount(0);
  auto add = [this](const QString &name, std::size_t count, double bar, bool isAll) {
    auto *first = new QStandardItem(name), *second = new QStandardItem(QString::number(count));
    first->setToolTip(name);
    first->setData(isAll ? QString() : name, FeatureNameRole);
    first->setData(isAll, AllRole);
    second->setData(bar, FeatureBarRole);
    m_featureModel->appendRow({first, second});
  };
  add(tr("all kernels"), survey.kernels.size(), 1, true);
  for (const auto &[feature, count] : missingFeatures(survey))
    add(toQString(feature), count, double(count) / double(survey.kernels.size()), false);
  m_features->selectRow(0);
  m_stack->showContent();
}

void SurveyView::filterByFeature(const QModelIndex &current) {
  QModelIndex first = current.siblingAtColumn(0);
  m_byFeature->setFilterRegularExpression(
      !first.isValid() || first.data(AllRole).toBool()
          ? QRegularExpression()
          : QRegularExpression(QRegularExpression::anchoredPattern(
                QRegularExpression::escape(first.data(FeatureNameRole).toString()))));
}

void SurveyView::openKernel(const QModelIndex &index) {
  const SurveyedKernel *kernel =
      m_model->kernelAt(m_byFeature->mapToSource(m_byText->mapToSource(index)).row());
  if (kernel)
    emit commandRequested(OpenFile{kernel->file, kernel->kernel});
}

void SurveyView::chooseFolder() {
  auto *dialog = new QFileDialog(this, tr("Survey the kernels below a folder"));
  dialog->setFileMode(QFileDialog::Directory);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &folder) {
    emit commandRequested(SurveyFolder{folder.toStdString()});
  });
  dialog->open();
}

} // namespace lapidary::ui
