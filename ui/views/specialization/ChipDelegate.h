// Paints the cells of the matrix (chips, then the type) and edits the value column, where text that
// cannot be read is refused with the reason instead of being taken.
#pragma once

#include <QElapsedTimer>
#include <QPersistentModelIndex>
#include <QStyledItemDelegate>
#include <QTimer>

namespace lapidary::ui {

class ChipDelegate : public QStyledItemDelegate {
  Q_OBJECT
public:
  explicit ChipDelegate(QObject *parent = nullptr);

  // Lights the cells up once; they fade in under a second.
  void flash(const QList<QPersistentModelIndex> &cells);

  void paint(QPainter *painter, const QStyleOptionViewItem &option,
             const QModelIndex &index) const override;
  QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
  QWidget *createEditor(QWidget *parent, const QStyleOptionViewItem &option,
                        const QModelIndex &index) const override;
  void setEditorData(QWidget *editor, const QModelIndex &index) const override;
  void updateEditorGeometry(QWidget *editor, const QStyleOptionViewItem &option,
                            const QModelIndex &index) const override;
  bool eventFilter(QObject *editor, QEvent *event) override;

signals:
  void repaintNeeded(); // a step of the fading
  void
  valueProblem(const QString &message) const; // what is wrong with the text typed; empty: nothing

private:
  double flashStrength(const QModelIndex &index) const;

  QList<QPersistentModelIndex> m_flashing;
  QElapsedTimer m_since;
  QTimer m_fade;
};

} // namespace lapidary::ui
