#include "analysis/samples.h"

#include <algorithm>

namespace backlogd::analysis {

namespace {

using std::chrono::milliseconds;
using std::chrono_literals::operator""ms;

constexpr int kStretches = static_cast<int>(kSamples - 1);

// A clock that is slewed takes the steady one along. A leap second, and what passes while one clock
// is read after the other, are less than that, and than ages need be exact.
constexpr milliseconds kUnnoticed = 1500ms;

}  // namespace

SampleClock::SampleClock(milliseconds window, milliseconds poll_interval)
    : length_(std::max(window, kStretches * poll_interval)), poll_interval_(poll_interval) {}

void SampleClock::Retime(std::chrono::milliseconds window,
                         std::chrono::milliseconds poll_interval) {
  poll_interval_ = poll_interval;
  length_ = std::max(window, kStretches * poll_interval);
  // A sample that was due in hours would leave a shorter window without any.
  due_ = std::min(due_, now_ + length_ / kStretches);
}

bool SampleClock::GoesOn(WallTime now, milliseconds ahead) const {
  if (now_ == WallTime{}) return false;
  return now >= now_ && std::chrono::abs(ahead - ahead_) <= kUnnoticed;
}

bool SampleClock::Tick(WallTime now, snapshot::SteadyTime steady) {
  const auto ahead =
      now.time_since_epoch() - std::chrono::floor<milliseconds>(steady.time_since_epoch());
  const bool goes_on = GoesOn(now, ahead);
  if (!goes_on) {
    at_.fill(WallTime{});
    ahead_ = ahead;
  }
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
