#include <gtest/gtest.h>

#include <algorithm>

#include "fakes/fake_kafka_client.h"
#include "snapshot/collector.h"

namespace backlogd::snapshot {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

using Question = std::vector<kafka::PartitionTime>;

// A topic of four partitions, led by brokers 1 and 2 in turn, and somebody who wants `rounds`, one
// after the other, again and again if `endless`.
class LookUpTimesTest : public ::testing::Test {
 protected:
  LookUpTimesTest() { client_.AddTopic("orders", 4, 10); }

  static kafka::PartitionTime At(kafka::PartitionId partition, WallTime time) {
    return {{"orders", partition, 1 + partition % 2}, time};
  }

  StepOutcome LookUp() { return LookUpAt(client_); }

  StepOutcome LookUpAt(kafka::KafkaClient& client) {
    TimesWanted wanted;
    wanted.next = [this](std::size_t most) -> Question {
      most_.push_back(most);
      if (rounds_.empty()) return {};
      Question next = rounds_.front();
      if (!endless_) rounds_.erase(rounds_.begin());
      next.resize(std::min(most, next.size()));
      return next;
    };
    wanted.take = [this](std::span<const kafka::PartitionOffset> answers) {
      taken_.emplace_back(answers.begin(), answers.end());
    };
    const SteadyClock clock = [this] { return now_; };
    return LookUpTimes(client, wanted, clock, deadline_);
  }

  std::vector<Question> rounds_;
  bool endless_ = false;
  std::vector<std::size_t> most_;  // what each round was allowed
  std::vector<std::vector<kafka::PartitionOffset>> taken_;

  FakeKafkaClient client_;
  Deadline now_{};
  Deadline deadline_{10s};
};

TEST_F(LookUpTimesTest, GivesTheAnswersOfEachRoundBeforeItAsksForTheNext) {
  client_.written[{"orders", 0}] = {{3, WallTime(100ms)}, {5, WallTime(300ms)}};
  rounds_ = {{At(0, WallTime(50ms)), At(1, WallTime(50ms))}, {At(0, WallTime(200ms))}};
  const StepOutcome outcome = LookUp();
  EXPECT_EQ(outcome.step, Step::kOffsetsForTimes);
  EXPECT_TRUE(outcome.result.ran);
  EXPECT_TRUE(outcome.result.success) << "that there is no such record is an answer";
  EXPECT_TRUE(outcome.failures.empty());
  ASSERT_EQ(taken_.size(), 2U);
  ASSERT_EQ(taken_[0].size(), 2U);
  EXPECT_EQ(taken_[0][0].offset, 3);
  EXPECT_EQ(taken_[0][0].timestamp, WallTime(100ms));
  EXPECT_EQ(taken_[0][1].offset, std::nullopt);
  ASSERT_EQ(taken_[1].size(), 1U);
  EXPECT_EQ(taken_[1][0].offset, 5);
  EXPECT_EQ(most_, (std::vector<std::size_t>{kLookupsAPoll, kLookupsAPoll - 2, kLookupsAPoll - 3}));
}

TEST_F(LookUpTimesTest, HasSucceededIfNothingIsWanted) {
  const StepOutcome outcome = LookUp();
  EXPECT_TRUE(outcome.result.ran);
  EXPECT_TRUE(outcome.result.success);
  EXPECT_TRUE(client_.calls.empty());
}

TEST_F(LookUpTimesTest, CountsFailuresOfOneReasonTogetherAndGoesOnWithTheOthers) {
  client_.down = {2};
  rounds_ = {{At(0, WallTime(1ms)), At(1, WallTime(1ms)), At(3, WallTime(1ms))},
             {At(0, WallTime(2ms)), At(1, WallTime(2ms))}};
  rounds_[1].push_back({{"orders", 2, kafka::kNoBroker}, WallTime(2ms)});
  const StepOutcome outcome = LookUp();
  EXPECT_TRUE(outcome.result.ran);
  EXPECT_FALSE(outcome.result.success);
  ASSERT_EQ(outcome.failures.size(), 2U);
  EXPECT_EQ(outcome.failures[0].step, Step::kOffsetsForTimes);
  EXPECT_EQ(outcome.failures[0].kind, ErrorKind::kTimeout);
  EXPECT_EQ(outcome.failures[0].count, 3U);
  EXPECT_EQ(outcome.failures[0].example, "broker 2: timed out");
  EXPECT_EQ(outcome.failures[1].kind, ErrorKind::kNoLeader);
  ASSERT_EQ(taken_.size(), 2U);
  EXPECT_TRUE(taken_[1][1].error);
}

TEST_F(LookUpTimesTest, EndsWhenNothingOfARoundWasAnswered) {
  endless_ = true;
  client_.down = {2};
  rounds_ = {{At(1, WallTime(1ms)), At(3, WallTime(1ms))}};
  const StepOutcome outcome = LookUp();
  EXPECT_FALSE(outcome.result.success);
  EXPECT_EQ(client_.calls.size(), 1U);
  EXPECT_EQ(taken_.size(), 1U) << "so that what has no answer is not waited for";
}

// Interrupted when all but the last partition were answered.
struct InterruptedClient : FakeKafkaClient {
  std::vector<kafka::PartitionOffset> FetchOffsetsForTimes(
      std::span<const kafka::PartitionTime> partitions, Deadline deadline) override {
    auto answers = FakeKafkaClient::FetchOffsetsForTimes(partitions, deadline);
    answers.back() = {{}, {}, Error{ErrorKind::kInterrupted, "interrupted"}};
    return answers;
  }
};

TEST_F(LookUpTimesTest, EndsWhenTheClientIsInterrupted) {
  endless_ = true;
  rounds_ = {{At(0, WallTime(1ms)), At(1, WallTime(1ms))}};
  InterruptedClient client;
  EXPECT_FALSE(LookUpAt(client).result.success);
  EXPECT_EQ(client.calls.size(), 1U);
}

TEST_F(LookUpTimesTest, AsksForNoMoreThanAPollMayAsk) {
  endless_ = true;
  rounds_ = {Question(kLookupsAPoll / 3, At(0, WallTime(1ms)))};
  const StepOutcome outcome = LookUp();
  EXPECT_TRUE(outcome.result.success);
  EXPECT_EQ(client_.times_asked.size(), kLookupsAPoll);
  ASSERT_EQ(taken_.size(), 4U);
  EXPECT_EQ(most_.back(), kLookupsAPoll - 3 * (kLookupsAPoll / 3));
}

TEST_F(LookUpTimesTest, AsksNoMoreRoundsThanAPollMayAsk) {
  endless_ = true;
  rounds_ = {{At(0, WallTime(1ms))}};
  EXPECT_TRUE(LookUp().result.success);
  EXPECT_EQ(taken_.size(), static_cast<std::size_t>(kLookupRounds));
}

TEST_F(LookUpTimesTest, StopsAtTheDeadlineAndTimesItself) {
  endless_ = true;
  rounds_ = {{At(0, WallTime(1ms))}};
  client_.before = [this](const std::string&) { now_ += 4s; };
  const StepOutcome outcome = LookUp();
  EXPECT_EQ(taken_.size(), 3U);
  EXPECT_TRUE(outcome.result.success) << "what is left is for the next poll";
  EXPECT_DOUBLE_EQ(outcome.result.duration.count(), 12);
}

TEST_F(LookUpTimesTest, ALeaderThatHangsLeavesTimeForAnotherRound) {
  client_.down = {2};
  rounds_ = {{At(0, WallTime(1ms)), At(1, WallTime(1ms))}, {At(0, WallTime(2ms))}};
  client_.before = [this](const std::string& call) { now_ = client_.deadlines[call]; };
  LookUp();
  EXPECT_EQ(taken_.size(), 2U);
  EXPECT_LE(client_.deadlines["FetchOffsetsForTimes"], deadline_);
}

TEST_F(LookUpTimesTest, ThatThereIsNoTimeLeftIsAFailure) {
  now_ = deadline_ + 1s;
  rounds_ = {{At(0, WallTime(1ms))}};
  client_.fail["FetchOffsetsForTimes"] = {ErrorKind::kTimeout, "timed out"};
  EXPECT_FALSE(LookUp().result.success);
  EXPECT_EQ(client_.deadlines["FetchOffsetsForTimes"], now_);
}

}  // namespace
}  // namespace backlogd::snapshot
