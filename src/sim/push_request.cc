#include "sim/push_request.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>

#include "cli/printable.h"

namespace backlogd::sim {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t kShownBytes = 60;

std::string Got(const Json& value) {
  if (value.is_object()) return ", got an object";
  if (value.is_array()) return ", got a list";
  const std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  return ", got " + cli::ToLine(text, kShownBytes);
}

[[noreturn]] void Refuse(const std::string& param, const std::string& error) {
  throw ParamsError{param, error};
}

const Json& Demand(const Json& object, const std::string& param) {
  const auto found = object.find(param);
  if (found == object.end()) Refuse(param, "is missing");
  return *found;
}

std::int64_t NumOf(const Json& value, std::int64_t max_num) {
  const std::string wanted = "must be an integer from 1 to " + std::to_string(max_num);
  if (!value.is_number_integer()) Refuse("num", wanted + Got(value));
  const bool huge = value.is_number_unsigned() &&
                    value.get<std::uint64_t>() >
                        static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (huge || value.get<std::int64_t>() < 1 || value.get<std::int64_t>() > max_num) {
    Refuse("num", wanted + Got(value));
  }
  return value.get<std::int64_t>();
}

std::string TextOf(const Json& value, const std::string& param) {
  if (!value.is_string()) Refuse(param, "must be a text" + Got(value));
  return value.get<std::string>();
}

std::string TopicOf(const Json& value) {
  std::string topic = TextOf(value, "topic");
  if (const auto fault = FaultOfTopicName(topic)) Refuse("topic", *fault + Got(value));
  return topic;
}

std::vector<std::pair<std::string, std::string>> HeadersOf(const Json& value) {
  if (!value.is_object()) Refuse("headers", "must be an object of texts" + Got(value));
  std::vector<std::pair<std::string, std::string>> headers;
  for (const auto& [name, text] : value.items()) {
    headers.emplace_back(name, TextOf(text, "headers." + name));
  }
  return headers;
}

void DemandKnown(const Json& object) {
  constexpr std::array<std::string_view, 5> kKnown = {"num", "topic", "data", "key", "headers"};
  for (const auto& [name, value] : object.items()) {
    if (std::find(kKnown.begin(), kKnown.end(), name) == kKnown.end()) {
      Refuse(cli::ToLine(name, kShownBytes), "is not known; num, topic, data, key and headers are");
    }
  }
}

PushRequest Parse(std::string_view body, std::int64_t max_num) {
  const Json object = Json::parse(body, nullptr, false);
  if (object.is_discarded()) Refuse("body", "must be JSON in UTF-8");
  if (!object.is_object()) Refuse("body", "must be a JSON object");
  DemandKnown(object);
  PushRequest request;
  request.num = NumOf(Demand(object, "num"), max_num);
  request.topic = TopicOf(Demand(object, "topic"));
  request.data = TextOf(Demand(object, "data"), "data");
  const auto key = object.find("key");
  if (key != object.end() && !key->is_null()) request.key = TextOf(*key, "key");
  const auto headers = object.find("headers");
  if (headers != object.end()) request.headers = HeadersOf(*headers);
  return request;
}

bool IsOfTopicName(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

}  // namespace

std::variant<PushRequest, ParamsError> ParsePushRequest(std::string_view body,
                                                        std::int64_t max_num) {
  try {
    return Parse(body, max_num);
  } catch (const ParamsError& error) {
    return error;
  }
}

std::optional<std::string> FaultOfTopicName(std::string_view name) {
  constexpr std::size_t kMaxBytes = 249;
  if (name.empty() || name.size() > kMaxBytes) return "must have 1 to 249 characters";
  if (name == "." || name == "..") return "must not be . or ..";
  if (!std::all_of(name.begin(), name.end(), IsOfTopicName)) {
    return "must consist of letters, digits, dot, underscore and hyphen";
  }
  if (name == "__consumer_offsets" || name == "__transaction_state") {
    return "must not be a topic of Kafka itself";
  }
  return std::nullopt;
}

}  // namespace backlogd::sim
