#include <gtest/gtest.h>

#include "fakes/fake_record_reader.h"
#include "snapshot/collector.h"

namespace backlogd::snapshot {
namespace {

using std::chrono_literals::operator""s;

class ReadDeadLettersTest : public testing::Test {
 protected:
  StepOutcome Read(std::vector<kafka::ReadRange> ranges) {
    RecordsWanted wanted;
    wanted.ranges = std::move(ranges);
    wanted.take = [this](std::size_t range, const kafka::Record& record) {
      taken_.emplace_back(range, record.offset);
    };
    wanted.end = [this](auto outcomes) { outcomes_.assign(outcomes.begin(), outcomes.end()); };
    const SteadyClock clock = [] { return Deadline{}; };
    return ReadDeadLetters(reader_, wanted, {3, 1000}, clock, Deadline{10s});
  }

  FakeRecordReader reader_;
  std::vector<std::pair<std::size_t, kafka::Offset>> taken_;
  std::vector<kafka::ReadOutcome> outcomes_;
};

TEST_F(ReadDeadLettersTest, HandsOutRecordsWithinTheBudget) {
  for (int i = 0; i < 4; ++i) reader_.Add("orders-dlt", 0, {});
  const StepOutcome outcome = Read({{"orders-dlt", 0, 0, 4}});
  EXPECT_EQ(outcome.step, Step::kReadDeadLetters);
  EXPECT_TRUE(outcome.result.ran);
  EXPECT_TRUE(outcome.result.success) << "what is left over is no failure";
  EXPECT_EQ(taken_, (std::vector<std::pair<std::size_t, kafka::Offset>>{{0, 0}, {0, 1}, {0, 2}}));
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].next, 3);
}

TEST_F(ReadDeadLettersTest, NamesWhatFailed) {
  reader_.Add("carts-dlt", 0, {});
  reader_.fail[{"orders-dlt", 0}] = {ErrorKind::kUnauthorized, "orders-dlt/0: refused"};
  const StepOutcome outcome = Read({{"orders-dlt", 0, 0, 4}, {"carts-dlt", 0, 0, 1}});
  EXPECT_FALSE(outcome.result.success);
  ASSERT_EQ(outcome.failures.size(), 1U);
  EXPECT_EQ(outcome.failures[0].step, Step::kReadDeadLetters);
  EXPECT_EQ(outcome.failures[0].kind, ErrorKind::kUnauthorized);
  EXPECT_EQ(outcome.failures[0].example, "orders-dlt/0: refused");
  EXPECT_EQ(taken_.size(), 1U) << "the other queue is read";
}

TEST_F(ReadDeadLettersTest, AQueueThatWasWaitedForIsAFailureIfNothingCame) {
  reader_.fail[{"orders-dlt", 0}] = {ErrorKind::kTimeout, "orders-dlt/0: timed out"};
  EXPECT_EQ(Read({{"orders-dlt", 0, 0, 4}, {"carts-dlt", 0, 0, 1}}).failures.size(), 1U);
  reader_.Add("carts-dlt", 0, {});
  const StepOutcome outcome = Read({{"orders-dlt", 0, 0, 4}, {"carts-dlt", 0, 0, 1}});
  EXPECT_TRUE(outcome.result.success);
  EXPECT_FALSE(outcomes_[0].error);
  EXPECT_EQ(outcomes_[0].next, 0);
  reader_.fail[{"orders-dlt", 0}].kind = ErrorKind::kUnreachable;
  EXPECT_EQ(Read({{"orders-dlt", 0, 0, 4}, {"carts-dlt", 0, 0, 1}}).failures.size(), 1U);
}

TEST_F(ReadDeadLettersTest, AsksNobodyIfNothingIsWanted) {
  EXPECT_TRUE(Read({}).result.success);
  EXPECT_TRUE(reader_.calls.empty());
}

}  // namespace
}  // namespace backlogd::snapshot
