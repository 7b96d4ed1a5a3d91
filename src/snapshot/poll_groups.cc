// The steps of a poll that ask about consumer groups.

#include <algorithm>
#include <tuple>
#include <utility>

#include "snapshot/coordinator.h"
#include "snapshot/poll.h"

namespace backlogd::snapshot {
namespace {

// Each group with members is described in every third poll, so that no description is older.
constexpr std::uint64_t kDescribeEveryPolls = 3;

struct GroupAtBroker {
  Group group;
  kafka::BrokerId coordinator;
};

bool IsOfSameGroup(const GroupAtBroker& a, const GroupAtBroker& b) {
  return a.group.name == b.group.name;
}

// How many groups that are not listed any more are asked about in one poll.
constexpr std::size_t kConfirmed = 1000;
// A coordinator that knows a group and still does not list it has it as another type's.
constexpr std::uint32_t kAliveUnlisted = 2;

// A group that we may not look at any more is gone for us.
bool IsGone(const Result<kafka::GroupDescription>& answer, CollectorMemory::Group& memory) {
  if (!answer) {
    memory.alive_unlisted = 0;
    return answer.error().kind == ErrorKind::kUnauthorized;
  }
  return answer->state == kafka::GroupState::kDead || ++memory.alive_unlisted > kAliveUnlisted;
}

// False for a partition of a former topic of that name, which had more. Kafka numbers them from 0.
bool HasPartition(const Topic& topic, kafka::PartitionId partition) {
  return partition >= 0 &&
         (topic.partition_count == 0 || std::cmp_less(partition, topic.partition_count));
}

// One member's assignments stand together.
std::uint32_t MembersIn(std::span<const kafka::TopicAssignment> assignments) {
  std::uint32_t members = 0;
  for (std::size_t i = 0; i < assignments.size(); ++i) {
    if (i == 0 || assignments[i].member != assignments[i - 1].member) ++members;
  }
  return members;
}

template <typename T>
auto Place(const T& position) {
  return std::tie(position.topic, position.partition);
}

template <typename T>
void SortTail(std::vector<T>& positions, std::size_t first) {
  std::sort(positions.begin() + static_cast<std::ptrdiff_t>(first), positions.end(),
            [](const T& a, const T& b) { return Place(a) < Place(b); });
}

// What a member says that it is assigned is its own word: others may say the same.
template <typename T>
void KeepOnePerPlace(std::vector<T>& positions, std::size_t first) {
  positions.erase(
      std::unique(positions.begin() + static_cast<std::ptrdiff_t>(first), positions.end(),
                  [](const T& a, const T& b) { return Place(a) == Place(b); }),
      positions.end());
}

void SortOnce(std::vector<std::string>& names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
}

}  // namespace

void Poll::ListGroups(Deadline deadline) {
  std::vector<kafka::BrokerId> brokers;
  for (const kafka::Broker& broker : seen_.brokers) brokers.push_back(broker.id);
  TakeGroups(context_.client.ListGroups(brokers, deadline), brokers);
  FindUnlistedGroups(deadline);
}

void Poll::TakeGroups(std::vector<Result<kafka::GroupListing>> answers,
                      std::span<const kafka::BrokerId> brokers) {
  std::vector<GroupAtBroker> listed;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i]) {
      seen_.groups_complete = false;
      silent_.push_back(brokers[i]);
      AddFailure(Step::kListGroups, answers[i].error());
      continue;
    }
    for (kafka::ListedGroup& group : answers[i]->groups) {
      if (!IsWatched(group)) continue;
      Group taken;
      taken.name = std::move(group.id);
      taken.type = group.type;
      taken.state = group.state;
      taken.coordinator = brokers[i];
      listed.push_back({std::move(taken), brokers[i]});
    }
  }
  SortOnce(seen_.unwatched_groups);
  const auto comes_before = [this](const GroupAtBroker& a, const GroupAtBroker& b) {
    if (!IsOfSameGroup(a, b)) return a.group.name < b.group.name;
    return Doubt(a.group) < Doubt(b.group);
  };
  std::sort(listed.begin(), listed.end(), comes_before);
  listed.erase(std::unique(listed.begin(), listed.end(), IsOfSameGroup), listed.end());
  for (GroupAtBroker& group : listed) {
    CollectorMemory::Group& memory = context_.memory.groups[group.group.name];
    memory.listed_at = context_.memory.poll;
    memory.alive_unlisted = 0;
    memory.coordinator = group.coordinator;
    seen_.groups.push_back(std::move(group.group));
    coordinators_.push_back(group.coordinator);
  }
}

// While a coordinator moves, two brokers list a group. The former one still answers, with commits
// as they were: the leader of the group's partition comes first, then whoever knows the group's
// state.
std::tuple<bool, bool, kafka::BrokerId> Poll::Doubt(const Group& group) const {
  const bool is_led_elsewhere = CoordinatorOf(group.name, group.coordinator) != group.coordinator;
  return {is_led_elsewhere, group.state == kafka::GroupState::kUnknown, group.coordinator};
}

// A listed group that is Dead is being deleted.
bool Poll::IsWatched(const kafka::ListedGroup& group) {
  if (group.state == kafka::GroupState::kDead) return false;
  if (context_.selection.groups(group.id)) return true;
  seen_.unwatched_groups.push_back(group.id);
  return false;
}

// A coordinator that still loads its groups lists none of them, and says nothing of it. So a group
// that is not listed any more is gone only if its coordinator, asked about it, knows no such group.
void Poll::FindUnlistedGroups(Deadline deadline) {
  CollectorMemory& memory = context_.memory;
  std::vector<kafka::GroupAt> question = VanishedGroups();
  const std::size_t asked = std::min(question.size(), kConfirmed);
  std::vector<Result<kafka::GroupDescription>> answers;
  if (asked > 0) {
    answers = context_.client.DescribeGroups(std::span(question).first(asked), deadline);
  }
  for (std::size_t i = 0; i < question.size(); ++i) {
    const auto known = memory.groups.find(question[i].id);
    if (i < asked && IsGone(answers[i], known->second)) {
      memory.groups.erase(known);
      continue;
    }
    if (i < asked && !answers[i]) AddFailure(Step::kListGroups, answers[i].error());
    TakeUnlisted(known->first);
  }
  std::ranges::sort(seen_.unlisted_groups);
}

void Poll::TakeUnlisted(std::string_view group) {
  seen_.groups_complete = false;
  seen_.unlisted_groups.emplace_back(group);
}

// The groups to ask about. Those whose coordinator did not list any need no question.
std::vector<kafka::GroupAt> Poll::VanishedGroups() {
  std::vector<kafka::GroupAt> vanished;
  for (const auto& [name, memory] : context_.memory.groups) {
    if (memory.listed_at == context_.memory.poll) continue;
    const kafka::BrokerId coordinator = CoordinatorOf(name, memory.coordinator);
    const bool there = std::ranges::count(seen_.brokers, coordinator, &kafka::Broker::id) > 0;
    if (!there || std::ranges::count(silent_, coordinator) > 0) {
      TakeUnlisted(name);
    } else {
      vanished.push_back({name, coordinator});
    }
  }
  return vanished;
}

// As Kafka works it out, or the one that listed it if the offsets topic is not visible.
kafka::BrokerId Poll::CoordinatorOf(std::string_view group, kafka::BrokerId listed_by) const {
  if (offsets_leaders_.empty()) return listed_by;
  const auto partitions = static_cast<std::uint32_t>(offsets_leaders_.size());
  return offsets_leaders_[CoordinatorPartition(group, partitions)];
}

void Poll::ReadCommitted(Deadline deadline) {
  std::vector<kafka::GroupAt> question;
  for (std::size_t i = 0; i < seen_.groups.size(); ++i) {
    question.push_back({seen_.groups[i].name, coordinators_[i]});
  }
  if (question.empty()) return;
  context_.client.FetchCommitted(question, deadline, [&](std::size_t index, const auto& offsets) {
    if (offsets) {
      TakeCommitted(seen_.groups[index], *offsets);
    } else {
      const Error& error = offsets.error();
      seen_.groups[index].committed_refused = error.kind == ErrorKind::kUnauthorized;
      AddFailure(Step::kCommittedOffsets, error);
    }
  });
}

void Poll::TakeCommitted(Group& group, std::span<const kafka::CommittedOffset> offsets) {
  const std::size_t first = seen_.committed.size();
  const auto& wants_texts = context_.selection.commit_texts;
  const bool with_texts = wants_texts && wants_texts(group.name);
  for (const kafka::CommittedOffset& offset : offsets) {
    // Without an index the topic is not watched, or was deleted: no lag can be said of it.
    const auto topic = FindTopic(offset.topic);
    if (!topic || !HasPartition(seen_.topics[*topic], offset.partition)) continue;
    seen_.committed.push_back({*topic, offset.partition, offset.offset});
    if (!with_texts || offset.metadata.empty()) continue;
    group.commit_texts.push_back({*topic, offset.partition, std::string(offset.metadata)});
  }
  SortTail(seen_.committed, first);
  SortTail(group.commit_texts, 0);
  group.committed_known = true;
  group.first_committed = static_cast<std::uint32_t>(first);
  group.committed_count = static_cast<std::uint32_t>(seen_.committed.size() - first);
}

// Indexes of the groups to describe now: those that changed, and the others in turn. A group that
// is Empty has no members, which needs no asking.
std::vector<std::size_t> Poll::GroupsInTurn() {
  const std::uint64_t poll = context_.memory.poll;
  std::vector<std::size_t> turn;
  for (std::size_t i = 0; i < seen_.groups.size(); ++i) {
    Group& group = seen_.groups[i];
    CollectorMemory::Group& memory = context_.memory.groups[group.name];
    const bool changed =
        memory.describe_at == 0 || memory.state != group.state || memory.type != group.type;
    memory.type = group.type;
    memory.state = group.state;
    if (group.state == kafka::GroupState::kEmpty) {
      group.described = true;
      memory.describe_at = 0;
    } else if (changed || memory.describe_at <= poll) {
      turn.push_back(i);
    }
  }
  return turn;
}

void Poll::DescribeGroups(Deadline deadline) {
  const std::vector<std::size_t> turn = GroupsInTurn();
  std::vector<kafka::GroupAt> question;
  for (std::size_t index : turn) {
    question.push_back({seen_.groups[index].name, coordinators_[index]});
  }
  if (question.empty()) return;
  const auto answers = context_.client.DescribeGroups(question, deadline);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    Group& group = seen_.groups[turn[i]];
    CollectorMemory::Group& memory = context_.memory.groups[group.name];
    if (!answers[i]) {
      AddFailure(Step::kDescribeGroups, answers[i].error());
      memory.describe_at = context_.memory.poll + 1;
      continue;
    }
    // The first turn comes early for some, so that the turns spread over the polls.
    const std::uint64_t pause =
        memory.describe_at == 0 ? 1 + turn[i] % kDescribeEveryPolls : kDescribeEveryPolls;
    memory.describe_at = context_.memory.poll + pause;
    TakeDescription(group, *answers[i]);
  }
  // Described as Dead: gone, or of a type that is not a consumer group's (see kafka-client facts).
  std::erase_if(seen_.groups, [](const Group& group) {
    return group.described && group.state == kafka::GroupState::kDead;
  });
}

void Poll::TakeDescription(Group& group, const kafka::GroupDescription& description) {
  group.described = true;
  group.members = description.members;
  group.empty_members =
      description.members - std::min(description.members, MembersIn(description.assignments));
  group.assignor = description.assignor;
  if (description.state == kafka::GroupState::kDead && description.members == 0) {
    group.state = kafka::GroupState::kDead;
  }
  const std::size_t first = seen_.assigned.size();
  for (const kafka::TopicAssignment& assignment : description.assignments) {
    const auto topic = FindTopic(assignment.topic);
    if (!topic) continue;
    for (kafka::PartitionId partition : assignment.partitions) {
      if (!HasPartition(seen_.topics[*topic], partition)) continue;
      seen_.assigned.push_back({*topic, partition, assignment.member});
    }
  }
  SortTail(seen_.assigned, first);
  KeepOnePerPlace(seen_.assigned, first);
  group.first_assigned = static_cast<std::uint32_t>(first);
  group.assigned_count = static_cast<std::uint32_t>(seen_.assigned.size() - first);
}

}  // namespace backlogd::snapshot
