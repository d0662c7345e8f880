// Kernels as Abi.h asks for them, written by hand.
#include <cstdint>

// The 64-bit integer `name.scratch_bytes` beside each function.
#define SCRATCH(name, bytes)                                                                       \
  extern "C" {                                                                                     \
  extern const std::int64_t name##_scratch __asm__(#name ".scratch_bytes");                        \
  const std::int64_t name##_scratch = bytes;                                                       \
  }

namespace {

constexpr std::int64_t block = 256;

struct AddArguments {
  const float *x, *y;
  float *out;
  std::int64_t n; // an i32 in the low half of its slot
};

std::int32_t low(std::int64_t slot) {
  return static_cast<std::int32_t>(slot);
}

} // namespace

#define KERNEL(name)                                                                               \
  extern "C" void name(const void *args, std::int64_t first, std::int64_t last, std::int64_t gx,   \
                       std::int64_t gy, std::int64_t gz, void *scratch)

SCRATCH(add, 0)
KERNEL(add) {
  const auto &a = *static_cast<const AddArguments *>(args);
  for (std::int64_t i = first * block; i < last * block && i < low(a.n); ++i)
    a.out[i] = a.x[i] + a.y[i];
}

// Without the mask: runs past the end when n is no multiple of the block.
SCRATCH(add_unmasked, 0)
KERNEL(add_unmasked) {
  const auto &a = *static_cast<const AddArguments *>(args);
  for (std::int64_t i = first * block; i < last * block; ++i)
    a.out[i] = a.x[i] + a.y[i];
}

SCRATCH(store_far, 0)
KERNEL(store_far) {
  const auto &a = *static_cast<const AddArguments *>(args);
  if (first == 0)
    a.out[low(a.n) + 1024] = 1;
}

// Each program writes its number to its scratch and reads it back through it.
SCRATCH(through_scratch, 4096)
KERNEL(through_scratch) {
  const auto &a = *static_cast<const AddArguments *>(args);
  auto *mine = static_cast<volatile float *>(scratch);
  for (std::int64_t program = first; program < last; ++program) {
    for (int i = 0; i < 1024; ++i)
      mine[i] = static_cast<float>(program);
    a.out[program] = mine[program % 1024];
  }
}

struct ScalarArguments {
  double *out;
  std::int64_t wide, i32, i8, f32, f64;
};

SCRATCH(scalars, 0)
KERNEL(scalars) {
  const auto &a = *static_cast<const ScalarArguments *>(args);
  float narrow;
  double full;
  __builtin_memcpy(&narrow, &a.f32, sizeof narrow);
  __builtin_memcpy(&full, &a.f64, sizeof full);
  a.out[0] = static_cast<double>(a.wide);
  a.out[1] = low(a.i32);
  a.out[2] = static_cast<std::int8_t>(a.i8);
  a.out[3] = narrow;
  a.out[4] = full;
  a.out[5] = static_cast<double>(gx * 10000 + gy * 100 + gz);
}
