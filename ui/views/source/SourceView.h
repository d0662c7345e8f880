// The kernel's source: outline on the left, editor on the right. The gutter shows how wide every
// memory access became and whether something limits it; notes below the line say what.
// Editing is live: the buffer goes to the workbench a moment after the last key.
#pragma once

#include "ui/models/OutlineModel.h"
#include "ui/shell/View.h"
#include "ui/views/source/TextSync.h"
#include "ui/widgets/CodePane.h"
#include "ui/widgets/EmptyState.h"

#include <QListView>
#include <QTimer>

namespace lapidary::ui {

class SourceView : public View {
  Q_OBJECT
public:
  explicit SourceView(QWidget *parent = nullptr);

  void setSnapshot(const SnapshotPtr &snapshot) override;
  void setSelection(const Selection &selection) override;
  void flush() override;
  QString help() const override;

  CodePane *editor() const { return m_editor; }
  OutlineModel *outline() const { return m_outline; }
  bool isModified() const { return m_editor->isModified(); }

public slots:
  void setNotesVisible(bool visible);        // the lines of text below memory accesses
  void setSamples(const QStringList &files); // offered while nothing is open

protected:
  void changeEvent(QEvent *event) override;

private:
  void showFile(const SnapshotPtr &snapshot);
  void showAccesses();
  void showNotes();
  void showNothing();
  void showSelection();
  void defineAccessMarkers();
  void cursorMoved();
  const VariantRow *shownVariant() const;
  QString accessTip(int line) const;

  EmptyStack *m_stack;
  QListView *m_outlineList;
  OutlineModel *m_outline;
  CodePane *m_editor;
  QTimer m_typing; // single shot: the pause after which the buffer is sent
  TextSync m_sync;
  QStringList m_samples;
  SnapshotPtr m_snapshot;
  std::vector<MemoryAccess> m_accesses;
  std::vector<Diagnostic> m_diagnostics;
  bool m_accessesStale = false;
  bool m_loading = false;
  bool m_notesVisible = true;
};

} // namespace lapidary::ui
