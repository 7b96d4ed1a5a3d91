#include "app/status_routes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>

#include "app/web.h"
#include "config/load.h"

namespace backlogd::app {
namespace {

using http::Request;
using http::Response;

std::string Header(const Response& response, std::string_view name) {
  const auto found = std::find_if(response.headers.begin(), response.headers.end(),
                                  [&](const auto& header) { return header.first == name; });
  return found == response.headers.end() ? "" : found->second;
}

class StatusRoutesTest : public testing::Test {
 protected:
  Response Ask(const std::string& path, const Request& request = {}) {
    return routes_.at(path)(request);
  }

  status::Board board_{{"prod"}};
  std::map<std::string, http::Handler> routes_ =
      StatusRoutes({{}, "/a&b\""}, {"<1>", "abc"}, board_);
};

TEST_F(StatusRoutesTest, LeadsToTheMetricsFromTheFirstPage) {
  const Response response = Ask("/");
  EXPECT_EQ(response.content_type, "text/html; charset=utf-8");
  EXPECT_NE(response.body.find("<a href=\"./a&amp;b&quot;\">"), std::string::npos) << response.body;
  EXPECT_NE(Ask("/daemon").body.find("&lt;1&gt;"), std::string::npos);
}

TEST_F(StatusRoutesTest, AllowsAPageNothingButItsStyle) {
  for (const char* path : {"/", "/group", "/topics", "/dead-letters", "/daemon"}) {
    const Response response = Ask(path);
    const std::string policy = Header(response, "Content-Security-Policy");
    EXPECT_TRUE(policy.starts_with("default-src 'none'; style-src 'self'; script-src 'self';"))
        << policy;
    EXPECT_EQ(policy.find("unsafe"), std::string::npos);
    EXPECT_EQ(Header(response, "Referrer-Policy"), "no-referrer");
    EXPECT_NE(response.body.find("href=\"style.css\""), std::string::npos);
    EXPECT_EQ(response.body.find("style=\""), std::string::npos) << "the policy forbids it";
  }
  EXPECT_EQ(Ask("/refresh.js").content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(Ask("/style.css").content_type, "text/css; charset=utf-8");
}

TEST_F(StatusRoutesTest, SpeaksTheLanguageOfTheBrowserOrTheLink) {
  Request request;
  request.accept_language = "zh-CN,en;q=0.5";
  EXPECT_NE(Ask("/", request).body.find("lang=\"zh-CN\""), std::string::npos);
  EXPECT_EQ(Header(Ask("/", request), "Vary"), "Accept-Language");
  request.query = {{"lang", "en"}};
  EXPECT_NE(Ask("/", request).body.find("<html lang=\"en\">"), std::string::npos);
}

TEST_F(StatusRoutesTest, AnswersJson) {
  const Response clusters = Ask("/api/v1/clusters");
  EXPECT_EQ(clusters.content_type, "application/json");
  EXPECT_NE(clusters.body.find("\"cluster\":\"prod\""), std::string::npos) << clusters.body;
  for (const char* path : {"groups", "topics", "dead-letters", "health"}) {
    EXPECT_EQ(Ask(std::string("/api/v1/") + path).status, 200) << path;
  }
  EXPECT_EQ(Ask("/api/v1/group").status, 400);
  EXPECT_EQ(NoSuchApi({}).status, 404);
  EXPECT_EQ(NoSuchApi({}).content_type, "application/json");
}

TEST_F(StatusRoutesTest, NoPathOfOursCanBeThatOfTheMetrics) {
  std::vector<std::string> paths(std::begin(kHealthyPaths), std::end(kHealthyPaths));
  paths.insert(paths.end(), std::begin(kReadyPaths), std::end(kReadyPaths));
  paths.emplace_back(kReloadPath);
  for (const auto& [path, handler] : routes_) paths.push_back(path);
  for (const std::string& path : paths) {
    EXPECT_THROW(config::Parse("web: {telemetry_path: " + path + "}", ""), config::ConfigError)
        << path;
  }
  EXPECT_NO_THROW(config::Parse("web: {telemetry_path: /topics/metrics}", ""));
}

TEST_F(StatusRoutesTest, NamesTheApisToWhoAsksForAnother) {
  const std::string body = NoSuchApi({}).body;
  EXPECT_TRUE(body.starts_with(R"({"error":"no such path; there are: /api/v1/clusters, )")) << body;
  for (const auto& [path, handler] : routes_) {
    const std::string in_text = " " + path;
    const bool named = body.find(in_text + ",") != std::string::npos ||
                       body.find(in_text + "\"") != std::string::npos;
    EXPECT_EQ(named, path.starts_with("/api/")) << path << " in " << body;
  }
}

}  // namespace
}  // namespace backlogd::app
