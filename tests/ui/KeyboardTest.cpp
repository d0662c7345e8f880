#include "Fixtures.h"
#include "Suites.h"
#include "ui/shell/CommandPalette.h"
#include "ui/shell/MainWindow.h"
#include "ui/widgets/CodePane.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QApplication>
#include <QComboBox>
#include <QMenu>
#include <QMenuBar>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <set>

namespace lapidary::ui::test {

using namespace Qt::StringLiterals;

// Everything without a mouse, and with a screen reader.
class KeyboardTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  std::unique_ptr<Settings> m_settings;
  std::unique_ptr<MainWindow> m_window;

  static void collect(const QList<QAction *> &actions, QList<QAction *> &found) {
    for (QAction *action : actions) {
      if (action->menu())
        collect(action->menu()->actions(), found);
      else if (!action->isSeparator())
        found << action;
    }
  }

private slots:
  void init() {
    m_settings = std::make_unique<Settings>(m_folder.filePath(u"settings.ini"_s));
    m_window =
        std::make_unique<MainWindow>(WindowSetup{m_settings.get(), {}, {u"/samples/matmul.py"_s}});
    m_window->resize(1400, 900);
    m_window->show();
    m_window->setSnapshot(share(compared()));
    QTest::qWait(50);
  }
  void cleanup() {
    m_window.reset();
    m_settings.reset();
  }

  void everyCommandIsInThePalette() {
    auto *palette = m_window->findChild<CommandPalette *>();
    palette->open();
    QString all = palette->shown().join(u'\n').remove(u'&');
    QList<QAction *> actions;
    collect(m_window->menuBar()->actions(), actions);
    for (QAction *action : actions)
      if (action->isEnabled())
        QVERIFY2(all.contains(action->text().remove(u'&')), qPrintable(action->text()));
    for (const char *own :
         {"Launch: Load launch", "Launch: Save launch", "History: Import", "Reachable: Launches",
          "Reachable: Triton cache", "matmul.py", "Survey a folder", "Go to: Log"})
      QVERIFY2(all.contains(QLatin1String(own)), own);
    palette->reject();
  }

  void thePaletteRunsWhatIsTyped() {
    QSignalSpy commands(m_window.get(), &MainWindow::commandRequested);
    auto *palette = m_window->findChild<CommandPalette *>();
    palette->open();
    QTest::keyClicks(palette->field(), u"run comp"_s);
    QCOMPARE(palette->shown().size(), 2); // compile, compare
    QTest::keyClick(palette->field(), Qt::Key_Down);
    QTest::keyClick(palette->field(), Qt::Key_Return);
    QVERIFY(!palette->isVisible());
    QVERIFY(std::holds_alternative<Compare>(commands.back()[0].value<Command>()));
    palette->open();
    QTest::keyClicks(palette->field(), u"no such thing"_s);
    QVERIFY(palette->shown().isEmpty());
    QTest::keyClick(palette->field(), Qt::Key_Return); // nothing happens
    palette->reject();
  }

  void shortcutsAreUnique() {
    QList<QAction *> actions;
    collect(m_window->menuBar()->actions(), actions);
    std::set<QString> seen;
    for (QAction *action : actions)
      for (const QKeySequence &keys : action->shortcuts())
        QVERIFY2(seen.insert(keys.toString()).second, qPrintable(keys.toString()));
    QVERIFY(seen.contains(u"Ctrl+Shift+P"_s));
  }

  void everyPaneTakesTheFocus() {
    QList<QAction *> actions;
    collect(m_window->menuBar()->actions(), actions);
    for (const ViewEntry &entry : allViews()) {
      View *view = m_window->view(QLatin1String(entry.id));
      auto go = std::ranges::find_if(actions, [&](QAction *action) {
        return action->text() == entry.title && !action->isCheckable();
      });
      QVERIFY(go != actions.end());
      if (entry.id == std::string_view("comparison"))
        continue; // nothing in it takes input
      m_window->activateWindow();
      (*go)->trigger();
      QTRY_VERIFY2(QApplication::focusWidget() && view->isAncestorOf(QApplication::focusWidget()),
                   entry.id);
    }
  }

  // Whatever takes the focus says what it is: by a name, a text, or a label in front of it.
  void whatTakesTheFocusHasAName() {
    m_window->setSnapshot(share(counted()));
    QTest::qWait(50);
    for (QWidget *widget : m_window->findChildren<QWidget *>()) {
      if (!(widget->focusPolicy() & Qt::TabFocus) || widget->objectName().startsWith(u"qt_"_s))
        continue;
      bool matters = qobject_cast<QAbstractItemView *>(widget) ||
                     qobject_cast<QComboBox *>(widget) || qobject_cast<QAbstractButton *>(widget) ||
                     qobject_cast<QLineEdit *>(widget) ||
                     qobject_cast<QAbstractSpinBox *>(widget) || qobject_cast<CodePane *>(widget);
      QWidget *parent = widget->parentWidget();
      bool isPart = qobject_cast<QComboBox *>(parent) || qobject_cast<QAbstractSpinBox *>(parent) ||
                    (parent && parent->inherits("QComboBoxPrivateContainer"));
      if (!matters || isPart)
        continue;
      bool named = !widget->accessibleName().isEmpty();
      if (auto *button = qobject_cast<QAbstractButton *>(widget))
        named = named || !button->text().isEmpty() || !button->toolTip().isEmpty();
      for (QLabel *label : m_window->findChildren<QLabel *>())
        named = named || (label->buddy() == widget && !label->text().isEmpty());
      QByteArray where = widget->metaObject()->className();
      if (parent)
        where += QByteArray(" in ") + parent->metaObject()->className();
      QVERIFY2(named, where.constData());
    }
  }

  void theTabKeyGoesFromTheLaunchToItsFieldsInOrder() {
    m_window->dock(u"launch"_s)->raise();
    QTest::qWait(50);
    View *launch = m_window->view(u"launch"_s);
    QList<QLineEdit *> fields;
    for (QLineEdit *field : launch->findChildren<QLineEdit *>())
      if (field->isVisible() && !qobject_cast<QComboBox *>(field->parentWidget()))
        fields << field;
    QVERIFY(fields.size() >= 9);
    std::ranges::sort(fields, {},
                      [launch](QLineEdit *field) { return field->mapTo(launch, QPoint()).y(); });
    fields.front()->setFocus();
    QTRY_VERIFY(fields.front()->hasFocus());
    for (qsizetype i = 1; i < fields.size(); ++i) {
      for (int presses = 0; presses < 3 && !fields[i]->hasFocus();
           ++presses) // details between them
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
      QVERIFY2(fields[i]->hasFocus(), qPrintable(fields[i]->text()));
    }
  }
};

std::unique_ptr<QObject> makeKeyboardTest() {
  return std::make_unique<KeyboardTest>();
}

} // namespace lapidary::ui::test

#include "KeyboardTest.moc"
