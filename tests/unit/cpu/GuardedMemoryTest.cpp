#include "backends/cpu/GuardedMemory.h"

#include "core/runtime/HostMemory.h"

#include <csignal>
#include <cstring>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace lapidary;
using testing::HasSubstr;

namespace {

std::uintptr_t addressOf(const GuardedMemory &memory) {
  return reinterpret_cast<std::uintptr_t>(memory.data());
}

// A write that the compiler keeps and the bounds checks of sanitizers do not see.
void poke(std::uintptr_t address) {
  *reinterpret_cast<volatile char *>(address) = 1;
}

// In a child: sanitizers would turn the signal into a report.
void pokeWithDefaultHandler(std::uintptr_t address) {
  std::signal(SIGSEGV, SIG_DFL);
  std::signal(SIGBUS, SIG_DFL);
  poke(address);
}

} // namespace

TEST(GuardedMemory, AlignmentIsExactlyWhatIsAsked) {
  for (std::int64_t alignment = 1; alignment <= 1 << 21; alignment *= 2)
    for (std::int64_t bytes : {1, 4, 12, 4096, 5000, 3 << 20}) {
      auto memory = GuardedMemory::allocate(bytes, alignment);
      ASSERT_TRUE(memory) << memory.error().message;
      EXPECT_EQ(addressOf(*memory) % static_cast<std::uintptr_t>(2 * alignment),
                static_cast<std::uintptr_t>(alignment))
          << bytes << " at " << alignment;
      std::memset(memory->data(), 7, static_cast<std::size_t>(bytes));
      EXPECT_EQ(memory->damage(), "");
    }
}

TEST(GuardedMemory, NothingCanBeAllocated) {
  auto memory = GuardedMemory::allocate(0, 256);
  ASSERT_TRUE(memory);
  EXPECT_NE(memory->data(), nullptr);
  EXPECT_EQ(memory->damage(), "");
}

TEST(GuardedMemory, ImpossibleRequests) {
  for (auto [bytes, alignment] :
       {std::pair<std::int64_t, std::int64_t>{16, 0}, {16, 48}, {-1, 8}, {16, -4}}) {
    auto memory = GuardedMemory::allocate(bytes, alignment);
    ASSERT_FALSE(memory);
    EXPECT_EQ(memory.error().code, ErrorCode::InvalidInput);
  }
  auto huge = GuardedMemory::allocate(std::int64_t(1) << 46, 256);
  ASSERT_FALSE(huge);
  EXPECT_EQ(huge.error().code, ErrorCode::OutOfResource);
  EXPECT_THAT(huge.error().message, HasSubstr("available"));
}

TEST(GuardedMemory, WritingBeyondTheSlackFaults) {
  auto memory = GuardedMemory::allocate(4096, 16);
  ASSERT_TRUE(memory);
  std::uintptr_t begin = addressOf(*memory), end = begin + 4096;
  for (std::uintptr_t far : {std::uintptr_t(32), std::uintptr_t(4096), std::uintptr_t(512) << 20})
    EXPECT_EXIT(pokeWithDefaultHandler(end + far), testing::KilledBySignal(SIGSEGV), "") << far;
  for (std::uintptr_t far : {std::uintptr_t(8192), std::uintptr_t(512) << 20})
    EXPECT_EXIT(pokeWithDefaultHandler(begin - far), testing::KilledBySignal(SIGSEGV), "") << far;
}

TEST(GuardedMemory, TheSlackIsShortBehindAStorage) {
  for (std::int64_t alignment : {1, 4, 16, 256}) {
    auto memory = GuardedMemory::allocate(10000, alignment);
    ASSERT_TRUE(memory);
    EXPECT_EXIT(pokeWithDefaultHandler(addressOf(*memory) + 10000 +
                                       2 * static_cast<std::uintptr_t>(alignment)),
                testing::KilledBySignal(SIGSEGV), "");
  }
}

TEST(GuardedMemory, DamageInTheSlackIsFoundOnce) {
  auto memory = GuardedMemory::allocate(1000, 64);
  ASSERT_TRUE(memory);
  poke(addressOf(*memory) + 1000 + 12);
  EXPECT_EQ(memory->damage(), "was written 12 bytes past its end");
  EXPECT_EQ(memory->damage(), "");
  poke(addressOf(*memory) - 8);
  EXPECT_EQ(memory->damage(), "was written 8 bytes before its start");
  EXPECT_EQ(memory->damage(), "");
}

TEST(GuardedMemory, MovingKeepsTheStorage) {
  auto memory = GuardedMemory::allocate(64, 64);
  ASSERT_TRUE(memory);
  std::byte *data = memory->data();
  GuardedMemory moved = std::move(*memory);
  EXPECT_EQ(moved.data(), data);
  *moved.data() = std::byte{1};
}

TEST(HostMemory, AvailableIsPlausible) {
  EXPECT_GT(availableHostMemory(), std::int64_t(1) << 20);
  EXPECT_LT(availableHostMemory(), std::int64_t(1) << 50);
}
