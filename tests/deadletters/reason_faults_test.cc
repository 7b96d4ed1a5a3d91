#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "deadletters/jvm_faults.h"
#include "deadletters/reason_case.h"

// The same faults as each framework of the JVM reports them: by class, message and stack trace, or
// by parts of these. What a record does not say, nobody is asked to know.
namespace backlogd::deadletters {
namespace {

std::string Print(const std::vector<Throwable>& chain) {
  std::string trace;
  for (const Throwable& one : chain) {
    trace += (trace.empty() ? "" : "Caused by: ") + one.type;
    trace += (one.message.empty() ? "" : ": " + one.message) + "\n\tat shop.Handler.on(H.java:7)\n";
  }
  return trace;
}

std::vector<Throwable> Under(std::vector<Throwable> outer, const FaultCase& fault) {
  outer.insert(outer.end(), fault.chain.begin(), fault.chain.end());
  return outer;
}

Headers OfSpring(const FaultCase& fault) {
  const Throwable& outer = fault.chain.front();
  return {{"kafka_dlt-exception-fqcn", kListenerFailed},
          {"kafka_dlt-exception-cause-fqcn", outer.type},
          {"kafka_dlt-exception-message", kSignature + outer.message},
          {"kafka_dlt-exception-stacktrace",
           Print(Under({{kListenerFailed, kSignature + outer.message}}, fault))},
          {"kafka_dlt-original-topic", "orders"}};
}

Headers OfRetryTopics(const FaultCase& fault) {
  const Throwable& outer = fault.chain.front();
  const std::string message = "Listener failed; " + outer.message;
  return {{"kafka_exception-fqcn", kListenerFailed},
          {"kafka_exception-cause-fqcn", outer.type},
          {"kafka_exception-message", message},
          {"kafka_exception-stacktrace",
           Print(Under({{kListenerFailed, "Listener failed"},
                        {"org.springframework.kafka.listener.TimestampedException",
                         "Exception thrown at 2026-11-22T15:38:37.636242203Z"},
                        {kListenerFailed, kSignature + outer.message}},
                       fault))},
          {"kafka_original-topic", "orders"},
          {"retry_topic-attempts", Int32(2)}};
}

Headers OfCloudStream(const FaultCase& fault) {
  const std::string handler = "error occurred in message handler [a.Timeout@56873aa]";
  return {{"x-original-topic", "orders"},
          {"x-exception-fqcn", "org.springframework.messaging.MessageHandlingException"},
          {"x-exception-message", handler + ", failedMessage=GenericMessage [payload=timed out]"},
          {"x-exception-stacktrace",
           Print(Under({{"org.springframework.messaging.MessagingException", "x"},
                        {"org.springframework.core.retry.RetryException",
                         "Retry policy for operation 'a.B' exhausted; aborting execution"},
                        {"org.springframework.messaging.MessageHandlingException", handler}},
                       fault))}};
}

Headers OfConnect(const FaultCase& fault, const char* stage) {
  const Throwable& outer = fault.chain.front();
  return Connect(stage, outer.type.c_str(),
                 outer.message.empty() ? std::nullopt : std::optional(outer.message),
                 Print(fault.chain));
}

// The sink's own exception outside of what happened.
Headers OfConnectSink(const FaultCase& fault) {
  const FaultCase wrapped = {
      fault.name,
      Under({{"org.apache.kafka.connect.errors.ConnectException", "Write to shop failed"}}, fault),
      fault.expected};
  return OfConnect(wrapped, "TASK_PUT");
}

Headers OfStreams(const FaultCase& fault) {
  const Throwable& outer = fault.chain.front();
  return Streams(outer.type.c_str(), outer.message.c_str(), Print(fault.chain));
}

// Two throwables and no trace; without a message, the class stands for it.
Headers OfSmallRye(const FaultCase& fault) {
  const auto text = [](const Throwable& one) {
    return one.message.empty() ? one.type : one.message;
  };
  Headers headers = {{"dead-letter-exception-class-name", fault.chain[0].type},
                     {"dead-letter-reason", text(fault.chain[0])},
                     {"dead-letter-topic", "orders"}};
  if (fault.chain.size() > 1) {
    headers.emplace_back("dead-letter-cause-class-name", fault.chain[1].type);
    headers.emplace_back("dead-letter-cause", text(fault.chain[1]));
  }
  return headers;
}

void CheckAll(Headers (*headers_of)(const FaultCase&)) {
  for (const FaultCase& fault : JvmFaults()) {
    EXPECT_EQ(ToText(ReasonOf(headers_of(fault))), ToText(fault.expected)) << fault.name;
  }
}

TEST(ReasonOfAFault, IsTheSameFromSpring) { CheckAll(OfSpring); }
TEST(ReasonOfAFault, IsTheSameFromSpringsRetryTopics) { CheckAll(OfRetryTopics); }
TEST(ReasonOfAFault, IsTheSameFromConnectsSinks) { CheckAll(OfConnectSink); }
TEST(ReasonOfAFault, IsTheSameFromConnectsTransformations) {
  CheckAll([](const FaultCase& fault) { return OfConnect(fault, "TRANSFORMATION"); });
}
TEST(ReasonOfAFault, IsTheSameFromStreams) { CheckAll(OfStreams); }
TEST(ReasonOfAFault, IsTheSameFromSmallRye) { CheckAll(OfSmallRye); }

// Its retry is in every chain: what says nothing by itself was tried in vain.
TEST(ReasonOfAFault, IsTheSameFromCloudStreamButForTheUnknown) {
  for (const FaultCase& fault : JvmFaults()) {
    const std::string_view reason = ToText(ReasonOf(OfCloudStream(fault)));
    if (fault.expected == kUnknown && reason == ToText(kRetries)) continue;
    EXPECT_EQ(reason, ToText(fault.expected)) << fault.name;
  }
}

TEST(ReasonOfAFault, IsFoundWhereFrameworksPutIt) {
  const char kConverter[] = "VALUE_CONVERTER";
  const char kDataException[] = "org.apache.kafka.connect.errors.DataException";
  Check({
      {"Streams: a refused send, told by its message",
       Streams("org.apache.kafka.streams.errors.StreamsException",
               "Error encountered sending record to topic restricted for task 0_0 due to:\n"
               "org.apache.kafka.common.errors.TopicAuthorizationException: Not authorized to "
               "access topics: [restricted]\nException handler choose to FAIL the processing"),
       kPermission},
      {"Streams: a send that timed out",
       Streams("org.apache.kafka.streams.errors.StreamsException",
               "Error encountered sending record to topic audit for task 0_0 due to:\n"
               "org.apache.kafka.common.errors.TimeoutException: Expiring 1 record(s)"),
       kTimeout},
      {"Streams: unreadable",
       Streams("org.apache.kafka.common.errors.SerializationException",
               "Size of data received by LongDeserializer is not 8"),
       kFormat},
      {"Streams: a processor's own exception around it",
       Streams("org.apache.kafka.streams.errors.internals.FailedProcessingException", "x",
               Trace({"org.apache.kafka.streams.errors.internals.FailedProcessingException: x",
                      "java.lang.IllegalArgumentException: No enum constant a.B.C"})),
       kFormat},
      {"Connect: registry refuses the key",
       Connect("KEY_CONVERTER", kDataException, "Failed to deserialize data for topic orders",
               Trace({"org.apache.kafka.connect.errors.DataException: Failed to deserialize data",
                      "org.apache.kafka.common.errors.SerializationException: Error retrieving",
                      "i.c.k.RestClientException: User is denied operation; error code: 40301"})),
       kPermission},
      {"Connect: registry out of reach",
       Connect(kConverter, kDataException, "Failed to deserialize data for topic orders",
               Trace({"org.apache.kafka.connect.errors.DataException: Failed to deserialize data",
                      "org.apache.kafka.common.errors.SerializationException: Error retrieving",
                      "java.net.ConnectException: Connection refused"})),
       kRetries},
      {"Connect: no such schema",
       Connect(kConverter, kDataException, "Failed to deserialize data for topic orders",
               Trace({"org.apache.kafka.connect.errors.DataException: Failed to deserialize data",
                      "i.c.k.RestClientException: Schema 7 not found; error code: 40403"})),
       kFormat},
      {"Connect: a header that cannot be read",
       Connect("HEADER_CONVERTER", kDataException,
               "Converting byte[] to Kafka Connect data failed "
               "due to serialization error: "),
       kFormat},
      {"Connect: a retried transformation that timed out",
       Connect("TRANSFORMATION", "org.apache.kafka.connect.errors.RetriableException", "not ready",
               Trace({"org.apache.kafka.connect.errors.RetriableException: not ready",
                      "java.net.http.HttpTimeoutException: request timed out"})),
       kTimeout},
      {"Connect: tombstone in a transformation",
       Connect("TRANSFORMATION", kDataException,
               "Only Struct objects supported for [field extraction], found: null"),
       kFormat},
      {"Spring: one record of a batch",
       Spring("org.springframework.kafka.listener.BatchListenerFailedException", "refund @-2",
              Trace({"org.springframework.kafka.listener.ListenerExecutionFailedException: x",
                     "org.springframework.kafka.listener.BatchListenerFailedException: refund @-2",
                     "org.apache.kafka.common.errors.SaslAuthenticationException: no"})),
       kPermission},
      {"Spring: one record of a batch, without a trace",
       Spring("org.springframework.kafka.listener.BatchListenerFailedException",
              "GET http://stock.internal/items answered 503; nested exception is shop.Odd: x @-2"),
       kRetries},
      {"Spring: unreadable, told by both families",
       {{"kafka_dlt-exception-fqcn",
         "org.springframework.kafka.support.serializer.DeserializationException"},
        {"kafka_dlt-exception-cause-fqcn",
         "org.springframework.kafka.support.serializer.DeserializationException"},
        {"kafka_dlt-exception-message", "failed to deserialize"},
        {"kafka_dlt-key-exception-message", "failed to deserialize"}},
       kFormat},
      {"SmallRye: the reason is a class",
       {{"dead-letter-exception-class-name", "java.util.concurrent.TimeoutException"},
        {"dead-letter-reason", "java.util.concurrent.TimeoutException"}},
       kTimeout},
      {"SmallRye: hops, and the cause of each",
       {{"delayed-retry-exception-class-name", "java.net.ConnectException"},
        {"delayed-retry-reason", "Connection refused"},
        {"delayed-retry-count", "2"}},
       kRetries},
      {"SmallRye: refused at the last of several tries",
       {{"delayed-retry-exception-class-name", "shop.UpstreamException"},
        {"delayed-retry-reason", "GET http://stock.internal/items answered 403"},
        {"delayed-retry-count", "2"}},
       kPermission},
  });
}

TEST(ReasonOfAFault, IsAskedOfMany) { EXPECT_GE(JvmFaults().size(), 100u); }

}  // namespace
}  // namespace backlogd::deadletters
