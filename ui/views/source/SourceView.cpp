#include "ui/views/source/SourceView.h"

#include "ui/shell/Theme.h"
#include "ui/widgets/Text.h"

#include <QEvent>
#include <QFileInfo>
#include <QPainter>
#include <QSplitter>
#include <QVBoxLayout>
#include <Qsci/qscistyle.h>
#include <Qsci/qscistyledtext.h>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {

constexpr int typingPauseMs = 120;
constexpr int widthClasses = 7; // 8, 16, ... 512 bits
constexpr int noteStyleNumber = 60, errorStyleNumber = 61, warningStyleNumber = 62;

// 16 -> 1, 512 -> 6.
int widthClass(int bits) {
  int step = 0;
  while (step + 1 < widthClasses && bits >= (16 << step))
    ++step;
  return step;
}

int markerFor(const MemoryAccess &access) {
  return CodePane::firstFreeMarker + widthClass(access.bits) * 2 + (access.limit.empty() ? 0 : 1);
}

QString describe(const MemoryAccess &access) {
  QString text = SourceView::tr("%1-bit %2").arg(access.bits).arg(toQString(access.kind));
  return access.limit.empty()
             ? SourceView::tr("%1, limited by nothing").arg(text)
             : SourceView::tr("%1, limited: %2").arg(text, toQString(access.limit));
}

bool sameAccesses(const std::vector<MemoryAccess> &a, const std::vector<MemoryAccess> &b) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(), [](const MemoryAccess &x, const MemoryAccess &y) {
        return x.range == y.range && x.kind == y.kind && x.bits == y.bits && x.limit == y.limit;
      });
}

bool sameDiagnostics(const std::vector<Diagnostic> &a, const std::vector<Diagnostic> &b) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(), [](const Diagnostic &x, const Diagnostic &y) {
        return x.range == y.range && x.message == y.message && x.severity == y.severity;
      });
}

} // namespace

SourceView::SourceView(QWidget *parent) : View(parent) {
  m_outline = new OutlineModel(this);
  m_outlineList = new QListView(this);
  m_outlineList->setModel(m_outline);
  m_outlineList->setFrameShape(QFrame::NoFrame);
  m_outlineList->setUniformItemSizes(true);
  m_outlineList->setIconSize(QSize(16, 16));
  m_outlineList->setSpacing(1);
  m_outlineList->setTextElideMode(Qt::ElideRight);
  m_outlineList->setAccessibleName(tr("Kernels and helpers"));
  m_outlineList->setPalette(itemViewPalette(palette()));
  m_editor = new CodePane(CodeLanguage::Python, this);
  m_editor->setAccessibleName(tr("Kernel source"));
  m_editor->setLineTip([this](int line) { return accessTip(line); });

  auto *splitter = new QSplitter(this);
  splitter->addWidget(m_outlineList);
  splitter->addWidget(m_editor);
  splitter->setStretchFactor(1, 1);
  splitter->setSizes({144, 600});
  splitter->setHandleWidth(4);
  m_stack = new EmptyStack(splitter, this);
  auto *layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(m_stack);

  m_typing.setSingleShot(true);
  m_typing.setInterval(typingPauseMs);
  connect(&m_typing, &QTimer::timeout, this, &SourceView::flush);
  connect(m_editor, &QsciScintilla::textChanged, this, [this] {
    if (!m_loading)
      m_typing.start();
  });
  connect(m_editor, &QsciScintilla::cursorPositionChanged, this, &SourceView::cursorMoved);
  connect(m_editor, &CodePane::themeChanged, this, [this] {
    defineAccessMarkers();
    showAccesses();
  });
  connect(m_stack->emptyState(), &EmptyState::linkActivated, this, [this](const QString &link) {
    bool isSample = link != u"open"_s;
    qsizetype sample = link.toInt();
    if (!isSample || sample < m_samples.size())
      emit commandRequested(OpenFile{isSample ? m_samples[sample].toStdString() : std::string()});
  });
  auto openOutline = [this](const QModelIndex &index) {
    int line = index.data(OutlineModel::LineRole).toInt();
    m_editor->goToLine(line);
    if (index.data(OutlineModel::KernelRole).toBool())
      emit commandRequested(
          SelectKernel{index.data(OutlineModel::NameRole).toString().toStdString()});
  };
  connect(m_outlineList, &QListView::clicked, this, openOutline);
  connect(m_outlineList, &QListView::activated, this, openOutline);
  defineAccessMarkers();
  showNothing();
}

void SourceView::setSamples(const QStringList &files) {
  m_samples = files;
  if (!m_snapshot || !m_snapshot->file)
    showNothing();
}

void SourceView::showNothing() {
  QString text = tr("Drop a .py or .ttir file here, or <a href=\"open\">open a file</a>.");
  QStringList links;
  for (qsizetype i = 0; i < m_samples.size(); ++i)
    links << u"<a href=\"%1\">%2</a>"_s.arg(i).arg(
        QFileInfo(m_samples[i]).completeBaseName().toHtmlEscaped());
  if (!links.isEmpty())
    text += u"<br><br>"_s + tr("Or try a sample: %1").arg(links.join(u" \u00B7 "_s));
  m_stack->showEmpty(tr("No kernel open"), text);
}

QString SourceView::help() const {
  return tr("The kernel's source. Bars in the gutter show how many bits each load and store moves "
            "at once; orange bars are limited by something, and the note below the line says by "
            "what. Editing takes effect at once.");
}

void SourceView::setSnapshot(const SnapshotPtr &snapshot) {
  SnapshotPtr before = m_snapshot;
  m_snapshot = snapshot;
  if (!snapshot->file) {
    showNothing();
    return;
  }
  m_stack->showContent();
  if (!before || before->file != snapshot->file)
    showFile(snapshot);
  if (!before || before->kernel != snapshot->kernel || before->file != snapshot->file) {
    m_outlineList->setCurrentIndex(m_outline->indexOf(snapshot->kernel));
    showSelection(); // it may have come before the text
  }

  std::vector<Diagnostic> here;
  for (const Diagnostic &diagnostic : snapshot->diagnostics)
    if (diagnostic.range.line > 0 &&
        (diagnostic.file.empty() || diagnostic.file == snapshot->file->path))
      here.push_back(diagnostic);
  if (!sameDiagnostics(here, m_diagnostics)) {
    m_diagnostics = std::move(here);
    m_editor->setDiagnostics(m_diagnostics);
    showNotes();
  }
  showAccesses();
}

void SourceView::showFile(const SnapshotPtr &snapshot) {
  const KernelFile &file = *snapshot->file;
  m_outline->setFile(snapshot->file);
  m_outlineList->setVisible(!file.functions.empty());
  if (m_sync.arrived(file.path, file.text) == TextSync::Arrival::Ours)
    return;
  m_typing.stop();
  m_loading = true;
  m_editor->setContents(file.text);
  m_loading = false;
  m_diagnostics.clear();
  m_accesses.clear();
  const JitFunction *kernel = file.find(snapshot->kernel);
  m_editor->goToLine(kernel ? kernel->range.line : 1);
  m_editor->SendScintilla(QsciScintilla::SCI_SETFIRSTVISIBLELINE,
                          std::max(0, kernel ? kernel->range.line - 1 : 0));
}

void SourceView::flush() {
  if (!m_typing.isActive() && sender() != &m_typing)
    return;
  m_typing.stop();
  std::string text = m_editor->text().toStdString();
  m_sync.sent(text);
  emit commandRequested(SetText{std::move(text)});
}

const VariantRow *SourceView::shownVariant() const {
  const std::vector<VariantRow> &variants = m_snapshot->variants;
  if (selection().variant >= 0 && std::size_t(selection().variant) < variants.size())
    return &variants[std::size_t(selection().variant)];
  for (const VariantRow &variant : variants)
    if (!variant.compiled.accesses.empty())
      return &variant;
  return nullptr;
}

void SourceView::showAccesses() {
  if (!m_snapshot || !m_snapshot->file)
    return;
  const VariantRow *variant = shownVariant();
  std::vector<MemoryAccess> accesses =
      variant ? variant->compiled.accesses : std::vector<MemoryAccess>();
  bool stale = variant && variant->stale;
  bool fromTheme = sender() == m_editor;
  if (!fromTheme && sameAccesses(accesses, m_accesses) && stale == m_accessesStale)
    return;
  m_accesses = std::move(accesses);
  m_accessesStale = stale;
  for (int marker = 0; marker < widthClasses * 2; ++marker)
    m_editor->markerDeleteAll(CodePane::firstFreeMarker + marker);
  if (!m_accessesStale)
    for (const MemoryAccess &access : m_accesses)
      if (access.range.line >= 1 && access.range.line <= m_editor->lines())
        m_editor->markerAdd(access.range.line - 1, markerFor(access));
  showNotes();
}

// Below the lines: what is wrong there, then how wide its accesses are.
void SourceView::showNotes() {
  m_editor->clearAnnotations();
  const Theme &theme = themeOf(palette());
  QColor base = palette().color(QPalette::Base);
  QFont font = m_editor->font();
  font.setPointSizeF(font.pointSizeF() * 0.9);
  const QsciStyle note(noteStyleNumber, u"note"_s, theme.muted, base, font, false);
  const QsciStyle error(errorStyleNumber, u"error"_s, theme.error, base, font, false);
  const QsciStyle warning(warningStyleNumber, u"warning"_s, theme.warning, base, font, false);
  struct Note {
    QString text;
    const QsciStyle *style;
  };
  std::map<int, std::vector<Note>> notes;
  auto add = [&](int line, const QString &text, const QsciStyle &style) {
    std::vector<Note> &here = notes[line];
    if (line >= 1 && line <= m_editor->lines() &&
        std::ranges::find(here, text, &Note::text) == here.end())
      here.push_back({text, &style});
  };
  for (const Diagnostic &diagnostic : m_diagnostics)
    if (diagnostic.severity != Severity::Note)
      add(diagnostic.range.line, firstLine(toQString(diagnostic.message)),
          diagnostic.severity == Severity::Error ? error : warning);
  if (m_notesVisible && !m_accessesStale)
    for (const MemoryAccess &access : m_accesses)
      add(access.range.line, describe(access), note);
  m_editor->setAnnotationDisplay(QsciScintilla::AnnotationIndented);
  for (const auto &[line, texts] : notes) {
    QList<QsciStyledText> styled;
    for (const Note &each : texts)
      styled << QsciStyledText(styled.isEmpty() ? each.text : u'\n' + each.text, *each.style);
    if (!styled.isEmpty())
      m_editor->annotate(line - 1, styled);
  }
}

void SourceView::setNotesVisible(bool visible) {
  m_notesVisible = visible;
  showNotes();
}

QString SourceView::accessTip(int line) const {
  QStringList parts;
  for (const MemoryAccess &access : m_accesses)
    if (access.range.line == line && !parts.contains(describe(access)))
      parts << describe(access);
  return parts.join(u'\n');
}

void SourceView::defineAccessMarkers() {
  const Theme &theme = themeOf(palette());
  qreal scale = devicePixelRatioF();
  for (int step = 0; step < widthClasses; ++step) {
    for (bool limited : {false, true}) {
      QSizeF size(24, 12);
      QImage image((size * scale).toSize(), QImage::Format_ARGB32_Premultiplied);
      image.setDevicePixelRatio(scale);
      image.fill(Qt::transparent);
      QPainter painter(&image);
      painter.setRenderHint(QPainter::Antialiasing);
      QColor colour = limited ? theme.accessLimited : theme.accessWide;
      painter.setPen(Qt::NoPen);
      painter.setBrush(blend(colour, palette().color(QPalette::Base), 0.2));
      painter.drawRoundedRect(QRectF(0, 3, 24, 6), 2, 2);
      painter.setBrush(colour);
      painter.drawRoundedRect(QRectF(0, 3, std::max(3.0, 24.0 * step / (widthClasses - 1)), 6), 2,
                              2);
      painter.end();
      m_editor->markerDefine(image, CodePane::firstFreeMarker + step * 2 + (limited ? 1 : 0));
    }
  }
}

void SourceView::changeEvent(QEvent *event) {
  View::changeEvent(event);
  if (event->type() == QEvent::PaletteChange)
    m_outlineList->setPalette(itemViewPalette(palette()));
}

void SourceView::cursorMoved() {
  if (m_loading || !m_snapshot || !m_snapshot->file || !m_editor->hasFocus())
    return;
  int line = m_editor->currentLine();
  QString word = m_editor->wordAt(int(m_editor->SendScintilla(QsciScintilla::SCI_GETCURRENTPOS)));
  std::string argument;
  if (m_snapshot->launch.argument(word.toStdString()))
    argument = word.toStdString();
  select([&](Selection &next) {
    next.line = line;
    if (!argument.empty())
      next.argument = argument;
  });
  showSelection();
}

void SourceView::setSelection(const Selection &selection) {
  bool newLine = selection.line != this->selection().line;
  View::setSelection(selection);
  if (!m_snapshot || !m_snapshot->file)
    return;
  if (newLine)
    m_editor->showLine(selection.line);
  showSelection();
  showAccesses();
}

void SourceView::showSelection() {
  m_editor->setMarkedLine(selection().line);
  const JitFunction *kernel = m_snapshot->file->find(m_snapshot->kernel);
  if (kernel && kernel->file == m_snapshot->file->path)
    m_editor->markWord(toQString(selection().argument), kernel->range.line, kernel->range.endLine);
  else
    m_editor->markWord({}, 0, 0);
}

} // namespace lapidary::ui
