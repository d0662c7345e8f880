// RUN: lap-opt %s --inline | FileCheck %s

tt.func private @twice(%x: f32) -> f32 {
  %0 = arith.addf %x, %x : f32
  tt.return %0 : f32
}

// CHECK-LABEL: tt.func @caller
tt.func @caller(%x: f32) -> f32 {
  // CHECK: %[[X:.*]] = arith.addf
  // CHECK-NEXT: tt.return %[[X]]
  %0 = tt.call @twice(%x) : (f32) -> f32
  tt.return %0 : f32
}
