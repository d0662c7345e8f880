// What the window remembers between sessions: its layout, the recent files, the theme. Owned by the
// program and handed to the window; a file of its own in tests.
#pragma once

#include "ui/shell/Theme.h"

#include <QByteArray>
#include <QSettings>
#include <QStringList>

namespace lapidary::ui {

class Settings {
public:
  Settings(); // the user's
  explicit Settings(const QString &iniFile);

  QByteArray geometry() const;
  void setGeometry(const QByteArray &geometry);
  QString currentLayout() const; // id of Layouts.h; empty: none yet
  void setCurrentLayout(const QString &id);
  QByteArray layout(const QString &id) const; // what a person made of it; empty: as it comes
  void setLayout(const QString &id, const QByteArray &state);

  QStringList recentFiles() const; // newest first, at most ten, existing ones only
  void addRecentFile(const QString &path);

  ThemeChoice theme() const;
  void setTheme(ThemeChoice choice);
  bool notesVisible() const;
  void setNotesVisible(bool visible);

private:
  QSettings m_store;
};

} // namespace lapidary::ui
