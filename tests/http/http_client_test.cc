#include "http/http_client.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>

#include "http/http_server.h"
#include "http/listen_socket.h"
#include "http/test_site.h"

namespace backlogd::http {
namespace {

using namespace std::chrono_literals;

Deadline In(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

Response Page(const Request&) { return {.status = 203, .body = std::string("a\0b", 3)}; }
Response Redirect(const Request&) { return {.status = 302, .headers = {{"Location", "/page"}}}; }
Response Echo(const Request& request) { return {.body = std::string(request.body)}; }
Response Huge(const Request&) {
  static const auto kPage = std::make_shared<const BigPage>(65, std::size_t{1} << 20);
  return BigPage::Serve(kPage);
}

ServerOptions Options() {
  ServerOptions options;
  options.listen_addresses = {"127.0.0.1:0"};
  options.routes = {{"/page", Page}, {"/redirect", Redirect}, {"/huge", Huge}};
  options.posts = {{"/push", Echo}};
  options.max_body_bytes = std::size_t{8} << 20;
  return options;
}

struct Site {
  RecordingLog log;
  HttpServer server{Options(), log};
  HttpClient client;

  std::string Url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(server.ports().at(0)) + path;
  }
};

TEST(HttpClient, GetsStatusAndBody) {
  Site site;
  for (int i = 0; i < 3; ++i) {
    const Result<Answer> answer = site.client.Get(site.Url("/page?a=b"), In(10s));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 203);
    EXPECT_EQ(answer->body, std::string("a\0b", 3));
  }
}

TEST(HttpClient, PostsBodiesOfEverySize) {
  Site site;
  for (const std::size_t size : {0, 1, 2000, 5'000'000}) {
    const std::string body(size, 'x');
    const Result<Answer> answer =
        site.client.Post(site.Url("/push"), "application/json", body, In(10s));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->body, body);
    EXPECT_EQ(site.client.Get(site.Url("/page"), In(10s))->status, 203) << "after a POST";
  }
}

TEST(HttpClient, FollowsNoRedirection) {
  Site site;
  EXPECT_EQ(site.client.Get(site.Url("/redirect"), In(10s))->status, 302);
}

TEST(HttpClient, RefusesAnAnswerThatIsTooLarge) {
  Site site;
  const Result<Answer> answer = site.client.Get(site.Url("/huge"), In(20s));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::kOther);
  EXPECT_EQ(answer.error().message, site.Url("/huge") + ": the answer has more than 64 MiB");
}

TEST(HttpClient, GivesUpAtTheDeadline) {
  const ListenSocket silent("127.0.0.1:0");
  const std::string url = "http://127.0.0.1:" + std::to_string(silent.port());
  const auto begun = std::chrono::steady_clock::now();
  const Result<Answer> answer = HttpClient().Get(url, In(100ms));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::kTimeout);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
  EXPECT_EQ(HttpClient().Get(url, In(-1ms)).error().kind, ErrorKind::kTimeout);
}

TEST(HttpClient, SaysThatNobodyIsThere) {
  std::uint16_t port = 0;
  {
    const ListenSocket closed("127.0.0.1:0");
    port = closed.port();
  }
  const std::string host = "127.0.0.1:" + std::to_string(port);
  const Result<Answer> answer =
      HttpClient().Get("http://user:secret1@" + host + "/a?key=secret2#secret3", In(10s));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::kUnreachable);
  EXPECT_EQ(answer.error().message.find("http://" + host + "/a: "), 0U) << answer.error().message;
  EXPECT_EQ(answer.error().message.find("secret"), std::string::npos);
}

TEST(HttpClient, SpeaksNothingButHttp) {
  for (const char* url : {"file:///etc/hostname", "ftp://127.0.0.1/x", "", "http://",
                          "http://user:secret@[bad/?secret", "gopher://127.0.0.1/secret?secret"}) {
    const Result<Answer> answer = HttpClient().Get(url, In(10s));
    ASSERT_FALSE(answer) << url;
    EXPECT_EQ(answer.error().message.find("?"), std::string::npos) << answer.error().message;
    EXPECT_EQ(answer.error().message.find("secret@"), std::string::npos) << answer.error().message;
  }
}

}  // namespace
}  // namespace backlogd::http
