// What the simulated GPU finds: each mistake is made once, beside the same thing done right.
#include "backends/sim/Block.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace lapidary;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

constexpr int threads = 64, warpSize = 32;

class Block : public testing::Test {
protected:
  alignas(16) std::array<std::uint32_t, 16> memory{};
  std::vector<SimStorage> storages{
      {reinterpret_cast<std::uint64_t>(memory.data()), sizeof memory, "x_ptr"}};
  SimBlock block{4, threads, warpSize, 1024, storages};
  void SetUp() override { block.beginProgram(); }
  void writeShared(int thread, std::uint64_t value) {
    block.write(SimSpace::Shared, thread, 16, 4, 4, value);
  }
  std::uint64_t readShared(int thread) { return block.read(SimSpace::Shared, thread, 16, 4, 4); }
};

TEST_F(Block, ABarrierOrdersWritesAndReads) {
  writeShared(0, 7);
  block.barrier();
  EXPECT_EQ(readShared(33), 7u);
  block.barrier();
  writeShared(5, 8);
  EXPECT_THAT(block.problem, IsEmpty());
}

TEST_F(Block, AReadBesideAWriteIsARace) {
  writeShared(0, 7);
  readShared(33);
  EXPECT_THAT(
      block.problem,
      HasSubstr("thread 33 reads byte 16 of shared memory, which thread 0 writes with no barrier"));
}

TEST_F(Block, AWriteBesideAReadIsARace) {
  writeShared(0, 7);
  block.barrier();
  readShared(1);
  writeShared(2, 8);
  EXPECT_THAT(block.problem,
              HasSubstr("thread 2 writes byte 16 of shared memory, which thread 1 reads"));
}

TEST_F(Block, TwoThreadsMayWriteTheSameValueOnly) {
  writeShared(0, 7);
  writeShared(1, 7);
  EXPECT_THAT(block.problem, IsEmpty());
  writeShared(2, 8);
  EXPECT_THAT(block.problem, HasSubstr("thread 2 writes byte 16"));
}

TEST_F(Block, AThreadReadsWhatItWroteItself) {
  writeShared(3, 9);
  EXPECT_EQ(readShared(3), 9u);
  EXPECT_THAT(block.problem, IsEmpty());
}

TEST_F(Block, UnwrittenSharedMemoryIsNotRead) {
  readShared(0);
  EXPECT_THAT(block.problem, HasSubstr("which nothing has written"));
}

TEST_F(Block, ABlockOfItsOwnForEachProgram) {
  writeShared(0, 7);
  block.beginProgram();
  readShared(0);
  EXPECT_THAT(block.problem, HasSubstr("which nothing has written"));
}

TEST_F(Block, SharedMemoryEnds) {
  block.write(SimSpace::Shared, 0, 1024, 4, 4, 0);
  EXPECT_THAT(block.problem, HasSubstr("byte 1024 of 1024 bytes of shared memory"));
}

TEST_F(Block, ABarrierIsForAll) {
  block.barrier();
  EXPECT_THAT(block.problem, IsEmpty());
  block.active[40] = 0;
  block.barrier();
  EXPECT_THAT(block.problem, HasSubstr("thread 40 misses a barrier"));
}

TEST_F(Block, AShuffleStaysInItsWarpAndNeedsAllOfIt) {
  for (int i = 0; i < threads; ++i)
    block.of(0)[i] = static_cast<std::uint64_t>(i);
  block.shuffle(1, 0, [](int, int lane) { return lane ^ 16; });
  EXPECT_EQ(block.of(1)[0], 16u);
  EXPECT_EQ(block.of(1)[33], 49u);
  block.shuffle(1, 0, [](int, int lane) { return lane - 1; });
  EXPECT_EQ(block.of(1)[32], 32u); // no lane below: its own
  EXPECT_THAT(block.problem, IsEmpty());
  block.active[2] = 0;
  block.shuffle(1, 0, [](int, int lane) { return lane; });
  EXPECT_THAT(block.problem, HasSubstr("misses a shuffle"));
}

TEST_F(Block, AccessesOutsideAreNamed) {
  EXPECT_EQ(block.read(SimSpace::Global, 0, storages[0].begin + 60, 4, 4), 0u);
  EXPECT_THAT(block.problem, IsEmpty());
  block.program = {2, 0, 0};
  block.read(SimSpace::Global, 7, storages[0].begin + 64, 4, 4);
  EXPECT_THAT(
      block.problem,
      HasSubstr("program (2, 0, 0): thread 7 reads 0 bytes past the end of x_ptr (64 bytes)"));
}

TEST_F(Block, WritesBeforeTheStartAreNamed) {
  block.write(SimSpace::Global, 0, storages[0].begin - 4, 4, 4, 1);
  EXPECT_THAT(block.problem, HasSubstr("writes 4 bytes before the start of x_ptr"));
}

TEST_F(Block, MisalignedAccessesAreFound) {
  block.read(SimSpace::Global, 0, storages[0].begin + 4, 4, 16);
  EXPECT_THAT(block.problem, HasSubstr("which is no multiple of 16"));
}

TEST_F(Block, AtomicsOfSeveralThreadsGoTogether) {
  writeShared(0, 0);
  block.barrier();
  EXPECT_NE(block.atomicPlace(SimSpace::Shared, 1, 16, 4), nullptr);
  EXPECT_NE(block.atomicPlace(SimSpace::Shared, 2, 16, 4), nullptr);
  EXPECT_THAT(block.problem, IsEmpty());
  block.barrier();
  writeShared(3, 1);
  block.atomicPlace(SimSpace::Shared, 4, 16, 4);
  EXPECT_THAT(block.problem, HasSubstr("thread 4 changes byte 16"));
}

} // namespace
