#include "core/bench/ReferenceRun.h"

#include "core/bench/Initializer.h"

#include <algorithm>
#include <condition_variable>
#include <fmt/format.h>
#include <set>
#include <thread>

namespace lapidary {

namespace {

// Cancels its token when it outlives `seconds`.
class Deadline {
public:
  explicit Deadline(double seconds)
      : thread([this, seconds](std::stop_token stop) {
          std::unique_lock lock(mutex);
          if (!wake.wait_for(lock, stop, std::chrono::duration<double>(seconds),
                             [] { return false; }) &&
              !stop.stop_requested())
            token.cancel();
        }) {}
  const CancelToken &cancel() const { return token; }

private:
  CancelToken token;
  std::mutex mutex;
  std::condition_variable_any wake;
  std::jthread thread; // last: it uses the others
};

struct Attempt {
  std::vector<HostBytes> storages; // parallel to LaunchBuffers::all()
  std::vector<ReferenceBuffer> buffers;
  Result<void> result;
};

class Run {
public:
  Run(const MeasureJob &job, LaunchBuffers &buffers, const ReferenceRunner &reference)
      : job(job), buffers(buffers), reference(reference) {}

  Result<ReferenceOutcome> go();

private:
  Result<void> bindArguments();
  Result<Attempt> attempt(const std::set<std::string> &poisoned);
  bool readsPoison(const Attempt &attempt, std::set<std::string> &poisoned) const;

  const MeasureJob &job;
  LaunchBuffers &buffers;
  const ReferenceRunner &reference;
  std::vector<ReferenceArgument> arguments;
};

Result<void> Run::bindArguments() {
  const std::vector<std::string> &names = job.referenceParameters;
  if (names.size() != job.referenceTypes.size())
    return fail(ErrorCode::Internal, "the reference's parameters and types differ in number");
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (TensorBuffer *buffer = buffers.find(names[i])) {
      std::int64_t offset = buffer->tensor.offset * dtypeBytes(buffer->tensor.dtype);
      arguments.push_back(
          ReferencePointer{static_cast<int>(buffer - buffers.all().data()), offset});
      continue;
    }
    const Value *value = findArgument(job, names[i]);
    if (!value)
      return fail(ErrorCode::InvalidInput,
                  "the launch gives no value for the parameter " + names[i]);
    Result<ScalarArgument> scalar = scalarArgument(names[i], *value, job.referenceTypes[i]);
    if (!scalar)
      return std::unexpected(scalar.error());
    arguments.push_back(
        std::visit([](auto number) { return ReferenceArgument(number); }, scalar->value));
  }
  return {};
}

Result<Attempt> Run::attempt(const std::set<std::string> &poisoned) {
  Attempt made;
  for (TensorBuffer &buffer : buffers.all()) {
    Result<HostBytes> copy = HostBytes::copyOf(std::as_const(buffer.image).span());
    if (!copy)
      return std::unexpected(copy.error());
    if (poisoned.contains(buffer.name))
      poisonElements(buffer.tensor.dtype, Poison::Reference, copy->span());
    made.buffers.push_back({copy->span().data(), buffer.tensor.storage, buffer.name});
    made.storages.push_back(std::move(*copy));
  }
  Deadline deadline(2 * job.options.hangSeconds);
  made.result = reference(job.referenceTtir, made.buffers, arguments, job.grid, deadline.cancel());
  return made;
}

// Takes what the kernel read off the list; whether there was any.
bool Run::readsPoison(const Attempt &attempt, std::set<std::string> &poisoned) const {
  bool any = false;
  for (const ReferenceBuffer &buffer : attempt.buffers)
    if (buffer.read)
      any |= poisoned.erase(buffer.name) > 0;
  return any;
}

Result<ReferenceOutcome> Run::go() {
  if (Result<void> bound = bindArguments(); !bound)
    return std::unexpected(bound.error());
  std::set<std::string> outputs(job.outputs.begin(), job.outputs.end()), poisoned = outputs;
  Result<Attempt> made = attempt(poisoned);
  if (made && outputs.empty() && made->result) { // not declared: what it stored to
    for (const ReferenceBuffer &buffer : made->buffers)
      if (buffer.written)
        outputs.insert(buffer.name);
    poisoned = outputs;
    readsPoison(*made, poisoned);
    if (!poisoned.empty())
      made = attempt(poisoned);
  }
  while (made && readsPoison(*made, poisoned)) // what is read after poison ended the last attempt
    made = attempt(poisoned);
  if (!made)
    return std::unexpected(made.error());

  ReferenceOutcome outcome;
  outcome.ran = made->result.has_value();
  if (!outcome.ran) {
    const Error &error = made->result.error();
    if (error.code == ErrorCode::InvalidInput)
      outcome.kernelError = error;
    else if (error.code == ErrorCode::Cancelled)
      outcome.problem =
          fmt::format("the reference did not finish within {:g} s", 2 * job.options.hangSeconds);
    else
      outcome.problem = error.message;
    return outcome;
  }
  for (std::size_t i = 0; i < made->buffers.size(); ++i) {
    const std::string &name = made->buffers[i].name;
    if (outputs.contains(name))
      outcome.outputs.push_back({name, std::move(made->storages[i]), poisoned.contains(name)});
  }
  return outcome;
}

} // namespace

Result<ReferenceOutcome> runLaunchReference(const MeasureJob &job, LaunchBuffers &buffers,
                                            const ReferenceRunner &reference) {
  return Run(job, buffers, reference).go();
}

} // namespace lapidary
