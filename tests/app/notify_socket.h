#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <string>

namespace backlogd::app {

// The end of sd_notify that systemd holds; in the abstract space, so that no file is left.
class NotifySocket {
 public:
  explicit NotifySocket(const std::string& name)
      : name_("@backlogd-" + name + "-" + std::to_string(getpid())),
        fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, name_.data() + 1, name_.size() - 1);
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
    bind(fd_, reinterpret_cast<const sockaddr*>(&address), length);
  }
  ~NotifySocket() { close(fd_); }
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  const std::string& name() const { return name_; }

  // The next message; "" if none comes in `patience`.
  std::string Next(std::chrono::milliseconds patience = std::chrono::seconds(20)) const {
    pollfd wanted{fd_, POLLIN, 0};
    if (poll(&wanted, 1, static_cast<int>(patience.count())) != 1) return "";
    char text[256];
    const ssize_t length = recv(fd_, text, sizeof(text), 0);
    return {text, static_cast<std::size_t>(length < 0 ? 0 : length)};
  }

 private:
  std::string name_;
  int fd_;
};

}  // namespace backlogd::app
