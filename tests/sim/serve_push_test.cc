#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <nlohmann/json.hpp>
#include <string>

#include "http/http_client.h"
#include "sim/commands.h"
#include "sim/failure.h"
#include "sim/produce_site.h"

namespace backlogd::sim {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

// A stream that says where the program listens.
struct Announcement : std::stringbuf {
  std::promise<std::string> url;
  bool told = false;

  int sync() override {
    const std::string text = str();
    const std::size_t at = text.find("http://");
    if (at != std::string::npos && !told) {
      told = true;
      url.set_value(text.substr(at, text.find('\n', at) - at));
    }
    return 0;
  }
};

TEST(ServePush, AnswersUntilItIsStopped) {
  ProduceSite site;
  site.settings.listen_addresses = {"127.0.0.1:0"};
  Announcement announcement;
  site.err.std::ios::rdbuf(&announcement);
  std::future<std::string> announced = announcement.url.get_future();
  auto ended = std::async(std::launch::async, [&] { return RunProduce(site.Open()); });
  ASSERT_EQ(announced.wait_for(10s), std::future_status::ready);
  const std::string url = announced.get();
  ASSERT_TRUE(url.ends_with("/push")) << url;
  http::HttpClient client;
  const auto post = [&](const std::string& body) {
    const auto answer =
        client.Post(url, "application/json", body, std::chrono::steady_clock::now() + 10s);
    return answer ? answer->status : 0;
  };
  EXPECT_EQ(post(R"({"num":10,"topic":"usa.offer","data":"x"})"), 200);
  EXPECT_EQ(post(R"({"num":-1,"topic":"usa.offer","data":"x"})"), 403);
  EXPECT_EQ(post(std::string(2 << 20, 'x')), 403);
  const std::string root = url.substr(0, url.size() - 4);
  EXPECT_EQ(client.Get(root, std::chrono::steady_clock::now() + 10s)->status, 200);
  EXPECT_EQ(client.Get(root + "-/healthy", std::chrono::steady_clock::now() + 10s)->status, 200);
  EXPECT_EQ(client.Get(url, std::chrono::steady_clock::now() + 10s)->status, 405);
  site.stop.Request();
  ASSERT_EQ(ended.wait_for(10s), std::future_status::ready);
  EXPECT_EQ(ended.get(), kExitDone);
  const Json report = Json::parse(site.out.str());
  EXPECT_EQ(report["requests"], (Json{{"200", 3}, {"403", 2}, {"405", 1}}));
  EXPECT_EQ(report["accepted"], 10);
  EXPECT_EQ(report["acknowledged"], 10);
}

TEST(ServePush, FailsWithoutACluster) {
  ProduceSite site;
  site.metadata_error = Error{ErrorKind::kUnreachable, "no broker at x:1"};
  try {
    RunProduce(site.Open());
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(std::string(failure.what()).find("no broker at x:1; "), 0U) << failure.what();
  }
}

TEST(ServePush, RefusesAnAddressThatIsNone) {
  ProduceSite site;
  site.settings.listen_addresses = {"nonsense"};
  EXPECT_THROW(RunProduce(site.Open()), Failure);
}

}  // namespace
}  // namespace backlogd::sim
