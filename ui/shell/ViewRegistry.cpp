#include "ui/shell/ViewRegistry.h"

#include "ui/views/comparison/ComparisonView.h"
#include "ui/views/history/HistoryView.h"
#include "ui/views/jobs/JobsView.h"
#include "ui/views/launch/LaunchView.h"
#include "ui/views/log/LogView.h"
#include "ui/views/reach/ReachView.h"
#include "ui/views/samples/SamplesView.h"
#include "ui/views/source/SourceView.h"
#include "ui/views/specialization/SpecializationView.h"
#include "ui/views/stages/StagesView.h"
#include "ui/views/survey/SurveyView.h"
#include "ui/views/variants/VariantsView.h"

namespace lapidary::ui {

namespace {
template <typename T> ViewEntry entry(const char *id, const char *title) {
  return {id, QObject::tr(title), [](QWidget *parent) -> View * { return new T(parent); }};
}
} // namespace

std::vector<ViewEntry> allViews() {
  return {
      entry<SourceView>("source", "Source"),
      entry<SpecializationView>("specialization", "Specialization"),
      entry<LaunchView>("launch", "Launch"),
      entry<VariantsView>("variants", "Variants"),
      entry<ComparisonView>("comparison", "Comparison"),
      entry<StagesView>("stages", "Stages"),
      entry<SamplesView>("samples", "Samples"),
      entry<ReachView>("reach", "Reachable"),
      entry<HistoryView>("history", "History"),
      entry<SurveyView>("survey", "Survey"),
      entry<JobsView>("jobs", "Jobs"),
      entry<LogView>("log", "Log"),
  };
}

} // namespace lapidary::ui
