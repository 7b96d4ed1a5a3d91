#include "kafka/log_offsets.h"

#include <algorithm>
#include <string>
#include <utility>

#include "kafka/batches.h"
#include "kafka/error_mapping.h"

namespace backlogd::kafka {
namespace {

// librdkafka's cost grows with the square of a call's partitions.
constexpr std::size_t kPartitionsPerCall = 500;
constexpr std::size_t kCallsPerBroker = 64;
constexpr Offset kNoSuchRecord = -1;
constexpr auto kLeaderless = "no leader";

// What is asked of the partitions of a call.
struct Question {
  std::string_view name;
  bool read_committed = false;
  std::int64_t offset_spec = 0;          // of every partition, unless there are
  std::span<const PartitionTime> times;  // one for each partition, in their order
};

Question ToQuestion(OffsetSpec spec) {
  switch (spec) {
    case OffsetSpec::kEarliest:
      return {"log start offset", false, RD_KAFKA_OFFSET_SPEC_EARLIEST, {}};
    case OffsetSpec::kLatest: break;
    case OffsetSpec::kLastStable:
      return {"last stable offset", true, RD_KAFKA_OFFSET_SPEC_LATEST, {}};
  }
  return {"log end offset", false, RD_KAFKA_OFFSET_SPEC_LATEST, {}};
}

std::int64_t ToTimestamp(WallTime time) {
  // Below 0 would be an OFFSET_SPEC.
  return std::max<std::int64_t>(0, time.time_since_epoch().count());
}

// One call of FetchLogOffsets or FetchOffsetsForTimes.
class Call {
 public:
  Call(AdminSession& session, std::span<const PartitionAt> partitions, const Question& question)
      : session_(session),
        partitions_(partitions),
        question_(question),
        batches_(BatchesByBroker(partitions.size(), kPartitionsPerCall,
                                 [&](std::size_t i) { return partitions[i].leader; })),
        answers_(partitions.size()) {}

  std::vector<PartitionOffset> Run(Deadline deadline) {
    AnswerLeaderless();
    AdminQuestions questions;
    questions.operation = RD_KAFKA_ADMIN_OP_LISTOFFSETS;
    questions.count = batches_.size();
    questions.window_per_broker = kCallsPerBroker;
    questions.read_committed = question_.read_committed;
    questions.routed = false;
    questions.broker = [this](std::size_t number) { return batches_[number].broker; };
    questions.subject = [this](std::size_t number) {
      return "broker " + std::to_string(batches_[number].broker) + ": " +
             std::string(question_.name);
    };
    questions.send = [this](std::size_t number, const rd_kafka_AdminOptions_t* options,
                            rd_kafka_queue_t* queue) { Send(batches_[number], options, queue); };
    questions.answer = [this](std::size_t number, const Result<EventPtr>& event) {
      Accept(batches_[number], event);
    };
    session_.Ask(questions, deadline);
    return std::move(answers_);
  }

 private:
  std::string SubjectOf(std::size_t member) const {
    const PartitionAt& partition = partitions_[member];
    return std::string(partition.topic) + "/" + std::to_string(partition.partition) + ": " +
           std::string(question_.name);
  }

  bool by_time() const { return !question_.times.empty(); }

  // As librdkafka asks it of one partition.
  std::int64_t WantedOf(std::size_t member) const {
    return by_time() ? ToTimestamp(question_.times[member].time) : question_.offset_spec;
  }

  void AnswerLeaderless() {
    const auto leaderless =
        std::remove_if(batches_.begin(), batches_.end(),
                       [](const Batch& batch) { return batch.broker == kNoBroker; });
    for (std::size_t i = 0; i < partitions_.size(); ++i) {
      if (partitions_[i].leader != kNoBroker) continue;
      answers_[i].error = Error{ErrorKind::kNoLeader, SubjectOf(i) + ": " + kLeaderless};
    }
    batches_.erase(leaderless, batches_.end());
  }

  void Send(const Batch& batch, const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
    const TopicPartitionListPtr list(
        rd_kafka_topic_partition_list_new(static_cast<int>(batch.members.size())));
    std::string topic;
    for (const std::size_t member : batch.members) {
      if (topic != partitions_[member].topic) topic = partitions_[member].topic;
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partitions_[member].partition)
          ->offset = WantedOf(member);
    }
    rd_kafka_ListOffsets(session_.handle(), list.get(), options, queue);
  }

  void Accept(const Batch& batch, const Result<EventPtr>& event) {
    if (event) {
      Read(batch, event->get());
      return;
    }
    for (const std::size_t member : batch.members) answers_[member].error = event.error();
  }

  bool IsAbout(const rd_kafka_topic_partition_t& seen, std::size_t member) const {
    return seen.partition == partitions_[member].partition &&
           seen.topic == partitions_[member].topic;
  }

  void Read(const Batch& batch, rd_kafka_event_t* event) {
    std::size_t count = 0;
    const auto** seen =
        rd_kafka_ListOffsets_result_infos(rd_kafka_event_ListOffsets_result(event), &count);
    const bool broker_answered = std::any_of(seen, seen + count, [](const auto* one) {
      return rd_kafka_ListOffsetsResultInfo_topic_partition(one)->offset >= 0;
    });
    if (broker_answered) session_.errors().Forget(batch.broker);
    for (std::size_t i = 0; i < batch.members.size(); ++i) {
      // librdkafka keeps the order asked.
      const std::size_t member = batch.members[i];
      if (i < count && IsAbout(*rd_kafka_ListOffsetsResultInfo_topic_partition(seen[i]), member)) {
        ReadOne(batch.broker, member, seen[i]);
      } else {
        answers_[member].error =
            Error{ErrorKind::kOther, SubjectOf(member) + ": not in the answer"};
      }
    }
  }

  void ReadOne(BrokerId leader, std::size_t member, const rd_kafka_ListOffsetsResultInfo_t* seen) {
    const auto* partition = rd_kafka_ListOffsetsResultInfo_topic_partition(seen);
    PartitionOffset& answer = answers_[member];
    if (partition->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      answer.error =
          session_.errors().Explain(leader, MakeError(SubjectOf(member), partition->err));
    } else if (partition->offset >= 0) {
      answer.offset = partition->offset;
      const std::int64_t timestamp = rd_kafka_ListOffsetsResultInfo_timestamp(seen);
      if (by_time() && timestamp >= 0)
        answer.timestamp = WallTime(std::chrono::milliseconds(timestamp));
    } else if (!by_time() || partition->offset != kNoSuchRecord) {
      // The leader did not answer: librdkafka drops that error, and leaves the offset at
      // RD_KAFKA_OFFSET_INVALID.
      answer.error = session_.errors().Explain(
          leader, MakeError(SubjectOf(member), RD_KAFKA_RESP_ERR__TIMED_OUT));
    }
  }

  AdminSession& session_;
  const std::span<const PartitionAt> partitions_;
  const Question question_;
  std::vector<Batch> batches_;
  std::vector<PartitionOffset> answers_;
};

}  // namespace

std::vector<PartitionOffset> FetchLogOffsets(AdminSession& session,
                                             std::span<const PartitionAt> partitions,
                                             OffsetSpec spec, Deadline deadline) {
  return Call(session, partitions, ToQuestion(spec)).Run(deadline);
}

std::vector<PartitionOffset> FetchOffsetsForTimes(AdminSession& session,
                                                  std::span<const PartitionTime> partitions,
                                                  Deadline deadline) {
  std::vector<PartitionAt> places;
  places.reserve(partitions.size());
  for (const PartitionTime& one : partitions) places.push_back(one.partition);
  return Call(session, places, {"offset by time", false, 0, partitions}).Run(deadline);
}

}  // namespace backlogd::kafka
