#include "kafka/group_member.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>
#include <utility>

#include "kafka/admin_session.h"
#include "kafka/broker_errors.h"
#include "kafka/client_configuration.h"
#include "kafka/commit_list.h"
#include "kafka/error_mapping.h"
#include "kafka/member_partitions.h"
#include "kafka/record_source.h"
#include "kafka/statistics.h"
#include "kafka/writer_errors.h"

namespace backlogd::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kSlice{50};  // how late an interruption may be noticed
constexpr milliseconds kPause{50};  // before a commit is repeated
constexpr milliseconds kStatisticsWindow{1000};
constexpr milliseconds kLongestHeartbeat{3000};

HandleUse MemberUse(const MemberOptions& options) {
  HandleUse use;
  use.rebalances = true;
  use.defaults = {
      // A process may have many members, and none needs to read far ahead.
      {"queued.min.messages", "10000"},
      {"queued.max.messages.kbytes", "16384"},
      {"fetch.queue.backoff.ms", "10"},
      {"fetch.wait.max.ms", "100"},
  };
  const bool classic = options.protocol == GroupProtocol::kClassic;
  use.guards = {
      {"group.id", options.group},
      {"group.protocol", classic ? "classic" : "consumer"},
      {"enable.auto.offset.store", "false"},
      {"enable.partition.eof", "false"},
      {"auto.offset.reset", options.from_beginning ? "earliest" : "latest"},
      {"isolation.level", options.read_committed ? "read_committed" : "read_uncommitted"},
      {"max.poll.interval.ms", std::to_string(options.max_poll_interval.count())},
  };
  // With the other protocol the broker decides, and librdkafka refuses these.
  if (classic) {
    const milliseconds heartbeat = std::min(kLongestHeartbeat, options.session_timeout / 3);
    use.guards.emplace_back("session.timeout.ms", std::to_string(options.session_timeout.count()));
    use.guards.emplace_back("heartbeat.interval.ms", std::to_string(heartbeat.count()));
  }
  if (!options.client_id.empty()) use.guards.emplace_back("client.id", options.client_id);
  return use;
}

bool IsUnknownTopic(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
         code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC || code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
}

// That an error is about; empty if it is about none. librdkafka tells some only in its text.
std::string TopicOf(rd_kafka_event_t* event) {
  const TopicPartitionPtr about(rd_kafka_event_topic_partition(event));
  if (about != nullptr && about->topic != nullptr) return about->topic;
  constexpr std::string_view kBegin = "Subscribed topic not available: ";
  std::string_view text = rd_kafka_event_error_string(event);
  if (!text.starts_with(kBegin)) return "";
  text.remove_prefix(kBegin.size());
  return std::string(text.substr(0, text.find(": ")));
}

// The first error of a commit, of the whole or of one partition; `topic` that it is about.
rd_kafka_resp_err_t CommitError(rd_kafka_event_t* event, std::string& topic) {
  const rd_kafka_resp_err_t code = rd_kafka_event_error(event);
  const auto* list = rd_kafka_event_topic_partition_list(event);
  for (int i = 0; list != nullptr && i < list->cnt; ++i) {
    if (list->elems[i].err == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    topic = list->elems[i].topic;
    return list->elems[i].err;
  }
  return code;
}

class LibrdkafkaMember final : public GroupMember {
 public:
  LibrdkafkaMember(const config::Cluster& cluster, const MemberOptions& options,
                   RebalanceSinks sinks, Log& log)
      : names_{"", options.group},
        library_log_{log, cluster.name, Secrets(cluster)},
        handle_(MakeHandle(cluster, kStatisticsWindow, library_log_, MemberUse(options))),
        said_(rd_kafka_queue_get_main(handle_.get())),
        queue_(rd_kafka_queue_get_consumer(handle_.get())),
        partitions_(handle_.get(), std::move(sinks)) {}

  std::optional<Error> Subscribe(std::span<const std::string> topics) override {
    const TopicPartitionListPtr list(
        rd_kafka_topic_partition_list_new(static_cast<int>(topics.size())));
    for (const std::string& topic : topics) {
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
    }
    topics_.assign(topics.begin(), topics.end());
    return Done("subscription", rd_kafka_subscribe(handle_.get(), list.get()));
  }

  Result<std::size_t> Poll(std::size_t max_records, milliseconds wait, const Sink& sink) override {
    if (left_) return Error{ErrorKind::kOther, Subject("it has left")};
    const Deadline deadline = steady_clock::now() + wait;
    std::size_t records = 0;
    TakeInWhatWasSaid();
    while (records < max_records && !interrupted_ && !trouble_) {
      const EventPtr event = Next(records > 0 ? milliseconds(0) : TimeLeft(deadline));
      if (event == nullptr) {
        if (records > 0 || TimeLeft(deadline).count() == 0) break;
        TakeInWhatWasSaid();
      } else if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_FETCH) {
        TakeIn(event.get());
      } else if (const auto* message = rd_kafka_event_message_next(event.get())) {
        ++records;
        if (!sink(record_.Of(rd_kafka_topic_name(message->rkt), *message))) break;
      }
    }
    // Records that came along are told first.
    if (records > 0 || !trouble_) return records;
    return *std::exchange(trouble_, std::nullopt);
  }

  std::optional<Error> Commit(std::span<const GroupCommit> commits, Deadline deadline) override {
    if (commits.empty()) return std::nullopt;
    for (const GroupCommit& commit : commits) {
      // Of another member's partition it could succeed, and take that one's progress back.
      if (auto error = WhyNotHeld(commit.partition)) return error;
    }
    const TopicPartitionListPtr list = ToList(commits);
    std::string topic(commits.front().partition.topic);
    for (;;) {
      const rd_kafka_resp_err_t code =
          Reaches(deadline) ? CommitOnce(*list, deadline, topic) : RD_KAFKA_RESP_ERR__TIMED_OUT;
      if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
      if (!IsPassing(code) || TimeLeft(deadline) <= kPause) {
        TakeInWhatWasSaid();
        return Explain(Subject("commit"), code, nullptr, topic);
      }
      std::this_thread::sleep_for(kPause);
    }
  }

  std::vector<TopicPartition> Assignment() const override { return partitions_.All(); }

  std::optional<Error> Pause(std::span<const TopicPartition> partitions) override {
    for (const TopicPartition& one : partitions) {
      if (auto error = WhyNotHeld(one)) return error;
    }
    return Done("pause", partitions_.Pause(partitions));
  }

  std::optional<Error> Resume(std::span<const TopicPartition> partitions) override {
    for (const TopicPartition& one : partitions) {
      if (auto error = WhyNotHeld(one)) return error;
    }
    return Done("resumption", partitions_.Resume(partitions));
  }

  std::optional<Error> Leave(Deadline deadline) override {
    if (std::exchange(left_, true)) return std::nullopt;
    doubtful_ = true;
    if (!Reaches(deadline)) return WhyNotLeft();
    // If a rebalance is pending, librdkafka leaves before it asks for the partitions: too late for
    // their commits.
    while (const EventPtr event = Next(milliseconds(0))) TakeIn(event.get());
    partitions_.GiveUpAll();
    queue_.reset(rd_kafka_queue_new(handle_.get()));
    const ErrorPtr error(rd_kafka_consumer_close_queue(handle_.get(), queue_.get()));
    if (error != nullptr) {
      return Explain(Subject("leaving"), rd_kafka_error_code(error.get()),
                     rd_kafka_error_string(error.get()), "");
    }
    while (rd_kafka_consumer_closed(handle_.get()) == 0) {
      const EventPtr event = Next(std::min(kSlice, TimeLeft(deadline)));
      if (event != nullptr) TakeIn(event.get());
      TakeInWhatWasSaid();
      if (event == nullptr && TimeLeft(deadline).count() == 0) return WhyNotLeft();
    }
    return std::nullopt;
  }

  std::vector<BrokerStatistics> Statistics() const override { return statistics_.Values(); }

  void Interrupt() override { interrupted_.store(true, std::memory_order_relaxed); }

 private:
  std::string Subject(std::string_view what) const {
    return "group " + names_.group + ": " + std::string(what);
  }

  EventPtr Next(milliseconds wait) {
    const auto slice = static_cast<int>(std::min(kSlice, wait).count());
    return EventPtr(rd_kafka_queue_poll(queue_.get(), slice));
  }

  // What the member's queue tells, but for records.
  void TakeIn(rd_kafka_event_t* event) {
    const rd_kafka_event_type_t type = rd_kafka_event_type(event);
    if (type == RD_KAFKA_EVENT_ERROR) NoteTrouble(event);
    if (type != RD_KAFKA_EVENT_REBALANCE) return;
    if (auto error = Done("rebalance", partitions_.Apply(event))) trouble_ = std::move(error);
  }

  void NoteTrouble(rd_kafka_event_t* event) {
    const rd_kafka_resp_err_t code = rd_kafka_event_error(event);
    // It joins again by itself; the partitions are revoked as lost.
    if (code == RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED) return;
    const std::string topic = TopicOf(event);
    if (!topic.empty() && IsUnknownTopic(code)) {
      trouble_ = Error{ErrorKind::kOther, Subject("topic " + topic + ": there is no such topic")};
      return;
    }
    const std::string subject = Subject(topic.empty() ? "membership" : "topic " + topic);
    trouble_ = Explain(subject, code, rd_kafka_event_error_string(event), topic);
  }

  // Statistics, and errors of brokers: only those that leave no broker to talk to are told.
  void TakeInWhatWasSaid() {
    while (const EventPtr event{rd_kafka_queue_poll(said_.get(), 0)}) {
      if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_STATS) {
        statistics_.Update(rd_kafka_event_stats(event.get()));
        continue;
      }
      if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_ERROR) continue;
      const rd_kafka_resp_err_t code = rd_kafka_event_error(event.get());
      const char* reason = rd_kafka_event_error_string(event.get());
      errors_.Note(code, library_log_.Words(reason));
      doubtful_ = true;
      if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || code == RD_KAFKA_RESP_ERR__FATAL ||
          KindOf(code) == ErrorKind::kAuthentication) {
        trouble_ = Explain(Subject("membership"), code, reason, "");
      }
    }
  }

  std::optional<Error> WhyNotHeld(const TopicPartition& partition) const {
    if (partitions_.Holds(partition)) return std::nullopt;
    const std::string name =
        std::string(partition.topic) + "/" + std::to_string(partition.partition);
    return Error{ErrorKind::kOther, Subject(name + " is not assigned to this member")};
  }

  // An answer that comes too late goes with its queue.
  rd_kafka_resp_err_t CommitOnce(const rd_kafka_topic_partition_list_t& list, Deadline deadline,
                                 std::string& topic) {
    const QueuePtr answers(rd_kafka_queue_new(handle_.get()));
    const rd_kafka_resp_err_t code =
        rd_kafka_commit_queue(handle_.get(), &list, answers.get(), nullptr, nullptr);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return code;
    const auto wait = static_cast<int>(TimeLeft(deadline).count());
    const EventPtr answer(rd_kafka_queue_poll(answers.get(), wait));
    return answer == nullptr ? RD_KAFKA_RESP_ERR__TIMED_OUT : CommitError(answer.get(), topic);
  }

  // Whether the coordinator answers, if that is in doubt. librdkafka keeps commits and, with
  // KIP-848, the leaving for it, and is not destroyed before they time out after 45 s; with the
  // classic protocol it takes silence for a leaving that succeeded.
  bool Reaches(Deadline deadline) {
    TakeInWhatWasSaid();
    if (!doubtful_ || topics_.empty()) return true;
    const TopicPartitionListPtr list(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(list.get(), topics_.front().c_str(), 0);
    const auto wait = static_cast<int>(TimeLeft(deadline).count());
    switch (rd_kafka_committed(handle_.get(), list.get(), wait)) {
      case RD_KAFKA_RESP_ERR__TIMED_OUT:
      case RD_KAFKA_RESP_ERR__WAIT_COORD:
      case RD_KAFKA_RESP_ERR__TRANSPORT: return false;
      default: doubtful_ = false; return true;
    }
  }

  Error WhyNotLeft() {
    TakeInWhatWasSaid();
    Error error = Explain(Subject("leaving"), RD_KAFKA_RESP_ERR__TIMED_OUT, nullptr, "");
    error.message += "; the group may count the member until its session times out";
    return error;
  }

  std::optional<Error> Done(std::string_view what, rd_kafka_resp_err_t code) const {
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
    return Explain(Subject(what), code, nullptr, "");
  }

  Error Explain(const std::string& subject, rd_kafka_resp_err_t code, const char* detail,
                const std::string& topic) const {
    std::array<char, 512> reason{};
    if (code == RD_KAFKA_RESP_ERR__FATAL) {
      code = rd_kafka_fatal_error(handle_.get(), reason.data(), reason.size());
      detail = reason.data();
    }
    const std::string text = detail == nullptr ? "" : library_log_.secrets.Hide(detail);
    TopicNeed need{TopicRight::kRead, {}};
    if (!topic.empty()) need.topics.insert(topic);
    return errors_.Explain(kNoBroker, MakeWriterError(subject, code, text.c_str(), names_, need));
  }

  const WriterNames names_;
  LibraryLog library_log_;
  std::atomic<bool> interrupted_{false};
  bool left_ = false;
  bool doubtful_ = false;  // a broker failed since the coordinator was heard
  std::vector<std::string> topics_;
  BrokerErrors errors_;
  StatisticsRecord statistics_;
  std::optional<Error> trouble_;  // to be told by the next Poll() that hands out nothing
  RecordView record_;
  // Destroyed last to first: the queues refer to the handle, whose threads write to library_log_.
  HandlePtr handle_;
  QueuePtr said_;
  QueuePtr queue_;
  MemberPartitions partitions_;
};

}  // namespace

std::unique_ptr<GroupMember> MakeGroupMember(const config::Cluster& cluster,
                                             const MemberOptions& options, RebalanceSinks sinks,
                                             Log& log) {
  return std::make_unique<LibrdkafkaMember>(cluster, options, std::move(sinks), log);
}

}  // namespace backlogd::kafka
