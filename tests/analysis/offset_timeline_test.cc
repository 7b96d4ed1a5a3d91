#include "analysis/offset_timeline.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <tuple>
#include <vector>

namespace backlogd::analysis {
namespace {

using kafka::Offset;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

WallTime At(std::int64_t seconds) { return WallTime(std::chrono::seconds(seconds)); }

struct Seen {
  std::int64_t second;
  Offset end;
};

OffsetTimeline TimelineOf(const std::vector<Seen>& observations) {
  OffsetTimeline timeline;
  for (auto [second, end] : observations) timeline.Observe(At(second), end);
  return timeline;
}

// "100..200 ~150": after, until and estimate in seconds; "-" if absent.
std::string Told(const OffsetTimeline& timeline, Offset offset) {
  const auto written = timeline.WrittenAt(offset);
  if (!written) return "-";
  const auto seconds = [](WallTime time) { return std::to_string(time.time_since_epoch() / 1s); };
  return seconds(written->after) + ".." + seconds(written->until) + " ~" +
         seconds(written->estimate);
}

struct Question {
  Offset offset;
  std::string answer;
};
void ExpectTold(const OffsetTimeline& timeline, const std::vector<Question>& questions) {
  for (const auto& [offset, answer] : questions) {
    EXPECT_EQ(Told(timeline, offset), answer) << "of offset " << offset;
  }
}

struct ObserveCase {
  std::string what;
  std::vector<Seen> observations;
  std::size_t size;
  std::vector<Question> questions;
};

TEST(OffsetTimeline, TellsWhenRecordsWereWritten) {
  constexpr Offset kLarge = Offset{1} << 62;
  for (const ObserveCase& c : std::vector<ObserveCase>{
           {"nothing is known", {}, 0, {{0, "-"}}},
           {"one instant tells nothing", {{100, 50}}, 1, {{0, "-"}, {49, "-"}, {50, "-"}}},
           {"even between two instants",
            {{100, 50}, {200, 150}},
            2,
            {{49, "-"}, {50, "100..200 ~100"}, {75, "100..200 ~125"}, {150, "-"}}},
           {"a log that stops and goes on",
            {{100, 50}, {200, 60}, {300, 60}, {400, 60}, {500, 60}, {600, 160}},
            4,
            {{59, "100..200 ~190"}, {60, "500..600 ~500"}, {110, "500..600 ~550"}}},
           {"an idle log", {{100, 7}, {200, 7}, {300, 7}, {400, 7}}, 2, {{6, "-"}, {7, "-"}}},
           {"an empty log that gets its first record",
            {{100, 0}, {200, 0}, {300, 1}},
            3,
            {{0, "200..300 ~200"}, {1, "-"}}},
           {"a clock set back forgets what was seen",
            {{100, 50}, {200, 150}, {150, 300}, {200, 310}},
            2,
            {{75, "-"}, {150, "-"}, {300, "150..200 ~150"}}},
           {"an instant again is ignored",
            {{100, 50}, {200, 150}, {200, 160}},
            2,
            {{75, "100..200 ~125"}, {150, "-"}}},
           {"a log cut short",
            {{100, 0}, {200, 100}, {300, 200}, {400, 300}, {500, 150}, {600, 160}},
            2,
            {{50, "-"}, {149, "-"}, {150, "500..600 ~500"}, {160, "-"}}},
           {"a log cut at its newest instant",
            {{100, 0}, {200, 100}, {300, 50}, {400, 60}},
            2,
            {{49, "-"}, {50, "300..400 ~300"}}},
           {"a log cut to nothing", {{100, 5}, {200, 9}, {300, 0}}, 1, {{0, "-"}, {5, "-"}}},
           {"the largest offsets",
            {{1'000'000, 0}, {3'000'000, kLarge}},
            2,
            {{kLarge / 2, "1000000..3000000 ~2000000"}, {kLarge - 1, "1000000..3000000 ~3000000"}}},
       }) {
    SCOPED_TRACE(c.what);
    const OffsetTimeline timeline = TimelineOf(c.observations);
    EXPECT_EQ(timeline.size(), c.size);
    ExpectTold(timeline, c.questions);
  }
}

struct InsertCase {
  std::string what;
  std::int64_t second;
  Offset end;
  bool believed;
  std::size_t size;
  std::vector<Question> questions;
};

TEST(OffsetTimeline, BelievesOnlyWhatContradictsNothing) {
  for (const InsertCase& c : std::vector<InsertCase>{
           {"between two", 150, 20, true, 5, {{19, "100..150 ~145"}, {20, "150..200 ~150"}}},
           {"lower than before", 150, 9, false, 4, {{10, "100..200 ~100"}}},
           {"higher than afterwards", 150, 51, false, 4, {{49, "100..200 ~197"}}},
           {"the same instant again", 200, 50, true, 4, {{50, "300..400 ~300"}}},
           {"another end at a known instant", 200, 40, false, 4, {{40, "100..200 ~175"}}},
           {"before all", 50, 4, true, 5, {{3, "-"}, {4, "50..100 ~50"}}},
           {"before all, higher than the first", 50, 11, false, 4, {{10, "100..200 ~100"}}},
           {"before all, as high as the first", 50, 10, true, 5, {{9, "-"}, {10, "100..200 ~100"}}},
           {"in the middle of a run", 250, 50, true, 4, {{49, "100..200 ~197"}}},
           {"before a run", 150, 50, true, 4, {{49, "100..150 ~148"}, {50, "300..400 ~300"}}},
           {"after a run", 350, 50, true, 4, {{49, "100..200 ~197"}, {50, "350..400 ~350"}}},
           {"as high as a single end before", 150, 10, true, 5, {{10, "150..200 ~150"}}},
           {"at the last instant", 400, 90, true, 4, {}},
           {"after the last observation", 401, 90, false, 4, {{90, "-"}}},
       }) {
    SCOPED_TRACE(c.what);
    OffsetTimeline timeline = TimelineOf({{100, 10}, {200, 50}, {300, 50}, {400, 90}});
    EXPECT_EQ(timeline.Insert(At(c.second), c.end, At(400)), c.believed);
    EXPECT_EQ(timeline.size(), c.size);
    ExpectTold(timeline, c.questions);
  }
  OffsetTimeline empty;
  EXPECT_FALSE(empty.Insert(At(100), 10, At(100))) << "no log end was observed";
}

TEST(OffsetTimeline, ForgetsWhatWasDeleted) {
  for (auto [start, size, oldest] :
       std::vector<std::tuple<Offset, std::size_t, std::int64_t>>{{9, 5, 100},
                                                                  {10, 5, 100},
                                                                  {49, 5, 100},
                                                                  {50, 3, 300},
                                                                  {89, 3, 300},
                                                                  {90, 2, 400},
                                                                  {100, 1, 500},
                                                                  {200, 1, 500}}) {
    SCOPED_TRACE(start);
    OffsetTimeline timeline = TimelineOf({{100, 10}, {200, 50}, {300, 50}, {400, 90}, {500, 100}});
    const std::string told = Told(timeline, start);
    timeline.DropBefore(start);
    EXPECT_EQ(timeline.size(), size);
    EXPECT_EQ(timeline.OldestInstant(), At(oldest));
    EXPECT_EQ(Told(timeline, start), told) << "the record at the log start";
  }
  OffsetTimeline timeline = TimelineOf({{100, 10}});
  timeline.Clear();
  timeline.DropBefore(10);
  EXPECT_EQ(timeline.OldestInstant(), std::nullopt);
}

TEST(OffsetTimeline, TellsWhatTheEndWasAtMost) {
  const OffsetTimeline timeline = TimelineOf({{100, 10}, {200, 50}});
  EXPECT_EQ(timeline.EndBy(At(50)), 10);
  EXPECT_EQ(timeline.EndBy(At(100)), 10);
  EXPECT_EQ(timeline.EndBy(At(101)), 50);
  EXPECT_EQ(timeline.EndBy(At(200)), 50);
  EXPECT_EQ(timeline.EndBy(At(201)), std::nullopt);
}

// A log into which records are written in bursts, evenly, or not at all, a minute long each.
class RandomLog {
 public:
  explicit RandomLog(unsigned seed) : random_(seed) {}

  Offset WriteUntil(WallTime until) {
    for (; next_ < until; next_ += 1000ms) {
      if (next_.time_since_epoch() % 60s == 0ms) rate_ = std::max(0, Number(-10, 20));
      written_.insert(written_.end(), static_cast<std::size_t>(rate_), next_);
    }
    return static_cast<Offset>(written_.size());
  }
  int Number(int least, int most) { return std::uniform_int_distribution(least, most)(random_); }
  WallTime WrittenAt(Offset offset) const { return written_[static_cast<std::size_t>(offset)]; }

 private:
  std::mt19937 random_;
  WallTime next_ = At(1'000'000);
  int rate_ = 0;
  std::vector<WallTime> written_;
};

// What a full timeline owes: it is never wrong, within a poll for the newest records, and within
// about a fifth of the age for the others.
void ExpectGood(const OffsetTimeline& timeline, WallTime now, RandomLog& log, Offset end) {
  ASSERT_LE(timeline.size(), OffsetTimeline::kMaxPoints);
  const Offset offset = log.Number(0, static_cast<int>(end - 1));
  const auto written = timeline.WrittenAt(offset);
  if (!written) return;  // older than the first poll
  const WallTime truth = log.WrittenAt(offset);
  ASSERT_LE(written->after, truth);
  ASSERT_GE(written->until, truth);
  ASSERT_LE(written->after, written->estimate);
  ASSERT_GE(written->until, written->estimate);
  const auto age = now - truth;
  ASSERT_LE(written->until - written->after, age < 270s ? 16s : age / 4)
      << "of a record " << age / 1s << " s old";
}

TEST(OffsetTimeline, StaysGoodForHours) {
  for (unsigned seed = 0; seed < 10; ++seed) {
    SCOPED_TRACE(seed);
    RandomLog log(seed);
    OffsetTimeline timeline;
    WallTime now = At(1'000'000);
    for (int poll = 0; poll < 8 * 240; ++poll) {
      now += std::chrono::milliseconds(14'500 + log.Number(0, 1000));
      const Offset end = log.WriteUntil(now);
      timeline.Observe(now, end);
      for (int i = 0; i < 5 && end > 0; ++i) ExpectGood(timeline, now, log, end);
      ASSERT_FALSE(HasFatalFailure()) << "in poll " << poll;
    }
    EXPECT_LT(timeline.OldestInstant(), At(1'000'016)) << "the first poll";
    EXPECT_EQ(timeline.size(), OffsetTimeline::kMaxPoints);
  }
}

// Offsets have ages that ascend with them, each between its bounds.
void ExpectAscending(const OffsetTimeline& timeline, Offset end) {
  OffsetTimeline::Written last;
  bool known = false;
  for (Offset offset = 0; offset < end; ++offset) {
    const auto written = timeline.WrittenAt(offset);
    ASSERT_TRUE(written || !known) << "a hole at " << offset;
    if (!written) continue;
    known = true;
    ASSERT_LE(last.after, written->after) << offset;
    ASSERT_LE(last.until, written->until) << offset;
    ASSERT_LE(last.estimate, written->estimate) << offset;
    ASSERT_LE(written->after, written->estimate) << offset;
    ASSERT_LE(written->estimate, written->until) << offset;
    last = *written;
  }
  ASSERT_FALSE(timeline.WrittenAt(end)) << "not written yet";
}

TEST(OffsetTimeline, LiesDoNotSpoilWhatWasObserved) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    RandomLog random(seed);
    OffsetTimeline honest;
    OffsetTimeline lied_to;
    Offset end = 0;
    for (int step = 0; step < 20; ++step) {
      const WallTime now = At(100 + step * 10);
      end = std::max(0, static_cast<int>(end) + random.Number(-5, 20));
      honest.Observe(now, end);
      lied_to.Observe(now, end);
      for (int lie = random.Number(0, 2); lie > 0; --lie) {
        lied_to.Insert(At(random.Number(50, 350)), random.Number(0, 150), now);
      }
    }
    ExpectAscending(lied_to, end);
    for (Offset offset = 0; offset < end && !HasFatalFailure(); ++offset) {
      const auto truth = honest.WrittenAt(offset);
      if (!truth) continue;
      ASSERT_TRUE(lied_to.WrittenAt(offset));
      ASSERT_GE(lied_to.WrittenAt(offset)->after, truth->after) << offset;
      ASSERT_LE(lied_to.WrittenAt(offset)->until, truth->until) << offset;
    }
  }
}

TEST(OffsetTimeline, StaysInOrderWhateverComes) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE(seed);
    RandomLog random(seed);
    OffsetTimeline timeline;
    Offset end = 0;
    WallTime now = At(10'000);
    for (int step = 0; step < 200; ++step) {
      now += std::chrono::seconds(random.Number(1, 30));
      end += random.Number(random.Number(0, 20) == 0 ? -30 : 0, 10);
      end = std::max<Offset>(end, 0);
      timeline.Observe(now, end);
      timeline.Insert(now - std::chrono::seconds(random.Number(-9, 3000)),
                      random.Number(0, static_cast<int>(end)), now);
      if (random.Number(0, 30) == 0) timeline.DropBefore(random.Number(0, static_cast<int>(end)));
      ASSERT_LE(timeline.size(), OffsetTimeline::kMaxPoints);
    }
    ExpectAscending(timeline, end);
  }
}

}  // namespace
}  // namespace backlogd::analysis
