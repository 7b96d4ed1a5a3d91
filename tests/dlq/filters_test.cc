#include "dlq/filters.h"

#include <gtest/gtest.h>

#include <functional>

namespace backlogd::dlq {
namespace {

constexpr WallTime kTime{std::chrono::milliseconds(1'000'000)};

TEST(Filters, AllHaveToFit) {
  const kafka::RecordHeader headers[] = {{"h", "needle"}, {"n", std::nullopt}};
  kafka::Record record{.topic = "q",
                       .partition = 2,
                       .offset = 10,
                       .key = "k",
                       .value = "v",
                       .headers = headers,
                       .timestamp = kTime};
  Letter letter;
  letter.record = &record;
  letter.reason = deadletters::Reason::kFormat;
  letter.source_topic = "orders";
  letter.death.source.topic = "orders-retry";
  letter.death.faults.AddOuter({"java.io.IOException", "disk full"});
  const struct {
    std::function<void(Filters&)> set;
    bool fits;
  } cases[] = {
      {[](Filters&) {}, true},
      {[](Filters& f) { f.partitions = std::vector<kafka::PartitionId>(2, 2); }, true},
      {[](Filters& f) { f.partitions = {1}; }, false},
      {[](Filters& f) { f.from_offset = 10; }, true},
      {[](Filters& f) { f.from_offset = 11; }, false},
      {[](Filters& f) { f.to_offset = 10; }, true},
      {[](Filters& f) { f.to_offset = 9; }, false},
      {[](Filters& f) { f.reasons = {deadletters::Reason::kFormat}; }, true},
      {[](Filters& f) { f.reasons = {deadletters::Reason::kTimeout}; }, false},
      {[](Filters& f) { f.source_topic = "orders"; }, true},
      {[](Filters& f) { f.source_topic = "orders-retry"; }, true},
      {[](Filters& f) { f.source_topic = "order"; }, false},
      {[](Filters& f) { f.since = f.until = kTime; }, true},
      {[](Filters& f) { f.since = kTime + std::chrono::milliseconds(1); }, false},
      {[](Filters& f) { f.until = kTime - std::chrono::milliseconds(1); }, false},
      {[](Filters& f) { f.text = "needle"; }, true},
      {[](Filters& f) { f.text = "k"; }, true},
      {[](Filters& f) { f.text = "absent"; }, false},
      {[](Filters& f) { f.exception = "IOEx"; }, true},
      {[](Filters& f) { f.exception = "disk"; }, false},
  };
  for (std::size_t i = 0; i < std::size(cases); ++i) {
    Filters filters;
    cases[i].set(filters);
    EXPECT_EQ(Fits(filters, letter), cases[i].fits) << "case " << i;
  }
  record.timestamp.reset();
  Filters since;
  since.since = WallTime{};
  EXPECT_FALSE(Fits(since, letter));
}

}  // namespace
}  // namespace backlogd::dlq
