#include "dlq/record_json.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "base/text.h"
#include "deadletters/decode_values.h"
#include "dlq/base64.h"
#include "dlq/record_text.h"

namespace backlogd::dlq {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kBase64 = "_base64";

void PutBytes(const std::string& name, std::optional<std::string_view> bytes, Json& object) {
  if (!bytes) {
    object[name] = nullptr;
  } else if (IsValidUtf8(*bytes)) {
    object[name] = *bytes;
  } else {
    object[name + kBase64] = ToBase64(*bytes);
  }
}

// Text that may have been cut in the middle of a sequence.
Json TextOrNull(std::string_view text) {
  return text.empty() ? Json(nullptr) : Json(ToValidUtf8(text));
}

template <typename T>
Json OrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}
Json OrNull(const std::optional<WallTime>& time) {
  return time ? Json(FormatTime(*time)) : Json(nullptr);
}

Json HeadersOf(const kafka::Record& record) {
  Json headers = Json::array();
  for (const kafka::RecordHeader& header : record.headers) {
    Json object;
    object["name"] = ToValidUtf8(header.name);
    PutBytes("value", header.value, object);
    headers.push_back(std::move(object));
  }
  return headers;
}

Json SourceOf(const Letter& letter) {
  const deadletters::SourcePosition& origin = letter.death.origin;
  Json source;
  source["topic"] = TextOrNull(letter.source_topic);
  source["partition"] = OrNull(origin.partition);
  source["offset"] = OrNull(origin.offset);
  source["timestamp"] = OrNull(origin.timestamp);
  source["group"] = TextOrNull(letter.death.group);
  return source;
}

Json ExceptionsOf(const Letter& letter) {
  Json exceptions = Json::array();
  for (const deadletters::Fault& fault : letter.death.faults) {
    exceptions.push_back(
        {{"class", TextOrNull(fault.type)}, {"message", TextOrNull(fault.message)}});
  }
  return exceptions;
}

std::uint64_t FingerprintOf(const Json& object) {
  Json content = Json::array();
  for (const char* name : {"timestamp", "key", "key_base64", "value", "value_base64", "headers"}) {
    const auto found = object.find(name);
    // An absent field must not look like null.
    content.push_back(found == object.end() ? Json(false) : *found);
  }
  return std::hash<std::string>()(content.dump());
}

using Bytes = std::optional<std::string>;

std::optional<Bytes> TakeCoded(const Json& object, const std::string& name) {
  const auto coded = object.find(name + kBase64);
  if (coded == object.end()) return std::nullopt;
  Bytes bytes = coded->is_string() ? FromBase64(coded->get_ref<const std::string&>()) : Bytes();
  if (!bytes) throw std::invalid_argument(name + kBase64 + ": must be base64");
  return bytes;
}

std::optional<Bytes> TakePlain(const Json& object, const std::string& name) {
  const auto plain = object.find(name);
  if (plain == object.end()) return std::nullopt;
  if (plain->is_null()) return Bytes();
  if (!plain->is_string()) {
    throw std::invalid_argument(name + ": must be a string or null; JSON inside of it is text");
  }
  return Bytes(plain->get<std::string>());
}

// The bytes that `name` or `name`_base64 says; `original` if neither is there. Of both, the one
// that was changed.
Bytes TakeBytes(const Json& object, const std::string& name, const Bytes& original,
                const std::function<bool(const Bytes&)>& changed) {
  const auto coded = TakeCoded(object, name);
  const auto plain = TakePlain(object, name);
  if (!coded) return plain ? *plain : original;
  if (!plain || !changed(*plain)) return *coded;
  if (changed(*coded) && *coded != *plain) {
    throw std::invalid_argument(name + " and " + name + kBase64 + ": must not both be changed");
  }
  return *plain;
}

Bytes TakeBytes(const Json& object, const std::string& name, const Bytes& original) {
  return TakeBytes(object, name, original, [&](const Bytes& bytes) { return bytes != original; });
}

std::optional<WallTime> TakeTimestamp(const Json& object, std::optional<WallTime> original) {
  const auto found = object.find("timestamp");
  if (found == object.end()) return original;
  if (found->is_null()) return std::nullopt;
  const std::string text = found->is_string() ? found->get<std::string>() : "";
  if (original && text == FormatTime(*original)) return original;
  const auto time = deadletters::ParseInstant(text);
  if (!time)
    throw std::invalid_argument("timestamp: must be like 2026-01-31T12:00:00.000Z or null");
  return time;
}

void TakeHeaders(const Json& object, Content& content) {
  const auto found = object.find("headers");
  if (found == object.end()) return;
  if (!found->is_array()) throw std::invalid_argument("headers: must be an array");
  const auto originals = std::exchange(content.headers, {});
  for (const Json& header : *found) {
    if (!header.is_object() || !header.contains("name") || !header["name"].is_string()) {
      throw std::invalid_argument("headers: each must be an object with a name");
    }
    const auto name = header["name"].get<std::string>();
    // Headers may repeat, and come in another order.
    const auto changed = [&](const Bytes& bytes) {
      return std::ranges::find(originals, std::pair(name, bytes)) == originals.end();
    };
    content.headers.emplace_back(name, TakeBytes(header, "value", std::nullopt, changed));
  }
}

}  // namespace

std::string ToJson(const Letter& letter,
                   const std::vector<std::pair<std::string, std::string>>& more) {
  const kafka::Record& record = *letter.record;
  Json object;
  object["topic"] = record.topic;
  object["partition"] = record.partition;
  object["offset"] = record.offset;
  object["timestamp"] = OrNull(record.timestamp);
  object["timestamp_type"] = record.timestamp_is_of_the_append ? "LogAppendTime" : "CreateTime";
  PutBytes("key", record.key, object);
  PutBytes("value", record.value, object);
  object["headers"] = HeadersOf(record);
  object["reason"] = deadletters::ToText(letter.reason);
  object["framework"] = TextOrNull(deadletters::ToText(letter.death.framework));
  object["source"] = SourceOf(letter);
  object["exceptions"] = ExceptionsOf(letter);
  object["attempts"] = OrNull(letter.death.attempts);
  object["redeliveries"] = letter.redeliveries;
  for (const auto& [name, value] : more) object[name] = ToValidUtf8(value);
  return EscapeJson(object.dump());
}

std::optional<RecordLine> ReadLine(std::string_view json) {
  const Json object = Json::parse(json, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  const auto topic = object.find("topic"), partition = object.find("partition"),
             offset = object.find("offset");
  const auto end = object.end();
  if (topic == end || !topic->is_string() || partition == end || !partition->is_number_integer() ||
      offset == end || !offset->is_number_integer()) {
    return std::nullopt;
  }
  return RecordLine{{topic->get<std::string>(), partition->get<kafka::PartitionId>(),
                     offset->get<kafka::Offset>()},
                    FingerprintOf(object)};
}

Content ContentOf(const kafka::Record& record) {
  Content content;
  if (record.key) content.key = std::string(*record.key);
  if (record.value) content.value = std::string(*record.value);
  for (const kafka::RecordHeader& header : record.headers) {
    content.headers.emplace_back(header.name, header.value);
  }
  content.timestamp = record.timestamp;
  return content;
}

Result<Content> ReadContent(std::string_view json, Content original) {
  const Json object = Json::parse(json, nullptr, false);
  if (!object.is_object()) return Error{ErrorKind::kOther, "is not one JSON object"};
  try {
    Content content = std::move(original);
    content.key = TakeBytes(object, "key", content.key);
    content.value = TakeBytes(object, "value", content.value);
    content.timestamp = TakeTimestamp(object, content.timestamp);
    TakeHeaders(object, content);
    return content;
  } catch (const std::invalid_argument& problem) {
    return Error{ErrorKind::kOther, problem.what()};
  }
}

}  // namespace backlogd::dlq
