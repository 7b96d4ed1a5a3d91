#pragma once

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <cstdint>
#include <memory>
#include <string>

namespace backlogd::kafka {

// librdkafka's mock brokers 1 .. `brokers`, in this process, on loopback.
class MockCluster {
 public:
  explicit MockCluster(int brokers);

  std::string bootstrap_servers() const { return rd_kafka_mock_cluster_bootstraps(cluster_.get()); }
  rd_kafka_mock_cluster_t* get() const { return cluster_.get(); }

  // With as many replicas as brokers; librdkafka chooses the leaders.
  void CreateTopic(const std::string& name, int partitions);
  // Makes `count` records on one partition.
  void Produce(const std::string& topic, int partition, int count);
  void Commit(const std::string& group, const std::string& topic, int partition,
              std::int64_t offset, const std::string& metadata);

 private:
  struct DestroyHandle {
    void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
  };
  struct DestroyCluster {
    void operator()(rd_kafka_mock_cluster_t* cluster) const {
      rd_kafka_mock_cluster_destroy(cluster);
    }
  };
  const int brokers_;
  std::unique_ptr<rd_kafka_t, DestroyHandle> host_;
  std::unique_ptr<rd_kafka_mock_cluster_t, DestroyCluster> cluster_;
};

}  // namespace backlogd::kafka
