// RUN: lap-opt %s --approximate-math="scale=true" | FileCheck %s --check-prefixes=CHECK,SCALE
// RUN: lap-opt %s --approximate-math="scale=false" | FileCheck %s --check-prefixes=CHECK,PLAIN

// CHECK-LABEL: func.func @exponential
// CHECK-NOT: math.exp
// CHECK: math.roundeven
// CHECK: math.fma
// SCALE: llvm.call_intrinsic "llvm.ldexp"
// PLAIN-NOT: llvm.ldexp
// PLAIN: arith.shli
func.func @exponential(%x: vector<16xf32>) -> vector<16xf32> {
  %y = math.exp %x : vector<16xf32>
  return %y : vector<16xf32>
}

// Sixteen bits are computed in thirty-two.
// CHECK-LABEL: func.func @half
// CHECK: arith.extf %{{.*}} : vector<16xf16> to vector<16xf32>
// CHECK-NOT: math.log2
// CHECK: arith.truncf %{{.*}} : vector<16xf32> to vector<16xf16>
func.func @half(%x: vector<16xf16>) -> vector<16xf16> {
  %y = math.log2 %x : vector<16xf16>
  return %y : vector<16xf16>
}

// What the C library does stays, and so does what the processor does.
// CHECK-LABEL: func.func @left
// CHECK: math.sin
// CHECK: math.exp %{{.*}} : f64
// CHECK: math.sqrt %{{.*}} : vector<8xf16>
func.func @left(%x: f32, %y: f64, %z: vector<8xf16>) -> (f32, f64, vector<8xf16>) {
  %a = math.sin %x : f32
  %b = math.exp %y : f64
  %c = math.sqrt %z : vector<8xf16>
  return %a, %b, %c : f32, f64, vector<8xf16>
}
