#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "kafka/librdkafka_client.h"
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

// A port of this machine that nobody listens on, as long as this lives.
class ClosedPort {
 public:
  ClosedPort() : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* any = reinterpret_cast<sockaddr*>(&address);  // NOLINT: the socket API's way
    EXPECT_EQ(bind(socket_, any, size), 0);
    EXPECT_EQ(getsockname(socket_, any, &size), 0);
    name_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  ~ClosedPort() { close(socket_); }
  ClosedPort(const ClosedPort&) = delete;
  ClosedPort& operator=(const ClosedPort&) = delete;

  const std::string& name() const { return name_; }

 private:
  int socket_;
  std::string name_;
};

TEST(Unreachable, IsSaidWithItsReasonAndEndsInTime) {
  RecordingLog log;
  const ClosedPort port;
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
  const ClosedPort port;
  const auto client = MakeLibrdkafkaClient(At(port.name()), 1s, log);
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(client->FetchMetadata(In(200ms)));
  EXPECT_FALSE(log.Has("No broker answers: trying a fresh Kafka client"));
  EXPECT_FALSE(client->FetchMetadata(In(200ms)));
  EXPECT_TRUE(log.Has("No broker answers: trying a fresh Kafka client kafka_cluster=default"));
}

TEST(Unreachable, MetadataCanBeInterrupted) {
  RecordingLog log;
  const ClosedPort port;
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
