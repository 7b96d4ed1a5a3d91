#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/log.h"
#include "fuzz/input.h"
#include "http/http_server.h"
#include "http/passwords.h"

// Whatever a client sends: the server stays, answers HTTP or closes, and serves the next client.
namespace {

using namespace backlogd;  // NOLINT(google-build-using-namespace)
using backlogd::fuzz::Require;

class NoLog : public Log {
 public:
  void Write(LogLevel, std::string_view, std::initializer_list<LogField>) override {}
};

http::Response Echo(const http::Request& request) {
  http::Response response;
  for (const auto& [name, value] : request.query) response.body.append(name).append(value);
  response.body.append(request.body).append(request.accept);
  http::ParseBasic(request.accept_language);
  return response;
}

http::ServerOptions Options() {
  http::ServerOptions options;
  options.listen_addresses = {"127.0.0.1:0"};
  options.routes = {{"/", Echo}, {"/metrics", Echo}};
  options.posts = {{"/-/reload", Echo}};
  options.max_body_bytes = 1000;
  options.head_timeout = std::chrono::milliseconds(100);
  options.answer_timeout = std::chrono::milliseconds(1000);
  options.idle_timeout = std::chrono::seconds(0);  // what is left open ends by the head's time
  return options;
}

// Sends everything, then no more; returns all of the answer.
std::string Exchange(std::uint16_t port, std::string_view bytes) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Require(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) break;  // closed before the end: its right
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  shutdown(fd, SHUT_WR);
  std::string answer;
  std::array<char, 4096> part{};
  ssize_t size = 0;
  while ((size = recv(fd, part.data(), part.size(), 0)) > 0) {
    answer.append(part.data(), static_cast<std::size_t>(size));
  }
  close(fd);
  return answer;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static NoLog log;
  static http::HttpServer server(Options(), log);
  const std::uint16_t port = server.ports().at(0);
  const std::string answer = Exchange(port, {reinterpret_cast<const char*>(data), size});
  Require(answer.empty() || answer.starts_with("HTTP/1."));
  const std::string next = Exchange(port, "GET /metrics HTTP/1.0\r\n\r\n");
  Require(next.starts_with("HTTP/1.") && next.find(" 200 ") != next.npos);
  return 0;
}
