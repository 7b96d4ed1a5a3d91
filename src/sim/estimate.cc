#include "sim/estimate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace backlogd::sim {
namespace {

// 97.5 % quantiles of Student's t, for 1, 2, ... degrees of freedom.
constexpr std::array<double, 19> kStudent = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365,
                                             2.306,  2.262, 2.228, 2.201, 2.179, 2.160, 2.145,
                                             2.131,  2.120, 2.110, 2.101, 2.093};
constexpr double kNormal = 1.96;

double QuantileOfStudent(std::size_t degrees) {
  return degrees <= kStudent.size() ? kStudent[degrees - 1] : kNormal;
}

}  // namespace

Estimate EstimateOf(std::span<const double> values) {
  const auto count = static_cast<double>(values.size());
  Estimate estimate{std::accumulate(values.begin(), values.end(), 0.0) / count};
  if (values.size() < 2) return estimate;
  double squares = 0;
  for (const double value : values) squares += (value - estimate.mean) * (value - estimate.mean);
  const double error = std::sqrt(squares / (count - 1) / count);
  estimate.margin = error * QuantileOfStudent(values.size() - 1);
  return estimate;
}

double SlopeOf(std::span<const Sample> samples) {
  if (samples.size() < 2) return 0;
  const auto count = static_cast<double>(samples.size());
  Sample mean;
  for (const Sample& sample : samples) {
    mean.seconds += sample.seconds / count;
    mean.value += sample.value / count;
  }
  double products = 0;
  double squares = 0;
  for (const Sample& sample : samples) {
    const double seconds = sample.seconds - mean.seconds;
    products += seconds * (sample.value - mean.value);
    squares += seconds * seconds;
  }
  return squares > 0 ? products / squares : 0;
}

double MajorityConfidence(int most, int least) {
  const int trials = most + least + 1;
  double ways = 1;
  double sum = 0;
  for (int i = 0; i <= most; ++i) {
    sum += ways;
    ways = ways * (trials - i) / (i + 1);
  }
  return sum / std::pow(2.0, trials);
}

}  // namespace backlogd::sim
