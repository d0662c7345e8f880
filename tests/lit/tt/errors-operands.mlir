// One wrong use of each operation that errors.mlir has none of.
// RUN: lap-opt %s --split-input-file --verify-diagnostics

// -----

tt.func @f(%x: f32) {
  // expected-error @+1 {{'tt.int_to_ptr' op operand #0 must be 64-bit signless integer or ranked tensor of 64-bit signless integer values, but got 'f32'}}
  %0 = "tt.int_to_ptr"(%x) : (f32) -> !tt.ptr<f32>
  tt.return
}

// -----

tt.func @f(%x: !tt.ptr<f32>) {
  // expected-error @+1 {{'tt.ptr_to_int' op result #0 must be 64-bit signless integer or ranked tensor of 64-bit signless integer values, but got 'i32'}}
  %0 = "tt.ptr_to_int"(%x) : (!tt.ptr<f32>) -> i32
  tt.return
}

// -----

tt.func @f(%x: tensor<8xf32>, %y: tensor<8xf16>) {
  // expected-error @+1 {{'tt.clampf' op requires the same type for all operands and results}}
  %0 = "tt.clampf"(%x, %y, %x) {propagateNan = 0 : i32} : (tensor<8xf32>, tensor<8xf16>, tensor<8xf32>) -> tensor<8xf32>
  tt.return
}

// -----

tt.func @f(%x: tensor<8xi32>) {
  // expected-error @+1 {{'tt.precise_sqrt' op operand #0 must be float or ranked tensor of float values, but got 'tensor<8xi32>'}}
  %0 = "tt.precise_sqrt"(%x) : (tensor<8xi32>) -> tensor<8xi32>
  tt.return
}

// -----

tt.func @f(%x: tensor<8xf32>, %y: tensor<16xf32>) {
  // expected-error @+1 {{'tt.precise_divf' op all non-scalar operands/results must have the same shape and base type}}
  %0 = "tt.precise_divf"(%x, %y) : (tensor<8xf32>, tensor<16xf32>) -> tensor<8xf32>
  tt.return
}

// -----

tt.func @f(%x: tensor<8xf32>) {
  // expected-error @+1 {{'tt.mulhiui' op operand #0 must be integer or ranked tensor of integer values, but got 'tensor<8xf32>'}}
  %0 = "tt.mulhiui"(%x, %x) : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  tt.return
}

// -----

tt.func @f(%x: tensor<8xf32>) {
  // expected-error @+1 {{'tt.extern_elementwise' op requires attribute 'symbol'}}
  %0 = "tt.extern_elementwise"(%x) {libname = "", libpath = "", pure = true} : (tensor<8xf32>) -> tensor<8xf32>
  tt.return
}

// -----

tt.func @f(%x: tensor<8xi32>) {
  // expected-error @+1 {{'tt.elementwise_inline_asm' op requires attribute 'packed_element'}}
  %0 = "tt.elementwise_inline_asm"(%x) {asm_string = "", constraints = "=r,r", pure = true} : (tensor<8xi32>) -> tensor<8xi32>
  tt.return
}

// -----

tt.func @f(%p: tensor<8x!tt.ptr<f32>>, %x: tensor<8xf32>) {
  // expected-error @+1 {{'tt.addptr' op operand #1 must be integer or ranked tensor of integer values, but got 'tensor<8xf32>'}}
  %0 = "tt.addptr"(%p, %x) : (tensor<8x!tt.ptr<f32>>, tensor<8xf32>) -> tensor<8x!tt.ptr<f32>>
  tt.return
}

// -----

tt.func @f(%p: !tt.ptr<f32>, %x: i32) {
  // expected-error @+1 {{'tt.advance' op operand #0 must be block pointer, but got '!tt.ptr<f32>'}}
  %0 = "tt.advance"(%p, %x) : (!tt.ptr<f32>, i32) -> !tt.ptr<f32>
  tt.return
}

// -----

tt.func @f(%p: tensor<8x!tt.ptr<i32>>, %x: tensor<8xi32>, %y: tensor<8xi64>) {
  // expected-error @+1 {{'tt.atomic_cas' op failed to verify that val has the type of cmp}}
  %0 = "tt.atomic_cas"(%p, %x, %y) {sem = 4 : i32, scope = 1 : i32} : (tensor<8x!tt.ptr<i32>>, tensor<8xi32>, tensor<8xi64>) -> tensor<8xi32>
  tt.return
}

// -----

tt.func @f(%x: f32) {
  // expected-error @+1 {{'tt.splat' op requires the same element type for all operands and results}}
  %0 = "tt.splat"(%x) : (f32) -> tensor<8xf16>
  tt.return
}

// -----

tt.func @f(%x: tensor<8xf32>) {
  // expected-error @+1 {{'tt.unsplat' op source must be a tile of one element, got 'tensor<8xf32>'}}
  %0 = "tt.unsplat"(%x) : (tensor<8xf32>) -> f32
  tt.return
}

// -----

tt.func @f(%x: tensor<8xf32>) {
  // expected-error @+1 {{'tt.histogram' op operand #0 must be ranked tensor of integer values, but got 'tensor<8xf32>'}}
  %0 = "tt.histogram"(%x) : (tensor<8xf32>) -> tensor<8xi32>
  tt.return
}

// -----

tt.func @f() {
  // expected-error @+1 {{'tt.get_program_id' op attribute 'axis' failed to satisfy constraint: allowed 32-bit signless integer cases: 0, 1, 2}}
  %0 = "tt.get_program_id"() {axis = 3 : i32} : () -> i32
  tt.return
}

// -----

tt.func @f() {
  // expected-error @+1 {{'tt.get_num_programs' op requires attribute 'axis'}}
  %0 = "tt.get_num_programs"() : () -> i32
  tt.return
}

// -----

tt.func @f(%a: tensor<16x16xf32>, %c: tensor<16x16xf32>) {
  // expected-error @+1 {{'tt.dot_scaled' op operand count (3) does not match with the total size (0) specified in attribute 'operandSegmentSizes'}}
  %0 = "tt.dot_scaled"(%a, %a, %c) {a_elem_type = 0 : i32, b_elem_type = 0 : i32, fastMath = false} : (tensor<16x16xf32>, tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
  tt.return
}

// -----

tt.func @f(%x: tensor<8xf32>) {
  // expected-error @+1 {{'tt.print' op requires attribute 'prefix'}}
  "tt.print"(%x) {hex = false, isSigned = array<i32: 1>} : (tensor<8xf32>) -> ()
  tt.return
}

// -----

tt.func @f(%x: tensor<8xi32>) {
  // expected-error @+1 {{'tt.assert' op operand #0 must be 1-bit signless integer or ranked tensor of 1-bit signless integer values, but got 'tensor<8xi32>'}}
  "tt.assert"(%x) {message = "positive"} : (tensor<8xi32>) -> ()
  tt.return
}

// -----

tt.func @f(%p: !tt.ptr<f32>, %n: i32) {
  // expected-error @+1 {{'tt.make_tensor_descriptor' op operand #2 must be variadic of 64-bit signless integer, but got 'i32'}}
  %0 = "tt.make_tensor_descriptor"(%p, %n, %n) {padding = 1 : i32} : (!tt.ptr<f32>, i32, i32) -> !tt.tensordesc<tensor<8xf32>>
  tt.return
}

// -----

tt.func @f(%d: !tt.tensordesc<tensor<8x8xf32>>, %x: tensor<8x8xf16>, %n: i32) {
  // expected-error @+1 {{'tt.descriptor_store' op the tile must match the descriptor's block 'tensor<8x8xf32>', got 'tensor<8x8xf16>'}}
  "tt.descriptor_store"(%d, %x, %n, %n) : (!tt.tensordesc<tensor<8x8xf32>>, tensor<8x8xf16>, i32, i32) -> ()
  tt.return
}

// -----

tt.func @f(%d: !tt.tensordesc<tensor<8x8xf32>>, %x: tensor<8x4xf32>, %n: i32) {
  // expected-error @+1 {{'tt.descriptor_reduce' op the tile must match the descriptor's block 'tensor<8x8xf32>', got 'tensor<8x4xf32>'}}
  "tt.descriptor_reduce"(%d, %x, %n, %n) {kind = 1 : i32} : (!tt.tensordesc<tensor<8x8xf32>>, tensor<8x4xf32>, i32, i32) -> ()
  tt.return
}

// -----

tt.func @f(%d: !tt.tensordesc<tensor<1x8xf32>>, %x: tensor<16xi64>, %n: i32) {
  // expected-error @+1 {{'tt.descriptor_gather' op operand #1 must be ranked tensor of 32-bit signless integer values, but got 'tensor<16xi64>'}}
  %0 = "tt.descriptor_gather"(%d, %x, %n) : (!tt.tensordesc<tensor<1x8xf32>>, tensor<16xi64>, i32) -> tensor<16x8xf32>
  tt.return
}

// -----

tt.func @f(%d: !tt.tensordesc<tensor<1x8xf32>>, %x: tensor<16xi32>, %n: i64, %v: tensor<16x8xf32>) {
  // expected-error @+1 {{'tt.descriptor_scatter' op operand #2 must be 32-bit signless integer, but got 'i64'}}
  "tt.descriptor_scatter"(%d, %x, %n, %v) : (!tt.tensordesc<tensor<1x8xf32>>, tensor<16xi32>, i64, tensor<16x8xf32>) -> ()
  tt.return
}

// -----

tt.func @f(%x: tensor<8xf32>) {
  // expected-error @+1 {{'tt.map_elementwise' op requires attribute 'pack'}}
  %0 = "tt.map_elementwise"(%x) ({
  ^bb0(%a: f32):
    tt.map_elementwise.return %a : f32
  }) : (tensor<8xf32>) -> tensor<8xf32>
  tt.return
}

// -----

tt.func @f(%x: f32) {
  // expected-error @+1 {{'tt.map_elementwise.return' op expects parent op 'tt.map_elementwise'}}
  "tt.map_elementwise.return"(%x) : (f32) -> ()
  tt.return
}

// -----

tt.func @f(%x: f32) {
  scf.execute_region {
    // expected-error @+1 {{'tt.return' op expects parent op 'tt.func'}}
    "tt.return"() : () -> ()
  }
  tt.return
}
