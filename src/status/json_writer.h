#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"

namespace backlogd::status {

// Writes JSON from the outside in, without a tree in between. Keys and values come in turn as JSON
// wants them: the caller's duty. What is not known is null.
class JsonWriter {
 public:
  JsonWriter& BeginObject() { return Begin('{'); }
  JsonWriter& EndObject() { return End('}'); }
  JsonWriter& BeginArray() { return Begin('['); }
  JsonWriter& EndArray() { return End(']'); }
  JsonWriter& Key(std::string_view name);

  // Text of any bytes: what is not UTF-8 becomes U+FFFD.
  JsonWriter& Text(std::string_view value);
  JsonWriter& TextOrNull(std::string_view value);  // null if empty
  JsonWriter& Bool(bool value);
  JsonWriter& Number(double value);  // null if it is not finite
  JsonWriter& Number(std::optional<double> value);
  JsonWriter& Count(std::uint64_t value);
  JsonWriter& Known(std::int64_t value);           // null if negative: analysis::kUnknown
  JsonWriter& Seconds(std::int64_t milliseconds);  // null if negative
  JsonWriter& Time(std::optional<WallTime> at);    // seconds since the Unix epoch
  JsonWriter& Null();

  std::string Take() { return std::move(out_); }

 private:
  JsonWriter& Begin(char bracket);
  JsonWriter& End(char bracket);
  void Separate();
  JsonWriter& Raw(std::string_view text);

  std::string out_;
  bool first_ = true;
};

}  // namespace backlogd::status
