#include "Fixtures.h"
#include "Suites.h"
#include "ui/views/specialization/SpecializationView.h"

#include <QComboBox>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTest>

namespace lapidary::ui::test {

using namespace Qt::StringLiterals;

class SpecializationTest : public QObject {
  Q_OBJECT

  static QModelIndex value(SpecializationView &view, const char *argument) {
    return view.model()->indexOf(argument).siblingAtColumn(SpecializationModel::ValueColumn);
  }
  static QLineEdit *edit(SpecializationView &view, const char *argument) {
    view.tree()->setCurrentIndex(value(view, argument));
    view.tree()->edit(value(view, argument));
    return view.tree()->findChild<QLineEdit *>();
  }

private slots:
  void emptyStatesTeach() {
    SpecializationView view;
    view.setSnapshot(share({}));
    QVERIFY(!view.findChild<EmptyState *>()->message().isEmpty());
    Snapshot noKernel = stridedCopy();
    noKernel.kernel.clear();
    view.setSnapshot(share(noKernel));
    QVERIFY(view.findChild<EmptyState *>()->message().contains(u"@triton.jit"_s));
  }

  void ruleSetsAreListedAndChosen() {
    SpecializationView view;
    Snapshot snapshot;
    snapshot.ruleSets = {"triton-3.2", "triton-3.6"};
    snapshot.ruleSet = "triton-3.6";
    view.setSnapshot(share(snapshot)); // known before anything is open
    Snapshot open = stridedCopy();
    view.setSnapshot(share(open));
    auto *rules = view.findChild<QComboBox *>();
    QCOMPARE(rules->count(), 2);
    QCOMPARE(rules->currentText(), u"triton-3.6"_s);
    QSignalSpy commands(&view, &View::commandRequested);
    emit rules->textActivated(u"triton-3.2"_s);
    QCOMPARE(std::get<SetRuleSet>(commands[0][0].value<Command>()).name, std::string("triton-3.2"));
    open.ruleSet = "triton-3.2";
    open.ruleSets.push_back("mine");
    view.setSnapshot(share(open));
    QCOMPARE(rules->currentText(), u"triton-3.2"_s);
    QCOMPARE(rules->count(), 3);
  }

  void theKeyboardEditsAValue() {
    SpecializationView view;
    view.resize(700, 500);
    view.setSnapshot(share(stridedCopy()));
    view.show();
    QSignalSpy commands(&view, &View::commandRequested);
    QLineEdit *editor = edit(view, "rows");
    QVERIFY(editor);
    QTest::keyClicks(editor, u"1008"_s);
    QTest::keyClick(editor, Qt::Key_Return);
    QTRY_COMPARE(commands.size(), 1);
    auto command = std::get<SetArgument>(commands[0][0].value<Command>());
    QCOMPARE(command.name, std::string("rows"));
    QCOMPARE(command.value, Value{Integer(1008)});
  }

  void whatCannotBeReadIsRefusedWithAReason() {
    SpecializationView view;
    view.resize(700, 500);
    view.setSnapshot(share(stridedCopy()));
    view.show();
    QSignalSpy commands(&view, &View::commandRequested);
    QLineEdit *editor = edit(view, "rows");
    QTest::keyClicks(editor, u"10 apples"_s);
    QVERIFY(view.why()->text().contains(u"Not a value"_s));
    QTest::keyClick(editor, Qt::Key_Return);
    QCOMPARE(commands.size(), 0);
    QVERIFY(view.tree()->findChild<QLineEdit *>()); // still open, to be put right
    QTest::keyClick(editor, Qt::Key_Escape);
    QTRY_VERIFY(!view.why()->text().contains(u"Not a value"_s));
  }

  void aSnapshotDoesNotUndoTyping() {
    SpecializationView view;
    view.resize(700, 500);
    Snapshot snapshot = stridedCopy();
    view.setSnapshot(share(snapshot));
    view.show();
    QLineEdit *editor = edit(view, "rows");
    QTest::keyClicks(editor, u"4096"_s);
    snapshot.launch.arguments[2].second = Value{Integer(7)};
    view.setSnapshot(share(snapshot));
    QCOMPARE(editor->text(), u"4096"_s);
  }

  void selectionGoesBothWays() {
    SpecializationView view;
    view.setSnapshot(share(stridedCopy()));
    QSignalSpy selections(&view, &View::selectionChanged);
    view.tree()->setCurrentIndex(view.model()->indexOf("stride_sr", 1));
    QCOMPARE(selections.size(), 1);
    auto selection = selections[0][0].value<Selection>();
    QCOMPARE(selection.argument, std::string("stride_sr"));
    QCOMPARE(selection.target, 1);
    QVERIFY(view.why()->text().contains(u"hip:gfx942"_s));
    Selection other;
    other.argument = "src";
    view.setSelection(other);
    QCOMPARE(selections.size(), 1); // not answered
    QCOMPARE(view.tree()->currentIndex().siblingAtColumn(0).data().toString(), u"src"_s);
    view.setSelection({});
    QVERIFY(!view.tree()->currentIndex().isValid());
    QVERIFY(view.why()->text().contains(u"'*fp16','DS'"_s.toHtmlEscaped()));
  }

  void problemsAreShown() {
    SpecializationView view;
    Snapshot snapshot = stridedCopy();
    snapshot.specializations[1] = {};
    snapshot.specializationProblems[1] = "rules triton-3.6 say nothing about hip";
    view.setSnapshot(share(snapshot));
    bool shown = false;
    for (QLabel *label : view.findChildren<QLabel *>())
      shown = shown || label->text().contains(u"say nothing about hip"_s);
    QVERIFY(shown);
  }

  void headersMayBeHtmlAndArgumentsToo() {
    SpecializationView view;
    Snapshot snapshot = stridedCopy();
    snapshot.specializations[0].arguments[0].reason = "<b>not bold</b>";
    view.setSnapshot(share(snapshot));
    view.tree()->setCurrentIndex(view.model()->indexOf("src", 0));
    QVERIFY(view.why()->text().contains(u"&lt;b&gt;"_s));
  }
};

std::unique_ptr<QObject> makeSpecializationTest() {
  return std::make_unique<SpecializationTest>();
}

} // namespace lapidary::ui::test

#include "SpecializationTest.moc"
