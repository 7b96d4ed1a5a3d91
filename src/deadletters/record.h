#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/time.h"

// A record as it was read, borrowed from whoever read it. Nothing in it can be trusted: names may
// repeat, values may be null, binary, or as large as the broker allows.
namespace backlogd::deadletters {

struct Header {
  std::string_view name;
  std::optional<std::string_view> value;
};

struct RecordView {
  std::string_view topic;
  std::span<const Header> headers;          // in the record's own order
  std::optional<std::string_view> value;    // or its first few KiB; absent if null
  std::optional<WallTime> timestamp;        // absent if the record has none
  bool timestamp_is_of_the_append = false;  // message.timestamp.type=LogAppendTime
};

}  // namespace backlogd::deadletters
