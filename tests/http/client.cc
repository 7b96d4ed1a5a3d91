#include "http/client.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace backlogd::http {
namespace {

[[noreturn]] void Fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void Connect(int fd, std::uint16_t port, const std::string& host) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* address = nullptr;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &address) != 0) {
    Fail("getaddrinfo");
  }
  const int result = connect(fd, address->ai_addr, address->ai_addrlen);
  freeaddrinfo(address);
  if (result != 0) Fail("connect");
}

}  // namespace

std::string Reply::Header(std::string_view name) const {
  const std::string start = "\r\n" + std::string(name) + ": ";
  const std::size_t at = head.find(start);
  if (at == std::string::npos) return "";
  const std::size_t value = at + start.size();
  return head.substr(value, head.find("\r\n", value) - value);
}

Client::Client(std::uint16_t port, const std::string& host, int receive_buffer)
    : fd_(socket(host.find(':') == std::string::npos ? AF_INET : AF_INET6,
                 SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (fd_ < 0) Fail("socket");
  const timeval patience{.tv_sec = 20, .tv_usec = 0};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (receive_buffer > 0) {
    setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  Connect(fd_, port, host);
}

Client::~Client() {
  if (fd_ >= 0) close(fd_);
}

Client::Client(Client&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), received_(std::move(other.received_)) {}

void Client::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) Fail("send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool Client::ReceiveMore() {
  std::array<char, 65536> buffer;
  const ssize_t size = recv(fd_, buffer.data(), buffer.size(), 0);
  if (size < 0 && errno == ECONNRESET) return false;
  if (size < 0) Fail("recv");
  received_.append(buffer.data(), static_cast<std::size_t>(size));
  return size != 0;
}

Reply Client::ReceiveHead() {
  std::size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!ReceiveMore()) return {};
  }
  Reply reply;
  reply.head = received_.substr(0, end + 2);
  reply.status = std::atoi(reply.head.substr(9, 3).c_str());
  received_.erase(0, end + 4);
  return reply;
}

Reply Client::Receive() {
  Reply reply = ReceiveHead();
  const auto size = static_cast<std::size_t>(std::atoll(reply.Header("Content-Length").c_str()));
  while (received_.size() < size) {
    if (!ReceiveMore()) return {};
  }
  reply.body = received_.substr(0, size);
  received_.erase(0, size);
  return reply;
}

bool Client::ReceivesEnd() { return received_.empty() && !ReceiveMore(); }

Reply Client::Ask(const std::string& request_line) {
  Send(request_line + " HTTP/1.1\r\nHost: test\r\n\r\n");
  return request_line.starts_with("HEAD ") ? ReceiveHead() : Receive();
}

void Client::Abort() {
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close(std::exchange(fd_, -1));
}

Reply Fetch(std::uint16_t port, const std::string& path) { return Client(port).Ask("GET " + path); }

}  // namespace backlogd::http
