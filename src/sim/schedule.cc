#include "sim/schedule.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>

namespace backlogd::sim {
namespace {

constexpr int kParts = 4096;  // of a wave

double SecondsOf(std::chrono::milliseconds time) {
  return std::chrono::duration<double>(time).count();
}

// Mean of ((1 - cos x) / 2)^exponent over a period.
double MeanOfWave(double exponent) {
  return std::exp(std::lgamma(exponent + 0.5) - std::lgamma(exponent + 1)) /
         std::sqrt(std::numbers::pi);
}

// The exponent that gives a wave with top 1 this mean. REQUIRES: 0 < mean <= 1/2
double ExponentFor(double mean) {
  double low = 1;
  double high = 2;
  while (MeanOfWave(high) > mean && high < 1e12) high *= 2;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (MeanOfWave(middle) > mean ? low : high) = middle;
  }
  return low;
}

std::vector<double> WaveParts(double rate, double peak_rate) {
  const double share = rate / peak_rate;
  const double exponent = share < 0.5 ? ExponentFor(share) : 1;
  std::vector<double> sums(kParts + 1);
  for (int i = 0; i < kParts; ++i) {
    const double angle = 2 * std::numbers::pi * (i + 0.5) / kParts;
    const double wave = std::pow((1 - std::cos(angle)) / 2, exponent);
    const double height = share < 0.5 ? wave : 1 + (1 / share - 1) * (2 * wave - 1);
    sums[static_cast<std::size_t>(i) + 1] = sums[static_cast<std::size_t>(i)] + height;
  }
  for (double& sum : sums) sum /= sums.back();
  return sums;
}

}  // namespace

Schedule::Schedule(const config::SimProduce& settings, std::uint64_t seed)
    : kind_(settings.schedule),
      rate_(settings.rate),
      peak_rate_(settings.peak_rate),
      period_(SecondsOf(settings.period)),
      burst_length_(SecondsOf(settings.burst_length)),
      random_(seed) {
  if (kind_ == config::Schedule::kSine) wave_ = WaveParts(rate_, std::max(rate_, peak_rate_));
}

std::uint64_t Schedule::DueBy(double seconds) {
  double due = rate_ * seconds;
  switch (kind_) {
    case config::Schedule::kNone:
    case config::Schedule::kConstant: break;
    case config::Schedule::kRamp: due = RampBy(seconds); break;
    case config::Schedule::kBurst: due = BurstsBy(seconds); break;
    case config::Schedule::kSine: due = WaveBy(seconds); break;
    case config::Schedule::kPoisson: return ArrivalsBy(seconds);
  }
  // 10 s at 0.1/s are one record, although 0.1 * 10 may be a little less.
  return static_cast<std::uint64_t>(due + 1e-6);
}

double Schedule::RampBy(double seconds) const {
  const double rising = std::min(seconds, period_);
  const double slope = (peak_rate_ - rate_) / period_;
  return rate_ * rising + slope * rising * rising / 2 + peak_rate_ * (seconds - rising);
}

double Schedule::BurstsBy(double seconds) const {
  const double periods = std::floor(seconds / period_);
  const double in_period = seconds - periods * period_;
  const double quiet = period_ - burst_length_;
  const double burst = periods * burst_length_ + std::max(0.0, in_period - quiet);
  return rate_ * (seconds - burst) + peak_rate_ * burst;
}

double Schedule::WaveBy(double seconds) const {
  const double periods = std::floor(seconds / period_);
  const double at = (seconds / period_ - periods) * kParts;
  const auto part = std::min(static_cast<std::size_t>(at), wave_.size() - 2);
  const double share = std::lerp(wave_[part], wave_[part + 1], at - static_cast<double>(part));
  return rate_ * period_ * (periods + share);
}

std::uint64_t Schedule::ArrivalsBy(double seconds) {
  std::exponential_distribution<double> gap(rate_);
  if (arrived_ == 0 && next_arrival_ == 0) next_arrival_ = gap(random_);
  while (next_arrival_ <= seconds) {
    ++arrived_;
    next_arrival_ += gap(random_);
  }
  return arrived_;
}

std::uint64_t Pacer::ToSend(double seconds, std::uint64_t due, std::uint64_t sent) {
  constexpr double kLongest = 0.5;  // between two calls that come in time
  const double gap = seconds - seconds_;
  double fresh = static_cast<double>(due - due_);
  if (gap > kLongest) fresh *= kLongest / gap;
  seconds_ = seconds;
  due_ = due;
  const auto most = static_cast<std::uint64_t>(2 * fresh) + 1;
  return due > sent ? std::min(due - sent, most) : 0;
}

}  // namespace backlogd::sim
