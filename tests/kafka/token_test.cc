#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "kafka/librdkafka_client.h"
#include "kafka/loopback_socket.h"
#include "kafka/recording_log.h"

// A token endpoint that accepts, and does not answer.
namespace backlogd::kafka {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

class SilentEndpoint {
 public:
  SilentEndpoint() { EXPECT_EQ(listen(listener_.fd(), 16), 0); }
  ~SilentEndpoint() { HangUp(); }
  SilentEndpoint(const SilentEndpoint&) = delete;
  SilentEndpoint& operator=(const SilentEndpoint&) = delete;

  const std::string& host() const { return listener_.name(); }

  // How many have connected so far.
  std::size_t Callers() {
    pollfd waiting{listener_.fd(), POLLIN, 0};
    while (poll(&waiting, 1, 0) > 0) callers_.push_back(accept(waiting.fd, nullptr, nullptr));
    return callers_.size();
  }

  // On whoever waits, and accepts nobody more.
  void HangUp() {
    if (listener_.fd() < 0) return;
    Callers();
    for (const int caller : callers_) close(caller);
    listener_.Close();
  }

 private:
  LoopbackSocket listener_;
  std::vector<int> callers_;
};

config::Cluster Asking(const SilentEndpoint& endpoint) {
  config::Cluster cluster;
  cluster.bootstrap_servers = "127.0.0.1:1";
  cluster.properties = {{"security.protocol", "SASL_PLAINTEXT"},
                        {"sasl.mechanism", "OAUTHBEARER"},
                        {"sasl.oauthbearer.method", "oidc"},
                        {"sasl.oauthbearer.client.id", "monitor"},
                        {"sasl.oauthbearer.client.secret", "hunter2"},
                        {"sasl.oauthbearer.token.endpoint.url",
                         "http://someone:hunter3@" + endpoint.host() + "/token?key=hunter4"}};
  return cluster;
}

Error FailureOf(KafkaClient& client) {
  const Result<Metadata> metadata = client.FetchMetadata(steady_clock::now() + 200ms);
  EXPECT_FALSE(metadata);
  return metadata ? Error{} : metadata.error();
}

TEST(Token, ThatDoesNotComeIsAFailureOfAuthenticationInEachPoll) {
  SilentEndpoint endpoint;
  RecordingLog log;
  const auto client = MakeLibrdkafkaClient(Asking(endpoint), 1s, log);
  for (int poll = 0; poll < 6; ++poll) {
    const Error error = FailureOf(*client);
    EXPECT_EQ(error.kind, ErrorKind::kAuthentication) << poll << error.message;
    EXPECT_NE(error.message.find("(no SASL OAUTHBEARER token yet: " + endpoint.host() +
                                 " of sasl.oauthbearer.token.endpoint.url has not answered)"),
              std::string::npos)
        << error.message;
    EXPECT_EQ(error.message.find("hunter"), std::string::npos) << error.message;
  }
  EXPECT_LE(endpoint.Callers(), 1U) << "the client was replaced while it waited";
  EXPECT_FALSE(log.Has("trying a fresh Kafka client"));
  // What then comes of it is told as well, and asked for anew.
  endpoint.HangUp();
  const auto patience = steady_clock::now() + 30s;
  Error error = FailureOf(*client);
  while (error.message.find("Failed to acquire") == std::string::npos &&
         steady_clock::now() < patience) {
    error = FailureOf(*client);
  }
  EXPECT_EQ(error.kind, ErrorKind::kAuthentication);
  EXPECT_NE(error.message.find("Failed to acquire SASL OAUTHBEARER token"), std::string::npos)
      << error.message;
  FailureOf(*client);
  EXPECT_EQ(log.Count("trying a fresh Kafka client"), 1U);
  EXPECT_FALSE(log.Has("hunter"));
}

}  // namespace
}  // namespace backlogd::kafka
