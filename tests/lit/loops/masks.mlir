// RUN: lap-opt %s --tt-to-loops="vector-bits=256" --canonicalize --cse --split-input-file | FileCheck %s

// One test for a step; with it true, nothing is masked. A mask that cannot change within a vector
// is a branch, any other is tested lane by lane.
// CHECK-LABEL: func.func private @uniform.program
// CHECK: scf.for
// CHECK: %[[ALL:.*]] = arith.cmpi slt, %{{.*}}, %{{.*}} : i32
// CHECK: scf.if %[[ALL]]
// CHECK: llvm.load {{.*}} -> vector<8xf32>
// CHECK: else
// CHECK: arith.cmpi slt, %{{.*}}, %{{.*}} : i32
// CHECK: scf.if
// CHECK: llvm.load {{.*}} -> vector<8xf32>
// CHECK-NOT: llvm.intr.masked
// CHECK: return
module {
  tt.func public @uniform(%p: !tt.ptr<f32>, %n: i32 {tt.divisibility = 16 : i32}) {
    %r = tt.make_range {end = 1024 : i32, start = 0 : i32} : tensor<1024xi32>
    %ns = tt.splat %n : i32 -> tensor<1024xi32>
    %m = arith.cmpi slt, %r, %ns : tensor<1024xi32>
    %s = tt.splat %p : !tt.ptr<f32> -> tensor<1024x!tt.ptr<f32>>
    %a = tt.addptr %s, %r : tensor<1024x!tt.ptr<f32>>, tensor<1024xi32>
    %x = tt.load %a, %m : tensor<1024x!tt.ptr<f32>>
    %y = arith.addf %x, %x : tensor<1024xf32>
    tt.store %a, %y, %m : tensor<1024x!tt.ptr<f32>>
    tt.return
  }
}

// -----

// CHECK-LABEL: func.func private @anything.program
// CHECK: scf.if
// CHECK-NOT: llvm.intr.masked
// CHECK: else
// CHECK: llvm.intr.masked.load
// CHECK: llvm.intr.masked.store
// CHECK: return
module {
  tt.func public @anything(%p: !tt.ptr<f32>, %n: i32) {
    %r = tt.make_range {end = 1024 : i32, start = 0 : i32} : tensor<1024xi32>
    %ns = tt.splat %n : i32 -> tensor<1024xi32>
    %m = arith.cmpi slt, %r, %ns : tensor<1024xi32>
    %s = tt.splat %p : !tt.ptr<f32> -> tensor<1024x!tt.ptr<f32>>
    %a = tt.addptr %s, %r : tensor<1024x!tt.ptr<f32>>, tensor<1024xi32>
    %x = tt.load %a, %m : tensor<1024x!tt.ptr<f32>>
    %y = arith.addf %x, %x : tensor<1024xf32>
    tt.store %a, %y, %m : tensor<1024x!tt.ptr<f32>>
    tt.return
  }
}
