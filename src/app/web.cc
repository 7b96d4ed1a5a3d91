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

}  // namespace

http::Handler ReloadHandler(Reloader* reloader) {
  return [reloader](const Request&) {
    Response response;
    if (reloader == nullptr) {
      response.status = 403;
      response.body =
          "Lifecycle API is not enabled. Start with --web.enable-lifecycle, or send SIGHUP.\n";
      return response;
    }
    Reloader::Outcome outcome = reloader->Reload();
    response.status = outcome.success ? 200 : 500;
    response.body = std::move(outcome.text);
    return response;
  };
}

std::map<std::string, http::Handler> Routes(const config::Web& web, PagePublisher& publisher) {
  std::map<std::string, http::Handler> routes;
  for (const char* path : kHealthyPaths) routes[path] = Healthy;
  for (const char* path : kReadyPaths) {
    routes[path] = [&publisher](const Request&) { return Ready(publisher); };
  }
  routes[web.telemetry_path] = [&publisher](const Request& request) {
    return MetricsPage(request, publisher);
  };
  return routes;
}

}  // namespace backlogd::app
