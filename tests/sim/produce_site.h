#pragma once

#include <chrono>
#include <memory>
#include <set>
#include <sstream>
#include <string>

#include "config/sim.h"
#include "fakes/fake_kafka_client.h"
#include "fakes/fake_record_producer.h"
#include "sim/session.h"

namespace backlogd::sim {

struct NoLog : Log {
  void Write(LogLevel, std::string_view, std::initializer_list<LogField>) override {}
};

// A session on a cluster with the topic usa.offer, whose records go to `written`.
struct ProduceSite {
  config::Sim settings;
  bool json = true;
  FakeTopicLog written;
  std::optional<Error> metadata_error;
  std::set<std::string> topics{"usa.offer"};

  cli::Stop stop;
  NoLog log;
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
      .make_producer = [this](const config::Cluster&, const kafka::ProducerOptions& options,
                              kafka::DeliverySink sink,
                              Log&) { return MakeProducer(options, std::move(sink)); },
      .make_member = {},
      .make_admin = {}};

  std::unique_ptr<kafka::KafkaClient> MakeClient() const {
    auto client = std::make_unique<FakeKafkaClient>();
    for (const std::string& topic : topics) client->AddTopic(topic, 3);
    if (metadata_error) client->fail["FetchMetadata"] = *metadata_error;
    return client;
  }
  std::unique_ptr<kafka::RecordProducer> MakeProducer(const kafka::ProducerOptions& options,
                                                      kafka::DeliverySink sink) {
    return std::make_unique<FakeRecordProducer>(written, options, std::move(sink));
  }

  Session Open() { return Session(settings, json, with, log); }
};

}  // namespace backlogd::sim
