#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "deadletters/record.h"

namespace backlogd::deadletters {

// Java's ByteBuffer.putInt() and putLong().
std::string Int32(std::int32_t number);
std::string Int64(std::int64_t number);

// A record that owns what its view looks at.
class RecordBuilder {
 public:
  explicit RecordBuilder(std::string topic = "orders-dlt") : topic_(std::move(topic)) {}

  // Copies would look at the strings of what they were copied from.
  RecordBuilder(const RecordBuilder&) = delete;
  RecordBuilder(RecordBuilder&&) = default;
  RecordBuilder& operator=(RecordBuilder&&) = default;

  RecordBuilder& With(std::string name, std::optional<std::string> value);
  RecordBuilder& WithValue(std::string value);
  RecordBuilder& At(WallTime timestamp, bool of_the_append = false);

  // Valid as long as the builder is neither changed nor moved.
  RecordView View() const;

 private:
  struct Owned {
    std::string name;
    std::optional<std::string> value;
  };

  std::string topic_;
  std::deque<Owned> owned_;  // whose elements stay where they are
  std::vector<Header> headers_;
  std::optional<std::string> value_;
  std::optional<WallTime> timestamp_;
  bool of_the_append_ = false;
};

}  // namespace backlogd::deadletters
