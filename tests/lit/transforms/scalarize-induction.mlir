// RUN: lap-opt %s --tt-scalarize-induction --canonicalize --cse | FileCheck %s

// A tile of pointers that a splat advances: the loop carries one number instead.
// CHECK-LABEL: tt.func public @splat
// CHECK: scf.for {{.*}} iter_args(%[[MOVED:.*]] = %{{.*}}) -> (i32)
// CHECK: tt.splat %[[MOVED]]
// CHECK: tt.addptr
// CHECK: arith.addi %[[MOVED]], %{{.*}} : i32
// CHECK: scf.yield %{{.*}} : i32
tt.func public @splat(%x: !tt.ptr<f32>, %n: i32, %stride: i32) {
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %r = tt.make_range {end = 64 : i32, start = 0 : i32} : tensor<64xi32>
  %b = tt.splat %x : !tt.ptr<f32> -> tensor<64x!tt.ptr<f32>>
  %p = tt.addptr %b, %r : tensor<64x!tt.ptr<f32>>, tensor<64xi32>
  %s = tt.splat %stride : i32 -> tensor<64xi32>
  %q = scf.for %i = %zero to %n step %one iter_args(%c = %p) -> (tensor<64x!tt.ptr<f32>>) : i32 {
    %v = tt.load %c : tensor<64x!tt.ptr<f32>>
    tt.store %c, %v : tensor<64x!tt.ptr<f32>>
    %next = tt.addptr %c, %s : tensor<64x!tt.ptr<f32>>, tensor<64xi32>
    scf.yield %next : tensor<64x!tt.ptr<f32>>
  }
  tt.return
}

// A step that differs from element to element, the same each time: it is multiplied by the count.
// CHECK-LABEL: tt.func public @tile
// CHECK: scf.for {{.*}} -> (i32)
// CHECK: arith.muli %{{.*}}, %{{.*}} : tensor<64xi32>
tt.func public @tile(%x: !tt.ptr<f32>, %n: i32, %stride: i32) {
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %r = tt.make_range {end = 64 : i32, start = 0 : i32} : tensor<64xi32>
  %b = tt.splat %x : !tt.ptr<f32> -> tensor<64x!tt.ptr<f32>>
  %q = scf.for %i = %zero to %n step %one iter_args(%c = %b) -> (tensor<64x!tt.ptr<f32>>) : i32 {
    %v = tt.load %c : tensor<64x!tt.ptr<f32>>
    tt.store %c, %v : tensor<64x!tt.ptr<f32>>
    %next = tt.addptr %c, %r : tensor<64x!tt.ptr<f32>>, tensor<64xi32>
    scf.yield %next : tensor<64x!tt.ptr<f32>>
  }
  tt.return
}

// Sums of floats and steps read in the loop stay as they are.
// CHECK-LABEL: tt.func public @others
// CHECK: iter_args({{.*}}) -> (tensor<64xf32>, tensor<64xi32>)
tt.func public @others(%x: !tt.ptr<i32>, %o: !tt.ptr<f32>, %n: i32) {
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %f = arith.constant dense<1.0> : tensor<64xf32>
  %r = tt.make_range {end = 64 : i32, start = 0 : i32} : tensor<64xi32>
  %b = tt.splat %x : !tt.ptr<i32> -> tensor<64x!tt.ptr<i32>>
  %p = tt.addptr %b, %r : tensor<64x!tt.ptr<i32>>, tensor<64xi32>
  %q:2 = scf.for %i = %zero to %n step %one iter_args(%c = %f, %d = %r) -> (tensor<64xf32>, tensor<64xi32>) : i32 {
    %v = tt.load %p : tensor<64x!tt.ptr<i32>>
    %next = arith.addf %c, %f : tensor<64xf32>
    %moved = arith.addi %d, %v : tensor<64xi32>
    scf.yield %next, %moved : tensor<64xf32>, tensor<64xi32>
  }
  %ob = tt.splat %o : !tt.ptr<f32> -> tensor<64x!tt.ptr<f32>>
  %op = tt.addptr %ob, %q#1 : tensor<64x!tt.ptr<f32>>, tensor<64xi32>
  tt.store %op, %q#0 : tensor<64x!tt.ptr<f32>>
  tt.return
}
