#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "fakes/fake_kafka_client.h"
#include "snapshot/collector.h"

namespace backlogd::snapshot {

constexpr WallTime kTakenAt{std::chrono::seconds(1'000)};

// A cluster of one broker, a collector that watches everything, and a clock turned by hand.
class CollectFixture : public ::testing::Test {
 protected:
  CollectFixture() { client_.metadata.brokers = {{1, "localhost", 9092, "a"}}; }

  ClusterSnapshot Collect() {
    client_.calls.clear();
    client_.described.clear();
    client_.topics_described.clear();
    client_.configs_described.clear();
    return collector_.Collect(client_, kTakenAt, now_ + std::chrono::seconds(10));
  }

  static const StepResult& ResultOf(const ClusterSnapshot& seen, Step step) {
    return seen.steps[static_cast<std::size_t>(step)];
  }

  FakeKafkaClient client_;
  Deadline now_{};
  std::set<std::string> unwatched_;
  Collector collector_{{[this](auto topic) { return !unwatched_.contains(std::string(topic)); },
                        [this](auto group) { return !unwatched_.contains(std::string(group)); },
                        [](auto group) { return group == "ours"; }},
                       [this] { return now_; }};
};

inline std::vector<std::string> Names(const std::vector<Group>& groups) {
  std::vector<std::string> names;
  for (const Group& group : groups) names.push_back(group.name);
  return names;
}

}  // namespace backlogd::snapshot
