// What a person asks for, as a value: views make commands, the controller carries them out on the
// workbench. So every view can be driven and tested without one.
#pragma once

#include "core/session/Workbench.h"

#include <QMetaType>
#include <string>
#include <variant>
#include <vector>

namespace lapidary::ui {

struct OpenFile { std::string path, kernel = {}; }; // no kernel: the one with a launch, or the first
struct SetText { std::string text; };
struct SaveFile { std::string path; };
struct SelectKernel { std::string name; };
struct LoadLaunch { std::string pathOrName; };
struct SaveLaunch { std::string path; };
struct SetArgument { std::string name; Value value; };
struct SetOption { std::string name; Value value; };
struct SetGrid { std::vector<std::string> grid; };
struct SetTargets { std::vector<Target> targets; };
struct SetRuleSet { std::string name; };
struct Compile {};
struct Compare { DeviceTarget target; }; // no backend: the device chosen in the tool bar
struct CancelJob { int id = 0; };
struct RefreshHistory { std::string filter; };
struct OpenRun { std::string run; };
struct AnnotateRun { std::string run, note; };
struct PreviewExport { std::string run, format; };
struct ExportRun { std::string run, format, path; };
struct ImportFile { std::string path; };
struct RefreshDevices {};
struct CountVariants { VariantQuery query; };
struct SurveyFolder { std::string folder; };
// For the window itself: opens the export dialog on a run.
struct ShowExport { std::string run; };

using Command = std::variant<OpenFile, SetText, SaveFile, SelectKernel, LoadLaunch, SaveLaunch,
                             SetArgument, SetOption, SetGrid, SetTargets, SetRuleSet, Compile,
                             Compare, CancelJob, RefreshHistory, OpenRun, AnnotateRun,
                             PreviewExport, ExportRun, ImportFile, RefreshDevices,
                             CountVariants, SurveyFolder, ShowExport>;

// What is selected, in every view at once. An empty or negative field: nothing of that kind.
struct Selection {
  std::string argument;
  int target = -1;  // column of the matrix: index into Snapshot::targets
  int line = 0;     // of the source, from 1
  int variant = -1; // index into Snapshot::variants
  int sample = -1;  // index of the sample in the variant's shown mode
  bool operator==(const Selection &) const = default;
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

} // namespace lapidary::ui

Q_DECLARE_METATYPE(lapidary::ui::Command)
Q_DECLARE_METATYPE(lapidary::ui::Selection)
