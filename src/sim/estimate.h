#pragma once

#include <optional>
#include <span>

// What some measurements, each a little wrong, say together. Pure.
namespace backlogd::sim {

// The mean lies within mean +- margin with 95 % confidence (Student's t, so that three runs do).
struct Estimate {
  double mean = 0;
  std::optional<double> margin = {};  // absent: of a single value
};

// REQUIRES: values is not empty
Estimate EstimateOf(std::span<const double> values);

struct Sample {
  double seconds = 0;
  double value = 0;
};

// Of the straight line that fits best, a second; 0 for less than two instants.
double SlopeOf(std::span<const Sample> samples);

// How sure it is that the majority of some yes-or-no runs is right, when nothing was known before:
// the weight of Beta(most + 1, least + 1) beyond one half. 3 of 3: 0.94; 2 of 3: 0.69.
// REQUIRES: most >= least >= 0
double MajorityConfidence(int most, int least);

}  // namespace backlogd::sim
