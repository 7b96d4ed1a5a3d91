#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "fakes/fake_record_reader.h"
#include "kafka/cluster_admin.h"
#include "kafka/group_member.h"
#include "kafka/record_producer.h"

namespace backlogd {

// Logs, groups and their commits. Thread-safe through its functions; fields are set while no member
// is in use. A partition is taken from a member when it polls, as the cooperative protocol does.
struct FakeGroupCluster {
  using PartitionKey = std::pair<std::string, kafka::PartitionId>;
  struct Group {
    std::vector<int> members;  // in order of joining
    std::map<PartitionKey, int> owners;
    std::map<PartitionKey, kafka::Offset> committed;
  };

  mutable std::mutex mutex;
  std::map<PartitionKey, std::vector<FakeRecord>> logs;
  std::map<std::string, Group> groups;
  std::set<std::string> deleted_groups;
  std::map<std::string, std::deque<Error>> fail;  // by name of the call: the next ones
  std::vector<std::string> created;               // "orders-dlt/3"
  int next_member = 1;
  std::function<void(const std::string&)> before;  // told of each call, outside of the lock

  void AddTopic(const std::string& topic, int partitions) {
    const std::lock_guard lock(mutex);
    for (int i = 0; i < partitions; ++i) logs[{topic, i}];
  }
  void Add(const std::string& topic, kafka::PartitionId partition, FakeRecord record) {
    const std::lock_guard lock(mutex);
    logs[{topic, partition}].push_back(std::move(record));
  }
  int PartitionsOf(const std::string& topic) const {
    const std::lock_guard lock(mutex);
    return static_cast<int>(KeysOf(topic).size());
  }
  std::vector<FakeRecord> RecordsOf(const std::string& topic) const {
    const std::lock_guard lock(mutex);
    std::vector<FakeRecord> all;
    for (const auto& key : KeysOf(topic)) {
      const auto& log = logs.at(key);
      all.insert(all.end(), log.begin(), log.end());
    }
    return all;
  }
  kafka::Offset CommittedSum(const std::string& group) const {
    const std::lock_guard lock(mutex);
    kafka::Offset sum = 0;
    const auto found = groups.find(group);
    if (found == groups.end()) return 0;
    for (const auto& [key, offset] : found->second.committed) sum += offset;
    return sum;
  }
  std::size_t MembersOf(const std::string& group) const {
    const std::lock_guard lock(mutex);
    const auto found = groups.find(group);
    return found == groups.end() ? 0 : found->second.members.size();
  }

  std::vector<PartitionKey> KeysOf(const std::string& topic) const {  // REQUIRES: locked
    std::vector<PartitionKey> keys;
    for (const auto& [key, log] : logs) {
      if (key.first == topic) keys.push_back(key);
    }
    return keys;
  }
  std::optional<Error> Failure(const std::string& call) {
    if (before) before(call);
    const std::lock_guard lock(mutex);
    auto& errors = fail[call];
    if (errors.empty()) return std::nullopt;
    Error error = errors.front();
    errors.pop_front();
    return error;
  }
};

// `cluster` must outlive it. Destroyed without leaving, it is given up at once.
struct FakeGroupMember : kafka::GroupMember {
  using PartitionKey = FakeGroupCluster::PartitionKey;

  FakeGroupMember(FakeGroupCluster& of, kafka::MemberOptions member_options,
                  kafka::RebalanceSinks rebalance_sinks)
      : cluster(of), options(std::move(member_options)), sinks(std::move(rebalance_sinks)) {}
  ~FakeGroupMember() override { Remove(); }

  std::optional<Error> Subscribe(std::span<const std::string> topics) override {
    if (auto error = cluster.Failure("Subscribe")) return error;
    const std::lock_guard lock(cluster.mutex);
    topic = topics.front();
    id = cluster.next_member++;
    cluster.groups[options.group].members.push_back(id);
    return std::nullopt;
  }

  Result<std::size_t> Poll(std::size_t max_records, std::chrono::milliseconds wait,
                           const Sink& sink) override {
    if (auto error = cluster.Failure("Poll")) return *error;
    Rebalance();
    std::size_t count = 0;
    std::optional<PartitionKey> first;  // what comes in one Poll is of one partition, as it may be
    while (count < max_records) {
      const auto next = Next();
      if (!next || (first && *first != next->first)) break;
      first = next->first;
      ++count;
      if (!HandOut(next->first, next->second, sink)) break;
    }
    if (count == 0) std::this_thread::sleep_for(std::min(wait, std::chrono::milliseconds(2)));
    return count;
  }

  std::optional<Error> Commit(std::span<const kafka::GroupCommit> commits, Deadline) override {
    if (auto error = cluster.Failure("Commit")) return error;
    const std::lock_guard lock(cluster.mutex);
    auto& group = cluster.groups[options.group];
    for (const auto& commit : commits) {
      const PartitionKey key{commit.partition.topic, commit.partition.partition};
      if (group.owners[key] != id) return Error{ErrorKind::kOther, "not its member's partition"};
    }
    for (const auto& commit : commits) {
      group.committed[{std::string(commit.partition.topic), commit.partition.partition}] =
          commit.offset;
    }
    return std::nullopt;
  }

  std::vector<kafka::TopicPartition> Assignment() const override {
    std::vector<kafka::TopicPartition> partitions;
    for (const auto& [key, position] : positions) partitions.push_back({key.first, key.second});
    return partitions;
  }
  std::optional<Error> Pause(std::span<const kafka::TopicPartition> partitions) override {
    for (const auto& each : partitions) paused.insert({std::string(each.topic), each.partition});
    return std::nullopt;
  }
  std::optional<Error> Resume(std::span<const kafka::TopicPartition> partitions) override {
    for (const auto& each : partitions) paused.erase({std::string(each.topic), each.partition});
    return std::nullopt;
  }

  std::optional<Error> Leave(Deadline) override {
    if (auto error = cluster.Failure("Leave")) return error;
    while (!positions.empty()) Revoke(positions.begin()->first);
    Remove();
    return std::nullopt;
  }
  std::vector<kafka::BrokerStatistics> Statistics() const override { return {}; }
  void Interrupt() override {}

 private:
  // Partition i belongs to the member i % members; it is taken once its last owner let it go.
  void Rebalance() {
    std::unique_lock lock(cluster.mutex);
    auto& group = cluster.groups[options.group];
    const auto keys = cluster.KeysOf(topic);
    const auto place = std::ranges::find(group.members, id) - group.members.begin();
    std::vector<PartitionKey> wanted;
    for (std::size_t i = static_cast<std::size_t>(place); i < keys.size();
         i += group.members.size()) {
      wanted.push_back(keys[i]);
    }
    lock.unlock();
    for (const auto& [key, position] : std::map(positions)) {
      if (std::ranges::find(wanted, key) == wanted.end()) Revoke(key);
    }
    for (const auto& key : wanted) Claim(key);
  }

  void Revoke(PartitionKey key) {
    const kafka::TopicPartition partition{key.first, key.second};
    if (sinks.revoked) sinks.revoked(std::span(&partition, 1), false);
    positions.erase(key);
    const std::lock_guard lock(cluster.mutex);
    cluster.groups[options.group].owners.erase(key);
  }

  void Claim(const PartitionKey& key) {
    {
      const std::lock_guard lock(cluster.mutex);
      auto& group = cluster.groups[options.group];
      if (group.owners.contains(key)) return;
      group.owners[key] = id;
      const auto committed = group.committed.find(key);
      const auto end = static_cast<kafka::Offset>(cluster.logs[key].size());
      positions[key] = committed != group.committed.end() ? committed->second
                       : options.from_beginning           ? 0
                                                          : end;
    }
    const kafka::TopicPartition partition{key.first, key.second};
    if (sinks.assigned) sinks.assigned(std::span(&partition, 1));
  }

  std::optional<std::pair<PartitionKey, FakeRecord>> Next() {
    const std::lock_guard lock(cluster.mutex);
    for (const auto& [key, position] : positions) {
      const auto& log = cluster.logs[key];
      if (paused.contains(key) || position >= static_cast<kafka::Offset>(log.size())) continue;
      return std::pair(key, log[static_cast<std::size_t>(position)]);
    }
    return std::nullopt;
  }

  bool HandOut(const PartitionKey& key, const FakeRecord& stored, const Sink& sink) {
    const auto headers = HeadersOf(stored);
    kafka::Record record;
    record.topic = key.first;
    record.partition = key.second;
    record.offset = positions[key]++;
    record.key = stored.key;
    record.value = stored.value;
    record.headers = headers;
    record.timestamp = stored.timestamp;
    record.timestamp_is_of_the_append = stored.timestamp_is_of_the_append;
    return sink(record);
  }

  void Remove() {
    const std::lock_guard lock(cluster.mutex);
    auto& group = cluster.groups[options.group];
    std::erase(group.members, id);
    std::erase_if(group.owners, [this](const auto& entry) { return entry.second == id; });
  }

  FakeGroupCluster& cluster;
  const kafka::MemberOptions options;
  const kafka::RebalanceSinks sinks;
  std::string topic;
  int id = 0;
  std::map<PartitionKey, kafka::Offset> positions;  // of what is assigned
  std::set<PartitionKey> paused;
};

// Writes into the logs of the cluster at once. `cluster` must outlive it.
struct FakeGroupProducer : kafka::RecordProducer {
  FakeGroupProducer(FakeGroupCluster& of, kafka::DeliverySink delivery_sink)
      : cluster(of), sink(std::move(delivery_sink)) {}

  Result<bool> Send(const kafka::OutgoingRecord& record, std::uint64_t tag) override {
    if (auto error = cluster.Failure("Send")) return *error;
    kafka::Delivery delivery;
    delivery.tag = tag;
    delivery.error = cluster.Failure("deliver");
    if (!delivery.error) Write(record);
    sink(delivery);
    return true;
  }
  std::optional<Error> Flush(Deadline) override { return cluster.Failure("Flush"); }
  std::size_t Waiting() const override { return 0; }
  std::optional<Error> Open(Deadline) override { return std::nullopt; }
  std::optional<Error> Begin() override { return std::nullopt; }
  std::optional<Error> Commit(Deadline) override { return std::nullopt; }
  std::optional<Error> Abort(Deadline) override { return std::nullopt; }
  std::vector<kafka::BrokerStatistics> Statistics() const override { return {}; }
  void Interrupt() override {}

 private:
  void Write(const kafka::OutgoingRecord& record) {
    FakeRecord copy;
    if (record.key) copy.key = std::string(*record.key);
    if (record.value) copy.value = std::string(*record.value);
    for (const auto& header : record.headers) {
      copy.headers.emplace_back(
          std::string(header.name),
          header.value ? std::optional(std::string(*header.value)) : std::nullopt);
    }
    copy.timestamp = record.timestamp;
    const std::string topic(record.topic);
    const auto partitions = static_cast<std::size_t>(cluster.PartitionsOf(topic));
    const auto by_key = std::hash<std::string>()(copy.key.value_or("")) % partitions;
    cluster.Add(topic, record.partition.value_or(static_cast<kafka::PartitionId>(by_key)),
                std::move(copy));
  }

  FakeGroupCluster& cluster;
  const kafka::DeliverySink sink;
};

struct FakeClusterAdmin : kafka::ClusterAdmin {
  explicit FakeClusterAdmin(FakeGroupCluster& of) : cluster(of) {}

  Result<bool> CreateTopic(const kafka::NewTopic& topic, Deadline) override {
    if (auto error = cluster.Failure("CreateTopic")) return *error;
    if (cluster.PartitionsOf(topic.name) > 0) return false;
    cluster.AddTopic(topic.name, topic.partitions);
    cluster.created.push_back(topic.name + "/" + std::to_string(topic.partitions));
    return true;
  }
  Result<bool> DeleteTopic(const std::string&, Deadline) override { return false; }
  Result<bool> DeleteGroup(const std::string& group, Deadline) override {
    if (auto error = cluster.Failure("DeleteGroup")) return *error;
    const std::lock_guard lock(cluster.mutex);
    cluster.deleted_groups.insert(group);
    return cluster.groups.erase(group) > 0;
  }
  void Interrupt() override {}

  FakeGroupCluster& cluster;
};

}  // namespace backlogd
