// RUN: lap-opt %s --tt-to-loops --split-input-file --verify-diagnostics

module {
  tt.func public @assembly(%p: !tt.ptr<f32>) {
    %v = arith.constant dense<1.0> : tensor<16xf32>
    // expected-error @+1 {{tt.elementwise_inline_asm cannot be compiled for the CPU yet}}
    %x = tt.elementwise_inline_asm "mov $0, $1;" {constraints = "=r,r", packed_element = 1 : i32, pure = true} %v : tensor<16xf32> -> tensor<16xf32>
    %s = tt.splat %p : !tt.ptr<f32> -> tensor<16x!tt.ptr<f32>>
    tt.store %s, %x : tensor<16x!tt.ptr<f32>>
    tt.return
  }
}

// -----

module {
  tt.func public @library(%p: !tt.ptr<f32>, %x: f32) {
    // expected-error @+1 {{the library function __nv_erfinvf cannot be compiled for the CPU yet}}
    %y = tt.extern_elementwise %x {libname = "libdevice", libpath = "", pure = true, symbol = "__nv_erfinvf"} : (f32) -> f32
    tt.store %p, %y : !tt.ptr<f32>
    tt.return
  }
}

// -----

module {
  // expected-error @+1 {{the tiles that must be kept in memory take}}
  tt.func public @large(%p: !tt.ptr<f64>, %n: i32) {
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %r = tt.make_range {end = 1048576 : i32, start = 0 : i32} : tensor<1048576xi32>
    %s = tt.splat %p : !tt.ptr<f64> -> tensor<1048576x!tt.ptr<f64>>
    %a = tt.addptr %s, %r : tensor<1048576x!tt.ptr<f64>>, tensor<1048576xi32>
    %x = tt.load %a : tensor<1048576x!tt.ptr<f64>>
    %q:32 = scf.for %i = %zero to %n step %one iter_args(%a0 = %x, %a1 = %x, %a2 = %x, %a3 = %x, %a4 = %x, %a5 = %x, %a6 = %x, %a7 = %x, %b0 = %x, %b1 = %x, %b2 = %x, %b3 = %x, %b4 = %x, %b5 = %x, %b6 = %x, %b7 = %x, %c0 = %x, %c1 = %x, %c2 = %x, %c3 = %x, %c4 = %x, %c5 = %x, %c6 = %x, %c7 = %x, %d0 = %x, %d1 = %x, %d2 = %x, %d3 = %x, %d4 = %x, %d5 = %x, %d6 = %x, %d7 = %x) -> (tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>) : i32 {
      scf.yield %a1, %a0, %a3, %a2, %a5, %a4, %a7, %a6, %b1, %b0, %b3, %b2, %b5, %b4, %b7, %b6, %c1, %c0, %c3, %c2, %c5, %c4, %c7, %c6, %d1, %d0, %d3, %d2, %d5, %d4, %d7, %d6 : tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>, tensor<1048576xf64>
    }
    tt.store %a, %q#0 : tensor<1048576x!tt.ptr<f64>>
    tt.return
  }
}
