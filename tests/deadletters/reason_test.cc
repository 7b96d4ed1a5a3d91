#include <gtest/gtest.h>

#include "deadletters/reason_case.h"

namespace backlogd::deadletters {
namespace {

TEST(Reason, OfSpringRecords) {
  Check({
      {"signature says everything, message nothing", Spring("shop.OddException", "odd"), kUnknown},
      {"signature alone", Spring("java.lang.NullPointerException", ""), kUnknown},
      {"root only in the trace",
       Spring("org.springframework.web.client.ResourceAccessException", "I/O error on GET",
              Trace({"a.L: x", "org.springframework.web.client.ResourceAccessException: I/O error",
                     "java.net.SocketTimeoutException: Read"})),
       kTimeout},
      {"403", Spring("org.springframework.web.client.HttpClientErrorException$Forbidden", "403"),
       kPermission},
      {"422 of Spring 7",
       Spring("org.springframework.web.client.HttpClientErrorException$UnprocessableContent",
              "422"),
       kBusiness},
      {"503",
       Spring("org.springframework.web.client.HttpServerErrorException$ServiceUnavailable", "503"),
       kRetries},
      {"connect timeout under a ConnectException",
       Spring("java.net.ConnectException", "HTTP connect timed out"), kTimeout},
      {"refused", Spring("java.net.ConnectException", "Connection refused"), kRetries},
      {"JDBC password",
       Spring("java.sql.SQLInvalidAuthorizationSpecException", "Wrong user name or password"),
       kPermission},
      {"bean validation",
       Spring("org.springframework.messaging.handler.annotation.support."
              "MethodArgumentNotValidException",
              "Could not resolve method parameter at index 0 in void a.Timeout.b(C): 1 error(s): "
              "[must be greater than 0]"),
       kBusiness},
      {"tombstone",
       Spring("org.springframework.messaging.handler.annotation.support."
              "MethodArgumentNotValidException",
              "Could not resolve method parameter at index 0 in void a.B.b(C): 1 error(s): "
              "[default message [Payload value must not be empty]]"),
       kFormat},
      {"enum", Spring("java.lang.IllegalArgumentException", "No enum constant shop.Colour.PINK"),
       kFormat},
      {"argument", Spring("java.lang.IllegalArgumentException", "quantity"), kBusiness},
      {"state says nothing", Spring("java.lang.IllegalStateException", "closed"), kUnknown},
      {"defect inside of Jackson",
       Spring("com.fasterxml.jackson.databind.JsonMappingException", "x",
              Trace({"a.L: x", "com.fasterxml.jackson.databind.JsonMappingException: (was NPE)",
                     "java.lang.NullPointerException: n is null"})),
       kFormat},
      {"a defect that quotes the program",
       Spring("java.lang.NullPointerException", "because \"request timed out\" is null"), kUnknown},
      {"suppressed is no cause",
       Spring("shop.OddException", "odd",
              "a.L: x\n\tSuppressed: java.util.concurrent.TimeoutException: t\n\tCaused by: "
              "java.lang.SecurityException: s\nCaused by: shop.OddException: odd\n"),
       kUnknown},
      {"key unreadable",
       {{"kafka_dlt-key-exception-fqcn", "a.B"}, {"kafka_dlt-exception-cause-fqcn", "a.B"}},
       kFormat},
      {"registry out of reach",
       {{"kafka_dlt-key-exception-fqcn",
         "org.springframework.kafka.support.serializer.DeserializationException"},
        {"kafka_dlt-key-exception-stacktrace",
         Trace(
             {"o.DeserializationException: x", "java.net.ConnectException: Connection refused"})}},
       kRetries},
      {"message only, Spring 5",
       {{"kafka_dlt-exception-message",
         std::string(kSignature) + "nested exception is java.net.SocketTimeoutException: Read"}},
       kTimeout},
      {"attempts of the container",
       {{"kafka_dlt-exception-fqcn", "shop.OddException"}, {"kafka_deliveryAttempt", Int32(3)}},
       kRetries},
      {"two attempts",
       {{"kafka_dlt-exception-fqcn", "shop.OddException"}, {"kafka_deliveryAttempt", Int32(2)}},
       kRetries},
      {"one attempt",
       {{"kafka_dlt-exception-fqcn", "shop.OddException"}, {"kafka_deliveryAttempt", Int32(1)}},
       kUnknown},
      {"attempts of a wrong length",
       {{"kafka_dlt-exception-fqcn", "shop.OddException"}, {"kafka_deliveryAttempt", "\3\3\3"}},
       kUnknown},
      {"all null",
       {{"kafka_dlt-exception-fqcn", std::nullopt}, {"kafka_dlt-exception-message", std::nullopt}},
       kUnknown},
      {"binary",
       {{"kafka_dlt-exception-fqcn", "\xff\xfe\x80"},
        {"kafka_dlt-exception-message", "\x80timed out"}},
       kTimeout},
  });
}

TEST(Reason, OfSpringRetryTopicsAndStream) {
  const char kRetry[] = "org.springframework.core.retry.RetryException: Retry policy exhausted";
  Check({
      {"retried in vain", Retried("shop.OddException", "odd", 4), kRetries},
      {"never retried", Retried("shop.OddException", "odd", 2), kUnknown},
      {"cause before attempts", Retried("java.lang.SecurityException", "no role", 4), kPermission},
      {"defect", Retried("java.lang.NullPointerException", "", 4), kUnknown},
      {"fatal", Retried("org.springframework.kafka.support.converter.ConversionException", "x", 3),
       kFormat},
      {"Cloud Stream: the cause under the retry",
       {{"x-exception-fqcn", "org.springframework.messaging.MessagingException"},
        {"x-exception-message", "error occurred in message handler [a.Timeout@1]; odd"},
        {"x-exception-stacktrace", Trace({"org.springframework.messaging.MessagingException: x",
                                          kRetry, "a.ValidationException: sum"})}},
       kBusiness},
      {"Cloud Stream: nothing but the retry",
       {{"x-exception-fqcn", "org.springframework.messaging.MessagingException"},
        {"x-exception-stacktrace",
         Trace({"org.springframework.messaging.MessagingException: x", kRetry, "a.Odd: odd"})}},
       kRetries},
      {"Cloud Stream: the latest of two deaths",
       {{"x-exception-fqcn", "java.lang.SecurityException"},
        {"x-exception-message", "old"},
        {"x-exception-fqcn", "java.util.concurrent.TimeoutException"},
        {"x-exception-message", "new"}},
       kTimeout},
      {"the record is no cause",
       {{"x-exception-fqcn", "org.springframework.messaging.MessageHandlingException"},
        {"x-exception-message", "odd, failedMessage=GenericMessage [payload=access denied]"}},
       kUnknown},
  });
}

TEST(Reason, OfConnectRecords) {
  const char kOuter[] = "org.apache.kafka.connect.errors.ConnectException";
  Check({
      {"converter", Connect("VALUE_CONVERTER", "a.Odd", "odd"), kFormat},
      {"converter refuses an argument",
       Connect("KEY_CONVERTER", "java.lang.IllegalArgumentException", "x"), kFormat},
      {"registry refuses",
       Connect(
           "VALUE_CONVERTER", kOuter, "x",
           Trace({"a.DataException: x", "o.RestClientException: Unauthorized; error code: 401"})),
       kPermission},
      {"registry slow",
       Connect("VALUE_CONVERTER", kOuter, "x",
               Trace({"a.DataException: x", "java.net.SocketTimeoutException: Read timed out"})),
       kTimeout},
      {"transformation, transient",
       Connect("TRANSFORMATION", "org.apache.kafka.connect.errors.RetriableException", "no price"),
       kRetries},
      {"transformation of a wrong type",
       Connect("TRANSFORMATION", "org.apache.kafka.connect.errors.DataException", "x"), kFormat},
      {"transformation, odd", Connect("TRANSFORMATION", "shop.OddException", "odd"), kUnknown},
      {"put after attempts, cause known",
       Connect("TASK_PUT", kOuter, "Failed to write 1 record after 3 attempts",
               Trace({"org.apache.kafka.connect.errors.ConnectException: Failed after 3 attempts",
                      "shop.UpstreamException: GET http://x/y answered 403"})),
       kPermission},
      {"put after attempts, cause odd",
       Connect("TASK_PUT", kOuter, "Failed to write 1 record after 3 attempts"), kRetries},
      {"null message", Connect("TASK_PUT", "java.util.concurrent.TimeoutException", std::nullopt),
       kTimeout},
      {"no class is named like a wrapper of ours",
       Connect("TASK_PUT", "java.net.ConnectException", "x"), kRetries},
      {"no headers at all", {{"content-type", "application/json"}}, kUnknown},
  });
}

TEST(Reason, OfStreamsRecords) {
  Check({
      {"punctuator", Streams("java.lang.IllegalStateException", "window"), kUnknown},
      {"class and message in one", Streams("java.lang.SecurityException: no", ""), kPermission},
      {"duplicate in the database",
       Streams("java.lang.RuntimeException", "cannot handle item",
               Trace({"java.lang.RuntimeException: cannot handle item",
                      "org.h2.jdbc.JdbcSQLIntegrityConstraintViolationException: Unique index"})),
       kBusiness},
      {"what a wrapper tells of its inside",
       Streams("java.lang.RuntimeException", "timed out",
               Trace({"java.lang.RuntimeException: timed out",
                      "java.lang.IllegalArgumentException: quantity"})),
       kBusiness},
      {"a refused send",
       Streams("org.apache.kafka.streams.errors.StreamsException", "Error sending record",
               Trace({"org.apache.kafka.streams.errors.StreamsException: Error",
                      "org.apache.kafka.common.errors.TopicAuthorizationException: Not"})),
       kPermission},
      {"bakdata",
       {{"__streams.errors.exception.class.name", "com.google.gson.JsonSyntaxException"},
        {"__streams.errors.exception.message", "x"},
        {"__streams.errors.description", "timed out"}},
       kFormat},
  });
}

TEST(Reason, OfSmallRyeRecords) {
  const char kProcessing[] = "io.smallrye.reactive.messaging.providers.ProcessingException";
  const Headers nothing = {
      {"delayed-retry-exception-class-name", kProcessing},
      {"delayed-retry-reason", "SRMSG00103: Exception thrown when calling the method a.B#timeout"},
      {"delayed-retry-cause-class-name", "java.lang.reflect.InvocationTargetException"},
      {"delayed-retry-cause", "java.lang.reflect.InvocationTargetException"}};
  Headers twice = nothing, once = nothing;
  twice.emplace_back("delayed-retry-count", "2");
  once.emplace_back("delayed-retry-count", "0");
  Check({
      {"nothing but wrappers", nothing, kUnknown},
      {"nothing but wrappers, retried", twice, kRetries},
      {"nothing but wrappers, first hop", once, kUnknown},
      {"unreadable",
       {{"deserialization-failure-reason", "odd"}, {"deserialization-failure-data", "\1\2"}},
       kFormat},
      {"class for a message",
       {{"dead-letter-exception-class-name", "a.Odd"},
        {"dead-letter-reason", "java.util.concurrent.TimeoutException"}},
       kTimeout},
      {"the first death of two is the latest",
       {{"dead-letter-exception-class-name", "java.lang.SecurityException"},
        {"dead-letter-exception-class-name", "java.util.concurrent.TimeoutException"}},
       kPermission},
      {"cause inside",
       {{"dead-letter-exception-class-name", kProcessing},
        {"dead-letter-cause-class-name", "jakarta.validation.ConstraintViolationException"},
        {"dead-letter-cause", "sum"}},
       kBusiness},
  });
}

TEST(Reason, OfVerdictsOfFrameworks) {
  Check({
      {"share group, rejected",
       {{"__dlq.errors.message", "Offset rejected by client."}},
       kBusiness},
      {"share group, too often",
       {{"__dlq.errors.message", "Offset delivery count exceeded the threshold."},
        {"__dlq.errors.delivery.count", "5"}},
       kRetries},
      {"KIP-1317", {{"_dlq.errors.disposition", "CLIENT_REJECTED"}}, kBusiness},
      {"KIP-1317, too often",
       {{"_dlq.errors.disposition", "MAX_DELIVERY_ATTEMPTS_REACHED"}},
       kRetries},
      {"share group, something new", {{"__dlq.errors.message", "Because."}}, kUnknown},
      {"rule",
       {{"__rule.name", "r"}, {"__rule.exception", "malformed email timed out"}},
       kBusiness},
      {"rule, KMS",
       {{"__rule.name", "e"}, {"__rule.exception", "AccessDeniedException"}},
       kPermission},
      {"MassTransit, skipped", {{"MT-Reason", "dead-letter"}}, kFormat},
      {"MassTransit",
       {{"MT-Reason", "fault"}, {"MT-Fault-ExceptionType", "System.UnauthorizedAccessException"}},
       kPermission},
      {"Brighter", {{"RejectionReason", "Unacceptable"}, {"RejectionMessage", "odd"}}, kFormat},
      {"Brighter, by message",
       {{"RejectionReason", "DeliveryError"}, {"RejectionMessage", "The operation has timed out."}},
       kTimeout},
      {"Knative, 504", {{"ce_knativeerrorcode", "504"}}, kTimeout},
      {"Knative, 403", {{"ce_knativeerrorcode", "403"}}, kPermission},
      {"Knative, 422", {{"knativeerrorcode", "422"}}, kBusiness},
      {"Knative, 503", {{"knativeerrorcode", "503"}}, kRetries},
      {"Knative, no number", {{"knativeerrorcode", "5O3"}}, kUnknown},
  });
}

TEST(Reason, OfOtherFrameworks) {
  Check({
      {"Wolverine",
       {{"original-destination", "kafka://orders"},
        {"exception-type", "System.Text.Json.JsonException"},
        {"exception-message", "x"}},
       kFormat},
      {"Wolverine, inner",
       {{"original-destination", "kafka://orders"},
        {"exception-type", "System.AggregateException"},
        {"exception-stack",
         "System.AggregateException: x\n ---> System.TimeoutException: y\n   at Z"}},
       kTimeout},
      {"Silverback", {{"x-failure-reason", "System.ArgumentNullException in Shop"}}, kBusiness},
      {"Karafka", {{"source_topic", "a"}, {"source_attempts", "3"}}, kRetries},
      {"Karafka, at once", {{"source_topic", "a"}, {"source_attempts", "1"}}, kUnknown},
      {"laravel",
       {{"kafka_throwable_class_name", "Illuminate\\Auth\\AuthenticationException"},
        {"kafka_throwable_message", "x"}},
       kPermission},
      {"Trendyol", {{"x-retry-count", "3"}, {"x-error-message", "odd"}}, kRetries},
      {"Watermill, JSON", Poisoned("read mail: unexpected end of JSON input"), kFormat},
      {"Watermill, deadline", Poisoned("send mail: context deadline exceeded"), kTimeout},
      {"Watermill, file", Poisoned("open /var/x: permission denied"), kPermission},
      {"Watermill, 503", Poisoned("unexpected status 503 Service Unavailable"), kRetries},
      {"Watermill, number", Poisoned("strconv.Atoi: parsing \"x\": invalid syntax"), kFormat},
      {"Watermill, odd", Poisoned("oops"), kUnknown},
      {"hand-made",
       {{"dlq.error.class", "com.shop.InsufficientFundsException"}, {"dlq.original.topic", "a"}},
       kBusiness},
      {"hand-made, Python",
       {{"x-error-type", "JSONDecodeError"}, {"x-error-message", "Expecting value: line 1"}},
       kFormat},
      {"hand-made, message only", {{"errorMessage", "Request timed out"}}, kTimeout},
      {"hand-made, retries only", {{"retry_count", "2"}}, kRetries},
  });
}

// Words have borders, numbers have a word beside them.
}  // namespace
}  // namespace backlogd::deadletters
