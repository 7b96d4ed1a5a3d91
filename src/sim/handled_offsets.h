#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "kafka/record_writer.h"
#include "kafka/types.h"

namespace backlogd::sim {

// How far a member has handled its partitions of one topic, and how much of that it has not
// committed yet.
class HandledOffsets {
 public:
  explicit HandledOffsets(std::string topic) : topic_(std::move(topic)) {}

  // The record at `offset` is done with.
  void Add(kafka::PartitionId partition, kafka::Offset offset);

  // What is to be committed, the next offset of each partition; the topics view into this.
  std::vector<kafka::GroupCommit> ToCommit() const;
  // The commits were accepted. Returns how many records they are about. REQUIRES: nothing was added
  // since ToCommit()
  std::uint64_t Committed();

  // The partition belongs to somebody else. Returns how many handled records of it were never
  // committed: they come again.
  std::uint64_t Forget(kafka::PartitionId partition);
  std::uint64_t ForgetAll();

  bool AllCommitted() const { return waiting_.empty(); }

 private:
  struct Waiting {
    kafka::Offset next = 0;
    std::uint64_t records = 0;
  };

  const std::string topic_;
  std::map<kafka::PartitionId, Waiting> waiting_;  // without those that are all committed
};

}  // namespace backlogd::sim
