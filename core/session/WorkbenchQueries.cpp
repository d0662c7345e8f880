#include "core/session/WorkbenchState.h"

#include <fmt/format.h>

namespace lapidary {

void Workbench::State::countReach() {
  if (!reachQuery)
    return;
  std::string wanted = model.stamp();
  for (const Target &target : model.shown.targets)
    wanted += " " + toString(target);
  if (wanted == reachCountedFor)
    return;
  reachCountedFor = wanted;
  const int number = ++reachWanted;
  const auto choice = model.choice();
  if (!choice) {
    model.shown.reach.reset();
    return;
  }
  counter.post([this, number, choice = *choice, rules = model.shown.ruleSet,
                targets = model.shown.targets, query = *reachQuery] {
    auto reach = std::make_shared<VariantReach>();
    reach->query = query;
    reach->kernel = choice.kernel->name;
    reach->targets = targets;
    for (const Target &target : targets) {
      if (number != reachWanted || closing)
        return;
      auto answer = lapidary::countVariants(services, choice, target, rules, query);
      reach->problems.push_back(answer ? std::string() : describe(answer.error()));
      reach->answers.push_back(answer ? std::move(*answer) : VariantAnswer{});
    }
    command([this, number, reach = std::move(reach)](WorkbenchModel &model) {
      if (number == reachWanted)
        model.shown.reach = reach;
    });
  });
}

void Workbench::State::startSurvey(int id, const std::string &folder) {
  beginJob(id, fmt::format("Survey {}", folder));
  if (services.workerCommand.empty())
    return endJob(id, JobState::Status::Failed,
                  "the program that tries the kernels, lap, was not found beside this one");
  SurveyOptions options;
  options.targets = model.shown.targets;
  options.rules = model.shown.ruleSet;
  options.command = {services.workerCommand.front(), "survey-worker"};
  surveyor.post([this, id, folder, options = std::move(options), token = jobs[id].token] {
    if (token.cancelled())
      return;
    auto survey = surveyFolder(
        folder, options,
        [&](const Progress &progress) {
          report([this, id, progress](WorkbenchModel &) {
            progressJob(id, progress.phase, progress.fraction);
          });
        },
        token);
    command([this, id, folder, survey = std::move(survey)](WorkbenchModel &model) {
      if (jobs[id].token.cancelled())
        return;
      if (!survey)
        return endJob(id, JobState::Status::Failed, describe(survey.error()));
      model.shown.survey =
          std::make_shared<const SurveyedFolder>(SurveyedFolder{folder, std::move(*survey)});
      endJob(id, JobState::Status::Done);
    });
  });
}

} // namespace lapidary
