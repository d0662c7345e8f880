// Every suite by name: `ui_test NAME [QTest arguments]` runs one, as ctest does; `ui_test` runs all.
#pragma once

#include <QObject>
#include <memory>

namespace lapidary::ui::test {

std::unique_ptr<QObject> makeThemeTest();
std::unique_ptr<QObject> makeModelsTest();
std::unique_ptr<QObject> makeSourceTest();
std::unique_ptr<QObject> makeLaunchTest();
std::unique_ptr<QObject> makeSpecializationTest();
std::unique_ptr<QObject> makeStagesTest();
std::unique_ptr<QObject> makeSamplesTest();
std::unique_ptr<QObject> makeReachTest();
std::unique_ptr<QObject> makeSurveyTest();
std::unique_ptr<QObject> makeKeyboardTest();
std::unique_ptr<QObject> makeRelayTest();
std::unique_ptr<QObject> makeWindowTest();
std::unique_ptr<QObject> makeProgramTest();
std::unique_ptr<QObject> makeClickThroughTest();

} // namespace lapidary::ui::test
