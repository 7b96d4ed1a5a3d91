#include "kafka/record_producer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "kafka/mock_cluster.h"
#include "kafka/recording_log.h"

namespace backlogd::kafka {
namespace {

using std::chrono_literals::operator""s;

Deadline In(std::chrono::seconds time) { return std::chrono::steady_clock::now() + time; }

OutgoingRecord Letter(std::string_view key = "k") {
  OutgoingRecord record;
  record.topic = "t";
  record.key = key;
  record.value = "v";
  return record;
}

ProducerOptions WithTimeout(std::chrono::milliseconds timeout) {
  ProducerOptions options;
  options.timeout = timeout;
  return options;
}

// What was told of the records, by tag.
class Told {
 public:
  DeliverySink Sink() {
    return [this](const Delivery& delivery) {
      const std::lock_guard lock(mutex_);
      ++times_[delivery.tag];
      if (delivery.error) errors_.push_back(delivery.error->message);
      if (!delivery.error) offsets_[delivery.partition].insert(delivery.offset);
    };
  }
  std::map<std::uint64_t, int> times() const {
    const std::lock_guard lock(mutex_);
    return times_;
  }
  std::vector<std::string> errors() const {
    const std::lock_guard lock(mutex_);
    return errors_;
  }
  std::size_t acknowledged() const {
    const std::lock_guard lock(mutex_);
    std::size_t count = 0;
    for (const auto& [partition, offsets] : offsets_) count += offsets.size();
    return count;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::uint64_t, int> times_;
  std::map<PartitionId, std::set<Offset>> offsets_;
  std::vector<std::string> errors_;
};

class ProducerTest : public ::testing::Test {
 protected:
  std::unique_ptr<RecordProducer> Make(const ProducerOptions& options = {}) {
    config::Cluster cluster;
    cluster.bootstrap_servers = mock_.bootstrap_servers();
    return MakeRecordProducer(cluster, options, told_.Sink(), log_);
  }

  MockCluster mock_{1};
  RecordingLog log_;
  Told told_;
};

TEST_F(ProducerTest, TellsOfEachRecordOnceWhicheverThreadSentIt) {
  mock_.CreateTopic("t", 3);
  const auto producer = Make();
  std::vector<std::jthread> senders;
  for (int sender = 0; sender < 4; ++sender) {
    senders.emplace_back([&, sender] {
      for (int i = 0; i < 1000; ++i) {
        const auto tag = static_cast<std::uint64_t>(sender * 1000 + i);
        const std::string key = std::to_string(i);
        const auto sent = producer->Send(Letter(key), tag);
        ASSERT_TRUE(sent && *sent);
      }
    });
  }
  senders.clear();
  EXPECT_FALSE(producer->Flush(In(20s)));
  EXPECT_EQ(producer->Waiting(), 0u);
  EXPECT_EQ(told_.times().size(), 4000u);
  for (const auto& [tag, times] : told_.times()) EXPECT_EQ(times, 1) << tag;
  EXPECT_EQ(told_.acknowledged(), 4000u);  // each with an offset of its own
}

TEST_F(ProducerTest, SaysThatTheQueueIsFullInsteadOfWaiting) {
  mock_.CreateTopic("t", 1);
  rd_kafka_mock_broker_set_down(mock_.get(), 1);
  ProducerOptions options;
  options.queue_records = 10;
  const auto producer = Make(options);
  int accepted = 0;
  for (int i = 0; i < 20; ++i) {
    const auto sent = producer->Send(Letter(), 7);
    ASSERT_TRUE(sent);
    accepted += *sent ? 1 : 0;
  }
  EXPECT_EQ(accepted, 10);
  const auto error = producer->Flush(In(0s));
  ASSERT_TRUE(error);
  EXPECT_NE(error->message.find("10 records"), std::string::npos) << error->message;
}

TEST_F(ProducerTest, TellsOfWhatWasNotDeliveredWhenItGoes) {
  mock_.CreateTopic("t", 1);
  rd_kafka_mock_broker_set_down(mock_.get(), 1);
  auto producer = Make();
  for (std::uint64_t i = 0; i < 5; ++i) {
    ASSERT_TRUE(producer->Send(Letter(), i));
  }
  producer.reset();
  EXPECT_EQ(told_.times().size(), 5u);
  EXPECT_EQ(told_.errors().size(), 5u);
}

TEST_F(ProducerTest, GivesARecordUpAfterItsTimeout) {
  mock_.CreateTopic("t", 1);
  rd_kafka_mock_broker_set_down(mock_.get(), 1);
  const auto producer = Make(WithTimeout(std::chrono::milliseconds(300)));
  ASSERT_TRUE(producer->Send(Letter(), 1));
  EXPECT_FALSE(producer->Flush(In(10s)));
  ASSERT_EQ(told_.errors().size(), 1u);
  EXPECT_NE(told_.errors()[0].find("record to t: "), std::string::npos) << told_.errors()[0];
}

TEST_F(ProducerTest, WritesInTransactions) {
  mock_.CreateTopic("t", 1);
  ProducerOptions options;
  options.transactional_id = "x";
  const auto producer = Make(options);
  ASSERT_FALSE(producer->Open(In(10s)));
  for (int i = 0; i < 2; ++i) {
    ASSERT_FALSE(producer->Begin());
    ASSERT_TRUE(producer->Send(Letter(), 1));
    ASSERT_FALSE(i == 0 ? producer->Commit(In(10s)) : producer->Abort(In(10s)));
  }
  EXPECT_GE(told_.acknowledged(), 1u);
}

}  // namespace
}  // namespace backlogd::kafka
