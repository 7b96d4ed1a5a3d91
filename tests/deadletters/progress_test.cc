#include "deadletters/progress.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace backlogd::deadletters {
namespace {

constexpr std::int64_t kMaxOffset = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t kMaxCount = std::numeric_limits<std::uint64_t>::max();

TEST(Progress, MarksWhatIsHandled) {
  struct {
    const char* name;
    Progress before;
    OffsetRange marked;
    Progress after;
  } const cases[] = {
      {"the next", {5}, {5, 6}, {6}},
      {"many", {5}, {5, 100}, {100}},
      {"from the start of the log, before the commit", {5}, {0, 7}, {7}},
      {"what is handled already", {5}, {1, 5}, {5}},
      {"nothing", {5}, {9, 9}, {5}},
      {"one ahead", {5}, {7, 8}, {5, {{7, 8}}}},
      {"a second one ahead", {5, {{7, 8}}}, {9, 10}, {5, {{7, 8}, {9, 10}}}},
      {"one before those ahead", {5, {{9, 10}}}, {7, 8}, {5, {{7, 8}, {9, 10}}}},
      {"one that touches the end of another", {5, {{7, 8}}}, {8, 9}, {5, {{7, 9}}}},
      {"one that touches the start of another", {5, {{8, 9}}}, {7, 8}, {5, {{7, 9}}}},
      {"one that joins two", {5, {{7, 8}, {9, 10}}}, {8, 9}, {5, {{7, 10}}}},
      {"one over several", {5, {{7, 8}, {10, 12}, {20, 21}}}, {6, 15}, {5, {{6, 15}, {20, 21}}}},
      {"one inside another", {5, {{7, 12}}}, {8, 9}, {5, {{7, 12}}}},
      {"the gap before one ahead", {5, {{6, 9}}}, {5, 6}, {9}},
      {"the gap before two ahead", {5, {{6, 9}, {10, 11}}}, {5, 6}, {9, {{10, 11}}}},
      {"over the commit and one ahead", {5, {{7, 9}, {12, 13}}}, {3, 8}, {9, {{12, 13}}}},
      {"all", {5, {{7, 9}, {12, 13}}}, {0, kMaxOffset}, {kMaxOffset}},
  };
  for (const auto& one : cases) {
    Progress progress = one.before;
    MarkHandled(one.marked.begin, one.marked.end, progress);
    EXPECT_EQ(progress, one.after) << one.name;
  }
}

TEST(Progress, CountsNothingByMarking) {
  Progress progress{.next = 0, .counts = {1, 2, 3, 4}};
  MarkHandled(0, 10, progress);
  EXPECT_EQ(progress, (Progress{10, {}, {1, 2, 3, 4}}));
}

TEST(Progress, KnowsWhatIsHandled) {
  const Progress progress{5, {{7, 9}, {12, 13}}};
  const bool handled[] = {true, true,  true,  true,  true, false, false, true,
                          true, false, false, false, true, false, false};
  for (std::int64_t offset = 0; offset < 15; ++offset) {
    EXPECT_EQ(IsHandled(progress, offset), handled[offset]) << offset;
  }
  EXPECT_FALSE(IsHandled(progress, kMaxOffset));
  EXPECT_EQ(CountHandled(progress, 0, 15), 8);
  EXPECT_EQ(CountHandled(progress, 0, kMaxOffset), 8);
  EXPECT_EQ(CountHandled(progress, 4, 8), 2);
  EXPECT_EQ(CountHandled(progress, 8, 12), 1);
  EXPECT_EQ(CountHandled(progress, 9, 12), 0);
  EXPECT_EQ(CountHandled(progress, 13, 99), 0);
  EXPECT_EQ(CountHandled(progress, 8, 8), 0);
}

std::int64_t Below(unsigned limit, std::mt19937& random) {
  return static_cast<std::int64_t>(random() % limit);
}

void CheckRanges(const Progress& progress) {
  std::int64_t end_of_last = progress.next;
  for (const OffsetRange& range : progress.ahead) {
    ASSERT_LT(end_of_last, range.begin);
    ASSERT_LT(range.begin, range.end);
    end_of_last = range.end;
  }
}

// `handled` holds no offset after `last`.
void CheckAgainst(const std::set<std::int64_t>& handled, std::int64_t last,
                  const Progress& progress) {
  std::int64_t count = 0;
  for (std::int64_t offset = 0; offset <= last; ++offset) {
    ASSERT_EQ(IsHandled(progress, offset), handled.contains(offset)) << offset;
    count += handled.contains(offset) ? 1 : 0;
    ASSERT_EQ(CountHandled(progress, 0, offset + 1), count) << offset;
  }
}

void CheckRoundTrip(const Progress& progress) {
  const auto text = EncodeMetadata(progress);
  ASSERT_TRUE(text.has_value());
  ASSERT_EQ(DecodeProgress(progress.next, *text), progress) << *text;
}

// Against a set of offsets, of which each is handled or not.
TEST(Progress, AgreesWithASetWhateverIsMarked) {
  constexpr unsigned kEnd = 60;
  for (unsigned seed = 0; seed < 300 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    Progress progress{.next = Below(10, random)};
    std::set<std::int64_t> handled;
    for (std::int64_t offset = 0; offset < progress.next; ++offset) handled.insert(offset);
    for (int step = 0; step < 25; ++step) {
      const std::int64_t begin = Below(kEnd, random);
      const std::int64_t end = std::min<std::int64_t>(kEnd, begin + Below(6, random));
      MarkHandled(begin, end, progress);
      for (std::int64_t offset = begin; offset < end; ++offset) handled.insert(offset);
      CheckRanges(progress);
      CheckAgainst(handled, kEnd, progress);
      CheckRoundTrip(progress);
    }
  }
}

TEST(Metadata, SaysAllThatAProgressHolds) {
  struct {
    Progress progress;
    const char* text;
  } const cases[] = {
      {{0}, "backlogd-dlq 1"},
      {{7}, "backlogd-dlq 1"},
      {{7, {}, {0, 12, 0, 3}}, "backlogd-dlq 1 redelivered=12 discarded=3"},
      {{7, {}, {1, 0, kMaxCount, 0}}, "backlogd-dlq 1 reviewed=1 logged=18446744073709551615"},
      {{5, {{7, 10}, {14, 15}}}, "backlogd-dlq 1 ahead=AgMEAQ"},
      {{5, {{133, 261}}, {0, 0, 0, 1}}, "backlogd-dlq 1 discarded=1 ahead=gAGAAQ"},
      {{0, {{1, 2}}}, "backlogd-dlq 1 ahead=AQE"},
      {{0, {{kMaxOffset - 1, kMaxOffset}}}, "backlogd-dlq 1 ahead=_v________9_AQ"},
  };
  for (const auto& [progress, text] : cases) {
    EXPECT_EQ(EncodeMetadata(progress), text);
    EXPECT_EQ(DecodeProgress(progress.next, text), progress) << text;
  }
}

TEST(Metadata, IsRefusedWhereKafkaWouldRefuseIt) {
  Progress progress{.counts = {kMaxCount, kMaxCount, kMaxCount, kMaxCount}};
  std::size_t ranges = 0;
  for (; EncodeMetadata(progress); ++ranges) {
    const auto begin = static_cast<std::int64_t>(2 * ranges + 1);
    MarkHandled(begin, begin + 1, progress);
  }
  EXPECT_GT(ranges, 1400u);
  progress.ahead.pop_back();
  const std::string longest = EncodeMetadata(progress).value();
  EXPECT_LE(longest.size(), kMaxMetadataBytes);
  EXPECT_EQ(DecodeProgress(0, longest), progress);
}

TEST(Metadata, OfOthersIsHandledUpToTheCommit) {
  const std::string cases[] = {
      "",
      " ",
      "=",
      "committed by flink",
      "backlogd-dlq",
      "backlogd-dlq ",
      "backlogd-dlq  1 logged=1",
      " backlogd-dlq 1 logged=1",
      "backlogd-dlq 2 logged=1 ahead=AQE",
      "backlogd-dlq 10 logged=1",
      "backlogd-dlq 01 logged=1",
      "backlogd-dlq 1.1 logged=1",
      "Backlogd-dlq 1 logged=1",
      "backlogd-dlq1 logged=1",
      std::string("backlogd-dlq 1\0 logged=1", 24),
      "backlogd-dlq 1 logged=1 " + std::string(kMaxMetadataBytes, 'x'),
  };
  for (const std::string& text : cases) EXPECT_EQ(DecodeProgress(7, text), Progress{7}) << text;
  EXPECT_EQ(DecodeProgress(-1001, ""), Progress{0});
}

TEST(Metadata, OfWhichAPartMakesNoSenseCountsWithoutThatPart) {
  const Progress of_rest{5, {}, {0, 0, 3, 0}};
  const char* const cases[] = {
      "backlogd-dlq 1 logged=3",
      "backlogd-dlq 1 logged=3 ",
      "backlogd-dlq 1  logged=3",
      "backlogd-dlq 1 mended=4 logged=3 by=alice",
      "backlogd-dlq 1 reviewed logged=3 =1 = ==",
      "backlogd-dlq 1 reviewed= logged=3",
      "backlogd-dlq 1 reviewed=-1 logged=3",
      "backlogd-dlq 1 reviewed=+1 logged=3",
      "backlogd-dlq 1 reviewed=1.5 logged=3",
      "backlogd-dlq 1 reviewed=0x1 logged=3",
      "backlogd-dlq 1 reviewed=18446744073709551616 logged=3",
      "backlogd-dlq 1 Reviewed=1 logged=3",
      "backlogd-dlq 1 logged=3 ahead=",
      "backlogd-dlq 1 logged=3 ahead=A",     // no whole byte
      "backlogd-dlq 1 logged=3 ahead=AQ",    // a gap and nothing behind it
      "backlogd-dlq 1 logged=3 ahead=AQF",   // bits left over
      "backlogd-dlq 1 logged=3 ahead=AQEB",  // a second gap
      "backlogd-dlq 1 logged=3 ahead=AQGA",  // a varint without an end
      "backlogd-dlq 1 logged=3 ahead=AAE",   // no gap
      "backlogd-dlq 1 logged=3 ahead=AQA",   // nothing behind the gap
      "backlogd-dlq 1 logged=3 ahead=AQE=",  // padding
      "backlogd-dlq 1 logged=3 ahead=AQ+E",  // not of base64url
      "backlogd-dlq 1 logged=3 ahead=AQ\xFF",
      "backlogd-dlq 1 logged=3 ahead=__________9_AQ",   // 2^63-1 after 5
      "backlogd-dlq 1 logged=3 ahead=Af__________fw",   // 2^63-1 after 6
      "backlogd-dlq 1 logged=3 ahead=gICAgICAgICAAQE",  // more than 63 bits
      "backlogd-dlq 1 logged=3 ahead=____________AQE",  // ten bytes and more
  };
  for (const char* text : cases) EXPECT_EQ(DecodeProgress(5, text), of_rest) << text;
}

std::string Damaged(std::string text, std::mt19937& random) {
  const std::size_t at = random() % text.size();
  if (random() % 3 == 0) return text.erase(at, 1 + random() % 4);
  text[at] = static_cast<char>(random());
  return text;
}

TEST(Metadata, IsReadWhateverStandsThere) {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    std::mt19937 random(seed);
    std::string text = "backlogd-dlq 1 reviewed=1 redelivered=22 ahead=AgMEAQgJoI0G_v8B";
    for (unsigned change = 0; change <= seed % 4; ++change) text = Damaged(text, random);
    const Progress progress = DecodeProgress(5, text);
    EXPECT_EQ(progress.next, 5);
    CheckRanges(progress);
    CheckRoundTrip(progress);
  }
}

TEST(Action, HasAWord) {
  EXPECT_EQ(ToText(Action::kReviewed), "reviewed");
  EXPECT_EQ(ToText(Action::kRedelivered), "redelivered");
  EXPECT_EQ(ToText(Action::kLogged), "logged");
  EXPECT_EQ(ToText(Action::kDiscarded), "discarded");
}

}  // namespace
}  // namespace backlogd::deadletters
