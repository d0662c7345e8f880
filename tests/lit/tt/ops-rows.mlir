// Descriptors of rows, and regions run element by element, kept through print and parse.
// RUN: lap-opt %s | lap-opt | FileCheck %s
// RUN: lap-opt %s --mlir-print-op-generic | lap-opt | FileCheck %s

// CHECK-LABEL: tt.func @rows
tt.func @rows(%d: !tt.tensordesc<tensor<1x8xf32>>, %rows: tensor<16xi32>, %column: i32) {
  // CHECK: %[[V:.*]] = tt.descriptor_gather %{{.*}}[%{{.*}}, %{{.*}}] : (!tt.tensordesc<tensor<1x8xf32>>, tensor<16xi32>, i32) -> tensor<16x8xf32>
  %0 = tt.descriptor_gather %d[%rows, %column] : (!tt.tensordesc<tensor<1x8xf32>>, tensor<16xi32>, i32) -> tensor<16x8xf32>
  // CHECK: tt.descriptor_scatter %{{.*}}[%{{.*}}, %{{.*}}], %[[V]] : !tt.tensordesc<tensor<1x8xf32>>, tensor<16xi32>, i32, tensor<16x8xf32>
  tt.descriptor_scatter %d[%rows, %column], %0 : !tt.tensordesc<tensor<1x8xf32>>, tensor<16xi32>, i32, tensor<16x8xf32>
  tt.return
}

// CHECK-LABEL: tt.func @elements
tt.func @elements(%x: tensor<8xf32>) -> tensor<8xf32> {
  // CHECK: "tt.map_elementwise"(%{{.*}}) <{pack = 1 : i32}> ({
  %0 = "tt.map_elementwise"(%x) <{pack = 1 : i32}> ({
  ^bb0(%a: f32):
    %b = arith.addf %a, %a : f32
    // CHECK: tt.map_elementwise.return %{{.*}} : f32
    tt.map_elementwise.return %b : f32
  }) : (tensor<8xf32>) -> tensor<8xf32>
  tt.return %0 : tensor<8xf32>
}
