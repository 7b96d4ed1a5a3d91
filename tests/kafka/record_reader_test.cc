#include "kafka/record_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "kafka/mock_cluster.h"
#include "kafka/recording_log.h"

namespace backlogd::kafka {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr auto kPatience = 10s;
constexpr auto kImpatience = 1s;
constexpr ReadLimits kNoLimits{1'000'000, 100'000'000};

Deadline In(std::chrono::milliseconds time) { return steady_clock::now() + time; }

config::Cluster ClusterAt(const std::string& servers) {
  config::Cluster cluster;
  cluster.bootstrap_servers = servers;
  return cluster;
}

// A cluster of two brokers with a topic of four partitions.
class Reader : public testing::Test {
 protected:
  Reader() : mock_(2) {
    mock_.CreateTopic("dead", 4);
    for (int i = 0; i < 4; ++i) {
      rd_kafka_mock_partition_set_leader(mock_.get(), "dead", i, 1 + i % 2);
    }
    reader_ = MakeRecordReader(ClusterAt(mock_.bootstrap_servers()), log_);
  }

  // What was handed out, as "range@offset".
  std::vector<ReadOutcome> Read(const std::vector<ReadRange>& ranges,
                                const ReadLimits& limits = kNoLimits,
                                std::chrono::milliseconds time = kPatience) {
    seen_.clear();
    return reader_->Read(ranges, limits, In(time), [&](std::size_t range, const Record& record) {
      seen_.push_back(std::to_string(range) + "@" + std::to_string(record.offset));
      return seen_.size() < enough_;
    });
  }

  // Where each range ended: its `next`, with a "!" if there was an error.
  static std::string Ends(const std::vector<ReadOutcome>& outcomes) {
    std::string text;
    for (const ReadOutcome& outcome : outcomes) {
      text += (text.empty() ? "" : " ") + std::to_string(outcome.next) + (outcome.error ? "!" : "");
    }
    return text;
  }

  RecordingLog log_;
  MockCluster mock_;
  std::unique_ptr<RecordReader> reader_;
  std::vector<std::string> seen_;
  std::size_t enough_ = 1'000'000;
};

TEST_F(Reader, ReadsARangeUpToItsEndOrTheLogs) {
  mock_.Produce("dead", 0, 10);
  const struct {
    Offset from;
    Offset until;
    std::size_t records;
    std::string end;
  } cases[] = {
      {0, 10, 10, "10"}, {0, 1, 1, "1"}, {3, 7, 4, "7"},    {9, 10, 1, "10"},
      {4, 4, 0, "4"},    {7, 3, 0, "3"}, {0, 15, 10, "15"},  // ends before
      {10, 12, 0, "12"},                                     // nothing there
      {90, 95, 0, "95"},                                     // the log is another one
  };
  for (const auto& c : cases) {
    const auto outcomes = Read({{"dead", 0, c.from, c.until}});
    EXPECT_EQ(seen_.size(), c.records) << c.from << " " << c.until;
    EXPECT_EQ(Ends(outcomes), c.end) << c.from << " " << c.until;
  }
}

TEST_F(Reader, StopsAtTheLimitsAfterAtLeastOneRecord) {
  mock_.Produce("dead", 1, 10);  // of 6 bytes
  const struct {
    ReadLimits limits;
    std::string end;
  } cases[] = {
      {{3, 1000}, "3"}, {{1000, 18}, "3"}, {{1000, 13}, "3"},
      {{1000, 1}, "1"}, {{0, 0}, "1"},     {{10, 60}, "10"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Ends(Read({{"dead", 1, 0, 10}}, c.limits)), c.end);
    EXPECT_EQ(std::to_string(seen_.size()), c.end);
  }
}

TEST_F(Reader, StopsWhenTheSinkHadEnoughAndGoesOnWhereItStopped) {
  mock_.Produce("dead", 0, 5);
  enough_ = 2;
  EXPECT_EQ(Ends(Read({{"dead", 0, 0, 5}})), "2");
  EXPECT_EQ(Ends(Read({{"dead", 0, 2, 5}})), "4");
  EXPECT_EQ(seen_, (std::vector<std::string>{"0@2", "0@3"}));
}

TEST_F(Reader, ReadsManyRangesOfManyBrokers) {
  for (int i = 0; i < 4; ++i) mock_.Produce("dead", i, 50 + i);
  const auto outcomes =
      Read({{"dead", 3, 50, 53}, {"dead", 0, 10, 50}, {"dead", 2, 0, 5}, {"dead", 1, 51, 60}});
  EXPECT_EQ(Ends(outcomes), "53 50 5 60");
  EXPECT_EQ(seen_.size(), 3U + 40 + 5 + 0);
}

TEST_F(Reader, AFloodedRangeLeavesTheOthersTheirShares) {
  constexpr int kRanges = 20;
  constexpr ReadLimits kLimits{2000, 1'000'000};
  for (const int flooded : {0, 10, 19}) {
    const std::string topic = "flood" + std::to_string(flooded);
    mock_.CreateTopic(topic, kRanges);
    std::vector<ReadRange> ranges;
    for (int i = 0; i < kRanges; ++i) {
      const int count = i == flooded ? 5000 : 6;
      mock_.Produce(topic, i, count);
      ranges.push_back({topic, i, 0, count});
    }
    const auto outcomes = Read(ranges, kLimits);
    EXPECT_EQ(seen_.size(), 2000U);
    EXPECT_EQ(std::set<std::string>(seen_.begin(), seen_.end()).size(), 2000U) << "each once";
    for (int i = 0; i < kRanges; ++i) {
      const ReadOutcome& outcome = outcomes[static_cast<std::size_t>(i)];
      EXPECT_EQ(outcome.next, i == flooded ? 2000 - (kRanges - 1) * 6 : 6) << flooded << " " << i;
      EXPECT_FALSE(outcome.error);
    }
  }
}

TEST_F(Reader, FloodedRangesShareTheLimits) {
  for (int i = 0; i < 4; ++i) mock_.Produce("dead", i, i == 1 ? 10 : 3000);
  const auto outcomes =
      Read({{"dead", 0, 0, 3000}, {"dead", 1, 0, 10}, {"dead", 2, 0, 3000}, {"dead", 3, 0, 3000}},
           {1000, 1'000'000});
  EXPECT_EQ(outcomes[1].next, 10);
  for (const std::size_t i : {0U, 2U, 3U}) EXPECT_GE(outcomes[i].next, 250) << i;
  EXPECT_EQ(seen_.size(), 1000U);
}

TEST_F(Reader, AFloodedRangeDoesNotWaitForADeadLeader) {
  mock_.Produce("dead", 0, 3000);
  mock_.Produce("dead", 1, 5);
  ASSERT_EQ(Ends(Read({{"dead", 0, 0, 5}, {"dead", 1, 0, 5}})), "5 5");
  rd_kafka_mock_broker_set_down(mock_.get(), 2);
  const auto outcomes =
      Read({{"dead", 0, 0, 3000}, {"dead", 1, 0, 5}}, {2000, 1'000'000}, 3 * kImpatience);
  EXPECT_GT(outcomes[0].next, 1000) << "more than its share of the first round";
  EXPECT_FALSE(outcomes[0].error);
  EXPECT_EQ(outcomes[1].next, 0);
}

TEST_F(Reader, ADeadLeaderIsAnErrorOfItsRangesOnly) {
  mock_.Produce("dead", 0, 5);
  mock_.Produce("dead", 1, 5);
  ASSERT_EQ(Ends(Read({{"dead", 0, 0, 5}, {"dead", 1, 0, 5}})), "5 5");
  rd_kafka_mock_broker_set_down(mock_.get(), 2);
  const auto outcomes = Read({{"dead", 1, 0, 5}, {"dead", 0, 0, 5}}, kNoLimits, kImpatience);
  EXPECT_EQ(Ends(outcomes), "0! 5");
  EXPECT_TRUE(outcomes[0].error->message.starts_with("dead/1: records: timed out"))
      << outcomes[0].error->message;
  rd_kafka_mock_broker_set_up(mock_.get(), 2);
  EXPECT_EQ(Ends(Read({{"dead", 1, 0, 5}})), "5");
}

TEST_F(Reader, FindsItsWayAfterAllBrokersWereAway) {
  mock_.Produce("dead", 0, 5);
  for (int broker : {1, 2}) rd_kafka_mock_broker_set_down(mock_.get(), broker);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Ends(Read({{"dead", 0, 0, 5}}, kNoLimits, 200ms)), "0!");
  }
  for (int broker : {1, 2}) rd_kafka_mock_broker_set_up(mock_.get(), broker);
  EXPECT_EQ(Ends(Read({{"dead", 0, 0, 5}})), "5");
}

TEST_F(Reader, AnUnknownTopicOrPartitionIsAnErrorOfItsRange) {
  mock_.Produce("dead", 0, 5);
  rd_kafka_mock_topic_set_error(mock_.get(), "gone", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  const auto outcomes = Read({{"gone", 0, 0, 5}, {"dead", 17, 0, 5}, {"dead", 0, 0, 5}});
  EXPECT_EQ(Ends(outcomes), "0! 0! 5");
  EXPECT_EQ(outcomes[0].error->message, "gone/0: records: unknown topic or partition");
  EXPECT_EQ(outcomes[1].error->message, "dead/17: records: unknown topic or partition");
}

TEST_F(Reader, NamesTheMissingRight) {
  mock_.Produce("dead", 0, 5);
  mock_.CreateTopic("secret", 1);
  rd_kafka_mock_topic_set_error(mock_.get(), "secret",
                                RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  const auto outcomes = Read({{"secret", 0, 0, 5}, {"dead", 0, 0, 5}});
  EXPECT_EQ(Ends(outcomes), "0! 5");
  EXPECT_EQ(outcomes[0].error->kind, ErrorKind::kUnauthorized);
  EXPECT_EQ(outcomes[0].error->message,
            "secret/0: records: topic authorization failed (needs READ on topic secret)");
}

TEST_F(Reader, NeedsNoRightToItsGroup) {
  mock_.Produce("dead", 0, 5);
  std::vector<rd_kafka_resp_err_t> refusals(50, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED);
  rd_kafka_mock_push_request_errors_array(mock_.get(), 10, refusals.size(), refusals.data());
  EXPECT_EQ(Ends(Read({{"dead", 0, 0, 5}})), "5");
}

TEST_F(Reader, IsNotChangedByTheClustersProperties) {
  mock_.Produce("dead", 0, 5);
  config::Cluster cluster = ClusterAt(mock_.bootstrap_servers());
  cluster.properties = {{"enable.partition.eof", "false"}, {"auto.offset.reset", "error"},
                        {"fetch.min.bytes", "100000000"},  {"isolation.level", "read_uncommitted"},
                        {"fetch.wait.max.ms", "9000"},     {"enable.auto.commit", "true"}};
  reader_ = MakeRecordReader(cluster, log_);
  EXPECT_EQ(Ends(Read({{"dead", 0, 0, 7}})), "7");
  EXPECT_EQ(Ends(Read({{"dead", 0, 0, 5}}, {10, 1 << 30})), "5") << "with a handle of its own";
  EXPECT_TRUE(log_.Has("property=fetch.min.bytes"));
  EXPECT_EQ(log_.Count("property=fetch.min.bytes"), 1U) << "said once";
  cluster.properties = {{"fetch.nonsense", "1"}};
  EXPECT_THROW(MakeRecordReader(cluster, log_), config::ConfigError);
}

TEST_F(Reader, AsksNothingWhileItIsIdle) {
  mock_.Produce("dead", 0, 5);
  EXPECT_EQ(Ends(Read({{"dead", 0, 0, 5}, {"dead", 1, 0, 5}})), "5 5");
  // A second reading ends only after what the first one had on its way is over.
  EXPECT_EQ(Ends(Read({{"dead", 2, 0, 5}})), "5");
  rd_kafka_mock_start_request_tracking(mock_.get());
  const auto other = MakeRecordReader(ClusterAt(mock_.bootstrap_servers()), log_);
  const ReadRange range{"dead", 3, 0, 5};
  other->Read({&range, 1}, kNoLimits, In(kPatience),
              [](std::size_t, const Record&) { return true; });
  std::size_t count = 0;
  rd_kafka_mock_request_t** requests = rd_kafka_mock_get_requests(mock_.get(), &count);
  std::size_t fetches = 0;
  for (std::size_t i = 0; i < count; ++i) {
    fetches += rd_kafka_mock_request_api_key(requests[i]) == 1 ? 1 : 0;
  }
  EXPECT_LE(fetches, 4U) << "of the other reader alone";
  rd_kafka_mock_request_destroy_array(requests, count);
  rd_kafka_mock_stop_request_tracking(mock_.get());
}

// Of each topic that it ever read a handle keeps something: it gives way to another in time.
TEST_F(Reader, TakesAFreshHandleWhenItHasReadManyTopicsThatItReadsNoMore) {
  constexpr int kTopics = 70;
  std::vector<std::string> names;
  for (int i = 0; i < kTopics; ++i) {
    names.push_back("dead-" + std::to_string(i));
    mock_.Produce(names.back(), 0, 1);
  }
  ReadLimits limits = kNoLimits;
  const auto read = [&](int from, int until) {
    std::vector<ReadRange> ranges;
    for (int i = from; i < until; ++i)
      ranges.push_back({names[static_cast<std::size_t>(i)], 0, 0, 1});
    const std::string ends = Ends(Read(ranges, limits));
    EXPECT_EQ(std::count(ends.begin(), ends.end(), '1'), until - from) << ends;
  };
  // A handle asks what each broker can do, as soon as it connects: to one when it is fresh, to
  // others when it meets them, which may be in a later reading.
  const auto handshakes = [&](int from, int until, int readings) {
    constexpr int kApiVersions = 18;
    rd_kafka_mock_start_request_tracking(mock_.get());
    for (int i = 0; i < readings; ++i) read(from, until);
    std::size_t count = 0;
    rd_kafka_mock_request_t** requests = rd_kafka_mock_get_requests(mock_.get(), &count);
    const auto asked = std::count_if(requests, requests + count, [](rd_kafka_mock_request_t* one) {
      return rd_kafka_mock_request_api_key(one) == kApiVersions;
    });
    rd_kafka_mock_request_destroy_array(requests, count);
    rd_kafka_mock_stop_request_tracking(mock_.get());
    return asked;
  };
  constexpr int kMany = 20;
  constexpr int kOfOneHandle = 8;
  read(0, kTopics);
  EXPECT_LE(handshakes(0, kTopics, kMany), kOfOneHandle) << "it reads them all the time";
  limits.topics = kTopics;
  EXPECT_LE(handshakes(0, 1, kMany), kOfOneHandle) << "the others last";
  limits.topics = 1;
  read(0, 1);
  EXPECT_GT(handshakes(0, 1, 1), 0) << "nearly all that it has read are gone";
  EXPECT_LE(handshakes(0, 1, kMany), kOfOneHandle) << "it reads it all the time";
}

TEST_F(Reader, StopsSoonWhenInterrupted) {
  mock_.Produce("dead", 0, 5);
  rd_kafka_mock_broker_set_down(mock_.get(), 2);
  const auto start = steady_clock::now();
  const std::vector<ReadRange> ranges = {{"dead", 0, 0, 5}, {"dead", 1, 0, 5}};
  const auto outcomes =
      reader_->Read(ranges, kNoLimits, In(30s), [&](std::size_t, const Record& record) {
        if (record.offset == 4) reader_->Interrupt();
        return true;
      });
  EXPECT_EQ(Ends(outcomes), "5 0!");
  EXPECT_EQ(outcomes[1].error->kind, ErrorKind::kInterrupted);
  EXPECT_EQ(Ends(Read({{"dead", 0, 0, 5}})), "0!");
  reader_.reset();
  EXPECT_LT(steady_clock::now() - start, 5s);
}

TEST_F(Reader, UnassignsWhenTheSinkThrows) {
  mock_.Produce("dead", 0, 5);
  const ReadRange range{"dead", 0, 0, 5};
  EXPECT_THROW(reader_->Read({&range, 1}, kNoLimits, In(kPatience),
                             [](std::size_t, const Record&) -> bool { throw 1; }),
               int);
  EXPECT_EQ(Ends(Read({{"dead", 0, 0, 5}})), "5");
  EXPECT_EQ(seen_.size(), 5U);
}

}  // namespace
}  // namespace backlogd::kafka
