#include "ui/models/SpecializationModel.h"

#include "ui/widgets/Text.h"

#include <QFont>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

QList<SpecializationModel::Group> SpecializationModel::groupsOf(const Snapshot &snapshot) {
  QList<Group> groups;
  for (int kind = 0; kind < argumentGroupCount; ++kind)
    groups << Group{ArgumentGroup(kind), {}};
  const JitFunction *kernel = snapshot.file ? snapshot.file->find(snapshot.kernel) : nullptr;
  auto isConstexpr = [kernel](const std::string &name) {
    if (kernel)
      for (const KernelParameter &parameter : kernel->parameters)
        if (parameter.name == name)
          return parameter.isConstexpr;
    return false;
  };
  for (const auto &[name, value] : snapshot.launch.arguments) {
    Row row{name, toQString(argumentText(value)), snapshot.launch.guessed.contains(name), {}, {}};
    for (std::size_t i = 0; i < snapshot.targets.size(); ++i) {
      const ArgumentSpecialization *found =
          i < snapshot.specializations.size() ? snapshot.specializations[i].find(name) : nullptr;
      row.chips << (found ? chipsOf(*found) : Chips());
      row.types << (found ? toQString(found->type) : QString());
    }
    groups[qsizetype(groupOf(value, isConstexpr(name)))].rows << row;
  }
  groups.removeIf([](const Group &group) { return group.rows.isEmpty(); });
  return groups;
}

bool SpecializationModel::hasSameShape(const QList<Group> &groups,
                                       const std::vector<Target> &targets) const {
  if (targets != m_targets || groups.size() != m_groups.size())
    return false;
  for (qsizetype g = 0; g < groups.size(); ++g) {
    if (groups[g].kind != m_groups[g].kind || groups[g].rows.size() != m_groups[g].rows.size())
      return false;
    for (qsizetype r = 0; r < groups[g].rows.size(); ++r)
      if (groups[g].rows[r].name != m_groups[g].rows[r].name)
        return false;
  }
  return true;
}

void SpecializationModel::setSnapshot(const SnapshotPtr &snapshot) {
  QList<Group> groups = groupsOf(*snapshot);
  if (!hasSameShape(groups, snapshot->targets)) {
    beginResetModel();
    m_snapshot = snapshot;
    m_groups = std::move(groups);
    m_targets = snapshot->targets;
    endResetModel();
    return;
  }
  m_snapshot = snapshot;
  std::swap(m_groups, groups); // `groups` holds the old rows from here on
  QList<QPersistentModelIndex> changed;
  for (qsizetype g = 0; g < m_groups.size(); ++g) {
    QModelIndex parent = index(int(g), 0);
    for (qsizetype r = 0; r < m_groups[g].rows.size(); ++r) {
      const Row &now = m_groups[g].rows[r], &before = groups[g].rows[r];
      if (now == before)
        continue;
      emit dataChanged(index(int(r), 0, parent), index(int(r), columnCount() - 1, parent));
      for (qsizetype t = 0; t < now.chips.size(); ++t)
        if (now.chips[t] != before.chips[t] || now.types[t] != before.types[t])
          changed << index(int(r), FirstTargetColumn + int(t), parent);
    }
  }
  if (!changed.isEmpty())
    emit cellsChanged(changed);
}

const SpecializationModel::Row *SpecializationModel::rowAt(const QModelIndex &index) const {
  if (!index.isValid() || index.internalId() == 0)
    return nullptr;
  return &m_groups[qsizetype(index.internalId() - 1)].rows[index.row()];
}

int SpecializationModel::targetAt(const QModelIndex &index) const {
  return rowAt(index) && index.column() >= FirstTargetColumn ? index.column() - FirstTargetColumn
                                                             : -1;
}

const ArgumentSpecialization *
SpecializationModel::specializationAt(const QModelIndex &index) const {
  const Row *row = rowAt(index);
  int target = targetAt(index);
  if (!row || target < 0 || std::size_t(target) >= m_snapshot->specializations.size())
    return nullptr;
  return m_snapshot->specializations[std::size_t(target)].find(row->name);
}

QModelIndex SpecializationModel::indexOf(const std::string &argument, int target) const {
  for (qsizetype g = 0; g < m_groups.size(); ++g)
    for (qsizetype r = 0; r < m_groups[g].rows.size(); ++r)
      if (m_groups[g].rows[r].name == argument)
        return index(int(r), target < 0 ? 0 : FirstTargetColumn + target, index(int(g), 0));
  return {};
}

QModelIndex SpecializationModel::index(int row, int column, const QModelIndex &parent) const {
  if (!hasIndex(row, column, parent))
    return {};
  return createIndex(row, column, parent.isValid() ? quintptr(parent.row() + 1) : quintptr(0));
}

QModelIndex SpecializationModel::parent(const QModelIndex &child) const {
  if (!child.isValid() || child.internalId() == 0)
    return {};
  return createIndex(int(child.internalId()) - 1, 0, quintptr(0));
}

int SpecializationModel::rowCount(const QModelIndex &parent) const {
  if (!parent.isValid())
    return int(m_groups.size());
  if (parent.internalId() != 0 || parent.column() != 0)
    return 0;
  return int(m_groups[parent.row()].rows.size());
}

int SpecializationModel::columnCount(const QModelIndex &) const {
  return FirstTargetColumn + int(m_targets.size());
}

QVariant SpecializationModel::data(const QModelIndex &index, int role) const {
  if (!index.isValid())
    return {};
  const Row *row = rowAt(index);
  if (!row) {
    if (role == Qt::DisplayRole && index.column() == ArgumentColumn)
      return groupName(m_groups[index.row()].kind);
    return {};
  }
  int target = targetAt(index);
  switch (role) {
  case Qt::DisplayRole:
  case Qt::AccessibleTextRole:
    if (index.column() == ArgumentColumn)
      return toQString(row->name);
    if (index.column() == ValueColumn)
      return row->value;
    return QString(chipsText(row->chips[target]) + u" "_s + row->types[target]).trimmed();
  case Qt::EditRole:
    return index.column() == ValueColumn ? QVariant(row->value) : QVariant();
  case Qt::ToolTipRole:
    if (const ArgumentSpecialization *found = specializationAt(index))
      return explanationOf(*found, {toQString(toString(m_targets[std::size_t(target)]))});
    if (target >= 0 && std::size_t(target) < m_snapshot->specializationProblems.size())
      return toQString(m_snapshot->specializationProblems[std::size_t(target)]);
    if (index.column() == ValueColumn)
      return row->guessed ? tr("%1\nGuessed from the source. Edit it to say what it is.")
                                .arg(row->value)
                          : row->value;
    return toQString(row->name);
  case Qt::FontRole:
    if (index.column() == ValueColumn && row->guessed) {
      QFont font;
      font.setItalic(true);
      return font;
    }
    return {};
  case ChipsRole:
    return target >= 0 ? QVariant::fromValue(row->chips[target]) : QVariant();
  case TypeRole:
    return target >= 0 ? QVariant(row->types[target]) : QVariant();
  case NameRole:
    return toQString(row->name);
  case GuessedRole:
    return row->guessed;
  }
  return {};
}

QVariant SpecializationModel::headerData(int section, Qt::Orientation orientation,
                                         int role) const {
  if (orientation != Qt::Horizontal)
    return {};
  if (role == Qt::DisplayRole) {
    if (section == ArgumentColumn)
      return tr("argument");
    if (section == ValueColumn)
      return tr("value");
    return toQString(toString(m_targets[std::size_t(section - FirstTargetColumn)]));
  }
  if (role == Qt::ToolTipRole && section >= FirstTargetColumn && m_snapshot) {
    std::size_t target = std::size_t(section - FirstTargetColumn);
    if (target < m_snapshot->specializationProblems.size() &&
        !m_snapshot->specializationProblems[target].empty())
      return toQString(m_snapshot->specializationProblems[target]);
    if (target < m_snapshot->specializations.size())
      return tr("Key: %1").arg(toQString(m_snapshot->specializations[target].key));
  }
  return {};
}

Qt::ItemFlags SpecializationModel::flags(const QModelIndex &index) const {
  if (!index.isValid())
    return Qt::NoItemFlags;
  if (!rowAt(index))
    return Qt::ItemIsEnabled;
  Qt::ItemFlags flags = Qt::ItemIsEnabled | Qt::ItemIsSelectable;
  return index.column() == ValueColumn ? flags | Qt::ItemIsEditable : flags;
}

bool SpecializationModel::setData(const QModelIndex &index, const QVariant &value, int role) {
  const Row *row = rowAt(index);
  if (!row || role != Qt::EditRole || index.column() != ValueColumn)
    return false;
  if (value.toString() == row->value)
    return true;
  Result<Value> parsed = parseArgumentText(value.toString().toStdString());
  if (!parsed)
    return false;
  emit argumentEdited(row->name, *parsed);
  return true;
}

} // namespace lapidary::ui
