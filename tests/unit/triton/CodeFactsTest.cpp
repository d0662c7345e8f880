#include "core/triton/CodeFacts.h"

#include <gtest/gtest.h>

using namespace lapidary;

namespace {

std::int64_t value(const CompileResult &result, const std::string &name,
                   std::int64_t missing = -1) {
  for (const auto &[key, number] : result.resources.values)
    if (key == name)
      return number;
  return missing;
}

const MemoryAccess *access(const CompileResult &result, int line, const std::string &kind) {
  for (const MemoryAccess &each : result.accesses)
    if (each.range.line == line && each.kind == kind)
      return &each;
  return nullptr;
}

TEST(CodeFacts, ReadsPtx) {
  CompileResult result;
  result.stages = {{"ptx", R"(.version 8.7
.visible .entry add(
	.param .u64 .ptr .global .align 1 add_param_0,
	.param .u32 add_param_1,
	.param .u64 .ptr .global .align 1 add_param_2
)
.reqntid 128
{
	.reg .pred %p<3>;
	.loc 1 10 5
	ld.param.b64 %rd1, [add_param_0];
$L__tmp0:
	.loc 1 12 24
	@%p1 ld.global.v4.b32 { %r1, %r2, %r3, %r4 }, [ %rd1 + 0 ];
	@%p1 ld.global.b16 %rs1, [ %rd1 + 4 ];
	.loc 2 3 1
	ld.global.v2.b64 { %rd3, %rd4 }, [ %rd1 + 0 ];
	.loc 1 13 3
	cp.async.cg.shared.global [ %r5 + 0 ], [ %rd1 + 0 ], 0x10, %r6;
	st.global.v2.b16 [ %rd2 + 0 ], { %rs1, %rs2 };
	atom.global.gpu.acq_rel.add.f32 %f1, [ %rd2 + 0 ], %f2;
	ret;
}
	.file	1 "/kernels" "k.py"
	.file	2 "/kernels" "other.py"
)",
                    true, 0}};
  EXPECT_EQ(addCodeFacts(result, "/kernels/k.py"), 3);
  EXPECT_EQ(value(result, "instructions"), 8);
  EXPECT_EQ(value(result, "widest_load_bits"), 128);
  EXPECT_EQ(value(result, "widest_store_bits"), 32);
  ASSERT_TRUE(access(result, 12, "load"));
  EXPECT_EQ(access(result, 12, "load")->bits, 128);
  ASSERT_TRUE(access(result, 13, "load"));
  EXPECT_EQ(access(result, 13, "load")->bits, 128) << "16 bytes straight to shared memory";
  EXPECT_EQ(access(result, 13, "store")->bits, 32);
  EXPECT_EQ(access(result, 13, "atomic")->bits, 32);
  EXPECT_FALSE(access(result, 3, "load")) << "of another file";
}

TEST(CodeFacts, ReadsAmdgcn) {
  CompileResult result;
  result.stages = {{"amdgcn", R"(
	.file	1 "/kernels" "k.py"
add:
	.loc	1 12 24
	global_load_dwordx4 v[0:3], v0, s[2:3]
	buffer_load_ushort v4, v5, s[0:3], 0 offen
	.loc	1 13 1
	buffer_store_dwordx2 v[0:1], v5, s[0:3], 0 offen
	global_store_b128 v0, v[0:3], s[0:1]
	s_endpgm
	.amdgpu_metadata
amdhsa.kernels:
  - .agpr_count:     0
    .args:
      - .address_space:  global
        .offset:         0
        .size:           8
        .value_kind:     global_buffer
      - .offset:         8
        .size:           4
        .value_kind:     by_value
      - .offset:         16
        .value_kind:     hidden_block_count_x
    .private_segment_fixed_size: 16
    .sgpr_count:     18
    .vgpr_count:     24
    .vgpr_spill_count: 3
	.end_amdgpu_metadata
)",
                    true, 0}};
  EXPECT_EQ(addCodeFacts(result, "/kernels/k.py"), 2);
  EXPECT_EQ(value(result, "vgpr"), 24);
  EXPECT_EQ(value(result, "sgpr"), 18);
  EXPECT_EQ(value(result, "spills"), 3);
  EXPECT_EQ(value(result, "private_bytes"), 16);
  EXPECT_EQ(access(result, 12, "load")->bits, 128);
  EXPECT_EQ(access(result, 13, "store")->bits, 128);
}

TEST(CodeFacts, LeavesOutWhatIsNotTold) {
  CompileResult result;
  result.stages = {{"cubin", std::string("\177ELF\2\1\1") + std::string(40, '\xff'), false, 0}};
  EXPECT_EQ(addCodeFacts(result, "k.py"), 0);
  EXPECT_TRUE(result.resources.values.empty());
  // Offsets beyond the end, sizes that overflow: nothing is read.
  result.stages[0].contents.resize(64, '\xff');
  addCodeFacts(result, "k.py");
  EXPECT_TRUE(result.resources.values.empty());
}

} // namespace
