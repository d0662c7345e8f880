// RUN: lap-opt %s --tt-rewrite-block-pointers --canonicalize --cse | FileCheck %s

// A load through a block pointer: addresses and bounds of every element that is checked.
// CHECK-LABEL: tt.func public @load
// CHECK-NOT: tt.make_tensor_ptr
// CHECK: arith.cmpi sge
// CHECK: arith.cmpi slt
// CHECK: arith.muli %{{.*}} : tensor<16x32xi64>
// CHECK: tt.addptr
// CHECK: tt.load %{{.*}}, %{{.*}}, %{{.*}} : tensor<16x32x!tt.ptr<f16>>
tt.func public @load(%p: !tt.ptr<f16>, %m: i64, %n: i64, %s: i64, %i: i32) {
  %one = arith.constant 1 : i64
  %b = tt.make_tensor_ptr %p, [%m, %n], [%s, %one], [%i, %i] {order = array<i32: 1, 0>} : <tensor<16x32xf16>>
  %x = tt.load %b {boundaryCheck = array<i32: 0>, padding = 1 : i32} : !tt.ptr<tensor<16x32xf16>>
  tt.store %b, %x : !tt.ptr<tensor<16x32xf16>>
  tt.return
}

// A loop carries the offsets alone, once what does not change is taken out.
// CHECK-LABEL: tt.func public @loop
// CHECK: scf.for {{.*}} -> (i32)
tt.func public @loop(%p: !tt.ptr<f16>, %m: i64, %n: i32) {
  %one = arith.constant 1 : i64
  %zero = arith.constant 0 : i32
  %step = arith.constant 64 : i32
  %b = tt.make_tensor_ptr %p, [%m], [%one], [%zero] {order = array<i32: 0>} : <tensor<64xf16>>
  %r = scf.for %i = %zero to %n step %step iter_args(%a = %b) -> (!tt.ptr<tensor<64xf16>>) : i32 {
    %x = tt.load %a : !tt.ptr<tensor<64xf16>>
    tt.store %a, %x : !tt.ptr<tensor<64xf16>>
    %c = tt.advance %a, [%step] : <tensor<64xf16>>
    scf.yield %c : !tt.ptr<tensor<64xf16>>
  }
  tt.return
}
