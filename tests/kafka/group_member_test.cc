#include "kafka/group_member.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <thread>

#include "config/load.h"
#include "kafka/mock_cluster.h"
#include "kafka/recording_log.h"

namespace backlogd::kafka {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr auto kPatience = 20s;
constexpr int kPartitions = 4;
constexpr int kEach = 25;  // records of a partition
constexpr int kOffsetCommit = 8;
constexpr int kFindCoordinator = 10;

Deadline In(std::chrono::milliseconds time) { return steady_clock::now() + time; }

using Place = std::pair<std::string, PartitionId>;

std::set<Place> Copy(std::span<const TopicPartition> partitions) {
  std::set<Place> places;
  for (const TopicPartition& one : partitions) places.emplace(one.topic, one.partition);
  return places;
}

// A member, and what it was told.
struct Watched {
  std::unique_ptr<GroupMember> member;
  std::set<Place> held;
  std::vector<bool> lost;                        // one a revocation
  std::map<Place, std::vector<Offset>> records;  // in the order in which they came
  std::function<void()> on_revoked;

  std::size_t Count() const {
    std::size_t count = 0;
    for (const auto& [place, offsets] : records) count += offsets.size();
    return count;
  }
  Result<std::size_t> Poll(std::size_t max_records = 100, std::chrono::milliseconds wait = 50ms) {
    const auto keep = [this](const Record& record) {
      records[Place(record.topic, record.partition)].push_back(record.offset);
      return true;
    };
    return member->Poll(max_records, wait, keep);
  }
  // Polls until `done`, which must come to pass.
  template <typename Done>
  void PollUntil(const Done& done) {
    const Deadline deadline = In(kPatience);
    while (!done() && steady_clock::now() < deadline) {
      const auto polled = Poll();
      EXPECT_TRUE(polled) << polled.error().message;
    }
    EXPECT_TRUE(done());
  }
  // Polls until an error is told.
  std::string PollUntilError() {
    const Deadline deadline = In(kPatience);
    while (steady_clock::now() < deadline) {
      const auto polled = Poll();
      if (!polled) return polled.error().message;
    }
    return "no error";
  }
};

std::map<Place, std::vector<Offset>> EveryRecord() {
  std::vector<Offset> offsets;
  for (Offset i = 0; i < kEach; ++i) offsets.push_back(i);
  std::map<Place, std::vector<Offset>> all;
  for (PartitionId i = 0; i < kPartitions; ++i) all[{"orders", i}] = offsets;
  return all;
}

class Member : public testing::TestWithParam<GroupProtocol> {
 protected:
  Member() : mock_(1) {
    mock_.CreateTopic("orders", kPartitions);
    // What one member does not notice costs the others a second.
    rd_kafka_mock_group_initial_rebalance_delay_ms(mock_.get(), 100);
    cluster_.bootstrap_servers = mock_.bootstrap_servers();
    options_.group = "handlers";
    options_.protocol = GetParam();
    options_.session_timeout = 6s;
  }

  std::unique_ptr<Watched> Join(const std::vector<std::string>& topics = {"orders"}) {
    auto watched = std::make_unique<Watched>();
    Watched* told = watched.get();
    RebalanceSinks sinks;
    sinks.assigned = [told](std::span<const TopicPartition> partitions) {
      told->held.merge(Copy(partitions));
    };
    sinks.revoked = [told](std::span<const TopicPartition> partitions, bool lost) {
      told->lost.push_back(lost);
      if (told->on_revoked) told->on_revoked();
      for (const Place& place : Copy(partitions)) told->held.erase(place);
    };
    watched->member = MakeGroupMember(cluster_, options_, std::move(sinks), log_);
    const auto error = watched->member->Subscribe(topics);
    EXPECT_FALSE(error) << error->message;
    return watched;
  }

  void Fill() {
    for (int i = 0; i < kPartitions; ++i) mock_.Produce("orders", i, kEach);
  }

  RecordingLog log_;
  MockCluster mock_;
  config::Cluster cluster_;
  MemberOptions options_;
};

INSTANTIATE_TEST_SUITE_P(Protocols, Member,
                         testing::Values(GroupProtocol::kClassic, GroupProtocol::kConsumer),
                         [](const auto& test) {
                           return test.param == GroupProtocol::kClassic ? "Classic" : "Consumer";
                         });

TEST_P(Member, ReadsEveryRecordOnceAndInOrder) {
  Fill();
  const auto one = Join();
  one->PollUntil([&] { return one->Count() >= kPartitions * kEach; });
  EXPECT_EQ(one->records, EveryRecord());
  EXPECT_EQ(one->held, Copy(one->member->Assignment()));
  EXPECT_EQ(one->held.size(), kPartitions);
}

TEST_P(Member, HandsOutNoMoreThanWanted) {
  Fill();
  const auto one = Join();
  one->PollUntil([&] { return one->Count() > 0; });
  const Deadline deadline = In(kPatience);
  while (one->Count() < kPartitions * kEach && steady_clock::now() < deadline) {
    const std::size_t before = one->Count();
    const auto polled = one->Poll(3);
    ASSERT_TRUE(polled);
    EXPECT_LE(*polled, 3U);
    EXPECT_EQ(one->Count() - before, *polled);
  }
  EXPECT_EQ(one->records, EveryRecord());
}

TEST_P(Member, GoesOnWhereTheSinkStopped) {
  Fill();
  const auto one = Join();
  const Deadline deadline = In(kPatience);
  while (one->Count() < kPartitions * kEach && steady_clock::now() < deadline) {
    const auto keep_one = [&](const Record& record) {
      one->records[Place(record.topic, record.partition)].push_back(record.offset);
      return false;
    };
    const auto polled = one->member->Poll(100, 50ms, keep_one);
    ASSERT_TRUE(polled);
    ASSERT_LE(*polled, 1U);
  }
  EXPECT_EQ(one->records, EveryRecord());
}

TEST_P(Member, ContinuesAfterTheCommits) {
  Fill();
  {
    const auto one = Join();
    one->PollUntil([&] { return one->Count() >= kPartitions * kEach; });
    const GroupCommit commits[] = {{{"orders", 0}, 20, "text"}, {{"orders", 1}, kEach, {}}};
    const auto error = one->member->Commit(commits, In(kPatience));
    EXPECT_FALSE(error) << error->message;
    const auto left = one->member->Leave(In(kPatience));
    EXPECT_FALSE(left) << left->message;
    EXPECT_EQ(one->held.size(), 0U);
    EXPECT_EQ(one->lost, std::vector<bool>{false});
    EXPECT_FALSE(one->Poll());
  }
  const auto next = Join();
  next->PollUntil([&] { return next->Count() >= 5 + 2 * kEach; });
  EXPECT_EQ(next->records[Place("orders", 0)].front(), 20);
  EXPECT_EQ(next->records.count(Place("orders", 1)), 0U);
}

TEST_P(Member, CommitsWhatItGivesUp) {
  Fill();
  const auto one = Join();
  std::optional<Error> error = Error{ErrorKind::kOther, "never revoked"};
  one->on_revoked = [&] {
    const GroupCommit commit{{"orders", 2}, 7, {}};
    error = one->member->Commit({&commit, 1}, In(kPatience));
  };
  one->PollUntil([&] { return one->Count() >= kPartitions * kEach; });
  EXPECT_FALSE(one->member->Leave(In(kPatience)));
  EXPECT_FALSE(error) << error->message;
  const auto next = Join();
  next->PollUntil([&] { return next->Count() >= kPartitions * kEach - 7U; });
  EXPECT_EQ(next->records[Place("orders", 2)].front(), 7);
}

TEST_P(Member, CommitsWhatItGivesUpWhileOthersJoin) {
  Fill();
  const auto one = Join();
  one->PollUntil([&] { return one->Count() >= kPartitions * kEach; });
  const auto two = Join();
  // Longer than a heartbeat takes: librdkafka knows of the rebalance, and waits for a Poll().
  two->PollUntil([&, end = In(2500ms)] { return steady_clock::now() > end; });
  std::optional<Error> error;
  one->on_revoked = [&] {
    const GroupCommit commit{{"orders", 2}, 7, {}};
    error = one->member->Commit({&commit, 1}, In(kPatience));
  };
  EXPECT_FALSE(one->member->Leave(In(kPatience)));
  // A member still. (Kafka takes the commit; the mock wants the rebalance to be over.)
  if (error) {
    EXPECT_EQ(error->message, "group handlers: commit: group rebalance in progress");
  }
  EXPECT_EQ(one->lost.size(), 1U);
}

TEST_P(Member, SharesThePartitionsWithAnother) {
  const auto one = Join();
  one->PollUntil([&] { return one->held.size() == kPartitions; });
  const auto two = Join();
  const auto all = [&] { return one->held.size() == 2 && two->held.size() == 2; };
  const Deadline deadline = In(kPatience);
  while (!all() && steady_clock::now() < deadline) {
    EXPECT_TRUE(one->Poll());
    EXPECT_TRUE(two->Poll());
  }
  EXPECT_TRUE(all());
  // Given up in order, once or, where joining takes its time, more often.
  EXPECT_FALSE(one->lost.empty());
  EXPECT_EQ(std::count(one->lost.begin(), one->lost.end(), true), 0);
  EXPECT_EQ(one->held, Copy(one->member->Assignment()));
}

TEST_P(Member, CommitsOnlyWhatItHolds) {
  const auto one = Join();
  one->PollUntil([&] { return one->held.size() == kPartitions; });
  const GroupCommit commit{{"orders", 9}, 1, {}};
  const auto error = one->member->Commit({&commit, 1}, In(kPatience));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message, "group handlers: orders/9 is not assigned to this member");
}

TEST_P(Member, PausesSinglePartitions) {
  Fill();
  const auto one = Join();
  one->PollUntil([&] { return one->held.size() == kPartitions; });
  one->records.clear();
  const TopicPartition paused{"orders", 3};
  const std::size_t before = one->records[Place("orders", 3)].size();
  EXPECT_FALSE(one->member->Pause({&paused, 1}));
  mock_.Produce("orders", 3, 1);
  mock_.Produce("orders", 0, 1);
  one->PollUntil([&] { return one->records[Place("orders", 0)].size() > kEach; });
  EXPECT_EQ(one->records[Place("orders", 3)].size(), before);
  EXPECT_FALSE(one->member->Resume({&paused, 1}));
  one->PollUntil([&] { return one->Count() >= kPartitions * kEach + 2U; });
  auto expected = EveryRecord();
  expected[{"orders", 0}].push_back(kEach);
  expected[{"orders", 3}].push_back(kEach);
  EXPECT_EQ(one->records, expected);
}

TEST_P(Member, JoinsAgainAfterItWasSilentForTooLong) {
  options_.max_poll_interval = 6s;  // no less than the session's timeout
  Fill();
  const auto one = Join();
  one->PollUntil([&] { return one->held.size() == kPartitions; });
  std::optional<Error> error;
  one->on_revoked = [&] {
    const GroupCommit commit{{"orders", 0}, 1, {}};
    error = one->member->Commit({&commit, 1}, In(kPatience));
  };
  // Silence is the very thing that is tested.
  std::this_thread::sleep_for(options_.max_poll_interval + 1500ms);
  one->records.clear();
  one->PollUntil([&] { return !one->lost.empty() && one->held.size() == kPartitions; });
  EXPECT_EQ(one->lost, std::vector<bool>{true});
  EXPECT_TRUE(error);
  one->PollUntil([&] { return one->Count() >= kPartitions * kEach; });
  EXPECT_EQ(one->records, EveryRecord());
}

// A member of a KIP-848 group waits for the topic instead.
TEST_P(Member, SaysThatThereIsNoSuchTopic) {
  if (GetParam() == GroupProtocol::kConsumer) return;
  rd_kafka_mock_topic_set_error(mock_.get(), "nothing", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  EXPECT_EQ(Join({"nothing"})->PollUntilError(),
            "group handlers: topic nothing: there is no such topic");
}

TEST_P(Member, SaysWhichRightIsMissing) {
  const std::vector<rd_kafka_resp_err_t> codes(3, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED);
  rd_kafka_mock_push_request_errors_array(mock_.get(), kFindCoordinator, codes.size(),
                                          codes.data());
  EXPECT_EQ(Join()->PollUntilError(),
            "group handlers: membership: group authorization failed (needs READ on group "
            "handlers)");
}

TEST_P(Member, SaysWhyACommitFailed) {
  const auto one = Join();
  one->PollUntil([&] { return one->held.size() == kPartitions; });
  const rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
  rd_kafka_mock_push_request_errors_array(mock_.get(), kOffsetCommit, 1, &code);
  const GroupCommit commit{{"orders", 0}, 1, {}};
  const auto error = one->member->Commit({&commit, 1}, In(kPatience));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message,
            "group handlers: commit: topic authorization failed (needs READ on topic orders)");
}

TEST_P(Member, SaysThatNoBrokerIsThere) {
  auto one = Join();
  one->PollUntil([&] { return one->held.size() == kPartitions; });
  rd_kafka_mock_broker_set_down(mock_.get(), 1);
  EXPECT_NE(one->PollUntilError().find("group handlers: membership: "), std::string::npos);
  const GroupCommit commit{{"orders", 0}, 1, {}};
  const Deadline deadline = In(1s);
  EXPECT_TRUE(one->member->Commit({&commit, 1}, deadline));
  EXPECT_LT(steady_clock::now(), deadline + 1s);
  const auto left = one->member->Leave(In(500ms));
  ASSERT_TRUE(left);
  EXPECT_NE(left->message.find("until its session times out"), std::string::npos) << left->message;
}

TEST_P(Member, EndsAPollWhenInterrupted) {
  const auto one = Join();
  one->PollUntil([&] { return one->held.size() == kPartitions; });
  const std::jthread interrupter([&] { one->member->Interrupt(); });
  const auto start = steady_clock::now();
  const auto polled = one->Poll(100, kPatience);
  EXPECT_TRUE(polled);
  EXPECT_LT(steady_clock::now() - start, 5s);
  EXPECT_FALSE(one->member->Leave(In(kPatience)));
}

TEST(MemberOptions, RefusesWhatLibrdkafkaRefuses) {
  RecordingLog log;
  config::Cluster cluster;
  cluster.bootstrap_servers = "localhost:1";
  cluster.properties["fetch.wait.max.ms"] = "never";
  MemberOptions options;
  options.group = "handlers";
  EXPECT_THROW(MakeGroupMember(cluster, options, {}, log), config::ConfigError);
}

}  // namespace
}  // namespace backlogd::kafka
