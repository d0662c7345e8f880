// What the workbench shows, and how edits change it: the file, the kernel, the launch, and what
// every target makes of them. Without threads: one thread owns it (the workbench's front thread),
// and tests drive it directly.
//
// Edits only note what has to be worked out again; update() works it out, once for any number of
// edits, so that a burst of typing costs one parse.
#pragma once

#include "core/session/LaunchSource.h"
#include "core/session/Workbench.h"

namespace lapidary {

class WorkbenchModel {
public:
  explicit WorkbenchModel(std::shared_ptr<const RuleSets> rules);

  // Edits. What they name wrongly is said in the log and changes nothing.
  void openFile(const std::string &path);
  void setText(std::string text);
  void saveFile(const std::string &path);
  void selectKernel(const std::string &name);
  void loadLaunch(const std::string &pathOrName);
  void saveLaunch(const std::string &path);
  void addLaunches(const std::string &kernel,
                   std::vector<NamedLaunch> launches); // those not yet known
  void setArgument(const std::string &name, Value value);
  void setOption(const std::string &name, Value value);
  void setGrid(std::vector<std::string> grid);
  void setTargets(std::vector<Target> targets);
  void setRuleSet(const std::string &name);

  // Brings `shown` up to date with the edits since the last call.
  void update();

  // The choice to compile or measure. Errors: InvalidInput, why there is none.
  Result<KernelChoice> choice() const;
  // Identifies source, launch and rules: a result made under another stamp is stale.
  const std::string &stamp() const { return currentStamp; }
  // What stamp() would be for a run of the store.
  static std::string stampOf(const std::string &sourceHash, const Json &launch,
                             const std::string &ruleSet);
  // Hash of the chosen kernel; empty when there is none.
  const std::string &kernelHash() const { return hashOfKernel; }

  VariantRow &row(const std::string &label, const Target &target); // made when it is not there
  void setRowStamp(const std::string &label, const Target &target, std::string stamp);
  void replaceRows(std::vector<VariantRow> rows, const std::string &stamp);
  void setElaborationDiagnostics(std::vector<Diagnostic> diagnostics, std::string stamp);

  void log(Severity severity, std::string text);

  Snapshot shown;

private:
  const JitFunction *kernel() const;
  void adoptKernel(const std::string &name);
  void adoptLaunch(Launch launch, const std::string &name);
  void settleLaunch();
  std::string formOf(const Launch &launch) const;
  void hashKernel();
  void updateSource();
  void updateLaunch();
  void updateSpecializations();
  void updateStaleness();

  std::shared_ptr<const RuleSets> rules;
  std::optional<std::string> pendingText;
  std::vector<NamedLaunch> launches; // of the chosen kernel, in the order of shown.launchNames
  bool sourceChanged = false, launchChanged = false, specializationsChanged = true;
  bool launchBound = false;
  bool launchAdopted = false; // not bound since it was chosen
  std::string adoptedForm;    // of the launch that was chosen
  std::vector<Diagnostic> launchDiagnostics, elaborationDiagnostics;
  std::string elaborationStamp, currentStamp, hashOfKernel;
  std::map<std::pair<std::string, Target>, std::string> rowStamps;
};

} // namespace lapidary
