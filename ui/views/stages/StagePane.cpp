#include "ui/views/stages/StagePane.h"

#include "core/support/Units.h"
#include "ui/shell/Theme.h"
#include "ui/widgets/Text.h"

#include <QHBoxLayout>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <Qsci/qscistyle.h>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {
constexpr int gapStyleNumber = 61;
}

StagePane::StagePane(Side side, QWidget *parent) : QWidget(parent), m_side(side) {
  m_variants = new QComboBox(this);
  m_variants->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  m_variants->setAccessibleName(tr("Variant"));
  m_stages = new QComboBox(this);
  m_stages->setSizeAdjustPolicy(QComboBox::AdjustToContents);
  m_stages->setAccessibleName(tr("Stage"));
  m_note = new QLabel(this);
  m_note->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  m_code = new CodePane(CodeLanguage::Ir, this);
  m_code->setAccessibleName(side == Side::Left ? tr("Stage, left") : tr("Stage, right"));
  auto *top = new QHBoxLayout;
  top->setContentsMargins(8, 4, 8, 4);
  top->setSpacing(8);
  top->addWidget(m_variants);
  top->addWidget(m_stages);
  top->addWidget(m_note, 1);
  auto *layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addLayout(top);
  layout->addWidget(m_code, 1);
  connect(m_variants, &QComboBox::currentIndexChanged, this, [this] {
    fillStages();
    showContents();
  });
  connect(m_stages, &QComboBox::currentIndexChanged, this, &StagePane::showContents);
  connect(m_stages, &QComboBox::textActivated, this,
          [this](const QString &name) { emit stageChosen(name.toStdString()); });
}

const VariantRow *StagePane::row() const {
  int index = m_variants->currentIndex();
  if (!m_snapshot || index < 0 || std::size_t(index) >= m_snapshot->variants.size())
    return nullptr;
  return &m_snapshot->variants[std::size_t(index)];
}

void StagePane::setSnapshot(const SnapshotPtr &snapshot) {
  m_snapshot = snapshot;
  QStringList names, shown;
  for (const VariantRow &variant : snapshot->variants)
    names << u"%1, %2"_s.arg(toQString(variant.label), toQString(toString(variant.target)));
  for (int i = 0; i < m_variants->count(); ++i)
    shown << m_variants->itemText(i);
  if (names != shown) {
    QSignalBlocker blocker(m_variants);
    int current = m_variants->currentIndex();
    m_variants->clear();
    m_variants->addItems(names);
    m_variants->setCurrentIndex(
        std::min(current < 0 ? preferredVariant() : current, int(names.size()) - 1));
  }
  fillStages();
  showContents();
}

// From the generic variant on the left to the specialized one on the right.
int StagePane::preferredVariant() const {
  bool generic = m_side == Side::Left;
  for (std::size_t i = 0; i < m_snapshot->variants.size(); ++i)
    if ((m_snapshot->variants[i].label == "generic") == generic)
      return int(i);
  return generic ? 0 : 1;
}

void StagePane::fillStages() {
  QStringList names, shown;
  if (const VariantRow *variant = row())
    for (const StageArtifact &stage : variant->compiled.stages)
      names << toQString(stage.name);
  for (int i = 0; i < m_stages->count(); ++i)
    shown << m_stages->itemText(i);
  if (names == shown)
    return;
  QSignalBlocker blocker(m_stages);
  std::string current = stage();
  m_stages->clear();
  m_stages->addItems(names);
  chooseStage(current);
}

void StagePane::chooseVariant(int variant) {
  if (variant >= 0 && variant < m_variants->count())
    m_variants->setCurrentIndex(variant);
}

void StagePane::chooseStage(const std::string &stage) {
  int index = m_stages->findText(toQString(stage));
  if (index < 0)
    if (const VariantRow *variant = row())
      for (std::size_t i = 0; i < variant->compiled.stages.size(); ++i)
        if (variant->compiled.stages[i].isText)
          index = int(i);
  m_stages->setCurrentIndex(index);
}

void StagePane::showContents() {
  const VariantRow *variant = row();
  int index = m_stages->currentIndex();
  const StageArtifact *artifact =
      variant && index >= 0 && std::size_t(index) < variant->compiled.stages.size()
          ? &variant->compiled.stages[std::size_t(index)]
          : nullptr;
  QString note;
  std::string contents;
  if (artifact && artifact->isText) {
    contents = artifact->contents;
    note = counted(std::count(contents.begin(), contents.end(), '\n'), tr("line"), tr("lines"));
  } else if (artifact) {
    note = tr("binary, %1").arg(toQString(formatBytes(std::int64_t(artifact->contents.size()))));
  } else if (variant && !variant->error.empty()) {
    note = firstLine(toQString(variant->error));
  }
  if (artifact && artifact->nanoseconds > 0)
    note += u", "_s +
            formatTime(double(artifact->nanoseconds), timeUnitFor(double(artifact->nanoseconds)));
  m_note->setText(note);
  m_note->setToolTip(note);
  QPalette colours = palette();
  colours.setColor(QPalette::WindowText, themeOf(colours).muted);
  m_note->setPalette(colours);
  if (contents == m_contents)
    return;
  m_contents = std::move(contents);
  m_code->setContents(m_contents);
  emit contentsChanged();
}

void StagePane::showDifferences(const std::vector<Hunk> &hunks) {
  bool left = m_side == Side::Left;
  m_code->markerDeleteAll(CodePane::addedMarker);
  m_code->markerDeleteAll(CodePane::removedMarker);
  m_code->clearAnnotations();
  const Theme &theme = themeOf(palette());
  QColor base = palette().color(QPalette::Base);
  QsciStyle gap(gapStyleNumber, u"gap"_s, theme.muted, blend(theme.faint, base, 0.5),
                m_code->font(), true);
  m_code->setAnnotationDisplay(QsciScintilla::AnnotationStandard);
  for (const Hunk &hunk : hunks) {
    int first = left ? hunk.leftFirst : hunk.rightFirst;
    int count = left ? hunk.leftCount : hunk.rightCount;
    int other = left ? hunk.rightCount : hunk.leftCount;
    for (int line = first; line < first + count; ++line)
      m_code->markerAdd(line, left ? CodePane::removedMarker : CodePane::addedMarker);
    int above = first + count - 1; // the line below which the gap stands
    if (other > count && above >= 0)
      m_code->annotate(above, QString(other - count - 1, u'\n') + u' ', gap);
  }
}

} // namespace lapidary::ui
