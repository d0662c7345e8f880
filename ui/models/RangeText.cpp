#include "ui/models/RangeText.h"

#include "core/session/CountVariants.h"

#include <QRegularExpression>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {

std::string quoted(const QString &text) {
  return dumpJson(Json(text.toStdString()));
}

// A number as it stands, since ranges reach beyond 64 bits; a word of Python; else text.
QString valueJson(const QString &text) {
  static const QRegularExpression number(u"^-?\\d+(\\.\\d+)?([eE][-+]?\\d+)?$"_s);
  if (text.compare(u"true"_s, Qt::CaseInsensitive) == 0)
    return u"true"_s;
  if (text.compare(u"false"_s, Qt::CaseInsensitive) == 0)
    return u"false"_s;
  if (text.compare(u"none"_s, Qt::CaseInsensitive) == 0 || text == u"null"_s)
    return u"null"_s;
  if (number.match(text).hasMatch())
    return text;
  bool isQuoted = text.size() >= 2 && (text.front() == u'"' || text.front() == u'\'') &&
                  text.back() == text.front();
  return QString::fromStdString(quoted(isQuoted ? text.mid(1, text.size() - 2) : text));
}

QString listJson(const QString &text) {
  QStringList values;
  for (const QString &part : text.split(u',', Qt::SkipEmptyParts))
    values << valueJson(part.trimmed());
  return u"[%1]"_s.arg(values.join(u", "_s));
}

QString jsonOf(const QString &text) {
  static const QRegularExpression range(
      u"^(-?\\d+)\\s*\\.\\.\\.?\\s*(-?\\d+)(?:\\s+step\\s+(\\d+))?$"_s);
  static const QRegularExpression tensor(u"^(align|alignment|storage)\\s+([\\d,\\s]+)$"_s);
  if (text == u"any"_s)
    return u"\"any\""_s;
  if (text.startsWith(u'{') || text.startsWith(u'['))
    return text;
  if (auto found = range.match(text); found.hasMatch()) {
    QString step = found.captured(3);
    return u"{\"from\": %1, \"to\": %2%3}"_s.arg(found.captured(1), found.captured(2),
                                                 step.isEmpty() ? QString()
                                                                : u", \"step\": %1"_s.arg(step));
  }
  if (auto found = tensor.match(text); found.hasMatch())
    return u"{\"%1\": %2}"_s.arg(found.captured(1) == u"storage"_s ? u"storage"_s : u"alignment"_s,
                                 listJson(found.captured(2)));
  return listJson(text);
}

} // namespace

Result<std::string> rangeJson(const std::string &argument, const QString &text) {
  std::string json = jsonOf(text.trimmed()).toStdString();
  std::string whole = "{" + dumpJson(Json(argument)) + ": " + json + "}";
  if (auto ranges = parseArgumentRanges(whole, "range"); !ranges)
    return fail(ErrorCode::InvalidInput,
                ranges.error().message + "; 1..4096 step 8, a list, or any is expected", argument);
  return json;
}

} // namespace lapidary::ui
