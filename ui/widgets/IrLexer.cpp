#include "ui/widgets/IrLexer.h"

#include <Qsci/qsciscintilla.h>
#include <QByteArray>

namespace lapidary::ui {

namespace {

bool isWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '$';
}

bool isDigit(char c) { return c >= '0' && c <= '9'; }

// "i32", "f16", "bf16", "index", "ptr", "void", "float", "half", "double": types of MLIR and LLVM IR.
bool isType(const QByteArray &word) {
  static const QList<QByteArray> names = {"index", "ptr",  "void",   "float", "half",
                                          "double", "bfloat", "tensor", "vector", "label"};
  if (names.contains(word))
    return true;
  qsizetype digits = word.startsWith("bf") ? 2 : 1;
  if (word.size() <= digits || (word[0] != 'i' && word[0] != 'f' && digits == 1))
    return false;
  for (qsizetype i = digits; i < word.size(); ++i)
    if (!isDigit(word[i]))
      return false;
  return true;
}

} // namespace

QString IrLexer::description(int style) const {
  static constexpr const char *names[] = {"Plain",  "Comment", "Value",     "Symbol", "Number",
                                          "String", "Type",    "Operation", "Label"};
  return style >= 0 && style <= Label ? QLatin1String(names[style]) : QString();
}

void IrLexer::styleText(int start, int end) {
  QsciScintilla *pane = editor();
  if (!pane)
    return;
  // Every token lies on one line, so styling starts anew at the line's beginning.
  int line = int(pane->SendScintilla(QsciScintilla::SCI_LINEFROMPOSITION, start));
  start = int(pane->SendScintilla(QsciScintilla::SCI_POSITIONFROMLINE, line));
  QByteArray text(end - start + 1, '\0');
  pane->SendScintilla(QsciScintilla::SCI_GETTEXTRANGE, start, end, text.data());
  text.chop(1);

  startStyling(start);
  bool firstWord = true;
  for (qsizetype i = 0, n = text.size(); i < n;) {
    char c = text[i];
    qsizetype from = i;
    int style = Plain;
    auto word = [&] {
      while (i < n && isWord(text[i]))
        ++i;
    };
    if ((c == '/' && i + 1 < n && text[i + 1] == '/') || c == ';' ||
        (c == '#' && (firstWord || (i + 1 < n && text[i + 1] == ' ')))) {
      while (i < n && text[i] != '\n')
        ++i;
      style = Comment;
    } else if (c == '"') {
      ++i;
      while (i < n && text[i] != '"' && text[i] != '\n')
        i += text[i] == '\\' ? 2 : 1;
      i = std::min(i + 1, n);
      style = String;
    } else if (c == '%' || c == '@' || c == '^') {
      ++i;
      word();
      style = c == '@' ? Symbol : Value;
      firstWord = false;
    } else if (isDigit(c)) {
      word();
      style = Number;
    } else if (isWord(c)) {
      word();
      QByteArray token = text.mid(from, i - from);
      if (i < n && text[i] == ':' && firstWord)
        style = Label;
      else if (isType(token))
        style = Type;
      else if (firstWord || token.contains('.'))
        style = Operation;
      firstWord = firstWord && style == Plain;
    } else {
      ++i;
      if (c == '\n')
        firstWord = true;
      else if (c == '=')
        firstWord = true; // the operation follows "%x ="
    }
    setStyling(int(i - from), style);
  }
}

} // namespace lapidary::ui
