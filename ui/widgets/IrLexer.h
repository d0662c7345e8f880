// Colours for what the compiler prints: MLIR, LLVM IR and assembly. They share enough (comments,
// %values, @symbols, numbers, strings, a first word) for one small scanner.
#pragma once

#include <Qsci/qscilexercustom.h>

namespace lapidary::ui {

class IrLexer : public QsciLexerCustom {
  Q_OBJECT
public:
  enum Style { Plain, Comment, Value, Symbol, Number, String, Type, Operation, Label };

  explicit IrLexer(QObject *parent = nullptr) : QsciLexerCustom(parent) {}
  const char *language() const override { return "IR"; }
  QString description(int style) const override;
  void styleText(int start, int end) override;
};

} // namespace lapidary::ui
