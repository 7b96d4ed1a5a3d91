#include "kafka/group_session.h"

#include <algorithm>
#include <optional>
#include <string>

#include "kafka/error_mapping.h"

namespace backlogd::kafka {
namespace {

using std::chrono::milliseconds;

// librdkafka sends the question anew in each slice, so that one must be longer than an answer
// takes.
constexpr milliseconds kSlice{1000};
constexpr milliseconds kPause{50};

std::string NameOf(std::string_view topic, PartitionId partition) {
  return std::string(topic) + "/" + std::to_string(partition);
}

GroupPosition ToPosition(const rd_kafka_topic_partition_t& seen) {
  GroupPosition position;
  if (seen.offset < 0) return position;
  position.offset = seen.offset;
  if (seen.metadata != nullptr) {
    position.metadata.assign(static_cast<const char*>(seen.metadata), seen.metadata_size);
  }
  return position;
}

// One FetchGroupPositions().
class PositionsCall {
 public:
  PositionsCall(AdminSession& session, const WriterNames& names,
                std::span<const TopicPartition> partitions)
      : session_(session),
        names_(names),
        partitions_(partitions),
        subject_("group " + names.group + ": committed offsets") {}

  Result<std::vector<GroupPosition>> Run(Deadline deadline) {
    while (!session_.interrupted() && TimeLeft(deadline).count() > 0) {
      const TopicPartitionListPtr list = Question();
      const auto slice = static_cast<int>(std::min(kSlice, TimeLeft(deadline)).count());
      rd_kafka_resp_err_t code = rd_kafka_committed(session_.handle(), list.get(), slice);
      session_.Drain();
      if (IsGroupRefused()) code = RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED;
      if (code == RD_KAFKA_RESP_ERR_NO_ERROR) code = FirstError(*list);
      if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return Read(*list);
      if (!IsPassing(code)) {
        return MakeWriterError(subject_, code, nullptr, names_, {TopicRight::kRead, topics_});
      }
      session_.WaitUntil(std::min(deadline, std::chrono::steady_clock::now() + kPause));
    }
    if (session_.interrupted()) return Interrupted(subject_);
    Error error = MakeError(subject_, RD_KAFKA_RESP_ERR__TIMED_OUT);
    return session_.errors().Explain(kNoBroker, std::move(error));
  }

 private:
  TopicPartitionListPtr Question() const {
    TopicPartitionListPtr list(
        rd_kafka_topic_partition_list_new(static_cast<int>(partitions_.size())));
    for (const TopicPartition& one : partitions_) {
      rd_kafka_topic_partition_list_add(list.get(), std::string(one.topic).c_str(), one.partition);
    }
    return list;
  }

  // librdkafka tells that as an error of the consumer; the question itself goes on waiting.
  bool IsGroupRefused() {
    bool refused = false;
    while (const MessagePtr said{rd_kafka_consumer_poll(session_.handle(), 0)}) {
      refused = refused || said->err == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED;
    }
    return refused;
  }

  rd_kafka_resp_err_t FirstError(const rd_kafka_topic_partition_list_t& list) {
    const std::span answers(list.elems, static_cast<std::size_t>(list.cnt));
    const auto failed = std::find_if(answers.begin(), answers.end(), [](const auto& one) {
      return one.err != RD_KAFKA_RESP_ERR_NO_ERROR;
    });
    if (failed == answers.end()) return RD_KAFKA_RESP_ERR_NO_ERROR;
    topics_ = {failed->topic};
    return failed->err;
  }

  // The list keeps the order asked.
  static std::vector<GroupPosition> Read(const rd_kafka_topic_partition_list_t& list) {
    std::vector<GroupPosition> positions;
    for (int i = 0; i < list.cnt; ++i) positions.push_back(ToPosition(list.elems[i]));
    return positions;
  }

  AdminSession& session_;
  const WriterNames& names_;
  const std::span<const TopicPartition> partitions_;
  const std::string subject_;
  std::set<std::string, std::less<>> topics_;  // that the last error is about
};

// What an answer says of the one partition asked about.
rd_kafka_resp_err_t DeletionError(rd_kafka_event_t* event) {
  const auto* list =
      rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event));
  if (list == nullptr || list->cnt != 1) return RD_KAFKA_RESP_ERR__FAIL;
  return list->elems[0].err;
}

}  // namespace

Result<std::vector<GroupPosition>> FetchGroupPositions(AdminSession& session,
                                                       const WriterNames& names,
                                                       std::span<const TopicPartition> partitions,
                                                       Deadline deadline) {
  if (partitions.empty()) return std::vector<GroupPosition>();
  return PositionsCall(session, names, partitions).Run(deadline);
}

std::vector<std::optional<Error>> DeleteRecordsBefore(AdminSession& session,
                                                      const WriterNames& names,
                                                      std::span<const GroupCommit> partitions,
                                                      Deadline deadline) {
  std::vector<std::optional<Error>> answers(partitions.size());
  const auto subject = [&](std::size_t number) {
    const TopicPartition& partition = partitions[number].partition;
    return NameOf(partition.topic, partition.partition) + ": deletion of records";
  };
  AdminQuestions questions;
  questions.operation = RD_KAFKA_ADMIN_OP_DELETERECORDS;
  questions.count = partitions.size();
  questions.routed = false;  // librdkafka finds the leader
  questions.broker = [](std::size_t) { return kNoBroker; };
  questions.subject = subject;
  questions.send = [&](std::size_t number, const rd_kafka_AdminOptions_t* options,
                       rd_kafka_queue_t* queue) {
    const GroupCommit& one = partitions[number];
    const TopicPartitionListPtr list(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(list.get(), std::string(one.partition.topic).c_str(),
                                      one.partition.partition)
        ->offset = one.offset;
    const DeleteRecordsPtr deletion(rd_kafka_DeleteRecords_new(list.get()));
    rd_kafka_DeleteRecords_t* request = deletion.get();
    rd_kafka_DeleteRecords(session.handle(), &request, 1, options, queue);
  };
  questions.answer = [&](std::size_t number, const Result<EventPtr>& event) {
    if (!event) {
      answers[number] = event.error();
      return;
    }
    const rd_kafka_resp_err_t code = DeletionError(event->get());
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    answers[number] =
        MakeWriterError(subject(number), code, nullptr, names,
                        {TopicRight::kDelete, {std::string(partitions[number].partition.topic)}});
  };
  session.Ask(questions, deadline);
  return answers;
}

}  // namespace backlogd::kafka
