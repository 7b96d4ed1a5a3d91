#include "analysis/status.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace backlogd::analysis {
namespace {

using std::chrono::milliseconds;

// Samples are an eighth of a window apart and jitter by a poll: the youngest that is at least 7/16
// old is about half a window old.
milliseconds HalfWindow(const PartitionWindow& window) { return window.length * 7 / 16; }
// Less than all of it is enough: a sample that could not be read stays missing where the window
// begins for several polls, and must not turn the answer meanwhile.
milliseconds WholeWindow(const PartitionWindow& window) { return window.length * 3 / 4; }

const LagSample& Oldest(const PartitionWindow& window) { return window.samples.front(); }
const LagSample& Newest(const PartitionWindow& window) { return window.samples.back(); }

milliseconds Span(const PartitionWindow& window) { return Newest(window).at - Oldest(window).at; }

// From the youngest sample that is at least `age` old to now; empty if none is so old.
std::span<const LagSample> Since(const PartitionWindow& window, milliseconds age) {
  const WallTime until = Newest(window).at - age;
  for (std::size_t i = window.samples.size(); i-- > 0;) {
    if (window.samples[i].at <= until) return window.samples.subspan(i);
  }
  return {};
}

bool StandsStill(std::span<const LagSample> samples) {
  return !samples.empty() && std::ranges::all_of(samples, [&](const LagSample& sample) {
    return Waiting(sample) > 0 && sample.committed == samples.front().committed;
  });
}

bool WereDeletedUnread(const LagSample& before, const LagSample& after) {
  return after.start > std::max(before.start, after.committed);
}

bool WasLate(const PartitionWindow& window) {
  return window.shown == Status::kFallingBehind || window.shown == Status::kCatchingUp;
}

double MeanWaiting(std::span<const LagSample> samples) {
  double sum = 0;
  for (const LagSample& sample : samples) sum += static_cast<double>(Waiting(sample));
  return sum / static_cast<double>(samples.size());
}

// What no rule tells for sure: late by more than a quarter of a window and less than a whole, or
// too uneven for a trend. A backlog that was said to grow or to shrink goes on as long as the mean
// of the window's newer half says that it moves at all.
Status GoesOn(const PartitionWindow& window) {
  const std::size_t half = window.samples.size() / 2;
  if (!WasLate(window) || half == 0) return Status::kOk;
  const double older = MeanWaiting(window.samples.first(half));
  const double newer = MeanWaiting(window.samples.last(half));
  if (older - newer > older / 64) return Status::kCatchingUp;
  // Noise must not turn one that shrinks into one that grows: that takes a rule.
  const bool grew = window.shown == Status::kFallingBehind && newer - older > older / 64;
  return grew ? Status::kFallingBehind : Status::kOk;
}

// Less than an eighth more or less is the same.
bool IsEighthMore(std::int64_t now, std::int64_t then) { return now - then >= then / 8; }
bool IsEighthLess(std::int64_t now, std::int64_t then) { return then - now > then / 8; }

// At its speed the backlog is gone within 32 windows: what shrinks more slowly stays.
bool IsGoneSoon(const PartitionWindow& window) {
  const auto now = static_cast<double>(Waiting(Newest(window)));
  const auto then = static_cast<double>(Waiting(Oldest(window)));
  return now * static_cast<double>(Span(window).count()) <
         (then - now) * static_cast<double>(window.length.count()) * 32;
}

struct Lags {
  std::int64_t least = 0;
  std::int64_t most = 0;
};

Lags LagsOf(std::span<const LagSample> samples) {
  const auto [least, most] = std::ranges::minmax(samples, {}, Waiting);
  return {Waiting(least), Waiting(most)};
}

enum class Trend { kNone, kUp, kDown };

// Up or down only if every lag of the newer half is above (below) every one of the older: the teeth
// of a saw, and noise, are in both halves. A burst that is already being read is no way up.
Trend TrendOf(const PartitionWindow& window) {
  const WallTime middle = Newest(window).at - Span(window) / 2;
  const auto is_older = [&](const LagSample& sample) { return sample.at <= middle; };
  const auto split = static_cast<std::size_t>(std::ranges::count_if(window.samples, is_older));
  if (split == 0 || split == window.samples.size()) return Trend::kNone;
  const Lags older = LagsOf(window.samples.first(split));
  const Lags newer = LagsOf(window.samples.subspan(split));
  const std::int64_t now = Waiting(Newest(window));
  const bool grew = IsEighthMore(now, Waiting(Oldest(window))) && !IsEighthLess(now, newer.most);
  if (newer.least > older.most && grew) return Trend::kUp;
  if (newer.most < older.least && IsGoneSoon(window)) return Trend::kDown;
  return Trend::kNone;
}

// What was in the log when the window began is not read yet.
bool IsOld(const PartitionWindow& window) { return Newest(window).committed < Oldest(window).end; }

}  // namespace

std::int64_t Waiting(const LagSample& sample) {
  return std::max<std::int64_t>(0, sample.end - std::max(sample.committed, sample.start));
}

std::string_view ToText(Status status) {
  static constexpr std::array<std::string_view, kStatusCount> kNames = {
      "ok",      "catching_up", "falling_behind", "rewound", "not_committing",
      "stalled", "stopped",     "losing_data"};
  return kNames[static_cast<std::size_t>(status)];
}

bool IsLosingData(const PartitionWindow& window) {
  const LagSample& now = Newest(window);
  // An abandoned group whose log ran empty has nothing left to lose.
  if (now.committed < now.start && now.start < now.end) return true;
  return std::ranges::adjacent_find(window.samples, WereDeletedUnread) != window.samples.end();
}

bool HasStopped(const PartitionWindow& window) {
  return !window.has_reader.value_or(true) && StandsStill(Since(window, HalfWindow(window))) &&
         window.waited >= 2 * window.usual_wait;
}

bool HasStalled(const PartitionWindow& window) {
  return Span(window) >= WholeWindow(window) && StandsStill(window.samples) &&
         window.waited >= 2 * window.usual_wait;
}

bool HasRewound(const PartitionWindow& window) {
  return window.rewound_from != kUnknown && Newest(window).committed < window.rewound_from &&
         Waiting(Newest(window)) > 0;
}

bool KeepsUp(const PartitionWindow& window) {
  if (window.caught_up || Waiting(Newest(window)) == 0) return true;
  if (window.end_before_commit != kUnknown && window.waited < 2 * window.usual_wait) {
    return Newest(window).committed >= window.end_before_commit;
  }
  // Once late, a group must be twice as near to be on time again.
  const auto since = Since(window, WasLate(window) ? window.length / 8 : window.length / 4);
  return !since.empty() && Newest(window).committed >= since.front().end;
}

bool IsFallingBehind(const PartitionWindow& window) {
  if (Span(window) < HalfWindow(window) || KeepsUp(window)) return false;
  const Trend trend = TrendOf(window);
  if (trend != Trend::kNone) return trend == Trend::kUp;
  return IsOld(window) && !IsEighthLess(Waiting(Newest(window)), Waiting(Oldest(window)));
}

bool IsCatchingUp(const PartitionWindow& window) {
  if (Span(window) < HalfWindow(window) || KeepsUp(window)) return false;
  const Trend trend = TrendOf(window);
  if (trend != Trend::kNone) return trend == Trend::kDown;
  return IsOld(window) && IsEighthLess(Waiting(Newest(window)), Waiting(Oldest(window)));
}

std::optional<Status> EvaluatePartition(const PartitionWindow& window) {
  if (IsLosingData(window)) return Status::kLosingData;
  if (Waiting(Newest(window)) == 0) return Status::kOk;
  if (HasStopped(window)) return Status::kStopped;
  if (HasStalled(window)) return Status::kStalled;
  if (HasRewound(window)) return Status::kRewound;
  if (KeepsUp(window)) return Status::kOk;
  if (Span(window) < HalfWindow(window)) return std::nullopt;
  if (IsFallingBehind(window)) return Status::kFallingBehind;
  if (IsCatchingUp(window)) return Status::kCatchingUp;
  return GoesOn(window);
}

Status StatusFilter::Update(Status judged) {
  static constexpr std::uint8_t kPollsUntilWorse = 2;
  static constexpr std::uint8_t kPollsUntilBetter = 3;
  if (!begun_ || judged == shown_) {
    begun_ = true;
    shown_ = judged;
    polls_ = 0;
    return shown_;
  }
  const bool worse = judged > shown_;
  const bool goes_on = polls_ > 0 && worse == (candidate_ > shown_);
  // Of a row that is not of one mind, what all of it agrees on: at least so bad, or so good.
  if (!goes_on) candidate_ = judged;
  candidate_ = worse ? std::min(candidate_, judged) : std::max(candidate_, judged);
  polls_ = goes_on ? static_cast<std::uint8_t>(polls_ + 1) : std::uint8_t{1};
  if (polls_ < (worse ? kPollsUntilWorse : kPollsUntilBetter)) return shown_;
  shown_ = candidate_;
  polls_ = 0;
  return shown_;
}

}  // namespace backlogd::analysis
