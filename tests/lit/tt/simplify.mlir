// RUN: lap-opt %s --tt-simplify | FileCheck %s

// CHECK-LABEL: tt.func @accumulate
tt.func @accumulate(%a: tensor<16x16xf16>, %c: tensor<16x16xf32>) -> (tensor<16x16xf32>, tensor<16x16xf32>) {
  %zero = arith.constant dense<0.0> : tensor<16x16xf32>
  // CHECK: %[[D:.*]] = tt.dot %arg0, %arg0, %arg1 : tensor<16x16xf16> * tensor<16x16xf16> -> tensor<16x16xf32>
  %0 = tt.dot %a, %a, %zero : tensor<16x16xf16> * tensor<16x16xf16> -> tensor<16x16xf32>
  %1 = arith.addf %c, %0 : tensor<16x16xf32>
  // A product that is used twice stays as it is.
  // CHECK: %[[E:.*]] = tt.dot %arg0, %arg0, %cst
  // CHECK: arith.addf %[[E]], %[[E]]
  %2 = tt.dot %a, %a, %zero : tensor<16x16xf16> * tensor<16x16xf16> -> tensor<16x16xf32>
  %3 = arith.addf %2, %2 : tensor<16x16xf32>
  tt.return %1, %3 : tensor<16x16xf32>, tensor<16x16xf32>
}

// CHECK-LABEL: tt.func @offsets
tt.func @offsets(%p: !tt.ptr<f32>, %n: i32) -> (!tt.ptr<f32>, !tt.ptr<f32>) {
  %c3 = arith.constant 3 : i32
  %c4 = arith.constant 4 : i32
  // CHECK-DAG: %[[C7:.*]] = arith.constant 7 : i32
  // CHECK: %[[A:.*]] = tt.addptr %arg0, %[[C7]] : !tt.ptr<f32>, i32
  %0 = tt.addptr %p, %c3 : !tt.ptr<f32>, i32
  %1 = tt.addptr %0, %c4 : !tt.ptr<f32>, i32
  // CHECK: %[[B:.*]] = tt.addptr %arg0, %arg1
  // CHECK: %[[C:.*]] = tt.addptr %[[B]]
  %2 = tt.addptr %p, %n : !tt.ptr<f32>, i32
  %3 = tt.addptr %2, %c4 : !tt.ptr<f32>, i32
  // CHECK: tt.return %[[A]], %[[C]]
  tt.return %1, %3 : !tt.ptr<f32>, !tt.ptr<f32>
}

// CHECK-LABEL: tt.func @splats
tt.func @splats(%x: f32, %y: f32) -> tensor<8xf32> {
  %c = arith.constant dense<2.0> : tensor<8xf32>
  %0 = tt.splat %x : f32 -> tensor<8xf32>
  %1 = tt.splat %y : f32 -> tensor<8xf32>
  // CHECK: %[[A:.*]] = arith.addf %arg0, %arg1 : f32
  %2 = arith.addf %0, %1 : tensor<8xf32>
  // CHECK: %[[M:.*]] = arith.mulf %[[A]], %{{.*}} : f32
  %3 = arith.mulf %2, %c : tensor<8xf32>
  // CHECK: %[[E:.*]] = math.exp %[[M]] : f32
  %4 = math.exp %3 : tensor<8xf32>
  // CHECK: tt.splat %[[E]] : f32 -> tensor<8xf32>
  tt.return %4 : tensor<8xf32>
}

// CHECK-LABEL: tt.func @broadcasts
tt.func @broadcasts(%x: tensor<8x1xi32>, %y: tensor<8x1xi32>, %z: tensor<1x4xi32>, %n: i32) -> (tensor<8x4xi1>, tensor<8x4xi32>) {
  %0 = tt.broadcast %x : tensor<8x1xi32> -> tensor<8x4xi32>
  %1 = tt.broadcast %y : tensor<8x1xi32> -> tensor<8x4xi32>
  %2 = tt.splat %n : i32 -> tensor<8x4xi32>
  %3 = tt.broadcast %z : tensor<1x4xi32> -> tensor<8x4xi32>
  // CHECK: %[[A:.*]] = arith.addi %arg0, %arg1 : tensor<8x1xi32>
  %4 = arith.addi %0, %1 : tensor<8x4xi32>
  // CHECK: %[[C:.*]] = arith.cmpi slt, %[[A]], %{{.*}} : tensor<8x1xi32>
  // CHECK: %[[B:.*]] = tt.broadcast %[[C]] : tensor<8x1xi1> -> tensor<8x4xi1>
  %5 = arith.cmpi slt, %4, %2 : tensor<8x4xi32>
  // Operands repeated along different dimensions stay.
  // CHECK: arith.muli %{{.*}}, %{{.*}} : tensor<8x4xi32>
  %6 = arith.muli %0, %3 : tensor<8x4xi32>
  tt.return %5, %6 : tensor<8x4xi1>, tensor<8x4xi32>
}
