// RUN: lap-opt %s --tt-to-threads="architecture=90" -verify-diagnostics -split-input-file
// RUN: not lap-opt %s --tt-to-threads="architecture=riscv" -split-input-file 2>&1 | FileCheck %s

// CHECK: there is no GPU architecture 'riscv'

// expected-error @+1 {{a kernel's arguments are numbers and pointers; there is one of type 'tensor<64xi32>'}}
tt.func public @tile_argument(%x: tensor<64xi32>) {
  tt.return
}
