#include "Fixtures.h"
#include "Suites.h"
#include "ui/views/source/SourceView.h"
#include "ui/widgets/EmptyState.h"

#include <QSignalSpy>
#include <QTest>

namespace lapidary::ui::test {

using namespace Qt::StringLiterals;

class SourceTest : public QObject {
  Q_OBJECT

  template <typename T> static std::optional<T> last(const QSignalSpy &spy) {
    for (qsizetype i = spy.size(); i-- > 0;) {
      Command command = spy[i][0].value<Command>();
      if (const T *found = std::get_if<T>(&command))
        return *found;
    }
    return {};
  }
  static SnapshotPtr withText(const std::string &text,
                              const std::string &path = "strided_copy.py") {
    Snapshot snapshot = stridedCopy();
    auto file = std::make_shared<KernelFile>(*snapshot.file);
    file->text = text;
    file->path = path;
    snapshot.file = file;
    return share(snapshot);
  }
  static bool hasIndicator(CodePane *pane, int indicator, int line, int column) {
    long position = pane->SendScintilla(QsciScintilla::SCI_POSITIONFROMLINE, line - 1) + column - 1;
    return pane->SendScintilla(QsciScintilla::SCI_INDICATORVALUEAT, indicator, position) != 0;
  }

private slots:
  void emptyStateTeaches() {
    SourceView view;
    view.setSnapshot(share({}));
    EmptyState *empty = view.findChild<EmptyState *>();
    QVERIFY(empty->message().contains(u"Drop a .py"_s));
  }

  void opensAtTheKernel() {
    SourceView view;
    view.resize(600, 400);
    view.show();
    view.setSnapshot(share(stridedCopy()));
    QVERIFY(view.editor()->text().startsWith(u"import triton"_s));
    QCOMPARE(view.editor()->currentLine(), 10);
    QVERIFY(!view.isModified());
    QCOMPARE(view.outline()->rowCount(), 2);
  }

  void typingIsSentOnceAndNotUndone() {
    SourceView view;
    view.setSnapshot(share(stridedCopy()));
    QSignalSpy commands(&view, &View::commandRequested);
    view.editor()->insertAt(u"# first\n"_s, 0, 0);
    view.editor()->insertAt(u"# second\n"_s, 0, 0);
    QTRY_COMPARE(commands.size(), 1);
    std::string first = last<SetText>(commands)->text;
    QVERIFY(first.starts_with("# second\n# first\nimport"));
    view.editor()->insertAt(u"# third\n"_s, 0, 0);
    view.setSnapshot(withText(first)); // comes back late
    QVERIFY(view.editor()->text().startsWith(u"# third\n"_s));
    QTRY_COMPARE(commands.size(), 2);
    view.setSnapshot(withText(last<SetText>(commands)->text));
    QVERIFY(view.editor()->text().startsWith(u"# third\n# second"_s));
    QVERIFY(view.isModified());
  }

  void flushSendsAtOnce() {
    SourceView view;
    view.setSnapshot(share(stridedCopy()));
    QSignalSpy commands(&view, &View::commandRequested);
    view.flush();
    QCOMPARE(commands.size(), 0); // nothing typed
    view.editor()->insertAt(u"#\n"_s, 0, 0);
    view.flush();
    QCOMPARE(commands.size(), 1);
    QTest::qWait(300);
    QCOMPARE(commands.size(), 1);
  }

  void anotherFileOrAReloadIsShown() {
    SourceView view;
    view.setSnapshot(share(stridedCopy()));
    view.setSnapshot(withText("x = 1\n", "other.py"));
    QCOMPARE(view.editor()->text(), u"x = 1\n"_s);
    view.setSnapshot(withText("x = 2\n", "other.py")); // changed on disk and opened again
    QCOMPARE(view.editor()->text(), u"x = 2\n"_s);
    QVERIFY(!view.isModified());
  }

  void problemsAreUnderlinedWhereTheyAre() {
    SourceView view;
    Snapshot snapshot = stridedCopy();
    Diagnostic error, warning, elsewhere;
    error.file = warning.file = snapshot.file->path;
    error.range = {14, 10, 14, 22};
    error.message = "not a name";
    warning.severity = Severity::Warning;
    warning.range = {15, 5, 15, 7};
    elsewhere.file = "helpers.py";
    elsewhere.range = {1, 1, 1, 5};
    snapshot.diagnostics = {error, warning, elsewhere};
    view.setSnapshot(share(snapshot));
    QVERIFY(hasIndicator(view.editor(), 8, 14, 10));
    QVERIFY(!hasIndicator(view.editor(), 8, 14, 9));
    QVERIFY(!hasIndicator(view.editor(), 8, 14, 22)); // the end is exclusive
    QVERIFY(hasIndicator(view.editor(), 9, 15, 5));
    QVERIFY(!hasIndicator(view.editor(), 8, 1, 1));
    QCOMPARE(view.editor()->annotation(13), u"not a name"_s); // below its line
    view.setNotesVisible(false);
    QCOMPARE(view.editor()->annotation(13), u"not a name"_s);
    snapshot.diagnostics.clear();
    view.setSnapshot(share(snapshot));
    QVERIFY(!hasIndicator(view.editor(), 8, 14, 10));
    QVERIFY(view.editor()->annotation(13).isEmpty());
  }

  void samplesAreOffered() {
    SourceView view;
    view.setSnapshot(share({}));
    auto *empty = view.findChild<EmptyState *>();
    QVERIFY(!empty->message().contains(u"sample"_s));
    view.setSamples({u"/samples/soft max.py"_s, u"/samples/matmul.py"_s});
    QVERIFY(empty->message().contains(u"soft max"_s));
    QSignalSpy commands(&view, &View::commandRequested);
    emit empty->linkActivated(u"1"_s);
    QCOMPARE(std::get<OpenFile>(commands[0][0].value<Command>()).path,
             std::string("/samples/matmul.py"));
    emit empty->linkActivated(u"open"_s);
    QVERIFY(std::get<OpenFile>(commands[1][0].value<Command>()).path.empty());
  }

  void rangesBeyondTheTextAreNoTrouble() {
    SourceView view;
    Snapshot snapshot = stridedCopy();
    Diagnostic far;
    far.range = {4000, 7, 9000, 1};
    Diagnostic backwards;
    backwards.range = {3, 9, 1, 1};
    snapshot.diagnostics = {far, backwards};
    MemoryAccess access;
    access.range = {5000, 1, 5000, 2};
    access.bits = 100000;
    snapshot.variants.resize(1);
    snapshot.variants[0].compiled.accesses = {access};
    view.setSnapshot(share(snapshot));
    view.setSnapshot(withText(""));
    QVERIFY(view.editor()->text().isEmpty());
  }

  void gutterShowsAccesses() {
    SourceView view;
    view.setSnapshot(share(compared()));
    auto accessMarkers = [&](int line) {
      return view.editor()->markersAtLine(line - 1) & unsigned(CodePane::accessMask);
    };
    unsigned wideLoad = accessMarkers(19), limitedStore = accessMarkers(20);
    QVERIFY(wideLoad != 0 && limitedStore != 0 && wideLoad != limitedStore);
    QVERIFY(view.editor()->annotation(19).contains(u"cols is not known to be divisible by 16"_s));
    QVERIFY(view.editor()->annotation(18).contains(u"limited by nothing"_s));
    Selection generic;
    generic.variant = 1;
    view.setSelection(generic);
    QVERIFY(accessMarkers(19) != wideLoad);
    QVERIFY(view.editor()->annotation(18).contains(u"stride_sc"_s));
    view.setNotesVisible(false);
    QVERIFY(view.editor()->annotation(18).isEmpty());
    QVERIFY(accessMarkers(19) != 0);
  }

  void selectedArgumentIsMarked() {
    SourceView view;
    view.setSnapshot(share(stridedCopy()));
    Selection selection;
    selection.argument = "rows";
    view.setSelection(selection);
    QVERIFY(hasIndicator(view.editor(), 10, 11, 28));
    QVERIFY(!hasIndicator(view.editor(), 10, 6, 23)); // the helper's own parameter
    view.setSelection({});
    QVERIFY(!hasIndicator(view.editor(), 10, 11, 28));
  }
};

std::unique_ptr<QObject> makeSourceTest() {
  return std::make_unique<SourceTest>();
}

} // namespace lapidary::ui::test

#include "SourceTest.moc"
