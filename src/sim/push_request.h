#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace backlogd::sim {

// What POST /push asks for: `num` records, all alike.
struct PushRequest {
  std::int64_t num = 0;
  std::string topic;
  std::string data;                // the value
  std::optional<std::string> key;  // absent: the records are spread over the partitions
  std::vector<std::pair<std::string, std::string>> headers;
};

// Which parameter is wrong, and how: "must be 1 to 100000, got -5".
struct ParamsError {
  std::string param;
  std::string error;
};

// Reads a body {"num": 1000, "topic": "usa.offer", "data": "...", "key": "k", "headers": {"a":
// "b"}}; key (text or null) and headers may be left out, everything else is refused. Pure.
std::variant<PushRequest, ParamsError> ParsePushRequest(std::string_view body,
                                                        std::int64_t max_num);

// What is wrong with the name by Kafka's rules; absent: nothing. "must be ..."
std::optional<std::string> FaultOfTopicName(std::string_view name);

}  // namespace backlogd::sim
