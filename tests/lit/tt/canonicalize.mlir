// RUN: lap-opt %s --canonicalize | FileCheck %s

// CHECK-LABEL: tt.func @constants
tt.func @constants() -> (tensor<4x8xi32>, tensor<8x4xf32>, tensor<32xi32>, tensor<1xi32>) {
  // CHECK-DAG: arith.constant dense<3> : tensor<4x8xi32>
  // CHECK-DAG: arith.constant dense<3> : tensor<32xi32>
  // CHECK-DAG: arith.constant dense<1.500000e+00> : tensor<8x4xf32>
  // CHECK-DAG: arith.constant dense<5> : tensor<1xi32>
  // CHECK-NOT: tt.splat
  // CHECK-NOT: tt.make_range
  %c3 = arith.constant 3 : i32
  %x = arith.constant 1.5 : f32
  %0 = tt.splat %c3 : i32 -> tensor<8xi32>
  %1 = tt.expand_dims %0 {axis = 0 : i32} : tensor<8xi32> -> tensor<1x8xi32>
  %2 = tt.broadcast %1 : tensor<1x8xi32> -> tensor<4x8xi32>
  %3 = tt.splat %x : f32 -> tensor<4x8xf32>
  %4 = tt.trans %3 {order = array<i32: 1, 0>} : tensor<4x8xf32> -> tensor<8x4xf32>
  %5 = tt.reshape %2 : tensor<4x8xi32> -> tensor<32xi32>
  %6 = tt.make_range {end = 6 : i32, start = 5 : i32} : tensor<1xi32>
  tt.return %2, %4, %5, %6 : tensor<4x8xi32>, tensor<8x4xf32>, tensor<32xi32>, tensor<1xi32>
}

// CHECK-LABEL: tt.func @masks
tt.func @masks(%p: tensor<8x!tt.ptr<f32>>, %other: tensor<8xf32>) -> tensor<8xf32> {
  %yes = arith.constant dense<true> : tensor<8xi1>
  %no = arith.constant dense<false> : tensor<8xi1>
  // CHECK: %[[X:.*]] = tt.load %{{[^,]*}} : tensor<8x!tt.ptr<f32>>
  %0 = tt.load %p, %yes, %other : tensor<8x!tt.ptr<f32>>
  // CHECK-NEXT: tt.store %{{.*}}, %[[X]] : tensor<8x!tt.ptr<f32>>
  tt.store %p, %0, %yes : tensor<8x!tt.ptr<f32>>
  // CHECK-NOT: tt.store
  tt.store %p, %other, %no : tensor<8x!tt.ptr<f32>>
  %1 = tt.load %p, %no, %other : tensor<8x!tt.ptr<f32>>
  // CHECK: tt.return %arg1
  tt.return %1 : tensor<8xf32>
}

// CHECK-LABEL: tt.func @shapes
tt.func @shapes(%x: f32, %t: tensor<8x4xf32>, %r: tensor<1x4xf32>) -> (tensor<8x1xf32>, tensor<8x4xf32>, tensor<32xf32>, tensor<1x8x4xf32>) {
  // CHECK: %[[S:.*]] = tt.splat %arg0 : f32 -> tensor<8x1xf32>
  %0 = tt.splat %x : f32 -> tensor<8xf32>
  %1 = tt.expand_dims %0 {axis = 1 : i32} : tensor<8xf32> -> tensor<8x1xf32>
  %2 = tt.trans %t {order = array<i32: 1, 0>} : tensor<8x4xf32> -> tensor<4x8xf32>
  %3 = tt.trans %2 {order = array<i32: 1, 0>} : tensor<4x8xf32> -> tensor<8x4xf32>
  // CHECK: %[[R:.*]] = tt.reshape %arg1 : tensor<8x4xf32> -> tensor<32xf32>
  %4 = tt.reshape %t : tensor<8x4xf32> -> tensor<2x16xf32>
  %5 = tt.reshape %4 : tensor<2x16xf32> -> tensor<32xf32>
  // CHECK: %[[E:.*]] = tt.expand_dims %arg2 {axis = 0 : i32} : tensor<1x4xf32> -> tensor<1x1x4xf32>
  // CHECK: %[[B:.*]] = tt.broadcast %[[E]] : tensor<1x1x4xf32> -> tensor<1x8x4xf32>
  %6 = tt.broadcast %r : tensor<1x4xf32> -> tensor<8x4xf32>
  %7 = tt.expand_dims %6 {axis = 0 : i32} : tensor<8x4xf32> -> tensor<1x8x4xf32>
  // CHECK: tt.return %[[S]], %arg1, %[[R]], %[[B]]
  tt.return %1, %3, %5, %7 : tensor<8x1xf32>, tensor<8x4xf32>, tensor<32xf32>, tensor<1x8x4xf32>
}

// CHECK-LABEL: tt.func @conversions
tt.func @conversions() -> (f16, tensor<4xf8E5M2>) {
  // CHECK-DAG: arith.constant 9.997550e-02 : f16
  // CHECK-DAG: arith.constant dense<2.500000e+00> : tensor<4xf8E5M2>
  %x = arith.constant 0.1 : f32
  %y = arith.constant dense<2.5> : tensor<4xf32>
  %0 = tt.fp_to_fp %x, rounding = rtne : f32 -> f16
  %1 = tt.fp_to_fp %y, rounding = rtne : tensor<4xf32> -> tensor<4xf8E5M2>
  tt.return %0, %1 : f16, tensor<4xf8E5M2>
}

// CHECK-LABEL: tt.func @pointers
tt.func @pointers(%p: !tt.ptr<f32>) -> !tt.ptr<f32> {
  %c0 = arith.constant 0 : i32
  %0 = tt.addptr %p, %c0 : !tt.ptr<f32>, i32
  // CHECK: tt.return %arg0
  tt.return %0 : !tt.ptr<f32>
}
