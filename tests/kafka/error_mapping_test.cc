#include "kafka/error_mapping.h"

#include <gtest/gtest.h>

#include "kafka/broker_errors.h"

namespace backlogd::kafka {
namespace {

TEST(MakeError, NamesKindAndCause) {
  const struct {
    rd_kafka_resp_err_t code;
    ErrorKind kind;
    const char* message;
  } cases[] = {
      {RD_KAFKA_RESP_ERR__TIMED_OUT, ErrorKind::kTimeout, "orders/3: timed out"},
      {RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, ErrorKind::kTimeout, "orders/3: request timed out"},
      {RD_KAFKA_RESP_ERR__TRANSPORT, ErrorKind::kUnreachable, "orders/3: no connection"},
      {RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, ErrorKind::kUnreachable,
       "orders/3: all broker connections are down"},
      {RD_KAFKA_RESP_ERR__NOENT, ErrorKind::kNoLeader, "orders/3: no leader"},
      {RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, ErrorKind::kNoLeader,
       "orders/3: leader not available"},
      {RD_KAFKA_RESP_ERR_NOT_LEADER_OR_FOLLOWER, ErrorKind::kNoLeader,
       "orders/3: not leader for partition"},
      {RD_KAFKA_RESP_ERR_NOT_COORDINATOR, ErrorKind::kNoLeader, "orders/3: not coordinator"},
      {RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, ErrorKind::kNoLeader,
       "orders/3: coordinator load in progress"},
      {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, ErrorKind::kUnauthorized,
       "orders/3: topic authorization failed"},
      {RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, ErrorKind::kUnauthorized,
       "orders/3: group authorization failed"},
      {RD_KAFKA_RESP_ERR__AUTHENTICATION, ErrorKind::kAuthentication,
       "orders/3: authentication failure"},
      {RD_KAFKA_RESP_ERR__SSL, ErrorKind::kAuthentication, "orders/3: SSL error"},
      {RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, ErrorKind::kAuthentication,
       "orders/3: SASL Authentication failed"},
      {RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION, ErrorKind::kUnsupported, "orders/3: long text"},
      // What no member gets by asking again.
      {RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT, ErrorKind::kUnsupported, "orders/3: long text"},
      {RD_KAFKA_RESP_ERR_GROUP_MAX_SIZE_REACHED, ErrorKind::kUnsupported, "orders/3: long text"},
      {RD_KAFKA_RESP_ERR__INVALID_ARG, ErrorKind::kOther, "orders/3: long text"},
  };
  for (const auto& c : cases) {
    const Error error = MakeError("orders/3", c.code, "long text");
    EXPECT_EQ(error.kind, c.kind) << rd_kafka_err2name(c.code);
    EXPECT_EQ(error.message, c.message);
  }
}

TEST(MakeError, FallsBackToTheCodeWithoutALongText) {
  EXPECT_EQ(MakeError("x", RD_KAFKA_RESP_ERR__INVALID_ARG).message,
            "x: invalid argument or configuration");
  EXPECT_EQ(MakeError("x", RD_KAFKA_RESP_ERR__INVALID_ARG, "").message,
            "x: invalid argument or configuration");
}

TEST(BrokerIn, ReadsTheNodeId) {
  const struct {
    const char* reason;
    BrokerId broker;
  } cases[] = {
      {"localhost:9092/2: Connect to ipv4#127.0.0.1:9092 failed", 2},
      {"sasl_ssl://kafka/x:9093/17: Disconnected", 17},
      {"localhost:9092/bootstrap: Connect failed", kNoBroker},
      {"GroupCoordinator: localhost:9092/3: Disconnected", kNoBroker},
      {"3/3 brokers are down", kNoBroker},
      {"host:9092/-2: x", kNoBroker},
      {"host:9092/99999999999999: x", kNoBroker},
      {"host:9092/: x", kNoBroker},
      {"", kNoBroker},
  };
  for (const auto& c : cases) EXPECT_EQ(BrokerIn(c.reason), c.broker) << c.reason;
}

Error TimedOut() { return MakeError("x", RD_KAFKA_RESP_ERR__TIMED_OUT); }

TEST(BrokerErrors, ExplainATimeoutUntilTheBrokerAnswers) {
  BrokerErrors errors;
  errors.Note(RD_KAFKA_RESP_ERR__TRANSPORT,
              "a:1/2: Connection refused (after 3ms in state CONNECT, 7 identical error(s))");
  EXPECT_EQ(errors.Explain(2, TimedOut()).kind, ErrorKind::kUnreachable);
  EXPECT_EQ(errors.Explain(2, TimedOut()).message, "x: timed out (a:1/2: Connection refused)");
  EXPECT_EQ(errors.Explain(3, TimedOut()).kind, ErrorKind::kTimeout) << "another broker";
  errors.Forget(2);
  EXPECT_EQ(errors.Explain(2, TimedOut()).kind, ErrorKind::kTimeout);
}

TEST(BrokerErrors, TakeAnAlertForARefusedCertificate) {
  BrokerErrors errors;
  errors.Note(RD_KAFKA_RESP_ERR__TRANSPORT,
              "ssl://a:1/2: Receive failed: error:0A000412:SSL routines::sslv3 alert bad "
              "certificate: SSL alert number 42 (after 52ms in state APIVERSION_QUERY)");
  EXPECT_EQ(errors.Explain(2, TimedOut()).kind, ErrorKind::kAuthentication);
}

TEST(BrokerErrors, LeaveOtherErrorsAlone) {
  BrokerErrors errors;
  errors.Note(RD_KAFKA_RESP_ERR__TRANSPORT, "a:1/2: Connection refused");
  const Error error =
      errors.Explain(2, MakeError("x", RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED));
  EXPECT_EQ(error.kind, ErrorKind::kUnauthorized);
  EXPECT_EQ(error.message, "x: group authorization failed");
}

TEST(BrokerErrors, KeepTheMostTellingOneForTheCluster) {
  BrokerErrors errors;
  errors.Note(RD_KAFKA_RESP_ERR__INVALID_ARG, "not about a connection");
  EXPECT_EQ(errors.Explain(kNoBroker, TimedOut()).kind, ErrorKind::kTimeout);
  errors.Note(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "1/1 brokers are down");
  EXPECT_EQ(errors.Explain(kNoBroker, TimedOut()).message,
            "x: timed out (1/1 brokers are down: they hang up at once; does security.protocol fit "
            "their listener?)");
  errors.Note(RD_KAFKA_RESP_ERR__AUTHENTICATION, "a:1/bootstrap: SASL refused");
  errors.Note(RD_KAFKA_RESP_ERR__TRANSPORT, "a:1/bootstrap: Disconnected");
  errors.Note(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "1/1 brokers are down");
  EXPECT_EQ(errors.Explain(kNoBroker, TimedOut()).kind, ErrorKind::kAuthentication);
  errors.Forget(kNoBroker);
  EXPECT_EQ(errors.Explain(kNoBroker, TimedOut()).kind, ErrorKind::kTimeout);
}

}  // namespace
}  // namespace backlogd::kafka
