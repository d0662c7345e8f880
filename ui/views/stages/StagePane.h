// One half of the stage view: which variant, which stage, and its text.
#pragma once

#include "ui/shell/Command.h"
#include "ui/views/stages/LineDiff.h"
#include "ui/widgets/CodePane.h"

#include <QComboBox>
#include <QLabel>

namespace lapidary::ui {

class StagePane : public QWidget {
  Q_OBJECT
public:
  enum class Side { Left, Right };
  StagePane(Side side, QWidget *parent = nullptr);

  void setSnapshot(const SnapshotPtr &snapshot);
  void chooseVariant(int variant);
  void chooseStage(const std::string &stage); // falls back on the last stage with text
  int variant() const { return m_variants->currentIndex(); }
  std::string stage() const { return m_stages->currentText().toStdString(); }
  const std::string &contents() const { return m_contents; }

  // Marks the lines that differ and leaves gaps where the other side has more.
  void showDifferences(const std::vector<Hunk> &hunks);
  CodePane *code() const { return m_code; }

signals:
  void stageChosen(const std::string &stage); // by the person
  void contentsChanged();

private:
  int preferredVariant() const;
  void fillStages();
  void showContents();
  const VariantRow *row() const;

  Side m_side;
  SnapshotPtr m_snapshot;
  QComboBox *m_variants, *m_stages;
  QLabel *m_note;
  CodePane *m_code;
  std::string m_contents;
};

} // namespace lapidary::ui
