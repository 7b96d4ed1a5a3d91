#include "deadletters/decode.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "deadletters/record_builder.h"

namespace backlogd::deadletters {
namespace {

using std::chrono::milliseconds;

const WallTime kNow(milliseconds(1'700'000'000'000));

RecordBuilder Spring() {
  RecordBuilder record("orders-dlt");
  record.With("kafka_dlt-exception-fqcn", "java.lang.IllegalStateException");
  return record;
}

TEST(Decode, ReadsSpringsBinaryNumbers) {
  RecordBuilder record = Spring();
  record.With("kafka_dlt-original-topic", "orders")
      .With("kafka_dlt-original-partition", Int32(3))
      .With("kafka_dlt-original-offset", Int64(1'234'567'890'123))
      .With("kafka_dlt-original-timestamp", Int64(1'600'000'000'000))
      .With("kafka_dlt-original-consumer-group", "billing")
      .With("kafka_deliveryAttempt", Int32(10))
      .At(kNow);
  const DeadLetter letter = Decode(record.View());
  EXPECT_EQ(letter.framework, Framework::kSpring);
  EXPECT_EQ(letter.origin.topic, "orders");
  EXPECT_EQ(letter.origin.partition, 3);
  EXPECT_EQ(letter.origin.offset, 1'234'567'890'123);
  EXPECT_EQ(letter.origin.timestamp, WallTime(milliseconds(1'600'000'000'000)));
  EXPECT_EQ(letter.group, "billing");
  EXPECT_EQ(letter.attempts, 10);
  EXPECT_EQ(letter.died_at, kNow);
}

TEST(Decode, LeavesOutNumbersThatAreNone) {
  for (const std::string& bad :
       {std::string(), std::string("\0\0\1", 3), std::string(5, '\1'), Int32(-1), Int64(-1),
        std::string(1 << 20, '7'), Int64(1LL << 40), std::string("-1"), std::string("1 ")}) {
    RecordBuilder record = Spring();
    record.With("kafka_dlt-original-partition", bad);
    EXPECT_FALSE(Decode(record.View()).origin.partition.has_value()) << bad.size();
  }
  RecordBuilder record = Spring();
  record.With("kafka_dlt-original-offset", std::nullopt);
  EXPECT_FALSE(Decode(record.View()).origin.offset.has_value());
}

TEST(Decode, TakesTextForTextAndBytesForBytes) {
  RecordBuilder connect;
  connect.With("__connect.errors.exception.class.name", "x.Y")
      .With("__connect.errors.partition", "1234")
      .With("__connect.errors.offset", "12345678");
  EXPECT_EQ(Decode(connect.View()).origin.partition, 1234);
  EXPECT_EQ(Decode(connect.View()).origin.offset, 12345678);
  RecordBuilder spring = Spring();
  spring.With("kafka_dlt-original-partition", "12");
  EXPECT_EQ(Decode(spring.View()).origin.partition, 12);
}

// Two deaths, as each framework leaves them behind.
TEST(Decode, TellsTheFirstDeathFromTheLatest) {
  RecordBuilder spring = Spring();
  spring.With("kafka_dlt-original-topic", "orders").With("kafka_dlt-original-offset", Int64(7));
  spring.With("kafka_dlt-original-topic", "orders-dlt").With("kafka_dlt-original-offset", Int64(9));
  const DeadLetter twice = Decode(spring.View());
  EXPECT_EQ(twice.origin.topic, "orders");
  EXPECT_EQ(twice.origin.offset, 7);
  EXPECT_EQ(twice.source.topic, "orders-dlt");
  EXPECT_EQ(twice.source.offset, 9);

  RecordBuilder connect;
  connect.With("__connect.errors.exception.message", "old")
      .With("__connect.errors.exception.message", std::nullopt)
      .With("__connect.errors.exception.class.name", "a.OldException")
      .With("__connect.errors.exception.class.name", "a.NewException");
  const DeadLetter latest = Decode(connect.View());
  ASSERT_EQ(latest.faults.size(), 1u);
  EXPECT_EQ(latest.faults[0], (Fault{"a.NewException", ""}));

  RecordBuilder smallrye;
  smallrye.With("delayed-retry-exception-class-name", "a.New")
      .With("delayed-retry-topic", "returns_retry_600")
      .With("delayed-retry-exception-class-name", "a.Old")
      .With("delayed-retry-topic", "returns")
      .With("delayed-retry-count", "2");
  const DeadLetter hops = Decode(smallrye.View());
  EXPECT_EQ(hops.origin.topic, "returns");
  EXPECT_EQ(hops.source.topic, "returns_retry_600");
  EXPECT_EQ(hops.faults[0].type, "a.New");
  EXPECT_EQ(hops.attempts, 3);
}

TEST(Decode, CountsAttemptsAsEachFrameworkMeansThem) {
  RecordBuilder retry;
  retry.With("kafka_exception-fqcn", "x.Y");
  EXPECT_EQ(Decode(retry.View()).attempts, std::nullopt);
  retry.With("retry_topic-attempts", Int32(2));
  EXPECT_EQ(Decode(retry.View()).attempts, 1);
  retry.With("retry_topic-attempts", Int32(4));
  EXPECT_EQ(Decode(retry.View()).attempts, 3);
  retry.With("retry_topic-attempts", std::string(1, '\5'));
  EXPECT_EQ(Decode(retry.View()).attempts, 4);
  RecordBuilder karafka;
  karafka.With("source_topic", "a").With("source_attempts", "6");
  EXPECT_EQ(Decode(karafka.View()).attempts, 6);
  RecordBuilder mine;
  mine.With("dlq.retry.count", "3");
  EXPECT_EQ(Decode(mine.View()).attempts, 4);
}

TEST(Decode, PrefersTheTopicsOwnFramework) {
  RecordBuilder record;
  record.With("dead-letter-exception-class-name", "a.SmallRyeException")
      .With("__connect.errors.exception.class.name", "a.ConnectException");
  EXPECT_EQ(Decode(record.View()).framework, Framework::kConnect);
  EXPECT_EQ(Decode(record.View(), Framework::kConnect).faults[0].type, "a.ConnectException");
  EXPECT_EQ(Decode(record.View(), Framework::kSmallRye).faults[0].type, "a.SmallRyeException");
  EXPECT_EQ(Decode(record.View(), Framework::kStreams).framework, Framework::kConnect);
}

TEST(FrameworkVotes, CountsOnlyRecordsOfOneFramework) {
  FrameworkVotes votes;
  EXPECT_EQ(votes.Winner(), Framework::kNone);
  RecordBuilder redriven = Spring();
  redriven.With("__connect.errors.stage", "TASK_PUT");
  RecordBuilder own;
  own.With("__connect.errors.stage", "TASK_PUT");
  for (int i = 0; i < 5; ++i) votes.Add(redriven.View());
  EXPECT_EQ(votes.Winner(), Framework::kNone);
  votes.Add(own.View());
  EXPECT_EQ(votes.Winner(), Framework::kConnect);
}

TEST(Decode, KnowsWhenTheRecordDied) {
  RecordBuilder connect;
  connect.With("__connect.errors.stage", "TASK_PUT").At(kNow);
  EXPECT_FALSE(Decode(connect.View()).died_at.has_value());  // the source record's own time
  connect.At(kNow, true);
  EXPECT_EQ(Decode(connect.View()).died_at, kNow);
  const struct {
    const char* text;
    std::optional<std::int64_t> time;
  } cases[] = {
      {"1700000000123", 1'700'000'000'123},
      {"1700000000", 1'700'000'000'000},
      {"2023-11-14T22:13:20.1230000Z", 1'700'000'000'123},
      {"2023-11-14T22:13:20", 1'700'000'000'000},
      {"2023-11-15 00:13:20.5+02:00", 1'700'000'000'500},
      {"2023-02-30T00:00:00Z", std::nullopt},
      {"2023-11-14T22:13", std::nullopt},
      {"2023-11-14T22:13:20 o'clock", std::nullopt},
      {"9223372036854775807", std::nullopt},
      {"yesterday", std::nullopt},
      {"", std::nullopt},
  };
  for (const auto& [text, time] : cases) {
    RecordBuilder record;
    record.With("MT-Reason", "fault").With("MT-Fault-Timestamp", text);
    const auto died = Decode(record.View()).died_at;
    ASSERT_EQ(died.has_value(), time.has_value()) << text;
    if (time) {
      EXPECT_EQ(died, WallTime(milliseconds(*time))) << text;
    }
  }
}

TEST(Decode, ReadsNakadisBody) {
  RecordBuilder record("nakadi.dead.letter.queue");
  record.WithValue(R"({"subscription_id":"s-1","event_type":"shop.order","partition":"4",)"
                   R"("offset":"001-0001-7","error":{"message":)"
                   R"("Nakadi Auto DLQ: skipped due to failed commits count: 3"},"event":{}})");
  const DeadLetter letter = Decode(record.View());
  EXPECT_EQ(letter.framework, Framework::kNakadi);
  EXPECT_EQ(letter.origin.topic, "shop.order");
  EXPECT_EQ(letter.origin.partition, 4);
  EXPECT_EQ(letter.group, "s-1");
}

TEST(Decode, FindsNothingInAPlainRecord) {
  RecordBuilder record;
  record.With("content-type", "application/json")
      .With("traceparent", "00-1")
      .With("", "x")
      .At(kNow);
  const DeadLetter letter = Decode(record.View());
  EXPECT_EQ(letter.framework, Framework::kNone);
  EXPECT_TRUE(letter.faults.empty());
  EXPECT_FALSE(letter.attempts || letter.presumption || letter.died_at);
}

TEST(Decode, IsNotMisledByNamesThatOthersUseToo) {
  RecordBuilder record;
  record.With("retry_topic-original-timestamp", Int64(1)).With("x-original-timestamp", Int64(1));
  EXPECT_EQ(Decode(record.View()).framework, Framework::kNone);
  record.With("exception-type", "a.B").With("exception-message", "no");
  const DeadLetter mine = Decode(record.View());
  EXPECT_EQ(mine.framework, Framework::kHandMade);
  ASSERT_EQ(mine.faults.size(), 1u);
  EXPECT_EQ(mine.faults[0], (Fault{"a.B", "no"}));
}

TEST(Trace, YieldsTheCausesInnermostFirst) {
  FaultChain chain;
  AddTrace(
      "a.Outer: while working\n\tat a.B.c(D.java:1)\n\tSuppressed: a.Ignored: x\n"
      "\t\tat e\n\tCaused by: a.AlsoIgnored: y\nCaused by: a.Middle: two\nlines\n\t... 3 more\n"
      "Caused by: a.Root\n\tat a.B\n",
      chain);
  ASSERT_EQ(chain.size(), 3u);
  EXPECT_EQ(chain[0], (Fault{"a.Root", ""}));
  EXPECT_EQ(chain[1], (Fault{"a.Middle", "two\nlines"}));
  EXPECT_EQ(chain[2], (Fault{"a.Outer", "while working"}));
}

TEST(Trace, OfOtherRuntimesIsReadToo) {
  FaultChain dotnet;
  AddTrace(
      "System.Exception: outer\n ---> System.TimeoutException: inner\n   at X.Y()\n"
      "   --- End of inner exception stack trace ---\n   at Z()",
      dotnet);
  ASSERT_EQ(dotnet.size(), 2u);
  EXPECT_EQ(dotnet[0], (Fault{"System.TimeoutException", "inner"}));
  FaultChain python;
  AddTrace(
      "Traceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'x'\n\n"
      "During handling of the above exception, another exception occurred:\n\n"
      "Traceback (most recent call last):\n  File \"a.py\", line 2\nValueError: no x\n",
      python);
  ASSERT_EQ(python.size(), 2u);
  EXPECT_EQ(python[0].type, "KeyError");
  EXPECT_EQ(python[1].type, "ValueError");
}

TEST(Trace, OfAnyLengthIsBoundedAndKeepsItsRoot) {
  std::string trace = "a.Outer: m\n";
  for (int i = 0; i < 20'000; ++i) trace += "Caused by: a.B" + std::to_string(i) + ": x\n";
  trace += std::string(1 << 20, 'z') + "\nCaused by: a.Root: the end\n";
  FaultChain chain;
  AddTrace(trace, chain);
  ASSERT_LE(chain.size(), FaultChain::kCapacity);
  EXPECT_EQ(chain[0], (Fault{"a.Root", "the end"}));
  EXPECT_EQ(chain[chain.size() - 1].type, "a.Outer");
}

TEST(Decode, CutsWhatIsHuge) {
  RecordBuilder record("x");
  const std::string huge(3 << 20, 'a');
  record.With("reason_poisoned", huge).With("topic_poisoned", huge).With(huge, huge);
  const DeadLetter letter = Decode(record.View());
  EXPECT_LE(letter.origin.topic.size(), 512u);
  ASSERT_EQ(letter.faults.size(), 1u);
  EXPECT_EQ(letter.faults[0].message.size(), kMaxTextBytes);
}

TEST(Message, LosesWhatIsNotItsOwn) {
  const struct {
    const char* message;
    const char* own;
  } cases[] = {
      {"Listener method 'void a.TimeoutListener.onDuplicate(a.B) throws x' threw exception; no",
       "no"},
      {"Listener method 'void a.B.c()' threw exception; ", ""},
      {"Listener method 'void a.B.c()' threw exception", ""},
      {"Listener failed; 403 Forbidden: [no body]", "403 Forbidden: [no body]"},
      {"error occurred in message handler [a.B$1@56873aa]; busy", "busy"},
      {"it failed, failedMessage=GenericMessage [payload=timed out]", "it failed"},
      {"Could not resolve method parameter at index 0 in void a.Timeout.on(B): 1 error(s): [bad]",
       "[bad]"},
      {"plain", "plain"},
  };
  for (const auto& [message, own] : cases) EXPECT_EQ(WithoutDecoration(message), own);
}

TEST(FaultChain, TakesNestedExceptionsOutOfMessages) {
  FaultChain chain;
  chain.AddOuter({"a.Outer", "failed; nested exception is java.io.IOException: disk full"});
  ASSERT_EQ(chain.size(), 2u);
  EXPECT_EQ(chain[0], (Fault{"java.io.IOException", "disk full"}));
  EXPECT_EQ(chain[1].type, "a.Outer");
}

}  // namespace
}  // namespace backlogd::deadletters
