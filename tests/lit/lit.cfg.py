import os

import lit.formats

config.name = "lapidary"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test", ".ttir"]
config.test_source_root = os.path.dirname(__file__)
config.environment["PATH"] = os.pathsep.join(
    [config.lapidary_binaries, config.llvm_binaries, os.environ["PATH"]])
# Tests that run `lap` keep what it keeps among the tests' own files.
for kind in ["DATA", "CACHE", "CONFIG"]:
    config.environment[f"XDG_{kind}_HOME"] = os.path.join(config.test_exec_root, "xdg", kind.lower())
resources = os.path.join(config.test_source_root, "..", "..", "resources")
config.environment["LAPIDARY_RESOURCES"] = resources
config.substitutions.append(("%samples", os.path.join(resources, "samples")))
