#include "analysis/samples.h"

#include <algorithm>

namespace backlogd::analysis {

namespace {

constexpr int kStretches = static_cast<int>(kSamples - 1);

}  // namespace

SampleClock::SampleClock(std::chrono::milliseconds window, std::chrono::milliseconds poll_interval)
    : length_(std::max(window, kStretches * poll_interval)), poll_interval_(poll_interval) {}

void SampleClock::Retime(std::chrono::milliseconds window,
                         std::chrono::milliseconds poll_interval) {
  poll_interval_ = poll_interval;
  length_ = std::max(window, kStretches * poll_interval);
  // A sample that was due in hours would leave a shorter window without any.
  due_ = std::min(due_, now_ + length_ / kStretches);
}

bool SampleClock::Tick(WallTime now) {
  const bool goes_on = now >= now_;
  if (!goes_on) at_.fill(WallTime{});
  paused_ = now - now_ >= 3 * poll_interval_;
  const bool is_first = at_[newest_] == WallTime{};
  now_ = now;
  taken_ = is_first || now >= due_ - poll_interval_ / 2;
  if (!taken_) return goes_on;
  const auto stretch = length_ / kStretches;
  // Keeps to the rhythm, unless polls were missed.
  const bool in_rhythm = !is_first && now < due_ + stretch;
  due_ = (in_rhythm ? due_ : now) + stretch;
  newest_ = (newest_ + 1) % kSamples;
  at_[newest_] = now;
  return goes_on;
}

}  // namespace backlogd::analysis
