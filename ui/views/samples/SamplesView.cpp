#include "ui/views/samples/SamplesView.h"

#include "ui/shell/Theme.h"
#include "ui/views/samples/PointCloud.h"
#include "ui/views/samples/SampleStatistics.h"

#include <QEvent>
#include <QHelpEvent>
#include <QSignalBlocker>
#include <QToolTip>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <limits>
#include <qcustomplot.h>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {
constexpr double logarithmicFrom = 20; // ratio of largest to smallest median
}

SamplesView::SamplesView(QWidget *parent) : View(parent) {
  m_plot = new QCustomPlot(this);
  m_plot->setObjectName(u"plot"_s);
  m_plot->setMinimumHeight(96);
  m_plot->setAccessibleName(tr("Samples"));
  m_modes = new QComboBox(this);
  m_modes->setAccessibleName(tr("Mode"));
  m_modes->setToolTip(tr("hot: launches back to back; cold: caches flushed before each; batched: "
                         "many launches between two clock readings"));
  auto *content = new QWidget(this);
  auto *inner = new QVBoxLayout(content);
  inner->setContentsMargins(8, 4, 8, 4);
  inner->setSpacing(0);
  m_legend = new QLabel(this);
  m_legend->setTextFormat(Qt::RichText);
  m_scale = new QComboBox(this);
  m_scale->addItems({tr("time"), tr("time over own median")});
  m_scale->setAccessibleName(tr("Scale"));
  m_scale->setToolTip(tr("Over its own median, every variant's noise is seen on one scale"));
  auto *top = new QHBoxLayout;
  top->setContentsMargins(4, 0, 0, 0);
  top->setSpacing(8);
  top->addWidget(m_legend, 1);
  top->addWidget(m_modes);
  top->addWidget(m_scale);
  inner->addLayout(top);
  inner->addWidget(m_plot, 1);
  m_stack = new EmptyStack(content, this);
  auto *layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(m_stack);
  buildPlot();
  applyColours();
  m_plot->installEventFilter(this);
  for (QComboBox *box : {m_modes, m_scale})
    connect(box, &QComboBox::currentTextChanged, this, [this] {
      m_shown.clear();
      draw();
    });
  connect(m_plot, &QCustomPlot::mouseRelease, this,
          [this](QMouseEvent *event) { clicked(event->position()); });
  m_stack->showEmpty({}, tr("The samples of a comparison appear here as they are measured."));
}

QString SamplesView::help() const {
  return tr("Every sample as it was measured: over time, as boxes (quartiles, whiskers at 1.5 "
            "interquartile ranges) and as the share of samples at most that long. All share one "
            "time axis.");
}

void SamplesView::buildPlot() {
  m_plot->plotLayout()->clear();
  auto *margins = new QCPMarginGroup(m_plot);
  auto addRect = [this, margins](int column, double stretch) {
    auto *rect = new QCPAxisRect(m_plot);
    m_plot->plotLayout()->addElement(0, column, rect);
    m_plot->plotLayout()->setColumnStretchFactor(column, stretch);
    rect->setMinimumMargins(QMargins(8, 8, 8, 8));
    rect->setMarginGroup(QCP::msTop | QCP::msBottom, margins);
    rect->setRangeDrag(Qt::Vertical);
    rect->setRangeZoom(Qt::Vertical);
    return rect;
  };
  m_scatterRect = addRect(0, 3);
  m_boxRect = addRect(1, 1);
  m_distributionRect = addRect(2, 1.5);
  m_plot->plotLayout()->setColumnSpacing(8);
  m_scatterRect->axis(QCPAxis::atBottom)->setLabel(tr("sample"));
  m_distributionRect->axis(QCPAxis::atBottom)->setLabel(tr("share of samples"));
  m_boxRect->axis(QCPAxis::atBottom)->setTickLabels(false);
  m_boxRect->axis(QCPAxis::atBottom)->setTicks(false);
  for (QCPAxisRect *rect : {m_boxRect, m_distributionRect})
    rect->axis(QCPAxis::atLeft)->setTickLabels(false);
  auto *share = m_scatterRect->axis(QCPAxis::atLeft);
  for (QCPAxisRect *rect : {m_scatterRect, m_boxRect, m_distributionRect})
    for (QCPAxisRect *other : {m_scatterRect, m_boxRect, m_distributionRect})
      if (rect != other)
        connect(rect->axis(QCPAxis::atLeft), qOverload<const QCPRange &>(&QCPAxis::rangeChanged),
                other->axis(QCPAxis::atLeft), qOverload<const QCPRange &>(&QCPAxis::setRange));
  m_points = new PointCloud(m_scatterRect->axis(QCPAxis::atBottom), share); // the plot's
  m_selected = m_plot->addGraph(m_scatterRect->axis(QCPAxis::atBottom), share);
  m_selected->setLineStyle(QCPGraph::lsNone);
  m_plot->setAutoAddPlottableToLegend(false);
  m_plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
}

void SamplesView::applyColours() {
  const Theme &theme = themeOf(palette());
  QColor base = palette().color(QPalette::Base), text = palette().color(QPalette::Text);
  m_plot->setBackground(palette().color(QPalette::Window));
  QFont small = font();
  small.setPointSizeF(small.pointSizeF() * 0.9);
  for (QCPAxisRect *rect : {m_scatterRect, m_boxRect, m_distributionRect}) {
    rect->setBackground(base);
    for (QCPAxis *axis : rect->axes()) {
      axis->setBasePen(QPen(blend(text, base, 0.2)));
      axis->setTickPen(QPen(blend(text, base, 0.2)));
      axis->setSubTickPen(Qt::NoPen);
      axis->setTickLabelColor(theme.muted);
      axis->setLabelColor(theme.muted);
      axis->setTickLabelFont(small);
      axis->setLabelFont(small);
      axis->grid()->setPen(QPen(theme.faint, 1));
      axis->grid()->setZeroLinePen(QPen(theme.faint, 1));
    }
  }
  m_boxRect->axis(QCPAxis::atBottom)->grid()->setPen(Qt::NoPen); // one box each, nothing to read off
  m_selected->setScatterStyle(
      QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(text, 1.5), Qt::NoBrush, 10));
  for (std::size_t i = 0; i < m_series.size(); ++i) {
    QColor colour = theme.seriesColour(int(i));
    QColor veil = blend(colour, base, 0.25);
    m_points->setColour(i, colour);
    m_series[i].median->setPen(QPen(colour, 1, Qt::DashLine));
    m_series[i].distribution->setPen(QPen(colour, 1.5));
    m_series[i].box->setPen(QPen(colour, 1));
    m_series[i].box->setBrush(veil);
    m_series[i].box->setMedianPen(QPen(colour, 2));
    m_series[i].box->setWhiskerPen(QPen(colour, 1));
    m_series[i].box->setWhiskerBarPen(QPen(colour, 1));
    m_series[i].box->setOutlierStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, colour, 3));
  }
}

const std::vector<double> *SamplesView::samplesOf(int variant) const {
  if (!m_snapshot || variant < 0 || std::size_t(variant) >= m_snapshot->variants.size())
    return nullptr;
  const auto &modes = m_snapshot->variants[std::size_t(variant)].modes;
  auto found = modes.find(m_modes->currentText().toStdString());
  return found == modes.end() || found->second.samples.empty() ? nullptr : &found->second.samples;
}

void SamplesView::updateModes() {
  QStringList names;
  for (const VariantRow &row : m_snapshot->variants)
    for (const auto &[mode, samples] : row.modes)
      if (!samples.samples.empty() && !names.contains(toQString(mode)))
        names << toQString(mode);
  names.sort();
  if (names.removeOne(u"hot"_s))
    names.prepend(u"hot"_s);
  QStringList shown;
  for (int i = 0; i < m_modes->count(); ++i)
    shown << m_modes->itemText(i);
  if (names == shown)
    return;
  QSignalBlocker blocker(m_modes);
  QString current = m_modes->currentText();
  m_modes->clear();
  m_modes->addItems(names);
  m_modes->setCurrentIndex(std::max(0, int(names.indexOf(current))));
  m_modes->setVisible(names.size() > 1);
}

void SamplesView::setSnapshot(const SnapshotPtr &snapshot) {
  m_snapshot = snapshot;
  updateModes();
  draw();
}

void SamplesView::draw() {
  if (!m_snapshot)
    return;
  std::vector<Shown> wanted;
  for (int variant = 0; std::size_t(variant) < m_snapshot->variants.size(); ++variant)
    if (const std::vector<double> *samples = samplesOf(variant))
      wanted.push_back({variant, samples->size(), samples->back()});
  if (wanted.empty()) {
    m_shown.clear();
    m_stack->showEmpty({}, tr("The samples of a comparison appear here as they are measured."));
    return;
  }
  m_stack->showContent();
  if (std::equal(wanted.begin(), wanted.end(), m_shown.begin(), m_shown.end(),
                 [](const Shown &a, const Shown &b) { return a.isOf(b); }))
    return;
  std::swap(wanted, m_shown); // `wanted` holds what is drawn from here on
  double smallest = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < m_shown.size(); ++i) {
    bool known = i < wanted.size() && wanted[i].isOf(m_shown[i]);
    m_shown[i].summary = known ? wanted[i].summary : summarize(*samplesOf(m_shown[i].variant));
    smallest = std::min(smallest, m_shown[i].summary.box.low);
  }
  TimeUnit unit = timeUnitFor(smallest);
  bool unitChanged = unit.name != m_unit.name;
  m_unit = unit;
  m_scatterRect->axis(QCPAxis::atLeft)
      ->setLabel(isRelative() ? tr("time over median") : tr("time (%1)").arg(m_unit.name));
  while (m_series.size() < m_shown.size())
    addSeries();
  for (std::size_t i = 0; i < m_series.size(); ++i) {
    bool used = i < m_shown.size();
    if (!used)
      m_points->setValues(i, {});
    m_series[i].median->setVisible(used);
    m_series[i].distribution->setVisible(used);
    m_series[i].box->setVisible(used);
    if (used && (unitChanged || i >= wanted.size() || !wanted[i].isOf(m_shown[i])))
      drawSeries(i, m_shown[i]);
  }
  fitAxes();
  showLegend();
  setSelection(selection());
  m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void SamplesView::addSeries() {
  auto *left = m_scatterRect->axis(QCPAxis::atLeft);
  Series series;
  series.median = m_plot->addGraph(m_scatterRect->axis(QCPAxis::atBottom), left);
  // Time is the key here so that the steps go up with it; the axes are swapped on the plot.
  series.distribution = m_plot->addGraph(m_distributionRect->axis(QCPAxis::atLeft),
                                         m_distributionRect->axis(QCPAxis::atBottom));
  series.distribution->setLineStyle(QCPGraph::lsStepLeft);
  series.box =
      new QCPStatisticalBox(m_boxRect->axis(QCPAxis::atBottom), m_boxRect->axis(QCPAxis::atLeft));
  series.box->setWidth(0.6);
  m_series.push_back(series);
  m_points->setSeriesCount(m_series.size());
  applyColours();
}

void SamplesView::drawSeries(std::size_t position, const Shown &shown) {
  const std::vector<double> &samples = *samplesOf(shown.variant);
  QVector<double> times(qsizetype(samples.size()));
  for (std::size_t i = 0; i < samples.size(); ++i)
    times[qsizetype(i)] = scaled(shown, samples[i]);
  m_points->setValues(position, times);
  const Series &series = m_series[position];
  BoxSummary box = shown.summary.box;
  for (double *value : {&box.low, &box.lowerQuartile, &box.median, &box.upperQuartile, &box.high})
    *value = scaled(shown, *value);
  for (double &outlier : box.outliers)
    outlier = scaled(shown, outlier);
  series.median->setData({0.0, double(std::max<std::size_t>(samples.size() - 1, 1))},
                         {box.median, box.median}, true);
  series.box->setData({double(position + 1)}, {box.low}, {box.lowerQuartile}, {box.median},
                      {box.upperQuartile}, {box.high}, true);
  series.box->data()->begin()->outliers = box.outliers;
  Distribution distribution = shown.summary.distribution;
  for (double &value : distribution.values)
    value = scaled(shown, value);
  series.distribution->setData(distribution.values, distribution.fractions, true);
}

void SamplesView::fitAxes() {
  double low = std::numeric_limits<double>::infinity(), high = 0, count = 1;
  double lowest = low, highest = 0;
  for (const Shown &shown : m_shown) {
    low = std::min(low, scaled(shown, shown.summary.box.low));
    high = std::max(high, scaled(shown, shown.summary.box.high));
    lowest = std::min(lowest, shown.summary.box.median);
    highest = std::max(highest, shown.summary.box.median);
    count = std::max(count, double(shown.count));
  }
  bool logarithmic = !isRelative() && lowest > 0 && highest / lowest > logarithmicFrom;
  double margin = std::max((high - low) * 0.08, high * 0.002);
  for (QCPAxisRect *rect : {m_scatterRect, m_boxRect, m_distributionRect}) {
    QCPAxis *axis = rect->axis(QCPAxis::atLeft);
    bool wasLogarithmic = axis->scaleType() == QCPAxis::stLogarithmic;
    if (logarithmic != wasLogarithmic) {
      axis->setScaleType(logarithmic ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
      axis->setTicker(logarithmic ? QSharedPointer<QCPAxisTicker>(new QCPAxisTickerLog)
                                  : QSharedPointer<QCPAxisTicker>(new QCPAxisTicker));
    }
  }
  m_scatterRect->axis(QCPAxis::atLeft)
      ->setRange(logarithmic ? low * 0.8 : std::max(0.0, low - margin),
                 logarithmic ? high * 1.25 : high + margin);
  m_scatterRect->axis(QCPAxis::atBottom)->setRange(-count * 0.01, count * 1.01);
  m_boxRect->axis(QCPAxis::atBottom)->setRange(0.3, double(m_shown.size()) + 0.7);
  m_distributionRect->axis(QCPAxis::atBottom)->setRange(0, 1.02);
}

bool SamplesView::isRelative() const {
  return m_scale->currentIndex() == 1;
}

double SamplesView::scaled(const Shown &shown, double nanoseconds) const {
  if (!isRelative())
    return nanoseconds / m_unit.nanoseconds;
  return shown.summary.box.median > 0 ? nanoseconds / shown.summary.box.median : 0;
}

const SamplesView::Shown *SamplesView::shownOf(int variant) const {
  auto found = std::ranges::find(m_shown, variant, &Shown::variant);
  return found == m_shown.end() ? nullptr : &*found;
}

// Outliers far away are left out of the axes so that the rest can be read; this says how many.
QString SamplesView::outsideText() const {
  QCPRange range = m_scatterRect->axis(QCPAxis::atLeft)->range();
  int above = 0;
  for (const Shown &shown : m_shown)
    for (double outlier : shown.summary.box.outliers)
      above += scaled(shown, outlier) > range.upper;
  return above > 0 ? tr("%1 above the axis; scroll to zoom out")
                         .arg(counted(above, tr("sample"), tr("samples")))
                   : QString();
}

void SamplesView::showLegend() {
  const Theme &theme = themeOf(palette());
  QStringList parts;
  for (std::size_t i = 0; i < m_shown.size(); ++i) {
    const VariantRow &row = m_snapshot->variants[std::size_t(m_shown[i].variant)];
    parts << u"<span style='color:%1'>\u25A0</span> %2, %3"_s.arg(
        theme.seriesColour(int(i)).name(), toQString(row.label).toHtmlEscaped(),
        toQString(toString(row.target)));
  }
  if (QString outside = outsideText(); !outside.isEmpty())
    parts << u"<span style='color:%1'>%2</span>"_s.arg(theme.muted.name(), outside);
  m_legend->setText(parts.join(u" &nbsp; "_s));
}

QPointF SamplesView::pixelOf(int variant, int sample) const {
  const std::vector<double> *samples = samplesOf(variant);
  const Shown *shown = shownOf(variant);
  if (!shown || !samples || sample < 0 || std::size_t(sample) >= samples->size())
    return {-1e6, -1e6};
  return {m_scatterRect->axis(QCPAxis::atBottom)->coordToPixel(sample),
          m_scatterRect->axis(QCPAxis::atLeft)
              ->coordToPixel(scaled(*shown, (*samples)[std::size_t(sample)]))};
}

void SamplesView::clicked(const QPointF &position) {
  int bestVariant = -1, bestSample = -1;
  double bestDistance = 12; // pixels
  int near = int(std::lround(m_scatterRect->axis(QCPAxis::atBottom)->pixelToCoord(position.x())));
  for (const Shown &shown : m_shown)
    for (int index = near - 8; index <= near + 8; ++index) {
      QPointF away = pixelOf(shown.variant, index) - position;
      double distance = std::hypot(away.x(), away.y());
      if (distance < bestDistance) {
        bestDistance = distance;
        bestVariant = shown.variant;
        bestSample = index;
      }
    }
  if (bestSample < 0)
    return;
  select([&](Selection &next) {
    next.variant = bestVariant;
    next.sample = bestSample;
  });
  setSelection(selection());
  m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void SamplesView::setSelection(const Selection &selection) {
  View::setSelection(selection);
  const std::vector<double> *samples = samplesOf(selection.variant);
  const Shown *shown = shownOf(selection.variant);
  if (!samples || selection.sample < 0 || std::size_t(selection.sample) >= samples->size())
    shown = nullptr;
  bool was = m_selected->dataCount() > 0;
  if (shown)
    m_selected->setData({double(selection.sample)},
                        {scaled(*shown, (*samples)[std::size_t(selection.sample)])}, true);
  else
    m_selected->setData({}, {}, true);
  if (shown || was)
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

bool SamplesView::eventFilter(QObject *watched, QEvent *event) {
  if (watched == m_plot && event->type() == QEvent::ToolTip && m_snapshot) {
    auto *help = static_cast<QHelpEvent *>(event);
    QPointF position = help->pos();
    QString tip;
    if (m_scatterRect->rect().contains(help->pos()))
      for (const Shown &shown : m_shown) {
        const std::vector<double> &samples = *samplesOf(shown.variant);
        int index =
            int(std::lround(m_scatterRect->axis(QCPAxis::atBottom)->pixelToCoord(position.x())));
        if (index < 0 || std::size_t(index) >= samples.size())
          continue;
        tip += tr("%1, sample %2: %3\n")
                   .arg(toQString(m_snapshot->variants[std::size_t(shown.variant)].label))
                   .arg(index)
                   .arg(formatTime(samples[std::size_t(index)], m_unit));
      }
    QToolTip::showText(help->globalPos(), tip.trimmed(), m_plot);
    return true;
  }
  return View::eventFilter(watched, event);
}

void SamplesView::changeEvent(QEvent *event) {
  View::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) {
    applyColours();
    if (m_snapshot)
      showLegend();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
  }
}

} // namespace lapidary::ui
