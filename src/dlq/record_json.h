#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "dlq/letter.h"

// Records as JSON: the schema is in docs/dead-letters.md. Text that is valid UTF-8 is a string;
// other bytes are in base64, in a field of the same name with "_base64" behind it; null is null.
namespace backlogd::dlq {

// One object on one line, without its end. `more`: further fields of text, at the end.
std::string ToJson(const Letter& letter,
                   const std::vector<std::pair<std::string, std::string>>& more = {});

struct RecordName {
  std::string topic;
  kafka::PartitionId partition = 0;
  kafka::Offset offset = 0;

  friend bool operator==(const RecordName&, const RecordName&) = default;
  friend bool operator<(const RecordName& a, const RecordName& b) {
    return std::tie(a.topic, a.partition, a.offset) < std::tie(b.topic, b.partition, b.offset);
  }
};

// What a line that ToJson() wrote is of; nothing for any other one.
struct RecordLine {
  RecordName name;
  std::uint64_t fingerprint = 0;  // of timestamp, key, value and headers; for this process only
};
std::optional<RecordLine> ReadLine(std::string_view json);

// What can be changed in a record that is redelivered.
struct Content {
  std::optional<std::string> key;
  std::optional<std::string> value;
  std::vector<std::pair<std::string, std::optional<std::string>>> headers;
  std::optional<WallTime> timestamp;

  friend bool operator==(const Content&, const Content&) = default;
};
Content ContentOf(const kafka::Record& record);

// What `json` says in place of `original`; a field that it does not have stays as it was. The error
// names the field.
Result<Content> ReadContent(std::string_view json, Content original);

}  // namespace backlogd::dlq
