import os

import lit.formats

config.name = "lapidary"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".ttir"]
config.test_source_root = os.path.dirname(__file__)
config.environment["PATH"] = os.pathsep.join(
    [config.lapidary_binaries, config.llvm_binaries, os.environ["PATH"]])
