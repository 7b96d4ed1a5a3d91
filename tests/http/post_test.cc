#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "http/client.h"
#include "http/http_server.h"
#include "http/test_site.h"

namespace backlogd::http {
namespace {

constexpr std::size_t kMaxBytes = 100'000;

Response Echo(const Request& request) {
  if (request.body_is_too_large) return {.status = 413, .body = std::string(request.body)};
  return {.body = "got " + std::string(request.body)};
}
Response Page(const Request& request) { return {.body = "page" + std::string(request.body)}; }

struct Site {
  explicit Site(bool may_block) : options(Options(may_block)), server(options, log) {}

  static ServerOptions Options(bool may_block) {
    ServerOptions made;
    made.listen_addresses = {"127.0.0.1:0"};
    made.routes = {{"/both", Page}, {"/page", Page}};
    made.posts = {{"/both", Echo}, {"/push", Echo}};
    made.puts = {{"/push", Page}};
    made.max_body_bytes = kMaxBytes;
    made.handlers_may_block = may_block;
    return made;
  }

  RecordingLog log;
  ServerOptions options;
  HttpServer server;
  std::uint16_t port = server.ports().at(0);
};

std::string PostHead(const std::string& path, std::size_t bytes) {
  return "POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(bytes) +
         "\r\n\r\n";
}

Reply Post(Client& client, const std::string& path, const std::string& body) {
  client.Send(PostHead(path, body.size()) + body);
  return client.Receive();
}

class Posts : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(HttpServer, Posts, testing::Values(false, true));

TEST_P(Posts, ReachTheirHandlerWithTheBody) {
  Site site(GetParam());
  Client client(site.port);
  EXPECT_EQ(Post(client, "/push", "hello").body, "got hello");
  EXPECT_EQ(Post(client, "/push", "").body, "got ");
  EXPECT_EQ(Post(client, "/both", "x").body, "got x");
  EXPECT_EQ(client.Ask("GET /both").body, "page");
  client.Send(
      "POST /push HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
  EXPECT_EQ(client.Receive().body, "got abcdefg");
}

TEST_P(Posts, HavePutsBesideThem) {
  Site site(GetParam());
  Client client(site.port);
  client.Send("PUT /push HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_EQ(client.Receive().body, "page");
  client.Send("PUT /both HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_EQ(client.Receive().status, 405);
}

TEST_P(Posts, MayArriveByteByByte) {
  Site site(GetParam());
  Client client(site.port);
  client.Send(PostHead("/push", 5));
  for (const char* byte : {"h", "e", "l", "l", "o"}) client.Send(byte);
  EXPECT_EQ(client.Receive().body, "got hello");
}

TEST_P(Posts, AreKeptUpToTheLimitAndNoFurther) {
  Site site(GetParam());
  Client client(site.port);
  EXPECT_EQ(Post(client, "/push", std::string(kMaxBytes, 'a')).body.size(), kMaxBytes + 4);
  const Reply refused = Post(client, "/push", std::string(kMaxBytes + 1, 'a'));
  EXPECT_EQ(refused.status, 413);
  EXPECT_EQ(refused.body, "");
  EXPECT_EQ(Post(client, "/push", std::string(20 * kMaxBytes, 'a')).status, 413);
  EXPECT_EQ(Post(client, "/push", "hello").body, "got hello") << "the connection goes on";
}

TEST_P(Posts, WaitForLeaveToSendTheBody) {
  Site site(GetParam());
  Client client(site.port);
  client.Send(
      "POST /push HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(client.ReceiveHead().status, 100);
  client.Send("hello");
  EXPECT_EQ(client.Receive().body, "got hello");
}

TEST_P(Posts, AreRefusedWhereOnlyPagesAreAndTheOtherWayRound) {
  Site site(GetParam());
  Client client(site.port);
  struct Case {
    const char* method;
    const char* path;
    int status;
    const char* allow;
  };
  for (const Case& c :
       {Case{"POST", "/page", 405, "GET, HEAD"}, Case{"GET", "/push", 405, "POST, PUT"},
        Case{"PUT", "/both", 405, "GET, HEAD, POST"}, Case{"POST", "/nowhere", 404, ""},
        Case{"GET", "/nowhere", 404, ""}}) {
    client.Send(std::string(c.method) + " " + c.path +
                " HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab");
    const Reply reply = client.Receive();
    EXPECT_EQ(reply.status, c.status) << c.method << " " << c.path;
    EXPECT_EQ(reply.Header("Allow"), c.allow) << c.method << " " << c.path;
  }
}

TEST_P(Posts, OfManyClientsDoNotMix) {
  Site site(GetParam());
  std::vector<std::future<int>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::async(std::launch::async, [&site, i] {
      Client client(site.port);
      int right = 0;
      for (int j = 0; j < 50; ++j) {
        const std::string body(static_cast<std::size_t>(1000 * i + j), static_cast<char>('a' + i));
        right += Post(client, "/push", body).body == "got " + body ? 1 : 0;
      }
      return right;
    }));
  }
  for (std::future<int>& client : clients) EXPECT_EQ(client.get(), 50);
}

// A handler that waits until it is let go.
struct Gate {
  std::promise<void> open;
  std::shared_future<void> opened = open.get_future().share();
  std::atomic<int> inside = 0;

  Response Wait(const Request& request) {
    ++inside;
    opened.wait();
    return {.body = "got " + std::string(request.body)};
  }
};

ServerOptions Blocking(Gate& gate) {
  ServerOptions options;
  options.listen_addresses = {"127.0.0.1:0"};
  options.routes = {{"/page", Page}};
  options.posts = {{"/push", [&gate](const Request& request) { return gate.Wait(request); }}};
  options.handlers_may_block = true;
  return options;
}

TEST(BlockingHandlers, DoNotHinderOthers) {
  RecordingLog log;
  Gate gate;
  HttpServer server(Blocking(gate), log);
  std::vector<Client> waiting;
  for (int i = 0; i < 20; ++i) {
    waiting.emplace_back(server.ports().at(0));
    waiting.back().Send(PostHead("/push", 2) + "ab");
  }
  ASSERT_TRUE(Eventually([&gate] { return gate.inside == 20; }));
  EXPECT_EQ(Fetch(server.ports().at(0), "/page").body, "page");
  gate.open.set_value();
  for (Client& client : waiting) EXPECT_EQ(client.Receive().body, "got ab");
}

TEST(BlockingHandlers, AnswerBeforeTheServerEnds) {
  RecordingLog log;
  Gate gate;
  std::optional<HttpServer> server(std::in_place, Blocking(gate), log);
  const std::uint16_t port = server->ports().at(0);
  Client client(port);
  Client idle(port);
  Client uploading(port);
  EXPECT_EQ(idle.Ask("GET /page").status, 200);
  uploading.Send(PostHead("/push", 1000) + "abc");
  client.Send(PostHead("/push", 2) + "ab");
  ASSERT_TRUE(Eventually([&gate] { return gate.inside == 1; }));
  std::future<void> ended = std::async(std::launch::async, [&server] { server.reset(); });
  ASSERT_TRUE(Eventually([&idle] { return idle.Ask("GET /page").status == 503; }));
  EXPECT_EQ(ended.wait_for(std::chrono::milliseconds(0)), std::future_status::timeout);
  gate.open.set_value();
  EXPECT_EQ(client.Receive().body, "got ab");
  EXPECT_EQ(ended.wait_for(std::chrono::seconds(10)), std::future_status::ready);
  EXPECT_TRUE(uploading.ReceivesEnd());
}

}  // namespace
}  // namespace backlogd::http
