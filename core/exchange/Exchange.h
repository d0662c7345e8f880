// Export and import formats, one file each. A format turns one stored run into text; importing
// turns a file into runs. Adding a format: one .cpp, one line in Exchange.cpp, one golden file.
#pragma once

#include "core/store/Store.h"

#include <filesystem>
#include <string>
#include <vector>

namespace lapidary {

// One run, whole.
struct RunBundle {
  RunRecord run;
  std::vector<SampleRecord> samples;
  std::vector<VariantRecord> variants;
  std::string kernelText; // the file as it was, may be empty
};

Result<RunBundle> loadBundle(Store &store, const std::string &runId);
// The inverse: the id under which the run is now stored.
Result<std::string> storeBundle(Store &store, const RunBundle &bundle);

struct ExportFormat {
  std::string name; // "lapidary", "triton-decorator", "csv", "markdown"
  std::string description;
  std::string extension; // ".lapidary.json"
};
std::vector<ExportFormat> exportFormats();

// Errors: NotFound (no such format; lists them), InvalidInput (the run has nothing to export so).
Result<std::string> exportRun(const RunBundle &bundle, const std::string &format);

// Reads a file of any known format. Errors: InvalidInput with file, place and remedy.
Result<std::vector<RunBundle>> importFile(const std::filesystem::path &path);

} // namespace lapidary
