// RUN: lap-opt %s --tt-to-threads="architecture=90 num-warps=4" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,NVIDIA
// RUN: lap-opt %s --tt-to-threads="architecture=gfx942 num-warps=4" --canonicalize --cse | FileCheck %s --check-prefixes=CHECK,AMD

// A sum: registers first, then the lanes by shuffles (5 of 32, 6 of 64), then four warps through 16 bytes.
// CHECK: lap.shared_bytes = 16
// CHECK-LABEL: @column_sum
// NVIDIA-COUNT-2: llvm.load {{.*}} {alignment = 16 : i64} : !llvm.ptr<1> -> vector<4xi32>
// NVIDIA-COUNT-5: nvvm.shfl.sync.bfly
// NVIDIA-NOT: shfl
// AMD: raw.ptr.buffer.load{{.*}} -> vector<4xi32>
// AMD: llvm.amdgcn.ds.bpermute
// AMD-COUNT-5: llvm.amdgcn.ds.swizzle
// AMD-NOT: ds.swizzle
// CHECK: scf.if
// CHECK: llvm.store {{.*}} : i32, !llvm.ptr<3>
// NVIDIA: barrier.cta.sync
// AMD: s.barrier
// CHECK: llvm.load {{.*}} {alignment = 16 : i64} : !llvm.ptr<3> -> vector<4xi32>
// One thread stores.
// NVIDIA: "@$2 st.global.b32 [$0], $1;"
// AMD: scf.if
// AMD-NEXT: llvm.store {{.*}} !llvm.ptr<1>
tt.func public @column_sum(%x: !tt.ptr<f32> {tt.divisibility = 16 : i32}, %out: !tt.ptr<f32> {tt.divisibility = 16 : i32}) {
  %r = tt.make_range {end = 1024 : i32, start = 0 : i32} : tensor<1024xi32>
  %b = tt.splat %x : !tt.ptr<f32> -> tensor<1024x!tt.ptr<f32>>
  %p = tt.addptr %b, %r : tensor<1024x!tt.ptr<f32>>, tensor<1024xi32>
  %v = tt.load %p : tensor<1024x!tt.ptr<f32>>
  %s = "tt.reduce"(%v) <{axis = 0 : i32}> ({
  ^bb0(%a: f32, %c: f32):
    %d = arith.addf %a, %c : f32
    tt.reduce.return %d : f32
  }) : (tensor<1024xf32>) -> f32
  tt.store %out, %s : !tt.ptr<f32>
  tt.return
}
