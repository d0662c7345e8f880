// The processes behind a TritonCompiler, played by shell scripts in place of Python.
#include "core/support/Paths.h"
#include "core/triton/TritonCompiler.h"
#include "tests/support/TemporaryFolder.h"

#include <filesystem>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <thread>

using namespace lapidary;
using testing::HasSubstr;

namespace {

class Bridge : public testing::Test {
protected:
  // A script that takes up the bridge's text, answers --probe with `probe` and otherwise runs
  // `rest` after its greeting.
  std::string interpreter(const std::string &probe, const std::string &rest = "cat > /dev/null") {
    const auto path = folder / fmt::format("python{}", made++);
    const std::string text = fmt::format("#!/bin/sh\nhead -c {} > /dev/null\ncase \"$*\" "
                                         "in\n*--probe*) echo '{}';;\n*) {};;\nesac\n",
                                         bridgeScript().value_or("").size(), probe, rest);
    EXPECT_TRUE(writeFileAtomically(path, text));
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path.string();
  }

  Result<TritonReply> compile(const std::string &python, TritonLimits limits = {},
                              const CancelToken &cancel = {}) {
    TritonCompiler compiler({python, "test", "3.6.0", ""}, limits);
    return compile(compiler, cancel);
  }

  Result<TritonReply> compile(TritonCompiler &compiler, const CancelToken &cancel = {}) {
    const auto file = parseKernelFile("import triton\nimport triton.language as tl\n\n"
                                      "@triton.jit\ndef k(x, BLOCK: tl.constexpr):\n"
                                      "    tl.store(x, torch.pi)\n",
                                      "k.py");
    Specialization specialization;
    specialization.kernel = "k";
    specialization.target = {"cuda", "90"};
    specialization.arguments.resize(2);
    specialization.arguments[0].name = "x";
    specialization.arguments[0].type = "*fp32";
    specialization.arguments[1].name = "BLOCK";
    specialization.arguments[1].type = "constexpr";
    specialization.arguments[1].constant = makeInt(64);
    return compiler.compile(*file, *file->find("k"), specialization, {}, "", cancel);
  }

  // Greets, and says `reply` to each request.
  std::string answering(const std::string &reply) {
    return fmt::format("echo '{{\"triton\": \"3.6.0\"}}'; while read -r line; do "
                       "printf '%s\\n' \"$line\" >> {}; echo '{}'; done",
                       (folder / "requests").string(), reply);
  }

  TemporaryFolder folder;
  int made = 0;
};

constexpr const char *good =
    R"({"stages": [{"name": "ttir", "ns": 5, "text": "module {}"}, {"name": "cubin", "ns": 7, "base64": "AAEC/w=="}], "metadata": {"shared": 1024, "num_warps": 8, "num_ctas": 2, "launch_pdl": false}, "key": "abc", "name": "k", "compile_ns": 12})";

TEST_F(Bridge, ReadsAnAnswer) {
  const auto reply = compile(interpreter("", answering(good)));
  ASSERT_TRUE(reply) << reply.error().message;
  const CompileResult &compiled = reply->compiled;
  EXPECT_TRUE(compiled.ok);
  EXPECT_EQ(compiled.entry, "k");
  EXPECT_EQ(reply->key, "abc");
  ASSERT_EQ(compiled.stages.size(), 2u);
  EXPECT_EQ(compiled.stages[1].contents, std::string("\0\1\2\377", 4));
  EXPECT_FALSE(compiled.stages[1].isText);
  std::map<std::string, std::int64_t> values(compiled.resources.values.begin(),
                                             compiled.resources.values.end());
  EXPECT_EQ(values["shared"], 1024);
  EXPECT_EQ(values["launch_warps"], 8) << "4 were asked for";
  EXPECT_EQ(values["cluster"], 2);
  EXPECT_FALSE(values.contains("cooperative"));
}

TEST_F(Bridge, OneProcessAnswersMany) {
  TritonCompiler compiler({interpreter("", answering(good)), "test", "3.6.0", ""});
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(compile(compiler));
  const auto requests = readFile(folder / "requests");
  ASSERT_TRUE(requests);
  EXPECT_EQ(std::ranges::count(*requests, '\n'), 3);
  EXPECT_THAT(*requests, HasSubstr(R"("stop_after":"")"));
}

// A process lives no longer than the thread that started it; the next compile gets a new one.
TEST_F(Bridge, OutlivesTheThreadThatStartedIt) {
  TritonCompiler compiler({interpreter("", answering(good)), "test", "3.6.0", ""});
  std::thread([&] { EXPECT_TRUE(compile(compiler)); }).join();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const auto reply = compile(compiler);
  EXPECT_TRUE(reply) << reply.error().message;
}

TEST_F(Bridge, AKernelThatIsRefusedHasItsPlaceAndItsCallers) {
  const auto reply = compile(interpreter(
      "",
      answering(
          R"({"error": {"message": "torch is not defined", "missing": "torch", "kind": "kernel", "where": [["h.py", 3, 5], ["k.py", 6, 17]]}})")));
  ASSERT_TRUE(reply);
  EXPECT_FALSE(reply->compiled.ok);
  ASSERT_EQ(reply->compiled.diagnostics.size(), 1u);
  const Diagnostic &diagnostic = reply->compiled.diagnostics[0];
  EXPECT_EQ(diagnostic.file, "h.py");
  EXPECT_EQ(diagnostic.range.line, 3);
  EXPECT_THAT(diagnostic.message, HasSubstr("Triton: torch is not defined"));
  EXPECT_THAT(diagnostic.message, HasSubstr("without running the file")) << "why it is missing";
  ASSERT_EQ(diagnostic.notes.size(), 1u);
  EXPECT_EQ(diagnostic.notes[0].range.line, 6);
}

TEST_F(Bridge, ATargetWithoutCompilerIsUnsupported) {
  const auto reply = compile(interpreter(
      "",
      answering(
          R"({"error": {"message": "Triton 3.6.0 has no compiler for cuda", "missing": "", "kind": "target", "where": []}})")));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::Unsupported);
}

TEST_F(Bridge, DeathHangAndNoiseAreTold) {
  auto reply = compile(interpreter("", "echo 'ImportError: libtriton.so' >&2; exit 3"));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::Crashed);
  EXPECT_THAT(reply.error().message, HasSubstr("ImportError: libtriton.so"));

  reply = compile(interpreter("", answering("x") + "; true"), {});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::Crashed);

  reply = compile(interpreter("", answering("{}")));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::Crashed);
  EXPECT_THAT(reply.error().message, HasSubstr("cannot be read"));

  TritonLimits limits;
  limits.time = std::chrono::milliseconds(300);
  reply = compile(interpreter("", "echo '{}'; sleep 60"), limits);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::Timeout);

  reply = compile("/nowhere/python");
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::NotFound);
}

TEST_F(Bridge, ACancelledCompileEndsSoon) {
  CancelToken cancel;
  cancel.cancel();
  const auto reply = compile(interpreter("", "echo '{}'; sleep 60"), {}, cancel);
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ErrorCode::Cancelled);
}

TEST_F(Bridge, InstallationsAreProbed) {
  const auto usable = chooseTriton(interpreter(R"({"python": "3.11.7", "triton": "3.6.0"})"));
  ASSERT_TRUE(usable);
  EXPECT_EQ(usable->version, "3.6.0");
  EXPECT_EQ(usable->origin, "--compiler");

  const auto old = chooseTriton(interpreter(R"({"python": "3.9.1", "triton": "2.1.0"})"));
  ASSERT_FALSE(old);
  EXPECT_THAT(old.error().message, HasSubstr("Triton 2.1.0 is too old; 3.2 and later work"));
  EXPECT_TRUE(chooseTriton(interpreter(R"({"python": "3.9.1", "triton": "3.10.0+git1"})")))
      << "a number, not a text";

  const auto none = chooseTriton(interpreter(R"({"python": "3.9.1"})"));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::NotFound);
  EXPECT_THAT(none.error().message, HasSubstr("Python 3.9.1 has no Triton"));
  EXPECT_THAT(none.error().message, HasSubstr("pip install triton"));
  EXPECT_FALSE(chooseTriton("/nowhere/python"));
}

TEST_F(Bridge, AVirtualEnvironmentIsNamedByItsFolder) {
  std::filesystem::create_directories(folder / "venv" / "bin");
  std::filesystem::rename(interpreter(R"({"python": "3.11.7", "triton": "3.4.0"})"),
                          folder / "venv" / "bin" / "python");
  const auto found = chooseTriton((folder / "venv").string());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->version, "3.4.0");
}

} // namespace
