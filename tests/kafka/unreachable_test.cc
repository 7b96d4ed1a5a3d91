#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "kafka/librdkafka_client.h"
#include "kafka/loopback_socket.h"
#include "kafka/recording_log.h"

// What a client says of a cluster that is not there.
namespace backlogd::kafka {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

Deadline In(std::chrono::milliseconds time) { return steady_clock::now() + time; }

config::Cluster At(const std::string& servers) {
  config::Cluster cluster;
  cluster.bootstrap_servers = servers;
  return cluster;
}

TEST(Unreachable, IsSaidWithItsReasonAndEndsInTime) {
  RecordingLog log;
  const LoopbackSocket port;
  auto client = MakeLibrdkafkaClient(At(port.name()), 1s, log);
  testing::internal::CaptureStderr();
  const auto start = steady_clock::now();
  const Result<Metadata> metadata = client->FetchMetadata(In(1500ms));
  EXPECT_LT(steady_clock::now() - start, 2s);
  ASSERT_FALSE(metadata);
  EXPECT_EQ(metadata.error().kind, ErrorKind::kUnreachable);
  EXPECT_NE(metadata.error().message.find("Connection refused"), std::string::npos)
      << metadata.error().message;
  EXPECT_TRUE(log.Has("librdkafka kafka_cluster=default facility=FAIL"));
  const auto closing = steady_clock::now();
  client.reset();
  EXPECT_LT(steady_clock::now() - closing, 2s);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Unreachable, TriesAFreshHandleWhenCallsKeepFailing) {
  RecordingLog log;
  const LoopbackSocket port;
  const auto client = MakeLibrdkafkaClient(At(port.name()), 1s, log);
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(client->FetchMetadata(In(200ms)));
  EXPECT_FALSE(log.Has("No broker answers: trying a fresh Kafka client"));
  EXPECT_FALSE(client->FetchMetadata(In(200ms)));
  EXPECT_TRUE(log.Has("No broker answers: trying a fresh Kafka client kafka_cluster=default"));
}

TEST(Unreachable, MetadataCanBeInterrupted) {
  RecordingLog log;
  const LoopbackSocket port;
  const auto client = MakeLibrdkafkaClient(At(port.name()), 1s, log);
  std::thread interrupter([&] { client->Interrupt(); });
  const auto start = steady_clock::now();
  const Result<Metadata> metadata = client->FetchMetadata(In(30s));
  interrupter.join();
  EXPECT_LT(steady_clock::now() - start, 1s);
  EXPECT_EQ(metadata.error().kind, ErrorKind::kInterrupted);
}

}  // namespace
}  // namespace backlogd::kafka
