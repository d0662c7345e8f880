#include "ui/shell/Settings.h"

#include <QFileInfo>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {
// Raised when panes are added or renamed: older layouts are dropped.
constexpr int layoutVersion = 3;
constexpr int recentLimit = 10;
} // namespace

Settings::Settings()
    : m_store(QSettings::IniFormat, QSettings::UserScope, u"lapidary"_s, u"lapidary"_s) {}
Settings::Settings(const QString &iniFile) : m_store(iniFile, QSettings::IniFormat) {}

QByteArray Settings::geometry() const {
  return m_store.value(u"window/geometry"_s).toByteArray();
}
void Settings::setGeometry(const QByteArray &geometry) {
  m_store.setValue(u"window/geometry"_s, geometry);
}

QString Settings::currentLayout() const {
  return m_store.value(u"window/layout"_s).toString();
}
void Settings::setCurrentLayout(const QString &id) {
  m_store.setValue(u"window/layout"_s, id);
}

QByteArray Settings::layout(const QString &id) const {
  return m_store.value(u"layouts/version"_s).toInt() == layoutVersion
             ? m_store.value(u"layouts/"_s + id).toByteArray()
             : QByteArray();
}

void Settings::setLayout(const QString &id, const QByteArray &state) {
  if (m_store.value(u"layouts/version"_s).toInt() != layoutVersion)
    m_store.remove(u"layouts"_s);
  m_store.setValue(u"layouts/version"_s, layoutVersion);
  m_store.setValue(u"layouts/"_s + id, state);
}

QStringList Settings::recentFiles() const {
  QStringList files = m_store.value(u"files/recent"_s).toStringList();
  files.removeIf([](const QString &path) { return !QFileInfo::exists(path); });
  return files;
}

void Settings::addRecentFile(const QString &path) {
  QStringList files = m_store.value(u"files/recent"_s).toStringList();
  QString absolute = QFileInfo(path).absoluteFilePath();
  files.removeAll(absolute);
  files.prepend(absolute);
  m_store.setValue(u"files/recent"_s, QStringList(files.mid(0, recentLimit)));
}

ThemeChoice Settings::theme() const {
  QString name = m_store.value(u"window/theme"_s).toString();
  return name == u"dark"_s ? ThemeChoice::Dark
                           : (name == u"light"_s ? ThemeChoice::Light : ThemeChoice::System);
}

void Settings::setTheme(ThemeChoice choice) {
  static const QString names[] = {u"system"_s, u"light"_s, u"dark"_s};
  m_store.setValue(u"window/theme"_s, names[int(choice)]);
}

bool Settings::notesVisible() const {
  return m_store.value(u"source/notes"_s, true).toBool();
}
void Settings::setNotesVisible(bool visible) {
  m_store.setValue(u"source/notes"_s, visible);
}

} // namespace lapidary::ui
