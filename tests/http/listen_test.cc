#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "http/client.h"
#include "http/http_server.h"
#include "http/listen_socket.h"
#include "http/test_site.h"

namespace backlogd::http {
namespace {

ServerOptions Listening(std::vector<std::string> addresses) {
  return {.listen_addresses = std::move(addresses),
          .routes = {{"/", [](const Request&) { return Response{.body = "here"}; }}}};
}

std::string ErrorOf(const std::string& address) {
  RecordingLog log;
  try {
    HttpServer server(Listening({address}), log);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "no error";
}

bool HasIpv6() {
  RecordingLog log;
  try {
    HttpServer server(Listening({"[::1]:0"}), log);
    return true;
  } catch (const std::runtime_error&) {
    return access("/proc/net/if_inet6", F_OK) == 0;  // then the failure is ours: do not skip
  }
}

TEST(Listen, ServesSeveralAddressesAtOnce) {
  RecordingLog log;
  HttpServer server(Listening({"127.0.0.1:0", "127.0.0.1:0", "localhost:0"}), log);
  ASSERT_EQ(server.ports().size(), 3U);
  EXPECT_NE(server.ports()[0], server.ports()[1]);
  for (std::uint16_t port : server.ports()) EXPECT_EQ(Fetch(port, "/").body, "here");
}

TEST(Listen, WithoutAHostServesIpv4) {
  RecordingLog log;
  HttpServer server(Listening({":0"}), log);
  EXPECT_EQ(Fetch(server.ports().at(0), "/").body, "here");
}

TEST(Listen, WithoutAHostServesIpv6) {
  if (!HasIpv6()) GTEST_SKIP() << "this machine has no IPv6";
  RecordingLog log;
  HttpServer server(Listening({":0", "[::1]:0"}), log);
  for (std::uint16_t port : server.ports()) {
    EXPECT_EQ(Client(port, "::1").Ask("GET /").body, "here");
  }
  EXPECT_THROW(Client(server.ports()[1], "127.0.0.1"), std::system_error);
}

TEST(Listen, SaysThatAnotherProgramHasThePort) {
  RecordingLog log;
  HttpServer server(Listening({"127.0.0.1:0"}), log);
  const std::string address = "127.0.0.1:" + std::to_string(server.ports().at(0));
  EXPECT_EQ(ErrorOf(address), "cannot listen on " + address +
                                  ": Address already in use; stop the other program or choose "
                                  "another --web.listen-address");
  EXPECT_EQ(Fetch(server.ports().at(0), "/").body, "here");
}

TEST(Listen, TakesItsPortAgainAtOnce) {
  std::uint16_t port = 0;
  for (int i = 0; i < 3; ++i) {
    RecordingLog log;
    auto server =
        std::make_unique<HttpServer>(Listening({"127.0.0.1:" + std::to_string(port)}), log);
    port = server->ports().at(0);
    Client client(port);
    EXPECT_EQ(client.Ask("GET /").body, "here");
    server.reset();  // closes first: TIME_WAIT stays with its port
  }
}

TEST(Listen, FreesTheFirstAddressWhenTheSecondFails) {
  RecordingLog log;
  std::uint16_t port = 0;
  {
    HttpServer server(Listening({"127.0.0.1:0"}), log);
    port = server.ports().at(0);
  }
  const std::string address = "127.0.0.1:" + std::to_string(port);
  EXPECT_THROW(HttpServer(Listening({address, address}), log), std::runtime_error);
  EXPECT_THROW(Client{port}, std::system_error);
}

TEST(Listen, NamesTheAddressThatIsNotOurs) {
  EXPECT_EQ(ErrorOf("192.0.2.1:0"),
            "cannot listen on 192.0.2.1:0: Cannot assign requested address; choose an address of "
            "this machine as --web.listen-address");
  EXPECT_THROW(ErrorOf("9100"), std::invalid_argument);
}

TEST(ListenSocket, IsClosedOnExec) {
  ListenSocket socket("127.0.0.1:0");
  const int fd = socket.Release();
  EXPECT_NE(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_NE(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
  close(fd);
}

}  // namespace
}  // namespace backlogd::http
