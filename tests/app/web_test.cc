#include "app/web.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace backlogd::app {
namespace {

using http::Request;
using http::Response;

std::string Body(const Response& response) {
  std::string body = response.body;
  for (const std::string_view piece : response.pieces) body += piece;
  return body;
}

std::string Header(const Response& response, std::string_view name) {
  const auto found = std::find_if(response.headers.begin(), response.headers.end(),
                                  [&](const auto& header) { return header.first == name; });
  return found == response.headers.end() ? "" : found->second;
}

class WebTest : public testing::Test {
 protected:
  Response Ask(const std::string& path, const Request& request = {}) {
    return routes_.at(path)(request);
  }
  void PublishPage() { publisher_.Publish(0, std::make_shared<exposition::Samples>()); }

  exposition::BuildInfo build_{"1.2.3", "abc"};
  exposition::SelfMetrics metrics_{build_};
  PagePublisher publisher_{1, std::chrono::minutes(10), metrics_, [] { return Deadline(); }};
  std::map<std::string, http::Handler> routes_ = Routes({{}, "/metrics"}, publisher_);
};

TEST_F(WebTest, ServesThePageAsTextByDefault) {
  const Response response = Ask("/metrics");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(Header(response, "Vary"), "Accept, Accept-Encoding");
  EXPECT_EQ(Header(response, "Content-Encoding"), "");
  EXPECT_NE(Body(response).find("backlogd_build_info"), std::string::npos);
}

TEST_F(WebTest, ServesOpenMetricsWhenAsked) {
  const Response response = Ask("/metrics", {"application/openmetrics-text;version=1.0.0", ""});
  EXPECT_TRUE(response.content_type.starts_with("application/openmetrics-text"))
      << response.content_type;
  EXPECT_TRUE(Body(response).ends_with("# EOF\n"));
}

TEST_F(WebTest, ServesGzipFromThePageAfterTheFirstRequestForIt) {
  EXPECT_EQ(Header(Ask("/metrics", {"", "gzip"}), "Content-Encoding"), "");
  PublishPage();
  const Response response = Ask("/metrics", {"", "gzip"});
  EXPECT_EQ(Header(response, "Content-Encoding"), "gzip");
  EXPECT_EQ(Header(response, "Vary"), "Accept, Accept-Encoding");
  EXPECT_TRUE(Body(response).starts_with("\x1f\x8b"));
  EXPECT_EQ(Header(Ask("/metrics", {"", "identity"}), "Content-Encoding"), "");
}

TEST_F(WebTest, KeepsThePageAliveUntilItIsSent) {
  const Response response = Ask("/metrics");
  EXPECT_EQ(response.owner, publisher_.page());
  PublishPage();
  EXPECT_NE(response.owner, publisher_.page());
  EXPECT_NE(Body(response).find("backlogd_build_info"), std::string::npos);
}

TEST_F(WebTest, IsReadyOnceEveryClusterWasPolled) {
  for (const char* path : kReadyPaths) EXPECT_EQ(Ask(path).status, 503) << path;
  PublishPage();
  for (const char* path : kReadyPaths) EXPECT_EQ(Ask(path).status, 200) << path;
}

TEST(ReloadHandler, RefusesUnlessThereIsAReloader) {
  const Response response = ReloadHandler(nullptr)(Request{});
  EXPECT_EQ(response.status, 403);
  EXPECT_TRUE(response.body.starts_with("Lifecycle API is not enabled.")) << response.body;
}

TEST_F(WebTest, IsHealthyFromTheStart) {
  EXPECT_EQ(Ask("/-/healthy").status, 200);
  EXPECT_EQ(Ask("/-/healthy").body, "backlogd is healthy.\n");
  for (const char* path : {"/healthz", "/livez", "/burrow/admin"}) {
    EXPECT_EQ(Ask(path).body, Ask("/-/healthy").body) << path;
  }
}

}  // namespace
}  // namespace backlogd::app
