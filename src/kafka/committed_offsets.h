#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "kafka/admin_session.h"
#include "kafka/kafka_client.h"
#include "kafka/types.h"

namespace backlogd::kafka {

// Asks for groups' committed offsets. librdkafka's cost grows with the square of the partitions in
// one answer, so the partitions of a giant group are remembered, and asked for in chunks.
// Private to this room.
class CommittedOffsets {
 public:
  // See KafkaClient::FetchCommitted.
  void Fetch(AdminSession& session, std::span<const GroupAt> groups, Deadline deadline,
             const CommittedSink& sink);

 private:
  class Call;

  // The partitions that a giant group had commits for when it was last asked for all.
  struct Giant {
    std::vector<TopicPartitionListPtr> chunks;
    int uses_left = 0;  // then it is asked for all again: commits may be new
    std::uint64_t last_call = 0;
  };
  void Remember(std::string_view group, const rd_kafka_topic_partition_list_t* all);
  void ForgetUnused();

  std::map<std::string, Giant, std::less<>> giants_;
  std::uint64_t calls_ = 0;
};

// `all` in lists of at most `size` partitions, in the same order. Pure.
std::vector<TopicPartitionListPtr> Chunks(const rd_kafka_topic_partition_list_t& all,
                                          std::size_t size);

}  // namespace backlogd::kafka
