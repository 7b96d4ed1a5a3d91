#include "sim/handled_offsets.h"

namespace backlogd::sim {

void HandledOffsets::Add(kafka::PartitionId partition, kafka::Offset offset) {
  Waiting& waiting = waiting_[partition];
  waiting.next = offset + 1;
  ++waiting.records;
}

std::vector<kafka::GroupCommit> HandledOffsets::ToCommit() const {
  std::vector<kafka::GroupCommit> commits;
  for (const auto& [partition, waiting] : waiting_) {
    commits.push_back({{topic_, partition}, waiting.next, {}});
  }
  return commits;
}

std::uint64_t HandledOffsets::Committed() { return ForgetAll(); }

std::uint64_t HandledOffsets::Forget(kafka::PartitionId partition) {
  const auto found = waiting_.find(partition);
  if (found == waiting_.end()) return 0;
  const std::uint64_t records = found->second.records;
  waiting_.erase(found);
  return records;
}

std::uint64_t HandledOffsets::ForgetAll() {
  std::uint64_t records = 0;
  for (const auto& [partition, waiting] : waiting_) records += waiting.records;
  waiting_.clear();
  return records;
}

}  // namespace backlogd::sim
