#pragma once

#include <chrono>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include "config/sim.h"
#include "fakes/fake_group_member.h"
#include "fakes/fake_kafka_client.h"
#include "sim/session.h"

namespace backlogd::sim {

struct SilentLog : Log {
  void Write(LogLevel, std::string_view, std::initializer_list<LogField>) override {}
};

// A session on a cluster with the topic usa.offer of three partitions.
struct GroupSite {
  GroupSite() {
    cluster.AddTopic("usa.offer", 3);
    settings.timeout = std::chrono::seconds(5);
  }

  // `count` records with the values "0", "1", ..., in turn over the partitions.
  void Fill(int count) {
    for (int i = 0; i < count; ++i) {
      const std::string number = std::to_string(i);
      cluster.Add("usa.offer", i % 3, {"key-" + number, number, {{"own", "header"}}, WallTime()});
    }
  }

  Session Open() { return Session(settings, true, with, log); }

  std::unique_ptr<kafka::KafkaClient> MakeClient() {
    auto client = std::make_unique<FakeKafkaClient>();
    if (auto error = cluster.Failure("FetchMetadata")) client->fail["FetchMetadata"] = *error;
    std::set<std::string> topics;
    for (const auto& [key, records] : cluster.logs) topics.insert(key.first);
    for (const auto& topic : topics) client->AddTopic(topic, cluster.PartitionsOf(topic));
    for (const auto& [key, records] : cluster.logs) {
      const auto end = static_cast<kafka::Offset>(records.size());
      client->logs[key] = {0, end, end};
    }
    return client;
  }

  FakeGroupCluster cluster;
  config::Sim settings;
  cli::Stop stop;
  SilentLog log;
  std::ostringstream out;
  std::ostringstream err;
  Surroundings with{
      .out = out,
      .err = err,
      .wall_now = [] { return WallTime(std::chrono::hours(480'000)); },
      .steady_now = [] { return std::chrono::steady_clock::now(); },
      .stop = stop,
      .make_client = [this](const config::Cluster&, Log&) { return MakeClient(); },
      .make_reader = {},
      .make_producer =
          [this](const config::Cluster&, const kafka::ProducerOptions&, kafka::DeliverySink sink,
                 Log&) { return std::make_unique<FakeGroupProducer>(cluster, std::move(sink)); },
      .make_member =
          [this](const config::Cluster&, const kafka::MemberOptions& options,
                 kafka::RebalanceSinks sinks, Log&) {
            return std::make_unique<FakeGroupMember>(cluster, options, std::move(sinks));
          },
      .make_admin = [this](const config::Cluster&,
                           Log&) { return std::make_unique<FakeClusterAdmin>(cluster); }};
};

}  // namespace backlogd::sim
