#include "core/tune/Replay.h"

#include "core/support/Parallel.h"
#include "core/support/Paths.h"
#include "core/tune/SpaceSource.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>

namespace lapidary {

namespace {

constexpr int schema = 1;
constexpr const char *suffix = ".space.json";

std::unexpected<Error> invalid(const std::string &context, const std::string &message) {
  return fail(ErrorCode::InvalidInput, context + ": " + message, context);
}

// The space of what was recorded: what has no time is left out.
Result<SearchSpace> spaceOf(const RecordedSpace &recorded) {
  auto whole = SearchSpace::create(recorded.parameters, {});
  if (!whole)
    return whole;
  std::vector<Configuration> timed;
  for (std::size_t i = 0; i < recorded.times.size(); ++i)
    if (recorded.times[i])
      timed.push_back(whole->configuration(i));
  return timed.size() == recorded.times.size() ? whole : SearchSpace::listed(timed);
}

double bestOf(const RecordedSpace &recorded) {
  double best = Strategy::failed;
  for (const auto &time : recorded.times)
    best = std::min(best, time.value_or(Strategy::failed));
  return best;
}

} // namespace

Json toJson(const RecordedSpace &space) {
  Json json = {{"format", "lapidary-space"}, {"schema", schema},       {"kernel", space.kernel},
               {"target", space.target},     {"device", space.device}, {"made", space.made}};
  json["parameters"] = toJson(SpaceDescription{space.parameters, {}, {}, ""})["parameters"];
  Json &times = json["times"] = Json::array();
  for (const auto &time : space.times)
    times.push_back(time ? Json(std::round(*time)) : Json());
  return json;
}

Result<RecordedSpace> recordedSpaceFromJson(const Json &json, const std::string &context) {
  if (!json.is_object() || json.value("format", Json()) != "lapidary-space")
    return invalid(context, "it is no recorded space (\"format\": \"lapidary-space\")");
  if (const auto version = json.find("schema");
      version == json.end() || !version->is_number_integer() || *version > schema)
    return invalid(context, fmt::format("'schema' must be a number up to {}", schema));
  RecordedSpace space;
  for (const auto &[name, into] : {std::pair{"kernel", &space.kernel},
                                   {"target", &space.target},
                                   {"device", &space.device},
                                   {"made", &space.made}})
    if (const auto text = json.find(name); text != json.end() && text->is_string())
      *into = text->get<std::string>();
  const Json parameters = json.value("parameters", Json());
  const auto description = spaceFromJson(Json{{"parameters", parameters}}, context);
  if (!description)
    return std::unexpected(description.error());
  space.parameters = description->parameters;
  const auto product = SearchSpace::create(space.parameters, {});
  if (!product)
    return invalid(context, product.error().message);
  for (std::size_t i = 0; i < space.parameters.size(); ++i)
    if (space.parameters[i].values != product->parameters()[i].values)
      return invalid(context, fmt::format("parameters.{} must be in increasing order",
                                          space.parameters[i].name));
  const auto times = json.find("times");
  if (times == json.end() || !times->is_array() || times->size() != product->size())
    return invalid(context, fmt::format("'times' must be a list of {} times", product->size()));
  for (const Json &time : *times) {
    if (!time.is_null() && !(time.is_number() && time.get<double>() > 0))
      return invalid(
          context, fmt::format("times[{}] must be a positive number or null", space.times.size()));
    space.times.push_back(time.is_null() ? std::nullopt : std::optional(time.get<double>()));
  }
  if (bestOf(space) == Strategy::failed)
    return invalid(context, "no configuration has a time");
  return space;
}

Result<std::vector<RecordedSpace>> readRecordedSpaces(const std::filesystem::path &path) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    for (std::filesystem::directory_iterator it(path, error), end; !error && it != end;
         it.increment(error))
      if (it->path().filename().string().ends_with(suffix))
        files.push_back(it->path());
    std::ranges::sort(files);
    if (files.empty())
      return fail(ErrorCode::NotFound,
                  fmt::format("there is no recorded space (*{}) in {}", suffix, path.string()),
                  path.string());
  } else {
    files.push_back(path);
  }
  std::vector<RecordedSpace> spaces;
  for (const std::filesystem::path &file : files) {
    const auto text = readFile(file, 64u << 20);
    if (!text)
      return std::unexpected(text.error());
    const auto json = parseJson(*text, file.string());
    if (!json)
      return std::unexpected(json.error());
    auto space = recordedSpaceFromJson(*json, file.string());
    if (!space)
      return std::unexpected(space.error());
    const std::string name = file.filename().string();
    space->name = name.substr(0, name.find('.'));
    spaces.push_back(std::move(*space));
  }
  return spaces;
}

namespace {

Result<ReplayResult> replay(const RecordedSpace &recorded, const SearchSpace &whole,
                            const SearchSpace &space, const std::string &name, std::uint64_t seed,
                            double tolerance) {
  const auto strategy = makeStrategy(name, space, seed);
  if (!strategy)
    return std::unexpected(strategy.error());
  const double wanted = bestOf(recorded) * (1 + tolerance);
  ReplayResult result{seed, 0, false, Strategy::failed};
  while (const auto index = (*strategy)->ask()) {
    const auto at = whole.find(space.configuration(*index));
    const double time = recorded.times[*at].value_or(Strategy::failed);
    ++result.evaluations;
    result.best = std::min(result.best, time);
    if (time <= wanted) {
      result.reached = true;
      break;
    }
    (*strategy)->tell(*index, time);
  }
  return result;
}

} // namespace

Result<ReplayResult> replay(const RecordedSpace &recorded, const std::string &strategy,
                            std::uint64_t seed, double tolerance) {
  const auto whole = SearchSpace::create(recorded.parameters, {});
  const auto space = spaceOf(recorded);
  if (!whole || !space)
    return std::unexpected(whole ? space.error() : whole.error());
  return replay(recorded, *whole, *space, strategy, seed, tolerance);
}

Result<std::vector<ReplaySummary>> compareStrategies(const std::vector<RecordedSpace> &spaces,
                                                     const std::vector<std::string> &wanted,
                                                     int seeds, double tolerance) {
  std::vector<std::string> names = {"random"};
  for (const std::string &name : wanted)
    if (std::ranges::find(names, name) == names.end())
      names.push_back(name);
  std::vector<std::vector<ReplaySummary>> bySpace(spaces.size());
  std::mutex failing;
  std::optional<Error> problem;
  const auto runSpace = [&](std::size_t s) -> Result<void> {
    const RecordedSpace &recorded = spaces[s];
    const auto whole = SearchSpace::create(recorded.parameters, {});
    const auto space = spaceOf(recorded);
    if (!whole || !space)
      return std::unexpected(whole ? space.error() : whole.error());
    for (const std::string &name : names) {
      ReplaySummary summary{recorded.name, name, 0, 0, 1};
      for (int seed = 1; seed <= seeds; ++seed) {
        const auto result =
            replay(recorded, *whole, *space, name, static_cast<std::uint64_t>(seed), tolerance);
        if (!result)
          return std::unexpected(result.error());
        summary.evaluations += double(result->evaluations) / seeds;
      }
      summary.configurations = static_cast<std::size_t>(
          std::ranges::count_if(recorded.times, [](const auto &time) { return time.has_value(); }));
      if (!bySpace[s].empty())
        summary.overRandom = summary.evaluations / bySpace[s].front().evaluations;
      bySpace[s].push_back(summary);
    }
    return {};
  };
  parallelRanges(static_cast<std::int64_t>(spaces.size()), 1,
                 [&](std::int64_t begin, std::int64_t) {
                   if (auto ran = runSpace(static_cast<std::size_t>(begin)); !ran) {
                     const std::lock_guard lock(failing);
                     problem = ran.error();
                   }
                 });
  if (problem)
    return std::unexpected(*problem);
  std::vector<ReplaySummary> all;
  for (const auto &summaries : bySpace)
    for (const ReplaySummary &summary : summaries)
      if (std::ranges::find(wanted, summary.strategy) != wanted.end())
        all.push_back(summary);
  return all;
}

} // namespace lapidary
