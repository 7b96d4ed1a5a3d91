#include "sim/latencies.h"

#include <algorithm>
#include <cmath>

namespace backlogd::sim {
namespace {

constexpr double kWidth = 1.02;

}  // namespace

void Latencies::Add(std::chrono::microseconds latency) {
  const double us = std::max(1.0, static_cast<double>(latency.count()));
  const auto bucket = static_cast<std::size_t>(std::ceil(std::log(us) / std::log(kWidth) - 1e-9));
  ++counts_[std::min(bucket, kBuckets - 1)];
  ++count_;
}

std::chrono::microseconds Latencies::Quantile(double share) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets && count_ > 0; ++i) {
    seen += counts_[i];
    if (seen < wanted) continue;
    return std::chrono::microseconds(std::llround(std::pow(kWidth, static_cast<double>(i))));
  }
  return {};
}

}  // namespace backlogd::sim
