// A code pane: QScintilla dressed in the theme's colours, for the source (editable Python) and the
// stages (read-only IR and assembly). Line numbers, the caret's line, squiggles with tooltips.
//
// Lines count from 1 outside this class, columns in UTF-8 bytes from 1, as in Diagnostic.h.
#pragma once

#include "core/support/Diagnostic.h"

#include <Qsci/qsciscintilla.h>
#include <functional>
#include <string_view>

namespace lapidary::ui {

enum class CodeLanguage { Python, Ir, Plain };

class CodePane : public QsciScintilla {
  Q_OBJECT
public:
  explicit CodePane(CodeLanguage language, QWidget *parent = nullptr);

  void setContents(std::string_view text); // UTF-8; keeps the scroll position when it can
  void setDiagnostics(const std::vector<Diagnostic> &diagnostics);

  int currentLine() const;       // from 1
  void showLine(int line);       // scrolls only when the line is out of sight
  void goToLine(int line);       // moves the caret too
  void setMarkedLine(int line);  // the selection of the other panes; 0: none
  QString wordAt(int position) const;
  // Marks every occurrence of a whole word on the given lines.
  void markWord(const QString &word, int firstLine, int lastLine);

  // Text for the tooltip over a line (from 1), on top of what the diagnostics say there.
  void setLineTip(std::function<QString(int line)> tip) { m_lineTip = std::move(tip); }

  static constexpr int accessMargin = 1;
  static constexpr int firstFreeMarker = 0; // 0..15 belong to the owner
  static constexpr int addedMarker = 16, removedMarker = 17, selectedMarker = 18;
  static constexpr int accessMask = 0xFFFF;

signals:
  void themeChanged(); // colours were applied anew

protected:
  void changeEvent(QEvent *event) override;
  bool eventFilter(QObject *watched, QEvent *event) override;

private:
  void applyColours();
  void applyLexerColours();
  QString tipAt(int position) const;
  void fitLineNumbers();

  CodeLanguage m_language;
  std::vector<Diagnostic> m_diagnostics;
  std::function<QString(int)> m_lineTip;
  int m_markedLine = 0;
};

} // namespace lapidary::ui
