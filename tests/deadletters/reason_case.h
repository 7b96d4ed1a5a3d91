#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "deadletters/classify.h"
#include "deadletters/decode.h"
#include "deadletters/record_builder.h"

// Headers as the frameworks write them, and the reasons that they should have.
namespace backlogd::deadletters {

using Headers = std::vector<std::pair<std::string, std::optional<std::string>>>;

struct Case {
  const char* name;
  Headers headers;
  Reason expected;
};

inline constexpr auto kRetries = Reason::kRetriesExhausted;
inline constexpr auto kFormat = Reason::kFormat;
inline constexpr auto kBusiness = Reason::kBusiness;
inline constexpr auto kTimeout = Reason::kTimeout;
inline constexpr auto kPermission = Reason::kPermission;
inline constexpr auto kUnknown = Reason::kUnknown;

inline Reason ReasonOf(const Headers& headers, std::span<const ReasonRule> rules = {}) {
  RecordBuilder record;
  for (const auto& [name, value] : headers) record.With(name, value);
  return Classify(Decode(record.View()), rules);
}

inline void Check(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    EXPECT_EQ(ToText(ReasonOf(one.headers)), ToText(one.expected)) << one.name;
  }
}

// A trace of these throwables, outermost first.
inline std::string Trace(std::initializer_list<const char*> throwables) {
  std::string trace;
  for (const char* throwable : throwables) {
    trace +=
        std::string(trace.empty() ? "" : "Caused by: ") + throwable + "\n\tat a.B.c(D.java:1)\n";
  }
  return trace;
}

inline constexpr char kListenerFailed[] =
    "org.springframework.kafka.listener.ListenerExecutionFailedException";
inline constexpr char kSignature[] =
    "Listener method 'void shop.TimeoutListener.onForbidden(shop.Duplicate) throws "
    "java.util.concurrent.TimeoutException' threw exception; ";

inline Headers Spring(const char* cause, const std::string& message,
                      const std::string& trace = "") {
  Headers headers = {{"kafka_dlt-exception-fqcn", kListenerFailed},
                     {"kafka_dlt-exception-cause-fqcn", cause},
                     {"kafka_dlt-exception-message", kSignature + message}};
  if (!trace.empty()) headers.emplace_back("kafka_dlt-exception-stacktrace", trace);
  return headers;
}

inline Headers Retried(const char* cause, const std::string& message, std::int32_t next_attempt) {
  return {{"kafka_exception-fqcn", kListenerFailed},
          {"kafka_exception-cause-fqcn", cause},
          {"kafka_exception-message", "Listener failed; " + message},
          {"retry_topic-attempts", Int32(2)},
          {"retry_topic-attempts", Int32(next_attempt)}};
}

inline Headers Connect(const char* stage, const char* type, std::optional<std::string> message,
                       const std::string& trace = "") {
  return {{"__connect.errors.topic", "orders"},
          {"__connect.errors.stage", stage},
          {"__connect.errors.exception.class.name", type},
          {"__connect.errors.exception.message", std::move(message)},
          {"__connect.errors.exception.stacktrace", trace}};
}

inline Headers Streams(const char* type, const char* message, const std::string& trace = "") {
  return {{"__streams.errors.exception", type},
          {"__streams.errors.message", message},
          {"__streams.errors.stacktrace", trace},
          {"__streams.errors.topic", std::nullopt},
          {"__streams.errors.offset", "-1"}};
}

inline Headers Poisoned(const char* reason) {
  return {{"reason_poisoned", reason}, {"topic_poisoned", "t"}};
}

}  // namespace backlogd::deadletters
