#include "core/exchange/Exchange.h"

#include "app/lap/CommandLine.h"
#include "core/support/Paths.h"

#include <fmt/format.h>

namespace lapidary::cli {

namespace {

struct ExportArguments {
  std::string run, format, output;
};

int exportOne(const ExportArguments &arguments, bool json) {
  auto store = Store::open(defaultStorePath(), Store::Mode::ReadOnly);
  if (!store)
    return complain(store.error());
  const auto bundle = loadBundle(**store, arguments.run);
  if (!bundle)
    return complain(bundle.error());
  const auto text = exportRun(*bundle, arguments.format);
  if (!text)
    return complain(text.error());
  if (!arguments.output.empty())
    if (const auto written = writeFileAtomically(arguments.output, *text); !written)
      return complain(written.error());
  if (json)
    printJson({{"run", bundle->run.id},
               {"format", arguments.format},
               {"file", arguments.output},
               {"text", arguments.output.empty() ? *text : ""}});
  else if (arguments.output.empty())
    print(*text);
  return 0;
}

int importOne(const std::string &path, bool json) {
  const auto bundles = importFile(path);
  if (!bundles)
    return complain(bundles.error());
  auto store = Store::open(defaultStorePath(), Store::Mode::ReadWrite);
  if (!store)
    return complain(store.error());
  Json ids = Json::array();
  for (const RunBundle &bundle : *bundles) {
    const auto id = storeBundle(**store, bundle);
    if (!id)
      return complain(id.error());
    ids.push_back(*id);
    if (!json)
      print(*id + "\n");
  }
  if (json)
    printJson({{"runs", ids}});
  return 0;
}

std::string formatHelp() {
  std::string text = "Format:";
  for (const ExportFormat &format : exportFormats())
    text += fmt::format("\n{} ({})", format.name, format.description);
  return text;
}

} // namespace

void addExchange(CLI::App &app, Invocation &invocation) {
  CLI::App *verb = addVerb(app, invocation, "export", "Write a stored run for other tools",
                           "export --run r0a1b2c3d4e5 --format triton-decorator");
  auto arguments = std::make_shared<ExportArguments>();
  verb->add_option("--run", arguments->run, "Id of the run, or its beginning")
      ->type_name("ID")
      ->required();
  verb->add_option("--format", arguments->format, formatHelp())->type_name("NAME")->required();
  verb->add_option("-o,--output", arguments->output, "File to write; standard output when left out")
      ->type_name("FILE");
  verb->callback([&invocation, arguments] {
    invocation.run = [&invocation, arguments] { return exportOne(*arguments, invocation.json); };
  });

  CLI::App *import =
      addVerb(app, invocation, "import", "Take in runs that were exported as lapidary",
              "import r0a1b2c3d4e5.lapidary.json");
  auto path = std::make_shared<std::string>();
  import->add_option("FILE", *path, "File to read")->type_name("")->required();
  import->callback([&invocation, path] {
    invocation.run = [&invocation, path] { return importOne(*path, invocation.json); };
  });
}

} // namespace lapidary::cli
