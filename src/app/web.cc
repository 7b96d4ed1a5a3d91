#include "app/web.h"

#include <utility>

namespace backlogd::app {
namespace {

using exposition::Format;
using exposition::Page;
using http::Request;
using http::Response;

Response MetricsPage(const Request& request, PagePublisher& publisher) {
  const std::shared_ptr<const Page> page = publisher.page();
  const Format format = exposition::ChooseFormat(request.accept);
  Response response;
  response.content_type = exposition::ContentType(format);
  response.headers.emplace_back("Vary", "Accept, Accept-Encoding");
  const bool wants_gzip = exposition::AcceptsGzip(request.accept_encoding);
  if (wants_gzip) publisher.NoteGzipClient(format);
  const std::string* gzip = wants_gzip ? page->Gzip(format) : nullptr;
  if (gzip != nullptr) {
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.pieces = {*gzip};
  } else {
    response.pieces = page->Pieces(format);
  }
  response.owner = page;
  return response;
}

Response Healthy(const Request&) {
  Response response;
  response.body = "backlogd is healthy.\n";
  return response;
}

Response Ready(const PagePublisher& publisher) {
  Response response;
  if (publisher.complete()) {
    response.body = "backlogd is ready.\n";
  } else {
    response.status = 503;
    response.body = "backlogd is not ready: the first poll of some cluster has not ended yet.\n";
  }
  return response;
}

std::string LandingPage(const config::Web& web, const exposition::BuildInfo& build) {
  const std::string path = EscapeHtml(web.telemetry_path);
  return R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="UTF-8">
<meta name="viewport" content="width=device-width">
<title>backlogd</title>
<style>
body { font-family: sans-serif; margin: 0; color: #222; }
header { background: #1f6f8b; color: #fff; padding: 1rem 2rem; }
main { padding: 1rem 2rem; }
</style>
</head>
<body>
<header><h1>backlogd</h1></header>
<main>
<p>Tells Prometheus how much work waits in Apache Kafka, and for whom.</p>
<p>Version )" +
         EscapeHtml(build.version) + " (revision " + EscapeHtml(build.revision) + R"()</p>
<ul>
<li><a href=")" +
         path + R"(">Metrics</a></li>
<li><a href="/-/healthy">Health</a>: the program runs</li>
<li><a href="/-/ready">Readiness</a>: every cluster was polled once</li>
</ul>
</main>
</body>
</html>
)";
}

}  // namespace

std::map<std::string, http::Handler> Routes(const config::Web& web,
                                            const exposition::BuildInfo& build,
                                            PagePublisher& publisher) {
  std::map<std::string, http::Handler> routes;
  routes["/"] = [page = LandingPage(web, build)](const Request&) {
    Response response;
    response.content_type = "text/html; charset=utf-8";
    response.body = page;
    return response;
  };
  routes["/-/healthy"] = Healthy;
  routes["/-/ready"] = [&publisher](const Request&) { return Ready(publisher); };
  routes[web.telemetry_path] = [&publisher](const Request& request) {
    return MetricsPage(request, publisher);
  };
  return routes;
}

std::string EscapeHtml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

}  // namespace backlogd::app
