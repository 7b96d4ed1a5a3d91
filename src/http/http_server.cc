#include "http/http_server.h"

#include <microhttpd.h>

#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "http/listen_socket.h"
#include "http/mhd_response.h"

namespace backlogd::http {
namespace {

// Each listen address has its own threads and connections.
constexpr unsigned kThreads = 2;
constexpr unsigned kMaxConnections = 512;        // more than scrapers need, half of 1024 open files
constexpr std::size_t kConnectionBytes = 32768;  // for the request's head: longer ones get 431

struct StopDaemon {
  void operator()(MHD_Daemon* daemon) const { MHD_stop_daemon(daemon); }
};
using Daemon = std::unique_ptr<MHD_Daemon, StopDaemon>;

// What the library's callbacks refer to.
struct Site {
  ServerOptions options;
  Log& log;
};

// The exception being handled, in words. REQUIRES: called in a catch block
std::string ExceptionText() {
  try {
    throw;
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "not a std::exception";
  }
}

std::string_view HeaderOf(MHD_Connection* connection, const char* name) {
  const char* value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

Response PlainText(int status, std::string text) {
  Response response;
  response.status = status;
  response.body = std::move(text);
  return response;
}

Response MethodNotAllowed() {
  Response response = PlainText(MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD are served here\n");
  response.headers.emplace_back(MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
  return response;
}

Response CallHandler(const Handler& handler, MHD_Connection* connection, Log& log,
                     const std::string& path) {
  try {
    return handler({.accept = HeaderOf(connection, MHD_HTTP_HEADER_ACCEPT),
                    .accept_encoding = HeaderOf(connection, MHD_HTTP_HEADER_ACCEPT_ENCODING)});
  } catch (...) {
    log.Write(LogLevel::kError, "a web page could not be made",
              {{"path", path}, {"error", ExceptionText()}});
    return PlainText(MHD_HTTP_INTERNAL_SERVER_ERROR, "internal server error\n");
  }
}

Response ResponseTo(const Site& site, MHD_Connection* connection, std::string_view method,
                    const std::string& path) {
  const auto route = site.options.routes.find(path);
  if (route == site.options.routes.end()) return PlainText(MHD_HTTP_NOT_FOUND, "not found\n");
  if (method != MHD_HTTP_METHOD_GET && method != MHD_HTTP_METHOD_HEAD) return MethodNotAllowed();
  return CallHandler(route->second, connection, site.log, path);
}

// False drops the connection.
bool Answer(const Site& site, MHD_Connection* connection, std::string_view method,
            const std::string& path) {
  try {
    Response response = ResponseTo(site, connection, method, path);
    const int status = response.status;
    const MhdResponse made = ToMhdResponse(std::move(response));
    if (MHD_queue_response(connection, static_cast<unsigned>(status), made.get()) != MHD_YES) {
      return false;
    }
    if (site.options.on_response) site.options.on_response(status);
    return true;
  } catch (...) {
    site.log.Write(LogLevel::kError, "a web answer could not be sent",
                   {{"path", path}, {"error", ExceptionText()}});
    return false;
  }
}

// Called with a request's head, then with each part of its body, then once more. An answer before
// the last call would close the connection, perhaps before the client has read it.
// NOLINTNEXTLINE(readability-function-size): the library's callback has that many parameters
MHD_Result OnRequest(void* closure, MHD_Connection* connection, const char* url, const char* method,
                     const char* /*version*/, const char* /*upload*/, std::size_t* upload_bytes,
                     void** seen) {
  if (*seen == nullptr) {
    *seen = closure;
    return MHD_YES;
  }
  if (*upload_bytes != 0) {
    *upload_bytes = 0;  // discarded
    return MHD_YES;
  }
  return Answer(*static_cast<const Site*>(closure), connection, method, url) ? MHD_YES : MHD_NO;
}

void OnLogMessage(void* closure, const char* format, va_list arguments) {
  std::array<char, 512> line{};
  std::vsnprintf(line.data(), line.size(), format, arguments);
  std::string_view message(line.data());
  while (message.ends_with('\n')) message.remove_suffix(1);
  static_cast<Log*>(closure)->Write(LogLevel::kWarning, "web server", {{"message", message}});
}

// Takes the socket over. When the start fails it may stay open, for libraries differ in whether
// they have closed it by then: to close a number twice would be worse, and the program ends anyway.
Daemon Start(int socket, Site& site, const std::string& address) {
  const auto idle_seconds = static_cast<unsigned>(site.options.idle_timeout.count());
  Daemon daemon(MHD_start_daemon(
      MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG, 0, nullptr, nullptr, &OnRequest, &site,
      MHD_OPTION_EXTERNAL_LOGGER, &OnLogMessage, static_cast<void*>(&site.log),
      MHD_OPTION_LISTEN_SOCKET, socket, MHD_OPTION_THREAD_POOL_SIZE, kThreads,
      MHD_OPTION_CONNECTION_LIMIT, kMaxConnections, MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionBytes, MHD_OPTION_END));
  if (daemon == nullptr) {
    throw std::runtime_error("cannot serve " + address + ": " +
                             std::generic_category().message(errno) +
                             "; raise the limits of open files and threads");
  }
  return daemon;
}

}  // namespace

class HttpServer::State {
 public:
  State(ServerOptions options, Log& log) : site_{std::move(options), log} {
    for (const std::string& address : site_.options.listen_addresses) {
      ListenSocket socket(address);
      ports_.push_back(socket.port());
      daemons_.push_back(Start(socket.Release(), site_, address));
    }
  }

  const std::vector<std::uint16_t>& ports() const { return ports_; }

 private:
  Site site_;
  std::vector<std::uint16_t> ports_;
  std::vector<Daemon> daemons_;  // last: they are stopped before what they refer to goes away
};

HttpServer::HttpServer(ServerOptions options, Log& log)
    : state_(std::make_unique<State>(std::move(options), log)) {}

HttpServer::~HttpServer() = default;

std::vector<std::uint16_t> HttpServer::ports() const { return state_->ports(); }

}  // namespace backlogd::http
