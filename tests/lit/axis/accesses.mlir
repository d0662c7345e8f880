// RUN: lap-opt %s --mlir-disable-threading --tt-report-accesses="max-bits=128 aligned=true" -o /dev/null | FileCheck %s --check-prefix=GPU
// RUN: lap-opt %s --mlir-disable-threading --tt-report-accesses="max-bits=512 aligned=false" -o /dev/null | FileCheck %s --check-prefix=CPU

// Specialized: as wide as the target goes.
// GPU: k.py:3:0: load of 1024 elements of 32 bits: up to 128 bits wide
// GPU-NEXT: contiguity [1024], divisibility [16], constancy [1]
// GPU-NEXT: mask: {{.*}}constancy [16]
// GPU-NOT: limit
// CPU: k.py:3:0: load of 1024 elements of 32 bits: up to 512 bits wide
tt.func public @specialized(%x: !tt.ptr<f32> {tt.divisibility = 16 : i32} loc("x"("k.py":1:0)), %n: i32 {tt.divisibility = 16 : i32} loc("n"("k.py":1:0))) {
  %c = arith.constant 1024 : i32
  %pid = tt.get_program_id x : i32
  %start = arith.muli %pid, %c : i32
  %r = tt.make_range {end = 1024 : i32, start = 0 : i32} : tensor<1024xi32>
  %s = tt.splat %start : i32 -> tensor<1024xi32>
  %o = arith.addi %s, %r : tensor<1024xi32>
  %ns = tt.splat %n : i32 -> tensor<1024xi32>
  %m = arith.cmpi slt, %o, %ns : tensor<1024xi32>
  %b = tt.splat %x : !tt.ptr<f32> -> tensor<1024x!tt.ptr<f32>>
  %p = tt.addptr %b, %o : tensor<1024x!tt.ptr<f32>>, tensor<1024xi32>
  %v = tt.load %p, %m : tensor<1024x!tt.ptr<f32>> loc("k.py":3:0)
  tt.return
} loc("k.py":1:0)

// An unknown pointer limits what must be aligned, and nothing else.
// GPU: k.py:13:0: load of 1024 elements of 32 bits: up to 32 bits wide
// GPU: limit: x is not known to be divisible by 16; specializing it would allow accesses of 128 bits
// CPU: k.py:13:0: load of 1024 elements of 32 bits: up to 512 bits wide
// CPU-NEXT: pointer
// CPU-NOT: limit
tt.func public @unaligned(%x: !tt.ptr<f32> loc("x"("k.py":11:0))) {
  %r = tt.make_range {end = 1024 : i32, start = 0 : i32} : tensor<1024xi32>
  %b = tt.splat %x : !tt.ptr<f32> -> tensor<1024x!tt.ptr<f32>>
  %p = tt.addptr %b, %r : tensor<1024x!tt.ptr<f32>>, tensor<1024xi32>
  %v = tt.load %p : tensor<1024x!tt.ptr<f32>> loc("k.py":13:0)
  tt.return
} loc("k.py":11:0)

// A stride that may be anything.
// CPU: k.py:23:0: store of 64x64 elements of 16 bits: up to 16 bits wide
// CPU: limit: stride is not known to be 1; specializing it would allow accesses of 512 bits
tt.func public @strided(%x: !tt.ptr<f16> {tt.divisibility = 16 : i32} loc("x"("k.py":21:0)), %stride: i32 loc("stride"("k.py":21:0)), %v: f16) {
  %r = tt.make_range {end = 64 : i32, start = 0 : i32} : tensor<64xi32>
  %rows = tt.expand_dims %r {axis = 1 : i32} : tensor<64xi32> -> tensor<64x1xi32>
  %cols = tt.expand_dims %r {axis = 0 : i32} : tensor<64xi32> -> tensor<1x64xi32>
  %w = tt.splat %stride : i32 -> tensor<64x1xi32>
  %ro = arith.muli %rows, %w : tensor<64x1xi32>
  %cw = tt.splat %stride : i32 -> tensor<1x64xi32>
  %co = arith.muli %cols, %cw : tensor<1x64xi32>
  %rb = tt.broadcast %ro : tensor<64x1xi32> -> tensor<64x64xi32>
  %cb = tt.broadcast %co : tensor<1x64xi32> -> tensor<64x64xi32>
  %o = arith.addi %rb, %cb : tensor<64x64xi32>
  %b = tt.splat %x : !tt.ptr<f16> -> tensor<64x64x!tt.ptr<f16>>
  %p = tt.addptr %b, %o : tensor<64x64x!tt.ptr<f16>>, tensor<64x64xi32>
  %vs = tt.splat %v : f16 -> tensor<64x64xf16>
  tt.store %p, %vs : tensor<64x64x!tt.ptr<f16>> loc("k.py":23:0)
  tt.return
} loc("k.py":21:0)

// Contiguous along the first dimension, through a loop that moves the tile by multiples of 64.
// GPU: k.py:33:0: load of 64x8 elements of 16 bits: up to 128 bits wide
// GPU-NEXT: contiguity [64, 1]
// CPU: k.py:33:0: load of 64x8 elements of 16 bits: up to 512 bits wide
tt.func public @columns(%x: !tt.ptr<f16> {tt.divisibility = 16 : i32} loc("x"("k.py":31:0)), %n: i32) {
  %zero = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %step = arith.constant dense<64> : tensor<64x8xi32>
  %r = tt.make_range {end = 64 : i32, start = 0 : i32} : tensor<64xi32>
  %rows = tt.expand_dims %r {axis = 1 : i32} : tensor<64xi32> -> tensor<64x1xi32>
  %o = tt.broadcast %rows : tensor<64x1xi32> -> tensor<64x8xi32>
  %b = tt.splat %x : !tt.ptr<f16> -> tensor<64x8x!tt.ptr<f16>>
  %p = tt.addptr %b, %o : tensor<64x8x!tt.ptr<f16>>, tensor<64x8xi32>
  %q = scf.for %i = %zero to %n step %one iter_args(%c = %p) -> (tensor<64x8x!tt.ptr<f16>>) : i32 {
    %v = tt.load %c : tensor<64x8x!tt.ptr<f16>> loc("k.py":33:0)
    %next = tt.addptr %c, %step : tensor<64x8x!tt.ptr<f16>>, tensor<64x8xi32>
    scf.yield %next : tensor<64x8x!tt.ptr<f16>>
  }
  tt.return
} loc("k.py":31:0)

// What an author promises is believed.
// GPU: k.py:43:0: load of 128 elements of 32 bits: up to 128 bits wide
tt.func public @hinted(%x: !tt.ptr<f32> {tt.divisibility = 16 : i32} loc("x"("k.py":41:0)), %i: !tt.ptr<i32>) {
  %r = tt.make_range {end = 128 : i32, start = 0 : i32} : tensor<128xi32>
  %is = tt.splat %i : !tt.ptr<i32> -> tensor<128x!tt.ptr<i32>>
  %ip = tt.addptr %is, %r : tensor<128x!tt.ptr<i32>>, tensor<128xi32>
  %o = tt.load %ip : tensor<128x!tt.ptr<i32>>
  %h = arith.addi %o, %o {tt.contiguity = dense<16> : tensor<1xi32>, tt.divisibility = dense<16> : tensor<1xi32>} : tensor<128xi32>
  %b = tt.splat %x : !tt.ptr<f32> -> tensor<128x!tt.ptr<f32>>
  %p = tt.addptr %b, %h : tensor<128x!tt.ptr<f32>>, tensor<128xi32>
  %v = tt.load %p : tensor<128x!tt.ptr<f32>> loc("k.py":43:0)
  tt.return
} loc("k.py":41:0)
