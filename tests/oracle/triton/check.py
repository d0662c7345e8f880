"""Compares Triton's cache keys of recorded compiles with those of the same kernels imported from their files.

  check.py ASKED TOLD     recordings of run.py; Python of an environment with Triton
"""
import importlib.util
import json
import pathlib
import re
import sys
import types

ROOT = pathlib.Path(__file__).resolve().parents[3]


def load(name, path):
    specification = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    specification.loader.exec_module(module)
    return module


def recorded(path, beginning):
    """The recorded lines of JSON that begin so; other things lie between them."""
    found = re.findall(beginning + ".*", pathlib.Path(path).read_text())
    return [json.loads(line) for line in found]


def main():
    bridge = load("bridge", ROOT / "resources" / "triton" / "bridge.py")
    release = bridge.Release()
    modules = bridge.Modules(release)
    asked = recorded(sys.argv[1], r'\{"modules":\[\{')
    told = recorded(sys.argv[2], r'\{"(?:stages|error)": ')
    if len(asked) != len(told):
        print(f"{len(asked)} requests, {len(told)} answers")
        return 1
    release.triton.autotune = lambda *words, **named: lambda function: function  # it would look for a GPU
    files, same, different = {}, 0, []
    for request, reply in zip(asked, told):
        if "error" in reply:
            continue
        path = request["modules"][0]["file"]
        if path not in files:
            files[path] = load(pathlib.Path(path).stem, path)
        function = getattr(files[path], request["kernel"][1])
        while not hasattr(function, "params"):
            function = function.fn  # below autotune and heuristics
        target = bridge.target_of(release, request["target"])
        backend = release.make_backend(target)
        arguments = [modules.argument(argument, types.SimpleNamespace()) for argument in request["arguments"]]
        source = release.source(function, arguments, request["attributes"], backend)
        options = backend.parse_options({name: modules.value(value) for name, value in request["options"].items()})
        key = release.key(source, backend, options)
        if key is None or key != reply["key"]:
            different.append(f"{request['kernel'][1]} for {target}: {key}, not {reply['key']}")
        else:
            same += 1
    print(f"{same} cache keys as Triton's own")
    print("\n".join(different))
    return 1 if different or not same else 0


if __name__ == "__main__":
    sys.exit(main())
