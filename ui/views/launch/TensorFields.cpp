#include "ui/views/launch/TensorFields.h"

#include "ui/widgets/Text.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <QStringList>

namespace lapidary::ui {

using namespace Qt::StringLiterals;

namespace {

QString tr(const char *text) { return QCoreApplication::translate("TensorFields", text); }

std::unexpected<Error> wrong(const QString &message) {
  return fail(ErrorCode::InvalidInput, message.toStdString());
}

Result<std::int64_t> parseNumber(const QString &text, const QString &field, std::int64_t least,
                                 const QString &example) {
  std::optional<Integer> number = parseInteger(text.trimmed().toStdString());
  if (!number)
    return wrong(tr("%1: \u201c%2\u201d is not a whole number; write for example %3")
                     .arg(field, text.trimmed(), example));
  if (!number->fits || number->value > INT64_MAX)
    return wrong(tr("%1: %2 is more than 64 bits hold").arg(field, text.trimmed()));
  if (number->value < least)
    return wrong(tr("%1: %2 is less than %3").arg(field, text.trimmed()).arg(least));
  return std::int64_t(number->value);
}

// Sets the storage to what is reached, or checks that it suffices.
Result<TensorArgument> settled(TensorArgument tensor, const QString &field, bool fitStorage) {
  std::optional<std::int64_t> reached = reachedBytes(tensor);
  if (!reached)
    return wrong(tr("%1: the tensor would be larger than 64-bit sizes reach; make it smaller")
                     .arg(field));
  if (fitStorage)
    tensor.storage = *reached;
  else if (tensor.storage < *reached)
    return wrong(tr("%1: the tensor reaches %2 bytes, its storage has %3; enlarge the storage")
                     .arg(field)
                     .arg(*reached)
                     .arg(tensor.storage));
  return tensor;
}

bool storageFits(const TensorArgument &tensor) {
  return tensor.storage == 0 || reachedBytes(tensor) == tensor.storage;
}

} // namespace

std::optional<std::vector<std::int64_t>> contiguousStrides(const std::vector<std::int64_t> &shape) {
  std::vector<std::int64_t> strides(shape.size());
  std::int64_t stride = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    strides[i] = stride;
    if (__builtin_mul_overflow(stride, std::max<std::int64_t>(shape[i], 1), &stride))
      return {};
  }
  return strides;
}

std::optional<std::int64_t> reachedBytes(const TensorArgument &tensor) {
  std::int64_t last = tensor.offset;
  for (std::size_t i = 0; i < tensor.shape.size() && i < tensor.strides.size(); ++i) {
    if (tensor.shape[i] == 0)
      return 0;
    std::int64_t span;
    if (__builtin_mul_overflow(tensor.shape[i] - 1, tensor.strides[i], &span) ||
        __builtin_add_overflow(last, span > 0 ? span : 0, &last))
      return {};
  }
  std::int64_t bytes;
  if (__builtin_add_overflow(last, std::int64_t(1), &last) ||
      __builtin_mul_overflow(last, std::int64_t(dtypeBytes(tensor.dtype)), &bytes))
    return {};
  return bytes;
}

bool isContiguous(const TensorArgument &tensor) {
  return contiguousStrides(tensor.shape) == tensor.strides;
}

QString sizesText(const std::vector<std::int64_t> &sizes) {
  QStringList words;
  for (std::int64_t size : sizes)
    words << QString::number(size);
  return words.join(u'x');
}

Result<std::vector<std::int64_t>> parseSizes(const QString &text, const QString &field,
                                             std::int64_t least) {
  static const QRegularExpression separator(u"\\s*[x\u00D7*,]\\s*|\\s+"_s);
  std::vector<std::int64_t> sizes;
  for (const QString &word : text.trimmed().split(separator, Qt::SkipEmptyParts)) {
    Result<std::int64_t> size = parseNumber(word, field, least, u"1024x1024"_s);
    if (!size)
      return std::unexpected(size.error());
    sizes.push_back(*size);
  }
  if (sizes.empty())
    return wrong(tr("%1: nothing is given; write for example 1024x1024").arg(field));
  return sizes;
}

Result<std::int64_t> parseSize(const QString &text, const QString &field, std::int64_t least) {
  return parseNumber(text, field, least, u"256"_s);
}

Result<TensorArgument> withShape(TensorArgument tensor, const QString &text) {
  Result<std::vector<std::int64_t>> shape = parseSizes(text, tr("shape"), 0);
  if (!shape)
    return std::unexpected(shape.error());
  bool contiguous = isContiguous(tensor), fits = storageFits(tensor);
  if (!contiguous && shape->size() != tensor.shape.size())
    return wrong(tr("shape: %1 sizes for %2 strides; change the strides first, or clear them")
                     .arg(shape->size())
                     .arg(tensor.strides.size()));
  tensor.shape = *shape;
  if (contiguous) {
    auto strides = contiguousStrides(tensor.shape);
    if (!strides)
      return wrong(tr("shape: the tensor would be larger than 64-bit sizes reach"));
    tensor.strides = *strides;
  }
  return settled(std::move(tensor), tr("shape"), fits);
}

Result<TensorArgument> withStrides(TensorArgument tensor, const QString &text) {
  bool fits = storageFits(tensor);
  if (text.trimmed().isEmpty()) {
    auto strides = contiguousStrides(tensor.shape);
    if (!strides)
      return wrong(tr("strides: the tensor would be larger than 64-bit sizes reach"));
    tensor.strides = *strides;
  } else {
    Result<std::vector<std::int64_t>> strides = parseSizes(text, tr("strides"), 0);
    if (!strides)
      return std::unexpected(strides.error());
    if (strides->size() != tensor.shape.size())
      return wrong(tr("strides: %1 strides for %2 dimensions; give one for each, in elements")
                       .arg(strides->size())
                       .arg(tensor.shape.size()));
    tensor.strides = *strides;
  }
  return settled(std::move(tensor), tr("strides"), fits);
}

Result<TensorArgument> withOffset(TensorArgument tensor, const QString &text) {
  Result<std::int64_t> offset = parseSize(text, tr("offset"), 0);
  if (!offset)
    return std::unexpected(offset.error());
  bool fits = storageFits(tensor);
  tensor.offset = *offset;
  return settled(std::move(tensor), tr("offset"), fits);
}

Result<TensorArgument> withAlignment(TensorArgument tensor, const QString &text) {
  Result<std::int64_t> alignment = parseSize(text, tr("alignment"), 1);
  if (!alignment)
    return std::unexpected(alignment.error());
  if ((*alignment & (*alignment - 1)) != 0)
    return wrong(tr("alignment: %1 is not a power of two; write for example 16").arg(*alignment));
  tensor.alignment = *alignment;
  return tensor;
}

Result<TensorArgument> withStorage(TensorArgument tensor, const QString &text) {
  if (text.trimmed().isEmpty())
    return settled(std::move(tensor), tr("storage"), true);
  Result<std::int64_t> storage = parseSize(text, tr("storage"), 0);
  if (!storage)
    return std::unexpected(storage.error());
  tensor.storage = *storage;
  return settled(std::move(tensor), tr("storage"), false);
}

Result<TensorArgument> withDType(TensorArgument tensor, DType type) {
  bool fits = storageFits(tensor);
  tensor.dtype = type;
  return settled(std::move(tensor), tr("dtype"), fits);
}

} // namespace lapidary::ui
