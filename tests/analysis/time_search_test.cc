#include "analysis/time_search.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace backlogd::analysis {
namespace {

using kafka::Offset;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr std::chrono::milliseconds kPoll = 15s;
constexpr WallTime kNow{std::chrono::hours(500'000)};

TEST(Tolerance, IsAPollOrAShareOfTheAge) {
  EXPECT_EQ(Tolerance(0s, 15s), 16'500ms);
  EXPECT_EQ(Tolerance(330s, 15s), 16'500ms);
  EXPECT_EQ(Tolerance(1h, 15s), 3min);
  EXPECT_EQ(Tolerance(-1h, 15s), 16'500ms) << "a clock set back";
}

TEST(NextLookup, AsksOnlyWhatIsNotKnownWellEnough) {
  OffsetTimeline timeline;
  EXPECT_EQ(NextLookup(timeline, {0, kNow, kPoll, 0}), std::nullopt) << "no log end is known";
  timeline.Observe(kNow - 1h, 100);
  timeline.Observe(kNow - 15s, 200);
  timeline.Observe(kNow, 300);
  EXPECT_EQ(NextLookup(timeline, {99, kNow, kPoll, 0}), WallTime(1ms)) << "older than all";
  EXPECT_EQ(NextLookup(timeline, {99, kNow, kPoll, 7}), WallTime(1ms)) << "in any round";
  EXPECT_EQ(NextLookup(timeline, {250, kNow, kPoll, 0}), std::nullopt) << "a poll is precise";
  EXPECT_EQ(NextLookup(timeline, {300, kNow, kPoll, 0}), std::nullopt) << "not written yet";
  for (std::uint32_t round = 0; round < 8; ++round) {
    const auto asked = NextLookup(timeline, {150, kNow, kPoll, round});
    ASSERT_TRUE(asked) << round;
    EXPECT_GT(*asked, kNow - 1h) << round;
    EXPECT_LT(*asked, kNow - 15s) << round;
  }
}

TEST(NextLookup, CutsOffAQuarterOfTheTolerance) {
  OffsetTimeline timeline;
  timeline.Observe(kNow - 17s, 0);
  timeline.Observe(kNow, 10);
  EXPECT_EQ(NextLookup(timeline, {5, kNow, kPoll, 0}), kNow - 17s + 16'500ms / 4);
}

TEST(NextLookup, NeverLeavesANarrowBracket) {
  OffsetTimeline timeline;
  timeline.Observe(kNow - 2ms, 0);
  timeline.Observe(kNow, 10);
  EXPECT_EQ(NextLookup(timeline, {5, kNow, 0ms, 0}), kNow - 1ms);
  OffsetTimeline narrower;
  narrower.Observe(kNow - 1ms, 0);
  narrower.Observe(kNow, 10);
  EXPECT_EQ(NextLookup(narrower, {5, kNow, 0ms, 0}), std::nullopt);
}

struct LookupCase {
  std::string what;
  WallTime asked;
  kafka::PartitionOffset found;
  bool useful;
  Offset offset;                         // of which to ask then
  std::optional<WallTime> after, until;  // absent: nothing is known
};

// Observed: 100 records an hour ago, 200 half an hour ago, 200 just now.
TEST(TakeLookup, BelievesWhatCanBeTrue) {
  const WallTime first = kNow - 1h;
  const WallTime second = kNow - 30min;
  const WallTime asked = kNow - 40min;
  const WallTime oldest{1ms};
  for (const LookupCase& c : std::vector<LookupCase>{
           {"a record found", asked, {150, asked + 5s, {}}, true, 150, asked + 5s, second},
           {"those below are older", asked, {150, asked + 5s, {}}, true, 149, first, asked},
           {"no such record", asked, {}, true, 199, first, asked},
           {"a record found that was written since",
            asked,
            {200, kNow, {}},
            true,
            199,
            first,
            asked},
           {"one from the future, written since",
            asked,
            {207, kNow + 1h, {}},
            true,
            199,
            first,
            asked},
           {"a record from the future", asked, {150, kNow + 2s, {}}, false, 150, first, second},
           {"a record without a time", asked, {150, WallTime(0ms), {}}, false, 150, first, second},
           {"a record without any time", asked, {150, {}, {}}, false, 150, first, second},
           {"a record seen before it was written",
            asked,
            {150, second + 2s, {}},
            false,
            150,
            first,
            second},
           {"a clock that is a little ahead",
            asked,
            {150, second + 500ms, {}},
            true,
            150,
            second - 500ms,
            second},
           {"a record seen before the time asked for",
            asked,
            {99, asked, {}},
            false,
            150,
            first,
            second},
           {"asked beyond what was observed", kNow + 1s, {}, false, 150, first, second},
           {"the oldest record", oldest, {20, kNow - 9h, {}}, true, 20, kNow - 9h, first},
           {"compacted away before the oldest record",
            oldest,
            {20, kNow - 9h, {}},
            true,
            3,
            kNow - 9h - 1ms,
            kNow - 9h},
           {"the oldest record is the first",
            oldest,
            {0, kNow - 9h, {}},
            true,
            0,
            kNow - 9h,
            first},
           {"the oldest record is a known one", oldest, {100, first, {}}, false, 99, {}, {}},
           {"the oldest record is from the future", oldest, {0, kNow + 1h, {}}, false, 99, {}, {}},
           {"the oldest record claims to be younger than it was seen",
            oldest,
            {0, first + 1min, {}},
            false,
            99,
            {},
            {}},
           {"no record has a time", oldest, {}, false, 99, {}, {}},
       }) {
    SCOPED_TRACE(c.what);
    OffsetTimeline timeline;
    timeline.Observe(first, 100);
    timeline.Observe(second, 200);
    timeline.Observe(kNow, 200);
    EXPECT_EQ(TakeLookup(c.found, c.asked, 200, kNow, timeline), c.useful);
    const auto written = timeline.WrittenAt(c.offset);
    ASSERT_EQ(written.has_value(), c.after.has_value());
    if (!written) continue;
    EXPECT_EQ(written->after, c.after);
    EXPECT_EQ(written->until, c.until);
  }
  OffsetTimeline empty;
  EXPECT_FALSE(TakeLookup({0, asked, {}}, asked, 200, kNow, empty));
  EXPECT_FALSE(TakeLookup({0, asked, {}}, oldest, 200, kNow, empty));
}

TEST(TakeLookup, SaysWhenTheOldestRecordTellsNothingNew) {
  OffsetTimeline timeline;
  timeline.Observe(kNow, 11);
  const kafka::PartitionOffset first{10, kNow - 1h, {}};  // those before it were deleted
  EXPECT_TRUE(TakeLookup(first, WallTime(1ms), 11, kNow, timeline));
  EXPECT_FALSE(TakeLookup(first, WallTime(1ms), 11, kNow, timeline));
}

}  // namespace
}  // namespace backlogd::analysis
