// RUN: lap-opt %s --tt-rewrite-block-pointers --split-input-file --verify-diagnostics

// expected-error @+1 {{a parameter of type '!tt.tensordesc<tensor<16x16xf16>>' cannot be compiled yet}}
tt.func public @descriptor(%d: !tt.tensordesc<tensor<16x16xf16>>) {
  tt.return
}
