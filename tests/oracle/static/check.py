"""Our code beside Triton 3.6's for the same kernels, without a GPU.

  check.py LAP [ENTRY...]

triton-3.6.json has, for each kernel | target | variant, what Triton 3.6 makes of kernels.py: the widths of its
accesses of global memory in bits, the registers of a thread (VGPRs on AMD, what ptxas of CUDA 13.0 says on NVIDIA)
and spills. Ours must access memory in the same widths, must not spill where Triton does not, and may take 1.15 times
the registers. Registers of NVIDIA's need ptxas: without it they are left out, and that is said.

Where Triton uses matrix instructions ("matrix") and ours multiplies and adds, products are held and moved another
way: EXPECTED says, with the reason, what of those entries differs and is not compared.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOM = 1.15
EXPECTED = {"registers": "accumulators lie as products by multiply-add need them, not as matrix instructions do",
            "spills": "the same registers",
            "store": "the accumulator's layout decides how wide it is stored"}
# One kernel takes more registers than allowed: LLVM 22 orders its 96 loads of halves for 12 waves a SIMD, not 16.
LARGER = {"layer_norm|hip:gfx1100|generic": 116}
AMD = {"dwordx4": 128, "dwordx3": 96, "dwordx2": 64, "dword": 32, "ushort": 16, "short": 16, "ubyte": 8, "byte": 8,
       "b128": 128, "b96": 96, "b64": 64, "b32": 32, "u16": 16, "b16": 16, "u8": 8, "b8": 8}


def tensor(dtype, *shape):
    return {"tensor": {"dtype": dtype, "shape": list(shape)}}


def half(*shape):
    return tensor("fp16", *shape)


N, D = 4096, 64
LAUNCHES = {
    "vector_add": ({"x_ptr": tensor("fp32", N), "y_ptr": tensor("fp32", N), "out_ptr": tensor("fp32", N), "n": N,
                    "BLOCK": 1024}, 4),
    "strided_copy": ({"src": half(N, N), "dst": half(N, N), "rows": N, "cols": N, "stride_sr": N, "stride_sc": 1,
                      "stride_dr": N, "stride_dc": 1, "BM": 64, "BN": 64}, 4),
    "softmax_rows": ({"out_ptr": half(16, N), "in_ptr": half(16, N), "in_stride": N, "out_stride": N, "n_cols": N,
                      "BLOCK": 4096}, 4),
    "layer_norm": ({"x_ptr": half(16, N), "y_ptr": half(16, N), "w_ptr": half(N), "b_ptr": half(N), "stride": N,
                    "n": N, "eps": 1e-5, "BLOCK": 4096}, 4),
    "matmul": ({"a_ptr": half(N, N), "b_ptr": half(N, N), "c_ptr": half(N, N), "M": N, "N": N, "K": N, "sam": N,
                "sak": 1, "sbk": N, "sbn": 1, "scm": N, "scn": 1, "BM": 128, "BN": 128, "BK": 64, "GROUP": 8}, 8),
    "attention_fwd": ({"q_ptr": half(8, N, D), "k_ptr": half(8, N, D), "v_ptr": half(8, N, D), "o_ptr": half(8, N, D),
                       "sm_scale": 0.5, "stride_h": N * D, "stride_m": D, "n_ctx": N, "BM": 128, "BN": 64, "D": D}, 4),
}


def widths(assembly):
    """Of the loads and of the stores of global memory, the bits of one access."""
    found = {"load": set(), "store": set()}
    for kind, count, bits in re.findall(r"\b(ld|st)\.global(?:\.[\w:]+)*?(?:\.v(\d))?\.[bsuf](\d+)\s", assembly):
        found["load" if kind == "ld" else "store"].add(int(count or 1) * int(bits))
    for kind, width in re.findall(r"\b(?:buffer|global|flat)_(load|store)_(\w+?)(?:_d16\w*|_format\w*)?\s", assembly):
        found[kind].add(AMD[width.removeprefix("d16_").removeprefix("hi_")])
    return {kind: sorted(bits) for kind, bits in found.items()}


def ours(lap, folder, entry):
    kernel, target, variant = entry.split("|")
    arguments, warps = LAUNCHES[kernel]
    launch = {"kernel": kernel, "grid": ["1"], "arguments": arguments, "options": {"num_warps": warps}}
    stage, last = ("ptx", "cubin") if target.startswith("cuda") else ("amdgcn", "hsaco")
    output = pathlib.Path(folder) / entry.replace("|", ".")
    environment = dict(os.environ, XDG_CACHE_HOME=str(output), XDG_DATA_HOME=str(output))
    command = [lap, "compile", str(HERE / "kernels.py"), "-k", kernel, "-l", json.dumps(launch), "-t", target,
               "--properties", "all" if variant == "specialized" else "none", "-o", str(output), "--json"]
    for emit in ([stage, last], [stage]):  # without ptxas there is no cubin
        result = subprocess.run([*command, *(word for each in emit for word in ("--emit", each))], capture_output=True,
                                text=True, timeout=300, env=environment)
        if result.returncode == 0:
            break
    if result.returncode != 0:
        return {"error": result.stderr.strip() or result.stdout[-300:]}
    assembly = next(output.glob(f"*.{stage}")).read_text()
    resources = json.loads(result.stdout)["resources"]
    return {**widths(assembly), "registers": resources.get("registers", resources.get("vgpr")),
            "spills": resources.get("spills")}


def differences(entry, theirs, mine):
    if "error" in mine:
        return [mine["error"]]
    wrong = []
    compared = [fact for fact in ("load", "store", "registers", "spills")
                if not (theirs.get("matrix") and fact in EXPECTED)]
    for kind in ("load", "store"):
        if kind in compared and mine[kind] != theirs[kind]:
            wrong.append(f"{kind}s of {mine[kind]} bits, Triton's of {theirs[kind]}")
    most = LARGER.get(entry, ROOM * theirs["registers"])
    if "registers" in compared and mine["registers"] is not None and mine["registers"] > most:
        wrong.append(f"{mine['registers']} registers, Triton's {theirs['registers']}")
    if "spills" in compared and mine["spills"] and not theirs["spills"]:
        wrong.append(f"spills {mine['spills']}, Triton's none")
    return wrong


def main():
    lap = sys.argv[1]
    facts = json.loads((HERE / "triton-3.6.json").read_text())
    entries = sys.argv[2:] or list(facts)
    failed, uncounted = 0, 0
    with tempfile.TemporaryDirectory(prefix="lapidary-static-") as folder:
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for entry, mine in zip(entries, pool.map(lambda each: ours(lap, folder, each), entries)):
                wrong = differences(entry, facts[entry], mine)
                failed += bool(wrong)
                uncounted += "error" not in mine and mine["registers"] is None
                print(f"{entry:38} {'; '.join(wrong) or 'as Triton'}   [{mine.get('registers')} registers, "
                      f"Triton {facts[entry]['registers']}]", flush=True)
    print(f"{len(entries)} compared, {failed} differ")
    if uncounted:
        print(f"registers and spills of {uncounted} were not compared: ptxas is not installed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
