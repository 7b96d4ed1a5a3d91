#include "analysis/samples.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "analysis/pair_window.h"

namespace backlogd::analysis {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

constexpr WallTime kBegin{std::chrono::hours(500'000)};

// Of a clock that nobody has set.
snapshot::SteadyTime Steady(WallTime now) { return snapshot::SteadyTime(now.time_since_epoch()); }

// The ages of the samples that may be looked at, oldest first.
std::vector<std::chrono::milliseconds> Ages(const SampleClock& clock) {
  std::vector<std::chrono::milliseconds> ages;
  for (std::size_t i = 0; i < kSamples; ++i) {
    const std::size_t slot = clock.Oldest(i);
    if (clock.IsRecent(slot)) ages.push_back(clock.now() - clock.at(slot));
  }
  return ages;
}

TEST(SampleClock, SpansAWindowAtEveryPollOnceThereWasOne) {
  struct Case {
    std::chrono::milliseconds window, interval;
  };
  for (const auto& [window, interval] :
       {Case{300s, 15s}, Case{10s, 1s}, Case{8s, 1s}, Case{5s, 1s}, Case{300s, 60s}, Case{300s, 1s},
        Case{86'400s, 15s}, Case{300s, 3600s}}) {
    SampleClock clock(window, interval);
    const auto length = clock.length();
    EXPECT_GE(length, window);
    EXPECT_GE(length, 8 * interval);
    WallTime now = kBegin;
    for (int poll = 0; now < kBegin + 5 * length; ++poll) {
      const auto jitter = (poll % 3 - 1) * interval / 100;
      clock.Tick(now + jitter, Steady(now + jitter));
      now += interval;
      const auto ages = Ages(clock);
      ASSERT_TRUE(std::ranges::is_sorted(ages, std::ranges::greater{}));
      if (now - kBegin < length + length / 4) continue;
      ASSERT_EQ(ages.size(), kSamples);
      ASSERT_GE(ages.front(), length * 7 / 8) << window.count() << " " << interval.count();
      ASSERT_LE(ages.front(), length * 5 / 4) << window.count() << " " << interval.count();
    }
  }
}

// Polls of a clock that nobody sets, each 10 s, the last one at `last`.
void Poll(int polls, WallTime last, SampleClock& clock) {
  for (int i = polls - 1; i >= 0; --i) clock.Tick(last - i * 10s, Steady(last - i * 10s));
}

TEST(SampleClock, ForgetsWhatIsTooOldAfterMissedPolls) {
  SampleClock clock(80s, 10s);
  Poll(20, kBegin + 190s, clock);
  EXPECT_EQ(Ages(clock).size(), kSamples);
  Poll(1, kBegin + 190s + 60s, clock);
  EXPECT_EQ(Ages(clock), (std::vector<std::chrono::milliseconds>{100s, 90s, 80s, 70s, 60s, 0s}));
  Poll(1, kBegin + 190s + 3600s, clock);
  EXPECT_EQ(Ages(clock), (std::vector<std::chrono::milliseconds>{0s}));
}

TEST(SampleClock, BeginsAnewWhenTheClockIsSet) {
  struct Case {
    const char* name;
    std::chrono::milliseconds by;
    bool goes_on;
  };
  for (const Case& c : {Case{"set back", -90s, false}, Case{"by less than a poll", -3s, false},
                        Case{"set forward", 1h, false}, Case{"a bit", 3s, false},
                        Case{"a leap second", 1001ms, true}, Case{"one undone", -1001ms, true}}) {
    SCOPED_TRACE(c.name);
    SampleClock clock(80s, 10s);
    Poll(20, kBegin + 190s, clock);
    const WallTime now = kBegin + 200s;
    EXPECT_EQ(clock.Tick(now + c.by, Steady(now)), c.goes_on);
    EXPECT_EQ(Ages(clock).size(), c.goes_on ? kSamples : 1);
    EXPECT_TRUE(clock.taken());
    EXPECT_TRUE(clock.Tick(now + 10s + c.by, Steady(now + 10s))) << "it is noticed once";
    EXPECT_EQ(Ages(clock).size(), c.goes_on ? kSamples : 2);
  }
}

TEST(SampleClock, ForgetsAsWellWhatWasBeforeManySmallSteps) {
  SampleClock clock(80s, 10s);
  Poll(20, kBegin + 190s, clock);
  int forgotten = 0;
  for (int i = 1; i <= 10; ++i) {
    const WallTime now = kBegin + 190s + i * 10s;
    forgotten += clock.Tick(now + i * 500ms, Steady(now)) ? 0 : 1;
  }
  EXPECT_EQ(forgotten, 2) << "5 s in all, of which less than 2 s go unnoticed";
}

TEST(SampleClock, TakesAMachineThatSleptForASetClock) {
  SampleClock clock(80s, 10s);
  Poll(20, kBegin + 190s, clock);
  EXPECT_FALSE(clock.Tick(kBegin + 1h, Steady(kBegin + 200s)));
  EXPECT_TRUE(clock.paused());
}

TEST(SampleClock, SpansAnotherWindowSoonAfterItChanged) {
  struct Case {
    std::chrono::milliseconds former, window;
  };
  for (const auto& [former, window] :
       {Case{80s, 80s}, Case{80s, 400s}, Case{400s, 80s}, Case{24h, 80s}, Case{80s, 10s}}) {
    SCOPED_TRACE(testing::Message() << former.count() << " to " << window.count());
    SampleClock clock(former, 10s);
    Poll(100, kBegin, clock);
    const auto before = Ages(clock);
    clock.Retime(window, 10s);
    EXPECT_EQ(clock.length(), std::max<std::chrono::milliseconds>(window, 80s));
    EXPECT_LE(Ages(clock).size(), before.size());
    EXPECT_FALSE(Ages(clock).empty() && former <= window) << "what was taken stays";
    const auto soon = clock.length() * 5 / 4;
    const int polls = static_cast<int>(soon / 10s);
    Poll(polls, kBegin + polls * 10s, clock);
    const auto ages = Ages(clock);
    ASSERT_FALSE(ages.empty());
    EXPECT_GE(ages.front(), clock.length() * 7 / 8);
    EXPECT_LE(ages.front(), clock.length() * 5 / 4);
    EXPECT_GE(ages.size(), kSamples - 1);
  }
}

TEST(SampleClock, TakesTheIntervalOfThePollsToCome) {
  SampleClock clock(80s, 10s);
  Poll(2, kBegin, clock);
  clock.Retime(80s, 60s);
  EXPECT_EQ(clock.length(), 480s) << "eight polls";
  Poll(1, kBegin + 60s, clock);
  EXPECT_FALSE(clock.paused());
  Poll(1, kBegin + 60s + 180s, clock);
  EXPECT_TRUE(clock.paused());
}

LagSamples Samples(std::initializer_list<std::pair<kafka::Offset, kafka::Offset>> committed_end) {
  LagSamples samples;
  WallTime at = kBegin;
  for (auto [committed, end] : committed_end) samples.Add({at += 10s, 0, committed, end});
  return samples;
}

TEST(FindBusyStretch, NeedsRecordsLeftOverFromTheSampleBefore) {
  struct Case {
    const char* name;
    LagSamples samples;
    std::optional<double> records_per_second;
  };
  const Case cases[] = {
      {"one sample", Samples({{0, 100}}), {}},
      {"two stretches", Samples({{0, 100}, {10, 100}, {20, 100}}), {}},
      {"three", Samples({{0, 100}, {10, 100}, {20, 100}, {30, 100}}), 1.0},
      {"keeps up", Samples({{90, 100}, {190, 200}, {290, 300}, {390, 400}, {490, 500}}), {}},
      {"since it stopped keeping up",
       Samples({{90, 100}, {190, 200}, {250, 400}, {300, 600}, {350, 800}, {400, 1000}}), 5.0},
      {"kept up in between",
       Samples({{0, 100}, {10, 100}, {100, 120}, {110, 130}, {115, 140}}),
       {}},
      {"does not move", Samples({{5, 100}, {5, 100}, {5, 100}, {5, 100}}), 0.0},
  };
  for (const Case& c : cases) {
    const auto stretch = FindBusyStretch(c.samples, WallTime{});
    EXPECT_EQ(stretch.has_value(), c.records_per_second.has_value()) << c.name;
    if (stretch && c.records_per_second) {
      EXPECT_DOUBLE_EQ(stretch->records_per_second, *c.records_per_second) << c.name;
    }
  }
}

TEST(FindBusyStretch, BeginsNotBeforeTheMembersThatAreThereNow) {
  const LagSamples samples =
      Samples({{0, 900}, {100, 900}, {200, 900}, {210, 900}, {220, 900}, {230, 900}});
  EXPECT_DOUBLE_EQ(FindBusyStretch(samples, kBegin + 30s)->records_per_second, 1.0);
  EXPECT_FALSE(FindBusyStretch(samples, kBegin + 40s));
}

}  // namespace
}  // namespace backlogd::analysis
