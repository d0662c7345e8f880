// The workbench behind the window: commands in, immutable snapshots out. Qt-free.
//
// Every command returns at once. Work runs on the workbench's own threads: one for reading and
// specializing (superseded requests are dropped), a pool for compiling, one serial executor for the
// device, one for the store. After every change the listener is called, on some thread of the
// workbench, with a fresh snapshot; the window posts it to its own thread.
#pragma once

#include "core/session/ArgumentText.h"
#include "core/session/CountVariants.h"
#include "core/session/Survey.h"

#include <map>

namespace lapidary {

struct JobState {
  int id = 0;
  std::string title;    // "Compare strided_copy on cpu"
  std::string phase;    // "measure generic, hot"
  double fraction = -1; // negative: unknown
  double etaSeconds = -1;
  enum class Status { Queued, Running, Done, Failed, Cancelled } status = Status::Queued;
  std::string message; // why it failed
};

struct VariantRow {
  std::string label; // "specialized", "generic"
  Target target;
  std::string key;
  CompileResult compiled; // stages, accesses, resources
  std::string ttir;
  std::map<std::string, SampleSet> modes;
  std::optional<Estimate> ratio; // generic over this one
  std::string verdict;
  std::optional<bool> correct;
  std::string error;
  bool stale = false; // source, launch or rules have changed since
};

// How many variants of the chosen kernel a program can ask for, for every target shown.
struct VariantReach {
  VariantQuery query;
  std::string kernel;
  std::vector<Target> targets;
  std::vector<VariantAnswer> answers; // parallel to `targets`; empty where there is a problem
  std::vector<std::string> problems;  // parallel; empty: fine
};

struct SurveyedFolder {
  std::string folder;
  Survey survey;
};

struct LogLine {
  std::string time; // ISO 8601, local
  Severity severity = Severity::Note;
  std::string text;
};

struct Snapshot {
  std::uint64_t generation = 0;
  std::shared_ptr<const KernelFile> file; // null: nothing open
  std::string kernel;                     // name of the chosen kernel; empty: none
  Launch launch;                          // bound, or as far as it goes
  bool launchEdited = false;              // differs from the known launch of its name
  std::vector<std::string> launchNames;   // launches known for this kernel
  std::vector<Diagnostic> diagnostics;    // of source, launch and elaboration
  std::string ruleSet;
  std::vector<std::string> ruleSets;
  std::vector<Target> targets; // columns of the matrix
  std::vector<Specialization>
      specializations; // parallel to `targets`; empty arguments: see problem
  std::vector<std::string> specializationProblems; // parallel; empty: fine
  std::vector<VariantRow> variants;
  std::vector<JobState> jobs;
  std::vector<LogLine> log;
  std::vector<RunRecord> history;
  std::vector<BackendState> devices;
  double noiseFloor = -1; // of the last comparison; negative: none yet
  std::string lastRun;    // id of the last finished run
  std::string exportText; // answer to previewExport: the text, or why there is none
  std::string exportRun, exportFormat; // what it answers
  bool exportFailed = false;
  std::shared_ptr<const VariantReach> reach;    // null: not asked for, or no launch that fits
  std::shared_ptr<const SurveyedFolder> survey; // the last one; null: none yet
};

class Workbench {
public:
  using Listener = std::function<void(std::shared_ptr<const Snapshot>)>;
  Workbench(Services services, Listener listener);
  ~Workbench(); // cancels and joins

  std::shared_ptr<const Snapshot> snapshot() const; // any thread

  // Commands; any thread, never block.
  void openFile(const std::string &path);
  void setText(std::string text); // the editor's buffer
  void saveFile(const std::string &path);
  void selectKernel(const std::string &name);
  void loadLaunch(const std::string &pathOrName);
  void saveLaunch(const std::string &path);
  void setArgument(const std::string &name, Value value);
  void setOption(const std::string &name, Value value);
  void setGrid(std::vector<std::string> grid);
  void setTargets(std::vector<Target> targets);
  void setRuleSet(const std::string &name);
  int compile(); // every target shown; the job's id
  int compare(const DeviceTarget &target);
  // From now on the snapshots say what the query reaches, whatever is edited.
  void countVariants(VariantQuery query);
  int survey(const std::string &folder); // for every target shown; the job's id
  void cancel(int job);
  void refreshHistory(const std::string &filter);
  void openRun(const std::string &run); // its variants and samples into the tables
  void annotateRun(const std::string &run, const std::string &note);
  void previewExport(const std::string &run, const std::string &format);
  void exportRun(const std::string &run, const std::string &format, const std::string &path);
  void importFile(const std::string &path);
  void refreshDevices();

private:
  struct State;
  std::unique_ptr<State> state;
};

} // namespace lapidary
