#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>

// Owners of librdkafka's objects: one alias a type. Private to this room.
namespace backlogd::kafka {

template <auto destroy>
struct RdKafkaDeleter {
  template <typename T>
  void operator()(T* object) const {
    destroy(object);
  }
};
template <typename T, auto destroy>
using RdKafkaPtr = std::unique_ptr<T, RdKafkaDeleter<destroy>>;

// The handle never joins its group: there is nothing to leave, so nothing to wait for.
struct HandleDeleter {
  void operator()(rd_kafka_t* handle) const {
    rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }
};
// metadata is handed out as pointer to const, and destroyed as that.
struct MetadataDeleter {
  void operator()(const rd_kafka_metadata_t* metadata) const {
    rd_kafka_metadata_destroy(metadata);
  }
};

using HandlePtr = std::unique_ptr<rd_kafka_t, HandleDeleter>;
using MetadataPtr = std::unique_ptr<const rd_kafka_metadata_t, MetadataDeleter>;
using ConfPtr = RdKafkaPtr<rd_kafka_conf_t, rd_kafka_conf_destroy>;
using QueuePtr = RdKafkaPtr<rd_kafka_queue_t, rd_kafka_queue_destroy>;
using EventPtr = RdKafkaPtr<rd_kafka_event_t, rd_kafka_event_destroy>;
using ErrorPtr = RdKafkaPtr<rd_kafka_error_t, rd_kafka_error_destroy>;
using AdminOptionsPtr = RdKafkaPtr<rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy>;
using MessagePtr = RdKafkaPtr<rd_kafka_message_t, rd_kafka_message_destroy>;
using HeadersPtr = RdKafkaPtr<rd_kafka_headers_t, rd_kafka_headers_destroy>;
using TopicPtr = RdKafkaPtr<rd_kafka_topic_t, rd_kafka_topic_destroy>;
using GroupMetadataPtr =
    RdKafkaPtr<rd_kafka_consumer_group_metadata_t, rd_kafka_consumer_group_metadata_destroy>;
using DeleteRecordsPtr = RdKafkaPtr<rd_kafka_DeleteRecords_t, rd_kafka_DeleteRecords_destroy>;
using TopicPartitionListPtr =
    RdKafkaPtr<rd_kafka_topic_partition_list_t, rd_kafka_topic_partition_list_destroy>;
using TopicPartitionPtr = RdKafkaPtr<rd_kafka_topic_partition_t, rd_kafka_topic_partition_destroy>;
using GroupOffsetsQuestionPtr =
    RdKafkaPtr<rd_kafka_ListConsumerGroupOffsets_t, rd_kafka_ListConsumerGroupOffsets_destroy>;
using TopicCollectionPtr = RdKafkaPtr<rd_kafka_TopicCollection_t, rd_kafka_TopicCollection_destroy>;
using ConfigResourcePtr = RdKafkaPtr<rd_kafka_ConfigResource_t, rd_kafka_ConfigResource_destroy>;

}  // namespace backlogd::kafka
