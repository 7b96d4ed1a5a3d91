#include "kafka/committed_offsets.h"

#include <optional>
#include <utility>

#include "kafka/error_mapping.h"

namespace backlogd::kafka {
namespace {

constexpr int kGiantPartitions = 2000;
constexpr std::size_t kChunk = 500;
constexpr int kGiantUses = 3;                // of a remembered list: new commits are seen by then
constexpr std::uint64_t kUnusedCalls = 100;  // then a giant's list is forgotten

std::string SubjectOf(std::string_view group) {
  return "group " + std::string(group) + ": committed offsets";
}

std::string SubjectOf(std::string_view group, const rd_kafka_topic_partition_t& partition) {
  return SubjectOf(group) + ": " + partition.topic + "/" + std::to_string(partition.partition);
}

const rd_kafka_group_result_t* GroupIn(rd_kafka_event_t* event) {
  std::size_t count = 0;
  const auto** groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
      rd_kafka_event_ListConsumerGroupOffsets_result(event), &count);
  return count == 1 ? groups[0] : nullptr;
}

std::string_view MetadataOf(const rd_kafka_topic_partition_t& partition) {
  if (partition.metadata == nullptr) return {};
  return {static_cast<const char*>(partition.metadata), partition.metadata_size};
}

// Adds the commits in one answer to `offsets`. An error of one partition is one of the group: what
// is left would look like a group that has no other commits.
std::optional<Error> ReadOffsets(std::string_view group, rd_kafka_event_t* event,
                                 std::vector<CommittedOffset>& offsets) {
  const rd_kafka_group_result_t* result = GroupIn(event);
  if (result == nullptr) return Error{ErrorKind::kOther, SubjectOf(group) + ": empty answer"};
  if (const rd_kafka_error_t* error = rd_kafka_group_result_error(result)) {
    return MakeError(SubjectOf(group), rd_kafka_error_code(error), rd_kafka_error_string(error));
  }
  const rd_kafka_topic_partition_list_t* list = rd_kafka_group_result_partitions(result);
  if (list == nullptr) return std::nullopt;
  offsets.reserve(offsets.size() + static_cast<std::size_t>(list->cnt));
  for (int i = 0; i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& partition = list->elems[i];
    if (partition.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return MakeError(SubjectOf(group, partition), partition.err);
    }
    if (partition.offset < 0) continue;  // nothing committed
    offsets.push_back(
        {partition.topic, partition.partition, partition.offset, MetadataOf(partition)});
  }
  return std::nullopt;
}

}  // namespace

std::vector<TopicPartitionListPtr> Chunks(const rd_kafka_topic_partition_list_t& all,
                                          std::size_t size) {
  std::vector<TopicPartitionListPtr> chunks;
  for (int i = 0; i < all.cnt; ++i) {
    if (static_cast<std::size_t>(i) % size == 0) {
      chunks.emplace_back(rd_kafka_topic_partition_list_new(static_cast<int>(size)));
    }
    rd_kafka_topic_partition_list_add(chunks.back().get(), all.elems[i].topic,
                                      all.elems[i].partition);
  }
  return chunks;
}

// One Fetch(): one request for a group, or one for each chunk of a giant group.
class CommittedOffsets::Call {
 public:
  Call(CommittedOffsets& memory, AdminSession& session, std::span<const GroupAt> groups,
       const CommittedSink& sink)
      : memory_(memory), session_(session), groups_(groups), sink_(sink), answers_(groups.size()) {
    for (std::size_t index = 0; index < groups.size(); ++index) AddRequests(index);
  }

  void Run(Deadline deadline) {
    AdminQuestions questions;
    questions.operation = RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS;
    questions.count = requests_.size();
    questions.broker = [this](std::size_t number) {
      return groups_[requests_[number].index].coordinator;
    };
    questions.subject = [this](std::size_t number) {
      return SubjectOf(groups_[requests_[number].index].id);
    };
    questions.send = [this](std::size_t number, const rd_kafka_AdminOptions_t* options,
                            rd_kafka_queue_t* queue) { Send(requests_[number], options, queue); };
    questions.answer = [this](std::size_t number, Result<EventPtr> event) {
      Accept(requests_[number], std::move(event));
    };
    session_.Ask(questions, deadline);
  }

 private:
  struct Request {
    std::size_t index;                             // of the group
    const rd_kafka_topic_partition_list_t* chunk;  // null: all that the group has
  };
  struct Answer {
    std::size_t open = 0;          // requests not answered yet
    std::vector<EventPtr> events;  // own the topics' text until all are there
    std::optional<Error> error;
  };

  void AddRequests(std::size_t index) {
    const auto giant = memory_.giants_.find(groups_[index].id);
    if (giant == memory_.giants_.end()) {
      requests_.push_back({index, nullptr});
      answers_[index].open = 1;
      return;
    }
    giant->second.last_call = memory_.calls_;
    if (--giant->second.uses_left <= 0) {
      requests_.push_back({index, nullptr});
      answers_[index].open = 1;
      return;
    }
    for (const TopicPartitionListPtr& chunk : giant->second.chunks) {
      requests_.push_back({index, chunk.get()});
    }
    answers_[index].open = giant->second.chunks.size();
  }

  void Send(const Request& request, const rd_kafka_AdminOptions_t* options,
            rd_kafka_queue_t* queue) {
    const std::string group(groups_[request.index].id);
    const GroupOffsetsQuestionPtr question(
        rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), request.chunk));
    rd_kafka_ListConsumerGroupOffsets_t* one = question.get();
    rd_kafka_ListConsumerGroupOffsets(session_.handle(), &one, 1, options, queue);
  }

  void Accept(const Request& request, Result<EventPtr> event) {
    Answer& answer = answers_[request.index];
    if (event) {
      session_.errors().Forget(groups_[request.index].coordinator);
      answer.events.push_back(std::move(*event));
    } else if (!answer.error) {
      answer.error = event.error();
    }
    if (--answer.open == 0) Finish(request, answer);
  }

  void Finish(const Request& request, Answer& answer) {
    const std::string_view group = groups_[request.index].id;
    offsets_.clear();
    for (std::size_t i = 0; i < answer.events.size() && !answer.error; ++i) {
      answer.error = ReadOffsets(group, answer.events[i].get(), offsets_);
    }
    if (answer.error) {
      sink_(request.index, *answer.error);
    } else {
      Learn(request, answer);
      sink_(request.index, std::span<const CommittedOffset>(offsets_));
    }
    answer.events.clear();
  }

  void Learn(const Request& request, const Answer& answer) {
    const std::string_view group = groups_[request.index].id;
    if (request.chunk == nullptr) {
      memory_.Remember(group, rd_kafka_group_result_partitions(GroupIn(answer.events[0].get())));
      return;
    }
    const auto giant = memory_.giants_.find(group);
    std::size_t asked = 0;
    for (const auto& chunk : giant->second.chunks) asked += static_cast<std::size_t>(chunk->cnt);
    if (offsets_.size() < asked) giant->second.uses_left = 0;  // a commit expired or was deleted
  }

  CommittedOffsets& memory_;
  AdminSession& session_;
  const std::span<const GroupAt> groups_;
  const CommittedSink& sink_;
  std::vector<Request> requests_;
  std::vector<Answer> answers_;
  std::vector<CommittedOffset> offsets_;  // reused for each group
};

void CommittedOffsets::Fetch(AdminSession& session, std::span<const GroupAt> groups,
                             Deadline deadline, const CommittedSink& sink) {
  ++calls_;
  Call(*this, session, groups, sink).Run(deadline);
  ForgetUnused();
}

void CommittedOffsets::Remember(std::string_view group,
                                const rd_kafka_topic_partition_list_t* all) {
  const auto old = giants_.find(group);
  if (all == nullptr || all->cnt <= kGiantPartitions) {
    if (old != giants_.end()) giants_.erase(old);
    return;
  }
  Giant& giant = old != giants_.end() ? old->second : giants_[std::string(group)];
  giant.chunks = Chunks(*all, kChunk);
  giant.uses_left = kGiantUses;
  giant.last_call = calls_;
}

void CommittedOffsets::ForgetUnused() {
  std::erase_if(giants_,
                [&](const auto& entry) { return entry.second.last_call + kUnusedCalls < calls_; });
}

}  // namespace backlogd::kafka
