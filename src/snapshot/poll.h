#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "snapshot/collector.h"

// The inside of Collector: one poll, step by step.
namespace backlogd::snapshot {

// Lets an unordered_map<std::string, ...> be searched with a string_view.
struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const {
    return std::hash<std::string_view>()(name);
  }
};
template <typename T>
using NameMap = std::unordered_map<std::string, T, NameHash, std::equal_to<>>;

// What decides what the next poll asks. Polls are numbered from 1.
struct CollectorMemory {
  struct Group {
    kafka::GroupType type = kafka::GroupType::kUnknown;
    kafka::GroupState state = kafka::GroupState::kUnknown;
    std::uint64_t describe_at = 0;  // poll in which it is next described
    std::uint64_t listed_at = 0;
    std::uint32_t alive_unlisted = 0;  // polls in a row that could describe but not list it
    kafka::BrokerId coordinator = kafka::kNoBroker;  // that listed it
  };
  struct Topic {
    std::optional<kafka::TopicId> id;
    std::optional<kafka::TopicConfig> config;
    std::uint64_t id_asked_at = 0;  // 0: never, so ask first
    std::uint64_t config_asked_at = 0;
    std::uint64_t seen_at = 0;
    kafka::Offset start_sum = -1;  // over all its partitions; -1: not known
    kafka::Offset end_sum = -1;
  };
  std::uint64_t poll = 0;
  NameMap<Group> groups;
  NameMap<Topic> topics;
};

// Counts `count` questions of `step` that failed for one reason with those before them.
void AddFailure(std::vector<Failure>& failures, Step step, const Error& error,
                std::uint64_t count = 1);

// One run through the steps. Lives for one call of Collector::Collect.
class Poll {
 public:
  struct Context {
    kafka::KafkaClient& client;
    const Selection& selection;
    const SteadyClock& clock;
    CollectorMemory& memory;
    Deadline deadline;
  };
  explicit Poll(const Context& context) : context_(context), begin_(context.clock()) {}

  ClusterSnapshot Run(WallTime now);

 private:
  using OffsetMember = kafka::Offset PartitionLog::*;
  using AskedAt = std::uint64_t CollectorMemory::Topic::*;

  // Gives `ask` a share of what is left of the budget, and notes how the step went.
  void RunStep(Step step, double share, const std::function<void(Deadline)>& ask);
  void AddFailure(Step step, const Error& error, std::uint64_t count = 1) {
    snapshot::AddFailure(seen_.failures, step, error, count);
  }

  // poll_topics.cc: what there is, and what is known about it
  void ReadMetadata(Deadline deadline);
  void TakeTopics(std::vector<kafka::TopicMetadata> topics);
  void NoteUnlistedCoordinators(const kafka::TopicMetadata& offsets_topic);
  void ReadLogOffsets(OffsetMember member, kafka::OffsetSpec spec, Step step, Deadline deadline);
  void NoteShrunkLogs();
  void DescribeTopics(Deadline deadline);
  void DescribeTopicConfigs(Deadline deadline);
  std::vector<std::string_view> TopicsInTurn(AskedAt asked_at) const;
  CollectorMemory::Topic& MemoryOf(std::string_view topic);

  // poll_groups.cc: who reads it, and how far they are
  void ListGroups(Deadline deadline);
  void TakeGroups(std::vector<Result<kafka::GroupListing>> answers,
                  std::span<const kafka::BrokerId> brokers);
  bool IsWatched(const kafka::ListedGroup& group);
  void FindUnlistedGroups(Deadline deadline);
  std::vector<kafka::GroupAt> VanishedGroups();
  std::tuple<bool, bool, kafka::BrokerId> Doubt(const Group& group) const;
  kafka::BrokerId CoordinatorOf(std::string_view group, kafka::BrokerId listed_by) const;
  void TakeUnlisted(std::string_view group);
  void ReadCommitted(Deadline deadline);
  void TakeCommitted(Group& group, std::span<const kafka::CommittedOffset> offsets);
  void DescribeGroups(Deadline deadline);
  std::vector<std::size_t> GroupsInTurn();
  void TakeDescription(Group& group, const kafka::GroupDescription& description);
  std::optional<TopicIndex> FindTopic(std::string_view name);

  void ForgetVanishedTopics();

  const Context context_;
  const Deadline begin_;
  ClusterSnapshot seen_;
  std::vector<kafka::BrokerId> coordinators_;     // of seen_.groups, in their order
  std::vector<kafka::BrokerId> offsets_leaders_;  // of __consumer_offsets; empty if not visible
  std::vector<kafka::BrokerId> silent_;           // brokers that did not list their groups
  std::vector<kafka::PartitionAt> log_question_;  // seen_.partitions, in their order
  std::unordered_map<std::string_view, TopicIndex> topic_index_;
  std::optional<TopicIndex> last_found_;  // commits come topic by topic: mostly this one again
};

}  // namespace backlogd::snapshot
