#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace backlogd::http {

struct Reply {
  int status = 0;    // 0: the connection ended before an answer
  std::string head;  // status line and headers
  std::string body;

  std::string Header(std::string_view name) const;  // its first value; empty if absent
};

// One TCP connection that sends and receives bytes; blocks at most 20 s, then throws.
class Client {
 public:
  // A small `receive_buffer` (bytes) stops the server early when nothing is read.
  explicit Client(std::uint16_t port, const std::string& host = "127.0.0.1",
                  int receive_buffer = 0);
  ~Client();
  Client(Client&& other) noexcept;
  Client& operator=(Client&&) = delete;

  void Send(std::string_view bytes);
  Reply Receive();                             // the next answer
  Reply ReceiveHead();                         // of one without a body
  bool ReceivesEnd();                          // true: the server closed and sent nothing more
  Reply Ask(const std::string& request_line);  // with a Host header and no body
  void Abort();                                // closes by a reset

 private:
  bool ReceiveMore();

  int fd_;
  std::string received_;
};

Reply Fetch(std::uint16_t port, const std::string& path);  // one GET on a connection of its own

}  // namespace backlogd::http
