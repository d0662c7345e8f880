// RUN: lap-opt %s --tt-to-loops="vector-bits=512 gather=true" --canonicalize --cse | FileCheck %s

// Softmax of a row: three loops, whatever the number of operations.
// CHECK-LABEL: func.func private @softmax.program
// The maximum, in four accumulators.
// CHECK: scf.for {{.*}} -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>)
// CHECK-NOT: math.exp
// CHECK: arith.maxnumf
// The exponentials, kept, with their sum.
// CHECK: scf.for
// CHECK: math.exp
// CHECK: llvm.store {{.*}} : vector<16xf32>
// CHECK: arith.addf
// The quotient: nothing is computed again.
// CHECK: scf.for
// CHECK-NOT: math.exp
// CHECK: arith.divf
// CHECK: llvm.store {{.*}} : vector<16xf32>
// CHECK: return
// CHECK: func.func @softmax(
// CHECK: scf.for {{.*}} : i64
// CHECK: call @softmax.program
// CHECK: llvm.mlir.global external constant @softmax.scratch_bytes(8192 : i64)
module {
  tt.func public @softmax(%in: !tt.ptr<f32>, %out: !tt.ptr<f32>) {
    %r = tt.make_range {end = 2048 : i32, start = 0 : i32} : tensor<2048xi32>
    %is = tt.splat %in : !tt.ptr<f32> -> tensor<2048x!tt.ptr<f32>>
    %ip = tt.addptr %is, %r : tensor<2048x!tt.ptr<f32>>, tensor<2048xi32>
    %x = tt.load %ip : tensor<2048x!tt.ptr<f32>>
    %m = "tt.reduce"(%x) <{axis = 0 : i32}> ({
    ^bb0(%a: f32, %b: f32):
      %c = arith.maxnumf %a, %b : f32
      tt.reduce.return %c : f32
    }) : (tensor<2048xf32>) -> f32
    %ms = tt.splat %m : f32 -> tensor<2048xf32>
    %d = arith.subf %x, %ms : tensor<2048xf32>
    %e = math.exp %d : tensor<2048xf32>
    %s = "tt.reduce"(%e) <{axis = 0 : i32}> ({
    ^bb0(%a: f32, %b: f32):
      %c = arith.addf %a, %b : f32
      tt.reduce.return %c : f32
    }) : (tensor<2048xf32>) -> f32
    %ss = tt.splat %s : f32 -> tensor<2048xf32>
    %q = arith.divf %e, %ss : tensor<2048xf32>
    %os = tt.splat %out : !tt.ptr<f32> -> tensor<2048x!tt.ptr<f32>>
    %op = tt.addptr %os, %r : tensor<2048x!tt.ptr<f32>>, tensor<2048xi32>
    tt.store %op, %q : tensor<2048x!tt.ptr<f32>>
    tt.return
  }
}
