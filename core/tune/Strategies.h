// The strategies, one class each; what they have in common is Strategy.h. Private to this room.
#pragma once

#include "core/tune/RandomForest.h"
#include "core/tune/Strategy.h"

#include <deque>
#include <map>

namespace lapidary {

class Exhaustive : public Strategy {
public:
  using Strategy::Strategy;

protected:
  std::optional<Index> propose() override;
  void learn(Index, double) override {}

private:
  Index next = 0; // into everything(), else of the product
};

class RandomOrder : public Strategy {
public:
  using Strategy::Strategy;

protected:
  std::optional<Index> propose() override { return drawNew(); }
  void learn(Index, double) override {}
};

// First-improvement hill climbing: the neighbours of the current configuration in random order;
// the first better one becomes the current; where none is better, from a new place.
class HillClimbing : public Strategy {
public:
  using Strategy::Strategy;

protected:
  std::optional<Index> propose() override;
  void learn(Index index, double cost) override;

private:
  void moveTo(Index index, double cost);

  double current = failed;
  std::optional<Index> start; // asked for, not told of yet
  std::vector<Index> queue;
};

// Simulated annealing (Kirkpatrick, Gelatt, Vecchi, Science 220, 1983) on the logarithm of the
// cost, so that temperatures mean the same on every kernel; it begins anew when it has cooled down.
class Annealing : public Strategy {
public:
  using Strategy::Strategy;

protected:
  std::optional<Index> propose() override;
  void learn(Index index, double cost) override;

private:
  std::optional<Index> current;
  double currentCost = failed;
  int step = 0;
};

// A steady-state genetic algorithm: tournaments of three, uniform crossover, one mutation on
// average.
class Genetic : public Strategy {
public:
  using Strategy::Strategy;

protected:
  std::optional<Index> propose() override;
  void learn(Index index, double cost) override;

private:
  SearchSpace::Digits parent();

  std::vector<std::pair<double, Index>> population; // the best first
};

// Differential evolution, rand/1/bin (Storn, Price, Journal of Global Optimization 11, 1997), over
// the positions of the values.
class DifferentialEvolution : public Strategy {
public:
  using Strategy::Strategy;

protected:
  std::optional<Index> propose() override;
  void learn(Index index, double cost) override;

private:
  std::optional<Index> trial(std::size_t target);

  std::vector<std::pair<double, Index>> population;
  std::unordered_map<Index, std::size_t> targets; // trial -> member that it competes with
  std::size_t turn = 0;
};

// Expected improvement (Jones, Schonlau, Welch, Journal of Global Optimization 13, 1998) under a
// random forest of the logarithm of the cost.
class Surrogate : public Strategy {
public:
  using Strategy::Strategy;

protected:
  std::optional<Index> propose() override;
  void learn(Index index, double cost) override;

private:
  RandomForest::Row features(Index index) const;
  void fit();
  std::vector<Index> candidates();

  RandomForest forest;
  std::vector<std::pair<Index, double>> data; // in the order of telling
  std::size_t fitted = 0;
  double best = failed, worst = 0;
};

// An arm for each strategy; the one to ask has the largest area under the curve of its improvements
// lately, plus what is due to those asked rarely (Ansel et al., OpenTuner, PACT 2014).
class Bandit : public Strategy {
public:
  Bandit(const SearchSpace &space, std::uint64_t seed);

protected:
  std::optional<Index> propose() override;
  void learn(Index index, double cost) override;

private:
  struct Arm {
    std::unique_ptr<Strategy> strategy;
    std::deque<bool> improved; // of its last configurations, the newest last
  };
  double score(const Arm &arm) const;

  std::vector<Arm> arms;
  std::unordered_map<Index, std::size_t> askedBy;
  double best = failed;
};

} // namespace lapidary
