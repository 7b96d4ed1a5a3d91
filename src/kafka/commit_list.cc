#include "kafka/commit_list.h"

#include <cstdlib>
#include <cstring>
#include <string>

namespace backlogd::kafka {
namespace {

// Its text is freed with the list.
void SetMetadata(std::string_view metadata, rd_kafka_topic_partition_t* partition) {
  if (metadata.empty()) return;
  partition->metadata = std::malloc(metadata.size());  // NOLINT: librdkafka frees it
  if (partition->metadata == nullptr) return;
  std::memcpy(partition->metadata, metadata.data(), metadata.size());
  partition->metadata_size = metadata.size();
}

}  // namespace

TopicPartitionListPtr ToList(std::span<const GroupCommit> commits) {
  TopicPartitionListPtr list(rd_kafka_topic_partition_list_new(static_cast<int>(commits.size())));
  for (const GroupCommit& commit : commits) {
    rd_kafka_topic_partition_t* one = rd_kafka_topic_partition_list_add(
        list.get(), std::string(commit.partition.topic).c_str(), commit.partition.partition);
    one->offset = commit.offset;
    SetMetadata(commit.metadata, one);
  }
  return list;
}

}  // namespace backlogd::kafka
