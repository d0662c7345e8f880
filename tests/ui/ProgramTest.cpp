#include "Suites.h"

#include <QDir>
#include <QImage>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

namespace lapidary::ui::test {

using namespace Qt::StringLiterals;

// The program itself, as it is started from a shell.
class ProgramTest : public QObject {
  Q_OBJECT

  struct Outcome {
    int code = -1;
    QString output, errors;
  };
  QTemporaryDir m_folder;

  static Outcome run(const QStringList &arguments, const QStringList &variables = {}) {
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const char *name : {"QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"})
      environment.remove(QLatin1String(name));
    for (const QString &variable : variables)
      environment.insert(variable.section(u'=', 0, 0), variable.section(u'=', 1));
    process.setProcessEnvironment(environment);
    process.start(u"" LAPIDARY_PROGRAM ""_s, arguments);
    if (!process.waitForFinished(120000))
      return {};
    bool exited = process.exitStatus() == QProcess::NormalExit;
    return {exited ? process.exitCode() : -2, QString::fromUtf8(process.readAllStandardOutput()),
            QString::fromUtf8(process.readAllStandardError())};
  }
  QString write(const QString &name, const QByteArray &bytes) {
    QFile file(m_folder.filePath(name));
    if (file.open(QIODevice::WriteOnly))
      file.write(bytes);
    return file.fileName();
  }

private slots:
  void helpIsPrintedWithoutADisplay() {
    Outcome outcome = run({u"--help"_s});
    QCOMPARE(outcome.code, 0);
    QVERIFY(outcome.output.contains(u"--screenshot"_s));
  }

  void noDisplayIsSaidInOneMessage_data() {
    QTest::addColumn<QStringList>("variables");
    QTest::addRow("none") << QStringList{};
    QTest::addRow("silent") << QStringList{u"DISPLAY=:4321"_s};
    QTest::addRow("named") << QStringList{u"QT_QPA_PLATFORM=xcb"_s};
  }
  void noDisplayIsSaidInOneMessage() {
    QFETCH(QStringList, variables);
    Outcome outcome = run({}, variables);
    QCOMPARE(outcome.code, 2);
    QVERIFY2(outcome.errors.contains(u"no window can be shown"_s), qPrintable(outcome.errors));
    QVERIFY2(outcome.errors.contains(u"lap --help"_s), qPrintable(outcome.errors));
  }

  void wrongUsageIsRefused_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::addRow("option") << QStringList{u"--colour"_s};
    QTest::addRow("theme") << QStringList{u"--theme"_s, u"pink"_s};
    QTest::addRow("size") << QStringList{u"--screenshot"_s, u"x.png"_s, u"--size"_s, u"large"_s};
    QTest::addRow("zero") << QStringList{u"--screenshot"_s, u"x.png"_s, u"--size"_s, u"0x9"_s};
    QTest::addRow("wait") << QStringList{u"--screenshot"_s, u"x.png"_s, u"--wait"_s, u"long"_s};
  }
  void wrongUsageIsRefused() {
    QFETCH(QStringList, arguments);
    Outcome outcome = run(arguments);
    QCOMPARE(outcome.code, 2);
    QVERIFY(!outcome.errors.isEmpty());
  }

  void aPictureIsTaken_data() {
    QTest::addColumn<QString>("theme");
    QTest::addRow("light") << u"light"_s;
    QTest::addRow("dark") << u"dark"_s;
  }
  void aPictureIsTaken() {
    QFETCH(QString, theme);
    QString kernel = write(u"k.py"_s, "import triton\nimport triton.language as tl\n\n"
                                      "@triton.jit\ndef k(x_ptr, n, BLOCK: tl.constexpr):\n"
                                      "    o = tl.arange(0, BLOCK)\n"
                                      "    tl.store(x_ptr + o, o, mask=o < n)\n");
    QString picture = m_folder.filePath(theme + u".png"_s);
    Outcome outcome = run({kernel, u"--screenshot"_s, picture, u"--size"_s, u"1000x700"_s,
                           u"--theme"_s, theme, u"--timeout"_s, u"60"_s});
    QVERIFY2(outcome.code == 0, qPrintable(outcome.errors));
    QImage image(picture);
    QCOMPARE(image.size(), QSize(1000, 700));
    QCOMPARE(image.pixelColor(5, 350).lightness() < 128, theme == u"dark"_s);
  }

  void whatAPictureShowsIsChosen() {
    QString kernel = write(u"chosen.py"_s, "import triton\nimport triton.language as tl\n\n"
                                           "@triton.jit\ndef k(x_ptr, n, BLOCK: tl.constexpr):\n"
                                           "    o = tl.arange(0, BLOCK)\n"
                                           "    tl.store(x_ptr + o, o, mask=o < n)\n");
    auto take = [&](const QString &name, const QStringList &options) {
      return run(QStringList{kernel, u"--screenshot"_s, m_folder.filePath(name), u"--size"_s,
                             u"1000x700"_s, u"--timeout"_s, u"60"_s} +
                 options);
    };
    QCOMPARE(take(u"plain.png"_s, {}).code, 0);
    QImage plain(m_folder.filePath(u"plain.png"_s));
    for (const QStringList &options :
         {QStringList{u"--layout"_s, u"compare"_s}, QStringList{u"--pane"_s, u"log"_s},
          QStringList{u"--select"_s, u"n"_s}}) {
      Outcome outcome = take(u"chosen.png"_s, options);
      QVERIFY2(outcome.code == 0, qPrintable(outcome.errors));
      QVERIFY2(QImage(m_folder.filePath(u"chosen.png"_s)) != plain, qPrintable(options[0]));
    }
    Outcome noPane = take(u"no.png"_s, {u"--pane"_s, u"lobby"_s});
    QCOMPARE(noPane.code, 2);
    QVERIFY2(noPane.errors.contains(u"specialization"_s), qPrintable(noPane.errors));
    Outcome noArgument = take(u"no.png"_s, {u"--select"_s, u"m"_s});
    QCOMPARE(noArgument.code, 2);
    QVERIFY2(noArgument.errors.contains(u"'m'"_s), qPrintable(noArgument.errors));
  }

  void theEmptyWindowIsPicturedAsWell() {
    QString picture = m_folder.filePath(u"empty.png"_s);
    Outcome outcome = run({u"--screenshot"_s, picture, u"--size"_s, u"1000x700"_s, u"--timeout"_s,
                           u"60"_s});
    QVERIFY2(outcome.code == 0, qPrintable(outcome.errors));
    QCOMPARE(QImage(picture).size(), QSize(1000, 700));
  }

  void aFileThatIsNotThereEndsWithItsName() {
    Outcome outcome = run({u"/nowhere/k.py"_s, u"--screenshot"_s, m_folder.filePath(u"no.png"_s),
                           u"--timeout"_s, u"3"_s});
    QCOMPARE(outcome.code, 1);
    QVERIFY2(outcome.errors.contains(u"/nowhere/k.py"_s), qPrintable(outcome.errors));
  }

  void strangeFilesAreNoTrouble() {
    for (const QByteArray &bytes :
         {QByteArray(), QByteArray("\x7f""ELF\0\0\1\2", 8), QByteArray("def (:\n  @@"),
          QByteArray("x = 1\n"), QByteArray("\xff\xfe\xfd")}) {
      Outcome outcome = run({write(u"strange.py"_s, bytes), u"--screenshot"_s,
                             m_folder.filePath(u"strange.png"_s), u"--timeout"_s, u"3"_s});
      QVERIFY2(outcome.code == 0 || outcome.code == 1, qPrintable(outcome.errors));
    }
  }
};

std::unique_ptr<QObject> makeProgramTest() { return std::make_unique<ProgramTest>(); }

} // namespace lapidary::ui::test

#include "ProgramTest.moc"
