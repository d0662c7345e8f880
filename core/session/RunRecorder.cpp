#include "core/session/RunRecorder.h"

namespace lapidary {

namespace {

std::string signatureOf(const Specialization &specialization) {
  std::string text;
  for (const ArgumentSpecialization &argument : specialization.arguments) {
    text += (text.empty() ? "" : ", ") + argument.type;
    if (argument.key && !argument.key->empty())
      text += ":" + *argument.key;
  }
  return text;
}

Json propertiesOf(const Specialization &specialization) {
  Json properties = Json::object();
  for (const ArgumentSpecialization &argument : specialization.arguments)
    for (const Property &property : argument.properties)
      properties[argument.name][property.name] = property.value;
  return properties;
}

} // namespace

VariantRecord variantRecord(const KernelChoice &choice, const Variant &variant,
                            const std::string &sourceHash, const std::string &compiler) {
  VariantRecord record;
  record.cacheKey = variant.cacheKey;
  record.kernel = choice.kernel->name;
  record.sourceHash = sourceHash;
  record.target = toString(variant.target);
  record.signature = signatureOf(variant.specialization);
  record.compiler = compiler;
  record.properties = propertiesOf(variant.specialization);
  record.options = Json::object();
  for (const auto &[name, value] : variant.options)
    record.options[name] = repr(value);
  record.resources = Json::object();
  for (const auto &[name, value] : variant.compiled.resources.values)
    record.resources[name] = value;
  record.keyParts = variant.keyParts;
  return record;
}

void RunRecorder::keep(const Result<void> &result) {
  if (!result && problem.empty())
    problem = result.error().message;
}

void RunRecorder::open(const KernelChoice &choice, const RunRecord &record,
                       const std::vector<Variant> &variants) {
  if (!store)
    return;
  const std::string compiler = record.options.value("compiler", "");
  const Result<std::string> opened = store->call([&](Store &open) -> Result<std::string> {
    auto saved = open.saveKernel(record.sourceHash, record.kernel, record.file, choice.file->text);
    if (saved)
      saved = open.saveLaunch(record.sourceHash, choice.launch.name, record.launch);
    for (const Variant &variant : variants)
      if (saved)
        saved = open.saveVariant(variantRecord(choice, variant, record.sourceHash, compiler));
    if (!saved)
      return std::unexpected(saved.error());
    return open.openRun(record);
  });
  if (opened)
    id = *opened;
  else
    problem = opened.error().message;
}

void RunRecorder::add(const std::string &cacheKey, const SampleEvent &sample) {
  if (!id.empty())
    keep(store->call([&](Store &open) {
      return open.addSample(id, cacheKey, sample.label, sample.mode, sample.nanoseconds);
    }));
}

void RunRecorder::finish(const Json &deviceState, const Json &result) {
  if (id.empty())
    return;
  const Result<void> finished =
      store->call([&](Store &open) { return open.finishRun(id, deviceState, result); });
  if (finished)
    problem.clear(); // what had waited is written now
  else
    keep(finished);
}

} // namespace lapidary
