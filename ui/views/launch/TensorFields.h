// The fields of a tensor argument as text and back, with the messages that the form shows beside them.
// Pure; the widgets are in TensorEditor.
#pragma once

#include "core/source/Value.h"
#include "core/support/Result.h"

#include <QString>

namespace lapidary::ui {

// Elements, row-major. Nothing when a stride leaves 64 bits.
std::optional<std::vector<std::int64_t>> contiguousStrides(const std::vector<std::int64_t> &shape);
// Bytes of storage that offset, shape and strides reach (counted from the storage's first byte).
// Nothing when that leaves 64 bits.
std::optional<std::int64_t> reachedBytes(const TensorArgument &tensor);

bool isContiguous(const TensorArgument &tensor);

QString sizesText(const std::vector<std::int64_t> &sizes); // "16384x16384"
// Accepts "16384x16384", "16384, 16384", "16384 16384"; each at least `least`.
// Errors: InvalidInput naming the field and what to write.
Result<std::vector<std::int64_t>> parseSizes(const QString &text, const QString &field,
                                             std::int64_t least);
Result<std::int64_t> parseSize(const QString &text, const QString &field, std::int64_t least);

// Each changes one field and carries along what followed from it: a contiguous tensor stays
// contiguous when its shape changes, a storage that was just large enough stays so.
Result<TensorArgument> withShape(TensorArgument tensor, const QString &text);
Result<TensorArgument> withStrides(TensorArgument tensor, const QString &text); // empty: contiguous
Result<TensorArgument> withOffset(TensorArgument tensor, const QString &text);
Result<TensorArgument> withAlignment(TensorArgument tensor, const QString &text);
Result<TensorArgument> withStorage(TensorArgument tensor, const QString &text); // empty: reached
Result<TensorArgument> withDType(TensorArgument tensor, DType type);

} // namespace lapidary::ui
