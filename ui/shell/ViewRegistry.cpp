#include "ui/shell/ViewRegistry.h"

#include "ui/views/history/HistoryView.h"
#include "ui/views/jobs/JobsView.h"
#include "ui/views/launch/LaunchView.h"
#include "ui/views/log/LogView.h"
#include "ui/views/samples/SamplesView.h"
#include "ui/views/source/SourceView.h"
#include "ui/views/specialization/SpecializationView.h"
#include "ui/views/stages/StagesView.h"
#include "ui/views/variants/VariantsView.h"

namespace lapidary::ui {

namespace {
template <typename T> ViewEntry entry(const char *id, const char *title, Place place) {
  return {id, QObject::tr(title), place, [](QWidget *parent) -> View * { return new T(parent); }};
}
} // namespace

std::vector<ViewEntry> allViews() {
  return {
      entry<SourceView>("source", "Source", Place::Left),
      entry<SpecializationView>("specialization", "Specialization", Place::Right),
      entry<LaunchView>("launch", "Launch", Place::Right),
      entry<VariantsView>("variants", "Variants", Place::Bottom),
      entry<StagesView>("stages", "Stages", Place::Bottom),
      entry<SamplesView>("samples", "Samples", Place::Bottom),
      entry<HistoryView>("history", "History", Place::Bottom),
      entry<JobsView>("jobs", "Jobs", Place::Bottom),
      entry<LogView>("log", "Log", Place::Bottom),
  };
}

} // namespace lapidary::ui
