#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "http/client.h"
#include "http/http_server.h"
#include "http/test_site.h"

// How long the server waits for clients, and for how many of them.
namespace backlogd::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kSmallBuffer = 4096;

struct Site {
  explicit Site(milliseconds head, milliseconds answer)
      : server({.listen_addresses = {"127.0.0.1:0"},
                .routes = {{"/ok", [](const Request&) { return Response{.body = "ok"}; }},
                           {"/big", [this](const Request&) { return BigPage::Serve(page); }}},
                .head_timeout = head,
                .answer_timeout = answer},
               log) {}

  RecordingLog log;
  std::shared_ptr<const BigPage> page = std::make_shared<const BigPage>(200, 100'000);
  HttpServer server;
  std::uint16_t port = server.ports().at(0);
};

// Calls `drip` every now and then until the connection is closed; false if it is not within 10 s.
template <typename Drip>
bool EndsThough(Drip drip) {
  return Eventually([&] {
    try {
      return !drip();
    } catch (const std::system_error&) {
      return true;  // reset
    }
  });
}

TEST(Patience, EndsWithAHeadThatNeverEnds) {
  Site site(milliseconds(300), milliseconds(60'000));
  Client client(site.port);
  client.Send("GET /ok HTTP/1.1\r\n");
  EXPECT_TRUE(EndsThough([&] {
    client.Send("x");  // in ten seconds less than a head may have
    return true;
  }));
  EXPECT_EQ(Fetch(site.port, "/ok").body, "ok");
}

TEST(Patience, EndsWithABodyThatNeverEnds) {
  Site site(milliseconds(60'000), milliseconds(300));
  Client client(site.port);
  client.Send("POST /ok HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n");
  EXPECT_TRUE(EndsThough([&] {
    client.Send("x");
    return true;
  }));
}

TEST(Patience, EndsWithAReaderThatNeverEnds) {
  Site site(milliseconds(60'000), milliseconds(300));
  const std::weak_ptr<const BigPage> watched = site.page;
  Client client(site.port, "127.0.0.1", kSmallBuffer);
  client.Send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_EQ(client.ReceiveHead().status, 200);
  EXPECT_TRUE(Eventually([&] { return watched.use_count() == 1; })) << "the answer is not let go";
  EXPECT_EQ(Fetch(site.port, "/ok").body, "ok");
}

TEST(Patience, LastsForWhoAsksAgain) {
  Site site(milliseconds(1'000), milliseconds(1'000));
  Client client(site.port);
  const auto start = steady_clock::now();
  while (steady_clock::now() - start < milliseconds(2'500)) {
    ASSERT_EQ(client.Ask("GET /ok").body, "ok");
  }
}

// In bytes.
std::size_t ResidentMemory() {
  std::size_t all = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

TEST(Patience, SharesAPageAmongThoseWhoReadSlowly) {
  Site site(milliseconds(60'000), milliseconds(60'000));
  const std::size_t before = ResidentMemory();
  std::vector<Client> readers;
  for (int i = 0; i < 200; ++i) {
    readers.emplace_back(site.port, "127.0.0.1", kSmallBuffer)
        .Send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  for (Client& reader : readers) ASSERT_EQ(reader.ReceiveHead().status, 200);
  const auto start = steady_clock::now();
  EXPECT_EQ(Fetch(site.port, "/ok").body, "ok");
  EXPECT_LT(steady_clock::now() - start, milliseconds(2'000));
  // 4 GB of pages. (A sanitizer keeps several bytes for each.)
  EXPECT_LT(ResidentMemory(), before + (std::size_t{300} << 20));
}

TEST(Patience, MakesRoomForWhoComesLast) {
  Site site(milliseconds(60'000), milliseconds(60'000));
  std::vector<Client> others;
  for (int i = 0; i < 800; ++i) {
    others.emplace_back(site.port);
    if (i % 2 == 0) others.back().Send("GET /ok HTTP/1.1\r\nX-Half");
    if (i % 100 != 0) continue;
    const auto start = steady_clock::now();
    EXPECT_EQ(Fetch(site.port, "/ok").body, "ok");
    EXPECT_LT(steady_clock::now() - start, milliseconds(2'000)) << "after " << i;
  }
  EXPECT_EQ(others.front().Receive().status, 0) << "the oldest is still there";
  others.back().Send("GET /ok HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(others.back().Receive().body, "ok");
}

}  // namespace
}  // namespace backlogd::http
