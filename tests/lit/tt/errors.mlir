// RUN: lap-opt %s --split-input-file --verify-diagnostics

tt.func @f(%x: tensor<12xf32>) {
  // expected-error @+1 {{every dimension of a tile must be a power of two, got 'tensor<12xf32>'}}
  %0 = tt.expand_dims %x {axis = 0 : i32} : tensor<12xf32> -> tensor<1x12xf32>
  tt.return
}

// -----

tt.func @f(%x: tensor<2097152xf32>) {
  // expected-error @+1 {{a tile has at most 1048576 elements, got 'tensor<2097152xf32>'}}
  %0 = tt.expand_dims %x {axis = 0 : i32} : tensor<2097152xf32> -> tensor<1x2097152xf32>
  tt.return
}

// -----

// expected-error @+1 {{tt.divisibility of argument 0 must be an i32, got "16"}}
tt.func @f(%x: !tt.ptr<f32> {tt.divisibility = "16"}) {
  tt.return
}

// -----

// expected-error @+1 {{tt.pointer_range of argument 1 must be positive, got 0}}
tt.func @f(%x: i32, %p: !tt.ptr<f32> {tt.pointer_range = 0 : i32}) {
  tt.return
}

// -----

// expected-error @+1 {{a pointer points to a scalar, a pointer or a tile, not to 'index'}}
tt.func @f(%x: !tt.ptr<index>) {
  tt.return
}

// -----

tt.func @f(%x: tensor<8xf32>) {
  // expected-error @+1 {{axis must be in 0..1, got 2}}
  %0 = tt.expand_dims %x {axis = 2 : i32} : tensor<8xf32> -> tensor<8x1xf32>
  tt.return
}

// -----

tt.func @f(%x: tensor<8xf32>) {
  // expected-error @+1 {{result must have shape [8, 1], got [1, 8]}}
  %0 = tt.expand_dims %x {axis = 1 : i32} : tensor<8xf32> -> tensor<1x8xf32>
  tt.return
}

// -----

tt.func @f(%x: tensor<8x2xf32>) {
  // expected-error @+1 {{can only repeat a dimension of size 1, but dimension 1 goes from 2 to 4}}
  %0 = tt.broadcast %x : tensor<8x2xf32> -> tensor<8x4xf32>
  tt.return
}

// -----

tt.func @f(%x: tensor<8x2xf32>) {
  // expected-error @+1 {{must keep the number of elements: 'tensor<8x2xf32>' has 16, 'tensor<32xf32>' has 32}}
  %0 = tt.reshape %x : tensor<8x2xf32> -> tensor<32xf32>
  tt.return
}

// -----

tt.func @f(%x: tensor<8x2xf32>) {
  // expected-error @+1 {{order must be a permutation of the source's 2 dimensions}}
  %0 = tt.trans %x {order = array<i32: 0, 0>} : tensor<8x2xf32> -> tensor<8x8xf32>
  tt.return
}

// -----

tt.func @f() {
  // expected-error @+1 {{result must have shape [8], got [16]}}
  %0 = tt.make_range {end = 8 : i32, start = 0 : i32} : tensor<16xi32>
  tt.return
}

// -----

tt.func @f() {
  // expected-error @+1 {{end must be greater than start, got 8 and 0}}
  %0 = tt.make_range {end = 0 : i32, start = 8 : i32} : tensor<8xi32>
  tt.return
}

// -----

tt.func @f(%x: tensor<8xf32>) {
  // expected-error @+1 {{the last dimension of the source must have size 2, got [8]}}
  %0, %1 = tt.split %x : tensor<8xf32> -> tensor<8xf32>
  tt.return
}

// -----

tt.func @f(%x: tensor<8xf32>) {
  // expected-error @+1 {{result must have shape [8, 2], got [2, 8]}}
  %0 = tt.join %x, %x : tensor<8xf32> -> tensor<2x8xf32>
  tt.return
}

// -----

tt.func @f(%x: tensor<8xf32>) {
  // expected-error @+1 {{result must have shape [16], got [32]}}
  %0 = tt.cat %x, %x : tensor<8xf32> -> tensor<32xf32>
  tt.return
}

// -----

tt.func @f(%x: tensor<8x2xf32>, %i: tensor<4x4xi32>) {
  // expected-error @+1 {{source and indices may differ along the axis only, but differ along 1}}
  %0 = tt.gather %x[%i] {axis = 0 : i32} : (tensor<8x2xf32>, tensor<4x4xi32>) -> tensor<4x4xf32>
  tt.return
}

// -----

tt.func @f(%x: f32) {
  // expected-error @+1 {{needs types of one width, got 32 and 16 bits}}
  %0 = tt.bitcast %x : f32 -> i16
  tt.return
}

// -----

tt.func @f(%x: f32) {
  // expected-error @+1 {{a narrowing conversion needs a rounding mode}}
  %0 = tt.fp_to_fp %x : f32 -> f16
  tt.return
}

// -----

tt.func @f(%x: f16) {
  // expected-error @+1 {{a widening conversion is exact and takes no rounding mode}}
  %0 = tt.fp_to_fp %x, rounding = rtz : f16 -> f32
  tt.return
}

// -----

tt.func @f(%p: tensor<8x!tt.ptr<f32>>) {
  // expected-error @+1 {{boundaryCheck needs a block pointer, got 'tensor<8x!tt.ptr<f32>>'}}
  %0 = tt.load %p {boundaryCheck = array<i32: 0>} : tensor<8x!tt.ptr<f32>>
  tt.return
}

// -----

tt.func @f(%p: !tt.ptr<tensor<8x8xf32>>) {
  // expected-error @+1 {{boundaryCheck names dimension 2 of a block of rank 2}}
  %0 = tt.load %p {boundaryCheck = array<i32: 2>} : !tt.ptr<tensor<8x8xf32>>
  tt.return
}

// -----

tt.func @f(%p: !tt.ptr<tensor<8x8xf32>>, %x: tensor<8x8xf32>, %m: tensor<8x8xi1>) {
  // expected-error @+1 {{a block pointer takes boundaryCheck, not a mask}}
  tt.store %p, %x, %m : !tt.ptr<tensor<8x8xf32>>
  tt.return
}

// -----

tt.func @f(%p: !tt.ptr<f32>, %x: f32) {
  // expected-error @+1 {{atomic add does not work on 'f32'}}
  %0 = tt.atomic_rmw add, relaxed, gpu, %p, %x : (!tt.ptr<f32>, f32) -> f32
  tt.return
}

// -----

tt.func @f(%a: tensor<16x32xf16>, %b: tensor<16x16xf16>, %c: tensor<16x16xf32>) {
  // expected-error @+1 {{shapes do not multiply: [16, 32] and [16, 16]}}
  %0 = tt.dot %a, %b, %c : tensor<16x32xf16> * tensor<16x16xf16> -> tensor<16x16xf32>
  tt.return
}

// -----

tt.func @f(%a: tensor<16x16xf16>, %b: tensor<16x16xf16>, %c: tensor<16x32xf32>) {
  // expected-error @+1 {{accumulator must have shape [16, 16], got [16, 32]}}
  %0 = tt.dot %a, %b, %c : tensor<16x16xf16> * tensor<16x16xf16> -> tensor<16x32xf32>
  tt.return
}

// -----

tt.func @f(%x: tensor<8xf32>) {
  // expected-error @+1 {{result must be 'f32', got 'f16'}}
  %0 = "tt.reduce"(%x) <{axis = 0 : i32}> ({
  ^bb0(%a: f32, %b: f32):
    tt.reduce.return %a : f32
  }) : (tensor<8xf32>) -> f16
  tt.return
}

// -----

tt.func @f(%x: tensor<8xf32>) {
  // expected-error @+1 {{argument 1 of the combination must be 'f32', got 'i32'}}
  %0 = "tt.reduce"(%x) <{axis = 0 : i32}> ({
  ^bb0(%a: f32, %b: i32):
    tt.reduce.return %a : f32
  }) : (tensor<8xf32>) -> f32
  tt.return
}

// -----

tt.func @f(%x: tensor<8xf32>) {
  // expected-error @+1 {{the combination must return 1 values}}
  %0 = "tt.scan"(%x) <{axis = 0 : i32, reverse = false}> ({
  ^bb0(%a: f32, %b: f32):
    tt.scan.return %a, %b : f32, f32
  }) : (tensor<8xf32>) -> tensor<8xf32>
  tt.return
}

// -----

tt.func @f(%p: !tt.ptr<f16>, %m: i64, %i: i32) {
  // expected-error @+1 {{order must be a permutation of the dimensions}}
  %0 = tt.make_tensor_ptr %p, [%m, %m], [%m, %m], [%i, %i] {order = array<i32: 1, 2>} : <tensor<16x32xf16>>
  tt.return
}

// -----

tt.func @f(%d: !tt.tensordesc<tensor<16x32xf16>>, %i: i32) {
  // expected-error @+1 {{needs 2 indices, got 1}}
  %0 = tt.descriptor_load %d[%i] : !tt.tensordesc<tensor<16x32xf16>> -> tensor<16x32xf16>
  tt.return
}

// -----

tt.func @f(%x: f32) {
  // expected-error @+1 {{calls @g, which this module does not have}}
  tt.call @g(%x) : (f32) -> ()
  tt.return
}

// -----

tt.func private @g(%x: f32) -> f32 {
  tt.return %x : f32
}
tt.func @f(%x: f16) {
  // expected-error @+1 {{calls @g, whose type is '(f32) -> f32', as '(f16) -> f32'}}
  %0 = tt.call @g(%x) : (f16) -> f32
  tt.return
}

// -----

tt.func private @g(%x: f32) -> f32 {
  // expected-error @+1 {{@g returns ('f32'), got ('f32', 'f32')}}
  tt.return %x, %x : f32, f32
}
