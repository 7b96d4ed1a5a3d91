#include "analysis/samples.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "analysis/pair_window.h"

namespace backlogd::analysis {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

constexpr WallTime kBegin{std::chrono::hours(500'000)};

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
      clock.Tick(now + jitter);
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

TEST(SampleClock, ForgetsWhatIsTooOldAfterMissedPolls) {
  SampleClock clock(80s, 10s);
  for (int i = 0; i < 20; ++i) clock.Tick(kBegin + i * 10s);
  EXPECT_EQ(Ages(clock).size(), kSamples);
  clock.Tick(kBegin + 190s + 60s);
  EXPECT_EQ(Ages(clock), (std::vector<std::chrono::milliseconds>{100s, 90s, 80s, 70s, 60s, 0s}));
  clock.Tick(kBegin + 190s + 3600s);
  EXPECT_EQ(Ages(clock), (std::vector<std::chrono::milliseconds>{0s}));
}

TEST(SampleClock, BeginsAnewWhenTheClockIsSetBack) {
  SampleClock clock(80s, 10s);
  for (int i = 0; i < 20; ++i) clock.Tick(kBegin + i * 10s);
  clock.Tick(kBegin + 100s);
  EXPECT_EQ(Ages(clock), (std::vector<std::chrono::milliseconds>{0s}));
  EXPECT_TRUE(clock.taken());
  clock.Tick(kBegin + 110s);
  EXPECT_EQ(Ages(clock), (std::vector<std::chrono::milliseconds>{10s, 0s}));
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
