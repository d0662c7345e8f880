#include "ui/views/specialization/WhyPanel.h"

#include "ui/models/ArgumentChips.h"
#include "ui/widgets/Text.h"

#include <algorithm>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

WhyPanel::WhyPanel(QWidget *parent) : QScrollArea(parent) {
  m_text = new QLabel(this);
  m_text->setWordWrap(true);
  m_text->setTextFormat(Qt::RichText);
  m_text->setAlignment(Qt::AlignTop | Qt::AlignLeft);
  m_text->setContentsMargins(12, 8, 12, 8);
  m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  setWidget(m_text);
  setWidgetResizable(true);
  setFrameShape(QFrame::NoFrame);
  setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  setAccessibleName(tr("Why"));
}

void WhyPanel::show(const SnapshotPtr &snapshot, const Selection &selection) {
  m_snapshot = snapshot;
  m_selection = selection;
  refresh();
}

void WhyPanel::setValueProblem(const QString &message) {
  m_problem = message;
  refresh();
}

void WhyPanel::refresh() {
  QString html;
  if (!m_problem.isEmpty())
    html = u"<span style='color:%1'><b>%2</b> %3</span>"_s.arg(
        themeOf(palette()).error.name(), tr("Not a value."), m_problem.toHtmlEscaped());
  else if (m_snapshot)
    html = m_selection.argument.empty() ? keysText() : cellText();
  if (html != m_text->text())
    m_text->setText(html);
}

QString WhyPanel::cellText() const {
  std::vector<std::size_t> targets;
  if (m_selection.target >= 0 && std::size_t(m_selection.target) < m_snapshot->targets.size())
    targets.push_back(std::size_t(m_selection.target));
  else
    for (std::size_t i = 0; i < m_snapshot->targets.size(); ++i)
      targets.push_back(i);
  // Targets that say the same are named together.
  std::vector<std::pair<const ArgumentSpecialization *, QStringList>> groups;
  for (std::size_t i : targets) {
    if (i >= m_snapshot->specializations.size())
      continue;
    const auto *found = m_snapshot->specializations[i].find(m_selection.argument);
    if (!found)
      continue;
    auto same = std::ranges::find_if(groups, [found](const auto &group) {
      return explanationOf(*group.first, {}) == explanationOf(*found, {});
    });
    if (same == groups.end())
      same = groups.insert(groups.end(), {found, {}});
    same->second << toQString(toString(m_snapshot->targets[i]));
  }
  QStringList parts;
  for (const auto &[found, names] : groups)
    parts << explanationOf(*found, names);
  return parts.isEmpty() ? keysText() : parts.join(u"<hr>"_s);
}

QString WhyPanel::keysText() const {
  const Theme &theme = themeOf(palette());
  if (m_snapshot->targets.empty())
    return tr("Add a target in the tool bar to see what it would specialize on.");
  QString html = u"<span style='color:%1'>%2</span>"_s.arg(
      theme.muted.name(), tr("Select a cell to see why it is what it is and what would change it. "
                             "The keys as Triton prints them:"));
  html += u"<table cellspacing='0' cellpadding='0' style='margin-top:4px'>"_s;
  for (std::size_t i = 0; i < m_snapshot->targets.size(); ++i) {
    QString answer;
    if (i < m_snapshot->specializationProblems.size() &&
        !m_snapshot->specializationProblems[i].empty())
      answer = u"<span style='color:%1'>%2</span>"_s.arg(
          theme.error.name(), toQString(m_snapshot->specializationProblems[i]).toHtmlEscaped());
    else if (i < m_snapshot->specializations.size())
      answer =
          u"<code>%1</code>"_s.arg(toQString(m_snapshot->specializations[i].key).toHtmlEscaped());
    html += u"<tr><td style='padding-right:12px'>%1</td><td>%2</td></tr>"_s.arg(
        toQString(toString(m_snapshot->targets[i])).toHtmlEscaped(), answer);
  }
  return html + u"</table>"_s;
}

} // namespace lapidary::ui
