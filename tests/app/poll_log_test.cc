#include "app/poll_log.h"

#include <gtest/gtest.h>

#include "recording_log.h"

namespace backlogd::app {
namespace {

using Lines = std::vector<std::string>;

class PollLogTest : public testing::Test {
 protected:
  // What a poll with this outcome adds to the log.
  Lines Write(bool up, const std::vector<snapshot::Failure>& failures) {
    analysis::LagReport report;
    report.up = up;
    report.cluster_id = "id";
    report.failures = failures;
    const std::size_t before = log_.lines().size();
    poll_log_.Write(report, std::chrono::milliseconds(120));
    const Lines lines = log_.lines();
    return {lines.begin() + static_cast<std::ptrdiff_t>(before), lines.end()};
  }

  RecordingLog log_;
  PollLog poll_log_{"prod", log_};
};

const std::string kUp = "info cluster is up kafka_cluster=prod cluster_id=id brokers=0";
const std::string kNotUp = "warn cluster is not up: not everything was answered kafka_cluster=prod";
const std::string kGood =
    "debug poll ended kafka_cluster=prod duration=120ms topics=0 partitions=0 groups=0";

TEST_F(PollLogTest, TellsWhichDetailTheBudgetLeavesOutWhenThatChanges) {
  const std::string hit =
      "warn series budget hit: detail is left out; see metrics.series_budget kafka_cluster=prod ";
  const std::pair<exposition::DroppedSeries, Lines> polls[] = {
      {{0, 0, 0, 0}, {}},
      {{0, 30, 0, 0}, {hit + "full=0 group_partition=30 topic_partition=0 group_topic=0"}},
      {{0, 33, 0, 0}, {}},  // as before, only more
      {{7, 40, 6, 5}, {hit + "full=7 group_partition=40 topic_partition=6 group_topic=5"}},
      {{0, 30, 0, 0}, {hit + "full=0 group_partition=30 topic_partition=0 group_topic=0"}},
      {{0, 0, 0, 0}, {"info series budget: no detail is left out any more kafka_cluster=prod"}},
      {{0, 0, 0, 0}, {}}};
  for (const auto& [dropped, lines] : polls) {
    const auto before = static_cast<std::ptrdiff_t>(log_.lines().size());
    poll_log_.WriteDropped(dropped);
    const Lines all = log_.lines();
    EXPECT_EQ(Lines(all.begin() + before, all.end()), lines);
  }
}

TEST_F(PollLogTest, TellsEachChangeOfUp) {
  EXPECT_EQ(Write(true, {}), (Lines{kUp, kGood}));
  EXPECT_EQ(Write(true, {}), Lines{kGood});
  EXPECT_EQ(Write(false, {}), Lines{kNotUp});
  EXPECT_EQ(Write(false, {}), Lines{});
  EXPECT_EQ(Write(true, {}), (Lines{kUp, kGood}));
}

TEST_F(PollLogTest, TellsAFirstPollThatFailed) { EXPECT_EQ(Write(false, {}), Lines{kNotUp}); }

TEST_F(PollLogTest, TellsEachStepAndReason) {
  const std::vector<snapshot::Failure> failures = {
      {snapshot::Step::kListGroups, ErrorKind::kTimeout, 1, "broker 2: timed out"},
      {snapshot::Step::kLogEndOffsets, ErrorKind::kNoLeader, 12, "orders/3: no leader"}};
  Write(true, {});
  EXPECT_EQ(Write(true, failures),
            (Lines{"warn questions to Kafka failed kafka_cluster=prod step=list_groups "
                   "reason=timeout count=1 example=broker 2: timed out",
                   "warn questions to Kafka failed kafka_cluster=prod step=log_end_offsets "
                   "reason=no_leader count=12 example=orders/3: no leader"}));
}

TEST_F(PollLogTest, NamesTheRightThatIsMissing) {
  Write(true, {});
  const Lines lines = Write(true, {{snapshot::Step::kTopicConfigs, ErrorKind::kUnauthorized, 2,
                                    "orders: topic authorization failed"}});
  EXPECT_EQ(lines, (Lines{"warn questions to Kafka failed kafka_cluster=prod step=topic_configs "
                          "reason=unauthorized count=2 needs=DESCRIBE_CONFIGS on the topic "
                          "example=orders: topic authorization failed"}));
}

std::vector<snapshot::Failure> Refused(ErrorKind reason, const std::string& example) {
  return {{snapshot::Step::kMetadata, reason, 1, example}};
}

TEST_F(PollLogTest, RemindsOfAFailureThatStaysTheSame) {
  const auto failure = Refused(ErrorKind::kAuthentication, "metadata: no connection");
  Write(true, {});
  EXPECT_EQ(Write(true, failure).size(), 1U);
  for (int poll = 1; poll < PollLog::kReminder; ++poll) EXPECT_EQ(Write(true, failure), Lines{});
  EXPECT_EQ(Write(true, failure).size(), 1U);
  Write(true, {});
  EXPECT_EQ(Write(true, failure).size(), 1U) << "it was over";
}

TEST_F(PollLogTest, TellsOtherWordsOfAReasonOnceTheyLast) {
  const auto first = Refused(ErrorKind::kAuthentication, "metadata: invalid credentials");
  const auto other = Refused(ErrorKind::kAuthentication, "metadata: certificate expired");
  EXPECT_EQ(Write(false, first).size(), 2U);
  for (int poll = 1; poll < PollLog::kLasting; ++poll) EXPECT_EQ(Write(false, other), Lines{});
  EXPECT_EQ(Write(false, other).size(), 1U);
  for (int poll = 0; poll < PollLog::kLasting; ++poll) {
    EXPECT_EQ(Write(false, first), Lines{}) << "it was told";
  }
}

TEST_F(PollLogTest, TellsAFailureOnceWhoseWordsFlip) {
  const std::vector<snapshot::Failure> flipping[] = {
      Refused(ErrorKind::kUnreachable, "metadata: timed out (0/1 brokers are down)"),
      Refused(ErrorKind::kUnreachable, "metadata: no connection (1/1 brokers are down)"),
      Refused(ErrorKind::kTimeout, "metadata: timed out"),
      Refused(ErrorKind::kUnreachable, "metadata: no connection (Broken pipe)"),
      Refused(ErrorKind::kUnreachable, "metadata: timed out (1/1 brokers are down)")};
  std::size_t lines = 0;
  for (std::size_t poll = 0; poll < PollLog::kReminder; ++poll) {
    lines += Write(false, flipping[poll % std::size(flipping)]).size();
  }
  EXPECT_EQ(lines, 3U) << "that it is not up, and one for each reason";
}

TEST_F(PollLogTest, TakesNoNoticeOfNumbersThatDiffer) {
  Write(false, {});
  std::size_t lines = 0;
  for (int poll = 0; poll < PollLog::kReminder; ++poll) {
    const std::string took = std::to_string(poll / PollLog::kLasting);
    lines += Write(false, Refused(ErrorKind::kAuthentication,
                                  "metadata: Failed to connect to a:1 after " + took + " ms"))
                 .size();
  }
  EXPECT_EQ(lines, 1U);
}

}  // namespace
}  // namespace backlogd::app
