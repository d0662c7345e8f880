#include "Fixtures.h"
#include "Suites.h"
#include "ui/views/launch/LaunchView.h"
#include "ui/views/launch/TensorFields.h"

#include <QSignalSpy>
#include <QTest>

namespace lapidary::ui::test {

using namespace Qt::StringLiterals;

class LaunchTest : public QObject {
  Q_OBJECT

  static TensorArgument tensor() {
    TensorArgument tensor;
    tensor.dtype = DType::Fp16;
    tensor.shape = {4, 8};
    tensor.strides = {8, 1};
    tensor.storage = 64;
    return tensor;
  }
  static void type(QLineEdit *field, const QString &text) {
    field->selectAll();
    QTest::keyClicks(field, text);
    QTest::keyClick(field, Qt::Key_Return);
  }

private slots:
  void aTensorStaysWhatItWas() {
    auto changed = withShape(tensor(), u"16x16"_s);
    QVERIFY(changed.has_value());
    QCOMPARE(changed->strides, std::vector<std::int64_t>({16, 1})); // contiguous still
    QCOMPARE(changed->storage, 512);                                // just large enough still
    TensorArgument padded = tensor();
    padded.strides = {16, 1};
    padded.storage = 4096;
    changed = withShape(padded, u"8, 8"_s);
    QVERIFY(changed.has_value());
    QCOMPARE(changed->strides, padded.strides);
    QCOMPARE(changed->storage, 4096);
    QCOMPARE(withDType(tensor(), DType::Fp32)->storage, 128);
    QCOMPARE(withOffset(tensor(), u"2"_s)->storage, 68);
    QCOMPARE(withStrides(padded, u""_s)->strides, std::vector<std::int64_t>({8, 1}));
  }

  void wrongFieldsAreNamed_data() {
    QTest::addColumn<QString>("field");
    QTest::addColumn<QString>("text");
    QTest::addRow("letters") << u"shape"_s << u"axb"_s;
    QTest::addRow("nothing") << u"shape"_s << u" "_s;
    QTest::addRow("negative") << u"shape"_s << u"-4x8"_s;
    QTest::addRow("overflow") << u"shape"_s << u"4294967296x4294967296x16"_s;
    QTest::addRow("huge") << u"shape"_s << u"99999999999999999999999999"_s;
    QTest::addRow("count") << u"strides"_s << u"1"_s;
    QTest::addRow("stride overflow") << u"strides"_s << u"9223372036854775807x1"_s;
    QTest::addRow("offset") << u"offset"_s << u"1.5"_s;
    QTest::addRow("three") << u"alignment"_s << u"3"_s;
    QTest::addRow("zero") << u"alignment"_s << u"0"_s;
    QTest::addRow("small") << u"storage"_s << u"63"_s;
  }
  void wrongFieldsAreNamed() {
    QFETCH(QString, field);
    QFETCH(QString, text);
    Result<TensorArgument> result =
        field == u"shape"_s       ? withShape(tensor(), text)
        : field == u"strides"_s   ? withStrides(tensor(), text)
        : field == u"offset"_s    ? withOffset(tensor(), text)
        : field == u"alignment"_s ? withAlignment(tensor(), text)
                                  : withStorage(tensor(), text);
    QVERIFY(!result.has_value());
    QVERIFY2(result.error().message.starts_with(field.toStdString()),
             result.error().message.c_str());
  }

  void formShowsTheLaunch() {
    LaunchView view;
    view.setSnapshot(share(stridedCopy()));
    QCOMPARE(view.row("src")->field()->text(), u"fp16 16384x16384"_s);
    QCOMPARE(view.row("rows")->field()->text(), u"1000"_s);
    QVERIFY(view.row("scale")->field()->font().italic());
    QVERIFY(!view.row("rows")->field()->font().italic());
    QCOMPARE(view.gridField()->text(), u"cdiv(rows, BM); cdiv(cols, BN)"_s);
  }

  void anEditIsACommand() {
    LaunchView view;
    view.setSnapshot(share(stridedCopy()));
    view.show();
    QSignalSpy commands(&view, &View::commandRequested);
    type(view.row("rows")->field(), u"1024"_s);
    QCOMPARE(commands.size(), 1);
    auto edit = std::get<SetArgument>(commands[0][0].value<Command>());
    QCOMPARE(edit.name, std::string("rows"));
    QCOMPARE(edit.value, Value{Integer(1024)});
    type(view.gridField(), u"64; 2"_s);
    QCOMPARE(commands.size(), 2);
    auto grid = std::get<SetGrid>(commands[1][0].value<Command>());
    QCOMPARE(grid.grid, std::vector<std::string>({"64", "2"}));
  }

  void whatIsWrongIsSaidBesideTheField() {
    LaunchView view;
    view.setSnapshot(share(stridedCopy()));
    view.show();
    QSignalSpy commands(&view, &View::commandRequested);
    ArgumentRow *row = view.row("rows");
    type(row->field(), u"many"_s);
    QCOMPARE(commands.size(), 0);
    QVERIFY2(row->problem().startsWith(u"rows: "_s), qPrintable(row->problem()));
    type(row->field(), u"12"_s);
    QCOMPARE(commands.size(), 1);
    QVERIFY(row->problem().isEmpty());
  }

  void typingIsNotUndoneByASnapshot() {
    LaunchView view;
    Snapshot snapshot = stridedCopy();
    view.setSnapshot(share(snapshot));
    view.show();
    view.activateWindow();
    QLineEdit *field = view.row("rows")->field();
    field->setFocus();
    QTRY_VERIFY(field->hasFocus());
    field->selectAll();
    QTest::keyClicks(field, u"77"_s);
    snapshot.launch.arguments[3].second = Value{Integer(5)};
    view.setSnapshot(share(snapshot));
    QCOMPARE(field->text(), u"77"_s);
    QCOMPARE(view.row("cols")->field()->text(), u"5"_s);
  }

  void anotherKernelAnotherForm() {
    LaunchView view;
    Snapshot snapshot = stridedCopy();
    view.setSnapshot(share(snapshot));
    snapshot.launch.arguments = {{"n", Value{Integer(3)}}};
    view.setSnapshot(share(snapshot));
    QVERIFY(!view.row("rows"));
    QCOMPARE(view.row("n")->field()->text(), u"3"_s);
    view.setSnapshot(share({}));
    view.setSnapshot(share(stridedCopy()));
    QCOMPARE(view.row("rows")->field()->text(), u"1000"_s);
  }
};

std::unique_ptr<QObject> makeLaunchTest() { return std::make_unique<LaunchTest>(); }

} // namespace lapidary::ui::test

#include "LaunchTest.moc"
