#include "core/support/Diagnostic.h"

#include <gtest/gtest.h>

using namespace lapidary;

static Diagnostic at(SourceRange range) {
  Diagnostic diagnostic;
  diagnostic.file = "k.py";
  diagnostic.range = range;
  diagnostic.message = "unknown name";
  return diagnostic;
}

TEST(Diagnostic, PlaceAndCaret) {
  std::string text = "def f():\n\treturn wrong\r\n";
  EXPECT_EQ(formatDiagnostic(at({2, 9, 2, 14}), &text), "k.py:2:9: error: unknown name\n"
                                                        "\treturn wrong\n"
                                                        "\t       ^~~~~");
}

TEST(Diagnostic, CaretStandsUnderTheCharacterNotTheByte) {
  std::string text = "s = 'äö' + x";
  EXPECT_EQ(formatDiagnostic(at({1, 14, 1, 15}), &text), "k.py:1:14: error: unknown name\n"
                                                         "s = 'äö' + x\n"
                                                         "           ^");
}

TEST(Diagnostic, RangesOverSeveralLinesEndWithTheFirst) {
  std::string text = "a = (1 +\n  2)\n";
  EXPECT_EQ(formatDiagnostic(at({1, 5, 2, 5}), &text), "k.py:1:5: error: unknown name\n"
                                                       "a = (1 +\n"
                                                       "    ^~~~");
}

TEST(Diagnostic, PlacesOutsideTheTextDoNoHarm) {
  std::string text = "one\n";
  for (SourceRange range :
       {SourceRange{9, 1, 9, 2}, SourceRange{1, 99, 1, 120}, SourceRange{1, 4, 1, 4},
        SourceRange{1, 3, 1, 1}, SourceRange{1, 0, 0, 0}})
    EXPECT_NE(formatDiagnostic(at(range), &text).find("error: unknown name"), std::string::npos);
  EXPECT_EQ(formatDiagnostic(at({1, 4, 1, 4}), &text), "k.py:1:4: error: unknown name\none\n   ^");
}

TEST(Diagnostic, WholeFileAndNoFile) {
  EXPECT_EQ(formatDiagnostic(at({})), "k.py: error: unknown name");
  Diagnostic bare;
  bare.severity = Severity::Warning;
  bare.message = "odd";
  EXPECT_EQ(formatDiagnostic(bare), "warning: odd");
  bare.range = {3, 1, 3, 2};
  EXPECT_EQ(formatDiagnostic(bare), "line 3:1: warning: odd");
}

TEST(Diagnostic, NotesFollowWithTheirOwnPlace) {
  std::string text = "x = 1\ny = x\n";
  Diagnostic diagnostic = at({2, 5, 2, 6});
  diagnostic.notes.push_back({"k.py", {1, 1, 1, 2}, "first defined here"});
  diagnostic.notes.push_back({"other.py", {1, 1, 1, 2}, "called from here"});
  EXPECT_EQ(formatDiagnostic(diagnostic, &text), "k.py:2:5: error: unknown name\n"
                                                 "y = x\n"
                                                 "    ^\n"
                                                 "k.py:1:1: note: first defined here\n"
                                                 "x = 1\n"
                                                 "^\n"
                                                 "other.py:1:1: note: called from here");
}

TEST(Diagnostic, OnlyErrorsCount) {
  Diagnostic warning;
  warning.severity = Severity::Warning;
  EXPECT_FALSE(hasErrors({}));
  EXPECT_FALSE(hasErrors({warning}));
  EXPECT_TRUE(hasErrors({warning, Diagnostic{}}));
}
