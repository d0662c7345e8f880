#include "Fixtures.h"

#include <cmath>

namespace lapidary::ui::test {

namespace {

const char *const source = R"(import triton
import triton.language as tl


@triton.jit
def tile_mask(rm, rn, rows, cols):
    return (rm[:, None] < rows) & (rn[None, :] < cols)


@triton.jit(do_not_specialize_on_alignment=["cols"])
def strided_copy(src, dst, rows, cols, stride_sr, stride_sc, scale,
                 BM: tl.constexpr, BN: tl.constexpr):
    """Copies a matrix tile by tile, whatever its strides."""
    pm = tl.program_id(0)
    pn = tl.program_id(1)
    rm = pm * BM + tl.arange(0, BM)
    rn = pn * BN + tl.arange(0, BN)
    mask = tile_mask(rm, rn, rows, cols)
    v = tl.load(src + rm[:, None] * stride_sr + rn[None, :] * stride_sc, mask=mask)
    tl.store(dst + rm[:, None] * cols + rn[None, :], v * scale, mask=mask)
)";

SourceRange line(int number, int column = 1, int endColumn = 2) {
  return {number, column, number, endColumn};
}

KernelParameter parameter(const std::string &name, bool isConstexpr = false) {
  KernelParameter result;
  result.name = name;
  result.isConstexpr = isConstexpr;
  return result;
}

TensorArgument matrix(std::int64_t rows, std::int64_t cols) {
  TensorArgument tensor;
  tensor.dtype = DType::Fp16;
  tensor.shape = {rows, cols};
  tensor.strides = {cols, 1};
  tensor.storage = rows * cols * 2;
  return tensor;
}

ArgumentSpecialization pointer(const std::string &name, const std::string &key) {
  ArgumentSpecialization argument;
  argument.name = name;
  argument.value = "fp16 16384x16384";
  argument.type = "*fp16";
  argument.key = key;
  argument.properties = {{"tt.divisibility", 16}};
  argument.rule = "divisible-by-16";
  argument.reason = "the address of " + name + " is divisible by 16";
  argument.flip = "An offset of 1 element would make it generic.";
  if (key == "DS")
    argument.properties.push_back({"tt.pointer_range", 32});
  return argument;
}

ArgumentSpecialization integer(const std::string &name, const std::string &value,
                               const std::string &key) {
  ArgumentSpecialization argument;
  argument.name = name;
  argument.value = value;
  argument.type = "i32";
  argument.key = key;
  argument.rule = "divisible-by-16";
  if (key == "D") {
    argument.properties = {{"tt.divisibility", 16}};
    argument.reason = name + " = " + value + " is divisible by 16, so every row starts aligned";
    argument.flip = "Becomes generic at 16383 or 16385.";
  } else {
    argument.reason = name + " = " + value + " is not divisible by 16";
    argument.flip = "1008 or 992 would be.";
  }
  return argument;
}

Specialization specialization(const Target &target) {
  Specialization result;
  result.target = target;
  result.rules = "triton-3.6";
  std::string pointerKey = target.backend == "hip" ? "DS" : "D";
  result.arguments = {pointer("src", pointerKey), pointer("dst", pointerKey),
                      integer("rows", "1000", ""), integer("cols", "16384", ""),
                      integer("stride_sr", "16384", "D")};
  result.arguments[3].suppressed = {"tt.divisibility"};
  ArgumentSpecialization one = integer("stride_sc", "1", "1");
  one.type = "constexpr";
  one.constant = Value{Integer(1)};
  one.reason = "stride_sc is 1 and becomes a constant";
  result.arguments.push_back(one);
  ArgumentSpecialization scale;
  scale.name = "scale";
  scale.value = "0.5";
  scale.type = "fp32";
  scale.reason = "floats are not specialized by value";
  result.arguments.push_back(scale);
  for (auto [name, value] : {std::pair{"BM", 64}, std::pair{"BN", 128}}) {
    ArgumentSpecialization constant;
    constant.name = name;
    constant.value = std::to_string(value);
    constant.type = "constexpr";
    constant.key = constant.value;
    constant.constant = Value{Integer(value)};
    constant.isDeclaredConstexpr = true;
    constant.reason = "declared tl.constexpr";
    result.arguments.push_back(constant);
  }
  result.key = "[('*fp16','" + pointerKey +
               "'), ('*fp16','D'), ('i32',''), ('i32',''), ('i32','D'), ('constexpr', 1)]";
  return result;
}

SampleSet samples(double median, double spread, int count, unsigned seed) {
  SampleSet set;
  std::uint64_t state = seed;
  for (int i = 0; i < count; ++i) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    double unit = double(state >> 11) / double(1ull << 53);
    double tail = unit > 0.97 ? (unit - 0.97) * 20 : 0;
    set.samples.push_back(median * (1 + spread * (unit - 0.5) + spread * tail));
  }
  set.median = {median, median * (1 - spread / 12), median * (1 + spread / 12)};
  set.stoppedBy = "precision";
  return set;
}

std::string llir(int width, bool specialized) {
  std::string text = "define void @strided_copy(ptr %0, ptr %1, i32 %2, i32 %3) {\nentry:\n";
  for (int i = 0; i < 24; ++i) {
    std::string n = std::to_string(4 + i * (specialized ? 1 : 2));
    text += "  %" + n + " = getelementptr i8, ptr %0, i64 " + std::to_string(i * 2) + "\n";
    if (!specialized && i % 6 == 0)
      text += "  %" + n + "m = mul i64 %2, " + std::to_string(i) + " ; the stride\n";
    if (i % 4 == 0)
      text += "  %" + n + "v = load <" + std::to_string(width / 16) + " x half>, ptr %" + n + "\n";
  }
  return text + "  ret void\n}\n";
}

VariantRow variant(const std::string &label, bool specialized) {
  VariantRow row;
  row.label = label;
  row.target = {"cpu", ""};
  row.key = specialized ? "[('*fp16', 'D'), ('*fp16', 'D'), ('i32', ''), ('constexpr', 1), "
                          "('constexpr', 64)]{'num_warps': 4}"
                        : "[('*fp16', ''), ('*fp16', ''), ('i32', ''), ('i32', ''), "
                          "('constexpr', 64)]{'num_warps': 4}";
  row.compiled.ok = true;
  row.compiled.resources.values = {{"widest_load_bits", specialized ? 512 : 16},
                                   {"code_bytes", specialized ? 1824 : 3102},
                                   {"instructions", specialized ? 412 : 430},
                                   {"stack_bytes", 0}};
  row.compiled.stages = {{"ttir",
                          "module {\n  tt.func public @strided_copy(%arg0: !tt.ptr<f16>) "
                          "{\n    %0 = tt.get_program_id x : i32\n    tt.return\n  }\n}\n",
                          true, 310000},
                         {"llir", llir(specialized ? 512 : 16, specialized), true, 5200000},
                         {"binary", std::string(1824, '\x7f'), false, 9000000}};
  MemoryAccess load;
  load.range = line(19, 9, 60);
  load.kind = "load";
  load.bits = specialized ? 512 : 16;
  if (!specialized) {
    load.limit = "stride_sc is not known to be 1, so neighbours in a row may be apart";
    load.argument = "stride_sc";
    load.property = "tt.equal_to";
  }
  MemoryAccess store;
  store.range = line(20, 5, 60);
  store.kind = "store";
  store.bits = specialized ? 128 : 16;
  store.limit = specialized ? "cols is not known to be divisible by 16"
                            : "the address of dst is not known to be divisible by 16";
  row.compiled.accesses = {load, store};
  row.modes["hot"] = samples(specialized ? 1.92e6 : 11.7e6, 0.05, 180, specialized ? 7 : 11);
  row.ratio = specialized ? Estimate{6.09, 6.01, 6.15} : Estimate{1, 1, 1};
  row.verdict = specialized ? "faster" : "";
  row.correct = true;
  return row;
}

} // namespace

SnapshotPtr share(Snapshot snapshot) {
  return std::make_shared<const Snapshot>(std::move(snapshot));
}

Snapshot stridedCopy() {
  auto file = std::make_shared<KernelFile>();
  file->path = "strided_copy.py";
  file->text = source;
  JitFunction helper;
  helper.name = "tile_mask";
  helper.file = file->path;
  helper.range = {5, 1, 7, 55};
  helper.nameRange = line(6, 5, 14);
  helper.isKernel = false;
  helper.parameters = {parameter("rm"), parameter("rn"), parameter("rows"), parameter("cols")};
  JitFunction kernel;
  kernel.name = "strided_copy";
  kernel.file = file->path;
  kernel.range = {10, 1, 20, 75};
  kernel.nameRange = line(11, 5, 17);
  kernel.parameters = {parameter("src"),   parameter("dst"),       parameter("rows"),
                       parameter("cols"),  parameter("stride_sr"), parameter("stride_sc"),
                       parameter("scale"), parameter("BM", true),  parameter("BN", true)};
  kernel.options.doNotSpecializeOnAlignment = {"cols"};
  file->functions = {helper, kernel};

  Snapshot snapshot;
  snapshot.generation = 1;
  snapshot.file = file;
  snapshot.kernel = "strided_copy";
  snapshot.launch.kernel = "strided_copy";
  snapshot.launch.name = "square 16384";
  snapshot.launch.grid = {"cdiv(rows, BM)", "cdiv(cols, BN)"};
  snapshot.launch.arguments = {{"src", Value{matrix(16384, 16384)}},
                               {"dst", Value{matrix(16384, 16384)}},
                               {"rows", Value{Integer(1000)}},
                               {"cols", Value{Integer(16384)}},
                               {"stride_sr", Value{Integer(16384)}},
                               {"stride_sc", Value{Integer(1)}},
                               {"scale", Value{0.5}},
                               {"BM", Value{Integer(64)}},
                               {"BN", Value{Integer(128)}}};
  snapshot.launch.options = {{"num_warps", Value{Integer(4)}}, {"num_stages", Value{Integer(3)}}};
  snapshot.launch.guessed = {"scale", "BN"};
  snapshot.launchNames = {"square 16384", "tall"};
  snapshot.ruleSet = "triton-3.6";
  snapshot.ruleSets = {"triton-3.2", "triton-3.6"};
  snapshot.targets = {{"cuda", "90"}, {"hip", "gfx942"}, {"cpu", ""}};
  for (const Target &target : snapshot.targets)
    snapshot.specializations.push_back(specialization(target));
  snapshot.specializationProblems.resize(snapshot.targets.size());
  BackendState cpu, cuda;
  cpu.backend = "cpu";
  DeviceInfo processor;
  processor.target = {"cpu", ""};
  processor.name = "Some Processor";
  processor.units = 2;
  cpu.devices = {processor};
  cuda.backend = "cuda";
  cuda.problem = "libcuda.so.1 was not found; tried the loader's path";
  snapshot.devices = {cpu, cuda};
  snapshot.log = {
      {"2026-01-01T10:00:00", Severity::Note, "Opened strided_copy.py"},
      {"2026-01-01T10:00:01", Severity::Warning, "cols is not specialized on alignment"},
      {"2026-01-01T10:00:02", Severity::Error, "No driver\nfor cuda"}};
  return snapshot;
}

Snapshot compared() {
  Snapshot snapshot = stridedCopy();
  snapshot.generation = 9;
  snapshot.variants = {variant("specialized", true), variant("generic", false)};
  snapshot.noiseFloor = 0.008;
  snapshot.lastRun = "r2abc";
  JobState done, running;
  done.id = 1;
  done.title = "Compile strided_copy";
  done.status = JobState::Status::Done;
  running.id = 2;
  running.title = "Compare strided_copy on cpu";
  running.phase = "measure generic, hot";
  running.fraction = 0.42;
  running.etaSeconds = 12;
  running.status = JobState::Status::Running;
  snapshot.jobs = {done, running};
  RunRecord run;
  run.id = "r2abc";
  run.kind = "compare";
  run.kernel = "strided_copy";
  run.file = "strided_copy.py";
  run.target = "cpu";
  run.device = "Some Processor";
  run.startedAt = "2026-01-01T09:00:00Z";
  run.finishedAt = "2026-01-01T09:00:09Z";
  run.result = {{"specialized", {{"median", 1.92e6}}}, {"ratio", {{"value", 6.09}}}};
  RunRecord open = run;
  open.id = "r1zzz";
  open.finishedAt.clear();
  open.result = Json::object();
  open.note = "before the rewrite";
  snapshot.history = {run, open};
  return snapshot;
}

namespace {

ArgumentVariants reached(const std::string &name, std::vector<ReachableClass> classes) {
  ArgumentVariants argument;
  argument.name = name;
  argument.count.value = classes.size();
  argument.factor = double(classes.size());
  argument.classes = std::move(classes);
  return argument;
}

VariantAnswer answer(const Target &target, bool hasRanges) {
  ReachableClass divisible{"*fp16", "D", "aligned to 16", {}},
      generic{"*fp16", "", "aligned to 2", {}}, ranged{"*fp16", "DS", "aligned to 16, 2 GiB", {}};
  std::vector<ReachableClass> pointers{divisible, generic};
  if (hasRanges)
    pointers.insert(pointers.begin(), ranged);
  std::vector<ReachableClass> integers{{"i32", "D", "16", {}},
                                       {"i32", "", "2", {}},
                                       {"i64", "D", "2147483648", {}},
                                       {"i64", "", "2147483649", {}},
                                       {"constexpr", "1", "1", {}}};
  VariantAnswer answer;
  answer.report.kernel = "strided_copy";
  answer.report.target = target;
  answer.report.arguments = {reached("src", pointers), reached("rows", integers),
                             reached("stride_sc", integers),
                             reached("BM", {{"constexpr", "64", "64", {}}})};
  answer.report.count.value = pointers.size() * 25;
  answer.plan =
      OptOutPlan{true,
                 true,
                 {{"rows", "do_not_specialize", 2}, {"stride_sc", "do_not_specialize", 2}},
                 {4, true},
                 4};
  return answer;
}

SurveyedKernel surveyedKernel(const std::string &file, const std::string &name, int line) {
  SurveyedKernel kernel;
  kernel.file = "/kernels/" + file;
  kernel.kernel = name;
  kernel.line = line;
  kernel.opened = !name.empty();
  return kernel;
}

} // namespace

Snapshot counted() {
  Snapshot snapshot = stridedCopy();
  VariantReach reach;
  reach.query.bound = 8;
  reach.kernel = "strided_copy";
  reach.targets = {{"cuda", "90"}, {"hip", "gfx942"}};
  reach.answers = {answer(reach.targets[0], false), answer(reach.targets[1], true)};
  reach.problems = {"", ""};
  snapshot.reach = std::make_shared<const VariantReach>(reach);
  return snapshot;
}

Snapshot surveyed() {
  Snapshot snapshot = stridedCopy();
  SurveyedFolder folder;
  folder.folder = "/kernels";
  folder.survey.files = 3;
  folder.survey.targets = {"cuda:90", "cpu"};
  SurveyedKernel works = surveyedKernel("norm/layer.py", "layer_norm", 12),
                 fails = surveyedKernel("norm/layer.py", "layer_norm_grad", 80),
                 lacks = surveyedKernel("count.py", "histogram", 5),
                 broken = surveyedKernel("broken.py", "", 0);
  works.elaborated = fails.elaborated = true;
  works.nanoseconds = 3'100'000;
  works.compiled = {"cuda:90", "cpu"};
  fails.nanoseconds = 12'000'000;
  fails.compiled = {"cpu"};
  fails.failure = SurveyFailure{
      "compile", "cuda:90", "atomic_cas", "atomic_cas on bf16 is not supported", fails.file, 91};
  lacks.failure = SurveyFailure{"elaborate", "", "tl.histogram", "tl.histogram is not known here",
                                lacks.file,  9};
  broken.failure = SurveyFailure{"open", "", "not UTF-8", "byte 17 is not UTF-8", broken.file, 0};
  folder.survey.kernels = {works, fails, lacks, broken};
  snapshot.survey = std::make_shared<const SurveyedFolder>(folder);
  return snapshot;
}

} // namespace lapidary::ui::test
