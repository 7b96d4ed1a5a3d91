#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "kafka/record.h"

// The records that a verification pushes, and what is to be said of those that come back. Pure.
namespace backlogd::sim {

inline constexpr std::string_view kRunHeader = "backlogd-sim-run";
inline constexpr std::string_view kIdHeader = "backlogd-sim-id";

// A record as it was pushed, or as it came back.
struct TestRecord {
  std::string id;  // unique in the run
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
  std::optional<WallTime> timestamp;
  bool timestamp_is_of_the_append = false;
  kafka::PartitionId partition = 0;  // of one that came back, like the offset
  kafka::Offset offset = 0;
};

// `count` records of a part of the run, over `keys` keys in turn. Their ids begin with the part's
// name.
std::vector<TestRecord> MakeRecords(const std::string& run, const std::string& part,
                                    std::int64_t count, std::int64_t keys, WallTime now);

// The record, if it is one of that run: its headers say so. Others use the topic too.
std::optional<TestRecord> OwnRecord(const kafka::Record& record, const std::string& run);

// Each says what is wrong; absent: nothing is. `seen` in the order in which they came.
//
// Every pushed record came once, and as it was pushed: key, value, headers. `since`, `until`:
// between these, give or take a minute, lies the time of records that were pushed without one.
std::optional<std::string> FaultOfContent(const std::vector<TestRecord>& pushed,
                                          const std::vector<TestRecord>& seen, WallTime since,
                                          WallTime until);
// Those of a key are in one partition, and came in the order in which they were pushed.
std::optional<std::string> FaultOfOrder(const std::vector<TestRecord>& pushed,
                                        const std::vector<TestRecord>& seen);
// The ids are those of `pushed`, each once.
std::optional<std::string> FaultOfIds(const std::vector<TestRecord>& pushed,
                                      const std::vector<TestRecord>& seen);

std::size_t CountPartitions(const std::vector<TestRecord>& seen);

}  // namespace backlogd::sim
