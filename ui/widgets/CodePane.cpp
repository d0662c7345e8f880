#include "ui/widgets/CodePane.h"

#include "ui/shell/Theme.h"
#include "ui/widgets/IrLexer.h"
#include "ui/widgets/Text.h"

#include <QEvent>
#include <QFontDatabase>
#include <QHelpEvent>
#include <QScrollBar>
#include <QToolTip>
#include <Qsci/qscilexerpython.h>

namespace lapidary::ui {

namespace {

constexpr int errorIndicator = 8, warningIndicator = 9, wordIndicator = 10;
constexpr int symbolMarginPixels = 28;

// Scintilla takes colours as 0x00BBGGRR.
long scintillaColour(const QColor &colour) {
  return colour.red() | (colour.green() << 8) | (colour.blue() << 16);
}

} // namespace

CodePane::CodePane(CodeLanguage language, QWidget *parent)
    : QsciScintilla(parent), m_language(language) {
  setUtf8(true);
  setFrameShape(QFrame::NoFrame);
  setIndentationsUseTabs(false);
  setTabWidth(4);
  setAutoIndent(language == CodeLanguage::Python);
  setBraceMatching(language == CodeLanguage::Python ? SloppyBraceMatch : NoBraceMatch);
  setReadOnly(language != CodeLanguage::Python);
  setCaretLineVisible(true);
  setWrapMode(WrapNone);
  SendScintilla(SCI_SETSCROLLWIDTHTRACKING, 1ul);
  SendScintilla(SCI_SETSCROLLWIDTH, 1ul);
  SendScintilla(SCI_SETEXTRAASCENT, 1ul);
  SendScintilla(SCI_SETEXTRADESCENT, 1ul);
  SendScintilla(SCI_SETMARGINLEFT, 0ul, 4L);
  setMarginType(0, NumberMargin);
  setMarginType(accessMargin, SymbolMargin);
  setMarginWidth(accessMargin, language == CodeLanguage::Python ? symbolMarginPixels : 0);
  setMarginMarkerMask(accessMargin, accessMask);
  setMarginMarkerMask(0, 0);
  for (int i = 2; i < 5; ++i)
    setMarginWidth(i, 0);
  if (language == CodeLanguage::Python)
    setLexer(new QsciLexerPython(this));
  else if (language == CodeLanguage::Ir)
    setLexer(new IrLexer(this));
  viewport()->installEventFilter(this);
  connect(this, &QsciScintilla::linesChanged, this, &CodePane::fitLineNumbers);
  applyColours();
  fitLineNumbers();
}

// Hands the bytes over as they are: a stage can have megabytes, and QString would copy them twice.
void CodePane::setContents(std::string_view text) {
  int first = firstVisibleLine();
  bool readOnly = isReadOnly();
  setReadOnly(false);
  SendScintilla(SCI_CLEARALL);
  SendScintilla(SCI_APPENDTEXT, text.size(), text.data());
  SendScintilla(SCI_EMPTYUNDOBUFFER);
  setModified(false);
  setReadOnly(readOnly);
  SendScintilla(SCI_SETFIRSTVISIBLELINE, first);
  fitLineNumbers();
}

void CodePane::setDiagnostics(const std::vector<Diagnostic> &diagnostics) {
  m_diagnostics = diagnostics;
  long length = SendScintilla(SCI_GETLENGTH);
  for (int indicator : {errorIndicator, warningIndicator}) {
    SendScintilla(SCI_SETINDICATORCURRENT, indicator);
    SendScintilla(SCI_INDICATORCLEARRANGE, 0ul, length);
  }
  auto position = [this](int line, int column) {
    long start = SendScintilla(SCI_POSITIONFROMLINE, std::max(line - 1, 0));
    long end = SendScintilla(SCI_GETLINEENDPOSITION, std::max(line - 1, 0));
    return std::min(start + std::max(column - 1, 0), end);
  };
  for (const Diagnostic &diagnostic : m_diagnostics) {
    if (diagnostic.range.line < 1 || diagnostic.severity == Severity::Note)
      continue;
    long from = position(diagnostic.range.line, diagnostic.range.column);
    long to = position(diagnostic.range.endLine, diagnostic.range.endColumn);
    if (to <= from)
      to = std::min(from + 1, length);
    if (to == from && from > 0)
      --from;
    SendScintilla(SCI_SETINDICATORCURRENT, diagnostic.severity == Severity::Error
                                               ? errorIndicator
                                               : warningIndicator);
    SendScintilla(SCI_INDICATORFILLRANGE, from, to - from);
  }
}

int CodePane::currentLine() const {
  return int(SendScintilla(SCI_LINEFROMPOSITION, SendScintilla(SCI_GETCURRENTPOS))) + 1;
}

void CodePane::showLine(int line) {
  if (line < 1)
    return;
  long display = SendScintilla(SCI_VISIBLEFROMDOCLINE, line - 1);
  long first = SendScintilla(SCI_GETFIRSTVISIBLELINE);
  long visible = SendScintilla(SCI_LINESONSCREEN);
  if (display >= first && display < first + visible)
    return;
  SendScintilla(SCI_SETFIRSTVISIBLELINE, std::max(0L, display - visible / 3));
}

void CodePane::goToLine(int line) {
  SendScintilla(SCI_GOTOLINE, std::max(line - 1, 0));
  showLine(line);
}

void CodePane::setMarkedLine(int line) {
  if (line == m_markedLine)
    return;
  markerDeleteAll(selectedMarker);
  m_markedLine = line;
  if (line > 0)
    markerAdd(line - 1, selectedMarker);
}

QString CodePane::wordAt(int position) const {
  if (position < 0)
    return {};
  long start = SendScintilla(SCI_WORDSTARTPOSITION, position, long(true));
  long end = SendScintilla(SCI_WORDENDPOSITION, position, long(true));
  return end > start ? text(int(start), int(end)) : QString();
}

void CodePane::markWord(const QString &word, int firstLine, int lastLine) {
  SendScintilla(SCI_SETINDICATORCURRENT, wordIndicator);
  SendScintilla(SCI_INDICATORCLEARRANGE, 0ul, SendScintilla(SCI_GETLENGTH));
  if (word.isEmpty() || firstLine < 1)
    return;
  QByteArray needle = word.toUtf8();
  long end = SendScintilla(SCI_GETLINEENDPOSITION, std::max(lastLine, firstLine) - 1);
  SendScintilla(SCI_SETSEARCHFLAGS, long(SCFIND_WHOLEWORD | SCFIND_MATCHCASE));
  for (long from = SendScintilla(SCI_POSITIONFROMLINE, firstLine - 1); from < end;) {
    SendScintilla(SCI_SETTARGETSTART, from);
    SendScintilla(SCI_SETTARGETEND, end);
    long found = SendScintilla(SCI_SEARCHINTARGET, ulong(needle.size()), needle.constData());
    if (found < 0)
      break;
    SendScintilla(SCI_INDICATORFILLRANGE, found, long(needle.size()));
    from = found + needle.size();
  }
}

void CodePane::fitLineNumbers() {
  int digits = std::max(2, int(QString::number(lines()).size()));
  setMarginWidth(0, QString(digits + 1, QLatin1Char('9')));
}

void CodePane::changeEvent(QEvent *event) {
  QsciScintilla::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange)
    applyColours();
}

void CodePane::applyColours() {
  const Theme &theme = themeOf(palette());
  QColor base = palette().color(QPalette::Base), text = palette().color(QPalette::Text);
  QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
  setFont(font);
  setPaper(base);
  setColor(text);
  applyLexerColours();
  setMarginsFont(font);
  setMarginsBackgroundColor(base);
  setMarginsForegroundColor(blend(theme.muted, base, 0.75));
  setMarginBackgroundColor(accessMargin, base);
  setCaretForegroundColor(text);
  setCaretLineBackgroundColor(blend(text, base, 0.05));
  setSelectionBackgroundColor(blend(palette().color(QPalette::Highlight), base, 0.35));
  resetSelectionForegroundColor();
  setMatchedBraceBackgroundColor(theme.mark);
  setMatchedBraceForegroundColor(text);
  setUnmatchedBraceForegroundColor(theme.error);
  setFoldMarginColors(base, base);
  setIndentationGuidesForegroundColor(theme.faint);

  auto indicator = [this](int number, int style, const QColor &colour) {
    SendScintilla(SCI_INDICSETSTYLE, number, long(style));
    SendScintilla(SCI_INDICSETFORE, number, scintillaColour(colour));
  };
  indicator(errorIndicator, INDIC_SQUIGGLE, theme.error);
  indicator(warningIndicator, INDIC_SQUIGGLE, theme.warning);
  indicator(wordIndicator, INDIC_STRAIGHTBOX, theme.accessLimited);
  SendScintilla(SCI_INDICSETUNDER, wordIndicator, 1L);
  SendScintilla(SCI_INDICSETALPHA, wordIndicator, theme.dark ? 80L : 50L);
  SendScintilla(SCI_INDICSETOUTLINEALPHA, wordIndicator, theme.dark ? 140L : 110L);

  auto lineBackground = [this](int number, const QColor &colour) {
    markerDefine(Background, number);
    setMarkerBackgroundColor(colour, number);
  };
  lineBackground(addedMarker, theme.added);
  lineBackground(removedMarker, theme.removed);
  lineBackground(selectedMarker, blend(palette().color(QPalette::Highlight), base, 0.18));
  emit themeChanged();
}

void CodePane::applyLexerColours() {
  QsciLexer *lexer = this->lexer();
  if (!lexer)
    return;
  const SyntaxColours &colours = themeOf(palette()).syntax;
  QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
  lexer->setDefaultFont(font);
  lexer->setDefaultColor(colours.name);
  lexer->setDefaultPaper(palette().color(QPalette::Base));
  for (int style = 0; style < 128; ++style) {
    if (lexer->description(style).isEmpty())
      continue;
    lexer->setFont(font, style);
    lexer->setColor(colours.name, style);
    lexer->setPaper(palette().color(QPalette::Base), style);
    lexer->setEolFill(false, style);
  }
  using Python = QsciLexerPython;
  static const std::pair<int, QColor SyntaxColours::*> python[] = {
      {Python::Comment, &SyntaxColours::comment},
      {Python::CommentBlock, &SyntaxColours::comment},
      {Python::Number, &SyntaxColours::number},
      {Python::DoubleQuotedString, &SyntaxColours::string},
      {Python::SingleQuotedString, &SyntaxColours::string},
      {Python::TripleDoubleQuotedString, &SyntaxColours::string},
      {Python::TripleSingleQuotedString, &SyntaxColours::string},
      {Python::UnclosedString, &SyntaxColours::string},
      {Python::DoubleQuotedFString, &SyntaxColours::string},
      {Python::SingleQuotedFString, &SyntaxColours::string},
      {Python::Keyword, &SyntaxColours::keyword},
      {Python::ClassName, &SyntaxColours::type},
      {Python::FunctionMethodName, &SyntaxColours::function},
      {Python::Operator, &SyntaxColours::operatorColour},
      {Python::Decorator, &SyntaxColours::decorator},
  };
  static const std::pair<int, QColor SyntaxColours::*> ir[] = {
      {IrLexer::Comment, &SyntaxColours::comment}, {IrLexer::Value, &SyntaxColours::number},
      {IrLexer::Symbol, &SyntaxColours::function}, {IrLexer::Number, &SyntaxColours::number},
      {IrLexer::String, &SyntaxColours::string},   {IrLexer::Type, &SyntaxColours::type},
      {IrLexer::Operation, &SyntaxColours::keyword}, {IrLexer::Label, &SyntaxColours::decorator},
  };
  if (m_language == CodeLanguage::Python)
    for (const auto &[style, member] : python)
      lexer->setColor(colours.*member, style);
  else
    for (const auto &[style, member] : ir)
      lexer->setColor(colours.*member, style);
}

QString CodePane::tipAt(int position) const {
  if (position < 0)
    return {};
  int line = int(SendScintilla(SCI_LINEFROMPOSITION, position)) + 1;
  int column = position - int(SendScintilla(SCI_POSITIONFROMLINE, line - 1)) + 1;
  QStringList parts;
  for (const Diagnostic &diagnostic : m_diagnostics) {
    const SourceRange &range = diagnostic.range;
    bool after = line > range.line || (line == range.line && column >= range.column);
    bool before = line < range.endLine || (line == range.endLine && column <= range.endColumn);
    if (!after || !before)
      continue;
    parts << toQString(diagnostic.message);
    for (const DiagnosticNote &note : diagnostic.notes)
      parts << toQString(note.message);
  }
  if (m_lineTip)
    if (QString tip = m_lineTip(line); !tip.isEmpty())
      parts << tip;
  return parts.join(QLatin1Char('\n'));
}

bool CodePane::eventFilter(QObject *watched, QEvent *event) {
  if (watched == viewport() && event->type() == QEvent::ToolTip) {
    auto *help = static_cast<QHelpEvent *>(event);
    long position = SendScintilla(SCI_POSITIONFROMPOINT, help->x(), long(help->y()));
    QString tip = tipAt(int(position));
    if (tip.isEmpty())
      QToolTip::hideText();
    else
      QToolTip::showText(help->globalPos(), tip, viewport());
    return true;
  }
  return QsciScintilla::eventFilter(watched, event);
}

} // namespace lapidary::ui
