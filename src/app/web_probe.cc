#include "app/web_probe.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string_view>

#include "app/clock.h"

namespace backlogd::app {
namespace {

class Socket {
 public:
  explicit Socket(int family)
      : fd_(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {}
  ~Socket() {
    if (fd_ >= 0) close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int fd() const { return fd_; }

  bool Await(short event, Deadline deadline) const {
    pollfd wanted{fd_, event, 0};
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - SteadyNow()).count();
    return poll(&wanted, 1, static_cast<int>(std::max<std::int64_t>(left, 0))) == 1;
  }

 private:
  int fd_;
};

std::string Reachable(const std::string& host) {
  if (host.empty() || host == "0.0.0.0") return "127.0.0.1";
  return host == "::" ? "::1" : host;
}

bool AnswersAt(const addrinfo& address, Deadline deadline) {
  const Socket socket(address.ai_family);
  if (socket.fd() < 0) return false;
  if (connect(socket.fd(), address.ai_addr, address.ai_addrlen) != 0 && errno != EINPROGRESS) {
    return false;
  }
  if (!socket.Await(POLLOUT, deadline)) return false;
  constexpr std::string_view kRequest = "GET /-/healthy HTTP/1.0\r\n\r\n";
  if (send(socket.fd(), kRequest.data(), kRequest.size(), MSG_NOSIGNAL) < 0) return false;
  if (!socket.Await(POLLIN, deadline)) return false;
  char first = 0;
  return recv(socket.fd(), &first, 1, 0) >= 0 || errno == ECONNRESET;
}

}  // namespace

WebProbe::WebProbe(const std::string& host, std::uint16_t port)
    : host_(Reachable(host)), port_(std::to_string(port)) {}

bool WebProbe::Answers(std::chrono::milliseconds patience) const {
  const Deadline deadline = SteadyNow() + patience;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host_.c_str(), port_.c_str(), &hints, &found) != 0) return false;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, &freeaddrinfo);
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    if (AnswersAt(*address, deadline)) return true;
  }
  return false;
}

}  // namespace backlogd::app
