"""Triton as a compiler behind a pipe: one request and one reply a line of JSON, on stdin and stdout.

  python bridge.py --probe           says in one line which Triton this Python has
  python bridge.py [--memory BYTES]  answers requests until the end of input

Needs the standard library and triton; torch is not imported. Triton 3.2 and later; what differs between releases
stands in `Release`. A request is

  {"modules": [MODULE...], "kernel": [MODULE NUMBER, NAME], "arguments": [ARGUMENT...],
   "attributes": [[PATH, [["tt.divisibility", 16]...]]...],
   "target": {"backend": "cuda", "arch": "90"}, "options": {"num_warps": 4}, "stop_after": "ptx"}

MODULE   {"file": PATH, "functions": [FUNCTION...], "values": {NAME: VALUE}, "imports": {NAME: "triton.language.exp"},
          "links": {NAME: [MODULE NUMBER, NAME]}, "unknown": [NAME...]}; a dotted NAME is reached through an object of
          that name
FUNCTION {"name", "defined": NAME IN THE TEXT, "line", "text", "decorator_lines", "kind": "jit"|"noinline"|"constexpr"|
          "host"}; it keeps its line, so that messages and line tables name the user's
ARGUMENT {"type": "*fp16" or "constexpr", "value": VALUE} of each parameter in order, "items": [ARGUMENT...] for a
          tuple; a PATH is the number of a parameter, then of an item in it
VALUE    JSON's own, {"tuple": [...]}, {"list": [...]}, {"dict": [[k, v]...]}, {"dtype": "fp16"}, {"float": "inf"},
          {"int": "170141183460469231731687303715884105727"}, {"function": NAME}

and the reply one of

  {"stages": [{"name", "text" or "base64", "ns"}], "metadata": {...}, "key": TRITON'S CACHE KEY, "name": SYMBOL,
   "compile_ns": N}
  {"error": {"message", "kind": "kernel"|"target", "missing": NAME, "where": [[FILE, LINE, COLUMN], ...]}}
where the innermost place comes first.
"""
import __future__
import base64
import builtins
import importlib
import importlib.metadata
import importlib.util
import inspect
import json
import linecache
import os
import re
import resource
import sys
import tempfile
import textwrap
import time
import types

OLDEST = (3, 2)


def probe():
    found = {"python": sys.version.split()[0]}
    if importlib.util.find_spec("triton") is None:
        return found
    for package in ("triton", "pytorch-triton", "pytorch-triton-rocm", "triton-nightly"):
        try:
            found["triton"] = importlib.metadata.version(package)
            return found
        except importlib.metadata.PackageNotFoundError:
            pass
    import triton
    found["triton"] = triton.__version__
    return found


class Release:
    """What the releases of Triton differ in."""

    def __init__(self):
        if importlib.util.find_spec("setuptools") is None:
            sys.modules["setuptools"] = types.ModuleType("setuptools")  # 3.2 imports it to build launchers
        import triton
        from triton.backends.compiler import GPUTarget
        from triton.compiler import ASTSource, CompilationError, make_backend
        from triton._C.libtriton import ir
        self.triton, self.ir = triton, ir
        self.GPUTarget, self.ASTSource, self.CompilationError = GPUTarget, ASTSource, CompilationError
        self.make_backend = make_backend
        self.version = tuple(int(part) for part in triton.__version__.split("+")[0].split(".")[:2])
        self.descriptor = "constexprs" not in inspect.signature(ASTSource.__init__).parameters

    def source(self, function, arguments, attributes, backend):
        names = [parameter.name for parameter in function.params]
        if len(names) != len(arguments):
            raise ValueError(f"{function.__name__} has {len(names)} parameters, the request {len(arguments)}")
        if self.descriptor:
            return self.descriptor_source(function, names, arguments, attributes, backend)
        constants = {}
        for index, argument in enumerate(arguments):
            self.collect(argument, (index,), constants)
        signature = {name: self.type_of(argument) for name, argument in zip(names, arguments)}
        return self.ASTSource(function, signature, constexprs=constants,
                              attrs={tuple(path): pairs for path, pairs in attributes})

    def type_of(self, argument):
        if "items" in argument:
            return tuple(self.type_of(item) for item in argument["items"])
        return argument["type"]

    def collect(self, argument, path, constants):
        for number, item in enumerate(argument.get("items", ())):
            self.collect(item, path + (number,), constants)
        if argument["type"] == "constexpr":
            constants[path] = argument.get("value")

    def descriptor_source(self, function, names, arguments, attributes, backend):
        """3.2: constants by name, properties as lists of parameter numbers."""
        signature, constants, properties = {}, {}, {}
        for index, (name, argument) in enumerate(zip(names, arguments)):
            if "items" in argument:
                raise ValueError(f"Triton {self.triton.__version__} takes no tuples as arguments; {name} is one")
            if argument["type"] == "constexpr":
                constants[name] = argument.get("value")
                if not function.params[index].is_constexpr:
                    signature[name] = argument.get("plain", "i32")
                    if constants[name] == 1:
                        properties.setdefault("tt.equal_to", []).append(index)
            else:
                signature[name] = argument["type"]
        for (index, *_), pairs in attributes:
            for attribute, _ in pairs:
                properties.setdefault(attribute, []).append(index)
        known = backend.get_attrs_descriptor([], [])
        for attribute in properties:
            if attribute in known.property_values:
                known.arg_properties[attribute] = properties[attribute]
        return self.ASTSource(function, signature, constants=constants, attrs=known)

    def stages(self, source, backend, options):
        stages = {}
        if "language" in inspect.signature(backend.add_stages).parameters:
            backend.add_stages(stages, options, source.language)
        else:
            backend.add_stages(stages, options)
        return stages

    def make_ir(self, source, target, backend, options, context):
        implementation = backend.get_codegen_implementation
        functions = implementation(options) if inspect.signature(implementation).parameters else implementation()
        rest = (options, functions, backend.get_module_map(), context)
        if "target" in inspect.signature(source.make_ir).parameters:
            return source.make_ir(target, *rest)
        return source.make_ir(*rest)

    def key(self, source, backend, options):
        """The name of Triton's cache folder; None where a tool that enters into it is missing."""
        import hashlib
        try:
            from triton._C.libtriton import get_cache_invalidating_env_vars
            variables = get_cache_invalidating_env_vars()
            try:
                from triton.runtime.cache import get_cache_key
                text = get_cache_key(source, backend, options, env_vars=variables)
            except ImportError:
                from triton.compiler.compiler import triton_key
                text = "-".join((triton_key(), source.hash(), backend.hash(), options.hash(),
                                 str(sorted(variables.items()))))
            return hashlib.sha256(text.encode()).hexdigest()
        except Exception:
            return None


class Unknown:
    """Stands for what a default of a parameter says and nobody knows."""

    def __getattr__(self, name):
        return self

    def __call__(self, *words, **named):
        return self


def put(module, name, value):
    *path, last = name.split(".")
    for part in path:
        if not hasattr(module, part):
            setattr(module, part, types.ModuleType(part))
        module = getattr(module, part)
    setattr(module, last, value)


class Modules:
    """The modules of a request as Python objects; the same request is answered with the same objects."""

    def __init__(self, release):
        self.release, self.known = release, {}
        self.absent = {}  # names of imports that this release does not have

    def get(self, described):
        identity = json.dumps(described)
        if identity not in self.known:
            if len(self.known) >= 64:
                self.known.clear()
            self.known[identity] = self.make(described)
        return self.known[identity]

    def make(self, described):
        modules = [types.ModuleType(f"lapidary_{number}") for number in range(len(described))]
        for module, one in zip(modules, described):
            module.__file__ = one["file"]
            for name, dotted in one["imports"].items():
                found = imported(dotted)
                if found is not None:
                    setattr(module, name, found)
                else:
                    self.absent[name] = dotted
            for name, value in one["values"].items():
                put(module, name, self.release.triton.language.constexpr(self.value(value, module)))
        for module, one in zip(modules, described):
            self.define(module, one)
        for module, one in zip(modules, described):
            for name, (number, target) in one["links"].items():
                put(module, name, getattr(modules[number], target))
        return modules

    def define(self, module, one):
        lines = []
        for function in one["functions"]:
            text = textwrap.dedent(function["text"]).split("\n")
            end = function["line"] - 1 + len(text)
            lines += [""] * (end - len(lines))
            lines[function["line"] - 1:end] = text
        source = "\n".join(lines) + "\n"
        linecache.cache[one["file"]] = (len(source), None, source.splitlines(keepends=True), one["file"])
        names = module.__dict__
        unknown = {name: Unknown() for name in one["unknown"] if not hasattr(builtins, name)}
        names.update(unknown)  # defaults may say them
        exec(compile(source, one["file"], "exec", flags=__future__.annotations.compiler_flag), names)
        for name in unknown:
            del names[name]
        for function in one["functions"]:
            made = self.wrapped(names[function["defined"]], function["kind"])
            if hasattr(made, "starting_line_number"):  # as if the decorators stood there: it enters Triton's key
                made.starting_line_number -= function["decorator_lines"]
                if hasattr(made, "raw_src"):
                    made.raw_src = ["\n"] * function["decorator_lines"] + list(made.raw_src)
            names[function["name"]] = made

    def wrapped(self, function, kind):
        triton = self.release.triton
        if kind == "host":
            return function
        if kind == "constexpr":
            return getattr(triton, "constexpr_function", lambda same: same)(function)
        return triton.jit(function, noinline=True) if kind == "noinline" else triton.jit(function)

    def value(self, spelled, module=None):
        if not isinstance(spelled, dict):
            return spelled
        (kind, content), = spelled.items()
        if kind == "tuple":
            return tuple(self.value(item, module) for item in content)
        if kind == "list":
            return [self.value(item, module) for item in content]
        if kind == "dict":
            return {self.value(key, module): self.value(item, module) for key, item in content}
        if kind == "dtype":
            return self.release.triton.language.dtype(content)
        if kind == "float":
            return float(content)
        if kind == "int":
            return int(content)
        if kind == "function":
            return getattr(module, content)
        raise ValueError(f"unknown kind of value: {kind}")

    def argument(self, argument, module):
        made = dict(argument)
        if "value" in made:
            made["value"] = self.value(made["value"], module)
        if "items" in made:
            made["items"] = [self.argument(item, module) for item in made["items"]]
        return made


def imported(dotted):
    """What "triton.language.math.exp" names; None when this release lacks it."""
    parts = dotted.split(".")
    if parts[0] not in ("triton", "math"):
        return None
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ImportError:
            continue
        for part in parts[length:]:
            found = getattr(found, part, None)
        return found
    return None


class NoCompiler(Exception):
    """This Triton has none for the target."""


def target_of(release, described):
    backend, architecture = described["backend"], described["arch"]
    if backend == "cuda":
        return release.GPUTarget("cuda", int(architecture.rstrip("af")), 32)
    return release.GPUTarget(backend, architecture, 64 if architecture.startswith("gfx9") else 32)


def spelled_stage(name, made, nanoseconds):
    stage = {"name": name, "ns": nanoseconds}
    if isinstance(made, bytes):
        stage["base64"] = base64.b64encode(made).decode()
    else:
        stage["text"] = str(made)
    return stage


def answer(release, modules, request):
    made = modules.get(request["modules"])
    number, name = request["kernel"]
    function = getattr(made[number], name)
    arguments = [modules.argument(argument, made[number]) for argument in request["arguments"]]
    target = target_of(release, request["target"])
    try:
        backend = release.make_backend(target)
    except RuntimeError:
        raise NoCompiler(f"Triton {release.triton.__version__} has no compiler for {target.backend}") from None
    asked = {key: modules.value(value) for key, value in request["options"].items()}
    begin = time.perf_counter_ns()
    source = release.source(function, arguments, request["attributes"], backend)
    options = backend.parse_options(asked)
    key = release.key(source, backend, options)
    stages, metadata = run_stages(release, source, target, backend, options, request.get("stop_after"))
    spent = time.perf_counter_ns() - begin
    plain = {key: value for key, value in metadata.items() if isinstance(value, (int, float, str, bool, type(None)))}
    return {"stages": [spelled_stage(*stage) for stage in stages], "metadata": plain, "key": key,
            "name": metadata.get("name", name), "compile_ns": spent}


def run_stages(release, source, target, backend, options, stop_after):
    """Name, contents and nanoseconds of each stage, and the metadata."""
    metadata = {"target": target, **options.__dict__}
    context = release.ir.context()
    release.ir.load_dialects(context)
    backend.load_dialects(context)
    done, module, last = [], None, time.perf_counter_ns()
    for stage, run in release.stages(source, backend, options).items():
        if module is None:
            module = release.make_ir(source, target, backend, options, context)
        module = run(module, metadata)
        now = time.perf_counter_ns()
        done.append((stage, module if isinstance(module, bytes) else str(module), now - last))
        last = time.perf_counter_ns()
        if stage == stop_after:
            break
    return done, metadata


def places(release, modules, error):
    """File, line and column of every call that led to the error, the innermost first."""
    known = {}
    for made in modules.known.values():
        for module in made:
            for function in vars(module).values():
                if isinstance(function, release.triton.runtime.JITFunction):
                    known[function.src] = (module.__file__, function.fn.__code__.co_firstlineno)
    found = []
    while error is not None:
        if isinstance(error, release.CompilationError) and error.src in known and hasattr(error.node, "lineno"):
            file, line = known[error.src]
            found.insert(0, [file, line + error.node.lineno - 1, error.node.col_offset + 1])
        error = error.__cause__
    return found


def words_of(release, modules, error, said):
    """The innermost message without the excerpt of the source that Triton puts before it, and the name that is missing
    when that is what it says."""
    while error.__cause__ is not None:
        error = error.__cause__
    text = str(getattr(error, "error_message", None) or error).strip() or type(error).__name__
    quoted = re.fullmatch(r"(\w+)\((['\"])(.*)\2,?\)", text, re.DOTALL)  # an exception of Python's as repr
    if quoted:
        text = quoted[3]
    missing = re.match(r"(?:name ')?(\w+)'? is not defined", text)
    if missing and missing[1] in modules.absent:
        text += f", there is no {modules.absent[missing[1]]} in Triton {release.triton.__version__}"
    lines = [line for line in said.splitlines() if "error:" in line]
    if lines:  # what the passes wrote
        text += ": " + lines[0].split("error:", 1)[1].strip()
    return {"message": text, "missing": missing[1] if missing else ""}


class Log:
    """What is written to stderr by Triton's own code while a request is answered."""

    def __init__(self):
        self.file, self.saved = tempfile.TemporaryFile(), os.dup(2)

    def __enter__(self):
        os.dup2(self.file.fileno(), 2)

    def __exit__(self, *ignored):
        sys.stderr.flush()
        os.dup2(self.saved, 2)
        self.text = ""
        if self.file.seek(0, os.SEEK_END):
            self.file.seek(0)
            self.text = self.file.read().decode(errors="replace")
            self.file.seek(0)
            self.file.truncate()


def serve():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever prints must not be taken for a reply
    with tempfile.TemporaryDirectory() as cache:
        os.environ["TRITON_CACHE_DIR"] = cache
        release = Release()
        answers.write(json.dumps({"triton": release.triton.__version__}) + "\n")
        answers.flush()
        modules, log = Modules(release), Log()
        for line in sys.stdin:
            try:
                with log:
                    reply = answer(release, modules, json.loads(line))
            except Exception as error:
                reply = {"error": {**words_of(release, modules, error, log.text),
                                   "kind": "target" if isinstance(error, NoCompiler) else "kernel",
                                   "where": places(release, modules, error)}}
            answers.write(json.dumps(reply) + "\n")
            answers.flush()


def main(words):
    if words == ["--probe"]:
        print(json.dumps(probe()))
        return 0
    if words[:1] == ["--memory"]:
        resource.setrlimit(resource.RLIMIT_DATA, (int(words[1]), int(words[1])))
    found = probe()
    version = tuple(int(part) for part in found.get("triton", "0").split("+")[0].split(".")[:2] if part.isdigit())
    if version < OLDEST:
        print(json.dumps({"refused": found.get("triton")}))
        return 0
    serve()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
