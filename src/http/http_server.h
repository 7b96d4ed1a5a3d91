#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.h"
#include "http/web_access.h"

namespace backlogd::http {

struct Request {
  std::string_view accept;                // header Accept; empty if absent
  std::string_view accept_encoding;       // header Accept-Encoding; empty if absent
  std::string_view body = {};             // of a POST
  bool body_is_too_large = false;         // `body` is empty then
  std::string_view accept_language = {};  // header Accept-Language; empty if absent
  // What follows the "?" of the URL, percent-decoded, in its order: any bytes. A name may come
  // twice; one without "=" has an empty value.
  std::vector<std::pair<std::string_view, std::string_view>> query = {};
};

// Each field has a default, so that a response may be written {.status = 503, .body = "..."}.
struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers{};  // further ones
  std::string body{};                                          // sent if `pieces` is empty
  // Sent one after the other and kept alive by `owner` until then. One piece is sent without a
  // copy; several are copied in small blocks on their way.
  std::vector<std::string_view> pieces{};
  std::shared_ptr<const void> owner{};
};

// Answers GET (and HEAD, without the body), or POST, on one path. Runs on several threads at once;
// must not block, unless ServerOptions::handlers_may_block. One that throws gives a 500.
// A connection holds at most max_body_bytes of a body; there are at most 512. Beyond that, whoever
// has asked nothing for the longest time makes room.
using Handler = std::function<Response(const Request&)>;

struct ServerOptions {
  // One or more of "host:port", "[v6]:port", ":port" (all addresses); port 0: any free one.
  std::vector<std::string> listen_addresses{};
  std::map<std::string, Handler> routes{};  // by exact path; else 404; other methods: 405
  std::map<std::string, Handler> posts{};   // the same for POST
  std::map<std::string, Handler> puts{};    // the same for PUT, whose body is dropped
  // By prefix: answers any method where there is no route; else a plain 404.
  std::map<std::string, Handler> missing{};
  std::size_t max_body_bytes = 1 << 20;  // of a POST: more is read and dropped
  // Each connection has a thread. The destructor waits for the handlers that run, and up to a
  // second more for their answers to be sent; what is asked meanwhile gets a 503.
  bool handlers_may_block = false;
  std::function<void(int status)> on_response{};  // called once a request; thread-safe; may be null
  std::chrono::seconds idle_timeout{30};  // drops a client that neither sends nor reads so long
  // However slowly it does so: for a request's head, and for its body, and for its answer.
  std::chrono::milliseconds head_timeout{10'000};
  std::chrono::milliseconds answer_timeout{60'000};
  std::shared_ptr<WebAccess> access{};  // null: everybody may read, without TLS
  std::set<std::string> open_paths{};   // answered without a password, whatever `access` says
};

// "host:port" taken apart; throws std::invalid_argument with a sentence for the operator.
struct ListenAddress {
  std::string host;  // empty: all addresses
  std::uint16_t port = 0;
};
ListenAddress ParseListenAddress(std::string_view text);

// Serves from construction to destruction, which drops the connections and takes well under a
// second. The constructor throws std::runtime_error ("cannot listen on :12092: Address already in
// use; ..."), or std::invalid_argument as ParseListenAddress does.
class HttpServer {
 public:
  HttpServer(ServerOptions options, Log& log);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // The port of each listen address, in their order.
  std::vector<std::uint16_t> ports() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace backlogd::http
