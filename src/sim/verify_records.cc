#include "sim/verify_records.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <map>
#include <set>

namespace backlogd::sim {
namespace {

constexpr std::chrono::minutes kClocksDiffer{1};

std::string IdOf(const std::string& part, std::int64_t number) {
  std::array<char, 32> digits{};
  std::snprintf(digits.data(), digits.size(), "%07lld", static_cast<long long>(number));
  return part + "-" + digits.data();
}

std::map<std::string, const TestRecord*> ById(const std::vector<TestRecord>& records) {
  std::map<std::string, const TestRecord*> by_id;
  for (const TestRecord& record : records) by_id[record.id] = &record;
  return by_id;
}

bool IsOnTime(const TestRecord& pushed, const TestRecord& seen, WallTime since, WallTime until) {
  if (!seen.timestamp) return false;
  if (seen.timestamp_is_of_the_append) return true;  // by the broker's clock, whatever that says
  if (pushed.timestamp) return *seen.timestamp == *pushed.timestamp;
  return *seen.timestamp >= since - kClocksDiffer && *seen.timestamp <= until + kClocksDiffer;
}

std::string WhereOf(const TestRecord& seen) {
  return "record " + seen.id + " (partition " + std::to_string(seen.partition) + ", offset " +
         std::to_string(seen.offset) + ")";
}

}  // namespace

std::vector<TestRecord> MakeRecords(const std::string& run, const std::string& part,
                                    std::int64_t count, std::int64_t keys, WallTime now) {
  std::vector<TestRecord> records;
  for (std::int64_t i = 0; i < count; ++i) {
    TestRecord record;
    record.id = IdOf(part, i);
    record.key = run + "-key-" + std::to_string(i % keys);
    record.value = R"({"id": ")" + record.id + R"(", "text": "Prüfung, 検査, \"quoted\" \n"})";
    record.headers = {{std::string(kRunHeader), run},
                      {std::string(kIdHeader), record.id},
                      {"content-type", "application/json"},
                      {"note", "ä=1; b=\"2\""}};
    record.timestamp = now;
    records.push_back(std::move(record));
  }
  return records;
}

std::optional<TestRecord> OwnRecord(const kafka::Record& record, const std::string& run) {
  TestRecord own;
  bool is_own = false;
  for (const auto& header : record.headers) {
    std::optional<std::string> value;
    if (header.value) value = std::string(*header.value);
    is_own |= header.name == kRunHeader && value == run;
    if (header.name == kIdHeader) own.id = value.value_or("");
    own.headers.emplace_back(std::string(header.name), std::move(value));
  }
  if (!is_own) return std::nullopt;
  if (record.key) own.key = std::string(*record.key);
  if (record.value) own.value = std::string(*record.value);
  own.timestamp = record.timestamp;
  own.timestamp_is_of_the_append = record.timestamp_is_of_the_append;
  own.partition = record.partition;
  own.offset = record.offset;
  return own;
}

std::optional<std::string> FaultOfContent(const std::vector<TestRecord>& pushed,
                                          const std::vector<TestRecord>& seen, WallTime since,
                                          WallTime until) {
  if (auto fault = FaultOfIds(pushed, seen)) return fault;
  const auto by_id = ById(pushed);
  for (const TestRecord& record : seen) {
    const TestRecord& expected = *by_id.at(record.id);
    if (record.key != expected.key) return WhereOf(record) + " has another key";
    if (record.value != expected.value) return WhereOf(record) + " has another value";
    auto headers = record.headers;
    auto expected_headers = expected.headers;
    if (!expected.timestamp) {  // pushed over HTTP, where headers have no order
      std::ranges::sort(headers);
      std::ranges::sort(expected_headers);
    }
    if (headers != expected_headers) return WhereOf(record) + " has other headers";
    if (!IsOnTime(expected, record, since, until)) return WhereOf(record) + " has another time";
  }
  return std::nullopt;
}

std::optional<std::string> FaultOfOrder(const std::vector<TestRecord>& pushed,
                                        const std::vector<TestRecord>& seen) {
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < pushed.size(); ++i) places[pushed[i].id] = i;
  std::map<std::string, const TestRecord*> last;  // by key
  for (const TestRecord& record : seen) {
    const TestRecord*& before = last[record.key.value_or("")];
    if (before != nullptr && before->partition != record.partition) {
      return WhereOf(record) + " has the key of " + WhereOf(*before) + ": two partitions";
    }
    if (before != nullptr && places[before->id] > places[record.id]) {
      return WhereOf(record) + " came after " + WhereOf(*before) + " of the same key";
    }
    before = &record;
  }
  return std::nullopt;
}

std::optional<std::string> FaultOfIds(const std::vector<TestRecord>& pushed,
                                      const std::vector<TestRecord>& seen) {
  const auto expected = ById(pushed);
  std::set<std::string> found;
  for (const TestRecord& record : seen) {
    if (!expected.contains(record.id)) return WhereOf(record) + " was not expected";
    if (!found.insert(record.id).second) return WhereOf(record) + " came twice";
  }
  if (found.size() == expected.size()) return std::nullopt;
  const auto missing = std::ranges::find_if(
      expected, [&found](const auto& entry) { return !found.contains(entry.first); });
  return std::to_string(expected.size() - found.size()) + " of " + std::to_string(expected.size()) +
         " records did not come, record " + missing->first + " first";
}

std::size_t CountPartitions(const std::vector<TestRecord>& seen) {
  std::set<kafka::PartitionId> partitions;
  for (const TestRecord& record : seen) partitions.insert(record.partition);
  return partitions.size();
}

}  // namespace backlogd::sim
