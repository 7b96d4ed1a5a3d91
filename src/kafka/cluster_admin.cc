#include "kafka/cluster_admin.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <span>
#include <utility>
#include <vector>

#include "kafka/admin_session.h"
#include "kafka/error_mapping.h"
#include "kafka/groups.h"
#include "kafka/metadata.h"
#include "kafka/statistics.h"

namespace backlogd::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kPause{100};  // before something is asked again
constexpr milliseconds kSlice{500};  // of a question that cannot be interrupted

using NewTopicPtr = RdKafkaPtr<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy>;
using DeleteTopicPtr = RdKafkaPtr<rd_kafka_DeleteTopic_t, rd_kafka_DeleteTopic_destroy>;
using DeleteGroupPtr = RdKafkaPtr<rd_kafka_DeleteGroup_t, rd_kafka_DeleteGroup_destroy>;

// What became of the one thing that a request was about.
struct Verdict {
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR__FAIL;
  std::string detail;
};

Verdict VerdictOf(const rd_kafka_topic_result_t* const* results, std::size_t count) {
  if (count != 1) return {};
  const char* detail = rd_kafka_topic_result_error_string(results[0]);
  return {rd_kafka_topic_result_error(results[0]), detail == nullptr ? "" : detail};
}

Verdict CreationIn(rd_kafka_event_t* event) {
  std::size_t count = 0;
  const auto** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
  return VerdictOf(results, count);
}

Verdict TopicDeletionIn(rd_kafka_event_t* event) {
  std::size_t count = 0;
  const auto** results =
      rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), &count);
  return VerdictOf(results, count);
}

Verdict GroupDeletionIn(rd_kafka_event_t* event) {
  std::size_t count = 0;
  const auto** results =
      rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(event), &count);
  if (count != 1) return {};
  const rd_kafka_error_t* error = rd_kafka_group_result_error(results[0]);
  if (error == nullptr) return {RD_KAFKA_RESP_ERR_NO_ERROR, ""};
  return {rd_kafka_error_code(error), rd_kafka_error_string(error)};
}

// One thing to do, and how to read what became of it.
struct Order {
  rd_kafka_admin_op_t operation = RD_KAFKA_ADMIN_OP_ANY;
  BrokerId broker = kNoBroker;  // kNoBroker: the controller, which librdkafka finds
  std::string subject;
  std::string right;  // that it needs
  std::function<void(const rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)> send;
  Verdict (*read)(rd_kafka_event_t*) = nullptr;
  rd_kafka_resp_err_t nothing_to_do = RD_KAFKA_RESP_ERR_NO_ERROR;  // the code that says so
};

bool MayPass(const Error& error) {
  return error.kind == ErrorKind::kNoLeader || error.kind == ErrorKind::kUnreachable;
}

bool HasLeaders(const rd_kafka_metadata_t& metadata, int partitions) {
  if (metadata.topic_cnt != 1 || metadata.topics[0].partition_cnt < partitions) return false;
  const std::span seen(metadata.topics[0].partitions,
                       static_cast<std::size_t>(metadata.topics[0].partition_cnt));
  return std::all_of(seen.begin(), seen.end(),
                     [](const auto& partition) { return partition.leader >= 0; });
}

class LibrdkafkaAdmin final : public ClusterAdmin {
 public:
  LibrdkafkaAdmin(const config::Cluster& cluster, Log& log)
      : library_log_{log, cluster.name, Secrets(cluster)},
        session_(MakeHandle(cluster, milliseconds(0), library_log_), library_log_, interrupted_,
                 statistics_) {}

  Result<bool> CreateTopic(const NewTopic& topic, Deadline deadline) override {
    std::array<char, 512> reason{};
    const std::string subject = "topic " + topic.name + ": creation";
    const NewTopicPtr wanted(rd_kafka_NewTopic_new(
        topic.name.c_str(), topic.partitions, topic.replication, reason.data(), reason.size()));
    if (wanted == nullptr) return Error{ErrorKind::kOther, subject + ": " + reason.data()};
    for (const auto& [key, value] : topic.config) {
      rd_kafka_NewTopic_set_config(wanted.get(), key.c_str(), value.c_str());
    }
    Order order;
    order.operation = RD_KAFKA_ADMIN_OP_CREATETOPICS;
    order.subject = subject;
    order.right = "CREATE on topic " + topic.name;
    order.send = [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
      rd_kafka_NewTopic_t* one = wanted.get();
      rd_kafka_CreateTopics(session_.handle(), &one, 1, options, queue);
    };
    order.read = CreationIn;
    order.nothing_to_do = RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS;
    Result<bool> created = CarryOut(order, deadline);
    if (!created || !*created) return created;
    if (auto error = WaitForLeaders(topic, deadline)) return std::move(*error);
    return true;
  }

  Result<bool> DeleteTopic(const std::string& topic, Deadline deadline) override {
    const DeleteTopicPtr doomed(rd_kafka_DeleteTopic_new(topic.c_str()));
    Order order;
    order.operation = RD_KAFKA_ADMIN_OP_DELETETOPICS;
    order.subject = "topic " + topic + ": deletion";
    order.right = "DELETE on topic " + topic;
    order.send = [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
      rd_kafka_DeleteTopic_t* one = doomed.get();
      rd_kafka_DeleteTopics(session_.handle(), &one, 1, options, queue);
    };
    order.read = TopicDeletionIn;
    order.nothing_to_do = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    return CarryOut(order, deadline);
  }

  Result<bool> DeleteGroup(const std::string& group, Deadline deadline) override {
    const DeleteGroupPtr doomed(rd_kafka_DeleteGroup_new(group.c_str()));
    Order order;
    order.operation = RD_KAFKA_ADMIN_OP_DELETEGROUPS;
    order.subject = "group " + group + ": deletion";
    order.right = "DELETE on group " + group;
    order.send = [&](const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
      rd_kafka_DeleteGroup_t* one = doomed.get();
      rd_kafka_DeleteGroups(session_.handle(), &one, 1, options, queue);
    };
    order.read = GroupDeletionIn;
    order.nothing_to_do = RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND;
    return Repeat(deadline, [&]() -> Result<bool> {
      const Result<BrokerId> coordinator = CoordinatorOf(group, deadline);
      if (!coordinator) return coordinator.error();
      if (*coordinator == kNoBroker) return false;
      order.broker = *coordinator;
      return Ask(order, deadline);
    });
  }

  void Interrupt() override { interrupted_.store(true, std::memory_order_relaxed); }

 private:
  template <typename Attempt>
  Result<bool> Repeat(Deadline deadline, const Attempt& attempt) {
    for (;;) {
      Result<bool> done = attempt();
      if (done || !MayPass(done.error()) || TimeLeft(deadline) <= kPause) return done;
      session_.WaitUntil(steady_clock::now() + kPause);
    }
  }

  Result<bool> CarryOut(const Order& order, Deadline deadline) {
    return Repeat(deadline, [&] { return Ask(order, deadline); });
  }

  Result<bool> Ask(const Order& order, Deadline deadline) {
    Result<bool> done = false;
    AdminQuestions question;
    question.operation = order.operation;
    question.count = 1;
    question.routed = order.broker != kNoBroker;
    question.broker = [&](std::size_t) { return order.broker; };
    question.subject = [&](std::size_t) { return order.subject; };
    question.send = [&](std::size_t, const rd_kafka_AdminOptions_t* options,
                        rd_kafka_queue_t* queue) { order.send(options, queue); };
    question.answer = [&](std::size_t, const Result<EventPtr>& event) {
      if (event) {
        done = Judge(order, order.read(event->get()));
      } else {
        // Without a controller nobody in particular was asked.
        done = session_.errors().Explain(kNoBroker, event.error());
      }
    };
    session_.Ask(question, deadline);
    return done;
  }

  Result<bool> Judge(const Order& order, const Verdict& verdict) const {
    if (verdict.code == RD_KAFKA_RESP_ERR_NO_ERROR) return true;
    if (verdict.code == order.nothing_to_do) return false;
    const std::string detail = library_log_.secrets.Hide(verdict.detail);
    Error error = MakeError(order.subject, verdict.code, detail.c_str());
    if (error.kind == ErrorKind::kUnauthorized) error.message += " (needs " + order.right + ")";
    return error;
  }

  // kNoBroker: no broker knows such a group. A broker lists the groups that it coordinates.
  Result<BrokerId> CoordinatorOf(const std::string& group, Deadline deadline) {
    const Result<Metadata> metadata = metadata_.Fetch(session_, deadline);
    if (!metadata) return metadata.error();
    std::vector<BrokerId> brokers;
    for (const Broker& broker : metadata->brokers) brokers.push_back(broker.id);
    // A broker that does not answer need not be the one.
    const Deadline soon = steady_clock::now() + TimeLeft(deadline) / 2;
    const std::vector<Result<GroupListing>> listings = ListGroups(session_, brokers, soon);
    std::optional<Error> error;
    for (std::size_t i = 0; i < listings.size(); ++i) {
      if (!listings[i]) {
        error = listings[i].error();
      } else if (Lists(*listings[i], group)) {
        return brokers[i];
      }
    }
    if (error) return std::move(*error);
    return kNoBroker;
  }

  static bool Lists(const GroupListing& listing, const std::string& group) {
    return std::any_of(listing.groups.begin(), listing.groups.end(),
                       [&](const ListedGroup& listed) { return listed.id == group; });
  }

  std::optional<Error> WaitForLeaders(const NewTopic& topic, Deadline deadline) {
    const std::string subject = "topic " + topic.name + ": leaders of its partitions";
    const TopicPtr local(rd_kafka_topic_new(session_.handle(), topic.name.c_str(), nullptr));
    while (!session_.interrupted() && TimeLeft(deadline).count() > 0) {
      const rd_kafka_metadata_t* seen = nullptr;
      const auto wait = static_cast<int>(std::min(kSlice, TimeLeft(deadline)).count());
      rd_kafka_metadata(session_.handle(), 0, local.get(), &seen, wait);
      const MetadataPtr metadata(seen);
      if (metadata != nullptr && HasLeaders(*metadata, topic.partitions)) return std::nullopt;
      session_.WaitUntil(std::min(deadline, steady_clock::now() + kPause));
    }
    if (session_.interrupted()) return Interrupted(subject);
    return session_.errors().Explain(kNoBroker, MakeError(subject, RD_KAFKA_RESP_ERR__TIMED_OUT));
  }

  LibraryLog library_log_;
  std::atomic<bool> interrupted_{false};
  StatisticsRecord statistics_;
  // Last: librdkafka's threads write to library_log_ until the handle is destroyed.
  AdminSession session_;
  MetadataSource metadata_;
};

}  // namespace

std::unique_ptr<ClusterAdmin> MakeClusterAdmin(const config::Cluster& cluster, Log& log) {
  return std::make_unique<LibrdkafkaAdmin>(cluster, log);
}

}  // namespace backlogd::kafka
