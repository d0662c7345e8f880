#include "ui/views/launch/LaunchView.h"

#include "ui/shell/Theme.h"
#include "ui/widgets/Icons.h"
#include "ui/widgets/Text.h"

#include <QFileDialog>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QVBoxLayout>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {

QComboBox *makeCountBox(QWidget *parent, std::initializer_list<int> counts) {
  auto *box = new QComboBox(parent);
  for (int count : counts)
    box->addItem(QString::number(count), count);
  return box;
}

void showCount(QComboBox *box, const Value *value) {
  const Integer *count = value ? value->as<Integer>() : nullptr;
  QSignalBlocker blocker(box);
  if (!count) {
    box->setCurrentIndex(-1);
    return;
  }
  QString text = toQString(toString(*count));
  if (box->findText(text) < 0)
    box->addItem(text, qlonglong(count->value));
  box->setCurrentText(text);
}

bool sameLaunch(const Launch &a, const Launch &b) {
  return a.arguments == b.arguments && a.grid == b.grid && a.options == b.options &&
         a.guessed == b.guessed;
}

// Whether the first target, whose types the form shows, says the same.
bool sameTypes(const Snapshot &a, const Snapshot &b) {
  auto types = [](const Snapshot &snapshot) {
    std::vector<std::string> result;
    if (!snapshot.specializations.empty())
      for (const ArgumentSpecialization &argument : snapshot.specializations.front().arguments)
        result.push_back(argument.type);
    return result;
  };
  return types(a) == types(b);
}

} // namespace

LaunchView::LaunchView(QWidget *parent) : View(parent) {
  auto *form = new QWidget(this);
  auto *layout = new QVBoxLayout(form);
  layout->setContentsMargins(12, 8, 12, 12);
  layout->setSpacing(8);
  m_problems = new QLabel(form);
  m_problems->setWordWrap(true);
  m_problems->hide();
  layout->addWidget(m_problems);
  m_rows = new QGridLayout;
  m_rows->setHorizontalSpacing(8);
  m_rows->setVerticalSpacing(4);
  m_rows->setColumnStretch(2, 1);
  layout->addLayout(m_rows);

  m_grid = new QLineEdit(form);
  m_grid->setAccessibleName(tr("Grid"));
  m_grid->setToolTip(tr("One to three expressions over arguments and constexprs, separated by "
                        "semicolons: cdiv(rows, BM); cdiv(cols, BN)"));
  m_gridResult = new QLabel(form);
  m_gridResult->setWordWrap(true);
  m_warps = makeCountBox(form, {1, 2, 4, 8, 16, 32});
  m_warps->setAccessibleName(u"num_warps"_s);
  m_stages = makeCountBox(form, {1, 2, 3, 4, 5, 6, 7, 8});
  m_stages->setAccessibleName(u"num_stages"_s);
  auto addFixed = [&](const QString &text, QWidget *field) {
    auto *label = text.isEmpty() ? nullptr : new QLabel(text, form);
    if (label)
      label->setBuddy(field);
    m_fixed.emplace_back(label, field);
  };
  addFixed(tr("&grid"), m_grid);
  addFixed({}, m_gridResult);
  addFixed(u"num_&warps"_s, m_warps);
  addFixed(u"num_&stages"_s, m_stages);
  placeFixedRows(0);
  layout->addStretch(1);

  auto *scroll = new QScrollArea(this);
  scroll->setWidget(form);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  auto addButton = [this](const QIcon &picture, const QString &text, void (LaunchView::*run)()) {
    auto *action = new QAction(picture, text, this);
    connect(action, &QAction::triggered, this, run);
    addAction(action);
    auto *button = new QToolButton(this);
    button->setDefaultAction(action);
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    return button;
  };
  auto *top = new QHBoxLayout;
  top->setContentsMargins(8, 4, 8, 0);
  top->setSpacing(4);
  top->addWidget(addButton(icon(u"open"_s), tr("Load launch\u2026"), &LaunchView::load));
  top->addWidget(addButton(icon(u"save"_s), tr("Save launch\u2026"), &LaunchView::save));
  top->addStretch(1);
  auto *content = new QWidget(this);
  auto *contentLayout = new QVBoxLayout(content);
  contentLayout->setContentsMargins(0, 0, 0, 0);
  contentLayout->setSpacing(0);
  contentLayout->addLayout(top);
  contentLayout->addWidget(scroll, 1);
  m_stack = new EmptyStack(content, this);
  auto *outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->addWidget(m_stack);

  connect(m_grid, &QLineEdit::editingFinished, this, &LaunchView::commitGrid);
  auto chooseCount = [this](QComboBox *box, const char *option) {
    connect(box, &QComboBox::activated, this, [this, box, option] {
      emit commandRequested(SetOption{option, Value{Integer(box->currentText().toLongLong())}});
    });
  };
  chooseCount(m_warps, "num_warps");
  chooseCount(m_stages, "num_stages");
}

QString LaunchView::help() const {
  return tr("The arguments of one launch. A tensor is written as its type and shape: fp16 "
            "4096x4096; the arrow shows strides, offset, alignment, storage and values. Italic "
            "values were guessed from the source.");
}

void LaunchView::setSnapshot(const SnapshotPtr &snapshot) {
  SnapshotPtr before = m_snapshot;
  m_snapshot = snapshot;
  if (!snapshot->file || snapshot->kernel.empty()) {
    m_stack->showEmpty({}, tr("The arguments of the launch appear here when a kernel is open. "
                              "They are guessed from its source until you say otherwise."));
    return;
  }
  m_stack->showContent();
  std::vector<std::string> names;
  for (const auto &[name, value] : snapshot->launch.arguments)
    names.push_back(name);
  if (names != m_names) {
    m_names = std::move(names);
    rebuildRows();
  }
  showProblems();
  if (before && before->file == snapshot->file && before->kernel == snapshot->kernel &&
      sameLaunch(before->launch, snapshot->launch) && sameTypes(*before, *snapshot))
    return;
  fillRows();
  showGrid();
  showOptions();
}

void LaunchView::rebuildRows() {
  auto drop = [this](QWidget *widget) {
    m_rows->removeWidget(widget);
    widget->hide();
    widget->deleteLater();
  };
  for (auto &[name, field] : m_fields) {
    drop(field);
    drop(m_labels[name]);
    drop(m_types[name]);
  }
  m_fields.clear();
  m_labels.clear();
  m_types.clear();
  int line = 0;
  QWidget *before = nullptr; // in the tab order
  auto follow = [&before](QWidget *widget) {
    if (before)
      setTabOrder(before, widget);
    before = widget;
  };
  for (const std::string &name : m_names) {
    auto *label = new QLabel(toQString(name), this);
    auto *type = new QLabel(this);
    auto *field = new ArgumentRow(toQString(name), this);
    label->setBuddy(field->field());
    label->setMinimumHeight(24);
    m_rows->addWidget(label, line, 0, Qt::AlignTop);
    m_rows->addWidget(type, line, 1, Qt::AlignTop);
    m_rows->addWidget(field, line, 2);
    type->setMinimumHeight(24);
    m_labels[name] = label;
    m_types[name] = type;
    m_fields[name] = field;
    follow(field->field());
    connect(field, &ArgumentRow::edited, this, [this, name](const Value &value) {
      emit commandRequested(SetArgument{name, value});
    });
    connect(field, &ArgumentRow::focused, this, [this, name] {
      select([&](Selection &next) {
        next.argument = name;
        next.target = -1;
      });
    });
    ++line;
  }
  placeFixedRows(line);
  for (QWidget *fixed : {static_cast<QWidget *>(m_grid), static_cast<QWidget *>(m_warps),
                         static_cast<QWidget *>(m_stages)})
    follow(fixed);
}

// Grid and options stand below the arguments, in the same columns.
void LaunchView::placeFixedRows(int line) {
  for (auto [label, field] : m_fixed) {
    if (label) {
      m_rows->removeWidget(label);
      m_rows->addWidget(label, line, 0);
    }
    m_rows->removeWidget(field);
    m_rows->addWidget(field, line, 2);
    ++line;
  }
}

void LaunchView::fillRows() {
  QPalette faded = palette();
  faded.setColor(QPalette::WindowText, themeOf(faded).muted);
  const Specialization *first =
      m_snapshot->specializations.empty() ? nullptr : &m_snapshot->specializations.front();
  for (const auto &[name, value] : m_snapshot->launch.arguments) {
    m_fields[name]->setValue(value, m_snapshot->launch.guessed.contains(name));
    const ArgumentSpecialization *found = first ? first->find(name) : nullptr;
    m_types[name]->setPalette(faded);
    m_types[name]->setText(found && !found->type.empty()
                               ? (found->isDeclaredConstexpr ? u"constexpr"_s
                                                             : toQString(found->type))
                               : QString::fromLatin1(kindName(value)));
  }
}

void LaunchView::showGrid() {
  QStringList parts;
  for (const std::string &expression : m_snapshot->launch.grid)
    parts << toQString(expression);
  QFont font = this->font();
  font.setItalic(m_snapshot->launch.guessed.contains("grid"));
  m_grid->setFont(font);
  if (!(m_grid->hasFocus() && m_grid->isModified()))
    m_grid->setText(parts.join(u"; "_s));
  const JitFunction *kernel = m_snapshot->file->find(m_snapshot->kernel);
  if (!kernel)
    return;
  auto grid = evaluateGrid(m_snapshot->launch, *kernel, *m_snapshot->file);
  QPalette colours = palette();
  colours.setColor(QPalette::WindowText, grid ? themeOf(colours).muted : themeOf(colours).error);
  m_gridResult->setPalette(colours);
  if (grid)
    m_gridResult->setText(tr("= %1 x %2 x %3 programs").arg((*grid)[0]).arg((*grid)[1]).arg((*grid)[2]));
  else
    m_gridResult->setText(toQString(grid.error().message));
}

void LaunchView::showOptions() {
  showCount(m_warps, m_snapshot->launch.option("num_warps"));
  showCount(m_stages, m_snapshot->launch.option("num_stages"));
}

void LaunchView::showProblems() {
  QStringList lines;
  for (const Diagnostic &diagnostic : m_snapshot->diagnostics)
    if (diagnostic.severity == Severity::Error && diagnostic.range.line == 0)
      lines << toQString(diagnostic.message);
  m_problems->setVisible(!lines.isEmpty());
  QPalette colours = palette();
  colours.setColor(QPalette::WindowText, themeOf(colours).error);
  m_problems->setPalette(colours);
  m_problems->setText(lines.join(u'\n'));
}

void LaunchView::commitGrid() {
  if (!m_grid->isModified())
    return;
  m_grid->setModified(false);
  std::vector<std::string> grid;
  for (const QString &part : m_grid->text().split(u';', Qt::SkipEmptyParts))
    if (QString trimmed = part.trimmed(); !trimmed.isEmpty())
      grid.push_back(trimmed.toStdString());
  if (grid != m_snapshot->launch.grid)
    emit commandRequested(SetGrid{std::move(grid)});
}

void LaunchView::load() {
  auto *dialog = new QFileDialog(this, tr("Load a launch"), {},
                                 tr("Launch files (*.launch.json);;All files (*)"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &path) {
    emit commandRequested(LoadLaunch{path.toStdString()});
  });
  dialog->open();
}

void LaunchView::save() {
  auto *dialog = new QFileDialog(this, tr("Save this launch"), {},
                                 tr("Launch files (*.launch.json)"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix(u"launch.json"_s);
  if (m_snapshot && !m_snapshot->kernel.empty())
    dialog->selectFile(toQString(m_snapshot->kernel) + u".launch.json"_s);
  connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &path) {
    emit commandRequested(SaveLaunch{path.toStdString()});
  });
  dialog->open();
}

ArgumentRow *LaunchView::row(const std::string &argument) const {
  auto found = m_fields.find(argument);
  return found == m_fields.end() ? nullptr : found->second;
}

void LaunchView::setSelection(const Selection &selection) {
  View::setSelection(selection);
  for (const auto &[name, label] : m_labels) {
    QFont font = this->font();
    font.setBold(name == selection.argument);
    label->setFont(font);
  }
}

} // namespace lapidary::ui
