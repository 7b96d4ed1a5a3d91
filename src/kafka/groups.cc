#include "kafka/groups.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "kafka/batches.h"
#include "kafka/error_mapping.h"

namespace backlogd::kafka {
namespace {

constexpr std::size_t kGroupsPerCall = 100;  // librdkafka sends one or two requests for each
constexpr std::size_t kCallsPerBroker = 2;

GroupState ToState(rd_kafka_consumer_group_state_t state) {
  switch (state) {
    case RD_KAFKA_CONSUMER_GROUP_STATE_PREPARING_REBALANCE: return GroupState::kPreparingRebalance;
    case RD_KAFKA_CONSUMER_GROUP_STATE_COMPLETING_REBALANCE:
      return GroupState::kCompletingRebalance;
    case RD_KAFKA_CONSUMER_GROUP_STATE_STABLE: return GroupState::kStable;
    case RD_KAFKA_CONSUMER_GROUP_STATE_DEAD: return GroupState::kDead;
    case RD_KAFKA_CONSUMER_GROUP_STATE_EMPTY: return GroupState::kEmpty;
    default: return GroupState::kUnknown;
  }
}

GroupType ToType(rd_kafka_consumer_group_type_t type) {
  switch (type) {
    case RD_KAFKA_CONSUMER_GROUP_TYPE_CLASSIC: return GroupType::kClassic;
    case RD_KAFKA_CONSUMER_GROUP_TYPE_CONSUMER: return GroupType::kConsumer;
    default: return GroupType::kUnknown;
  }
}

Result<GroupListing> ReadListing(const std::string& subject, rd_kafka_event_t* event) {
  const auto* result = rd_kafka_event_ListConsumerGroups_result(event);
  std::size_t count = 0;
  // One broker was asked: an error, and what came with it is not its whole list.
  const rd_kafka_error_t** errors = rd_kafka_ListConsumerGroups_result_errors(result, &count);
  if (count > 0) {
    return MakeError(subject, rd_kafka_error_code(errors[0]), rd_kafka_error_string(errors[0]));
  }
  const auto** listed = rd_kafka_ListConsumerGroups_result_valid(result, &count);
  GroupListing listing;
  listing.groups.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    listing.groups.push_back({rd_kafka_ConsumerGroupListing_group_id(listed[i]),
                              ToType(rd_kafka_ConsumerGroupListing_type(listed[i])),
                              ToState(rd_kafka_ConsumerGroupListing_state(listed[i]))});
  }
  return listing;
}

// Partitions of one topic mostly stand together.
void AddAssignment(const rd_kafka_ConsumerGroupDescription_t* group, std::uint32_t member,
                   std::vector<TopicAssignment>& assignments) {
  const auto* assignment = rd_kafka_MemberDescription_assignment(
      rd_kafka_ConsumerGroupDescription_member(group, member));
  if (assignment == nullptr) return;
  const auto* partitions = rd_kafka_MemberAssignment_partitions(assignment);
  if (partitions == nullptr) return;
  for (int i = 0; i < partitions->cnt; ++i) {
    const rd_kafka_topic_partition_t& partition = partitions->elems[i];
    if (assignments.empty() || assignments.back().member != member ||
        assignments.back().topic != partition.topic) {
      assignments.push_back({partition.topic, {}, member});
    }
    assignments.back().partitions.push_back(partition.partition);
  }
}

std::string SubjectOf(std::string_view group) {
  return "group " + std::string(group) + ": describe";
}

Result<GroupDescription> ReadDescription(const rd_kafka_ConsumerGroupDescription_t* described) {
  const rd_kafka_error_t* error = rd_kafka_ConsumerGroupDescription_error(described);
  if (error != nullptr && rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return MakeError(SubjectOf(rd_kafka_ConsumerGroupDescription_group_id(described)),
                     rd_kafka_error_code(error), rd_kafka_error_string(error));
  }
  GroupDescription description;
  description.type = ToType(rd_kafka_ConsumerGroupDescription_type(described));
  description.state = ToState(rd_kafka_ConsumerGroupDescription_state(described));
  const char* assignor = rd_kafka_ConsumerGroupDescription_partition_assignor(described);
  if (assignor != nullptr) description.assignor = assignor;
  description.members =
      static_cast<std::uint32_t>(rd_kafka_ConsumerGroupDescription_member_count(described));
  for (std::uint32_t i = 0; i < description.members; ++i) {
    AddAssignment(described, i, description.assignments);
  }
  return description;
}

void SendDescribe(rd_kafka_t* handle, std::span<const GroupAt> groups, const Batch& batch,
                  const rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* queue) {
  std::vector<std::string> ids;
  ids.reserve(batch.members.size());
  for (const std::size_t member : batch.members) ids.emplace_back(groups[member].id);
  std::vector<const char*> texts;
  texts.reserve(ids.size());
  for (const std::string& id : ids) texts.push_back(id.c_str());
  rd_kafka_DescribeConsumerGroups(handle, texts.data(), texts.size(), options, queue);
}

// One broker's answers; what is wrong with one group says nothing about the others.
template <typename T>
void Keep(AdminSession& session, BrokerId broker, Result<T> seen, Result<T>& answer) {
  if (seen) {
    session.errors().Forget(broker);
    answer = std::move(seen);
  } else {
    answer = session.errors().Explain(broker, seen.error());
  }
}

void ReadDescriptions(AdminSession& session, std::span<const GroupAt> groups, const Batch& batch,
                      rd_kafka_event_t* event, std::vector<Result<GroupDescription>>& answers) {
  std::size_t count = 0;
  const auto** described = rd_kafka_DescribeConsumerGroups_result_groups(
      rd_kafka_event_DescribeConsumerGroups_result(event), &count);
  for (std::size_t i = 0; i < batch.members.size(); ++i) {
    const std::size_t member = batch.members[i];
    const std::string_view id = groups[member].id;
    // librdkafka keeps the order asked.
    if (i < count && rd_kafka_ConsumerGroupDescription_group_id(described[i]) == id) {
      Keep(session, batch.broker, ReadDescription(described[i]), answers[member]);
    } else {
      answers[member] = Error{ErrorKind::kOther, SubjectOf(id) + ": not in the answer"};
    }
  }
}

}  // namespace

std::vector<Result<GroupListing>> ListGroups(AdminSession& session,
                                             std::span<const BrokerId> brokers, Deadline deadline) {
  std::vector<Result<GroupListing>> answers(brokers.size(), Error{});
  AdminQuestions questions;
  questions.operation = RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS;
  questions.count = brokers.size();
  questions.broker = [&](std::size_t number) { return brokers[number]; };
  questions.subject = [&](std::size_t number) {
    return "broker " + std::to_string(brokers[number]) + ": list groups";
  };
  questions.send = [&](std::size_t, const rd_kafka_AdminOptions_t* options,
                       rd_kafka_queue_t* queue) {
    rd_kafka_ListConsumerGroups(session.handle(), options, queue);
  };
  questions.answer = [&](std::size_t number, const Result<EventPtr>& event) {
    if (event) {
      const std::string subject = questions.subject(number);
      Keep(session, brokers[number], ReadListing(subject, event->get()), answers[number]);
    } else {
      answers[number] = event.error();
    }
  };
  session.Ask(questions, deadline);
  return answers;
}

std::vector<Result<GroupDescription>> DescribeGroups(AdminSession& session,
                                                     std::span<const GroupAt> groups,
                                                     Deadline deadline) {
  std::vector<Result<GroupDescription>> answers(groups.size(), Error{});
  const std::vector<Batch> batches =
      BatchesByBroker(groups.size(), kGroupsPerCall,
                      [&](std::size_t member) { return groups[member].coordinator; });
  AdminQuestions questions;
  questions.operation = RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS;
  questions.count = batches.size();
  questions.window_per_broker = kCallsPerBroker;
  questions.broker = [&](std::size_t number) { return batches[number].broker; };
  questions.subject = [&](std::size_t number) {
    return "broker " + std::to_string(batches[number].broker) + ": describe groups";
  };
  questions.send = [&](std::size_t number, const rd_kafka_AdminOptions_t* options,
                       rd_kafka_queue_t* queue) {
    SendDescribe(session.handle(), groups, batches[number], options, queue);
  };
  questions.answer = [&](std::size_t number, const Result<EventPtr>& event) {
    const Batch& batch = batches[number];
    if (event) {
      ReadDescriptions(session, groups, batch, event->get(), answers);
    } else {
      for (const std::size_t member : batch.members) answers[member] = event.error();
    }
  };
  session.Ask(questions, deadline);
  return answers;
}

}  // namespace backlogd::kafka
