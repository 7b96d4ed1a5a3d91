// NextLookup and TakeLookup together, against logs that answer as Kafka does.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "analysis/time_search.h"

namespace backlogd::analysis {
namespace {

using kafka::Offset;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

constexpr std::chrono::milliseconds kPoll = 15s;
constexpr WallTime kNow{std::chrono::hours(500'000)};

struct Record {
  Offset offset;
  WallTime timestamp;
};

// A partition that answers as Kafka does.
struct Log {
  std::vector<Record> records;  // offsets ascending; those from `end` on are not written yet
  Offset end = 0;

  // Adds a record right behind the others.
  void Write(WallTime timestamp) { records.push_back({end++, timestamp}); }

  kafka::PartitionOffset Find(WallTime asked) const {
    const auto found = std::find_if(records.begin(), records.end(),
                                    [&](const Record& r) { return r.timestamp >= asked; });
    if (found == records.end() || found->offset >= end) return {};
    return {found->offset, found->timestamp, {}};
  }
};

struct Searched {
  int lookups = 0;
  bool gave_up = false;  // an answer was of no use
};

Searched Search(const Log& log, Offset offset, WallTime now, OffsetTimeline& timeline) {
  Searched searched;
  while (searched.lookups < 100) {
    const auto round = static_cast<std::uint32_t>(searched.lookups);
    const auto asked = NextLookup(timeline, {offset, now, kPoll, round});
    if (!asked) break;
    ++searched.lookups;
    if (!TakeLookup(log.Find(*asked), *asked, log.end, now, timeline)) {
      searched.gave_up = true;
      break;
    }
  }
  return searched;
}

// A daemon that just started: it saw the log end once.
OffsetTimeline Started(const Log& log) {
  OffsetTimeline timeline;
  timeline.Observe(kNow, log.end);
  return timeline;
}

void ExpectKnown(const OffsetTimeline& timeline, const Record& record, WallTime now) {
  const auto written = timeline.WrittenAt(record.offset);
  ASSERT_TRUE(written) << record.offset;
  const auto error = std::chrono::abs(written->estimate - record.timestamp);
  EXPECT_LE(error, Tolerance(now - record.timestamp, kPoll))
      << "of offset " << record.offset << ", " << (now - record.timestamp) / 1s << " s old";
}

// Writes a log that ends now.
using Writer = std::function<void(Log& log, std::mt19937& random)>;
struct LogKind {
  std::string what;
  int most_lookups;
  Writer write;
};

int Number(std::mt19937& random, int least, int most) {
  return std::uniform_int_distribution(least, most)(random);
}

void WriteEvenly(Log& log, std::chrono::milliseconds age, int records) {
  for (int i = 0; i < records; ++i) log.Write(kNow - age + age * i / records);
}

void WriteBursts(Log& log, std::mt19937& random) {
  std::vector<WallTime> times;
  for (int burst = Number(random, 1, 9); burst > 0; --burst) {
    const double age = std::pow(10.0, Number(random, 0, 6'400) / 1000.0);  // 1 s to 29 days
    const auto at = kNow - std::chrono::milliseconds(static_cast<std::int64_t>(age * 1000));
    times.insert(times.end(), static_cast<std::size_t>(Number(random, 1, 300)), at);
  }
  std::sort(times.begin(), times.end());
  for (WallTime time : times) log.Write(time);
}

void StopAndResume(Log& log, std::mt19937& random) {
  WallTime time = kNow - std::chrono::minutes(Number(random, 10, 10'000));
  while (time < kNow) {
    for (int i = Number(random, 10, 200); i > 0 && time < kNow; --i) {
      log.Write(time);
      time += 2s;
    }
    time += std::chrono::seconds(Number(random, 1, 20'000));
  }
}

const std::vector<LogKind>& LogKinds() {
  static const std::vector<LogKind> kinds = {
      {"steady", 3,
       [](Log& log, std::mt19937& random) {
         WriteEvenly(log, std::chrono::minutes(Number(random, 1, 40'000)), 2000);
       }},
      {"few records", 3,
       [](Log& log, std::mt19937& random) {
         WriteEvenly(log, std::chrono::minutes(Number(random, 1, 40'000)), Number(random, 2, 9));
       }},
      {"bursts", 20, WriteBursts},
      {"one burst", 20,
       [](Log& log, std::mt19937& random) {
         const auto at = kNow - std::chrono::seconds(Number(random, 1, 2'592'000));
         for (int i = 0; i < 1000; ++i) log.Write(at);
       }},
      {"stop and resume", 20, StopAndResume},
      {"idle", 20,
       [](Log& log, std::mt19937& random) {
         WriteEvenly(log, 600h, 1000);
         std::erase_if(log.records, [](const Record& r) { return r.timestamp > kNow - 5h; });
         log.end = log.records.back().offset + 1;
         if (Number(random, 0, 1) == 1) log.Write(kNow - 1min);
       }},
      {"compacted", 20,
       [](Log& log, std::mt19937& random) {
         WriteEvenly(log, 100h, 1000);
         std::erase_if(log.records, [&](const Record&) { return Number(random, 0, 9) > 0; });
         if (log.records.empty()) log.Write(kNow);
       }},
  };
  return kinds;
}

const Record& AnyOf(const Log& log, std::mt19937& random) {
  const int last = static_cast<int>(log.records.size()) - 1;
  return log.records[static_cast<std::size_t>(Number(random, 0, last))];
}

TEST(TimeSearch, FindsTheAgeOfAnyRecordRightAfterTheStart) {
  for (const LogKind& kind : LogKinds()) {
    int most_lookups = 0;
    for (unsigned seed = 0; seed < 200; ++seed) {
      SCOPED_TRACE(kind.what + " " + std::to_string(seed));
      std::mt19937 random(seed);
      Log log;
      log.end = Number(random, 0, 1) * 1'000'000;
      kind.write(log, random);
      const Record& record = AnyOf(log, random);
      OffsetTimeline timeline = Started(log);
      const Searched searched = Search(log, record.offset, kNow, timeline);
      ASSERT_FALSE(searched.gave_up);
      most_lookups = std::max(most_lookups, searched.lookups);
      ExpectKnown(timeline, record, kNow);
      if (HasFailure()) return;
    }
    EXPECT_LE(most_lookups, kind.most_lookups) << kind.what;
  }
}

// Nothing tells such a record from one written right after the last one left before it.
TEST(TimeSearch, TakesRecordsCompactedAwayForTheOldestTheyMayBe) {
  for (const auto& [offset, timestamp] : std::vector<Record>{
           {0, kNow - 9h}, {99, kNow - 9h}, {101, kNow - 9h}, {499, kNow - 9h}, {501, kNow - 5h}}) {
    const Log log{{{100, kNow - 9h}, {500, kNow - 5h}, {900, kNow - 1h}}, 901};
    OffsetTimeline timeline = Started(log);
    ASSERT_FALSE(Search(log, offset, kNow, timeline).gave_up);
    ExpectKnown(timeline, {offset, timestamp}, kNow);
  }
}

// Records stand in the log a while after the time that their producer gave them, and polls fail.
TEST(TimeSearch, FindsAgesBetweenMissedPolls) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    Log log;
    OffsetTimeline timeline;
    for (WallTime now = kNow - 4h; now <= kNow; now += 1s) {
      for (int i = Number(random, 0, 5); i > 0; --i) {
        const WallTime last = log.records.empty() ? WallTime{} : log.records.back().timestamp;
        log.Write(std::max(last, now - std::chrono::milliseconds(Number(random, 0, 2000))));
      }
      if (now == kNow || Number(random, 0, 600) == 0) timeline.Observe(now, log.end);
    }
    const Record& record = AnyOf(log, random);
    ASSERT_FALSE(Search(log, record.offset, kNow, timeline).gave_up);
    ExpectKnown(timeline, record, kNow);
  }
}

// Groups that are far behind in one log, every other one standing still, for four hours. Returns
// the lookups that each of them costs in each poll.
double LookupsOf(int groups) {
  Log log;
  WriteEvenly(log, 100h, 100 * 180);
  OffsetTimeline timeline;
  std::vector<Offset> positions;
  for (int group = 0; group < groups; ++group) {
    positions.push_back((95 * groups - 90 * group) * 180 / groups);
  }
  int lookups = 0;
  int polls = 0;
  for (WallTime now = kNow - 4h; now <= kNow; now += kPoll, ++polls) {
    log.end = std::count_if(log.records.begin(), log.records.end(),
                            [&](const Record& r) { return r.timestamp < now; });
    timeline.Observe(now, log.end);
    for (std::size_t group = 0; group < positions.size(); ++group) {
      if (group % 2 == 1) positions[group] += 1;
      const int taken = Search(log, positions[group], now, timeline).lookups;
      EXPECT_LE(taken, 20) << "a search loses what it found";
      lookups += taken;
      ExpectKnown(timeline, log.records[static_cast<std::size_t>(positions[group])], now);
    }
    if (testing::Test::HasFailure()) break;
  }
  EXPECT_EQ(timeline.size(), OffsetTimeline::kMaxPoints);
  return static_cast<double>(lookups) / polls / groups;
}

TEST(TimeSearch, KeepsWhatIsNeededInAFullTimeline) {
  EXPECT_LT(LookupsOf(6), 0.25);
  EXPECT_LT(LookupsOf(24), 2) << "more than there is room for";
}

WallTime Lie(WallTime truth, std::mt19937& random) {
  switch (Number(random, 0, 9)) {
    case 0: return WallTime(-1ms);
    case 1: return WallTime(0ms);
    case 2: return kNow + 1h;
    case 3: return truth + std::chrono::seconds(Number(random, -3000, 3000));
    default: return truth - std::chrono::milliseconds(Number(random, 0, 5000));
  }
}

TEST(TimeSearch, LiesNeitherStopItNorSpoilWhatWasObserved) {
  for (unsigned seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    Log log;
    OffsetTimeline timeline;
    OffsetTimeline observed;
    for (WallTime now = kNow - 1h; now <= kNow; now += 20s) {
      for (int i = Number(random, 0, 3); i > 0; --i) log.Write(Lie(now, random));
      if (now < kNow && Number(random, 0, 20) > 0) continue;
      timeline.Observe(now, log.end);
      observed.Observe(now, log.end);
      const Offset offset = Number(random, 0, static_cast<int>(log.end));
      EXPECT_LE(Search(log, offset, now, timeline).lookups, 20);
      if (timeline.size() == OffsetTimeline::kMaxPoints) break;  // what was observed may be thinned
    }
    WallTime last{};
    for (Offset offset = 0; offset < log.end; ++offset) {
      const auto written = timeline.WrittenAt(offset);
      const auto truth = observed.WrittenAt(offset);
      ASSERT_TRUE(written || (!truth && last == WallTime{})) << "a hole at " << offset;
      if (!written) continue;
      ASSERT_GE(written->estimate, last) << offset;
      last = written->estimate;
      if (!truth) continue;
      ASSERT_GE(written->after, truth->after) << offset;
      ASSERT_LE(written->until, truth->until) << offset;
    }
  }
}

}  // namespace
}  // namespace backlogd::analysis
