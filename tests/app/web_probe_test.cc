#include "app/web_probe.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/http_server.h"
#include "recording_log.h"

namespace backlogd::app {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

// A port that takes connections, for the kernel does, and that nobody serves.
class DeafPort {
 public:
  DeafPort() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    bind(fd_, reinterpret_cast<const sockaddr*>(&address), length);
    listen(fd_, 8);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
  }
  ~DeafPort() { Close(); }
  DeafPort(const DeafPort&) = delete;
  DeafPort& operator=(const DeafPort&) = delete;
  std::uint16_t port() const { return port_; }
  void Close() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

TEST(WebProbe, IsAnsweredByAServerThatLivesWhateverItSays) {
  RecordingLog log;
  http::ServerOptions options;
  options.listen_addresses = {"127.0.0.1:0"};
  const http::HttpServer server(options, log);  // has no routes: 404
  for (const char* host : {"127.0.0.1", "", "0.0.0.0", "localhost"}) {
    EXPECT_TRUE(WebProbe(host, server.ports().front()).Answers(20s)) << host;
  }
}

TEST(WebProbe, IsNotAnsweredWhereNobodyServes) {
  DeafPort port;
  EXPECT_FALSE(WebProbe("127.0.0.1", port.port()).Answers(50ms));
  port.Close();
  EXPECT_FALSE(WebProbe("127.0.0.1", port.port()).Answers(20s));
  EXPECT_FALSE(WebProbe("no-such-host.invalid", 1).Answers(50ms));
}

}  // namespace
}  // namespace backlogd::app
