// What the history says now of the cluster and its topics.

#include "analysis/reporting.h"

namespace backlogd::analysis {
namespace {

void AddTopic(const TopicHistory& topic, Reporting& r) {
  TopicReport out;
  out.name = topic.name;
  out.first_partition = static_cast<std::uint32_t>(r.report.partitions.size());
  out.partition_count = static_cast<std::uint32_t>(topic.partitions.size());
  if (topic.config && topic.config->deletes) out.retention = topic.config->retention_ms;
  if (topic.config) out.cleanup_policy = topic.config->cleanup_policy;
  StrictSum retained;
  bool produced_known = true;
  for (const PartitionHistory& partition : topic.partitions) {
    if (partition.leader == kafka::kNoBroker) ++out.partitions_without_leader;
    if (partition.under_replicated) ++out.partitions_under_replicated;
    PartitionReport log;
    log.topic = static_cast<TopicIndex>(r.report.topics.size());
    log.partition = partition.partition;
    log.leader = partition.leader;
    log.preferred_leader = partition.preferred_leader;
    log.replicas = partition.replicas;
    log.in_sync_replicas = partition.in_sync_replicas;
    log.start = r.Serve(partition.start.offset, partition.start.seen_at);
    log.last_stable = r.Serve(partition.last_stable.offset, partition.last_stable.seen_at);
    log.end = r.Serve(partition.end.offset, partition.end.seen_at);
    const bool known = log.start != kUnknown && log.end != kUnknown;
    produced_known = produced_known && log.end != kUnknown;
    // A carried end may be older than the start.
    retained.Add(known ? std::max<std::int64_t>(0, log.end - log.start) : kUnknown);
    r.report.partitions.push_back(log);
  }
  out.retained_records = retained.value();
  if (produced_known) out.records_produced = static_cast<std::int64_t>(topic.records_produced);
  r.report.topics.push_back(std::move(out));
}

void CountTopicGroups(Reporting& r) {
  if (!r.history.groups_complete) return;  // one that nobody listed might read any topic
  for (const GroupHistory& group : r.history.groups) {
    // So might one whose commits are not known.
    if (!IsFresh(group.committed_at, r.history.poll)) return;
  }
  for (TopicReport& topic : r.report.topics) topic.groups = 0;
  for (const GroupHistory& group : r.history.groups) {
    if (group.is_own) continue;
    const PairHistory* last = nullptr;
    for (const PairHistory& pair : group.pairs) {
      if (last == nullptr || last->topic != pair.topic) ++r.report.topics[pair.topic].groups;
      last = &pair;
    }
  }
}

}  // namespace

void Report(const LagHistory& history, LagReport& report) {
  Reporting r{history, report};
  report.cluster_id = history.cluster_id;
  report.brokers = history.brokers;
  for (const TopicHistory& topic : history.topics) AddTopic(topic, r);
  CountTopicGroups(r);
  ReportGroups(r);
}

}  // namespace backlogd::analysis
