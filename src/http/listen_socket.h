#pragma once

#include <cstdint>
#include <string>

namespace backlogd::http {

// A TCP socket that listens; close-on-exec and non-blocking.
class ListenSocket {
 public:
  // `address` as ParseListenAddress reads it. ":port" is all addresses, of both IP versions where
  // the machine has both; a host name that stands for several addresses is its first, IPv4 before
  // IPv6. Throws std::invalid_argument, or std::runtime_error with subject, cause and remedy.
  explicit ListenSocket(const std::string& address);
  ~ListenSocket();
  ListenSocket(const ListenSocket&) = delete;
  ListenSocket& operator=(const ListenSocket&) = delete;

  std::uint16_t port() const { return port_; }
  int Release();  // the caller closes it

 private:
  int fd_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace backlogd::http
