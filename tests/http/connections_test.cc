#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "http/client.h"
#include "http/http_server.h"
#include "http/test_site.h"

namespace backlogd::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::string_view kGetBig = "GET /big HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr int kSmallBuffer = 4096;

// Serves one page on /big, and "ok" on /ok.
struct Site {
  explicit Site(std::shared_ptr<const BigPage> big, std::chrono::seconds idle_timeout = {})
      : server({.listen_addresses = {"127.0.0.1:0"},
                .routes = {{"/ok", [](const Request&) { return Response{.body = "ok"}; }},
                           {"/big", [this](const Request&) { return BigPage::Serve(page.Get()); }}},
                .on_response = [this](int status) { answers.Add(status); },
                .idle_timeout = idle_timeout},
               log) {
    page.Publish(std::move(big));
  }

  RecordingLog log;
  StatusCounts answers;
  Latest<BigPage> page;
  HttpServer server;
  std::uint16_t port = server.ports().at(0);
};

struct PageShape {
  std::size_t pieces;
  std::size_t bytes;  // of each
};
constexpr PageShape kShapes[] = {{1, 20'000'000}, {200, 100'000}, {20'000, 1'000}, {3, 0}};

TEST(Connections, CarryABigPageOfManyPiecesUnchanged) {
  for (const PageShape& shape : kShapes) {
    SCOPED_TRACE(shape.pieces);
    const auto page = std::make_shared<const BigPage>(shape.pieces, shape.bytes);
    Site site(page);
    Client client(site.port);
    EXPECT_EQ(client.Ask("HEAD /big").Header("Content-Length"),
              std::to_string(page->Text().size()));
    for (int i = 0; i < 2; ++i) {
      EXPECT_TRUE(client.Ask("GET /big").body == page->Text());
    }
  }
}

TEST(Connections, KeepAPageUntilItIsSent) {
  for (const PageShape& shape : kShapes) {
    if (shape.bytes == 0) continue;  // sent at once
    SCOPED_TRACE(shape.pieces);
    auto page = std::make_shared<const BigPage>(shape.pieces, shape.bytes);
    const std::weak_ptr<const BigPage> watched = page;
    const std::string text = page->Text();
    Site site(std::move(page));
    Client slow(site.port, "127.0.0.1", kSmallBuffer);
    slow.Send(kGetBig);
    ASSERT_TRUE(Eventually([&] { return site.answers.Copy()[200] == 1; }));
    site.page.Publish(nullptr);
    EXPECT_FALSE(watched.expired());
    EXPECT_TRUE(slow.Receive().body == text);
    EXPECT_TRUE(Eventually([&] { return watched.expired(); }));
  }
}

TEST(Connections, LetAPageGoThatNobodyReadsToTheEnd) {
  auto page = std::make_shared<const BigPage>(200, 100'000);
  const std::weak_ptr<const BigPage> watched = page;
  Site site(std::move(page));
  Client client(site.port, "127.0.0.1", kSmallBuffer);
  client.Send(kGetBig);
  ASSERT_EQ(client.ReceiveHead().status, 200);
  site.page.Publish(nullptr);
  client.Abort();  // SIGPIPE, if the server let it come, would end this test
  EXPECT_TRUE(Eventually([&] { return watched.expired(); }));
  EXPECT_EQ(Fetch(site.port, "/ok").body, "ok");
}

TEST(Connections, DoNotHinderOneAnother) {
  Site site(std::make_shared<const BigPage>(200, 100'000), std::chrono::seconds(30));
  std::vector<Client> others;
  for (int i = 0; i < 300; ++i) {
    others.emplace_back(site.port).Send("GET /ok HTTP/1.1\r\nHost: a\r\nX-Half");
  }
  for (int i = 0; i < 4; ++i)
    others.emplace_back(site.port, "127.0.0.1", kSmallBuffer).Send(kGetBig);
  const auto start = steady_clock::now();
  EXPECT_EQ(Fetch(site.port, "/ok").body, "ok");
  EXPECT_LT(steady_clock::now() - start, milliseconds(2000));
  others.front().Send(": 1\r\n\r\n");
  EXPECT_EQ(others.front().Receive().body, "ok");
}

TEST(Connections, SurviveRequestsThatFillTheirMemory) {
  const auto page = std::make_shared<const BigPage>(300, 10);
  Site site(page, std::chrono::seconds(30));
  for (std::size_t filler = 31'000; filler < 33'000; filler += 16) {
    Client client(site.port);
    client.Send("GET /big HTTP/1.1\r\nHost: a\r\nX: " + std::string(filler, 'x') + "\r\n\r\n");
    const int status = client.Receive().status;
    ASSERT_TRUE(status == 200 || status == 431 || status == 0) << status;
  }
  Client client(site.port);
  std::string pipelined;
  for (int i = 0; i < 2'000; ++i) pipelined += kGetBig;
  client.Send(pipelined);
  for (int i = 0; i < 2'000; ++i) ASSERT_TRUE(client.Receive().body == page->Text()) << i;
}

TEST(Connections, EndWhenTheClientIsIdleTooLong) {
  Site site(std::make_shared<const BigPage>(200, 100'000), std::chrono::seconds(1));
  Client silent(site.port);
  Client half_open(site.port);
  half_open.Send("GET /ok HTTP/1.1\r\nHost");
  Client slow(site.port, "127.0.0.1", kSmallBuffer);
  slow.Send(kGetBig);
  Client kept_alive(site.port);
  kept_alive.Ask("GET /ok");
  EXPECT_TRUE(silent.ReceivesEnd());
  EXPECT_TRUE(kept_alive.ReceivesEnd());
  EXPECT_NE(half_open.Receive().status, 200);
  EXPECT_EQ(Fetch(site.port, "/ok").body, "ok");
}

TEST(Connections, DoNotDelayTheEndOfTheServer) {
  auto page = std::make_shared<const BigPage>(200, 100'000);
  const std::weak_ptr<const BigPage> watched = page;
  auto site = std::make_unique<Site>(std::move(page), std::chrono::seconds(30));
  Client kept_alive(site->port);
  ASSERT_EQ(kept_alive.Ask("GET /ok").body, "ok");
  Client silent(site->port);
  Client half_open(site->port);
  half_open.Send("GET /ok HTTP/1.1\r\nHost");
  Client uploading(site->port);
  uploading.Send("POST /ok HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nhello");
  Client slow(site->port, "127.0.0.1", kSmallBuffer);
  slow.Send(kGetBig);
  ASSERT_EQ(slow.ReceiveHead().status, 200);
  const std::uint16_t port = site->port;
  const auto start = steady_clock::now();
  site.reset();
  EXPECT_LT(steady_clock::now() - start, milliseconds(900));
  EXPECT_TRUE(watched.expired());
  EXPECT_TRUE(kept_alive.ReceivesEnd());
  EXPECT_THROW(Client{port}, std::system_error) << "still listening";
}

}  // namespace
}  // namespace backlogd::http
