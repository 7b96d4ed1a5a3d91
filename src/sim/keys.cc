#include "sim/keys.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace backlogd::sim {

Keys::Keys(config::KeyChoice choice, std::int64_t count, double zipf_exponent)
    : choice_(choice), count_(count) {
  if (choice != config::KeyChoice::kZipf) return;
  sums_.reserve(static_cast<std::size_t>(count));
  double sum = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    sum += std::pow(static_cast<double>(i + 1), -zipf_exponent);
    sums_.push_back(sum);
  }
}

std::optional<std::string> Keys::Next(std::mt19937_64& random) const {
  std::int64_t chosen = 0;
  if (choice_ == config::KeyChoice::kNone) return std::nullopt;
  if (choice_ == config::KeyChoice::kUniform) {
    chosen = std::uniform_int_distribution<std::int64_t>(0, count_ - 1)(random);
  } else {
    const double at = std::uniform_real_distribution<double>(0, sums_.back())(random);
    chosen = std::distance(sums_.begin(), std::upper_bound(sums_.begin(), sums_.end(), at));
  }
  return "key-" + std::to_string(std::min(chosen, count_ - 1));
}

}  // namespace backlogd::sim
