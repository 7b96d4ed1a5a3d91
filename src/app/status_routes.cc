#include "app/status_routes.h"

#include <utility>

#include "app/clock.h"
#include "app/process_sample.h"
#include "status/api.h"
#include "status/pages.h"

namespace backlogd::app {
namespace {

using http::Request;
using http::Response;
using status::View;

// Nothing may be loaded or run but our own style sheet and script, nothing sent elsewhere.
constexpr const char* kContentSecurityPolicy =
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; form-action 'self'; "
    "base-uri 'none'; "
    "frame-ancestors 'none'";

// What does not change while the program runs.
struct Site {
  std::string metrics_path;
  exposition::BuildInfo build;
  const status::Board& board;
};

View See(const Site& site) {
  const exposition::ProcessSample process = ReadProcessSample();
  return {WallNow(),
          site.board.clusters(),
          {site.build.version, site.build.revision, site.metrics_path, process.start_time_seconds,
           process.resident_memory_bytes, process.cpu_seconds}};
}

using Page = status::HtmlAnswer (*)(const status::PageRequest&);

Response ShowPage(Page page, const Request& request, const Site& site) {
  const View view = See(site);
  const auto lang = status::Find(request.query, "lang");
  status::HtmlAnswer answer =
      page({view, request.query, status::ChooseLanguage(lang, request.accept_language)});
  Response response;
  response.status = answer.status;
  response.content_type = "text/html; charset=utf-8";
  response.headers = {{"Content-Security-Policy", kContentSecurityPolicy},
                      {"Referrer-Policy", "no-referrer"},
                      {"Cache-Control", "no-store"},
                      {"Vary", "Accept-Language"}};
  response.body = std::move(answer.body);
  return response;
}

using Api = status::JsonAnswer (*)(const View&, const status::Parameters&);

constexpr std::pair<const char*, Api> kApis[] = {{"/api/v1/clusters", status::ClustersJson},
                                                 {"/api/v1/groups", status::GroupsJson},
                                                 {"/api/v1/group", status::GroupJson},
                                                 {"/api/v1/topics", status::TopicsJson},
                                                 {"/api/v1/dead-letters", status::DeadLettersJson},
                                                 {"/api/v1/health", status::HealthJson}};

Response AnswerJson(Api api, const Request& request, const Site& site) {
  status::JsonAnswer answer = api(See(site), request.query);
  Response response;
  response.status = answer.status;
  response.content_type = "application/json";
  response.headers = {{"Cache-Control", "no-store"}};
  response.body = std::move(answer.body);
  return response;
}

Response ShowFile(std::string_view content_type, std::string_view text) {
  Response response;
  response.content_type = content_type;
  response.headers = {{"Cache-Control", "max-age=300"}};
  response.body = text;
  return response;
}

}  // namespace

std::map<std::string, http::Handler> StatusRoutes(const config::Web& web,
                                                  const exposition::BuildInfo& build,
                                                  const status::Board& board) {
  const Site site{web.telemetry_path, build, board};
  std::map<std::string, http::Handler> routes;
  const std::pair<const char*, Page> pages[] = {{"/", status::HomePage},
                                                {"/group", status::GroupPage},
                                                {"/topics", status::TopicsPage},
                                                {"/dead-letters", status::DeadLettersPage},
                                                {"/daemon", status::DaemonPage}};
  for (const auto& [path, page] : pages) {
    routes[path] = [show = page, site](const Request& request) {
      return ShowPage(show, request, site);
    };
  }
  for (const auto& [path, api] : kApis) {
    routes[path] = [ask = api, site](const Request& request) {
      return AnswerJson(ask, request, site);
    };
  }
  routes["/style.css"] = [](const Request&) {
    return ShowFile("text/css; charset=utf-8", status::StyleSheet());
  };
  routes["/refresh.js"] = [](const Request&) {
    return ShowFile("text/javascript; charset=utf-8", status::RefreshScript());
  };
  return routes;
}

Response NoSuchApi(const Request&) {
  std::string message = "no such path; there are:";
  for (const auto& [path, api] : kApis) {
    message += message.ends_with(':') ? " " : ", ";
    message += path;
  }
  status::JsonAnswer answer = status::ErrorJson(404, message);
  Response response;
  response.status = answer.status;
  response.content_type = "application/json";
  response.body = std::move(answer.body);
  return response;
}

}  // namespace backlogd::app
