#include "ui/views/comparison/ComparisonView.h"

#include "ui/shell/Theme.h"
#include "ui/widgets/Text.h"

#include <QEvent>
#include <QScrollArea>
#include <QVBoxLayout>
#include <algorithm>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {

constexpr int tileWidth = 168;

QLabel *makeLabel(QWidget *parent, double size, bool strong) {
  auto *label = new QLabel(parent);
  QFont font = label->font();
  font.setPointSizeF(font.pointSizeF() * size);
  if (strong)
    font.setWeight(QFont::DemiBold);
  label->setFont(font);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  return label;
}

void paintLabel(QLabel *label, const QColor &colour) {
  QPalette palette = label->parentWidget()->palette();
  palette.setColor(QPalette::WindowText, colour);
  label->setPalette(palette);
}

} // namespace

ComparisonView::ComparisonView(QWidget *parent) : View(parent) {
  auto *scroll = new QScrollArea(this);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setAccessibleName(tr("Comparison"));
  auto *content = new QWidget(scroll);
  scroll->setWidget(content);
  m_headline = makeLabel(content, 1.8, true);
  m_subject = makeLabel(content, 1, false);
  m_detail = makeLabel(content, 1, false);
  m_detail->setWordWrap(true);
  m_scale = new RatioScale(content);
  auto *words = new QVBoxLayout;
  words->setSpacing(0);
  words->addWidget(m_headline);
  words->addWidget(m_subject);
  words->addStretch(1);
  auto *top = new QHBoxLayout;
  top->setSpacing(24);
  top->addLayout(words);
  top->addWidget(m_scale, 1);
  m_tileLayout = new QGridLayout;
  m_tileLayout->setHorizontalSpacing(8);
  m_tileLayout->setVerticalSpacing(8);
  auto *layout = new QVBoxLayout(content);
  layout->setContentsMargins(12, 8, 12, 8);
  layout->setSpacing(8);
  layout->addLayout(top);
  layout->addWidget(m_detail);
  layout->addLayout(m_tileLayout);
  layout->addStretch(1);
  m_stack = new EmptyStack(scroll, this);
  auto *outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->addWidget(m_stack);
  connect(m_stack->emptyState(), &EmptyState::linkActivated, this,
          [this] { emit commandRequested(Compare{}); });
  m_stack->showEmpty({}, tr("What specializing is worth appears here once a kernel is compared."));
}

QString ComparisonView::help() const {
  return tr(
      "The selected variant against its generic twin: how many times as fast, the interval "
      "that holds the ratio with 95 % confidence, and the band of noise around 1. Below, what "
      "the compiler made differently.");
}

void ComparisonView::setSnapshot(const SnapshotPtr &snapshot) {
  m_snapshot = snapshot;
  showComparison();
}

void ComparisonView::setSelection(const Selection &selection) {
  bool changed = selection.variant != this->selection().variant;
  View::setSelection(selection);
  if (changed && m_snapshot)
    showComparison();
}

void ComparisonView::showComparison() {
  m_comparison = comparisonOf(*m_snapshot, selection().variant);
  if (!m_comparison) {
    if (!m_snapshot->file || m_snapshot->kernel.empty())
      m_stack->showEmpty({},
                         tr("What specializing is worth appears here once a kernel is compared."));
    else
      m_stack->showEmpty(
          tr("Nothing compared yet"),
          tr("<a href=\"compare\">Compare</a> measures the specialized kernel against "
             "its generic twin."));
    return;
  }
  m_stack->showContent();
  m_headline->setText(m_comparison->headline);
  m_subject->setText(m_comparison->isStale ? tr("%1, out of date").arg(m_comparison->subject)
                                           : m_comparison->subject);
  m_detail->setText(m_comparison->detail);
  m_scale->setComparison(*m_comparison);
  showDeltas(m_comparison->deltas);
  applyColours();
}

ComparisonView::Tile ComparisonView::addTile() {
  Tile tile;
  tile.frame = new QWidget(this);
  tile.frame->setProperty("tile", true); // for the style sheet
  tile.frame->setAttribute(Qt::WA_StyledBackground);
  tile.name = makeLabel(tile.frame, 0.9, false);
  tile.values = makeLabel(tile.frame, 1, true);
  tile.change = makeLabel(tile.frame, 1, false);
  auto *line = new QHBoxLayout;
  line->setSpacing(8);
  line->addWidget(tile.values);
  line->addStretch(1);
  line->addWidget(tile.change);
  auto *layout = new QVBoxLayout(tile.frame);
  layout->setContentsMargins(8, 4, 8, 4);
  layout->setSpacing(0);
  layout->addWidget(tile.name);
  layout->addLayout(line);
  return tile;
}

// As many beside each other as fit.
void ComparisonView::placeTiles() {
  int columns =
      std::clamp((m_stack->width() - 24) / tileWidth, 1, std::max(1, int(m_tiles.size())));
  if (columns == m_columns && m_tileLayout->count() == int(m_tiles.size()))
    return;
  for (int i = 0; i < m_columns; ++i)
    m_tileLayout->setColumnStretch(i, 0);
  m_columns = columns;
  for (std::size_t i = 0; i < m_tiles.size(); ++i) {
    m_tileLayout->removeWidget(m_tiles[i].frame);
    m_tileLayout->addWidget(m_tiles[i].frame, int(i) / columns, int(i) % columns);
  }
  for (int i = 0; i < columns; ++i)
    m_tileLayout->setColumnStretch(i, 1);
}

void ComparisonView::resizeEvent(QResizeEvent *event) {
  View::resizeEvent(event);
  placeTiles();
}

void ComparisonView::showDeltas(const std::vector<Delta> &deltas) {
  while (m_tiles.size() < deltas.size())
    m_tiles.push_back(addTile());
  placeTiles();
  for (std::size_t i = 0; i < m_tiles.size(); ++i) {
    m_tiles[i].frame->setVisible(i < deltas.size());
    if (i >= deltas.size())
      continue;
    const Delta &delta = deltas[i];
    m_tiles[i].name->setText(delta.name);
    m_tiles[i].values->setText(delta.before == delta.after
                                   ? delta.after
                                   : u"%1 \u2192 %2"_s.arg(delta.before, delta.after));
    m_tiles[i].change->setText(delta.change);
    m_tiles[i].frame->setToolTip(tr("%1: %2 in the generic variant, %3 in this one")
                                     .arg(delta.name, delta.before, delta.after));
  }
}

void ComparisonView::applyColours() {
  const Theme &theme = themeOf(palette());
  auto colourOf = [&](int judgement) {
    return judgement > 0 ? theme.success : judgement < 0 ? theme.error : theme.muted;
  };
  if (!m_comparison)
    return;
  QColor text = palette().color(QPalette::WindowText);
  paintLabel(m_headline,
             m_comparison->isStale
                 ? theme.muted
                 : (m_comparison->judgement == 0 ? text : colourOf(m_comparison->judgement)));
  paintLabel(m_subject, theme.muted);
  paintLabel(m_detail, theme.muted);
  for (std::size_t i = 0; i < m_comparison->deltas.size() && i < m_tiles.size(); ++i) {
    paintLabel(m_tiles[i].name, theme.muted);
    paintLabel(m_tiles[i].change, colourOf(m_comparison->deltas[i].judgement));
  }
}

QString ComparisonView::text() const {
  if (!m_comparison)
    return {};
  QStringList lines{m_headline->text(), m_subject->text(), m_detail->text()};
  for (const Delta &delta : m_comparison->deltas)
    lines << u"%1: %2 -> %3, %4"_s.arg(delta.name, delta.before, delta.after, delta.change);
  return lines.join(u'\n').replace(QChar(0x00A0), u' ');
}

void ComparisonView::changeEvent(QEvent *event) {
  View::changeEvent(event);
  if (event->type() == QEvent::PaletteChange)
    applyColours();
}

} // namespace lapidary::ui
