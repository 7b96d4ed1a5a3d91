// Why dead letters died: which are read, and what is counted of them.

#include "analysis/watched_queues.h"

namespace backlogd::analysis {
namespace {

TEST_F(DeadLettersTest, ReadsOnlyWhatIsNew) {
  Poll();
  EXPECT_TRUE(analyzer_->WantedRecords().empty());
  seen_.topics["orders-dlt"] = {{10, 33}};
  Poll();
  const auto ranges = analyzer_->WantedRecords();
  ASSERT_EQ(ranges.size(), 1U);
  EXPECT_EQ(ranges[0].topic, "orders-dlt");
  EXPECT_EQ(ranges[0].from, 30);
  EXPECT_EQ(ranges[0].until, 33);
  ReadTimeout(0);
  ReadTimeout(0);
  const std::vector<kafka::ReadOutcome> outcomes = {{32, {}}};
  analyzer_->TakeReadOutcomes(outcomes);
  EXPECT_EQ(Count(Queue(analyzer_->Report(), "orders-dlt"), "orders", Reason::kTimeout), 2U);
  Poll();
  EXPECT_EQ(analyzer_->WantedRecords().at(0).from, 32) << "where the last poll's budget ended";
}

TEST_F(DeadLettersTest, ReadsAllOfAQueueThatAppears) {
  Poll();
  seen_.topics["carts-dlt"] = {{0, 3}};
  Poll();
  EXPECT_EQ(analyzer_->WantedRecords().at(0).from, 0);
}

TEST_F(DeadLettersTest, ShowsASourceThatAppearsAsEmptyOnce) {
  seen_.topics["carts"] = {{0, 0}};
  Poll();
  seen_.topics["orders-dlt"] = {{10, 33}};
  Poll();
  ASSERT_EQ(analyzer_->WantedRecords().size(), 1U);
  ReadTimeout(0, "carts");
  ReadTimeout(0, "no-such-topic");
  const std::vector<kafka::ReadOutcome> outcomes = {{33, {}}};
  analyzer_->TakeReadOutcomes(outcomes);
  const LagReport report = analyzer_->Report();
  EXPECT_EQ(Count(Queue(report, "orders-dlt"), "carts", Reason::kTimeout), 0U);
  const DeadLetterReport queue = PollQueue();
  EXPECT_EQ(Count(queue, "carts", Reason::kTimeout), 1U);
  EXPECT_EQ(Count(queue, "", Reason::kTimeout), 1U) << "no topic of that name is watched";
}

TEST_F(DeadLettersTest, CountsFailuresOfTheScan) {
  Poll();
  seen_.topics["orders-dlt"] = {{10, 33}};
  Poll();
  ASSERT_EQ(analyzer_->WantedRecords().size(), 1U);
  const std::vector<kafka::ReadOutcome> outcomes = {
      {30, Error{ErrorKind::kUnauthorized, "orders-dlt/0: READ"}}};
  analyzer_->TakeReadOutcomes(outcomes);
  EXPECT_EQ(Queue(analyzer_->Report(), "orders-dlt").scan_failures, 1);
  Poll();
  EXPECT_EQ(analyzer_->WantedRecords().at(0).from, 30) << "tried again";
}

class NoScanTest : public DeadLettersTest {
 protected:
  NoScanTest() : DeadLettersTest(false) {}
};

TEST_F(NoScanTest, SaysNothingOfReasons) {
  Poll();
  seen_.topics["orders-dlt"] = {{10, 33}};
  const DeadLetterReport queue = PollQueue();
  EXPECT_EQ(queue.records, 3);
  EXPECT_TRUE(queue.classified.empty());
  EXPECT_EQ(queue.scan_failures, kUnknown);
  EXPECT_TRUE(analyzer_->WantedRecords().empty());
}

}  // namespace
}  // namespace backlogd::analysis
