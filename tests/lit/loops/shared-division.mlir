// RUN: lap-opt %s --tt-to-loops="vector-bits=512" | FileCheck %s

// A tile divided by one number is multiplied by its reciprocal; where the kernel asks for the rounded
// quotient, it is divided.
// CHECK-LABEL: @shared.program
// CHECK: %[[R:.*]] = arith.divf %{{.*}}, %{{.*}} : f32
// CHECK: %[[L:.*]] = vector.broadcast %[[R]] : f32 to vector<16xf32>
// CHECK: arith.mulf %{{.*}}, %[[L]] : vector<16xf32>
// CHECK: arith.divf %{{.*}}, %{{.*}} : vector<16xf32>
// CHECK-NOT: arith.divf
tt.func public @shared(%x: !tt.ptr<f32> {tt.divisibility = 16 : i32}, %by: f32) {
  %r = tt.make_range {end = 16 : i32, start = 0 : i32} : tensor<16xi32>
  %p = tt.splat %x : !tt.ptr<f32> -> tensor<16x!tt.ptr<f32>>
  %a = tt.addptr %p, %r : tensor<16x!tt.ptr<f32>>, tensor<16xi32>
  %v = tt.load %a : tensor<16x!tt.ptr<f32>>
  %d = tt.splat %by : f32 -> tensor<16xf32>
  %q = arith.divf %v, %d : tensor<16xf32>
  %e = tt.precise_divf %q, %d : tensor<16xf32>
  tt.store %a, %e : tensor<16x!tt.ptr<f32>>
  tt.return
}
