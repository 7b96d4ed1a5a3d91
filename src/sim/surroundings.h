#pragma once

#include <functional>
#include <iosfwd>
#include <memory>

#include "base/log.h"
#include "base/time.h"
#include "cli/stop.h"
#include "config/config.h"
#include "kafka/cluster_admin.h"
#include "kafka/group_member.h"
#include "kafka/kafka_client.h"
#include "kafka/record_producer.h"
#include "kafka/record_reader.h"

namespace backlogd::sim {

// Everything outside of the program that it touches, so that a test can take its place.
struct Surroundings {
  std::ostream& out;
  std::ostream& err;
  bool err_is_terminal = false;
  unsigned columns = 80;  // of the terminal that `err` is

  std::function<WallTime()> wall_now;
  std::function<Deadline()> steady_now;
  cli::Stop& stop;  // Ctrl-C, SIGTERM, or the end of --for

  // Thread-safe. Throw config::ConfigError, as Kafka's factories do.
  std::function<std::unique_ptr<kafka::KafkaClient>(const config::Cluster&, Log&)> make_client;
  std::function<std::unique_ptr<kafka::RecordReader>(const config::Cluster&, Log&)> make_reader;
  std::function<std::unique_ptr<kafka::RecordProducer>(
      const config::Cluster&, const kafka::ProducerOptions&, kafka::DeliverySink, Log&)>
      make_producer;
  std::function<std::unique_ptr<kafka::GroupMember>(
      const config::Cluster&, const kafka::MemberOptions&, kafka::RebalanceSinks, Log&)>
      make_member;
  std::function<std::unique_ptr<kafka::ClusterAdmin>(const config::Cluster&, Log&)> make_admin;
};

}  // namespace backlogd::sim
