#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kafka/record_reader.h"

namespace backlogd {

// A record that owns what it says.
struct FakeRecord {
  using Header = std::pair<std::string, std::optional<std::string>>;

  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<Header> headers = {};
  std::optional<WallTime> timestamp = {};
  bool timestamp_is_of_the_append = false;

  friend bool operator==(const FakeRecord&, const FakeRecord&) = default;
};

// The headers of `record` as views into it.
inline std::vector<kafka::RecordHeader> HeadersOf(const FakeRecord& record) {
  std::vector<kafka::RecordHeader> headers;
  for (const auto& [name, value] : record.headers) headers.push_back({name, value});
  return headers;
}

// Logs as plain fields. Offsets without a record are markers, aborted or compacted records.
struct FakeRecordReader : kafka::RecordReader {
  using PartitionKey = std::pair<std::string, kafka::PartitionId>;
  using Log = std::map<kafka::Offset, FakeRecord>;

  std::map<PartitionKey, Log> logs;
  std::map<PartitionKey, kafka::Offset> starts;       // absent: 0
  std::map<PartitionKey, kafka::Offset> ends;         // absent: as far as anybody asks
  std::map<PartitionKey, Error> fail;                 // nothing of it is read
  std::map<PartitionKey, kafka::Offset> silent_from;  // the broker does not answer from here on
  std::function<void()> before_record;                // called before each record is handed out

  std::vector<std::string> calls;  // "orders-dlt/0 3..10" for each range of each call, in order
  std::vector<kafka::ReadLimits> limits_asked;
  std::size_t records_read = 0;
  bool interrupted = false;

  // Appends; the offset it got.
  kafka::Offset Add(const std::string& topic, kafka::PartitionId partition, FakeRecord record) {
    Log& log = logs[{topic, partition}];
    const kafka::Offset offset = log.empty() ? 0 : log.rbegin()->first + 1;
    log[offset] = std::move(record);
    return offset;
  }

  std::vector<kafka::ReadOutcome> Read(std::span<const kafka::ReadRange> ranges,
                                       const kafka::ReadLimits& limits, Deadline,
                                       const kafka::RecordSink& sink) override {
    limits_asked.push_back(limits);
    std::vector<kafka::ReadOutcome> outcomes;
    for (const auto& range : ranges) {
      calls.push_back(std::string(range.topic) + "/" + std::to_string(range.partition) + " " +
                      std::to_string(range.from) + ".." + std::to_string(range.until));
      outcomes.push_back({range.from});
    }
    Turn turn{limits, sink};
    // A record of each range at a time.
    for (bool more = true; more && !turn.ended;) {
      more = false;
      for (std::size_t i = 0; i < ranges.size() && !turn.ended && !interrupted; ++i) {
        more |= Step(i, ranges[i], outcomes[i], turn);
      }
    }
    return outcomes;
  }

  void Interrupt() override { interrupted = true; }

 private:
  struct Turn {
    const kafka::ReadLimits& limits;
    const kafka::RecordSink& sink;
    std::size_t records = 0;
    std::size_t bytes = 0;
    bool ended = false;
  };

  // Hands out the next record of the range; false if there is none.
  bool Step(std::size_t index, const kafka::ReadRange& range, kafka::ReadOutcome& outcome,
            Turn& turn) {
    const PartitionKey key{range.topic, range.partition};
    if (outcome.error || outcome.next >= range.until) return false;
    if (const auto failing = fail.find(key); failing != fail.end()) {
      outcome.error = failing->second;
      return false;
    }
    const kafka::Offset from = std::max(outcome.next, starts[key]);
    const Log& log = logs[key];
    const auto found = log.lower_bound(from);
    const auto silent = silent_from.find(key);
    if (found == log.end() || found->first >= range.until) {
      if (silent == silent_from.end()) outcome.next = range.until;
      return false;
    }
    if (silent != silent_from.end() && found->first >= silent->second) return false;
    outcome.next = found->first + 1;
    HandOut(index, key, *found, turn);
    return true;
  }

  void HandOut(std::size_t index, const PartitionKey& key, const Log::value_type& entry,
               Turn& turn) {
    if (before_record) before_record();
    const FakeRecord& stored = entry.second;
    const auto headers = HeadersOf(stored);
    kafka::Record record;
    record.topic = key.first;
    record.partition = key.second;
    record.offset = entry.first;
    record.headers = headers;
    record.timestamp = stored.timestamp;
    record.timestamp_is_of_the_append = stored.timestamp_is_of_the_append;
    if (stored.key) record.key = *stored.key;
    if (stored.value) record.value = *stored.value;
    turn.bytes += stored.key.value_or("").size() + stored.value.value_or("").size();
    ++turn.records;
    ++records_read;
    const bool wants_more = turn.sink(index, record);
    turn.ended =
        !wants_more || turn.records >= turn.limits.records || turn.bytes >= turn.limits.bytes;
  }
};

}  // namespace backlogd
