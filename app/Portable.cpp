// Linked into the portable executable only. The static libstdc++ asks for arc4random, the one symbol that
// would tie the program to glibc 2.36; with this one it starts on 2.35 (Ubuntu 22.04) too.
#include <cstdint>
#include <sys/random.h>

extern "C" std::uint32_t arc4random() {
  std::uint32_t value = 0;
  while (getrandom(&value, sizeof value, 0) != sizeof value) {
  }
  return value;
}
