#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fakes/fake_record_reader.h"
#include "kafka/record_writer.h"

namespace backlogd {

// What Kafka keeps when writers die.
struct FakeWrittenCluster {
  using PartitionKey = std::pair<std::string, kafka::PartitionId>;
  struct Position {
    kafka::Offset offset = 0;
    std::string metadata;
    friend bool operator==(const Position&, const Position&) = default;
  };

  std::map<std::string, int> partitions;                              // of each topic; absent: 1
  std::map<PartitionKey, std::vector<FakeRecord>> records;            // committed ones
  std::map<std::string, std::map<PartitionKey, Position>> positions;  // by group
  std::map<PartitionKey, kafka::Offset> deleted_before;
  std::map<std::string, int> epochs;  // by transactional id: how often it was opened
  int transactions = 0;               // committed ones

  std::vector<FakeRecord> RecordsOf(const std::string& topic) const {
    std::vector<FakeRecord> all;
    for (const auto& [key, some] : records) {
      if (key.first == topic) all.insert(all.end(), some.begin(), some.end());
    }
    return all;
  }
};

// Thrown: the process was killed, and nothing of what follows in it happens. No std::exception, so
// that nobody takes it for a failure that can be dealt with.
struct FakeDeath {};

// A writer with the semantics of transactions. `cluster` must outlive it.
struct FakeRecordWriter : kafka::RecordWriter {
  using PartitionKey = FakeWrittenCluster::PartitionKey;

  FakeRecordWriter(FakeWrittenCluster& of, kafka::WriterOptions writer_options)
      : cluster(&of), options(std::move(writer_options)) {}

  FakeWrittenCluster* cluster;
  kafka::WriterOptions options;
  std::map<std::string, Error> fail;    // by name of the call
  std::map<int, Error> fail_at;         // by number of the call, from 1: it has no effect
  std::map<int, Error> lose_answer_of;  // the same, but it has its effect
  int die_before = 0;                   // throws FakeDeath instead of the n-th call
  int die_after = 0;                    // ... when the n-th call has had its effect
  std::function<void(const std::string&)> before;  // told of each call
  std::map<PartitionKey, Error> fail_delete;
  std::size_t max_value_bytes = 1'000'000;  // larger ones are refused when they are flushed

  std::vector<std::string> calls;  // names, in order
  bool interrupted = false;

  std::optional<Error> Open(Deadline) override {
    return Do("Open", [&] { epoch_ = ++cluster->epochs[options.transactional_id]; });
  }

  Result<std::vector<kafka::GroupPosition>> FetchPositions(
      std::span<const kafka::TopicPartition> partitions, Deadline) override {
    std::vector<kafka::GroupPosition> answers;
    const auto error = Do("FetchPositions", [&] {
      const auto& committed = cluster->positions[options.group];
      for (const auto& partition : partitions) {
        const auto found = committed.find({std::string(partition.topic), partition.partition});
        if (found == committed.end()) {
          answers.emplace_back();
        } else {
          answers.push_back({found->second.offset, found->second.metadata});
        }
      }
    });
    if (error) return *error;
    return answers;
  }

  std::optional<Error> Begin() override {
    return Do("Begin", [&] { pending_.clear(); });
  }

  std::optional<Error> Send(const kafka::OutgoingRecord& record, Deadline) override {
    return Do("Send", [&] {
      FakeRecord copy;
      if (record.key) copy.key = std::string(*record.key);
      if (record.value) copy.value = std::string(*record.value);
      for (const auto& header : record.headers) {
        copy.headers.emplace_back(
            std::string(header.name),
            header.value ? std::optional(std::string(*header.value)) : std::nullopt);
      }
      copy.timestamp = record.timestamp;
      too_large_ = too_large_ || copy.value.value_or("").size() > max_value_bytes;
      pending_.emplace_back(PartitionKey{record.topic, PartitionOf(record)}, std::move(copy));
    });
  }

  std::optional<Error> Flush(Deadline) override {
    if (too_large_) return Error{ErrorKind::kOther, "message size too large"};
    return std::nullopt;
  }
  bool FoundTooLarge() const override { return too_large_; }

  std::optional<Error> Commit(std::span<const kafka::GroupCommit> commits,
                              Deadline deadline) override {
    if (auto error = Flush(deadline)) return error;
    return Do("Commit", [&] {
      for (auto& [key, record] : pending_) cluster->records[key].push_back(std::move(record));
      for (const auto& commit : commits) {
        const PartitionKey key{commit.partition.topic, commit.partition.partition};
        cluster->positions[options.group][key] = {commit.offset, std::string(commit.metadata)};
      }
      pending_.clear();
      ++cluster->transactions;
    });
  }

  std::optional<Error> Abort(Deadline) override {
    return Do("Abort", [&] { pending_.clear(); });
  }

  std::vector<std::optional<Error>> DeleteRecordsBefore(
      std::span<const kafka::GroupCommit> partitions, Deadline) override {
    std::vector<std::optional<Error>> answers;
    const auto error = Do("DeleteRecordsBefore", [&] {
      for (const auto& partition : partitions) {
        const PartitionKey key{partition.partition.topic, partition.partition.partition};
        const auto failing = fail_delete.find(key);
        answers.push_back(failing == fail_delete.end() ? std::nullopt
                                                       : std::optional(failing->second));
        if (failing == fail_delete.end()) cluster->deleted_before[key] = partition.offset;
      }
    });
    if (error) answers.assign(partitions.size(), error);
    return answers;
  }

  void EndBy(Deadline) override {}
  void Interrupt() override { interrupted = true; }

 private:
  template <typename Effect>
  std::optional<Error> Do(const std::string& call, Effect effect) {
    calls.push_back(call);
    const int number = static_cast<int>(calls.size());
    if (before) before(call);
    if (number == die_before) throw FakeDeath();
    if (interrupted) return Error{ErrorKind::kInterrupted, call + ": interrupted"};
    if (const auto found = fail.find(call); found != fail.end()) return found->second;
    if (const auto found = fail_at.find(number); found != fail_at.end()) return found->second;
    if (call != "Open" && epoch_ != cluster->epochs[options.transactional_id]) {
      return Error{ErrorKind::kOther, call + ": fenced by another " + options.transactional_id};
    }
    effect();
    if (number == die_after) throw FakeDeath();
    const auto lost = lose_answer_of.find(number);
    return lost == lose_answer_of.end() ? std::nullopt : std::optional(lost->second);
  }

  kafka::PartitionId PartitionOf(const kafka::OutgoingRecord& record) {
    if (record.partition) return *record.partition;
    const auto found = cluster->partitions.find(std::string(record.topic));
    const auto count = found == cluster->partitions.end() ? 1 : found->second;
    const std::size_t hash = std::hash<std::string_view>()(record.key.value_or(""));
    return static_cast<kafka::PartitionId>(hash % static_cast<std::size_t>(count));
  }

  int epoch_ = 0;
  bool too_large_ = false;
  std::vector<std::pair<PartitionKey, FakeRecord>> pending_;
};

}  // namespace backlogd
