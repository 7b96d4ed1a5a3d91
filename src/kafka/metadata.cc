#include "kafka/metadata.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "kafka/error_mapping.h"

namespace backlogd::kafka {
namespace {

using std::chrono::milliseconds;

// An attempt cannot be interrupted, so the first ones are short. Each goes to another broker by
// chance: a paused one swallows only its own.
constexpr milliseconds kFirstAttempt{500};
constexpr int kAttemptGrowth = 2;
constexpr int kSlowdown = 4;  // an attempt lasts at least so many times as long as the last success
constexpr milliseconds kPause{50};
constexpr int kRackPolls = 20;
constexpr milliseconds kRackTimeout{1000};
constexpr int kRackShare = 4;  // of the time left

std::uint16_t CountOf(int count) {
  return static_cast<std::uint16_t>(std::clamp(count, 0, 0xffff));
}

PartitionMetadata ToPartition(const rd_kafka_metadata_partition_t& seen) {
  PartitionMetadata partition;
  partition.id = seen.id;
  partition.leader = seen.leader >= 0 ? seen.leader : kNoBroker;
  partition.replicas = CountOf(seen.replica_cnt);
  partition.in_sync_replicas = CountOf(seen.isr_cnt);
  if (seen.replica_cnt > 0) partition.preferred_leader = seen.replicas[0];
  return partition;
}

TopicMetadata ToTopic(const rd_kafka_metadata_topic_t& seen) {
  TopicMetadata topic;
  topic.name = seen.topic;
  topic.partitions.reserve(static_cast<std::size_t>(seen.partition_cnt));
  for (int i = 0; i < seen.partition_cnt; ++i) {
    topic.partitions.push_back(ToPartition(seen.partitions[i]));
  }
  std::sort(topic.partitions.begin(), topic.partitions.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
  return topic;
}

std::string ClusterId(rd_kafka_t* handle) {
  const std::unique_ptr<char, decltype([](char* text) { rd_kafka_mem_free(nullptr, text); })> id(
      rd_kafka_clusterid(handle, 0));
  return id == nullptr ? "" : id.get();
}

void ReadRacks(rd_kafka_event_t* event, std::map<BrokerId, std::string>& racks) {
  std::size_t count = 0;
  const auto* result = rd_kafka_event_DescribeCluster_result(event);
  const rd_kafka_Node_t** nodes = rd_kafka_DescribeCluster_result_nodes(result, &count);
  for (std::size_t i = 0; i < count; ++i) {
    const char* rack = rd_kafka_Node_rack(nodes[i]);
    racks[rd_kafka_Node_id(nodes[i])] = rack == nullptr ? "" : rack;
  }
}

// A cluster without ACLs permits everything, and says so.
bool LacksDescribe(rd_kafka_event_t* event) {
  std::size_t count = 0;
  const rd_kafka_AclOperation_t* permitted = rd_kafka_DescribeCluster_result_authorized_operations(
      rd_kafka_event_DescribeCluster_result(event), &count);
  if (permitted == nullptr) return false;  // not told
  const rd_kafka_AclOperation_t* end = permitted + count;
  return std::find(permitted, end, RD_KAFKA_ACL_OPERATION_DESCRIBE) == end;
}

}  // namespace

Metadata ToMetadata(const rd_kafka_metadata_t& seen) {
  Metadata metadata;
  for (int i = 0; i < seen.broker_cnt; ++i) {
    const rd_kafka_metadata_broker_t& broker = seen.brokers[i];
    metadata.brokers.push_back({broker.id, broker.host, CountOf(broker.port), ""});
  }
  std::sort(metadata.brokers.begin(), metadata.brokers.end(),
            [](const Broker& a, const Broker& b) { return a.id < b.id; });
  metadata.topics.reserve(static_cast<std::size_t>(seen.topic_cnt));
  for (int i = 0; i < seen.topic_cnt; ++i) metadata.topics.push_back(ToTopic(seen.topics[i]));
  std::sort(metadata.topics.begin(), metadata.topics.end(),
            [](const TopicMetadata& a, const TopicMetadata& b) { return a.name < b.name; });
  return metadata;
}

Result<Metadata> MetadataSource::Fetch(AdminSession& session, Deadline deadline) {
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR__TIMED_OUT;
  const MetadataPtr seen = Ask(session, deadline, code);
  session.Drain();
  if (seen == nullptr) {
    if (session.interrupted()) return Interrupted("metadata");
    // Whether librdkafka gave up before the deadline is chance: the same trouble has one text.
    const bool is_known = session.errors().knows_trouble() || session.waiting();
    if (is_known) code = RD_KAFKA_RESP_ERR__TRANSPORT;
    return session.Explain(kNoBroker, MakeError("metadata", code));
  }
  session.errors().Forget(kNoBroker);
  Metadata metadata = ToMetadata(*seen);
  metadata.cluster_id = ClusterId(session.handle());
  const auto answered =
      std::find_if(metadata.brokers.begin(), metadata.brokers.end(),
                   [&](const Broker& broker) { return broker.id == seen->orig_broker_id; });
  live_broker_ = answered != metadata.brokers.end() ? answered->id
                 : metadata.brokers.empty()         ? kNoBroker
                                                    : metadata.brokers.front().id;
  AddRacks(session, deadline, metadata.brokers);
  return metadata;
}

MetadataPtr MetadataSource::Ask(AdminSession& session, Deadline deadline,
                                rd_kafka_resp_err_t& code) {
  milliseconds attempt = std::max(kFirstAttempt, kSlowdown * last_duration_);
  while (!session.interrupted() && TimeLeft(deadline).count() > 0) {
    const auto start = std::chrono::steady_clock::now();
    const auto wait = static_cast<int>(std::min(attempt, TimeLeft(deadline)).count());
    const rd_kafka_metadata_t* seen = nullptr;
    code = rd_kafka_metadata(session.handle(), /*all_topics=*/1, nullptr, &seen, wait);
    const auto now = std::chrono::steady_clock::now();
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      last_duration_ = std::chrono::duration_cast<milliseconds>(now - start);
      return MetadataPtr(seen);
    }
    // A broker was asked and did not answer in time: perhaps it is only slow.
    if (code == RD_KAFKA_RESP_ERR__TIMED_OUT) attempt *= kAttemptGrowth;
    // Others (a closed connection) fail at once: not to be repeated in a tight loop.
    session.WaitUntil(std::min(deadline, start + kPause));
  }
  return nullptr;
}

void MetadataSource::AddRacks(AdminSession& session, Deadline deadline,
                              std::vector<Broker>& brokers) {
  const bool known = std::all_of(brokers.begin(), brokers.end(),
                                 [&](const Broker& broker) { return racks_.contains(broker.id); });
  if (!known || --polls_until_racks_ <= 0) {
    AdminQuestions question;
    question.operation = RD_KAFKA_ADMIN_OP_DESCRIBECLUSTER;
    question.count = 1;
    question.with_rights = true;
    question.broker = [&](std::size_t) { return live_broker_; };
    question.subject = [](std::size_t) { return std::string("cluster"); };
    question.send = [&](std::size_t, const rd_kafka_AdminOptions_t* options,
                        rd_kafka_queue_t* queue) {
      rd_kafka_DescribeCluster(session.handle(), options, queue);
    };
    question.answer = [&](std::size_t, const Result<EventPtr>& event) {
      if (!event) return;  // asked again by the next call
      ReadRacks(event->get(), racks_);
      lacks_cluster_describe_ = LacksDescribe(event->get());
      polls_until_racks_ = kRackPolls;
    };
    const milliseconds share = std::min(kRackTimeout, TimeLeft(deadline) / kRackShare);
    session.Ask(question, std::chrono::steady_clock::now() + share);
  }
  for (Broker& broker : brokers) {
    const auto rack = racks_.find(broker.id);
    if (rack != racks_.end()) broker.rack = rack->second;
  }
}

}  // namespace backlogd::kafka
