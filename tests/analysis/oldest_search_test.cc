#include "analysis/oldest_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace backlogd::analysis {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

const WallTime kNow(480'000h);

// A log that answers lookups as Kafka does: the first record at or after an instant.
struct Log {
  std::map<kafka::Offset, WallTime> records;
  int asked = 0;

  kafka::PartitionOffset Answer(WallTime time) {
    ++asked;
    const auto found =
        std::ranges::find_if(records, [&](const auto& record) { return record.second >= time; });
    if (found == records.end()) return {};
    return {found->first, found->second, {}};
  }

  std::optional<WallTime> Find(kafka::Offset offset, OldestSearch& search) {
    search.Want(offset, !records.empty() && offset == records.begin()->first);
    for (int round = 0; round < 100; ++round) {
      const auto time = search.Next(kNow);
      if (!time) return search.found();
      search.Take(*time, Answer(*time));
    }
    ADD_FAILURE() << "the search does not end";
    return {};
  }
};

Log Evenly(int count, WallTime first, std::chrono::milliseconds apart) {
  Log log;
  for (int i = 0; i < count; ++i) log.records[i] = first + i * apart;
  return log;
}

TEST(OldestSearch, AsksOnceForTheOldestRecordOfALog) {
  Log log = Evenly(10, kNow - 1h, 1min);
  OldestSearch search;
  EXPECT_EQ(log.Find(0, search), kNow - 1h);
  EXPECT_EQ(log.asked, 1);
  EXPECT_EQ(log.Find(0, search), kNow - 1h);
  EXPECT_EQ(log.asked, 1) << "what was found stays";
}

TEST(OldestSearch, FindsTheRecordAfterOnesThatWereDeletedOrCompacted) {
  Log log;
  log.records = {{7, kNow - 2h}, {9, kNow - 1h}};
  OldestSearch search;
  EXPECT_EQ(log.Find(3, search), kNow - 2h);
}

TEST(OldestSearch, FindsARecordInTheMiddle) {
  Log log = Evenly(5000, kNow - 7 * 24h, 2min);
  OldestSearch search;
  for (const kafka::Offset offset : {1, 2, 1000, 4711, 4999}) {
    const auto found = log.Find(offset, search);
    ASSERT_TRUE(found) << offset;
    EXPECT_LE(std::chrono::abs(*found - log.records[offset]), 1s) << offset;
  }
  EXPECT_LE(log.asked, 5 * 48);
}

TEST(OldestSearch, TellsRecordsOfOneInstantApartByTheInstant) {
  Log log;
  for (int i = 0; i < 100; ++i) log.records[i] = kNow - 1h;
  for (int i = 100; i < 200; ++i) log.records[i] = kNow - 1min;
  OldestSearch search;
  EXPECT_LE(std::chrono::abs(log.Find(50, search).value() - (kNow - 1h)), 1s);
  EXPECT_LE(std::chrono::abs(log.Find(150, search).value() - (kNow - 1min)), 1s);
}

TEST(OldestSearch, LooksAnewWhenTheReaderGoesBack) {
  Log log = Evenly(100, kNow - 10h, 1min);
  OldestSearch search;
  log.Find(90, search);
  EXPECT_EQ(log.Find(0, search), kNow - 10h);
}

TEST(OldestSearch, IsNotMisledByWhatWasDeleted) {
  Log log;
  log.records = {{0, kNow + 50min}, {1, kNow - 1h}};
  OldestSearch search;
  EXPECT_EQ(log.Find(0, search), kNow + 50min);
  log.records.erase(0);
  EXPECT_EQ(log.Find(1, search), kNow - 1h);
}

TEST(OldestSearch, KnowsNothingOfAnEmptyLog) {
  Log log;
  OldestSearch search;
  EXPECT_EQ(log.Find(0, search), std::nullopt);
  EXPECT_FALSE(search.Next(kNow)) << "not asked again and again";
}

TEST(OldestSearch, EndsWhateverTimestampsClaim) {
  Log future = Evenly(10, kNow + 100h, 1min);
  OldestSearch search;
  future.Find(5, search);
  Log mixed;
  for (int i = 0; i < 50; ++i) mixed.records[i] = kNow - (i * 7919 % 50) * 1h;
  for (kafka::Offset offset = 0; offset < 50; ++offset) mixed.Find(offset, search);
}

TEST(OldestSearch, WantsNothingBeforeItIsAsked) {
  OldestSearch search;
  EXPECT_FALSE(search.Next(kNow));
  EXPECT_FALSE(search.found());
}

}  // namespace
}  // namespace backlogd::analysis
