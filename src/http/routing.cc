#include "http/routing.h"

#include <microhttpd.h>

#include <exception>
#include <utility>

namespace backlogd::http {
namespace {

Response MethodNotAllowed(const ServerOptions& options, const std::string& path) {
  std::string allowed;
  const auto allow = [&](const std::map<std::string, Handler>& handlers, const char* methods) {
    if (Find(handlers, path) != nullptr)
      allowed.append(allowed.empty() ? "" : ", ").append(methods);
  };
  allow(options.routes, "GET, HEAD");
  allow(options.posts, "POST");
  allow(options.puts, "PUT");
  Response response = PlainText(MHD_HTTP_METHOD_NOT_ALLOWED, "served here by: " + allowed + "\n");
  response.headers.emplace_back(MHD_HTTP_HEADER_ALLOW, allowed);
  return response;
}

Response CallHandler(const Handler& handler, const Asked& asked, Log& log) {
  try {
    return handler(asked.request);
  } catch (...) {
    log.Write(LogLevel::kError, "a web page could not be made",
              {{"path", asked.path}, {"error", ExceptionText()}});
    return PlainText(MHD_HTTP_INTERNAL_SERVER_ERROR, "internal server error\n");
  }
}

Response NotFound(const Asked& asked, const ServerOptions& options, Log& log) {
  for (const auto& [prefix, handler] : options.missing) {
    if (asked.path.starts_with(prefix)) return CallHandler(handler, asked, log);
  }
  return PlainText(MHD_HTTP_NOT_FOUND, "not found\n");
}

}  // namespace

Response PlainText(int status, std::string text) {
  Response response;
  response.status = status;
  response.body = std::move(text);
  return response;
}

std::string ExceptionText() {
  try {
    throw;
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "not a std::exception";
  }
}

const Handler* Find(const std::map<std::string, Handler>& handlers, const std::string& path) {
  const auto found = handlers.find(path);
  return found == handlers.end() ? nullptr : &found->second;
}

Response ResponseTo(const Asked& asked, const ServerOptions& options, Answering& answering,
                    Log& log) {
  const std::string_view method = asked.method;
  const Handler* get = Find(options.routes, asked.path);
  const Handler* post = Find(options.posts, asked.path);
  if (get == nullptr && post == nullptr) return NotFound(asked, options, log);
  const bool reads = method == MHD_HTTP_METHOD_GET || method == MHD_HTTP_METHOD_HEAD;
  const Handler* chosen = reads                            ? get
                          : method == MHD_HTTP_METHOD_POST ? post
                          : method == MHD_HTTP_METHOD_PUT  ? Find(options.puts, asked.path)
                                                           : nullptr;
  if (chosen == nullptr) return MethodNotAllowed(options, asked.path);
  if (!answering.BeginHandler()) {
    Response response = PlainText(MHD_HTTP_SERVICE_UNAVAILABLE, "the server is stopping\n");
    response.headers.emplace_back(MHD_HTTP_HEADER_CONNECTION, "close");
    return response;
  }
  Response response = CallHandler(*chosen, asked, log);
  answering.EndHandler();
  return response;
}

}  // namespace backlogd::http
