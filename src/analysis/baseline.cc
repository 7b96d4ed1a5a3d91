#include "analysis/baseline.h"

#include <algorithm>
#include <vector>

namespace backlogd::analysis {
namespace {

double MedianOf(std::vector<float> values) {
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::ranges::nth_element(values, middle);
  return static_cast<double>(*middle);
}

}  // namespace

void Baseline::Update(const std::optional<Rates>& rates, bool is_ok, WallTime now,
                      std::chrono::milliseconds window) {
  if (!is_ok) {
    ok_since_ = {};
    return;
  }
  if (ok_since_ == WallTime{}) ok_since_ = now;
  if (now - ok_since_ < window || !rates || rates->inflow <= 0) return;
  kept_[count_ % kWindows] = {static_cast<float>(rates->inflow),
                              static_cast<float>(rates->consumption)};
  ++count_;
  ok_since_ = now;
}

std::optional<Baseline::Rates> Baseline::Median() const {
  const std::size_t kept = std::min<std::size_t>(count_, kWindows);
  if (kept == 0) return std::nullopt;
  std::vector<float> inflow;
  std::vector<float> consumption;
  for (std::size_t i = 0; i < kept; ++i) {
    inflow.push_back(kept_[i].inflow);
    consumption.push_back(kept_[i].consumption);
  }
  return Rates{MedianOf(std::move(inflow)), MedianOf(std::move(consumption))};
}

}  // namespace backlogd::analysis
