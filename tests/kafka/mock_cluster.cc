#include "kafka/mock_cluster.h"

#include <gtest/gtest.h>

#include <cstring>

// librdkafka forgets the reply queue of a ListGroups or DescribeGroups that it finds unsupported.
// Only the mock is so old.
extern "C" const char* __lsan_default_suppressions();  // NOLINT: the sanitizer's name
extern "C" const char* __lsan_default_suppressions() { return "leak:rd_kafka_q_new0\n"; }  // NOLINT

namespace backlogd::kafka {
namespace {

rd_kafka_conf_t* Configuration(const std::string& servers) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  const auto silent = [](const rd_kafka_t*, int, const char*, const char*) {};
  rd_kafka_conf_set_log_cb(conf, silent);
  if (!servers.empty()) {
    rd_kafka_conf_set(conf, "bootstrap.servers", servers.c_str(), nullptr, 0);
  }
  rd_kafka_conf_set(conf, "group.id", "test", nullptr, 0);
  return conf;
}

}  // namespace

MockCluster::MockCluster(int brokers)
    : brokers_(brokers),
      host_(rd_kafka_new(RD_KAFKA_PRODUCER, Configuration(""), nullptr, 0)),
      cluster_(rd_kafka_mock_cluster_new(host_.get(), brokers)) {}

void MockCluster::CreateTopic(const std::string& name, int partitions) {
  ASSERT_EQ(rd_kafka_mock_topic_create(get(), name.c_str(), partitions, brokers_),
            RD_KAFKA_RESP_ERR_NO_ERROR);
}

void MockCluster::Produce(const std::string& topic, int partition, int count) {
  const std::unique_ptr<rd_kafka_t, DestroyHandle> handle(
      rd_kafka_new(RD_KAFKA_PRODUCER, Configuration(bootstrap_servers()), nullptr, 0));
  rd_kafka_topic_t* there = rd_kafka_topic_new(handle.get(), topic.c_str(), nullptr);
  int made = 0;
  for (int i = 0; i < count; ++i) {
    std::string record = "record";
    made += rd_kafka_produce(there, partition, RD_KAFKA_MSG_F_COPY, record.data(), record.size(),
                             nullptr, 0, nullptr) == 0
                ? 1
                : 0;
  }
  rd_kafka_topic_destroy(there);
  EXPECT_EQ(made, count);
  EXPECT_EQ(rd_kafka_flush(handle.get(), 10'000), RD_KAFKA_RESP_ERR_NO_ERROR);
}

void MockCluster::Commit(const std::string& group, const std::string& topic, int partition,
                         std::int64_t offset, const std::string& metadata) {
  rd_kafka_conf_t* conf = Configuration(bootstrap_servers());
  rd_kafka_conf_set(conf, "group.id", group.c_str(), nullptr, 0);
  const std::unique_ptr<rd_kafka_t, DestroyHandle> handle(
      rd_kafka_new(RD_KAFKA_CONSUMER, conf, nullptr, 0));
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_t* one =
      rd_kafka_topic_partition_list_add(list, topic.c_str(), partition);
  one->offset = offset;
  one->metadata = strdup(metadata.c_str());
  one->metadata_size = metadata.size();
  EXPECT_EQ(rd_kafka_commit(handle.get(), list, 0), RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_topic_partition_list_destroy(list);
}

}  // namespace backlogd::kafka
