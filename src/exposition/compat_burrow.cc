// The page of Burrow (linkedin), and that of burrow_exporter (jirwin), which reads Burrow.

#include "exposition/compat_rendering.h"

namespace backlogd::exposition {
namespace {

using analysis::GroupReport;
using analysis::GroupTopicReport;
using analysis::PairReport;
using analysis::PartitionReport;
using analysis::Status;

// Burrow's statuses, by number.
enum class BurrowStatus { kOk = 1, kWarn, kError, kStop, kStall, kRewind };

BurrowStatus OfPartition(Status status) {
  switch (status) {
    case Status::kOk:
    case Status::kCatchingUp: return BurrowStatus::kOk;
    case Status::kFallingBehind: return BurrowStatus::kWarn;
    case Status::kRewound: return BurrowStatus::kRewind;
    case Status::kStalled: return BurrowStatus::kStall;
    case Status::kStopped: return BurrowStatus::kStop;
    case Status::kNotCommitting:
    case Status::kLosingData: break;
  }
  return BurrowStatus::kError;  // which Burrow has no word for
}

// A group is OK, or WARN, or ERR if a partition is worse than that.
BurrowStatus OfGroup(Status status) {
  const BurrowStatus worst = OfPartition(status);
  return worst > BurrowStatus::kError ? BurrowStatus::kError : worst;
}

// `base` is what the numbers begin with: burrow_exporter counts from 1 what Burrow counts from 0.
std::int64_t Number(BurrowStatus status, int base) {
  return static_cast<std::int64_t>(status) + base;
}

struct BurrowNames {
  std::string_view total_lag;
  std::string_view group_status;
  std::string_view partition_status;
  std::string_view committed;
  std::string_view lag;
  int base = 0;
};

void RenderGroups(PeerRendering& p, const BurrowNames& names) {
  PeerGroups(p, names.total_lag, [](const GroupReport& group) { return group.lag; });
  PeerGroups(p, names.group_status, [&](const GroupReport& group) {
    return group.status ? Number(OfGroup(*group.status), names.base) : analysis::kUnknown;
  });
  PeerPairs(p, names.partition_status, [&](const PairReport& pair) {
    return pair.status ? Number(OfPartition(*pair.status), names.base) : analysis::kUnknown;
  });
  PeerPairs(p, names.committed, [](const PairReport& pair) { return pair.committed; });
  PeerPairs(p, names.lag, [](const PairReport& pair) { return pair.lag; });
}

// The log end, once for each group that reads the partition.
void RenderMaxOffsets(PeerRendering& p) {
  const auto write = [&p](std::string& start, const GroupTopicReport& read) {
    const auto logs = PartitionsOf(p.r.report, p.r.report.topics[read.topic]);
    auto log = logs.begin();
    const auto end = [&](const PairReport& pair) {
      while (log != logs.end() && log->partition < pair.partition) ++log;
      return log != logs.end() && log->partition == pair.partition ? log->end : analysis::kUnknown;
    };
    start += p.partition;
    RenderPartitionLines(p.r.out, start, PairsOf(p.r.report, read), end);
  };
  PeerReads(p, "kafka_burrow_partition_max_offset", DetailLevels::Level::kPartition, write);
}

}  // namespace

void RenderBurrow(PeerRendering p) {
  if (!p.r.report.has_data) return;
  RenderGroups(p, {"burrow_kafka_consumer_lag_total", "burrow_kafka_consumer_status",
                   "burrow_kafka_topic_partition_status", "burrow_kafka_consumer_current_offset",
                   "burrow_kafka_consumer_partition_lag", 0});
  PeerPartitions(p, "burrow_kafka_topic_partition_offset",
                 [](const PartitionReport& one) { return one.end; });
}

void RenderBurrowExporter(PeerRendering p) {
  if (!p.r.report.has_data) return;
  RenderGroups(p, {"kafka_burrow_total_lag", "kafka_burrow_status", "kafka_burrow_partition_status",
                   "kafka_burrow_partition_current_offset", "kafka_burrow_partition_lag", 1});
  RenderMaxOffsets(p);
  PeerPartitions(p, "kafka_burrow_topic_partition_offset",
                 [](const PartitionReport& one) { return one.end; });
}

}  // namespace backlogd::exposition
