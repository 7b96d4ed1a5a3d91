#include "sim/dead_letter_headers.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace backlogd::sim {
namespace {

using config::DeadLetterStyle;
using deadletters::Reason;

// An exception as Java prints it.
struct Thrown {
  std::string_view type;
  std::string_view message;
  std::string_view frame;
};

constexpr Thrown kFormatFault = {
    "com.fasterxml.jackson.core.JsonParseException",
    "Unexpected character ('<' (code 60)): expected a valid value",
    "com.fasterxml.jackson.core.JsonParser._constructError(JsonParser.java:2481)"};

// What went wrong at the bottom of it.
Thrown CauseOf(Reason reason) {
  switch (reason) {
    case Reason::kRetriesExhausted:
      return {"java.net.ConnectException", "Connection refused",
              "java.base/sun.nio.ch.Net.pollConnect(Native Method)"};
    case Reason::kBusiness:
      return {"shop.OfferRejectedException", "offer total 950.00 exceeds the credit limit 500.00",
              "shop.Offers.accept(Offers.java:113)"};
    case Reason::kTimeout:
      return {"java.net.SocketTimeoutException", "Read timed out",
              "java.base/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:278)"};
    case Reason::kPermission:
      return {"org.apache.kafka.common.errors.TopicAuthorizationException",
              "Not authorized to access topics: [prices]", "shop.Prices.publish(Prices.java:61)"};
    case Reason::kFormat:
    case Reason::kUnknown: break;
  }
  return kFormatFault;
}

// What the framework wraps the cause into.
Thrown WrapperOf(DeadLetterStyle style, Reason reason) {
  switch (style) {
    case DeadLetterStyle::kSpring:
      return {"org.springframework.kafka.listener.ListenerExecutionFailedException",
              "Listener method 'public void shop.OfferListener.handle(java.lang.String)' threw "
              "exception",
              "org.springframework.kafka.listener.KafkaMessageListenerContainer$ListenerConsumer."
              "decorateException(KafkaMessageListenerContainer.java:3247)"};
    case DeadLetterStyle::kConnect:
      if (reason == Reason::kFormat) {
        return {"org.apache.kafka.connect.errors.DataException",
                "Converting byte[] to Kafka Connect data failed due to serialization error: ",
                "org.apache.kafka.connect.json.JsonConverter.toConnectData(JsonConverter.java:"
                "349)"};
      }
      return {"org.apache.kafka.connect.errors.ConnectException", "Write to shop failed",
              "shop.ShopSinkTask.put(ShopSinkTask.java:45)"};
    case DeadLetterStyle::kStreams: break;
  }
  return {"java.lang.RuntimeException", "cannot handle offer",
          "shop.OfferProcessor.process(OfferProcessor.java:160)"};
}

std::string TraceOf(const Thrown& outer, const Thrown& cause) {
  std::string trace;
  for (const auto& [before, thrown] : {std::pair("", &outer), std::pair("Caused by: ", &cause)}) {
    trace.append(before).append(thrown->type).append(": ").append(thrown->message);
    trace.append("\n\tat ").append(thrown->frame).append("\n");
  }
  return trace;
}

// As Java's ByteBuffer puts it.
std::string BigEndian(std::uint64_t value, std::size_t bytes) {
  std::string text(bytes, '\0');
  for (std::size_t i = bytes; i > 0; --i, value >>= 8) {
    text[i - 1] = static_cast<char>(value & 0xff);
  }
  return text;
}

std::vector<OwnedHeader> SpringHeaders(Reason reason, const kafka::Record& record,
                                       const std::string& group) {
  const Thrown outer = WrapperOf(DeadLetterStyle::kSpring, reason);
  const Thrown cause = CauseOf(reason);
  const std::string prefix = "kafka_dlt-";
  const auto timestamp = record.timestamp.value_or(WallTime()).time_since_epoch().count();
  return {
      {prefix + "exception-fqcn", std::string(outer.type)},
      {prefix + "exception-cause-fqcn", std::string(cause.type)},
      {prefix + "exception-message",
       std::string(outer.message) + "; " + std::string(cause.message)},
      {prefix + "exception-stacktrace", TraceOf(outer, cause)},
      {prefix + "original-topic", std::string(record.topic)},
      {prefix + "original-partition", BigEndian(static_cast<std::uint32_t>(record.partition), 4)},
      {prefix + "original-offset", BigEndian(static_cast<std::uint64_t>(record.offset), 8)},
      {prefix + "original-timestamp", BigEndian(static_cast<std::uint64_t>(timestamp), 8)},
      {prefix + "original-timestamp-type",
       record.timestamp_is_of_the_append ? "LogAppendTime" : "CreateTime"},
      {prefix + "original-consumer-group", group}};
}

// A sink's group is "connect-" and its name.
std::string ConnectorOf(const std::string& group) {
  constexpr std::string_view kPrefix = "connect-";
  return group.starts_with(kPrefix) ? group.substr(kPrefix.size()) : group;
}

std::vector<OwnedHeader> ConnectHeaders(Reason reason, const kafka::Record& record,
                                        const std::string& group) {
  const bool unreadable = reason == Reason::kFormat;
  const Thrown outer = WrapperOf(DeadLetterStyle::kConnect, reason);
  const std::string prefix = "__connect.errors.";
  return {{prefix + "topic", std::string(record.topic)},
          {prefix + "partition", std::to_string(record.partition)},
          {prefix + "offset", std::to_string(record.offset)},
          {prefix + "connector.name", ConnectorOf(group)},
          {prefix + "task.id", "0"},
          {prefix + "stage", unreadable ? "VALUE_CONVERTER" : "TASK_PUT"},
          {prefix + "class.name", unreadable ? "org.apache.kafka.connect.json.JsonConverter"
                                             : "org.apache.kafka.connect.sink.SinkTask"},
          {prefix + "exception.class.name", std::string(outer.type)},
          {prefix + "exception.message", std::string(outer.message)},
          {prefix + "exception.stacktrace", TraceOf(outer, CauseOf(reason))}};
}

std::vector<OwnedHeader> StreamsHeaders(Reason reason, const kafka::Record& record) {
  const Thrown outer = WrapperOf(DeadLetterStyle::kStreams, reason);
  const std::string prefix = "__streams.errors.";
  return {{prefix + "exception", std::string(outer.type)},
          {prefix + "message", std::string(outer.message)},
          {prefix + "stacktrace", TraceOf(outer, CauseOf(reason))},
          {prefix + "topic", std::string(record.topic)},
          {prefix + "partition", std::to_string(record.partition)},
          {prefix + "offset", std::to_string(record.offset)}};
}

}  // namespace

std::vector<OwnedHeader> DeadLetterHeaders(DeadLetterStyle style, Reason reason,
                                           const kafka::Record& record, const std::string& group) {
  switch (style) {
    case DeadLetterStyle::kSpring: return SpringHeaders(reason, record, group);
    case DeadLetterStyle::kConnect: return ConnectHeaders(reason, record, group);
    case DeadLetterStyle::kStreams: break;
  }
  return StreamsHeaders(reason, record);
}

std::string DeadLetterTopic(const config::SimFailures& settings, const std::string& topic,
                            const std::string& group) {
  if (!settings.dead_letter_topic.empty()) return settings.dead_letter_topic;
  switch (settings.style) {
    case DeadLetterStyle::kSpring: return topic + "-dlt";
    case DeadLetterStyle::kConnect: return "dlq-" + group;
    case DeadLetterStyle::kStreams: break;
  }
  return group + "-" + topic + "-dlq";
}

}  // namespace backlogd::sim
