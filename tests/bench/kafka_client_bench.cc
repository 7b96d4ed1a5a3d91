// What each question costs against a real cluster, and whether an old client recovers.
//   kafka_client_bench fill  HOST:PORT TOPICS PARTITIONS GROUPS TOPICS_PER_GROUP
//   kafka_client_bench ask   HOST:PORT ROUNDS [PROPERTY VALUE]
//   kafka_client_bench watch HOST:PORT SECONDS [PROPERTY VALUE]
#include <librdkafka/rdkafka.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "kafka/librdkafka_client.h"

namespace backlogd::kafka {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

class StderrLog final : public Log {
 public:
  void Write(LogLevel, std::string_view event, std::initializer_list<LogField> fields) override {
    std::string line(event);
    for (const auto& [key, value] : fields)
      line += " " + std::string(key) + "=" + std::string(value);
    std::fprintf(stderr, "%s\n", line.c_str());
  }
};

template <auto destroy>
struct Destroy {
  void operator()(auto* object) const { destroy(object); }
};

double CpuMilliseconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto ms = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_usec) / 1e3;
  };
  return ms(usage.ru_utime) + ms(usage.ru_stime);
}

// Prints the wall and CPU time of `ask`, and the text that it returns.
template <typename Ask>
void Measure(const char* name, const Ask& ask) {
  const auto start = steady_clock::now();
  const double cpu = CpuMilliseconds();
  const std::string outcome = ask();
  const std::chrono::duration<double, std::milli> wall = steady_clock::now() - start;
  std::printf("%-16s %8.1f ms wall %8.1f ms cpu  %s\n", name, wall.count(), CpuMilliseconds() - cpu,
              outcome.c_str());
}

// ---- fill ----

struct Filler {
  explicit Filler(const char* servers) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", servers, nullptr, 0);
    rd_kafka_conf_set(conf, "group.id", "filler", nullptr, 0);
    handle.reset(rd_kafka_new(RD_KAFKA_CONSUMER, conf, nullptr, 0));
    queue.reset(rd_kafka_queue_new(handle.get()));
  }

  using Event = std::unique_ptr<rd_kafka_event_t, Destroy<rd_kafka_event_destroy>>;

  Event Wait() const {
    Event owner(rd_kafka_queue_poll(queue.get(), 60'000));
    rd_kafka_event_t* event = owner.get();
    if (event == nullptr || rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      std::fprintf(stderr, "fill: %s\n",
                   event == nullptr ? "timed out" : rd_kafka_event_error_string(event));
      std::exit(1);
    }
    return owner;
  }

  std::unique_ptr<rd_kafka_t, Destroy<rd_kafka_destroy>> handle;
  std::unique_ptr<rd_kafka_queue_t, Destroy<rd_kafka_queue_destroy>> queue;
};

std::string TopicName(int topic) { return "topic-" + std::to_string(topic); }

void CreateTopics(const Filler& filler, int topics, int partitions) {
  for (int topic = 0; topic < topics; ++topic) {
    rd_kafka_NewTopic_t* fresh =
        rd_kafka_NewTopic_new(TopicName(topic).c_str(), partitions, 1, nullptr, 0);
    rd_kafka_CreateTopics(filler.handle.get(), &fresh, 1, nullptr, filler.queue.get());
    rd_kafka_NewTopic_destroy(fresh);
    filler.Wait();
  }
}

bool AllCommitted(rd_kafka_event_t* event) {
  std::size_t count = 0;
  const auto** groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(
      rd_kafka_event_AlterConsumerGroupOffsets_result(event), &count);
  const rd_kafka_topic_partition_list_t* list = rd_kafka_group_result_partitions(groups[0]);
  for (int i = 0; list != nullptr && i < list->cnt; ++i) {
    if (list->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
  }
  return list != nullptr;
}

// Group g commits offset 0 for all partitions of `count` topics, beginning with topic g.
void Commit(const Filler& filler, int group, int count, int topics, int partitions) {
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(0);
  for (int i = 0; i < count; ++i) {
    for (int partition = 0; partition < partitions; ++partition) {
      const std::string topic = TopicName((group + i) % topics);
      rd_kafka_topic_partition_list_add(list, topic.c_str(), partition)->offset = 0;
    }
  }
  const std::string name = "group-" + std::to_string(group);
  rd_kafka_AlterConsumerGroupOffsets_t* alter =
      rd_kafka_AlterConsumerGroupOffsets_new(name.c_str(), list);
  for (bool done = false; !done;) {  // fresh topics are not known everywhere at once
    rd_kafka_AlterConsumerGroupOffsets(filler.handle.get(), &alter, 1, nullptr, filler.queue.get());
    done = AllCommitted(filler.Wait().get());
    if (!done) std::this_thread::sleep_for(100ms);
  }
  rd_kafka_AlterConsumerGroupOffsets_destroy(alter);
  rd_kafka_topic_partition_list_destroy(list);
}

void Fill(const char* servers, int topics, int partitions, int groups, int topics_per_group) {
  const Filler filler(servers);
  CreateTopics(filler, topics, partitions);
  for (int group = 0; group < groups; ++group) {
    Commit(filler, group, topics_per_group, topics, partitions);
  }
}

// ---- ask ----

struct Seen {
  Metadata metadata;
  std::vector<BrokerId> brokers;
  std::vector<PartitionAt> partitions;
  std::vector<std::string_view> topics;
  std::vector<Result<GroupListing>> listings;
  std::vector<GroupAt> groups;
};

std::string AskMetadata(KafkaClient& client, Seen& seen, Deadline deadline) {
  Result<Metadata> metadata = client.FetchMetadata(deadline);
  if (!metadata) return metadata.error().message;
  seen.metadata = std::move(*metadata);
  for (const Broker& broker : seen.metadata.brokers) seen.brokers.push_back(broker.id);
  for (const TopicMetadata& topic : seen.metadata.topics) {
    seen.topics.push_back(topic.name);
    for (const PartitionMetadata& partition : topic.partitions) {
      seen.partitions.push_back({topic.name, partition.id, partition.leader});
    }
  }
  return std::to_string(seen.partitions.size()) + " partitions";
}

std::string AskGroups(KafkaClient& client, Seen& seen, Deadline deadline) {
  seen.listings = client.ListGroups(seen.brokers, deadline);
  for (std::size_t i = 0; i < seen.listings.size(); ++i) {
    if (!seen.listings[i]) return seen.listings[i].error().message;
    for (const ListedGroup& group : seen.listings[i]->groups) {
      seen.groups.push_back({group.id, seen.brokers[i]});
    }
  }
  return std::to_string(seen.groups.size()) + " groups";
}

std::string AskCommitted(KafkaClient& client, const Seen& seen, Deadline deadline) {
  std::size_t pairs = 0;
  std::string error;
  client.FetchCommitted(seen.groups, deadline, [&](std::size_t, const auto& offsets) {
    if (offsets) {
      pairs += offsets->size();
    } else {
      error = offsets.error().message;
    }
  });
  return std::to_string(pairs) + " pairs " + error;
}

std::string CountKnown(const std::vector<PartitionOffset>& answers) {
  std::size_t known = 0;
  std::string error;
  for (const PartitionOffset& one : answers) {
    known += one.offset.has_value() ? 1U : 0U;
    if (one.error) error = one.error->message;
  }
  return std::to_string(known) + " known " + error;
}

std::string AskOffsets(KafkaClient& client, const Seen& seen, OffsetSpec spec, Deadline deadline) {
  return CountKnown(client.FetchLogOffsets(seen.partitions, spec, deadline));
}

// A different timestamp for each partition, as the daemon asks.
std::string AskTimes(KafkaClient& client, const Seen& seen, Deadline deadline) {
  std::vector<PartitionTime> question;
  for (const PartitionAt& partition : seen.partitions) {
    question.push_back({partition, WallTime(milliseconds(question.size() + 1))});
  }
  return CountKnown(client.FetchOffsetsForTimes(question, deadline));
}

template <typename T>
std::string CountGood(const std::vector<Result<T>>& answers) {
  std::size_t good = 0;
  std::string error;
  for (const Result<T>& answer : answers) {
    good += answer ? 1U : 0U;
    if (!answer) error = answer.error().message;
  }
  return std::to_string(good) + " good " + error;
}

void AskAll(KafkaClient& client) {
  Seen seen;
  const Deadline deadline = steady_clock::now() + 10s;
  Measure("cycle", [&] {
    Measure("metadata", [&] { return AskMetadata(client, seen, deadline); });
    Measure("list groups", [&] { return AskGroups(client, seen, deadline); });
    Measure("committed", [&] { return AskCommitted(client, seen, deadline); });
    Measure("log end", [&] { return AskOffsets(client, seen, OffsetSpec::kLatest, deadline); });
    Measure("log start", [&] { return AskOffsets(client, seen, OffsetSpec::kEarliest, deadline); });
    return std::string("without what follows");
  });
  Measure("last stable",
          [&] { return AskOffsets(client, seen, OffsetSpec::kLastStable, deadline); });
  Measure("by time", [&] { return AskTimes(client, seen, deadline); });
  Measure("describe", [&] { return CountGood(client.DescribeGroups(seen.groups, deadline)); });
  Measure("topic ids", [&] { return CountGood(client.DescribeTopics(seen.topics, deadline)); });
  Measure("topic configs",
          [&] { return CountGood(client.DescribeTopicConfigs(seen.topics, deadline)); });
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("resident %ld MB\n\n", usage.ru_maxrss / 1024);
}

void Watch(KafkaClient& client, int seconds) {
  const auto end = steady_clock::now() + std::chrono::seconds(seconds);
  while (steady_clock::now() < end) {
    const auto start = steady_clock::now();
    Seen seen;
    const Deadline deadline = start + 2s;
    std::string outcome = AskMetadata(client, seen, deadline);
    if (!seen.brokers.empty()) outcome += "; " + AskGroups(client, seen, deadline);
    if (!seen.groups.empty()) outcome += "; " + AskCommitted(client, seen, deadline);
    outcome += "; " + AskOffsets(client, seen, OffsetSpec::kLatest, deadline);
    const std::chrono::duration<double> took = steady_clock::now() - start;
    std::printf("%ld %5.2f s: %s\n", static_cast<long>(std::time(nullptr)), took.count(),
                outcome.c_str());
    std::fflush(stdout);
    std::this_thread::sleep_until(start + 1s);
  }
}

}  // namespace
}  // namespace backlogd::kafka

int main(int count, char** arguments) {
  namespace config = backlogd::config;
  namespace kafka = backlogd::kafka;
  const std::string_view mode = count > 3 ? arguments[1] : "";
  const auto number = [&](int i) { return std::atoi(arguments[i]); };
  if (mode == "fill" && count == 7) {
    kafka::Fill(arguments[2], number(3), number(4), number(5), number(6));
    return 0;
  }
  if (mode != "ask" && mode != "watch") return 2;
  kafka::StderrLog log;
  config::Cluster cluster;
  cluster.bootstrap_servers = arguments[2];
  if (count == 6) cluster.properties[arguments[4]] = arguments[5];
  auto client = kafka::MakeLibrdkafkaClient(cluster, std::chrono::seconds(1), log);
  if (mode == "watch") kafka::Watch(*client, number(3));
  for (int round = 0; mode == "ask" && round < number(3); ++round) kafka::AskAll(*client);
  kafka::Measure("close", [&] {
    client.reset();
    return std::string();
  });
  return 0;
}
