#include "exposition/series_budget.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>
#include <vector>

namespace backlogd::exposition {
namespace {

using analysis::DeadLetterReport;
using analysis::GroupReport;
using analysis::GroupTopicReport;
using analysis::LagReport;
using analysis::TopicReport;
using Level = DetailLevels::Level;

// Most series that one thing of each kind has.
struct Cost {
  std::uint64_t cluster = 0;
  std::uint64_t broker = 0;
  std::uint64_t topic = 0;
  std::uint64_t topic_partition = 0;
  std::uint64_t group = 0;
  std::uint64_t group_topic = 0;
  std::uint64_t pair = 0;
  std::uint64_t full_pair = 0;  // with detail full, beside
  // Each partition of a topic that the group has commits on, committed or not.
  std::uint64_t read_partition = 0;
};

constexpr std::uint64_t kOfCluster = 5;
constexpr std::uint64_t kStepFamilies = 2;
constexpr Cost kOurs = {
    kOfCluster + kStepFamilies * snapshot::kStepCount + kDroppableCount, 2, 7, 3, 18, 5, 3, 2, 0};
// By Peer.
constexpr std::array<Cost, kPeers.size()> kTheirs = {
    Cost{1, 1, 1, 7, 1, 2, 0, 0, 2}, Cost{2, 1, 3, 2, 3, 4, 1, 0, 0},
    Cost{3, 0, 0, 2, 4, 1, 3, 3, 0}, Cost{0, 0, 0, 2, 4, 0, 7, 0, 0}};

Cost CostWith(const Compatibility& compatibility) {
  Cost sum = kOurs;
  for (const Peer peer : kPeers) {
    if (!compatibility.Has(peer)) continue;
    const Cost& more = kTheirs[static_cast<std::size_t>(peer)];
    sum.cluster += more.cluster;
    sum.broker += more.broker;
    sum.topic += more.topic;
    sum.topic_partition += more.topic_partition;
    sum.group += more.group;
    sum.group_topic += more.group_topic;
    sum.pair += more.pair;
    sum.full_pair += more.full_pair;
    sum.read_partition += more.read_partition;
  }
  return sum;
}

std::uint64_t MostOf(const DeadLetterReport& queue) {
  constexpr std::uint64_t kOfQueue = 6;
  return kOfQueue + queue.handled.size() + queue.pending.size() +
         queue.classified.size() * deadletters::kReasonCount;
}

std::uint64_t MostOf(const TopicReport& topic, Level level, const Cost& cost) {
  return level < Level::kPartition ? 0 : topic.partition_count * cost.topic_partition;
}

std::uint64_t MostOf(const LagReport& report, const GroupTopicReport& read, Level level,
                     const Cost& cost) {
  std::uint64_t most = 0;
  if (level >= Level::kTopic) most += cost.group_topic;
  if (level >= Level::kPartition) {
    most += read.pair_count * cost.pair;
    most += report.topics[read.topic].partition_count * cost.read_partition;
  }
  if (level >= Level::kFull) most += read.pair_count * cost.full_pair;
  return most;
}

std::uint64_t Most(const Rendering& r, const Cost& cost) {
  const LagReport& report = r.report;
  const std::size_t brokers = std::max(report.brokers.size(), report.client_statistics.size());
  std::uint64_t most = cost.cluster + brokers * cost.broker + report.topics.size() * cost.topic +
                       report.groups.size() * cost.group;
  for (std::size_t i = 0; i < report.topics.size(); ++i) {
    most += MostOf(report.topics[i], r.topic_levels[i], cost);
  }
  for (std::size_t i = 0; i < report.group_topics.size(); ++i) {
    most += MostOf(report, report.group_topics[i], r.levels[i], cost);
  }
  for (const DeadLetterReport& queue : report.dead_letters) most += MostOf(queue);
  return most;
}

// The places of `sizes`, that of the largest first.
std::vector<std::size_t> LargestFirst(const std::vector<std::uint64_t>& sizes) {
  std::vector<std::size_t> places(sizes.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  const auto power = [&sizes](std::size_t place) { return std::bit_width(sizes[place]); };
  std::ranges::stable_sort(places, std::ranges::greater(), power);
  return places;
}

std::vector<std::size_t> LargestGroups(const LagReport& report) {
  std::vector<std::uint64_t> pairs;
  for (const GroupReport& group : report.groups) {
    std::uint64_t sum = 0;
    for (std::size_t i = group.first_topic; i < group.first_topic + group.topic_count; ++i) {
      sum += report.group_topics[i].pair_count;
    }
    pairs.push_back(sum);
  }
  return LargestFirst(pairs);
}

std::vector<std::size_t> LargestTopics(const LagReport& report) {
  std::vector<std::uint64_t> partitions;
  for (const TopicReport& topic : report.topics) partitions.push_back(topic.partition_count);
  return LargestFirst(partitions);
}

// Lowers the group's levels to `level` where they are higher; returns what that saves.
std::uint64_t LowerGroup(const GroupReport& group, Level level, const Cost& cost, Rendering& r) {
  std::uint64_t saved = 0;
  for (std::size_t i = group.first_topic; i < group.first_topic + group.topic_count; ++i) {
    if (r.levels[i] <= level) continue;
    const GroupTopicReport& read = r.report.group_topics[i];
    saved += MostOf(r.report, read, r.levels[i], cost) - MostOf(r.report, read, level, cost);
    r.levels[i] = level;
  }
  return saved;
}

std::uint64_t LowerTopic(std::size_t topic, const Cost& cost, Rendering& r) {
  const std::uint64_t saved = MostOf(r.report.topics[topic], r.topic_levels[topic], cost);
  r.topic_levels[topic] = std::min(r.topic_levels[topic], Level::kTopic);
  return saved;
}

// Calls `lower(place)`, which returns what it saved, until nothing is too much; returns the sum.
template <typename Lower>
std::uint64_t LowerInTurn(const std::vector<std::size_t>& places, std::uint64_t too_many,
                          Lower lower) {
  std::uint64_t saved = 0;
  for (const std::size_t place : places) {
    if (saved >= too_many) break;
    saved += lower(place);
  }
  return saved;
}

}  // namespace

std::string_view ToText(Droppable kind) {
  switch (kind) {
    case Droppable::kFull: return "full";
    case Droppable::kGroupPartition: return "group_partition";
    case Droppable::kTopicPartition: return "topic_partition";
    case Droppable::kGroupTopic: return "group_topic";
  }
  return "";
}

std::uint64_t MostSeries(const Rendering& r, const Compatibility& compatibility) {
  return Most(r, CostWith(compatibility));
}

void KeepToBudget(const Compatibility& compatibility, Rendering& r) {
  const std::uint64_t budget = r.detail.SeriesBudget();
  if (budget == 0) return;
  const Cost cost = CostWith(compatibility);
  const std::uint64_t most = Most(r, cost);
  if (most <= budget) return;

  std::uint64_t too_many = most - budget;
  const auto drop = [&](Droppable kind, const std::vector<std::size_t>& places, auto lower) {
    const std::uint64_t saved = LowerInTurn(places, too_many, lower);
    r.dropped[static_cast<std::size_t>(kind)] = saved;
    too_many -= std::min(saved, too_many);
  };
  const auto group_to = [&](Level level) {
    return [&r, &cost, level](std::size_t group) {
      return LowerGroup(r.report.groups[group], level, cost, r);
    };
  };
  const auto topic = [&](std::size_t place) { return LowerTopic(place, cost, r); };
  const std::vector<std::size_t> groups = LargestGroups(r.report);
  drop(Droppable::kFull, groups, group_to(Level::kPartition));
  drop(Droppable::kGroupPartition, groups, group_to(Level::kTopic));
  drop(Droppable::kTopicPartition, LargestTopics(r.report), topic);
  drop(Droppable::kGroupTopic, groups, group_to(Level::kGroup));
}

}  // namespace backlogd::exposition
