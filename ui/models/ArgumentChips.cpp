#include "ui/models/ArgumentChips.h"

#include "ui/widgets/Text.h"

#include <QCoreApplication>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {

QString tr(const char *text) { return QCoreApplication::translate("ArgumentChips", text); }

// The letter that a property has in the key; a property of a user's own rules shows its last word.
QString letterOf(const std::string &property) {
  if (property == "tt.divisibility")
    return u"D"_s;
  if (property == "tt.pointer_range")
    return u"S"_s;
  if (property == "tt.equal_to")
    return u"=1"_s;
  QString name = toQString(property);
  return name.mid(name.lastIndexOf(u'.') + 1);
}

bool looksAtValue(const std::string &type) {
  return !type.empty() && (type[0] == '*' || ((type[0] == 'i' || type[0] == 'u') && type != "u1"));
}

// "DS" -> D, S; "D8" -> D8. The N of older releases stands for nothing.
QStringList keyLetters(const std::string &key) {
  QStringList letters;
  for (char c : key) {
    if (c >= '0' && c <= '9' && !letters.isEmpty())
      letters.back() += QLatin1Char(c);
    else if (c != 'N')
      letters << QString(QLatin1Char(c));
  }
  return letters;
}

} // namespace

Chips chipsOf(const ArgumentSpecialization &argument) {
  if (argument.isDeclaredConstexpr)
    return {{ChipKind::Constexpr, argument.constant ? toQString(repr(*argument.constant))
                                                    : toQString(argument.value)}};
  if (argument.constant)
    return {{ChipKind::Constant, u"="_s + toQString(repr(*argument.constant))}};
  Chips chips;
  if (argument.key)
    for (const QString &letter : keyLetters(*argument.key))
      chips << Chip{letter == u"D"_s ? ChipKind::Divisible : ChipKind::Backend, letter};
  for (const std::string &property : argument.suppressed)
    chips << Chip{ChipKind::Suppressed, letterOf(property)};
  if (chips.isEmpty() && looksAtValue(argument.type))
    chips << Chip{ChipKind::Generic, {}};
  return chips;
}

QString groupName(ArgumentGroup group) {
  switch (group) {
  case ArgumentGroup::Pointers:
    return tr("pointers");
  case ArgumentGroup::Integers:
    return tr("integers");
  case ArgumentGroup::Floats:
    return tr("floats");
  case ArgumentGroup::Constexpr:
    return tr("constexpr");
  case ArgumentGroup::Other:
    break;
  }
  return tr("other");
}

ArgumentGroup groupOf(const Value &value, bool isDeclaredConstexpr) {
  if (isDeclaredConstexpr)
    return ArgumentGroup::Constexpr;
  if (value.as<TensorArgument>() || value.as<TensorDescriptorValue>())
    return ArgumentGroup::Pointers;
  if (value.as<Integer>() || value.as<bool>())
    return ArgumentGroup::Integers;
  if (value.as<double>())
    return ArgumentGroup::Floats;
  return ArgumentGroup::Other;
}

QString explanationOf(const ArgumentSpecialization &argument, const QStringList &targets) {
  auto escaped = [](const std::string &text) { return toQString(text).toHtmlEscaped(); };
  QString html = u"<b>%1</b> = %2 &nbsp;on %3<br>"_s.arg(
      escaped(argument.name), escaped(argument.value), targets.join(u", "_s).toHtmlEscaped());
  html += u"<code>%1</code>"_s.arg(escaped(argument.type));
  for (const Property &property : argument.properties)
    html += u", <code>%1 = %2</code>"_s.arg(escaped(property.name)).arg(property.value);
  if (!argument.reason.empty())
    html += u"<p style='margin:4px 0 0 0'>%1</p>"_s.arg(escaped(argument.reason));
  if (!argument.flip.empty())
    html += u"<p style='margin:4px 0 0 0'>%1</p>"_s.arg(escaped(argument.flip));
  if (!argument.suppressed.empty()) {
    QStringList names;
    for (const std::string &property : argument.suppressed)
      names << escaped(property);
    html += u"<p style='margin:4px 0 0 0'>%1</p>"_s.arg(
        tr("Switched off by an opt-out of the decorator: %1").arg(names.join(u", "_s)));
  }
  if (!argument.rule.empty())
    html += u"<p style='margin:4px 0 0 0'>%1</p>"_s.arg(
        tr("Rule: %1").arg(u"<code>"_s + escaped(argument.rule) + u"</code>"_s));
  return html;
}

} // namespace lapidary::ui
