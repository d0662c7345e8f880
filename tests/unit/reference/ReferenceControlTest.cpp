#include "ReferenceRunner.h"

#include <thread>

using namespace lapidary;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

// A kernel of one i32 in, one i32 out: `body` defines %r from %n.
std::int32_t run(const std::string &body, std::int32_t n, const std::string &more = {}) {
  Launch launch;
  launch.buffer("out", std::vector<std::int32_t>(1, -99)).scalar(std::int64_t(n));
  launch.expectRuns("module {\ntt.func public @k(%out: !tt.ptr<i32>, %n: i32) {\n" + body +
                    "\n  tt.store %out, %r : !tt.ptr<i32>\n  tt.return\n}\n" + more + "}\n");
  return launch.contents<std::int32_t>(0)[0];
}

const char *constants = "  %c0 = arith.constant 0 : i32\n  %c1 = arith.constant 1 : i32\n"
                        "  %c2 = arith.constant 2 : i32\n";

} // namespace

TEST(ReferenceControl, LoopsCarryValues) {
  std::string body = std::string(constants) + R"(  %r = scf.for %i = %c0 to %n step %c2 iter_args(%s = %c1) -> (i32) : i32 {
    %t = arith.addi %s, %i : i32
    scf.yield %t : i32
  })";
  EXPECT_EQ(run(body, 10), 1 + 0 + 2 + 4 + 6 + 8);
  EXPECT_EQ(run(body, 0), 1) << "no iteration";
  EXPECT_EQ(run(body, -5), 1);
}

TEST(ReferenceControl, LoopsMaySwapWhatTheyCarry) {
  // Fibonacci: (a, b) becomes (b, a + b).
  std::string body = std::string(constants) + R"(  %f:2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %c0, %b = %c1) -> (i32, i32) : i32 {
    %t = arith.addi %a, %b : i32
    scf.yield %b, %t : i32, i32
  }
  %r = arith.addi %f#0, %c0 : i32)";
  EXPECT_EQ(run(body, 10), 55);
  std::string swap = std::string(constants) + R"(  %f:2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %c1, %b = %c2) -> (i32, i32) : i32 {
    scf.yield %b, %a : i32, i32
  }
  %m = arith.muli %f#0, %n : i32
  %r = arith.addi %m, %f#1 : i32)";
  EXPECT_EQ(run(swap, 3), 2 * 3 + 1);
  EXPECT_EQ(run(swap, 4), 1 * 4 + 2);
}

TEST(ReferenceControl, Conditionals) {
  std::string body = std::string(constants) + R"(  %p = arith.cmpi sgt, %n, %c0 : i32
  %r = scf.if %p -> (i32) {
    %t = arith.muli %n, %c2 : i32
    scf.yield %t : i32
  } else {
    scf.yield %c1 : i32
  })";
  EXPECT_EQ(run(body, 21), 42);
  EXPECT_EQ(run(body, -21), 1);
}

TEST(ReferenceControl, WhileLoops) {
  // Steps of Collatz down to 1.
  std::string body = std::string(constants) + R"(  %c3 = arith.constant 3 : i32
  %w:2 = scf.while (%x = %n, %k = %c0) : (i32, i32) -> (i32, i32) {
    %go = arith.cmpi ne, %x, %c1 : i32
    scf.condition(%go) %k, %x : i32, i32
  } do {
  ^bb0(%k: i32, %x: i32):
    %odd = arith.andi %x, %c1 : i32
    %isOdd = arith.cmpi eq, %odd, %c1 : i32
    %next = scf.if %isOdd -> (i32) {
      %t = arith.muli %x, %c3 : i32
      %u = arith.addi %t, %c1 : i32
      scf.yield %u : i32
    } else {
      %h = arith.divsi %x, %c2 : i32
      scf.yield %h : i32
    }
    %k1 = arith.addi %k, %c1 : i32
    scf.yield %next, %k1 : i32, i32
  }
  %r = arith.addi %w#0, %c0 : i32)";
  EXPECT_EQ(run(body, 6), 8);
  EXPECT_EQ(run(body, 27), 111);
  EXPECT_EQ(run(body, 1), 0);
}

TEST(ReferenceControl, BranchesBetweenBlocks) {
  Launch launch;
  launch.buffer("out", std::vector<std::int32_t>(4, -1)).scalar(std::int64_t(2)).grid(4);
  launch.expectRuns(R"(tt.func public @k(%out: !tt.ptr<i32>, %n: i32) {
  %pid = tt.get_program_id x : i32
  %p = arith.cmpi sge, %pid, %n : i32
  cf.cond_br %p, ^late, ^early(%pid : i32)
^early(%v: i32):
  %o = tt.addptr %out, %pid : !tt.ptr<i32>, i32
  %w = arith.muli %v, %n : i32
  tt.store %o, %w : !tt.ptr<i32>
  cf.br ^late
^late:
  tt.return
})");
  EXPECT_THAT(launch.contents<std::int32_t>(0), ElementsAre(0, 2, -1, -1));
}

TEST(ReferenceControl, Calls) {
  std::string helper = R"(tt.func private @power(%x: i32, %k: i32) -> i32 {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %r = scf.for %i = %c0 to %k step %c1 iter_args(%p = %c1) -> (i32) : i32 {
    %t = arith.muli %p, %x : i32
    scf.yield %t : i32
  }
  tt.return %r : i32
}
)";
  EXPECT_EQ(run(std::string(constants) + R"(  %a = tt.call @power(%n, %c2) : (i32, i32) -> i32
  %b = tt.call @power(%c2, %n) : (i32, i32) -> i32
  %r = arith.subi %b, %a : i32)", 7, helper), 128 - 49);
}

TEST(ReferenceControl, RecursionIsRefused) {
  Launch launch;
  Error error = launch.errorOf(R"(module {
tt.func public @k() {
  tt.call @again() : () -> ()
  tt.return
}
tt.func private @again() {
  tt.call @again() : () -> ()
  tt.return
}
})");
  EXPECT_EQ(error.code, ErrorCode::Unsupported);
  EXPECT_THAT(error.message, HasSubstr("calls itself: again"));
}

TEST(ReferenceControl, TheGrid) {
  Launch launch;
  launch.buffer("out", std::vector<std::int32_t>(2 * 3 * 4)).grid(2, 3, 4);
  launch.expectRuns(R"(tt.func public @k(%out: !tt.ptr<i32>) {
  %x = tt.get_program_id x : i32
  %y = tt.get_program_id y : i32
  %z = tt.get_program_id z : i32
  %nx = tt.get_num_programs x : i32
  %ny = tt.get_num_programs y : i32
  %a = arith.muli %z, %ny : i32
  %b = arith.addi %a, %y : i32
  %c = arith.muli %b, %nx : i32
  %d = arith.addi %c, %x : i32
  %p = tt.addptr %out, %d : !tt.ptr<i32>, i32
  %ten = arith.constant 10 : i32
  %e = arith.muli %z, %ten : i32
  %f = arith.addi %e, %y : i32
  %g = arith.muli %f, %ten : i32
  %h = arith.addi %g, %x : i32
  tt.store %p, %h : !tt.ptr<i32>
  tt.return
})");
  std::vector<std::int32_t> expected;
  for (int z = 0; z < 4; ++z)
    for (int y = 0; y < 3; ++y)
      for (int x = 0; x < 2; ++x)
        expected.push_back(100 * z + 10 * y + x);
  EXPECT_EQ(launch.contents<std::int32_t>(0), expected);
}

TEST(ReferenceControl, CancellingEndsAnEndlessLoop) {
  Launch launch;
  launch.buffer("out", std::vector<std::int32_t>(1));
  CancelToken cancel;
  std::jthread canceller([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    cancel.cancel();
  });
  Result<void> result = launch.run(R"(tt.func public @k(%out: !tt.ptr<i32>) {
  %true = arith.constant true
  scf.while : () -> () {
    scf.condition(%true)
  } do {
    scf.yield
  }
  tt.return
})", cancel);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::Cancelled);
}

TEST(ReferenceControl, Assertions) {
  Launch launch;
  launch.buffer("out", std::vector<std::int32_t>(1)).scalar(std::int64_t(3));
  std::string kernel = R"(tt.func public @k(%out: !tt.ptr<i32>, %n: i32) {
  %c5 = arith.constant 5 : i32
  %p = arith.cmpi sgt, %n, %c5 : i32
  tt.assert %p, "n must be over five" : i1 loc("kernel.py":17:4)
  tt.return
})";
  Error error = launch.errorOf(kernel);
  EXPECT_EQ(error.code, ErrorCode::InvalidInput);
  EXPECT_THAT(error.message, HasSubstr("kernel.py:17: program (0, 0, 0) fails the assertion: n must be over five"));
}

TEST(ReferenceControl, WhatItDoesNotKnowIsNamed) {
  Launch launch;
  launch.buffer("out", std::vector<std::int32_t>(4));
  Error error = launch.errorOf(R"(tt.func public @k(%out: !tt.ptr<i32>) {
  %i = tt.make_range {end = 4 : i32, start = 0 : i32} : tensor<4xi32>
  %r = tt.elementwise_inline_asm "mov.b32 $0, $1;" {constraints = "=r,r", packed_element = 1 : i32, pure = true} %i : tensor<4xi32> -> tensor<4xi32> loc("kernel.py":33:8)
  tt.return
})");
  EXPECT_EQ(error.code, ErrorCode::Unsupported);
  EXPECT_EQ(error.message, "kernel.py:33: the reference does not know tt.elementwise_inline_asm");
}

TEST(ReferenceControl, TextThatIsNoTritonIr) {
  Launch launch;
  EXPECT_EQ(launch.errorOf("this is no IR").code, ErrorCode::CompileFailed);
  EXPECT_EQ(launch.errorOf("").code, ErrorCode::CompileFailed);
  Error error = launch.errorOf("tt.func public @k() {\n  %0 = arith.addi %1, %1 : i32\n  tt.return\n}");
  EXPECT_THAT(error.message, HasSubstr("undeclared SSA value"));
}

TEST(ReferenceControl, ArgumentsMustFit) {
  Launch none;
  EXPECT_THAT(none.errorOf("tt.func public @k(%n: i32) {\n  tt.return\n}").message,
              HasSubstr("k takes 1 arguments, the launch gives 0"));
  Launch wrong;
  wrong.scalar(1.5);
  EXPECT_THAT(wrong.errorOf("tt.func public @k(%n: i32) {\n  tt.return\n}").message, HasSubstr("argument 1 of k"));
  Launch huge;
  huge.grid(std::int64_t(1) << 40, std::int64_t(1) << 40);
  EXPECT_EQ(huge.errorOf("tt.func public @k() {\n  tt.return\n}").code, ErrorCode::InvalidInput);
}
