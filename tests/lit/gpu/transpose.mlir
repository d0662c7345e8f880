// RUN: lap-opt %s --tt-to-threads="architecture=90 num-warps=4" --canonicalize --cse | FileCheck %s

// Both accesses are wide, and the tile changes its layout between them: once through shared memory,
// which needs one barrier and is read in vectors.
// CHECK: lap.access_bits = array<i32: 128, 128>, lap.shared_bytes = 16384
// CHECK-COUNT-8: llvm.load {{.*}} : !llvm.ptr<1> -> vector<4xi32>
// CHECK-NOT: barrier
// CHECK-COUNT-32: llvm.store {{.*}} !llvm.ptr<3>
// CHECK-NOT: llvm.load
// CHECK: barrier.cta.sync
// CHECK-COUNT-8: llvm.load {{.*}} {alignment = 16 : i64} : !llvm.ptr<3> -> vector<4xi32>
// CHECK-NOT: barrier
// CHECK-COUNT-8: llvm.inline_asm has_side_effects "st.global.v4.b32
// CHECK-NOT: st.global
tt.func public @transpose(%x: !tt.ptr<f32> {tt.divisibility = 16 : i32}, %out: !tt.ptr<f32> {tt.divisibility = 16 : i32}) {
  %r = tt.make_range {end = 64 : i32, start = 0 : i32} : tensor<64xi32>
  %c64 = arith.constant dense<64> : tensor<64x1xi32>
  %rows = tt.expand_dims %r {axis = 1 : i32} : tensor<64xi32> -> tensor<64x1xi32>
  %cols = tt.expand_dims %r {axis = 0 : i32} : tensor<64xi32> -> tensor<1x64xi32>
  %ro = arith.muli %rows, %c64 : tensor<64x1xi32>
  %rb = tt.broadcast %ro : tensor<64x1xi32> -> tensor<64x64xi32>
  %cb = tt.broadcast %cols : tensor<1x64xi32> -> tensor<64x64xi32>
  %o = arith.addi %rb, %cb : tensor<64x64xi32>
  %b = tt.splat %x : !tt.ptr<f32> -> tensor<64x64x!tt.ptr<f32>>
  %p = tt.addptr %b, %o : tensor<64x64x!tt.ptr<f32>>, tensor<64x64xi32>
  %v = tt.load %p : tensor<64x64x!tt.ptr<f32>>
  %t = tt.trans %v {order = array<i32: 1, 0>} : tensor<64x64xf32> -> tensor<64x64xf32>
  %b2 = tt.splat %out : !tt.ptr<f32> -> tensor<64x64x!tt.ptr<f32>>
  %p2 = tt.addptr %b2, %o : tensor<64x64x!tt.ptr<f32>>, tensor<64x64xi32>
  tt.store %p2, %t : tensor<64x64x!tt.ptr<f32>>
  tt.return
}
