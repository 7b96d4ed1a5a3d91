#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "deadletters/discovery.h"

namespace backlogd::deadletters {
namespace {

// Names put together from what conventions are made of.
class RandomNames {
 public:
  explicit RandomNames(unsigned seed) : random_(seed) {}

  std::size_t Below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
  }

  std::string Name() {
    static constexpr std::string_view kParts[] = {
        "orders",  "a",      "dlq",   "DLT",    "dlt",       "dead-letter", "topic",
        "queue",   "retry",  "error", "poison", "connect",   "v1",          "200",
        "billing", "_error", "lcc-1", "resq",   "changelog", "\xff"};
    static constexpr std::string_view kSeparators[] = {"-", ".", "_", "__", ""};
    std::string name;
    for (std::size_t i = Below(5) + 1; i > 0; --i) {
      name += kParts[Below(std::size(kParts))];
      if (i > 1) name += kSeparators[Below(std::size(kSeparators))];
    }
    return name;
  }

  std::vector<std::string> Names(std::size_t count) {
    std::vector<std::string> names(count);
    for (std::string& name : names) name = Name();
    return names;
  }

  template <typename T>
  void Shuffle(std::vector<T>& items) {
    std::shuffle(items.begin(), items.end(), random_);
  }

 private:
  std::mt19937 random_;
};

void ExpectSound(const std::vector<DeadLetterQueue>& queues, const std::set<std::string>& topics,
                 const std::map<std::string, int>& groups) {
  std::string last;
  for (const DeadLetterQueue& queue : queues) {
    EXPECT_LT(last, queue.topic);
    EXPECT_TRUE(topics.contains(queue.topic));
    EXPECT_FALSE(queue.topic.starts_with("__"));
    EXPECT_NE(queue.source_topic, queue.topic);
    EXPECT_TRUE(queue.source_topic.empty() || topics.contains(queue.source_topic));
    EXPECT_TRUE(queue.group.empty() || groups.contains(queue.group));
    EXPECT_EQ(queue.handling_group, "");
    last = queue.topic;
  }
}

TEST(Discovery, DependsNeitherOnOrderNorOnAnythingButTheNames) {
  std::size_t found = 0;
  std::size_t with_source = 0;
  for (unsigned seed = 0; seed < 200; ++seed) {
    RandomNames random(seed);
    const std::vector<std::string> topics = random.Names(60);
    const std::vector<std::string> groups = random.Names(20);
    ClusterNames names;
    names.topics.assign(topics.begin(), topics.end());
    std::map<std::string, int> group_names;
    for (const std::string& group : groups) {
      if (!group_names.emplace(group, 0).second) continue;
      names.groups.push_back(
          {group, random.Below(4) == 0, {topics[random.Below(60)], topics[random.Below(60)]}});
    }
    const DiscoverySettings settings{.masstransit = random.Below(2) == 0};
    const std::vector<DeadLetterQueue> queues = Discovery(settings).Discover(names);
    ExpectSound(queues, {topics.begin(), topics.end()}, group_names);
    random.Shuffle(names.topics);
    random.Shuffle(names.groups);
    for (KnownGroup& group : names.groups) random.Shuffle(group.topics);
    EXPECT_EQ(Discovery(settings).Discover(names), queues) << "seed " << seed;
    found += queues.size();
    with_source += static_cast<std::size_t>(
        std::count_if(queues.begin(), queues.end(),
                      [](const DeadLetterQueue& queue) { return !queue.source_topic.empty(); }));
  }
  EXPECT_GT(found, 1000U);
  EXPECT_GT(with_source, 200U);
}

}  // namespace
}  // namespace backlogd::deadletters
